"""Pose in the odom frame from encoder counts and the gyro.

Distance comes from the wheels, heading from the gyro, whose bias is measured while the car stands;
without a gyro the wheels give the heading too. Arcs are integrated exactly. It runs for every WHEELS, so
the step itself is C (kernels/odometry.c and calls_move.c); the tests hold it equal to one in Python.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from firmware_protocol.messages import Imu, Wheels
from patrolcar.geometry import Pose2, Twist2, wrapped
from patrolcar.kernels import odometry_step
from patrolcar.timebase import elapsed_us

STRAIGHT_RAD: Final = 1e-9


class Odometry(NamedTuple):
    """Where the car is since it started, and how it moves."""

    pose_odom: Pose2 = Pose2()
    twist: Twist2 = Twist2()
    stamp_us: int | None = None
    distance_m: float = 0.0
    gyro_bias_radps: float = 0.0
    standing_us: int = 0
    ticks: tuple[int, ...] = ()

    def advanced(
        self, wheels: Wheels, imus: tuple[Imu, ...], track_m: float, metres_per_tick: float
    ) -> Odometry:
        """Return the odometry after one WHEELS message and the IMU messages since the one before.

        A turn rate taken 100 ms before the wheels' stamp or earlier is left out; counters that leap by
        more than half a metre were restarted and move nothing.
        """
        if self.stamp_us is None:
            return self._replace(stamp_us=wheels.stamp_us, ticks=wheels.ticks)
        return odometry_step(self, wheels, imus, track_m, metres_per_tick)

    def since_s(self, stamp_us: int) -> float:
        """Return the seconds from the newest WHEELS to a stamp, less than 35 minutes; 0 before the first."""
        return 0.0 if self.stamp_us is None else elapsed_us(stamp_us, self.stamp_us) * 1e-6


def along(start: Pose2, forward_m: float, turn_rad: float) -> Pose2:
    """Return the pose at the end of an arc that starts at a pose, along its x axis.

    The chord of an arc lies half of the turn off its beginning. Source: Lynch, Park (2017), "Modern
    Robotics", section 13.4.
    """
    half_rad = 0.5 * turn_rad
    chord_m = forward_m if abs(half_rad) < STRAIGHT_RAD else forward_m * math.sin(half_rad) / half_rad
    bearing_rad = start.yaw_rad + half_rad
    return Pose2(
        start.x_m + chord_m * math.cos(bearing_rad),
        start.y_m + chord_m * math.sin(bearing_rad),
        wrapped(start.yaw_rad + turn_rad),
    )
