"""Areas with straight edges: which places and which cells lie inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points
from patrolcar.site.grid import OccupancyGrid

MIN_CORNERS = 3


def is_inside(polygon: Points, x_m: float, y_m: float) -> bool:
    """Whether a place lies inside; on the edge, either answer may come.

    Source: the even-odd rule, one ray along +x.
    """
    return bool(_inside(polygon, np.array([x_m]), np.array([y_m]))[0])


def cells_inside(grid: OccupancyGrid, polygon: Points) -> NDArray[np.bool_]:
    """Return which cells have their middle inside ``polygon``; shape (rows, columns)."""
    xs = grid.origin_x_m + (np.arange(grid.columns) + 0.5) * grid.resolution_m
    ys = grid.origin_y_m + (np.arange(grid.rows) + 0.5) * grid.resolution_m
    inside = np.zeros(grid.cells.shape, np.bool_)
    rows = np.flatnonzero((ys >= polygon[:, 1].min()) & (ys <= polygon[:, 1].max()))
    columns = np.flatnonzero((xs >= polygon[:, 0].min()) & (xs <= polygon[:, 0].max()))
    if rows.size and columns.size:
        box = np.ix_(rows, columns)
        grid_x, grid_y = np.meshgrid(xs[columns], ys[rows])
        inside[box] = _inside(polygon, grid_x, grid_y)
    return inside


def area_m2(polygon: Points) -> float:
    """Return the area, never negative; 0 for corners in one line."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0)


def _inside(polygon: Points, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    inside = np.zeros(x.shape, np.bool_)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 == y2:
            continue  # a ray along +x never crosses it properly
        crosses = (y1 > y) != (y2 > y)
        inside ^= crosses & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return inside
