"""Poses, twists and angles in the plane (REP-103: x forward, y left, yaw counter-clockwise)."""

from __future__ import annotations

from math import cos, hypot, pi, sin
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
"""Places in the plane, shape (N, 2), metres."""

TURN_RAD = 2.0 * pi


def wrapped(angle_rad: float) -> float:
    """Return the same direction in [-pi, pi)."""
    return (angle_rad + pi) % TURN_RAD - pi


class Pose2(NamedTuple):
    """A place and a heading."""

    x_m: float = 0.0
    y_m: float = 0.0
    yaw_rad: float = 0.0

    def __matmul__(self, inner: Pose2) -> Pose2:
        """Return ``inner``, given in this pose's frame, in the frame this pose is given in."""
        x_m, y_m, yaw_rad = self
        inner_x_m, inner_y_m, inner_yaw_rad = inner
        c, s = cos(yaw_rad), sin(yaw_rad)
        return Pose2(
            x_m + c * inner_x_m - s * inner_y_m,
            y_m + s * inner_x_m + c * inner_y_m,
            (yaw_rad + inner_yaw_rad + pi) % TURN_RAD - pi,  # wrapped, without another call
        )

    def inverse(self) -> Pose2:
        """Return the pose ``p`` for which ``self @ p`` is the origin."""
        x_m, y_m, yaw_rad = self
        c, s = cos(yaw_rad), sin(yaw_rad)
        return Pose2(-c * x_m - s * y_m, s * x_m - c * y_m, wrapped(-yaw_rad))

    def seen_from(self, frame: Pose2) -> Pose2:
        """Return this pose in ``frame``; both are given in the same frame."""
        return frame.inverse() @ self

    def carry(self, points: Points) -> Points:
        """Return points of shape (N, 2), given in this pose's frame, in the outer frame."""
        c, s = cos(self.yaw_rad), sin(self.yaw_rad)
        x, y = points[:, 0], points[:, 1]
        carried = np.empty(points.shape)
        carried[:, 0] = c * x - s * y + self.x_m
        carried[:, 1] = s * x + c * y + self.y_m
        return carried

    def distance_m(self, other: Pose2) -> float:
        """Return the straight distance between the two places."""
        return hypot(other.x_m - self.x_m, other.y_m - self.y_m)


class Twist2(NamedTuple):
    """A velocity in ``base_link``: forward, left, and the turn rate."""

    vx_mps: float = 0.0
    vy_mps: float = 0.0
    wz_radps: float = 0.0

    @property
    def is_zero(self) -> bool:
        """Whether nothing moves."""
        return self.vx_mps == 0.0 and self.vy_mps == 0.0 and self.wz_radps == 0.0


ZERO_TWIST = Twist2()
