"""Find what the lidar sees that is not on the map: people, mostly."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points
from patrolcar.navigation.costmap import StaticLayer

OFF_THE_WALL_M: Final = 0.20
LARGEST_GAP_M: Final = 0.30
FEWEST_POINTS: Final = 2
LARGEST_RADIUS_M: Final = 0.60
SMALLEST_RADIUS_M: Final = 0.15


def strangers(hits_map: Points, layer: StaticLayer) -> list[tuple[float, float, float]]:
    """Return x, y and radius of each group of echoes that stands clear of everything on the map.

    Args:
        hits_map: Echoes of one turn in the order of their bearing, shape (N, 2), map frame.
        layer: The map and the distance to its walls.

    """
    if len(hits_map) == 0:
        return []
    off = hits_map[_clearances(hits_map, layer) > OFF_THE_WALL_M]
    if len(off) < FEWEST_POINTS:
        return []
    gaps = np.hypot(*np.diff(off, axis=0).T) > LARGEST_GAP_M
    groups = np.split(off, np.nonzero(gaps)[0] + 1)
    return [_disc(group) for group in groups if len(group) >= FEWEST_POINTS]


def _clearances(points: Points, layer: StaticLayer) -> NDArray[np.float32]:
    """Return the distance from each point to the nearest thing on the map; 0 off the map."""
    grid, clearance = layer.grid, layer.clearance.cells
    columns = np.floor((points[:, 0] - grid.origin_x_m) / grid.resolution_m).astype(np.intp)
    rows = np.floor((points[:, 1] - grid.origin_y_m) / grid.resolution_m).astype(np.intp)
    inside = (rows >= 0) & (rows < grid.rows) & (columns >= 0) & (columns < grid.columns)
    found = np.zeros(len(points), np.float32)
    found[inside] = clearance[rows[inside], columns[inside]]
    return found


def _disc(points: Points) -> tuple[float, float, float]:
    """Return a disc around a group; a person shows only the near side, so it is at least a leg wide."""
    centre = points.mean(axis=0)
    reach = float(np.hypot(*(points - centre).T).max())
    return float(centre[0]), float(centre[1]), min(max(reach, SMALLEST_RADIUS_M), LARGEST_RADIUS_M)
