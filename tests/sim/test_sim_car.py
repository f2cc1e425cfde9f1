"""The whole car: wire bytes in, wire bytes out, with the real controller between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from sim_host import Host, room

from firmware_protocol.controller_layout import OutputsStruct
from firmware_protocol.messages import (
    Alive,
    Cause,
    Hello,
    Imu,
    Odom,
    Power,
    Ranges,
    ResetCause,
    Scan,
    State,
    Status,
    TargetKind,
    Wheels,
)
from sim import controller, native
from sim.car import CarParameters, SimulatedCar
from sim.controller import Controller, ControllerSettings
from sim.sensors.imu import ImuParameters
from sim.sensors.sonar import SonarParameters
from sim.vehicle.chassis import ChassisParameters
from sim.world.walls import World

HALL = World.from_walls(room(20.0, 10.0))
MIDDLE = (4.0, 5.0, 0.0)


@dataclass(frozen=True, slots=True)
class Walk:
    """A route."""

    stops: tuple[tuple[float, float], ...]
    speed_mps: float = 1.0
    pause_s: float = 0.5


def driven(seed: int = 1, world: World = HALL, parameters: CarParameters | None = None) -> Host:
    """Return a host that has driven an S for three seconds."""
    walks = [Walk(((8.0, 5.0), (8.0, 8.0))), Walk(((2.0, 2.0), (12.0, 2.0)))]
    car = SimulatedCar(world, parameters or CarParameters(), walks, MIDDLE, seed, boot_id=77)
    host = Host(car)
    host.arm()
    host.run(1.5, (0.4, 0.8))
    host.run(1.5, (0.4, -0.8))
    return host


class TestOnTheWire:
    """What a host hears."""

    def test_the_controller_says_that_it_is_simulated_and_boots_disarmed(self) -> None:
        host = Host(SimulatedCar(HALL, start=MIDDLE, boot_id=77))
        host.run(1.0)
        hello = host.last(Hello)
        assert hello.target == TargetKind.SIMULATOR
        assert hello.boot_id == 77
        assert host.last(Status).state == State.DISARMED

    def test_a_driven_car_goes_where_it_was_told_and_its_odometry_agrees(self) -> None:
        host = Host(SimulatedCar(HALL, start=MIDDLE))
        host.arm()
        host.run(5.0, (0.4, 0.0))
        host.run(1.0, (0.0, 0.0))
        truth, odom = host.car.truth, host.last(Odom)
        assert truth.pose[0] - MIDDLE[0] == pytest.approx(0.4 * 5.0, rel=0.05)
        assert odom.x_m == pytest.approx(truth.pose[0] - MIDDLE[0], abs=2e-3)
        assert odom.y_m == pytest.approx(truth.pose[1] - MIDDLE[1], abs=2e-3)
        assert truth.speed_mps == 0.0

    def test_every_stream_arrives_at_its_rate(self) -> None:
        host = driven()
        before = len(host.heard)
        host.run(2.0, (0.0, 0.0))
        heard = host.heard[before:]
        for kind, rate_hz in (
            (Imu, 100),
            (Odom, 50),
            (Wheels, 50),
            (Scan, 40),
            (Ranges, 20),
            (Power, 5),
            (Alive, 5),
        ):
            count = sum(isinstance(message, kind) for message in heard)
            assert count == pytest.approx(2 * rate_hz, abs=2), kind

    def test_a_scan_shows_the_hall_from_where_the_car_stood(self) -> None:
        host = Host(SimulatedCar(HALL, start=MIDDLE))
        host.run(1.0)
        ahead = [scan for scan in host.all_of(Scan) if scan.first == 90][-1]
        assert ahead.beams_per_turn == 360
        assert ahead.ranges_m[0] == pytest.approx(5.0, abs=0.05)  # beam 90 looks left, to the wall at y = 10
        behind = [scan for scan in host.all_of(Scan) if scan.first == 180][-1]
        assert behind.ranges_m[0] == pytest.approx(4.05, abs=0.05)

    def test_without_a_lidar_no_scan_is_sent(self) -> None:
        host = Host(SimulatedCar(HALL, replace(CarParameters(), lidar=None), start=MIDDLE))
        host.run(1.0)
        assert host.all_of(Scan) == []
        assert host.all_of(Imu)

    def test_a_host_that_falls_silent_leaves_a_standing_car(self) -> None:
        host = Host(SimulatedCar(HALL, start=MIDDLE))
        host.arm()
        host.run(2.0, (0.5, 0.0))
        assert host.car.truth.speed_mps > 0.4
        moved_us = host.car.now_us
        while host.car.truth.speed_mps > 0.0:
            host.car.step(b"")
        lease_s, ramp_s = 0.2, 0.5 / 1.2
        assert (host.car.now_us - moved_us) * 1e-6 < lease_s + ramp_s + 0.3

    def test_a_power_cycle_ends_the_session_and_disarms(self) -> None:
        host = driven()
        host.run(1.0, (0.0, 0.0))
        assert abs(host.last(Wheels).ticks[0]) > 1000
        host.car.power_cycle(ResetCause.BROWN_OUT)
        host.run(1.0)
        hello = host.last(Hello)
        assert (hello.boot_id, hello.reset_cause) == (78, ResetCause.BROWN_OUT)
        assert host.last(Status).state == State.DISARMED
        assert host.last(Wheels).ticks[:2] == pytest.approx((0, 0), abs=1)
        assert host.last(Alive).uptime_ms <= 1000

    def test_after_a_power_cycle_no_scan_is_older_than_the_boot(self) -> None:
        host = Host(SimulatedCar(HALL, start=MIDDLE))
        host.run(0.53)
        host.car.power_cycle()
        before = len(host.heard)
        host.run(0.5)
        stamps = [message.stamp_us for message in host.heard[before:] if isinstance(message, Scan)]
        assert len(stamps) >= 10
        assert max(stamps) < 500_000

    def test_a_break_on_the_line_stops_the_driving_car(self) -> None:
        host = Host(SimulatedCar(HALL, start=MIDDLE))
        host.arm()
        host.run(1.0, (0.4, 0.0))
        host.car.line_break()
        host.run(1.0, (0.4, 0.0))
        assert host.last(Status).state == State.STOPPED
        assert host.car.truth.speed_mps == 0.0

    def test_the_clock_of_the_controller_wraps_and_nothing_breaks(self) -> None:
        car = SimulatedCar(HALL, start=MIDDLE)
        car._booted_us = 500_000 - 2**32  # as if it had run for 71 minutes
        host = Host(car)
        host.arm()
        host.run(2.0, (0.3, 0.0))
        assert car.truth.speed_mps == pytest.approx(0.3, rel=0.05)
        assert (
            min(odom.stamp_us for odom in host.all_of(Odom))
            < 10_000_000
            < 2**31
            < host.all_of(Odom)[0].stamp_us
        )


class TestSameAgain:
    """The same seed and bytes give the same bytes."""

    def test_the_same_seed_sends_the_same_bytes_twice(self) -> None:
        assert driven(seed=4).trace.digest() == driven(seed=4).trace.digest()

    def test_another_seed_sends_other_bytes(self) -> None:
        assert driven(seed=4).trace.digest() != driven(seed=5).trace.digest()

    def test_a_sensor_less_does_not_shift_the_noise_of_the_others(self) -> None:
        whole, blind = driven(), driven(parameters=replace(CarParameters(), lidar=None))
        assert blind.all_of(Imu) == whole.all_of(Imu)
        assert blind.all_of(Wheels) == whole.all_of(Wheels)
        pings = [[ranges.ranges_m.tobytes() for ranges in host.all_of(Ranges)] for host in (blind, whole)]
        assert pings[0] == pings[1]

    def test_a_noisier_sensor_does_not_change_the_others(self) -> None:
        loud = replace(CarParameters(), imu=ImuParameters(gyro_density_radps=1e-3))
        quiet, noisy = driven(), driven(parameters=loud)
        assert noisy.all_of(Imu) != quiet.all_of(Imu)
        scans = [[scan.ranges_m.tobytes() for scan in host.all_of(Scan)] for host in (quiet, noisy)]
        assert scans[0] == scans[1]

    def test_something_far_away_changes_nothing(self) -> None:
        far = World.from_walls([*room(20.0, 10.0), [60.0, 0.0, 60.0, 1.0]])
        assert driven(world=far).trace.digest() == driven().trace.digest()

    def test_a_mirrored_world_and_a_mirrored_drive_give_the_mirrored_way(self) -> None:
        silent = CarParameters(sonars=SonarParameters(sigma_m=0.0, scale_sigma=0.0))
        ways = []
        for sign in (1.0, -1.0):
            walls = np.array(room(20.0, 10.0)) * (1.0, sign, 1.0, sign)
            host = Host(SimulatedCar(World.from_walls(walls), silent, start=(4.0, 5.0 * sign, 0.2 * sign)))
            host.arm()
            host.run(3.0, (0.4, 0.7 * sign))
            ways.append(np.array(host.car.truth.pose))
        assert ways[1] * (1.0, -1.0, -1.0) == pytest.approx(ways[0], abs=5e-3)


class TestContact:
    """What happens when the car runs into something that no range sensor sees."""

    BLIND = replace(
        CarParameters(),
        sonars=SonarParameters(mounts=((0.0, 0.0, math.pi),)),
        controller=replace(ControllerSettings(), range_bearings_rad=(math.pi - 0.001,)),
    )

    def test_a_bumper_latches_stop_and_one_collision_is_counted(self) -> None:
        host = Host(SimulatedCar(HALL, self.BLIND, start=(19.0, 5.0, 0.0)))
        host.arm()
        host.run(4.0, (0.4, 0.0))
        truth, status = host.car.truth, host.last(Status)
        assert (truth.collisions, truth.collisions_wall) == (1, 1)
        assert truth.bumpers & 0x0F
        assert (status.state, status.cause) == (State.STOPPED, Cause.BUMPER)
        assert truth.pose[0] + 0.16 == pytest.approx(20.0, abs=1e-4)
        assert truth.wheel_speeds_mps == (0.0, 0.0)

    def test_with_its_sonars_the_car_stops_before_the_wall(self) -> None:
        host = Host(SimulatedCar(HALL, start=(18.0, 5.0, 0.0)))
        host.arm()
        host.run(6.0, (0.4, 0.0))
        truth = host.car.truth
        assert truth.collisions == 0
        assert 0.0 < truth.min_clearance_m < 0.2
        assert host.last(Status).cause == Cause.NEAR_RANGE

    def test_people_and_the_standing_car_never_touch(self) -> None:
        walks = [Walk(((2.0, 5.0), (7.0, 5.0)), pause_s=0.0), Walk(((4.0, 2.0), (4.0, 8.0)), pause_s=0.0)]
        car = SimulatedCar(HALL, people=walks, start=MIDDLE)
        for _ in range(3000):
            car.step(b"")
        assert (car.truth.collisions, car.truth.collisions_standing) == (0, 0)
        assert car.people_xy.shape == (2, 2)

    def test_a_car_cannot_start_in_a_wall(self) -> None:
        with pytest.raises(ValueError, match="stand in a wall"):
            SimulatedCar(HALL, start=(0.1, 5.0, 0.0))


class TestWheelErrors:
    """The car as it is need not be the car as it is believed to be."""

    def test_a_larger_right_wheel_makes_odometry_blind_to_the_bend(self) -> None:
        chassis = ChassisParameters(radius_m=(0.0325, 0.0325 * 1.01))
        host = Host(SimulatedCar(HALL, replace(CarParameters(), chassis=chassis), start=MIDDLE))
        host.arm()
        host.run(5.0, (0.4, 0.0))
        assert host.car.truth.pose[2] > 0.05
        assert abs(host.last(Odom).yaw_rad) < 0.02


class TestSettings:
    """Files of different ages do not work together silently."""

    def test_settings_the_firmware_refuses_are_refused_by_name(self) -> None:
        with pytest.raises(ValueError, match="refuses these settings"):
            Controller(ControllerSettings(parameters={"reflex_mm": 0})).boot(1, ResetCause.POWER_ON)

    def test_a_library_with_other_structs_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        native.kernels.cache_clear()
        monkeypatch.setattr(native, "_STRUCTS", (native.OutlineStruct,))
        with pytest.raises(ImportError, match="build it again"):
            native.kernels()
        native.kernels.cache_clear()

    def test_a_controller_with_other_structs_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        controller._firmware.cache_clear()
        monkeypatch.setattr(controller, "LAYOUT", (OutputsStruct,))
        with pytest.raises(ImportError, match="OutputsStruct"):
            Controller(ControllerSettings())
        controller._firmware.cache_clear()
