"""Which part of the map is in the picture. A cell holds two by four dots, and dots are square."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from patrolcar.pilot.welcome import SiteView

Dots: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Columns and rows of dots."""

DOTS_ACROSS: Final = 2
DOTS_DOWN: Final = 4
CLOSEST_M: Final = 0.01
FARTHEST_M: Final = 4.0
FIT_LIMIT_M: Final = 0.30
"""A whole site is shown from the start while doors stay open at this many metres per dot."""
FOLLOW_M: Final = 0.15
_MARGIN: Final = 0.28
_ROOM: Final = 1.03


@dataclass(frozen=True, slots=True)
class Camera:
    """A window onto the map frame, y up."""

    x_m: float  # of the middle of the picture
    y_m: float
    metres_per_dot: float
    columns: int
    rows: int

    @property
    def dots_across(self) -> int:
        """Width in dots."""
        return self.columns * DOTS_ACROSS

    @property
    def dots_down(self) -> int:
        """Height in dots."""
        return self.rows * DOTS_DOWN

    def dots(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> Dots:
        """Return column and row of the dot of each place, also of those out of the picture."""
        across = np.floor((x_m - self.x_m) / self.metres_per_dot + self.dots_across / 2)
        down = np.floor((self.y_m - y_m) / self.metres_per_dot + self.dots_down / 2)
        return across.astype(np.intp), down.astype(np.intp)

    def cell(self, x_m: float, y_m: float) -> tuple[int, int]:
        """Return column and row of the cell of a place."""
        across = math.floor((x_m - self.x_m) / self.metres_per_dot + self.dots_across / 2)
        down = math.floor((self.y_m - y_m) / self.metres_per_dot + self.dots_down / 2)
        return across // DOTS_ACROSS, down // DOTS_DOWN

    def place(self, column: float, row: float) -> tuple[float, float]:
        """Return the place under a cell's upper left corner."""
        x_m = self.x_m + (column * DOTS_ACROSS - self.dots_across / 2) * self.metres_per_dot
        y_m = self.y_m - (row * DOTS_DOWN - self.dots_down / 2) * self.metres_per_dot
        return x_m, y_m

    def shows(self, x_m: float, y_m: float, margin: float = 0.0) -> bool:
        """Return whether a place is in the picture, ``margin`` (share of the size) away from its rim."""
        half_x = self.dots_across * self.metres_per_dot * (0.5 - margin)
        half_y = self.dots_down * self.metres_per_dot * (0.5 - margin)
        return abs(x_m - self.x_m) <= half_x and abs(y_m - self.y_m) <= half_y

    def zoomed(self, factor: float, column: float, row: float) -> Camera:
        """Return the camera with dots ``factor`` times as large; the place under the cell stays there."""
        metres = min(max(self.metres_per_dot * factor, CLOSEST_M), FARTHEST_M)
        x_m, y_m = self.place(column, row)
        ratio = metres / self.metres_per_dot
        return replace(
            self,
            metres_per_dot=metres,
            x_m=x_m + (self.x_m - x_m) * ratio,
            y_m=y_m + (self.y_m - y_m) * ratio,
        )

    def panned(self, columns: float, rows: float) -> Camera:
        """Return the camera moved by cells, to the right and down."""
        metres = self.metres_per_dot
        return replace(
            self, x_m=self.x_m + columns * DOTS_ACROSS * metres, y_m=self.y_m - rows * DOTS_DOWN * metres
        )

    def following(self, x_m: float, y_m: float) -> Camera:
        """Return the camera centred on the place when that is near the rim, else this one."""
        return self if self.shows(x_m, y_m, _MARGIN) else replace(self, x_m=x_m, y_m=y_m)

    def resized(self, columns: int, rows: int) -> Camera:
        """Return the camera for another size of picture."""
        return replace(self, columns=columns, rows=rows)


def fitting(site: SiteView, columns: int, rows: int) -> Camera:
    """Return the camera that shows the whole site."""
    height, width = site.cells.shape
    width_m, height_m = width * site.resolution_m, height * site.resolution_m
    across, down = max(columns * DOTS_ACROSS, 1), max(rows * DOTS_DOWN, 1)
    metres = max(width_m / across, height_m / down) * _ROOM
    return Camera(
        x_m=site.origin_x_m + width_m / 2,
        y_m=site.origin_y_m + height_m / 2,
        metres_per_dot=min(max(metres, CLOSEST_M), FARTHEST_M),
        columns=columns,
        rows=rows,
    )
