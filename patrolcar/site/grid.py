"""A map as square cells, each free, occupied or unknown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from patrolcar.errors import ConfigError

FREE: Final = 0
OCCUPIED: Final = 1
UNKNOWN: Final = 2

MAX_CELLS: Final = 4096 * 4096


@dataclass(frozen=True, slots=True, eq=False)
class OccupancyGrid:
    """Cells of shape (rows, columns); row 0 is the lowest y, column 0 the lowest x.

    Values are ``FREE``, ``OCCUPIED`` and ``UNKNOWN``. The array is read-only. The origin is the
    place in ``map`` of the lower left corner of cell [0, 0]; the axes of the grid are those of the map.
    """

    cells: NDArray[np.uint8]
    resolution_m: float
    origin_x_m: float
    origin_y_m: float

    def __post_init__(self) -> None:
        """Refuse what is not a grid, and freeze the cells; ConfigError."""
        if self.cells.ndim != 2 or self.cells.dtype != np.uint8 or not 0 < self.cells.size <= MAX_CELLS:  # noqa: PLR2004 - two axes
            text = f"a map of shape {self.cells.shape} is not a grid of 1 to {MAX_CELLS} cells"
            raise ConfigError(text)
        if not (math.isfinite(self.resolution_m) and self.resolution_m > 0.0):
            text = f"{self.resolution_m} is not the edge of a cell in metres"
            raise ConfigError(text)
        cells = np.ascontiguousarray(self.cells)
        if cells is self.cells or cells.base is not None:
            cells = cells.copy()
        cells.setflags(write=False)
        object.__setattr__(self, "cells", cells)

    @property
    def rows(self) -> int:
        """Number of cells along y."""
        return int(self.cells.shape[0])

    @property
    def columns(self) -> int:
        """Number of cells along x."""
        return int(self.cells.shape[1])

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """Lowest x, lowest y, highest x, highest y of the map."""
        return (
            self.origin_x_m,
            self.origin_y_m,
            self.origin_x_m + self.columns * self.resolution_m,
            self.origin_y_m + self.rows * self.resolution_m,
        )

    def cell_of(self, x_m: float, y_m: float) -> tuple[int, int]:
        """Return the (row, column) that holds a place; it may lie outside the grid."""
        return (
            math.floor((y_m - self.origin_y_m) / self.resolution_m),
            math.floor((x_m - self.origin_x_m) / self.resolution_m),
        )

    def centre_of(self, row: int, column: int) -> tuple[float, float]:
        """Return the place (x, y) of a cell's middle; the cell may lie outside the grid."""
        return (
            self.origin_x_m + (column + 0.5) * self.resolution_m,
            self.origin_y_m + (row + 0.5) * self.resolution_m,
        )

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell is on the grid."""
        return 0 <= row < self.rows and 0 <= column < self.columns

    def state_at(self, x_m: float, y_m: float) -> int | None:
        """Return ``FREE``, ``OCCUPIED`` or ``UNKNOWN``, or None off the map."""
        row, column = self.cell_of(x_m, y_m)
        return int(self.cells[row, column]) if self.holds(row, column) else None
