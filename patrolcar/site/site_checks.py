"""Does everything in a site make sense together: places with room to stand, people with room to walk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from patrolcar.config.validate import Checker, Path
from patrolcar.geometry import Points, Pose2
from patrolcar.site.clearance import nearest_obstacle, room_along
from patrolcar.site.grid import FREE, OCCUPIED, OccupancyGrid
from patrolcar.site.model import PersonRoute, Place, Zone, ZoneKind
from patrolcar.site.polygons import cells_inside, is_inside

PERSON_RADIUS_M = 0.25
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


def spot_problem(grid: OccupancyGrid, pose: Pose2, zones: Sequence[Zone], needed_m: float) -> str | None:
    """Return why a car that needs ``needed_m`` around its middle cannot stand here, or None."""
    here, state = f"({pose.x_m:g}, {pose.y_m:g})", grid.state_at(pose.x_m, pose.y_m)
    if state is None:
        low_x, low_y, high_x, high_y = grid.bounds_m
        return f"{here} is off the map (x {low_x:g} to {high_x:g}, y {low_y:g} to {high_y:g})"
    if state != FREE:
        what = "in a wall or furniture" if state == OCCUPIED else "on unexplored ground"
        return f"{here} is {what}; move it to free ground"
    near = nearest_obstacle(grid, pose.x_m, pose.y_m, needed_m)
    if near.distance_m < needed_m - _ROUNDING_M:
        missing = math.ceil((needed_m - near.distance_m) * 100.0) / 100.0
        found = math.floor(near.distance_m * 100.0) / 100.0
        tight = f"{found:.2f} m from {near.what}, the car needs {needed_m:.2f} m to turn"
        return f"{tight}; move it at least {missing:.2f} m away"
    return _zone_problem(pose, zones)


def check_people(check: Checker, grid: OccupancyGrid, people: Iterable[PersonRoute]) -> None:
    """Note every straight piece of a route that would take a person through something."""
    for person in people:
        for index, start in enumerate(person.stops):
            end = person.stops[(index + 1) % len(person.stops)]
            samples = _samples(start, end)
            room = room_along(grid, samples, PERSON_RADIUS_M)
            worst = int(room.argmin())
            if room[worst] < PERSON_RADIUS_M - _ROUNDING_M:
                x, y = samples[worst]
                way = f"the way from here to ({end[0]:g}, {end[1]:g})"
                tight = f"passes {room[worst]:.2f} m from something at ({x:.2f}, {y:.2f})"
                text = f"{way} {tight}; a person needs {PERSON_RADIUS_M} m"
                check.add(("people", person.name, "route", index), text)


def check_zones(check: Checker, grid: OccupancyGrid, zones: Iterable[Zone]) -> None:
    """Note zones that touch no cell of the map."""
    for zone in zones:
        if not cells_inside(grid, zone.polygon).any():
            check.add(
                ("zones", zone.name), "lies outside the map or is smaller than a cell; check its corners"
            )


def _check_spot(
    check: Checker, path: Path, grid: OccupancyGrid, pose: Pose2, zones: Sequence[Zone], needed_m: float
) -> None:
    wrong = spot_problem(grid, pose, zones, needed_m)
    if wrong:
        check.add(path, wrong)


def _zone_problem(pose: Pose2, zones: Iterable[Zone]) -> str | None:
    for zone in zones:
        inside = is_inside(zone.polygon, pose.x_m, pose.y_m)
        if zone.kind is ZoneKind.KEEPOUT and inside:
            return f'in the keepout zone "{zone.name}"; move it out of there'
        if zone.kind is ZoneKind.GEOFENCE and not inside:
            return f'outside the geofence "{zone.name}"; move it in there'
    return None


def _samples(start: tuple[float, float], end: tuple[float, float]) -> Points:
    count = max(2, math.ceil(math.dist(start, end) / _STEP_M) + 1)
    return np.linspace(start, end, count)
