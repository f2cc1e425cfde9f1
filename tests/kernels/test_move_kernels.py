"""The compiled odometry and the places of beams are those of a few lines of Python; nothing crashes them."""

from __future__ import annotations

import contextlib
import gc
import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import Imu, Scan, Wheels
from patrolcar.errors import CommandError
from patrolcar.geometry import Pose2, Twist2
from patrolcar.kernels import composed, odometry_step, place_piece
from patrolcar.odometry import Odometry, along
from patrolcar.timebase import elapsed_us

TRACK_M, METRES_PER_TICK = 0.2, 1e-4
NO_SPEEDS = (0.0,) * 4


def stepped(before: Odometry, wheels: Wheels, imus: Sequence[Imu]) -> Odometry:
    """Return the odometry as its definition says: the gyro's rate, a bias learned while the car stands."""
    assert before.stamp_us is not None
    dt_us = elapsed_us(wheels.stamp_us, before.stamp_us)
    if dt_us <= 0:
        return before
    left_m, right_m = (
        ((wheels.ticks[side] - before.ticks[side] + 2**31) % 2**32 - 2**31) * METRES_PER_TICK
        for side in (0, 1)
    )
    forward_m = (left_m + right_m) / 2.0
    if abs(forward_m) > 0.5:
        return before._replace(stamp_us=wheels.stamp_us, ticks=wheels.ticks)
    standing_us = before.standing_us + dt_us if wheels.ticks == before.ticks else 0
    bias, turn_rad = before.gyro_bias_radps, (right_m - left_m) / TRACK_M
    rates = [imu.gyro_radps[2] for imu in imus if elapsed_us(wheels.stamp_us, imu.stamp_us) < 100_000]
    if rates:
        total = 0.0
        for rate in rates:
            total += rate  # sum() rounds otherwise since Python 3.12
        mean = total / len(rates)
        turn_rad = (mean - bias) * dt_us * 1e-6
        if standing_us >= 400_000:
            bias, turn_rad = max(-0.1, min(0.1, bias + 0.02 * (mean - bias))), 0.0
    return Odometry(
        along(before.pose_odom, forward_m, turn_rad),
        Twist2(forward_m / (dt_us * 1e-6), 0.0, turn_rad / (dt_us * 1e-6)),
        wheels.stamp_us,
        before.distance_m + abs(forward_m),
        bias,
        standing_us,
        wheels.ticks,
    )


def exact(odometry: Odometry) -> str:
    """Return a text that differs when a value differs in one bit or in its type."""
    kinds = [type(each) for each in (odometry, *odometry)]
    return f"{kinds} {odometry!r}"


def imu(stamp_us: int, rate_radps: float) -> Imu:
    return Imu(stamp_us % 2**32, (0.0, 0.0, 9.81), (0.0, 0.0, rate_radps))


stamps = st.integers(0, 2**32 - 1)
moves = st.one_of(st.just(0), st.integers(-3000, 3000), st.sampled_from([5000, 5001, -5001, 2**31, 10**8]))
waits = st.sampled_from([20_000, 20_000, 99_999, 400_000, 0, -5, 2**31 - 1])
rates = st.lists(st.tuples(st.sampled_from([0, 5_000, 99_999, 100_000, -300]), st.floats(-9, 9)), max_size=3)


@given(stamps, st.lists(st.tuples(moves, moves, moves, waits, rates), min_size=1, max_size=12))
@settings(max_examples=300)
def test_every_step_of_the_odometry_is_the_one_of_the_definition(
    start_us: int, steps: list[tuple[int, int, int, int, list[tuple[int, float]]]]
) -> None:
    odometry = Odometry(stamp_us=start_us, ticks=(0, 2**31 - 5, 7, 7))
    ticks, stamp_us = list(odometry.ticks), start_us
    for left, right, third, wait_us, felt in steps:
        stamp_us = (stamp_us + wait_us) % 2**32
        moved = zip(ticks, (left, right, third, 0), strict=True)
        ticks = [(tick + move + 2**31) % 2**32 - 2**31 for tick, move in moved]
        wheels = Wheels(stamp_us, tuple(ticks), NO_SPEEDS, NO_SPEEDS)
        imus = tuple(imu(stamp_us - age_us, rate) for age_us, rate in felt)
        after = odometry_step(odometry, wheels, imus, TRACK_M, METRES_PER_TICK)
        assert exact(after) == exact(stepped(odometry, wheels, imus))
        odometry = after


