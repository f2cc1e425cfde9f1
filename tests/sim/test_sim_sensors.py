"""Sensors see the geometry exactly, then add just the noise they are said to have."""

from __future__ import annotations

import ctypes
import math
from dataclasses import replace

import numpy as np
import pytest
import sim_oracle as oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_host import room

from firmware_protocol.controller_layout import ScanStruct
from sim.native import BatteryStruct, BodyStruct, kernels
from sim.noise import stream
from sim.sensors.gauge import Gauge, GaugeParameters
from sim.sensors.imu import Imu, ImuParameters
from sim.sensors.lidar import Lidar, LidarParameters
from sim.sensors.sonar import SonarParameters, Sonars
from sim.vehicle.battery import BatteryParameters
from sim.world.walls import World

NOTHING, TOO_CLOSE = 0xFFFF, 0xFFFE
PERIOD_US = 10_000
Pose = tuple[float, float, float]
NO_WALLS, NO_DISCS = np.empty((0, 4)), np.empty((0, 3))


def pose_struct(pose: Pose) -> ctypes.Array[ctypes.c_double]:
    return (ctypes.c_double * 3)(*pose)


def around(world: World, discs: oracle.Array = NO_DISCS) -> tuple[int, int, int]:
    return world.address, len(discs), discs.ctypes.data


def one_turn(
    world: World, poses: list[Pose], parameters: LidarParameters | None = None, seed: int = 0
) -> Lidar:
    """Return a lidar after one turn; ``poses`` are where the car is at the ends of the ten periods."""
    lidar = Lidar(parameters or LidarParameters(), seed, PERIOD_US)
    for step in range(10):
        before, after = pose_struct(poses[step]), pose_struct(poses[step + 1])
        lidar.step(step, around(world), ctypes.addressof(before), ctypes.addressof(after))
    return lidar


def pieces_of(lidar: Lidar, booted_us: int = 0) -> list[ScanStruct]:
    """Return the pieces of its turns that have become whole."""
    pieces = [ScanStruct()]
    while lidar.next_scan(booted_us, ctypes.addressof(pieces[-1])):
        pieces.append(ScanStruct())
    return pieces[:-1]


def ping(world: World, pose: Pose, parameters: SonarParameters | None = None) -> Sonars:
    """Return the sonars after a whole cycle from one place."""
    sonars = Sonars(parameters or SonarParameters(), 0)
    place, codes = pose_struct(pose), (ctypes.c_uint16 * 8)()
    for step in range(6):
        sonars.step(step, around(world), ctypes.addressof(place), ctypes.addressof(codes))
    return sonars


