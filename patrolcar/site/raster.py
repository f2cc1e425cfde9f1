"""Draw walls into a grid so that nothing slips through, not even diagonally."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from patrolcar.errors import ConfigError
from patrolcar.geometry import Points
from patrolcar.site.grid import FREE, MAX_CELLS, OCCUPIED, OccupancyGrid
from patrolcar.site.polygons import cells_inside

RESOLUTION_M = 0.05
MARGIN_M = 0.2
"""Free border around the walls when the file names no bounds."""

_PIECE_M = 2.0

Box = tuple[float, float, float, float]


def rasterised(walls: NDArray[np.float64], solids: Iterable[Points], bounds: Box) -> OccupancyGrid:
    """Return the grid of ``walls`` (N, 4) and filled ``solids``; ``bounds`` is x, y, width, height.

    A cell is occupied when its middle is within half a cell's diagonal of a wall. That holds every
    cell the wall touches, so occupied cells meet edge to edge and no diagonal step gets through.
    ConfigError when the area needs more than ``MAX_CELLS`` cells.
    """
    columns, rows = (max(1, math.ceil(size / RESOLUTION_M - 1e-6)) for size in bounds[2:])
    if rows * columns > MAX_CELLS:
        area = f"{bounds[2]:g} x {bounds[3]:g} m"
        text = f"{area} are {rows * columns} cells of {RESOLUTION_M} m; the most is {MAX_CELLS}"
        raise ConfigError(text)
    cells = np.full((rows, columns), FREE, np.uint8)
    for start, end in _short_pieces(walls - np.array([*bounds[:2], *bounds[:2]])):
        _draw(cells, start, end)
    grid = OccupancyGrid(cells, RESOLUTION_M, bounds[0], bounds[1])
    filled = cells.copy()
    for solid in solids:
        filled[cells_inside(grid, solid)] = OCCUPIED
    return OccupancyGrid(filled, RESOLUTION_M, bounds[0], bounds[1])


def bounds_around(walls: NDArray[np.float64]) -> Box:
    """Return x, y, width, height of the walls and a margin, on whole cells."""
    low = np.floor((walls.reshape(-1, 2).min(axis=0) - MARGIN_M) / RESOLUTION_M + 1e-6)
    high = np.ceil((walls.reshape(-1, 2).max(axis=0) + MARGIN_M) / RESOLUTION_M - 1e-6)
    corner, size = low * RESOLUTION_M, (high - low) * RESOLUTION_M
    return (*_rounded(corner), *_rounded(size))


def _rounded(pair: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    return round(float(pair[0]), 6), round(float(pair[1]), 6)


def _short_pieces(walls: NDArray[np.float64]) -> Iterator[tuple[Points, Points]]:
    """Yield the walls in pieces so short that the box around a slanted one holds few cells."""
    for x1, y1, x2, y2 in walls:
        if x1 == x2 or y1 == y2:
            yield np.array([x1, y1]), np.array([x2, y2])
            continue
        corners = np.linspace([x1, y1], [x2, y2], math.ceil(math.hypot(x2 - x1, y2 - y1) / _PIECE_M) + 1)
        yield from pairwise(corners)


def _draw(cells: NDArray[np.uint8], start: Points, end: Points) -> None:
    """Mark the cells near one piece; places are metres from the grid's corner."""
    x_low, x_high = _cells_between(start[0], end[0], cells.shape[1])
    y_low, y_high = _cells_between(start[1], end[1], cells.shape[0])
    if x_low >= x_high or y_low >= y_high:
        return
    x = (np.arange(x_low, x_high) + 0.5) * RESOLUTION_M - start[0]
    y = (np.arange(y_low, y_high)[:, None] + 0.5) * RESOLUTION_M - start[1]
    way_x, way_y = end[0] - start[0], end[1] - start[1]
    part = np.clip((x * way_x + y * way_y) / max(way_x**2 + way_y**2, 1e-18), 0.0, 1.0)
    distance = np.hypot(x - part * way_x, y - part * way_y)
    near = distance <= RESOLUTION_M * math.sqrt(0.5) + 1e-9
    cells[y_low:y_high, x_low:x_high][near] = OCCUPIED


def _cells_between(start_m: float, end_m: float, count: int) -> tuple[int, int]:
    low, high = sorted((start_m, end_m))
    first = math.floor(low / RESOLUTION_M) - 1
    return max(0, first), min(count, math.floor(high / RESOLUTION_M) + 2)
