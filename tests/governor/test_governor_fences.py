"""Before a geofence: on each arc of a grid, the speed that the circle, the brakes and the reaction allow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest

from patrolcar.geometry import ZERO_TWIST, Pose2, Twist2
from patrolcar.governor import Fences, Reason, Rules, Senses, limit
from patrolcar.site import Zone, ZoneKind
from patrolcar.vehicle import Limits, Vehicle

SAMPLE_M, STANDSTILL_MPS, EDGE_M = 0.05, 0.02, 10.0
SQUARE = np.array([(0.0, 0.0), (EDGE_M, 0.0), (EDGE_M, EDGE_M), (0.0, EDGE_M)])
FENCES = Fences.of([Zone("yard", ZoneKind.GEOFENCE, SQUARE, None)])
KEEP_M = Vehicle().footprint.inscribed_m


class Driver(NamedTuple):
    """A car and how fast it reacts."""

    top_mps: float
    brake_mps2: float
    reaction_s: float

    def vehicle(self) -> Vehicle:
        return Vehicle(limits=Limits(speed_mps=self.top_mps, brake_mps2=self.brake_mps2))

    def speed_from(self, room_m: float) -> float:
        """Return the speed whose reaction and braking need exactly this room: the root of v t + v^2 / 2a."""
        return float(max(np.roots([1.0 / (2.0 * self.brake_mps2), self.reaction_s, -room_m])))


DRIVERS = {
    "this car": Driver(0.6, 1.2, 0.15),
    "soft brakes": Driver(0.6, 0.3, 0.15),
    "fast": Driver(1.5, 1.2, 0.15),
    "hard brakes": Driver(1.5, 3.0, 0.05),
    "slow reaction": Driver(0.6, 1.2, 1.5),
    "half asleep": Driver(0.6, 1.2, 4.0),
}


def depths(x_m: float, yaw_rad: float, twist: Twist2) -> Iterator[float]:
    """Yield how far ``base_link`` is from the edge after each 5 cm of the way, on a circle or straight."""
    radius_m = twist.vx_mps / twist.wz_radps if twist.wz_radps else math.inf
    for step in range(400):
        way_m = SAMPLE_M * step
        if math.isinf(radius_m):
            yield EDGE_M - (x_m + way_m * math.cos(yaw_rad))
        else:
            turned = radius_m * (math.sin(yaw_rad + way_m / radius_m) - math.sin(yaw_rad))
            yield EDGE_M - (x_m + turned)


def expected_mps(driver: Driver, x_m: float, yaw_rad: float, twist: Twist2) -> float | None:
    """Return the speed that is allowed; None when a rounding error would decide."""
    speed_mps = twist.vx_mps
    reach_m = speed_mps * driver.reaction_s + speed_mps**2 / (2.0 * driver.brake_mps2) + SAMPLE_M
    here_m, *ahead_m = depths(x_m, yaw_rad, twist)
    for step, depth_m in enumerate(ahead_m[: math.ceil(reach_m / SAMPLE_M) + 1]):
        if min(abs(depth_m - KEEP_M), abs(depth_m - here_m)) < 1e-9:
            return None
        if depth_m < KEEP_M and depth_m < here_m:
            fastest_mps = driver.speed_from(SAMPLE_M * step) if step else 0.0
            return 0.0 if fastest_mps < STANDSTILL_MPS else min(fastest_mps, speed_mps)
    return speed_mps


@pytest.mark.parametrize("name", DRIVERS)
@pytest.mark.parametrize("turn_radps", [0.0, 0.3, -0.9, 1.7, -1.7])
def test_the_speed_before_a_fence_is_the_one_from_which_the_car_stops_inside(
    name: str, turn_radps: float
) -> None:
    driver = DRIVERS[name]
    judged = 0
    speeds_mps = (0.25 * driver.top_mps, 0.6 * driver.top_mps, driver.top_mps)
    for left_m, yaw_rad, vx_mps in product(
        (0.01, 0.08, 0.22, 0.41, 0.9), np.arange(-3.0, 3.1, 0.5), speeds_mps
    ):
        twist, x_m = Twist2(vx_mps, 0.0, turn_radps), EDGE_M - KEEP_M - left_m
        wanted_mps = expected_mps(driver, x_m, yaw_rad, twist)
        if wanted_mps is not None:
            senses = Senses(0.0, scan_age_s=0.0, pose_map=Pose2(x_m, 5.0, yaw_rad))
            verdict = limit(
                twist, ZERO_TWIST, senses, FENCES, driver.vehicle(), Rules(reaction_s=driver.reaction_s)
            )
            assert verdict.twist.vx_mps == pytest.approx(wanted_mps, abs=1e-9), (left_m, yaw_rad, vx_mps)
            assert verdict.twist.wz_radps == pytest.approx(turn_radps * wanted_mps / vx_mps, abs=1e-9)
            assert verdict.reasons == (() if verdict.twist == twist else (Reason.GEOFENCE,))
            judged += 1
    assert judged > 150
