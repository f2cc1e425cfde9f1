"""The part of the map that stands still: walls, floor and zones, drawn once for each camera."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from patrolcar.dashboard.camera import Camera
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.raster import Raster, any_in_cell
from patrolcar.pilot.welcome import SiteView, ZoneMark

_FREE: Final = 0
_OCCUPIED: Final = 1
_FENCE_DOTS: Final = 4
_ZONE_INKS: Final = {"keepout": Ink.KEEPOUT, "slow": Ink.SLOW, "geofence": Ink.FENCE}


class SiteLayer:
    """A site that can be drawn quickly at any zoom: each dot is a wall when any cell under it is.

    Sums over rectangles come from summed-area tables (Crow 1984), so thin walls stay whole when zoomed out.
    """

    def __init__(self, site: SiteView) -> None:
        self.site = site
        self._walls = _summed(site.cells == _OCCUPIED)
        self._free = _summed(site.cells == _FREE)

    def draw(self, camera: Camera) -> Raster:
        """Return a new picture with walls, floor and zones."""
        raster = Raster(camera.columns, camera.rows)
        columns, rows = self._edges(camera)
        free = _sums(self._free, columns, rows) > 0
        raster.floor[:] = any_in_cell(free)
        for zone in self.site.zones:
            _draw_zone(raster, camera, zone)
        raster.add_mask(_sums(self._walls, columns, rows) > 0, Ink.WALL)
        return raster

    def _edges(self, camera: Camera) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return first and one-past-last cell under each dot, shapes (2, across) and (2, down)."""
        site, metres = self.site, camera.metres_per_dot
        left_m = camera.x_m - camera.dots_across / 2 * metres - site.origin_x_m
        top_m = camera.y_m + camera.dots_down / 2 * metres - site.origin_y_m
        across = left_m + np.arange(camera.dots_across + 1, dtype=np.float64) * metres
        down = top_m - np.arange(camera.dots_down + 1, dtype=np.float64) * metres
        height, width = site.cells.shape
        return (
            _spans(across[:-1], across[1:], site.resolution_m, width),
            _spans(down[1:], down[:-1], site.resolution_m, height),
        )


def _spans(
    low_m: NDArray[np.float64], high_m: NDArray[np.float64], resolution_m: float, size: int
) -> NDArray[np.intp]:
    first = np.floor(low_m / resolution_m)
    last = np.maximum(np.floor(high_m / resolution_m), first + 1)
    return np.asarray(np.clip(np.stack([first, last]), 0, size), np.intp)


def _summed(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    table = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int32)
    np.cumsum(np.cumsum(mask, axis=0, dtype=np.int32), axis=1, out=table[1:, 1:])
    return table


def _sums(table: NDArray[np.int32], columns: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.int32]:
    low, high = table[rows[0]], table[rows[1]]
    total: NDArray[np.int32] = (
        high[:, columns[1]] - high[:, columns[0]] - low[:, columns[1]] + low[:, columns[0]]
    )
    return total


def _draw_zone(raster: Raster, camera: Camera, zone: ZoneMark) -> None:
    ink = _ZONE_INKS.get(zone.kind, Ink.SLOW)
    corners = np.array(zone.polygon, np.float64).reshape(-1, 2)
    if len(corners) < 3:  # noqa: PLR2004 (no area)
        return
    outline = along(np.vstack([corners, corners[:1]]), camera.metres_per_dot)
    if ink is not Ink.FENCE:
        across, down = camera.dots(corners[:, 0], corners[:, 1])
        inside = _inside(across, down, raster.canvas.shape)
        rows, columns = np.indices(raster.canvas.shape, sparse=True)
        hatch = (rows + columns) % 4 == 0 if ink is Ink.KEEPOUT else (rows % 4 == 1) & (columns % 4 == 1)
        raster.add_mask(inside & hatch, ink)
        return
    raster.add_points(camera, outline[::_FENCE_DOTS, 0], outline[::_FENCE_DOTS, 1], ink)


def along(corners: NDArray[np.float64], step_m: float) -> NDArray[np.float64]:
    """Return places every ``step_m`` along a line through the corners, shape (N, 2)."""
    if len(corners) < 2:  # noqa: PLR2004 (a line has two ends)
        return corners
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    travelled = np.concatenate([[0.0], np.cumsum(lengths)])
    count = min(int(travelled[-1] / max(step_m, 1e-6)) + 2, 20_000)
    at = np.linspace(0.0, travelled[-1], count)
    return np.column_stack([np.interp(at, travelled, corners[:, axis]) for axis in (0, 1)])


def _inside(across: NDArray[np.intp], down: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the dots inside a polygon, by the even-odd rule."""
    rows, columns = np.indices(shape, sparse=True)
    inside = np.zeros(shape, np.bool_)
    x0, y0 = across.astype(np.float64), down.astype(np.float64)
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    for ax, ay, bx, by in zip(x0, y0, x1, y1, strict=True):
        if ay == by:
            continue
        crosses = (rows >= min(ay, by)) & (rows < max(ay, by))
        inside ^= crosses & (columns < ax + (rows - ay) * (bx - ax) / (by - ay))
    return inside
