"""Does everything in a site make sense together: places with room to stand, people with room to walk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from patrolcar.config.validate import Checker, Path
from patrolcar.geometry import Points, Pose2
from patrolcar.site.clearance import room_along
from patrolcar.site.grid import OccupancyGrid
from patrolcar.site.model import PersonRoute, Place, Zone
from patrolcar.site.standing import spot_problem

PERSON_RADIUS_M = 0.25
MAX_ROUTES_M = 10_000.0

_STEP_M = 0.05
_ROUNDING_M = 1e-6


def check_places(
    check: Checker, grid: OccupancyGrid, places: Iterable[Place], zones: Sequence[Zone], needed_m: float
) -> None:
    """Note every place where the car cannot stand and turn."""
    for place in places:
        _check_spot(check, ("places", place.name), grid, place.pose, zones, needed_m)


def check_start(
    check: Checker, grid: OccupancyGrid, start: Pose2, zones: Sequence[Zone], needed_m: float
) -> None:
    """Note a start where the car cannot stand and turn."""
    _check_spot(check, ("start",), grid, start, zones, needed_m)


def check_people(
    check: Checker, grid: OccupancyGrid, people: Sequence[PersonRoute], section: str = "people"
) -> None:
    """Note every straight piece of a route that would take a person through something."""
    ways = [
        ((section, person.name, "route", index), start, end)
        for person in people
        if _is_on_map(check, grid, person, section)
        for index, (start, end) in enumerate(zip(person.stops, _turned(person.stops), strict=True))
    ]
    length_m = sum(math.dist(start, end) for _, start, end in ways)
    if length_m > MAX_ROUTES_M:
        text = f"the routes are {length_m:.0f} m long together; the most is {MAX_ROUTES_M:.0f} m"
        check.add((section,), text)
        return
    samples = [_samples(start, end) for _, start, end in ways]
    room = room_along(grid, np.concatenate([*samples, np.zeros((0, 2))]), PERSON_RADIUS_M)
    first = 0
    for (path, _, end), points in zip(ways, samples, strict=True):
        here = room[first : first + len(points)]
        first += len(points)
        worst = int(here.argmin())
        if here[worst] < PERSON_RADIUS_M - _ROUNDING_M:
            x, y = points[worst]
            tight = f"passes {here[worst]:.2f} m from something at ({x:.2f}, {y:.2f})"
            way = f"the way from here to ({end[0]:g}, {end[1]:g}) {tight}"
            check.add(path, f"{way}; a person needs {PERSON_RADIUS_M} m")


def check_zones(check: Checker, grid: OccupancyGrid, zones: Iterable[Zone]) -> None:
    """Note zones that lie beside the map."""
    low_x, low_y, high_x, high_y = grid.bounds_m
    for zone in zones:
        (left, low), (right, high) = zone.polygon.min(axis=0), zone.polygon.max(axis=0)
        if right <= low_x or left >= high_x or high <= low_y or low >= high_y:
            check.add(("zones", zone.name), "lies outside the map; check its corners")


def _check_spot(
    check: Checker, path: Path, grid: OccupancyGrid, pose: Pose2, zones: Sequence[Zone], needed_m: float
) -> None:
    wrong = spot_problem(grid, pose, zones, needed_m)
    if wrong:
        check.add(path, wrong)


def _is_on_map(check: Checker, grid: OccupancyGrid, person: PersonRoute, section: str) -> bool:
    off = [index for index, (x, y) in enumerate(person.stops) if grid.state_at(x, y) is None]
    for index in off:
        x, y = person.stops[index]
        check.add((section, person.name, "route", index), f"({x:g}, {y:g}) is off the map")
    return not off


def _turned(stops: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Return the stop after each stop; the first follows the last."""
    return (*stops[1:], stops[0])


def _samples(start: tuple[float, float], end: tuple[float, float]) -> Points:
    count = max(2, math.ceil(math.dist(start, end) / _STEP_M) + 1)
    return np.linspace(start, end, count)
