"""Pose in the odom frame from encoder counts and the gyro.

Distance comes from the wheels, heading from the gyro, whose bias is measured while the car stands;
without a gyro the wheels give the heading too. Arcs are integrated exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from firmware_protocol.messages import Imu, Wheels
from patrolcar.geometry import Pose2, Twist2, wrapped
from patrolcar.timebase import elapsed_us

STANDING_AFTER_US: Final = 400_000
BIAS_GAIN: Final = 0.02  # share of the newest standing sample
LARGEST_BIAS_RADPS: Final = 0.1
STRAIGHT_RAD: Final = 1e-9
LARGEST_STEP_M: Final = 0.5  # between two WHEELS messages; more is a restart of the counters


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
        self, wheels: Wheels, imus: Sequence[Imu], track_m: float, metres_per_tick: float
    ) -> Odometry:
        """Return the odometry after one WHEELS message and the IMU messages since the one before."""
        if self.stamp_us is None:
            return self._replace(stamp_us=wheels.stamp_us, ticks=wheels.ticks)
        dt_us = elapsed_us(wheels.stamp_us, self.stamp_us)
        if dt_us <= 0:
            return self
        ticks, before = wheels.ticks, self.ticks
        left_m = _tick_difference(ticks[0], before[0]) * metres_per_tick
        right_m = _tick_difference(ticks[1], before[1]) * metres_per_tick
        forward_m = (left_m + right_m) / 2.0
        if abs(forward_m) > LARGEST_STEP_M:
            return self._replace(stamp_us=wheels.stamp_us, ticks=ticks)
        standing_us = self.standing_us + dt_us if ticks == before else 0
        bias, turn_rad = self._turned(imus, (right_m - left_m) / track_m, dt_us, standing_us)
        dt_s = dt_us * 1e-6
        return Odometry(
            along(self.pose_odom, forward_m, turn_rad),
            Twist2(forward_m / dt_s, 0.0, turn_rad / dt_s),
            wheels.stamp_us,
            self.distance_m + abs(forward_m),
            bias,
            standing_us,
            ticks,
        )

    def _turned(
        self, imus: Sequence[Imu], wheel_turn_rad: float, dt_us: int, standing_us: int
    ) -> tuple[float, float]:
        """Return the gyro bias and the angle turned."""
        if not imus:
            return self.gyro_bias_radps, wheel_turn_rad
        rate_radps = sum([imu.gyro_radps[2] for imu in imus]) / len(imus)
        if standing_us >= STANDING_AFTER_US:
            bias = self.gyro_bias_radps + BIAS_GAIN * (rate_radps - self.gyro_bias_radps)
            return max(-LARGEST_BIAS_RADPS, min(LARGEST_BIAS_RADPS, bias)), 0.0
        return self.gyro_bias_radps, (rate_radps - self.gyro_bias_radps) * dt_us * 1e-6

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


def _tick_difference(new: int, old: int) -> int:
    """Return the signed difference of two 32-bit counters."""
    return (new - old + 2**31) % 2**32 - 2**31
