"""Windows that move with the car, and the memory of what the lidar saw that the map does not hold."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points
from patrolcar.kernels.binding import calls
from patrolcar.kernels.grid import FloatGrid, Floats

_PROFILE = 516  # PK_PROFILE in kernels.h; C refuses less
_WINDOW_SPARE = 64  # PK_WINDOW_SPARE in kernels.h; C refuses less


def clearance_cost(
    clearance: Floats,
    *,
    solid_m: float,
    need_m: float,
    prefer_m: float,
    weight: float,
    tight: float,
    out: Floats,
) -> None:
    """Write the price of one metre in each cell, by its clearance.

    ``inf`` up to ``solid_m``; ``tight`` below ``need_m``; then ``1 + weight * lack**2`` with
    ``lack = (prefer_m - clearance) / prefer_m``; 1 from ``prefer_m`` on.
    """
    calls().clearance_cost(clearance, out, solid_m, need_m, prefer_m, weight, tight)


class LiveMemory:
    """Points that the lidar saw and the map does not hold; people leave, so they are forgotten again."""

    def __init__(self, room: int = 4096) -> None:
        self.seen: NDArray[np.float64] = np.empty((room, 3))
        self.count = 0
        self._profile = np.empty(_PROFILE, dtype=np.float32)

    @property
    def points(self) -> Points:
        """What is remembered: x, y and the second it was seen, shape (N, 3), a view."""
        return self.seen[: self.count]

    def is_near(
        self, place: tuple[float, float], way: Points, first: int, end: int, step: int, near_m: float
    ) -> bool:
        """Whether anything remembered is nearer than ``near_m``, along each axis, to a place or a way.

        Of ``way``, shape (N, 2), every ``step``-th row from ``first`` to before ``end`` is looked at.
        """
        found: bool = calls().any_near(self.seen, way, self.count, first, end, step, *place, near_m)
        return found

    def clear(self) -> None:
        """Forget everything."""
        self.count = 0

    def update(
        self,
        fresh: Points,
        fixed: FloatGrid,
        sensor: tuple[float, float],
        *,
        apart_m: float,
        now_s: float,
        keep_s: float,
        hidden_s: float,
    ) -> None:
        """Add what lies farther than ``apart_m`` from the fixed things; drop what is old or has gone.

        A place that a beam passed has nothing in it any more. What is in view is kept for ``keep_s``, what
        is hidden behind something nearer for ``hidden_s``: the far side of a large thing stays known while
        the car looks for a way round it.

        ``fresh`` has shape (N, 2), in the frame of the map; ``fixed`` holds clearances in metres.
        """
        self.count = calls().remember(
            self.seen,
            fresh,
            self._profile,
            self.count,
            fixed.at,
            apart_m,
            *sensor,
            now_s,
            keep_s,
            hidden_s,
        )


class LocalWindow:
    """Clearances around the car on a square of ``cells`` x ``cells``: fixed things and seen points.

    It lies nowhere until ``centre_on``.
    """

    def __init__(self, cells: int, resolution_m: float) -> None:
        self.grid = FloatGrid(np.zeros((cells, cells), dtype=np.float32), resolution_m, math.inf, math.inf)
        self._half_m = 0.5 * cells * resolution_m
        self._fixed = np.zeros((cells, cells), dtype=np.float32)
        self._blocked = np.zeros(cells * cells, dtype=np.uint8)
        self._scratch = np.empty(cells * cells + 4 * cells + _WINDOW_SPARE, dtype=np.int16)
        self._step_m = resolution_m

    def centre_on(self, x_m: float, y_m: float, fixed: FloatGrid) -> None:
        """Lay the window around a place, on whole cells, and look the fixed clearances up."""
        step = self._step_m
        corner = (
            round((x_m - self._half_m) / step) * step,
            round((y_m - self._half_m) / step) * step,
        )
        self.grid.move_to(*corner)
        calls().window_clearance(fixed.at, self._fixed, step, *corner)

    def fill(self, *seen: Points) -> int:
        """Set the clearances from the fixed things and from points; return how many points lie inside.

        Each array has shape (N, 2 or more), x and y first. A point counts with the centre of its cell, up to
        127 cells away.
        """
        inside: int = calls().window_fill(
            self.grid.cells,
            self._fixed,
            self._blocked,
            self._scratch,
            self._step_m,
            *self.grid.corner,
            *seen,
        )
        return inside

    def holds(self, x_m: float, y_m: float, away_m: float) -> bool:
        """Whether a place lies at most ``away_m`` from the middle, along each axis."""
        corner_x, corner_y = self.grid.corner
        return abs(x_m - corner_x - self._half_m) <= away_m and abs(y_m - corner_y - self._half_m) <= away_m
