"""Read a site file: a building drawn by hand, or a map with places added.

A drawn building is a list of rows of numbers, in metres, x to the right and y up:

- ``rooms``: name: [x, y, width, height], four walls each; x and y are the lower left corner
- ``walls``: corners in a row, [[x, y], [x, y], ...]
- ``doors``: [x, y, width], a gap in every wall within 0.10 m of that point
- ``furniture``: [x, y, width, height]; ``pillars``: [x, y, radius]

Or ``map: file.yaml`` in place of all of these. A map_server map is a site too, without places.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import numpy as np

from patrolcar.config.folder import DiskFolder, Folder, MemoryFolder, SubFolder, Tally
from patrolcar.config.problems import BadFileError
from patrolcar.config.validate import Checker
from patrolcar.config.yaml_reader import read_site_document
from patrolcar.errors import ConfigError
from patrolcar.site.bare_map import read_bare_map
from patrolcar.site.drawing import Ground, drawn_ground
from patrolcar.site.map_file import read_map
from patrolcar.site.model import PersonRoute, Place, Site, Zone
from patrolcar.site.site_checks import check_people, check_places, check_start, check_zones
from patrolcar.site.site_entries import DRAWN, PERSON, PLACE, ZONE, SiteHeader, pose_of, zone_of
from patrolcar.vehicle import Footprint


def load_site(path: Path, footprint: Footprint | None = None) -> Site:
    """Return the site at ``path``; BadFileError with every mistake.

    Args:
        path: The site file; all it names lies in its folder or below.
        footprint: Of the car that must fit at every place; the simulator's car when None.

    """
    return read_site(DiskFolder(path.parent), path.name, footprint)


def site_from_files(files: Mapping[str, bytes], name: str, footprint: Footprint | None = None) -> Site:
    """Return the site whose files were kept in ``Site.files``, for replay."""
    return read_site(MemoryFolder(files), name, footprint)


def read_site(folder: Folder, name: str, footprint: Footprint | None = None) -> Site:
    """Return the site ``name`` out of ``folder``; BadFileError with every mistake."""
    tally = Tally(folder)
    document = read_site_document(tally, name)
    if "image" in document.root.keys():  # noqa: SIM118 - a node, not a dict
        return read_bare_map(folder, name)
    check = Checker(document)
    header = check.header(SiteHeader)
    ground = _ground(check, tally, name, header)
    places, zones, people = _places(check), _zones(check), _people(check)
    start = pose_of(header.start) if header and header.start else None
    if ground is not None:
        needed_m = (footprint or Footprint()).circumscribed_m
        check_places(check, ground.grid, places, zones, needed_m)
        check_people(check, ground.grid, people)
        check_zones(check, ground.grid, zones)
        if start:
            check_start(check, ground.grid, start, zones, needed_m)
    if not check.says("start"):
        check.add((), "start is missing; write start: [x, y, heading_deg], where the car stands at first")
    check.finish()
    if header is None or ground is None or start is None:  # finish() has raised
        raise ConfigError(check.title)
    return Site(
        name=header.name,
        grid=ground.grid,
        walls=ground.walls,
        places=MappingProxyType({place.name: place for place in places}),
        zones=tuple(zones),
        people=tuple(people),
        start=start,
        files=MappingProxyType(dict(tally.files)),
    )


def _ground(check: Checker, folder: Folder, name: str, header: SiteHeader | None) -> Ground | None:
    """Return grid and walls, or None after a mistake that leaves nothing to check against."""
    drawn = [section for section in DRAWN if check.says(section)]
    if not check.says("map"):
        return drawn_ground(check, header.bounds if header else None)
    if drawn:
        check.add(
            (drawn[0],),
            f"a site with map: takes its walls from the map; remove {' and '.join(drawn)}",
            at_key=True,
        )
    if header is None or header.map is None:
        return None
    try:
        found = read_map(SubFolder(folder, str(PurePosixPath(name).parent)), header.map)
    except BadFileError as error:
        if all(problem.line == 0 for problem in error.problems):  # the map file itself could not be opened
            check.add(("map",), error.problems[0].text)
        else:
            check.problems.extend(error.problems)
        return None
    return Ground(found.grid, np.zeros((0, 4)))


def _places(check: Checker) -> list[Place]:
    found = check.named("places", PLACE)
    for place in found:
        if len(place.value) > 2 and abs(place.value[2]) > 360.0:  # noqa: PLR2004 - [x, y, heading]; full turn
            check.add(
                (*place.path, 2), f"{place.value[2]:g} is out of range (heading in degrees, -360 to 360)"
            )
    return [Place(place.key, pose_of(place.value), len(place.value) > 2) for place in found]  # noqa: PLR2004 - as above


def _zones(check: Checker) -> list[Zone]:
    zones = (zone_of(check, entry) for entry in check.named("zones", ZONE))
    return [zone for zone in zones if zone]


def _people(check: Checker) -> list[PersonRoute]:
    return [
        PersonRoute(
            entry.key, tuple((x, y) for x, y in entry.value.route), entry.value.speed_mps, entry.value.pause_s
        )
        for entry in check.named("people", PERSON)
    ]
