"""Where the car is along its path, and how far is left."""

from __future__ import annotations

import numpy as np

from patrolcar.geometry import Points
from patrolcar.kernels import nearest_row
from patrolcar.navigation.planner import Path

SAMPLE_STEP_M = 0.1
_BACK, _AHEAD = 5, 30  # samples looked at around the last place: half a metre back, three ahead


class PathProgress:
    """A path cut into even steps, and the sample nearest to the car.

    The nearest sample is looked for near the last one only, so a path that passes the same place twice
    (round a wall, there and back) is followed in its order.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples: Points = _evenly(path.points_m)
        steps = np.hypot(*np.diff(self.samples, axis=0).T)
        self.left_m: list[float] = [*np.cumsum(steps[::-1])[::-1].tolist(), 0.0]
        self.index = 0
        self.off_m = 0.0
        """Distance from the car to the path."""

    def update(self, x_m: float, y_m: float) -> None:
        """Find the sample nearest to the car."""
        low = max(self.index - _BACK, 0)
        self.index, self.off_m = nearest_row(self.samples, low, self.index + _AHEAD, (x_m, y_m))

    @property
    def remaining_m(self) -> float:
        """Way left: along the path from the nearest sample, and from the car to it."""
        return self.left_m[self.index] + self.off_m


def _evenly(points: Points) -> Points:
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate(((0.0,), np.cumsum(steps)))
    count = max(int(np.ceil(along[-1] / SAMPLE_STEP_M)), 1) + 1
    at = np.linspace(0.0, along[-1], count)
    return np.column_stack((np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])))
