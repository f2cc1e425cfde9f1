"""A simulated car in whatever a file describes: a site, a map, a mission or a scenario."""

from __future__ import annotations

from pathlib import Path

from patrolcar.config.folder import DiskFolder
from patrolcar.config.yaml_reader import read_site_document
from patrolcar.site.site_file import load_site
from sim.campaign.case import Case
from sim.campaign.row import plan_of
from sim.campaign.scenario_file import load_case
from sim.campaign.stage import staged
from sim.line import LineParameters
from sim.link import SimulatedLink


def opened(
    path: Path, seed: int, people: int | None = None, line: LineParameters | None = None
) -> SimulatedLink:
    """Return the link to a car in a site, map, mission or scenario file.

    Args:
        path: The file; it says itself what it is.
        seed: Start of every chance.
        people: How many of the site's people walk; None for what the file says.
        line: In place of the scenario's own.

    Raises:
        ConfigError: Every mistake in the files.

    """
    root = read_site_document(DiskFolder(path.parent), path.name).root
    if any(root.child(key) is not None for key in ("scenario", "mission", "visits")):
        case = load_case(path)
        site = plan_of(case).site
    else:
        site = load_site(path)
        case = Case(site.name, "", ())
    return staged(case.narrowed(people, line), site, seed).link