def test_a_car_that_stands_learns_the_bias_from_the_exact_moment_on() -> None:
    still = (0, 0, 0, 0)
    for standing_us, learned in ((379_999, 0.0), (380_000, 0.02 * 0.05)):
        before = Odometry(stamp_us=0, standing_us=standing_us, ticks=still)
        wheels = Wheels(20_000, still, NO_SPEEDS, NO_SPEEDS)
        after = odometry_step(before, wheels, (imu(20_000, 0.05),), TRACK_M, METRES_PER_TICK)
        assert after.gyro_bias_radps == learned
        assert (after.pose_odom.yaw_rad == 0.0) is (learned > 0.0)


@pytest.mark.parametrize(
    ("odometry", "wheels", "imus"),
    [
        (Odometry(), Wheels(0, (0, 0, 0, 0), NO_SPEEDS, NO_SPEEDS), ()),  # no stamp, no ticks
        (Odometry(stamp_us=0, ticks=(0,)), Wheels(9, (0, 0, 0, 0), NO_SPEEDS, NO_SPEEDS), ()),
        (Odometry(stamp_us=0, ticks=(0, 0)), Wheels(9, (0,), NO_SPEEDS, NO_SPEEDS), ()),
        (Odometry(stamp_us=0, ticks=(0, 0)), Wheels(9, ("a", "b"), NO_SPEEDS, NO_SPEEDS), ()),  # type: ignore[arg-type]
        (Odometry(stamp_us=0, ticks=(0, 0)), (), ()),
        ((), Wheels(9, (0, 0), NO_SPEEDS, NO_SPEEDS), ()),
        ("no odometry", Wheels(9, (0, 0), NO_SPEEDS, NO_SPEEDS), ()),
        (Odometry(stamp_us=0, ticks=(0, 0)), Wheels(9, (0, 0), NO_SPEEDS, NO_SPEEDS), None),
        (Odometry(stamp_us=0, ticks=(0, 0)), Wheels(9, (0, 0), NO_SPEEDS, NO_SPEEDS), ((),)),
        (Odometry(stamp_us=0, ticks=(0, 0)), Wheels(9, (0, 0), NO_SPEEDS, NO_SPEEDS), (5,)),
    ],
)
def test_what_is_no_odometry_is_an_error_and_no_crash(odometry: Any, wheels: Any, imus: Any) -> None:
    with pytest.raises((TypeError, IndexError, SystemError)):
        odometry_step(odometry, wheels, imus, TRACK_M, METRES_PER_TICK)


def test_nothing_is_kept_of_what_was_stepped_and_placed() -> None:
    wheels = Wheels(20_000, (5, 5, 0, 0), NO_SPEEDS, NO_SPEEDS)
    leap, late = wheels._replace(ticks=(10**7, 10**7, 0, 0)), wheels._replace(stamp_us=2**32 - 1)
    before, imus = Odometry(stamp_us=0, ticks=(0, 0, 0, 0)), (imu(20_000, 0.5),)
    scan, places = Scan(0, 0, 0, 360, 278, np.zeros(90, np.float32)), np.empty((360, 2))
    shared: tuple[Any, ...] = (Odometry, Pose2, Twist2, before, wheels, wheels.ticks, scan, places)

    def work() -> None:
        for each in (wheels, leap, late):
            odometry_step(before, each, imus, TRACK_M, METRES_PER_TICK)
        place_piece(scan, before, Pose2(), 0.05, 8.0, places)
        with contextlib.suppress(TypeError, SystemError):
            odometry_step(before, wheels, (None,), TRACK_M, METRES_PER_TICK)

    work()
    counts, blocks = [*map(sys.getrefcount, shared)], sys.getallocatedblocks()
    for _ in range(10_000):
        work()
    gc.collect()
    assert max(abs(sys.getrefcount(each) - count) for each, count in zip(shared, counts, strict=True)) < 5000
    assert sys.getallocatedblocks() - blocks < 5000


anything = st.floats(allow_nan=False, allow_infinity=False, width=32)
any_poses = st.builds(Pose2, anything, anything, anything)


@given(any_poses, any_poses)
def test_poses_are_composed_as_the_operator_does(outer: Pose2, inner: Pose2) -> None:
    pose = composed(outer, inner)
    assert type(pose) is Pose2
    assert repr(pose) == repr(outer @ inner)


