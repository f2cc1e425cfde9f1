"""Windows that move with the car, and the memory of what the lidar saw that the map does not hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points
from patrolcar.kernels.binding import address, kernels
from patrolcar.kernels.grid import FloatGrid, Floats

_PROFILE_BINS = 720  # PROFILE_BINS in window.c


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
    kernels().pk_clearance_cost(
        address(clearance, np.float32),
        clearance.size,
        solid_m,
        need_m,
        prefer_m,
        weight,
        tight,
        address(out, np.float32),
    )


class LiveMemory:
    """Points that the lidar saw and the map does not hold; people leave, so they are forgotten again."""

    def __init__(self, room: int = 4096) -> None:
        self.seen: NDArray[np.float64] = np.empty((room, 3))
        self.count = 0
        self._profile = np.empty(_PROFILE_BINS, dtype=np.float32)
        self._at = (self.seen.ctypes.data, self._profile.ctypes.data)

    @property
    def points(self) -> Points:
        """What is remembered: x, y and the second it was seen, shape (N, 3), a view."""
        return self.seen[: self.count]

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
    ) -> None:
        """Add what lies farther than ``apart_m`` from the fixed things; drop what is old or seen through.

        ``fresh`` has shape (N, 2), in the frame of the map; ``fixed`` holds clearances in metres.
        """
        self.count = kernels().pk_remember(
            self._at[0],
            self.count,
            self.seen.shape[0],
            address(fresh, np.float64),
            fresh.shape[0],
            fixed.by_reference,
            apart_m,
            *sensor,
            now_s,
            keep_s,
            self._at[1],
        )


class LocalWindow:
    """Clearances around the car on a square of ``cells`` x ``cells``: fixed things and seen points."""

    def __init__(self, cells: int, resolution_m: float) -> None:
        self.grid = FloatGrid(np.zeros((cells, cells), dtype=np.float32), resolution_m, 0.0, 0.0)
        self._half_m = 0.5 * cells * resolution_m
        self._blocked = np.empty(cells * cells, dtype=np.uint8)
        self._distance = np.empty(cells * cells, dtype=np.float32)
        self._scratch = np.empty(cells * cells + 2 * cells, dtype=np.int32)
        self._shape = (self.grid.cells.ctypes.data, cells, cells, resolution_m)
        self._at = (self._blocked.ctypes.data, self._distance.ctypes.data, self._scratch.ctypes.data)

    def centre_on(self, x_m: float, y_m: float, fixed: FloatGrid) -> None:
        """Lay the window around a place, on whole cells, and fill it with the fixed clearances."""
        step = self._shape[3]
        corner = (
            round((x_m - self._half_m) / step) * step,
            round((y_m - self._half_m) / step) * step,
        )
        self.grid.move_to(*corner)
        kernels().pk_window_clearance(fixed.by_reference, *self._shape, *corner)

    def add(self, points: Points) -> int:
        """Lower the clearances by points of shape (N, 2) or (N, 3); return how many lie in the window."""
        if points.shape[0] == 0:
            return 0
        return int(
            kernels().pk_window_points(
                address(points, np.float64),
                points.shape[0],
                points.shape[1],
                *self._shape,
                *self.grid.corner,
                *self._at,
            )
        )

    def holds(self, x_m: float, y_m: float, inset_m: float) -> bool:
        """Whether a place lies inside, at least ``inset_m`` from the rim."""
        corner_x, corner_y = self.grid.corner
        reach = self._half_m - inset_m
        return abs(x_m - corner_x - self._half_m) <= reach and abs(y_m - corner_y - self._half_m) <= reach
