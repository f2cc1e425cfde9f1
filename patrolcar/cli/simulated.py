"""What `patrolcar run` and `patrolcar sim` simulate: a mission, a scenario, or a site, over some line."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from patrolcar.config.folder import DiskFolder
from patrolcar.config.yaml_reader import read_site_document
from patrolcar.errors import CommandError
from sim.bridge import Bridge
from sim.campaign.case import Case
from sim.doors import TcpDoor, serve
from sim.line import LineParameters
from sim.link import line_of

if TYPE_CHECKING:
    from patrolcar.runtime.plan import Plan

LONGEST_S = 1e9


def is_scenario(path: Path) -> bool:
    """Return whether a file says that it is a scenario; BadFileError when it cannot be read."""
    root = read_site_document(DiskFolder(path.parent), path.name).root
    return root.child("scenario") is not None


def case_and_plan(path: Path, vehicle: Path | None) -> tuple[Case, Plan]:
    """Return what a mission file or a scenario file says.

    Args:
        path: The file.
        vehicle: A vehicle file; a scenario names its own.

    Raises:
        ConfigError: Every mistake in the files.
        CommandError: A vehicle was given with a scenario.

    """
    from patrolcar.runtime.plan import plan_from_disk  # noqa: PLC0415  (the pilot takes 0.4 s to import)
    from sim.campaign.row import plan_of  # noqa: PLC0415
    from sim.campaign.scenario_file import load_case  # noqa: PLC0415

    if not is_scenario(path):
        plan = plan_from_disk(path, None, vehicle)
        return Case(plan.site.name, plan.file, tuple(plan.files.items()), limit_s=LONGEST_S), plan
    if vehicle is not None:
        message = f"--vehicle {vehicle}: a scenario names its vehicle itself (vehicle: {vehicle.name})"
        raise CommandError(message)
    case = load_case(path)
    return case, plan_of(case)


def narrowed(case: Case, people: int | None, line: str | None) -> Case:
    """Return the case with another number of people, or over another line.

    Raises:
        CommandError: The line makes no sense; the text names all that is wrong.

    """
    return case.narrowed(people, None if line is None else line_from(line))


def line_from(query: str) -> LineParameters:
    """Return the line of a ``--line`` option; CommandError names all that is wrong with it."""
    try:
        return line_of(query)
    except ValueError as error:
        message = f"--line {query}: {error}"
        raise CommandError(message) from error


def over_line(port: int, query: str, ended: Callable[[], bool]) -> None:
    """Print the address of a door, and put a line between it and a port of this machine, until ``ended``."""
    bridge = Bridge(("127.0.0.1", port), line_from(query))
    with contextlib.closing(bridge), contextlib.closing(TcpDoor(0)) as door:
        print(f"socket://127.0.0.1:{door.port}", flush=True)
        serve(bridge, door, lambda: ended() or bridge.is_gone)
