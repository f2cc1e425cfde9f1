"""Turn the rooms, walls, doors and furniture of a site file into pieces of wall and a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from patrolcar.config.problems import key_path
from patrolcar.config.validate import Checker, Located
from patrolcar.errors import ConfigError
from patrolcar.geometry import Points
from patrolcar.site.grid import OccupancyGrid
from patrolcar.site.raster import Box, bounds_around, rasterised
from patrolcar.site.site_entries import DOOR, PILLAR, POLYLINE, RECTANGLE
from patrolcar.site.walls import DOOR_REACH_M, WallPlan, distance_to_walls, pillar, rectangle

MAX_WALLS_M = 20_000.0

LocatedDoor: TypeAlias = Located[tuple[float, float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What stands in the way: the grid, and the walls of shape (N, 4) when they were drawn."""

    grid: OccupancyGrid
    walls: NDArray[np.float64]


def drawn_ground(check: Checker, bounds: Box | None) -> Ground | None:
    """Return the drawn building, or None when nothing was drawn; mistakes go to ``check``."""
    plan, before = WallPlan(), len(check.problems)
    for room in check.named("rooms", RECTANGLE):
        plan.add_rectangle(*room.value)
    for wall in check.items("walls", POLYLINE):
        plan.add_polyline([(x, y) for x, y in wall.value])
    all_walls_read = len(check.problems) == before
    doors = check.items("doors", DOOR)
    _cut(check, plan, doors, judge=all_walls_read)
    solids = _furnish(check, plan)
    walls = plan.pieces()
    walls.setflags(write=False)
    _check_doors_are_open(check, doors, walls)
    if not walls.size and bounds is None:
        if all_walls_read:
            check.add((), "nothing is drawn; write rooms: or walls:, or map: for a map file")
        return None
    length_m = float(np.hypot(walls[:, 2] - walls[:, 0], walls[:, 3] - walls[:, 1]).sum())
    if length_m > MAX_WALLS_M:
        check.add((), f"the walls are {length_m:.0f} m long together; the most is {MAX_WALLS_M:.0f} m")
        return None
    try:
        return Ground(rasterised(walls, solids, bounds or bounds_around(walls)), walls)
    except ConfigError as error:
        check.add(("bounds",), str(error))
        return None


def _cut(check: Checker, plan: WallPlan, doors: list[LocatedDoor], *, judge: bool) -> None:
    """Cut the doors; without all walls (``judge`` is False) a door in the air proves nothing."""
    for door in doors:
        x, y, width = door.value
        wrong = plan.cut_door((x, y), width)
        if wrong and judge:
            check.add(door.path, wrong)


def _furnish(check: Checker, plan: WallPlan) -> list[Points]:
    solids = []
    for box in check.items("furniture", RECTANGLE):
        plan.add_rectangle(*box.value)
        solids.append(np.array(rectangle(*box.value)))
    for column in check.items("pillars", PILLAR):
        plan.add_pillar(*column.value)
        solids.append(np.array(pillar(*column.value)))
    return solids


def _check_doors_are_open(check: Checker, doors: list[LocatedDoor], walls: NDArray[np.float64]) -> None:
    wrong_already = {problem.key for problem in check.problems}
    for door in doors:
        x, y, width = door.value
        room = distance_to_walls(walls, x, y)
        if room < width / 2.0 - DOOR_REACH_M and "".join(key_path(door.path)) not in wrong_already:
            check.add(
                door.path, f"something stands {room:.2f} m from the middle of this door; make room for it"
            )
