"""A sensor that repeats itself from another place is not believed, and one that cannot change is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import Distances, Ranges, Scan
from patrolcar.doubts import LIDAR_MOVED_M, SONAR_MOVED_M, TURNED_RAD, Doubts
from patrolcar.geometry import Pose2
from patrolcar.odometry import Odometry

BEAMS, PIECE = 360, 90


def at(x_m: float, yaw_rad: float = 0.0) -> Odometry:
    return Odometry(pose_odom=Pose2(x_m, 0.0, yaw_rad))


def turn_of(beams: Distances, number: int = 0) -> list[Scan]:
    pieces = range(0, BEAMS, PIECE)
    return [Scan(0, number, first, BEAMS, 277, beams[first : first + PIECE]) for first in pieces]


def wall(noise: np.random.Generator, sigma_m: float = 0.01) -> Distances:
    return (2.0 + sigma_m * noise.standard_normal(BEAMS)).round(3).astype(np.float32)


def readings(distances: list[float], fresh: int = 0xFF) -> Ranges:
    return Ranges(0, fresh, np.array(distances + [math.nan] * (8 - len(distances)), np.float32))


class TestLidar:
    def test_a_lidar_that_repeats_its_turn_is_found_within_a_hand_of_way(self) -> None:
        doubts, said = Doubts(), wall(np.random.default_rng(1))
        for step in range(20):
            doubts.update(turn_of(said), at(0.02 * step))
            assert doubts.lidar_is_stuck == (0.02 * step > LIDAR_MOVED_M)

    def test_turning_on_the_spot_finds_it_too(self) -> None:
        doubts, said = Doubts(), wall(np.random.default_rng(1))
        doubts.update(turn_of(said), at(0.0, 3.1))
        doubts.update(turn_of(said), at(0.0, 3.1 + 1.1 * TURNED_RAD - 2 * math.pi))
        assert doubts.lidar_is_stuck

    def test_a_standing_car_may_see_the_same_for_ever(self) -> None:
        doubts, said = Doubts(), wall(np.random.default_rng(1), 0.0)
        for _ in range(100):
            doubts.update(turn_of(said), at(0.0))
        assert not doubts.lidar_is_stuck

    @given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.05))
    @settings(max_examples=30, deadline=None)
    def test_a_lidar_with_noise_is_never_accused(self, seed: int, step_m: float) -> None:
        doubts, noise = Doubts(), np.random.default_rng(seed)
        for step in range(40):
            doubts.update(turn_of(wall(noise, 0.003)), at(step_m * step))
            assert not doubts.lidar_is_stuck

    def test_an_empty_field_is_no_lie(self) -> None:
        doubts, nothing = Doubts(), np.full(BEAMS, np.inf, np.float32)
        for step in range(40):
            doubts.update(turn_of(nothing), at(0.1 * step))
        assert not doubts.lidar_is_stuck

    def test_a_lidar_that_speaks_again_is_believed_again(self) -> None:
        doubts, noise = Doubts(), np.random.default_rng(1)
        said = wall(noise)
        for x_m in (0.0, 1.0):
            doubts.update(turn_of(said), at(x_m))
        assert doubts.lidar_is_stuck
        doubts.update(turn_of(wall(noise)), at(1.1))
        assert not doubts.lidar_is_stuck


class TestCover:
    @pytest.mark.parametrize(
        ("bearing_deg", "expected"), [(0, True), (44, True), (90, False), (180, False), (-44, True)]
    )
    def test_it_knows_where_it_cannot_see(self, bearing_deg: float, expected: bool) -> None:
        beams = wall(np.random.default_rng(1))
        beams[:15] = beams[-15:] = np.nan  # 15 degrees to each side of the front
        doubts = Doubts()
        doubts.update(turn_of(beams), at(0.0))
        assert doubts.covered_towards(math.radians(bearing_deg), math.radians(40)) is expected

    def test_single_broken_beams_cover_nothing(self) -> None:
        beams = wall(np.random.default_rng(1))
        beams[::3] = np.nan
        doubts = Doubts()
        doubts.update(turn_of(beams), at(0.0))
        assert not doubts.covered.any()

    def test_what_is_uncovered_is_seen_again(self) -> None:
        doubts = Doubts()
        doubts.update(turn_of(np.full(BEAMS, np.nan, np.float32)), at(0.0))
        assert doubts.covered.all()
        doubts.update(turn_of(wall(np.random.default_rng(1))), at(0.0))
        assert not doubts.covered.any()

    @given(st.integers(0, 400), st.integers(1, 720), st.integers(0, 90))
    @settings(max_examples=60)
    def test_no_piece_of_any_size_is_too_odd(self, first: int, per_turn: int, count: int) -> None:
        Doubts().update([Scan(0, 0, first, per_turn, 1, np.full(count, np.nan, np.float32))], at(0.0))


class TestSonars:
    def test_the_one_that_repeats_itself_is_named(self) -> None:
        doubts = Doubts()
        for step in range(30):
            doubts.update([readings([1.5, 1.0 + 0.001 * step])], at(0.02 * step))
        assert SONAR_MOVED_M < 0.02 * 29
        assert doubts.sonars_stuck.tolist() == [True, False] + 6 * [False]

    def test_seeing_nothing_for_long_is_no_lie(self) -> None:
        doubts = Doubts()
        for step in range(100):
            doubts.update([readings([math.inf, math.nan, -math.inf])], at(0.1 * step))
        assert not doubts.sonars_stuck.any()

    def test_an_old_reading_that_is_shown_again_is_no_repetition(self) -> None:
        doubts = Doubts()
        for step in range(100):
            doubts.update([readings([1.5], fresh=0)], at(0.1 * step))
        assert not doubts.sonars_stuck.any()
