"""The static layer: what the map and the zones say about every cell.

Unknown ground is not traversable. Keepout zones and everything outside a geofence count as walls. The
clearance is exact: the distance from a cell's centre to the rim of the nearest such cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points
from patrolcar.kernels import FloatGrid, Floats, clearance_cost, distance_transform
from patrolcar.site import FREE, OccupancyGrid, Site, ZoneKind
from patrolcar.site.polygons import cells_inside
from patrolcar.vehicle import Vehicle

_FENCE_M = 0.1  # a way keeps this much more from a zone than the governor asks
_FAR_M = 1000.0  # stands for "nothing anywhere near"; keeps clearances finite


@dataclass(frozen=True, slots=True)
class Pricing:
    """How clearance becomes cost: the middle of a corridor is cheaper than its walls."""

    need_m: float
    """Clearance of ``base_link`` below which the outline may touch."""
    prefer_m: float = 0.8
    """From this clearance on, more is no better."""
    weight: float = 3.0
    """A metre along a wall costs up to this much more than one in the open."""

    @staticmethod
    def of(vehicle: Vehicle) -> Pricing:
        """Return the pricing for one car: its inscribed radius and a little more."""
        return Pricing(need_m=vehicle.footprint.inscribed_m + 0.02)

    def cost(self, clearance: Floats, *, solid_m: float, tight: float) -> Floats:
        """Return the price of one metre in each cell: ``inf`` up to ``solid_m``, ``tight`` below the need."""
        out = np.empty_like(clearance)
        clearance_cost(
            clearance,
            solid_m=solid_m,
            need_m=self.need_m,
            prefer_m=self.prefer_m,
            weight=self.weight,
            tight=tight,
            out=out,
        )
        return out

    def strict(self, clearance: Floats) -> Floats:
        """Return the cost with everything below the need blocked."""
        return self.cost(clearance, solid_m=np.nextafter(self.need_m, 0.0), tight=1.0)


class StaticLayer:
    """Clearance, cost and speed limit of every cell, worked out once for a site and a vehicle."""

    def __init__(self, site: Site, vehicle: Vehicle) -> None:
        self.grid: OccupancyGrid = site.grid
        self.pricing = Pricing.of(vehicle)
        blocked = blocked_cells(site)
        half_cell_m = 0.5 * site.grid.resolution_m
        distance = distance_transform(blocked, site.grid.resolution_m)
        cells = np.clip(distance - np.float32(half_cell_m), 0.0, _FAR_M).astype(np.float32)
        self.clearance = FloatGrid(cells, site.grid.resolution_m, site.grid.origin_x_m, site.grid.origin_y_m)
        self.cost = self.pricing.strict(cells)
        self._speed = _speed_limits(site)

    def cell_at(self, x_m: float, y_m: float) -> int | None:
        """Return the number of the cell that holds a place; None off the map."""
        row, column = self.grid.cell_of(x_m, y_m)
        rows, columns = self.grid.cells.shape
        if 0 <= row < rows and 0 <= column < columns:
            return int(row * columns + column)
        return None

    def clearance_at(self, x_m: float, y_m: float) -> float:
        """Return the free distance around a place, in metres; 0 in a wall and off the map."""
        value = self.clearance.sample(x_m, y_m)
        return max(0.0, value)

    def speed_limit_at(self, x_m: float, y_m: float) -> float:
        """Return the speed limit of the slow zones there; ``inf`` outside of them."""
        cell = self.cell_at(x_m, y_m)
        if self._speed is None or cell is None:
            return np.inf
        return self._speed.item(cell)

    def speed_limits_at(self, places: Points) -> Floats:
        """Return the speed limit at each of the places, shape (N,); ``inf`` outside of the slow zones."""
        limits = np.full(len(places), np.inf, dtype=np.float32)
        if self._speed is not None:
            columns, rows = np.floor(
                (places - (self.grid.origin_x_m, self.grid.origin_y_m)) / self.grid.resolution_m
            ).T
            on_map = (rows >= 0) & (rows < self.grid.rows) & (columns >= 0) & (columns < self.grid.columns)
            limits[on_map] = self._speed[rows[on_map].astype(int), columns[on_map].astype(int)]
        return limits

    @property
    def has_slow_zones(self) -> bool:
        """Whether there is any speed limit to look up."""
        return self._speed is not None

    def places_of(self, cells: NDArray[np.int32]) -> Points:
        """Return the centres of numbered cells, shape (N, 2)."""
        rows, columns = np.divmod(cells, self.grid.cells.shape[1])
        resolution = self.grid.resolution_m
        return np.column_stack(
            (
                self.grid.origin_x_m + (columns + 0.5) * resolution,
                self.grid.origin_y_m + (rows + 0.5) * resolution,
            )
        )


@lru_cache(maxsize=2)
def static_layer(site: Site, vehicle: Vehicle) -> StaticLayer:
    """Return the layer of a site for a vehicle; all who plan on it share it, for none of them changes it."""
    return StaticLayer(site, vehicle)


def blocked_cells(site: Site) -> NDArray[np.bool_]:
    """Return which cells nobody may drive in: not free, or closer than 0.1 m to forbidden ground."""
    forbidden = np.zeros(site.grid.cells.shape, dtype=np.bool_)
    for zone in site.zones:
        if zone.kind is ZoneKind.KEEPOUT:
            forbidden |= cells_inside(site.grid, zone.polygon)
        elif zone.kind is ZoneKind.GEOFENCE:
            forbidden |= ~cells_inside(site.grid, zone.polygon)
    blocked: NDArray[np.bool_] = site.grid.cells != FREE
    if forbidden.any():
        blocked |= distance_transform(forbidden, site.grid.resolution_m) <= _FENCE_M
    return blocked


def _speed_limits(site: Site) -> Floats | None:
    slow = [zone for zone in site.zones if zone.kind is ZoneKind.SLOW and zone.speed_mps is not None]
    if not slow:
        return None
    limits = np.full(site.grid.cells.shape, np.inf, dtype=np.float32)
    for zone in slow:
        inside = cells_inside(site.grid, zone.polygon)
        limits[inside] = np.minimum(limits[inside], np.float32(zone.speed_mps))
    return limits
