"""How far a place is from what the car must not touch, measured on the grid."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points
from patrolcar.site.grid import FREE, OCCUPIED, UNKNOWN, OccupancyGrid

_WORDS = {OCCUPIED: "a wall", UNKNOWN: "unexplored ground", None: "the edge of the map"}


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest thing around a place: how far its rim is, and what to call it."""

    distance_m: float
    what: str


def nearest_obstacle(grid: OccupancyGrid, x_m: float, y_m: float, within_m: float) -> Nearest:
    """Return the nearest cell that is not free; at most ``within_m`` away, else ``inf``.

    Measured to the rim of the cell, so 0 means the place lies in or on it. Off the map counts as
    not free: nobody knows what is there.
    """
    row, column = grid.cell_of(x_m, y_m)
    reach = math.ceil(within_m / grid.resolution_m) + 1
    rows, columns = np.arange(row - reach, row + reach + 1), np.arange(column - reach, column + reach + 1)
    states = _states(grid, rows[:, None], columns[None, :])
    gap_x = _gap(x_m, grid.origin_x_m, columns, grid.resolution_m)
    gap_y = _gap(y_m, grid.origin_y_m, rows, grid.resolution_m)
    distance = np.where(states == FREE, np.inf, np.hypot(gap_y[:, None], gap_x[None, :]))
    best = int(distance.argmin())
    found = float(distance.flat[best])
    if found > within_m:
        return Nearest(math.inf, "nothing")
    state = int(states.flat[best])
    return Nearest(found, _WORDS[None if state == _OFF else state])


def room_along(grid: OccupancyGrid, points: Points, within_m: float) -> NDArray[np.float64]:
    """Return the distance from each of ``points`` to the nearest cell that is not free, shape (N,).

    ``inf`` where that is farther than ``within_m``; measured as in ``nearest_obstacle``.
    """
    rows = np.floor((points[:, 1] - grid.origin_y_m) / grid.resolution_m).astype(np.int_)
    columns = np.floor((points[:, 0] - grid.origin_x_m) / grid.resolution_m).astype(np.int_)
    reach = math.ceil(within_m / grid.resolution_m) + 1
    room = np.full(len(points), np.inf)
    for down in range(-reach, reach + 1):
        gap_y = _gap(points[:, 1], grid.origin_y_m, rows + down, grid.resolution_m)
        for along in range(-reach, reach + 1):
            blocked = _states(grid, rows + down, columns + along) != FREE
            if not blocked.any():
                continue
            gap_x = _gap(points[blocked, 0], grid.origin_x_m, columns[blocked] + along, grid.resolution_m)
            room[blocked] = np.minimum(room[blocked], np.hypot(gap_x, gap_y[blocked]))
    return np.where(room <= within_m, room, np.inf)


def nearest_roomy_place(
    grid: OccupancyGrid, x_m: float, y_m: float, needed_m: float, within_m: float
) -> tuple[float, float] | None:
    """Return the nearest middle of a cell with ``needed_m`` of room, or None within ``within_m``."""
    row, column = grid.cell_of(x_m, y_m)
    reach = math.ceil(within_m / grid.resolution_m)
    around = range(-reach, reach + 1)
    centres = [grid.centre_of(row + down, column + along) for down in around for along in around]
    centres.sort(key=lambda centre: (math.hypot(centre[0] - x_m, centre[1] - y_m), centre))
    for x, y in centres:
        if math.hypot(x - x_m, y - y_m) > within_m:
            return None
        if nearest_obstacle(grid, x, y, needed_m).distance_m >= needed_m:
            return x, y
    return None


_OFF = 255


def _states(grid: OccupancyGrid, rows: NDArray[np.int_], columns: NDArray[np.int_]) -> NDArray[np.uint8]:
    """Return the state of each cell, ``_OFF`` outside the grid; the two index arrays broadcast."""
    on_grid = (rows >= 0) & (rows < grid.rows) & (columns >= 0) & (columns < grid.columns)
    safe_rows, safe_columns = np.clip(rows, 0, grid.rows - 1), np.clip(columns, 0, grid.columns - 1)
    return np.where(on_grid, grid.cells[safe_rows, safe_columns], np.uint8(_OFF))


def _gap(
    at_m: float | NDArray[np.float64], origin_m: float, cells: NDArray[np.int_], resolution_m: float
) -> NDArray[np.float64]:
    """Return how far ``at_m`` is from the near rim of each cell, along one axis; 0 within it."""
    low = origin_m + cells * resolution_m
    gap: NDArray[np.float64] = np.maximum(0.0, np.maximum(low - at_m, at_m - low - resolution_m))
    return gap
