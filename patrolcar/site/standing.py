"""Where a car can stand and turn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from patrolcar.geometry import Pose2
from patrolcar.site.clearance import nearest_obstacle
from patrolcar.site.grid import FREE, OCCUPIED, OccupancyGrid
from patrolcar.site.model import Zone, ZoneKind
from patrolcar.site.polygons import is_inside

_ROUNDING_M = 1e-6


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


def _zone_problem(pose: Pose2, zones: Iterable[Zone]) -> str | None:
    for zone in zones:
        inside = is_inside(zone.polygon, pose.x_m, pose.y_m)
        if zone.kind is ZoneKind.KEEPOUT and inside:
            return f'in the keepout zone "{zone.name}"; move it out of there'
        if zone.kind is ZoneKind.GEOFENCE and not inside:
            return f'outside the geofence "{zone.name}"; move it in there'
    return None