class TestLidar:
    """A lidar that turns ten times a second."""

    @given(st.floats(1.0, 9.0), st.floats(1.0, 5.0), st.floats(-3.1, 3.1))
    @settings(max_examples=25, deadline=None)
    def test_standing_still_each_beam_ends_at_the_wall_it_looks_at(
        self, x: float, y: float, yaw: float
    ) -> None:
        walls = np.array(room())
        lidar = one_turn(World.from_walls(walls), [(x, y, yaw)] * 11)
        bearing = yaw + np.arange(360) * math.tau / 360
        eye = np.array([x, y]) + 0.05 * np.array([math.cos(yaw), math.sin(yaw)])
        rays = np.column_stack([np.tile(eye, (360, 1)), np.cos(bearing), np.sin(bearing)])
        expected = oracle.cast(rays, walls, NO_WALLS, NO_DISCS, 8.0)
        np.testing.assert_allclose(lidar.distance_m, expected, rtol=0.0, atol=1e-9)

    def test_turning_on_the_spot_shears_the_scan_by_how_far_the_car_had_turned(self) -> None:
        """Beam k is taken k/360 of the turn later, when the car looks w * k/3600 s further round."""
        rate, walls = 1.5, np.array(room())
        poses = [(4.0, 3.0, rate * 0.01 * step) for step in range(11)]
        still = LidarParameters(mount=(0.0, 0.0, 0.0))
        lidar = one_turn(World.from_walls(walls), poses, still)
        beam = np.arange(360)
        bearing = beam * math.tau / 360 + rate * 0.1 * beam / 360
        rays = np.column_stack([np.full(360, 4.0), np.full(360, 3.0), np.cos(bearing), np.sin(bearing)])
        expected = oracle.cast(rays, walls, NO_WALLS, NO_DISCS, 8.0)
        np.testing.assert_allclose(lidar.distance_m, expected, rtol=0.0, atol=1e-9)

    def test_driving_at_a_wall_brings_the_last_beams_nearer_than_the_first(self) -> None:
        world = World.from_walls([[5.0, -500.0, 5.0, 500.0]])
        poses = [(0.5 * 0.01 * step, 0.0, 0.0) for step in range(11)]
        lidar = one_turn(world, poses)
        travelled = 0.1 * 0.5 * np.arange(360) / 360
        expected = (5.0 - 0.05 - travelled) / np.cos(np.arange(360) * math.tau / 360)
        seen = np.isfinite(lidar.distance_m)
        assert seen[0]
        assert seen[-1]
        np.testing.assert_allclose(lidar.distance_m[seen], expected[seen], rtol=0.0, atol=1e-9)

    def test_codes_have_the_noise_and_the_dropouts_of_the_data_sheet(self) -> None:
        lidar = one_turn(World.from_walls(room(4.0, 4.0)), [(2.0, 2.0, 0.0)] * 11)
        errors, lost = [], 0
        place = pose_struct((2.0, 2.0, 0.0))
        at, world = ctypes.addressof(place), World.from_walls(room(4.0, 4.0))
        for step in range(10, 1010):
            lidar.step(step, around(world), at, at)
            if step % 10 == 9:
                codes = lidar.codes[:360].astype(float)
                errors.append(codes[codes < 0xFFFD] * 1e-3 - lidar.distance_m[codes < 0xFFFD])
                lost += int(np.sum(codes == NOTHING))
        error = np.concatenate(errors)
        assert np.std(error) == pytest.approx(0.010, rel=0.02)
        assert abs(np.mean(error)) < 2e-4
        assert lost / 36_000 == pytest.approx(0.005, rel=0.2)

    def test_out_of_range_is_nothing_seen_and_touching_is_too_close(self) -> None:
        far = one_turn(World.from_walls([[8.051, -50.0, 8.051, 50.0]]), [(0.0, 0.0, 0.0)] * 11)
        near = one_turn(World.from_walls([[0.06, -0.2, 0.06, 0.2]]), [(0.0, 0.0, 0.0)] * 11)
        assert far.codes[0] == NOTHING
        assert near.codes[0] == TOO_CLOSE

    def test_pieces_leave_as_soon_as_they_are_whole_and_say_when_they_began(self) -> None:
        lidar = Lidar(LidarParameters(), 0, PERIOD_US)
        place, world = pose_struct((5.0, 3.0, 0.0)), World.from_walls(room())
        at, left = ctypes.addressof(place), []
        for step in range(30):
            lidar.step(step, around(world), at, at)
            left += [(step, p.stamp_us, p.turn, p.first) for p in pieces_of(lidar)]
        assert left[:5] == [
            (2, 0, 0, 0),
            (4, 25_000, 0, 90),
            (7, 50_000, 0, 180),
            (9, 75_000, 0, 270),
            (12, 100_000, 1, 0),
        ]
        assert len(left) == 12

    def test_a_piece_is_told_on_the_clock_of_the_boot_and_none_from_before_it(self) -> None:
        lidar = Lidar(LidarParameters(), 0, PERIOD_US)
        place, world = pose_struct((5.0, 3.0, 0.0)), World.from_walls(room())
        for step in range(20):
            lidar.step(step, around(world), ctypes.addressof(place), ctypes.addressof(place))
        told = pieces_of(lidar, booted_us=60_000)
        assert [(p.stamp_us, p.turn, p.first) for p in told] == [
            (15_000, 0, 270), (40_000, 1, 0), (65_000, 1, 90), (90_000, 1, 180), (115_000, 1, 270),
        ]  # fmt: skip
        assert {(p.beams_per_turn, p.beam_us) for p in told} == {(360, 278)}
        assert list(told[-1].ranges) == lidar.codes[270:360].tolist()

    @pytest.mark.parametrize(
        ("beams", "turn_us"), [(500, 166_667), (90, 100_000), (7, 33_333), (360, 20_000)]
    )
    def test_any_number_of_beams_and_any_speed_of_turning_loses_no_beam(
        self, beams: int, turn_us: int
    ) -> None:
        quiet = LidarParameters(beams=beams, turn_us=turn_us, sigma_m=0.0, dropout=0.0)
        lidar = Lidar(quiet, 0, PERIOD_US)
        place, world = pose_struct((5.0, 3.0, 0.0)), World.from_walls(room())
        at, starts = ctypes.addressof(place), []
        for step in range(100):
            lidar.step(step, around(world), at, at)
            starts += [(p.turn, p.first) for p in pieces_of(lidar)]
        firsts = list(range(0, beams, 90))
        turns = 1_000_000 // turn_us
        assert starts[: turns * len(firsts)] == [(turn, first) for turn in range(turns) for first in firsts]
        bearing = np.arange(beams) * math.tau / beams
        rays = np.column_stack([np.full(beams, 5.05), np.full(beams, 3.0), np.cos(bearing), np.sin(bearing)])
        expected = oracle.cast(rays, np.array(room()), NO_WALLS, NO_DISCS, 8.0)
        np.testing.assert_allclose(lidar.distance_m, expected, rtol=0.0, atol=1e-9)

    def test_a_lidar_that_turns_faster_than_the_controller_is_refused(self) -> None:
        with pytest.raises(ValueError, match="360 beams in 5000 us"):
            Lidar(LidarParameters(turn_us=5000), 0, PERIOD_US)


