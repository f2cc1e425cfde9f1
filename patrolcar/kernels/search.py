"""Searches over one cost grid: the cheapest way, what can be reached, straight lines, cost to go."""

from __future__ import annotations

import ctypes
from enum import IntEnum
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points
from patrolcar.kernels.binding import ENTRY, NODE, address, calls, kernels
from patrolcar.kernels.grid import Floats

Cells: TypeAlias = NDArray[np.int32]
"""Cells as row * columns + column, shape (N,)."""

_LAST_EPOCH = (1 << 24) - 1


class Refusal(IntEnum):
    """Why there is no way; the numbers are those of ``kernels.h``."""

    UNREACHABLE = -1
    START_BLOCKED = -2
    GOAL_BLOCKED = -3


class GridSearch:
    """Memory for searches over grids of one shape; kept, because it is large and most of it stays unused.

    A cost grid holds the price of one metre in each cell: at least 1, ``inf`` where nobody may go. A
    diagonal step needs both cells beside it free.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self.rows = rows
        self.columns = columns
        size = rows * columns
        self._nodes = np.zeros(size, dtype=NODE)
        self._entries = np.empty(size, dtype=ENTRY)
        self._path = np.empty(size, dtype=np.int32)
        self._at = (self._nodes.ctypes.data, self._entries.ctypes.data, self._path.ctypes.data)
        self._epoch = 0
        self._room: NDArray[np.uint8] | None = None  # memory of a fast marching; made at the first

    def astar(self, cost: Floats, start: int, goal: int) -> tuple[Cells, float] | Refusal:
        """Return the cells of the cheapest way, start first, and its cost in cell lengths."""
        nodes, entries, path = self._at
        total = ctypes.c_double()
        count = kernels().pk_astar(
            *self._grid(cost),
            start,
            goal,
            nodes,
            entries,
            self._next_epoch(),
            path,
            self._path.size,
            ctypes.byref(total),
        )
        if count < 0:
            return Refusal(count)
        return self._path[:count].copy(), total.value

    def reached_from(self, cost: Floats, start: int) -> NDArray[np.bool_]:
        """Return which cells can be reached, shape (rows, columns)."""
        reached = np.zeros((self.rows, self.columns), dtype=np.bool_)
        calls().flood(cost, reached, self._path, start)
        return reached

    def line_cost(self, cost: Floats, start: int, end: int) -> float:
        """Return the cost, in cell lengths, of the straight line between two centres.

        ``inf`` when it touches a blocked cell or slips between two that meet at a corner.
        """
        return float(kernels().pk_line_cost(*self._grid(cost), start, end))

    def shortened(self, cost: Floats, way: Cells, slack: float = 1.0) -> Cells:
        """Return the cells that remain when straight lines replace what they can.

        A line replaces a stretch when it costs no more than ``slack`` times as much, so a way that keeps
        to the middle of a corridor stays there.
        """
        kept = np.empty(way.size, dtype=np.int32)
        count = kernels().pk_shorten(
            *self._grid(cost), address(way, np.int32), way.size, slack, kept.ctypes.data
        )
        return kept[:count].copy()

    def cost_to_go(
        self,
        cost: Floats,
        seeds: Cells,
        values: NDArray[np.float64],
        out: Floats,
        *,
        stop: int = -1,
        beyond: float = np.inf,
    ) -> None:
        """Write the cost, in cell lengths, from every cell to the nearest seed; ``inf`` where none is.

        True lengths in every direction (fast marching), not those of steps between neighbours. Once the
        cost is ``beyond`` above that of the cell ``stop``, the rest is left at ``inf``.
        """
        if self._room is None:
            self._room = np.empty(calls().march_room(self.rows, self.columns), dtype=np.uint8)
        calls().cost_to_go(cost, seeds, values, self._room, out, stop, beyond)

    def _grid(self, cost: Floats) -> tuple[int, int, int]:
        return address(cost, np.float32), self.rows, self.columns

    def _next_epoch(self) -> int:
        if self._epoch == _LAST_EPOCH:
            self._nodes["stamp"] = 0
            self._epoch = 0
        self._epoch += 1
        return self._epoch


class Stretch(NamedTuple):
    """The rows of a path that lie inside a field, counted from the first looked at."""

    rows: int
    first_closed: int
    """The first that was not reached; ``rows`` when all were."""
    last_open: int
    """The last that was reached; 0 when none was."""


def path_reached(
    reached: NDArray[np.bool_],
    corner: tuple[float, float],
    resolution_m: float,
    rim: int,
    path: Points,
    first: int,
) -> Stretch:
    """Return how far a path leads through cells that were reached.

    Args:
        reached: A square of cells.
        corner: Its lower left corner.
        resolution_m: Side of a cell.
        rim: The path is followed up to so many cells before the edge.
        path: Shape (N, 2), in the frame of the corner.
        first: Row to begin with; it counts even outside the square, as the nearest cell.

    """
    return Stretch(*calls().path_reached(reached, path, resolution_m, *corner, rim, first))
