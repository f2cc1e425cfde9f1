"""A cloud of poses with weights: moved, weighed and drawn again in C."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points, Pose2
from patrolcar.kernels.binding import calls
from patrolcar.kernels.grid import FloatGrid


class ParticleCloud:
    """``count`` poses (x, y, yaw) with weights that sum to 1. All chance comes in as drawn numbers."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.weights: NDArray[np.float64] = np.full(count, 1.0 / count)
        self._particles = np.zeros((count, 5))  # x, y, yaw, and the cosine and sine of it
        self._drawn = np.empty((count, 5))
        self.place(np.zeros((count, 3)))

    @property
    def poses(self) -> NDArray[np.float64]:
        """Where the particles are: x, y and yaw, shape (count, 3), a view; a yaw is to be read only."""
        return self._particles[:, :3]

    def place(self, poses: NDArray[np.float64]) -> None:
        """Put the particles at ``poses`` of shape (count, 3), all with the same weight."""
        self._particles[:, :3] = poses
        calls().particles_face(self._particles)
        self.weights[:] = 1.0 / self.count

    def move(self, delta: Pose2, normals: NDArray[np.float64], sigma: tuple[float, float, float]) -> None:
        """Add a motion, given in ``base_link``, with noise.

        Args:
            delta: The motion.
            normals: Draws of N(0, 1), shape (count, 3).
            sigma: Deviation forward (m), sideways (m) and of the yaw (rad).

        """
        calls().particles_move(self._particles, normals, delta.x_m, delta.y_m, delta.yaw_rad, *sigma)

    def weigh(self, ends_base: Points, log_match: FloatGrid, log_floor: float) -> float:
        """Multiply the weights by how well beam ends of shape (N, 2) fit; return the effective sample size.

        ``log_match`` is looked up under each end; ends outside of it count ``log_floor``.
        """
        effective: float = calls().particles_weigh(
            self._particles, self.weights, ends_base, log_match.at, log_floor
        )
        return effective

    def resample(self, offset: float) -> None:
        """Draw the particles anew by their weights, with the one number in [0, 1) that this needs."""
        calls().particles_resample(self._particles, self.weights, self._drawn, offset)
        self._particles, self._drawn = self._drawn, self._particles

    def mean(self) -> tuple[Pose2, float, float]:
        """Return the weighted mean pose, its spread in metres, and the spread of the yaw in radians."""
        x, y, yaw, spread, yaw_spread = calls().particles_mean(self._particles, self.weights)
        return Pose2(x, y, yaw), spread, yaw_spread


def count_fits(
    fits: NDArray[np.bool_], place: tuple[float, float, float], pose: Pose2, ends_base: Points
) -> int:
    """Return how many beam ends of shape (N, 2), seen from a pose, lie in a cell that fits.

    ``place`` is the side of a cell and the lower left corner of cell [0, 0]. Ends off the grid fit nothing.
    """
    count: int = calls().count_fits(fits, ends_base, *place, pose.x_m, pose.y_m, pose.yaw_rad)
    return count
