"""The floor: pieces that are slippery, steep or missing, and what is painted on it.

Where pieces overlap, the last one that says something counts. Paint is a picture seen from above: row 0
lies at the lowest y, 0 is black and 255 white; outside it the floor is bare.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.native import Array, FloorStruct, PatchStruct

Place = tuple[float, float]
Picture = NDArray[np.uint8]

MAX_PAINT_CELLS: Final = 64_000_000
PAINT_CELL_M: Final = 0.004
_PIECE_M: Final = 1.0
BARE: Final = 200
"""How bright a usual floor is."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of floor; what is None is as around it.

    Attributes:
        outline: Its corners in the map, in order; any simple polygon.
        friction: Coefficient between tyre and floor: 0.8 rubber on tiles, 0.4 wet, 0.1 ice.
        slip: Share of the rim's travel that is lost, 0 to below 1: a deep carpet.
        grade: How much it rises per metre along x and along y: a ramp.
        hole: True where there is no floor, False for a bridge over a hole.

    """

    outline: tuple[Place, ...]
    friction: float | None = None
    slip: float | None = None
    grade: tuple[float, float] | None = None
    hole: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a piece that no floor has."""
        wrong = []
        if len(self.outline) < 3 or not all(isfinite(x) for corner in self.outline for x in corner):  # noqa: PLR2004
            wrong.append(f"an outline of 3 or more finite corners, found {self.outline}")
        if self.friction is not None and not 0.0 < self.friction < inf:
            wrong.append(f"a friction above 0, found {self.friction}")
        if self.slip is not None and not 0.0 <= self.slip < 1.0:
            wrong.append(f"a slip of 0 to below 1, found {self.slip}")
        if self.grade is not None and not all(abs(rise) <= 1.0 for rise in self.grade):
            wrong.append(f"a grade of -1 to 1, found {self.grade}")
        if wrong:
            message = "patch: expected " + " and ".join(wrong)
            raise ValueError(message)

    def struct(self, corners: Array) -> PatchStruct:
        """Return the kernel's copy; ``corners`` is the outline in memory that outlives it."""
        grade = self.grade or (nan, nan)
        low, high = corners.min(axis=0), corners.max(axis=0)
        return PatchStruct(
            corners=corners.ctypes.data,
            low=(ctypes.c_double * 2)(*low),
            high=(ctypes.c_double * 2)(*high),
            friction=nan if self.friction is None else self.friction,
            slip=nan if self.slip is None else self.slip,
            grade=(ctypes.c_double * 2)(*grade),
            count=len(corners),
            hole=-1 if self.hole is None else self.hole,
        )


@dataclass(frozen=True)
class Paint:
    """A picture of the floor; ``origin`` is the lower left corner of the square ``levels[0, 0]``."""

    levels: Picture
    cell_m: float
    origin: Place

    def __post_init__(self) -> None:
        """Refuse a picture that is none."""
        if self.levels.ndim != 2 or self.levels.dtype != np.uint8 or not self.cell_m > 0.0:  # noqa: PLR2004
            message = (
                f"paint: expected rows and columns of bytes and a cell above 0 m, found {self.levels.dtype} "
                f"of shape {self.levels.shape} and {self.cell_m} m"
            )
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Stripe:
    """A line to follow: straight from point to point, with round ends."""

    points: tuple[Place, ...]
    width_m: float = 0.02
    level: int = 15


def painted(stripes: Sequence[Stripe], cell_m: float = PAINT_CELL_M, bare: int = BARE) -> Paint:
    """Return a floor on which stripes are painted, later ones over earlier ones.

    Raises:
        ValueError: There is no point, or the picture would be too large.

    """
    points = np.array([point for stripe in stripes for point in stripe.points], dtype=np.float64)
    if points.size == 0:
        message = "painted: a stripe needs a point"
        raise ValueError(message)
    margin_m = max(stripe.width_m for stripe in stripes) + cell_m
    low = points.min(axis=0) - margin_m
    columns, rows = (np.ceil((points.max(axis=0) + margin_m - low) / cell_m)).astype(np.int64)
    if rows * columns > MAX_PAINT_CELLS:
        message = f"painted: {rows} x {columns} cells of {cell_m} m, at most {MAX_PAINT_CELLS}"
        raise ValueError(message)
    levels = np.full((rows, columns), bare, dtype=np.uint8)
    for stripe in stripes:
        for a, b in zip(stripe.points, stripe.points[1:] or stripe.points, strict=False):
            for piece in _pieces(np.array([a, b]) - low):
                _draw(levels, piece, stripe, cell_m)
    return Paint(levels, cell_m, (float(low[0]), float(low[1])))


def _pieces(ends: Array) -> Iterator[Array]:
    """Yield a segment in pieces, so that painting a long slanting one takes little memory."""
    count = max(1, ceil(float(np.hypot(*(ends[1] - ends[0]))) / _PIECE_M))
    places = ends[0] + np.linspace(0.0, 1.0, count + 1)[:, None] * (ends[1] - ends[0])
    yield from (places[index : index + 2] for index in range(count))


def _draw(levels: Picture, ends: Array, stripe: Stripe, cell_m: float) -> None:
    """Paint the cells whose middle is within half a width of the segment."""
    half_m = 0.5 * stripe.width_m
    first = np.maximum(((ends.min(axis=0) - half_m) / cell_m).astype(np.int64), 0)
    last = ((ends.max(axis=0) + half_m) / cell_m).astype(np.int64) + 1
    x = (np.arange(first[0], last[0]) + 0.5) * cell_m
    y = (np.arange(first[1], last[1])[:, None] + 0.5) * cell_m
    along = ends[1] - ends[0]
    length2 = max(float(along @ along), 1e-300)
    share = np.clip(((x - ends[0, 0]) * along[0] + (y - ends[0, 1]) * along[1]) / length2, 0.0, 1.0)
    off = np.hypot(x - ends[0, 0] - share * along[0], y - ends[0, 1] - share * along[1])
    levels[first[1] : last[1], first[0] : last[0]][off <= half_m] = stripe.level


class Floor:
    """Patches and paint; immutable once built. Kernels read it through ``address``."""

    def __init__(self, patches: Sequence[Patch] = (), paint: Paint | None = None, bare: int = BARE) -> None:
        self.patches = tuple(patches)
        self.paint = paint
        self._corners = [np.array(patch.outline, dtype=np.float64) for patch in self.patches]
        self._patches = (PatchStruct * max(len(self.patches), 1))()
        for index, (patch, corners) in enumerate(zip(self.patches, self._corners, strict=True)):
            self._patches[index] = patch.struct(corners)
        self._struct = FloorStruct(
            patches=ctypes.addressof(self._patches), n_patches=len(self.patches), bare=bare
        )
        if paint is not None:
            self._levels = np.ascontiguousarray(paint.levels)
            self._struct.paint = self._levels.ctypes.data
            self._struct.paint_x_m, self._struct.paint_y_m = paint.origin
            self._struct.paint_cell_m = paint.cell_m
            self._struct.paint_rows, self._struct.paint_columns = self._levels.shape
        self.address = ctypes.addressof(self._struct)
