"""What stands still: walls as segments, solid grid cells, or both, in one structure for the kernels.

A uniform grid of cells. A cell is solid, or lists the segments that touch it, or is free; free cells
also know how wide a square of floor is free ahead, so a ray hops over open floor. Distances
stay exact: cells only choose what is intersected, never where.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.native import Array, OutlineStruct, WorldStruct, kernels
from sim.world.floor import Floor
from sim.world.moving import Group, Movers, sweeps
from sim.world.surfaces import Surfaces
from sim.world.things import NOTHING, Things

MAX_CELLS = 400_000_000
_TOUCH_M = 1e-9  # a wall on the line between two cells belongs to both
_NO_WALLS: Array = np.empty((0, 4))
_NO_DISCS: Array = np.empty((0, 3))


class World:
    """Walls and solid cells; only walls that move change. Kernels read it through ``address``."""

    def __init__(
        self,
        walls: Array,
        solid: NDArray[np.uint8],
        cell_m: float,
        origin: tuple[float, float],
        floor: Floor | None = None,
        surfaces: Surfaces | None = None,
        things: Things = NOTHING,
        moving: Sequence[Group] = (),
    ) -> None:
        rows, columns = solid.shape
        swept = sweeps(moving)
        self._still = np.ascontiguousarray(walls, dtype=np.float64)
        begin = [np.concatenate(group.positions[:1]) for group in moving]
        self.walls = np.ascontiguousarray(np.concatenate([self._still, *begin]))
        self.movers = Movers(moving, self.walls[len(self._still) :]) if moving else None
        self.cell_m = cell_m
        self.origin = origin
        self.solid = np.ascontiguousarray(solid, dtype=np.uint8)
        self._reach = np.empty((4, rows, columns), dtype=np.uint8)
        self._first, self._member = _segments_of_cells(
            [*self._still[:, None], *swept], self.solid.shape, cell_m, origin
        )
        first = self._first.ctypes.data if len(self.walls) else None
        kernels().sim_reach(rows, columns, self.solid.ctypes.data, first, self._reach.ctypes.data)
        self._struct = WorldStruct(
            *origin, cell_m, 1.0 / cell_m, rows, columns, self._reach.ctypes.data, first,
            self._member.ctypes.data, self.walls.ctypes.data, floor.address if floor else None,
        )  # fmt: skip
        self.floor = floor
        self.surfaces = surfaces
        self.things = things
        if surfaces is not None:
            surfaces.check(len(self._still))
            surfaces = Surfaces(
                [
                    *surfaces.chosen,
                    *(group.material for group in moving for _ in range(group.positions.shape[1])),
                ]
            )
            self._all_surfaces = surfaces
            self._struct.materials, self._struct.material_of = surfaces.materials_at, surfaces.chosen_at
        self.address = ctypes.addressof(self._struct)

    @classmethod
    def from_walls(
        cls,
        walls: ArrayLike,
        cell_m: float = 0.25,
        floor: Floor | None = None,
        surfaces: Surfaces | None = None,
        things: Things = NOTHING,
    ) -> Self:
        """Build a world of thin walls.

        Args:
            walls: Shape (N, 4), ``x1 y1 x2 y2`` in metres.
            cell_m: Side of the search cells; it changes the speed, not the answers.
            floor: None for an even one.
            surfaces: What each wall is made of; None for plaster everywhere.
            things: What else is there.

        Raises:
            ValueError: ``walls`` has another shape, holds nan or inf, or spans too much ground.

        """
        segments = _checked_walls(walls)
        points = segments.reshape(-1, 2) if len(segments) else np.zeros((1, 2))
        low = points.min(axis=0) - 0.5 * cell_m  # rooms have round sizes: walls in cells, not between them
        cells = np.ceil((points.max(axis=0) + 0.5 * cell_m - low) / cell_m)
        if cells[0] * cells[1] > MAX_CELLS:
            message = (
                f"walls span {cells[0]:.0f} x {cells[1]:.0f} cells of {cell_m} m, at most {MAX_CELLS} cells"
            )
            raise ValueError(message)
        free = np.zeros((int(cells[1]), int(cells[0])), dtype=np.uint8)
        return cls(segments, free, cell_m, (float(low[0]), float(low[1])), floor, surfaces, things)

    @classmethod
    def from_grid(
        cls,
        occupied: ArrayLike,
        resolution_m: float,
        origin: tuple[float, float],
        walls: ArrayLike = _NO_WALLS,
        floor: Floor | None = None,
        things: Things = NOTHING,
    ) -> Self:
        """Build a world of solid squares, and thin walls if there are any.

        Args:
            occupied: Shape (rows, columns), true where solid; row 0 is the lowest y.
            resolution_m: Side of a cell.
            origin: Map coordinates of the lower left corner of cell ``[0, 0]``.
            walls: Shape (N, 4); they must lie within the grid.
            floor: None for an even one.
            things: What else is there.

        Raises:
            ValueError: A shape or a number is impossible, or a wall leaves the grid.

        """
        solid = np.asarray(occupied).astype(bool).astype(np.uint8)
        if solid.ndim != 2 or solid.size == 0:  # noqa: PLR2004  (a grid has two sides)
            message = f"a grid of rows and columns expected, found shape {solid.shape}"
            raise ValueError(message)
        if not resolution_m > 0.0:
            message = f"resolution_m is {resolution_m}, expected more than 0"
            raise ValueError(message)
        segments = _checked_walls(walls)
        low = np.array(origin)
        high = low + np.array(solid.shape[::-1]) * resolution_m
        points = segments.reshape(-1, 2)
        if np.any(points < low) or np.any(points > high):
            message = f"a wall leaves the grid, which spans {low.tolist()} to {high.tolist()}"
            raise ValueError(message)
        return cls(segments, solid, resolution_m, origin, floor, things=things)

    def with_moving(self, moving: Sequence[Group]) -> World:
        """Return this world with walls that move; it belongs to one car, for they move in it.

        Raises:
            ValueError: A wall would leave the world's cells.

        """
        rows, columns = self.solid.shape
        high = (self.origin[0] + columns * self.cell_m, self.origin[1] + rows * self.cell_m)
        for wall in sweeps(moving):
            points = wall.reshape(-1, 2)
            if np.any(points < self.origin) or np.any(points > high):
                message = f"a moving wall leaves the world, which spans {self.origin} to {high}"
                raise ValueError(message)
        return World(
            self._still, self.solid, self.cell_m, self.origin, self.floor, self.surfaces, self.things, moving
        )

    def cast(self, rays: ArrayLike, limit_m: float, discs: Array = _NO_DISCS) -> tuple[Array, Array]:
        """Return the distance along each ray and the cosine of the incidence where it ends.

        Args:
            rays: Shape (N, 4): origin and unit direction.
            limit_m: What is farther is not seen: ``inf``.
            discs: Shape (M, 3): centre and radius.

        """
        given = np.ascontiguousarray(rays, dtype=np.float64)
        round_things = np.ascontiguousarray(discs, dtype=np.float64)
        distance, cosine = np.empty(len(given)), np.empty(len(given))
        kernels().sim_cast(
            self.address, len(round_things), round_things.ctypes.data, len(given), given.ctypes.data, limit_m,
            distance.ctypes.data, cosine.ctypes.data,
        )  # fmt: skip
        return distance, cosine

    def clearance(
        self, pose: tuple[float, float, float], outline: tuple[float, float, float], cutoff_m: float = 1.0
    ) -> float:
        """Return the gap between a rectangle and the nearest wall or solid cell, 0 when they overlap.

        Args:
            pose: Of ``base_link``: x, y, yaw.
            outline: How far the rectangle reaches to the front, to the rear and to each side.
            cutoff_m: The answer when nothing is nearer.

        """
        shape, place = OutlineStruct(*outline), (ctypes.c_double * 3)(*pose)
        gap: float = kernels().sim_clearance(
            self.address, ctypes.addressof(shape), ctypes.addressof(place), cutoff_m, None
        )
        return gap

    def point_clearance(self, x_m: float, y_m: float, cutoff_m: float = 1.0) -> float:
        """Return the distance from a point to the nearest wall or solid cell, at most ``cutoff_m``."""
        nearest = (ctypes.c_double * 2)()
        gap: float = kernels().sim_point_clearance(
            self.address, x_m, y_m, cutoff_m, ctypes.addressof(nearest)
        )
        return gap


def _checked_walls(walls: ArrayLike) -> Array:
    segments = np.asarray(walls, dtype=np.float64)
    if segments.size == 0:
        return _NO_WALLS
    if segments.ndim != 2 or segments.shape[1] != 4:  # noqa: PLR2004  (x1 y1 x2 y2)
        message = f"walls of shape (N, 4) expected, found {segments.shape}"
        raise ValueError(message)
    if not np.isfinite(segments).all():
        row = int(np.flatnonzero(~np.isfinite(segments).all(axis=1))[0])
        message = f"walls[{row}] is {segments[row].tolist()}: every coordinate must be finite"
        raise ValueError(message)
    return segments


def _segments_of_cells(
    walls: Sequence[Array], shape: tuple[int, ...], cell_m: float, origin: tuple[float, float]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return, for each cell, where its walls start in the second array; that holds wall numbers.

    Each wall comes with all positions it can be in, shape (positions, 4).
    """
    if len(walls) == 0:
        return np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int32)
    touched = [
        _cells_touched(positions[0], shape, cell_m, origin)
        if len(positions) == 1
        else np.unique(np.concatenate([_cells_touched(wall, shape, cell_m, origin) for wall in positions]))
        for positions in walls
    ]
    cells = np.concatenate(touched)
    numbers = np.repeat(np.arange(len(walls), dtype=np.int32), [len(part) for part in touched])
    order = np.argsort(cells, kind="stable")
    first = np.zeros(shape[0] * shape[1] + 1, dtype=np.int32)
    np.cumsum(np.bincount(cells, minlength=shape[0] * shape[1]), out=first[1:])
    return first, np.ascontiguousarray(numbers[order])


def _cells_touched(
    wall: Array, shape: tuple[int, ...], cell_m: float, origin: tuple[float, float]
) -> NDArray[np.int64]:
    """Return the flat numbers of the cells that a wall touches: no axis parts the two."""
    ends = wall.reshape(2, 2) - origin
    last = np.array(shape[::-1]) - 1
    low = np.clip(np.floor((ends.min(axis=0) - _TOUCH_M) / cell_m).astype(np.int64), 0, last)
    high = np.clip(np.floor((ends.max(axis=0) + _TOUCH_M) / cell_m).astype(np.int64), 0, last)
    columns, rows = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
    along = ends[1] - ends[0]
    length = max(float(np.hypot(*along)), 1e-300)
    normal = np.array([along[1], -along[0]]) / length
    off = ((columns + 0.5) * cell_m - ends[0, 0]) * normal[0] + ((rows + 0.5) * cell_m - ends[0, 1]) * normal[
        1
    ]
    near = np.abs(off) <= 0.5 * cell_m * np.abs(normal).sum() + _TOUCH_M
    touched: NDArray[np.int64] = (rows[near] * shape[1] + columns[near]).astype(np.int64)
    return touched
