"""Grids of floats laid over the plane, and the distance transform that fills them."""

from __future__ import annotations

import ctypes
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from patrolcar.errors import CommandError
from patrolcar.kernels.binding import CGrid, address, calls, kernels

Floats: TypeAlias = NDArray[np.float32]
"""Values of cells, shape (rows, columns)."""

_MOST_CELLS_ROUND = 20_000  # squares of distances stay inside 32 bits


def distance_transform(blocked: NDArray[np.bool_], resolution_m: float) -> Floats:
    """Return the exact distance from each cell's centre to the nearest blocked cell's centre, in metres.

    0 in blocked cells; ``inf`` everywhere when nothing is blocked.

    Raises:
        CommandError: rows + columns exceed 20,000.

    Source: Meijster, Roerdink, Hesselink (2000).

    """
    rows, columns = blocked.shape
    if rows + columns > _MOST_CELLS_ROUND:
        message = f"a grid of {rows} x {columns} cells is too large: rows + columns reach {_MOST_CELLS_ROUND}"
        raise CommandError(message)
    cells = np.ascontiguousarray(blocked, dtype=np.uint8)
    distance = np.empty((rows, columns), dtype=np.float32)
    if cells.size == 0:
        return distance
    scratch = np.empty(rows * columns + 2 * columns, dtype=np.int32)
    kernels().pk_distance_transform(
        cells.ctypes.data, rows, columns, resolution_m, distance.ctypes.data, scratch.ctypes.data
    )
    return distance


class FloatGrid:
    """Float values in square cells; ``x_m``, ``y_m`` is the lower left corner of cell [0, 0].

    C reads ``cells`` in place: write into the array, do not replace it.
    """

    __slots__ = ("at", "cells", "struct")

    def __init__(self, cells: Floats, resolution_m: float, x_m: float, y_m: float) -> None:
        self.cells = cells
        rows, columns = cells.shape
        self.struct = CGrid(address(cells, np.float32), rows, columns, resolution_m, x_m, y_m)
        self.at = ctypes.addressof(self.struct)

    @property
    def resolution_m(self) -> float:
        """Side of one cell."""
        return float(self.struct.resolution_m)

    @property
    def corner(self) -> tuple[float, float]:
        """Lower left corner of cell [0, 0]."""
        return self.struct.x_m, self.struct.y_m

    def move_to(self, x_m: float, y_m: float) -> None:
        """Lay the lower left corner elsewhere; the values stay as they are."""
        self.struct.x_m = x_m
        self.struct.y_m = y_m

    def sample(self, x_m: float, y_m: float) -> float:
        """Return the value between the nearest cell centres; infinite cells are left out.

        ``nan`` outside the grid, and where all four are infinite.
        """
        value: float = calls().sample(self.at, x_m, y_m)
        return value
