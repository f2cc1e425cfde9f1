"""Kinematics as textbooks have them, written down for the tests alone: no table, no shared code with the C.

Siegwart, Nourbakhsh, Scaramuzza: Introduction to Autonomous Mobile Robots (2011), chapter 3, for two driven
wheels and for the bicycle. For mecanum wheels with rollers at 45 degrees: each contact point moves with the
body, and a rim can only push along its rollers' axis. Wheels: front left, front right, rear left, rear right;
cars with two driven wheels have left and right. Speeds are those of the rims, in metres per second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from firmware_protocol.messages import Chassis


class Body(NamedTuple):
    """How the car moves in base_link: metres and radians per second."""

    vx_mps: float
    vy_mps: float
    wz_radps: float


def wheels_used(chassis: int) -> int:
    """Return how many wheels a chassis drives."""
    return 4 if chassis in {Chassis.SKID, Chassis.MECANUM} else 2


def body_of(chassis: int, rims_mps: Sequence[float], track_m: float, wheelbase_m: float) -> Body:
    """Return how the car moves when its wheels turn like this and none slips."""
    if chassis == Chassis.MECANUM:
        front_left, front_right, rear_left, rear_right = rims_mps
        reach_m = track_m / 2 + wheelbase_m / 2
        return Body(
            (front_left + front_right + rear_left + rear_right) / 4,
            (-front_left + front_right + rear_left - rear_right) / 4,
            (-front_left + front_right - rear_left + rear_right) / (4 * reach_m),
        )
    left_mps, right_mps = rims_mps[0], rims_mps[1]
    if chassis == Chassis.SKID:
        left_mps, right_mps = (rims_mps[0] + rims_mps[2]) / 2, (rims_mps[1] + rims_mps[3]) / 2
    return Body((left_mps + right_mps) / 2, 0.0, (right_mps - left_mps) / track_m)


def rims_of(chassis: int, body: Body, track_m: float, wheelbase_m: float) -> list[float]:
    """Return how fast the rims of the driven wheels turn when the car moves like this."""
    if chassis == Chassis.MECANUM:
        corners = ((1, 1), (1, -1), (-1, 1), (-1, -1))  # front or rear, left or right
        return [
            (body.vx_mps - side * body.wz_radps * track_m / 2)
            - front * side * (body.vy_mps + front * body.wz_radps * wheelbase_m / 2)
            for front, side in corners
        ]
    left_mps = body.vx_mps - body.wz_radps * track_m / 2
    right_mps = body.vx_mps + body.wz_radps * track_m / 2
    return [left_mps, right_mps] * (wheels_used(chassis) // 2)


def steering_rad(vx_mps: float, wz_radps: float, wheelbase_m: float, most_rad: float) -> float:
    """Return the angle of the front wheels of a bicycle that drives this curve, as far as it can."""
    wanted_rad = math.atan(wheelbase_m * wz_radps / vx_mps)
    return max(-most_rad, min(most_rad, wanted_rad))
