"""Read a mission file: a site, the places to visit, and how.

The site file lies in the mission's folder or below, so that a folder is a whole, and can be copied,
recorded and replayed as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, model_validator

from patrolcar.config.fields import FileModel, FileName, Name, SpeedMps, choice, number, whole, yes_no
from patrolcar.config.folder import DiskFolder, Folder, MemoryFolder, SubFolder, Tally
from patrolcar.config.node import Scalar
from patrolcar.config.problems import BadFileError
from patrolcar.config.validate import Checker, Located, entry_of
from patrolcar.config.yaml_reader import read_document
from patrolcar.errors import ConfigError
from patrolcar.mission.check import Planner, check_mission
from patrolcar.mission.model import Mission, OnFailure, Order, Visit
from patrolcar.site import Site
from patrolcar.site.site_file import read_site
from patrolcar.vehicle import Footprint

MAX_LOOPS = 10_000
MAX_VISITS = 500

DwellS = Annotated[float, number("seconds at the place", 0.0, 86_400.0)]
Retries = Annotated[int, whole("attempts after the first one", 0, 20)]
Failing = Annotated[OnFailure, choice(OnFailure)]


class HowEntry(FileModel):
    """What may be said once for all visits, or for one."""

    dwell_s: DwellS | None = None
    on_failure: Failing | None = None
    retries: Retries | None = None
    speed_mps: SpeedMps | None = None


class VisitEntry(HowEntry):
    """One visit: the name of a place, alone or with more keys."""

    place: Name = Field(description="the name of a place of the site")

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: object) -> object:
        return {"place": value} if isinstance(value, Scalar) else value


class MissionHeader(FileModel):
    """The top of a mission file; visits are read one by one elsewhere."""

    name: Name = Field(alias="mission", description="what to call this patrol")
    site: FileName = Field(description="the site's file name")
    loops: Annotated[int, whole("times round", 1, MAX_LOOPS)] = 1
    order: Annotated[Order, choice(Order)] = Order.LISTED
    return_home: Annotated[bool, yes_no("whether to drive back to the start at the end")] = True
    battery_return_percent: Annotated[float, number("percent", 1.0, 95.0)] | None = None
    every_visit: object = None
    visits: object = Field(description="a list of places, each with a dash")


VISIT = entry_of(VisitEntry)


def load_mission(
    path: Path, footprint: Footprint | None = None, planner: Planner | None = None
) -> tuple[Mission, Site]:
    """Return the mission at ``path`` and its site; BadFileError with every mistake of both.

    Args:
        path: The mission file; its site lies in the same folder or below.
        footprint: Of the car that drives; the simulator's car when None.
        planner: Asks whether there is a way to each place; without it, nobody asks.

    """
    return read_mission(DiskFolder(path.parent), path.name, footprint, planner)


def mission_from_files(
    files: Mapping[str, bytes], name: str, footprint: Footprint | None = None
) -> tuple[Mission, Site]:
    """Return the mission whose files were kept in ``Mission.files``, for replay."""
    return read_mission(MemoryFolder(files), name, footprint)


def read_mission(
    folder: Folder, name: str, footprint: Footprint | None = None, planner: Planner | None = None
) -> tuple[Mission, Site]:
    """Return the mission ``name`` out of ``folder`` and its site."""
    tally, car = Tally(folder), footprint or Footprint()
    check = Checker(read_document(tally, name))
    header = check.header(MissionHeader)
    how = check.header(HowEntry, ("every_visit",)) if check.says("every_visit") else HowEntry()
    entries = _visits(check)
    site = _site(check, SubFolder(tally, str(PurePosixPath(name).parent)), header, car)
    mission = _mission(header, how or HowEntry(), entries) if header else None
    if mission and site:
        for problem in check_mission(mission, site, car, planner(site, car) if planner else None):
            path = ("site",) if problem.index is None else entries[problem.index].path
            check.add(path, problem.text)
    check.finish()
    if mission is None or site is None:  # finish() has raised
        raise ConfigError(check.title)
    return _with_files(mission, tally.files), site


def _visits(check: Checker) -> list[Located[VisitEntry]]:
    entries = check.items("visits", VISIT)
    node = check.root.child("visits")
    if node is not None and node.content == ():
        check.add(("visits",), "no visits; write at least one place")
    if len(entries) > MAX_VISITS:
        check.add(("visits", MAX_VISITS), f"more than {MAX_VISITS} visits; split the mission")
    for entry in entries:
        if entry.value.retries is not None and entry.value.on_failure in {OnFailure.SKIP, OnFailure.ABORT}:
            check.add(
                (*entry.path, "retries"), f"on_failure: {entry.value.on_failure} never retries; remove one"
            )
    return entries


def _site(check: Checker, folder: Folder, header: MissionHeader | None, footprint: Footprint) -> Site | None:
    if header is None:
        return None
    try:
        return read_site(folder, header.site, footprint)
    except BadFileError as error:
        if all(problem.line == 0 for problem in error.problems):  # the site file itself could not be opened
            check.add(("site",), error.problems[0].text)
        else:
            check.problems.extend(error.problems)
        return None


def _mission(header: MissionHeader, how: HowEntry, entries: list[Located[VisitEntry]]) -> Mission:
    return Mission(
        name=header.name,
        site_file=header.site,
        visits=tuple(_visit(entry.value, how) for entry in entries),
        loops=header.loops,
        order=header.order,
        return_home=header.return_home,
        battery_return_percent=header.battery_return_percent,
    )


def _visit(entry: VisitEntry, how: HowEntry) -> Visit:
    """Return one visit: what it says itself, else what ``every_visit`` says, else the default."""
    said = {**how.model_dump(exclude_none=True), **entry.model_dump(exclude_none=True)}
    return Visit(**said)


def _with_files(mission: Mission, files: Mapping[str, bytes]) -> Mission:
    return Mission(
        mission.name,
        mission.site_file,
        mission.visits,
        mission.loops,
        mission.order,
        mission.return_home,
        mission.battery_return_percent,
        MappingProxyType(dict(files)),
    )
