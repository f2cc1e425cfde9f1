"""How well a beam that ends at a place fits the map: the likelihood field.

Source: Thrun, Burgard, Fox (2005), "Probabilistic Robotics", section 6.4. The likelihood of a hit falls off
with the distance to the nearest wall; far from every wall it stays at a floor, so one person in front of
the car costs no more than one bad beam.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points, Pose2
from patrolcar.kernels import FloatGrid, count_fits, distance_transform
from patrolcar.site import OCCUPIED, OccupancyGrid

_SIGMA_M = 0.08  # lidar noise, the raster of the map, and walls drawn a little off
_STRAY = 0.05  # share of beams that end anywhere
_TEMPER = 0.3  # neighbouring beams hit the same wall: 40 of them tell as much as 12
_FITS_M = 0.2


class MatchField:
    """The logarithm of the likelihood for a beam end in each cell, and the distance behind it."""

    def __init__(self, grid: OccupancyGrid) -> None:
        place = (grid.resolution_m, grid.origin_x_m, grid.origin_y_m)
        distance = distance_transform(_surface(grid.cells == OCCUPIED), grid.resolution_m)
        hit = np.exp(-0.5 * (distance / np.float32(_SIGMA_M)) ** 2)
        log_match = (_TEMPER * np.log((1.0 - _STRAY) * hit + _STRAY)).astype(np.float32)
        self.log_match = FloatGrid(log_match, *place)
        self.log_floor = _TEMPER * math.log(_STRAY)
        self._place = place
        self._fits: NDArray[np.bool_] = distance <= _FITS_M

    def share_that_fits(self, pose_map: Pose2, ends_base: Points) -> float:
        """Return which share of beam ends, seen from a pose, lies within 0.2 m of a wall; 1 of none."""
        if ends_base.shape[0] == 0:
            return 1.0
        return count_fits(self._fits, self._place, pose_map, ends_base) / len(ends_base)


@lru_cache(maxsize=2)
def match_field(grid: OccupancyGrid) -> MatchField:
    """Return the field of a map; all who look for themselves on it share it, for none of them changes it."""
    return MatchField(grid)


def _surface(walls: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the wall cells with a side that is no wall: beams end there, never deep in a thick wall."""
    framed = np.pad(walls, 1, constant_values=False)
    enclosed = framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2] & framed[1:-1, 2:]
    return walls & ~enclosed