class TestSonars:
    """Eight cones, fired in two groups."""

    def test_a_wall_straight_ahead_is_at_the_distance_of_the_middle_ray(self) -> None:
        mounts = ((0.16, 0.0, 0.0),)
        sonars = ping(
            World.from_walls([[1.0, -5.0, 1.0, 5.0]]), (0.0, 0.0, 0.0), SonarParameters(mounts=mounts)
        )
        assert sonars.struct.distance_m[0] == pytest.approx(0.84, abs=1e-9)

    @given(st.floats(math.radians(11.0), math.radians(34.0)))
    @settings(deadline=None)
    def test_an_oblique_wall_answers_the_ray_that_meets_it_most_squarely(self, turned: float) -> None:
        """The edge of the cone is 10 degrees nearer to square: first echo, shortest way."""
        mounts = ((0.0, 0.0, 0.0),)
        wall = World.from_walls([[1.0, -50.0, 1.0, 50.0]])
        sonars = ping(wall, (0.0, 0.0, turned), SonarParameters(mounts=mounts))
        expected = 1.0 / math.cos(turned - math.radians(10.0))
        assert sonars.struct.distance_m[0] == pytest.approx(expected, abs=1e-9)

    @given(st.floats(math.radians(36.0), math.radians(80.0)))
    @settings(deadline=None)
    def test_a_smooth_wall_seen_too_obliquely_gives_no_echo(self, turned: float) -> None:
        mounts = ((0.0, 0.0, 0.0),)
        wall = World.from_walls([[1.0, -50.0, 1.0, 50.0]])
        assert ping(wall, (0.0, 0.0, turned), SonarParameters(mounts=mounts)).struct.distance_m[0] == math.inf

    def test_rough_squares_of_a_grid_answer_from_every_side(self) -> None:
        world = World.from_grid([[1]], 2.0, (1.0, -1.0))
        mounts = ((0.0, 0.0, 0.0),)
        assert ping(world, (0.0, 0.9, -1.0), SonarParameters(mounts=mounts)).struct.distance_m[0] < 2.0

    def test_every_sensor_measures_once_in_sixty_milliseconds_and_neighbours_never_together(self) -> None:
        sonars, place = Sonars(SonarParameters(), 0), pose_struct((5.0, 3.0, 0.0))
        world, codes = World.from_walls(room()), (ctypes.c_uint16 * 8)()
        fired = [
            sonars.step(step, around(world), ctypes.addressof(place), ctypes.addressof(codes))
            for step in range(6)
        ]
        assert sorted(fired) == [0, 0, 0, 0, 0b01010101, 0b10101010]

    def test_a_sensor_that_does_not_fire_keeps_its_old_reading(self) -> None:
        sonars, place = Sonars(SonarParameters(), 0), pose_struct((0.5, 3.0, math.pi))
        world, codes = World.from_walls(room()), (ctypes.c_uint16 * 8)(*[1234] * 8)
        at = ctypes.addressof(codes)
        sonars.step(0, around(world), ctypes.addressof(place), at)
        assert [code == 1234 for code in codes] == [False, True] * 4

    def test_the_error_is_the_published_one_of_the_hc_sr04(self) -> None:
        """Sigma 1 to 5 mm, scale error below 3.5 %."""
        world = World.from_walls([[2.16, -5.0, 2.16, 5.0]])
        place, codes = pose_struct((0.0, 0.0, 0.0)), (ctypes.c_uint16 * 8)()
        sonars = Sonars(SonarParameters(mounts=((0.16, 0.0, 0.0),)), 3)
        seen = []
        for step in range(0, 6000, 6):
            sonars.step(step, around(world), ctypes.addressof(place), ctypes.addressof(codes))
            seen.append(codes[0] * 1e-3)
        assert 0.001 <= np.std(seen) <= 0.005
        assert abs(np.mean(seen) - 2.0) < 0.035 * 2.0

    def test_more_sonars_than_the_protocol_carries_are_refused(self) -> None:
        with pytest.raises(ValueError, match="9 sonars"):
            Sonars(SonarParameters(mounts=((0.0, 0.0, 0.0),) * 9), 0)

    def test_more_groups_than_steps_are_refused(self) -> None:
        with pytest.raises(ValueError, match="7 groups in 6 steps"):
            Sonars(SonarParameters(groups=7), 0)


