"""What odometry and the scan promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.messages import Imu, Scan, Wheels
from patrolcar.geometry import Pose2, Twist2, wrapped
from patrolcar.kernels import seen_hits
from patrolcar.odometry import Odometry, along
from patrolcar.state import Sweep
from patrolcar.timebase import Timebase, elapsed_us
from patrolcar.vehicle import Lidar

TRACK_M, METRES_PER_TICK = 0.2, 1e-4
PERIOD_US = 20_000


def driven(left: list[int], right: list[int], gyro_radps: float | None = None, start_us: int = 0) -> Odometry:
    odometry = Odometry()
    ticks = [0, 0]
    for index in range(len(left) + 1):
        if index:
            ticks = [ticks[0] + left[index - 1], ticks[1] + right[index - 1]]
        stamp = (start_us + index * PERIOD_US) % 2**32
        wire = tuple((tick + 2**31) % 2**32 - 2**31 for tick in (*ticks, 0, 0))
        wheels = Wheels(stamp, wire, (0.0,) * 4, (0.0,) * 4)
        imus = () if gyro_radps is None else (Imu(stamp, (0.0, 0.0, 9.81), (0.0, 0.0, gyro_radps)),)
        odometry = odometry.advanced(wheels, imus, TRACK_M, METRES_PER_TICK)
    return odometry


def test_equal_wheels_drive_straight() -> None:
    odometry = driven([100] * 50, [100] * 50)
    assert odometry.pose_odom.x_m == pytest.approx(0.5)
    assert odometry.pose_odom.y_m == 0.0
    assert odometry.twist.vx_mps == pytest.approx(0.5)
    assert odometry.twist.wz_radps == 0.0
    assert odometry.distance_m == pytest.approx(0.5)


def test_opposite_wheels_turn_on_the_spot_counter_clockwise() -> None:
    odometry = driven([-50] * 40, [50] * 40)
    assert odometry.pose_odom.x_m == pytest.approx(0.0, abs=1e-12)
    assert odometry.pose_odom.yaw_rad == pytest.approx(40 * 0.01 / TRACK_M)


def test_a_full_circle_comes_back_to_its_start() -> None:
    inner, outer = 1.0 - TRACK_M / 2, 1.0 + TRACK_M / 2
    steps, circumference = 3600, 2 * math.pi
    left = np.diff(np.round(np.linspace(0, circumference * inner / METRES_PER_TICK, steps + 1))).astype(int)
    right = np.diff(np.round(np.linspace(0, circumference * outer / METRES_PER_TICK, steps + 1))).astype(int)
    pose = driven(left.tolist(), right.tolist()).pose_odom
    assert math.hypot(pose.x_m, pose.y_m) < 1e-3


def test_the_gyro_gives_the_heading_and_its_bias_is_learned_while_standing() -> None:
    standing = driven([0] * 500, [0] * 500, gyro_radps=0.02)
    assert standing.pose_odom.yaw_rad == pytest.approx(0.0, abs=0.009)
    assert standing.gyro_bias_radps == pytest.approx(0.02, abs=1e-3)


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31) + 1, 2**31 - 1))
def test_stamps_wrap_without_a_step(start_us: int, step_us: int) -> None:
    assert elapsed_us((start_us + step_us) % 2**32, start_us) == step_us


def test_counters_and_stamps_may_wrap_in_motion() -> None:
    plain = driven([100] * 100, [120] * 100)
    wrapping = driven([100] * 100, [120] * 100, start_us=2**32 - 30 * PERIOD_US)
    assert wrapping.pose_odom == plain.pose_odom


def test_restarted_counters_do_not_move_the_car() -> None:
    odometry = driven([100] * 10, [100] * 10)
    jumped = odometry.advanced(
        Wheels(11 * PERIOD_US, (10**8, 10**8, 0, 0), (0.0,) * 4, (0.0,) * 4), (), TRACK_M, METRES_PER_TICK
    )
    assert jumped.pose_odom == odometry.pose_odom


@given(st.floats(-2, 2), st.floats(-3, 3))
def test_two_half_arcs_are_one_arc(forward_m: float, turn_rad: float) -> None:
    start = Pose2(1.0, 2.0, 3.0)
    half = along(start, forward_m / 2, turn_rad / 2)
    whole, pieces = along(start, forward_m, turn_rad), along(half, forward_m / 2, turn_rad / 2)
    assert pieces.distance_m(whole) < 1e-8
    assert abs(wrapped(pieces.yaw_rad - whole.yaw_rad)) < 1e-9


@given(st.floats(-2, 2), st.floats(-3, 3))
def test_an_arc_ends_where_its_circle_says(forward_m: float, turn_rad: float) -> None:
    if abs(turn_rad) < 1e-3:
        turn_rad = math.copysign(1e-3, turn_rad)
    radius_m = forward_m / turn_rad
    there = Pose2(radius_m * math.sin(turn_rad), radius_m * (1.0 - math.cos(turn_rad)), wrapped(turn_rad))
    start = Pose2(-1.0, 0.5, 2.0)
    end, expected = along(start, forward_m, turn_rad), start @ there
    assert end.distance_m(expected) < 1e-9
    assert math.cos(end.yaw_rad - expected.yaw_rad) > 1 - 1e-12


poses = st.builds(Pose2, st.floats(-50, 50), st.floats(-50, 50), st.floats(-3.1, 3.1))


@given(poses, poses)
def test_a_pose_seen_from_another_and_carried_back_is_itself(pose: Pose2, frame: Pose2) -> None:
    back = frame @ pose.seen_from(frame)
    assert back.distance_m(pose) < 1e-9
    assert math.cos(back.yaw_rad - pose.yaw_rad) > 1 - 1e-12
    points = np.array([[1.0, 2.0], [-3.0, 0.5]])
    assert np.allclose(frame.inverse().carry(frame.carry(points)), points, atol=1e-9)


@given(st.lists(st.integers(0, 30_000), min_size=2, max_size=60))
def test_waiting_in_a_buffer_never_makes_a_stamp_later_than_it_was(delays_us: list[int]) -> None:
    """The car's clock runs exactly as ours; each message waits a while; the estimate follows the fastest."""
    base = Timebase.first(0, delays_us[0] * 1000)
    for index, delay_us in enumerate(delays_us[1:], 1):
        base = base.updated(index * PERIOD_US, (index * PERIOD_US + delay_us) * 1000)
    newest = len(delays_us) - 1
    error_ns = base.host_ns(newest * PERIOD_US) - newest * PERIOD_US * 1000
    forgotten_ns = (newest * PERIOD_US + max(delays_us)) * 1000 // 10_000 + newest
    assert 0 <= error_ns <= min(delays_us) * 1000 + forgotten_ns


