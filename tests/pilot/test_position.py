"""Between corrections the pose on the map follows odometry, from wherever a person said the car is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolcar.geometry import Pose2, wrapped
from patrolcar.odometry import Odometry
from patrolcar.pilot.position import Position
from patrolcar.site.site_file import load_site
from patrolcar.sites import DEMO_SITE, demo_folder
from patrolcar.state import CarState, Sweep
from patrolcar.vehicle import Vehicle

SITE = load_site(demo_folder() / DEMO_SITE)
poses = st.builds(Pose2, st.floats(-5, 5), st.floats(-5, 5), st.floats(-3.1, 3.1))


def car_at(odom: Pose2, turns_whole: int) -> CarState:
    """Return a car whose lidar has turned so often, and has seen nothing."""
    return CarState(odometry=Odometry(odom, stamp_us=0), sweep=Sweep(np.empty((0, 2)), 0, 0, turns_whole))


def are_the_same(one: Pose2, other: Pose2) -> bool:
    turned_rad = wrapped(one.yaw_rad - other.yaw_rad)
    return one.distance_m(other) == pytest.approx(0.0, abs=1e-9) and math.isclose(
        turned_rad, 0.0, abs_tol=1e-9
    )


@pytest.mark.parametrize("vehicle", [Vehicle(), Vehicle(lidar=None)], ids=["lidar", "sonars"])
@settings(max_examples=25, deadline=None)
@given(before=st.lists(poses, max_size=3), told=poses, after=st.lists(poses, min_size=1, max_size=3))
def test_the_pose_a_person_sets_is_the_pose_and_odometry_goes_on_from_there(
    vehicle: Vehicle, before: list[Pose2], told: Pose2, after: list[Pose2]
) -> None:
    position = Position(SITE, vehicle, 1)
    for turns_whole, odom in enumerate(before):
        position.update(car_at(odom, turns_whole))
    position.relocate(told)
    assert position.pose_map == told
    start = before[-1] if before else Pose2()
    for more, odom in enumerate(after):
        position.update(car_at(odom, len(before) + more // 2))
        assert position.pose_map is not None
        assert are_the_same(position.pose_map, told @ odom.seen_from(start))