class TestImu:
    """An MPU6050."""

    QUIET = ImuParameters(
        gyro_density_radps=0.0, gyro_walk_radps2=0.0, gyro_bias_radps=0.0,
        accel_density_mps2=0.0, accel_walk_mps3=0.0, accel_bias_mps2=0.0,
    )  # fmt: skip

    def sample(
        self, imu: Imu, body: BodyStruct, n: int = 1
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        accel, gyro = (ctypes.c_int16 * 3)(), (ctypes.c_int16 * 3)()
        rows = []
        for step in range(n):
            imu.step(step, ctypes.addressof(body), ctypes.addressof(accel), ctypes.addressof(gyro))
            rows.append([value * 1e-3 for value in accel] + [value * 5e-4 for value in gyro])
        return np.array(rows)

    def test_on_a_circle_it_feels_the_turn_and_the_pull_outwards(self) -> None:
        body = BodyStruct(travel_m=0.5 * 0.01, turned_rad=1.2 * 0.01, accel_mps2=0.3)
        seen = self.sample(Imu(self.QUIET, 0, 100.0), body)[0]
        assert seen == pytest.approx([0.3, 0.5 * 1.2, 9.807, 0.0, 0.0, 1.2], abs=1e-3)

    def test_at_rest_the_samples_spread_as_the_densities_say(self) -> None:
        steady = replace(ImuParameters(), gyro_walk_radps2=0.0, accel_walk_mps3=0.0)
        seen = self.sample(Imu(steady, 1, 100.0), BodyStruct(), 5000)
        step = math.sqrt(1.0 / 12.0)  # of the wire, in its own units
        gyro = math.hypot(8.7e-5 * 10.0, 5e-4 * step)
        accel = math.hypot(3.9e-3 * 10.0, 1e-3 * step)
        assert np.std(seen[:, :3], axis=0) == pytest.approx([accel] * 3, rel=0.05)
        assert np.std(seen[:, 3:], axis=0) == pytest.approx([gyro] * 3, rel=0.05)

    def test_the_bias_walks_as_far_as_the_square_root_of_time(self) -> None:
        loud = replace(self.QUIET, gyro_walk_radps2=0.01)
        ends = [self.sample(Imu(loud, seed, 100.0), BodyStruct(), 400)[-1, 3:] for seed in range(60)]
        assert np.std(ends) == pytest.approx(0.01 * math.sqrt(4.0), rel=0.2)

    def test_a_crash_saturates_it(self) -> None:
        seen = self.sample(Imu(self.QUIET, 0, 100.0), BodyStruct(accel_mps2=-60.0, turned_rad=-1.0))[0]
        assert seen[0] == pytest.approx(-19.6)
        assert seen[5] == pytest.approx(-8.7)


def test_the_gauge_reads_the_battery_with_a_little_noise() -> None:
    battery: BatteryStruct = BatteryParameters(charge=0.75).struct()
    kernels().sim_battery_step(ctypes.addressof(battery), 2.0, 0.01)
    gauge = Gauge(GaugeParameters(), 0)
    volts, amps, percent = ctypes.c_uint16(), ctypes.c_int16(), ctypes.c_uint8()
    rows = []
    for step in range(1000):
        at, row = ctypes.addressof, gauge.noise.row(step)
        kernels().sim_gauge_step(gauge.address, at(battery), row, at(volts), at(amps), at(percent))
        rows.append((volts.value, amps.value, percent.value))
    seen = np.array(rows, dtype=float)
    assert seen.mean(axis=0) == pytest.approx([1000.0 * battery.terminal_v, 2000.0, 75.0], rel=1e-3)
    assert seen.std(axis=0) == pytest.approx([10.0, 20.0, 0.0], rel=0.1, abs=1e-9)


def test_streams_depend_on_their_seed_and_their_own_name_only() -> None:
    first = stream(5, "lidar").random(4).tolist()
    assert stream(5, "lidar").random(4).tolist() == first
    assert stream(6, "lidar").random(4).tolist() != first
    assert stream(5, "sonar").random(4).tolist() != first