def wall_scan(beams: int, odometry: Odometry, lidar: Lidar, beam_us: int) -> Sweep:
    """Simulate a turn before a wall at x = 3 in odom, taken while the car drives its arc."""
    sweep = Sweep.empty(0)
    for first in range(0, beams, 90):
        ranges = np.full(90, np.inf, np.float32)
        for index in range(90):
            pose = pose_at(odometry, index_us(odometry, first + index, beam_us)) @ lidar.mount
            bearing = pose.yaw_rad + 2 * math.pi * (first + index) / beams
            if math.cos(bearing) > 0.3:
                ranges[index] = (3.0 - pose.x_m) / math.cos(bearing)
        stamp = index_us(odometry, first, beam_us)
        sweep = sweep.with_piece(Scan(stamp, 1, first, beams, beam_us, ranges), odometry, lidar)
    return sweep


def pose_at(odometry: Odometry, stamp_us: int) -> Pose2:
    dt_s = odometry.since_s(stamp_us)
    return along(odometry.pose_odom, odometry.twist.vx_mps * dt_s, odometry.twist.wz_radps * dt_s)


def index_us(odometry: Odometry, beam: int, beam_us: int) -> int:
    return ((odometry.stamp_us or 0) + beam * beam_us) % 2**32


@given(st.floats(-1, 1), st.floats(-3, 3))
def test_a_scan_taken_on_the_move_is_not_sheared(speed_mps: float, turn_radps: float) -> None:
    odometry = Odometry(
        pose_odom=Pose2(0.1, 0.2, 0.3), twist=Twist2(speed_mps, 0.0, turn_radps), stamp_us=2**32 - 9
    )
    sweep = wall_scan(360, odometry, Lidar(), 278)
    assert sweep.turns_whole == 1
    assert len(seen_hits(sweep.points_odom, Pose2())) > 50
    assert np.allclose(seen_hits(sweep.points_odom, Pose2())[:, 0], 3.0, atol=3e-3)


def test_beams_that_saw_nothing_are_no_points() -> None:
    ranges = np.array([np.inf, -np.inf, np.nan, 0.0, 100.0] * 18, np.float32)
    sweep = Sweep.empty(0).with_piece(Scan(0, 0, 0, 360, 278, ranges), Odometry(stamp_us=0), Lidar())
    assert len(seen_hits(sweep.points_odom, Pose2())) == 0