@pytest.mark.parametrize("wrong", [(), (1.0, 2.0), None, "xyz", (1.0, 2.0, "3"), 5])
def test_what_is_no_pose_is_an_error_and_no_crash(wrong: Any) -> None:
    for pair in ((wrong, Pose2()), (Pose2(), wrong)):
        with pytest.raises((TypeError, IndexError, SystemError)):
            composed(*pair)


poses = st.builds(Pose2, st.floats(-50, 50), st.floats(-50, 50), st.floats(-3.1, 3.1))


@given(
    *(st.integers(0, 2**32 - 1), poses, st.floats(-1, 1), st.floats(-3, 3), st.integers(-100_000, 100_000)),
    *(st.sampled_from([90, 300, 360, 450]), st.integers(0, 500), st.integers(0, 90)),
)
@settings(max_examples=200)
def test_beams_lie_where_numpy_places_them(
    stamp_us: int,
    pose: Pose2,
    v_mps: float,
    w_radps: float,
    since_us: int,
    beams: int,
    first: int,
    count: int,
) -> None:
    ranges_m = np.random.default_rng(count).uniform(0.0, 9.0, count).astype(np.float32)
    mount, limits_m, beam_us = Pose2(0.05, 0.02, 0.3), (0.05, 8.0), 278
    odometry = Odometry(pose, Twist2(v_mps, 0.0, w_radps), stamp_us)
    places = np.full((beams, 2), 7.0)
    scan = Scan((stamp_us + since_us) % 2**32, 1, first, beams, beam_us, ranges_m)
    of_turn = place_piece(scan, odometry, mount, *limits_m, places)
    assert of_turn == max(min(count, beams - first), 0)
    number, ranges_m = np.arange(of_turn), ranges_m[:of_turn]
    t_s = since_us * 1e-6 + beam_us * 1e-6 * number
    yaw, middle, way_m = pose.yaw_rad + w_radps * t_s, pose.yaw_rad + 0.5 * w_radps * t_s, v_mps * t_s
    beam = yaw + mount.yaw_rad + math.tau / beams * (first + number)
    x = pose.x_m + way_m * np.cos(middle) + mount.x_m * np.cos(yaw) - mount.y_m * np.sin(yaw)
    y = pose.y_m + way_m * np.sin(middle) + mount.x_m * np.sin(yaw) + mount.y_m * np.cos(yaw)
    expected = np.full((beams, 2), 7.0)
    expected[first : first + of_turn, 0] = x + ranges_m * np.cos(beam)
    expected[first : first + of_turn, 1] = y + ranges_m * np.sin(beam)
    unseen = np.flatnonzero((ranges_m < limits_m[0]) | (ranges_m > limits_m[1]))
    expected[first + unseen] = np.nan
    assert np.allclose(places, expected, rtol=0.0, atol=1e-12, equal_nan=True)


def test_without_a_stamp_the_first_beam_is_taken_at_the_pose() -> None:
    ranges_m, moving = np.ones(90, np.float32), Twist2(0.5, 0.0, 1.0)
    rows = []
    for stamp_us in (None, 1000):
        places = np.empty((90, 2))
        odometry = Odometry(Pose2(1.0, 2.0, 3.0), moving, stamp_us)
        place_piece(Scan(1000, 0, 0, 90, 278, ranges_m), odometry, Pose2(), 0.05, 8.0, places)
        rows.append(places.tolist())
    assert rows[0] == rows[1]


@pytest.mark.parametrize("beams", [0, 1, 359, 65_535])
def test_no_beam_is_written_past_the_places_there_are(beams: int) -> None:
    guarded = np.full((20, 2), 7.0)
    scan = Scan(0, 0, 5, beams, 278, np.ones(90, np.float32))
    count = place_piece(scan, Odometry(stamp_us=0), Pose2(), 0.05, 8.0, guarded[:10])
    assert count == max(min(beams, 10) - 5, 0)
    assert (guarded[10:] == 7.0).all()


@pytest.mark.parametrize("ranges_m", [np.ones(90), [1.0] * 90, None, np.ones(180, np.float32)[::2]])
def test_ranges_of_another_kind_are_refused(ranges_m: Any) -> None:
    with pytest.raises(CommandError, match="float32"):
        place_piece(
            Scan(0, 0, 0, 360, 278, ranges_m), Odometry(stamp_us=0), Pose2(), 0.05, 8.0, np.empty((360, 2))
        )
