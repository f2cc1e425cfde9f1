"""A tilted, lifted or dropped car loses its power; slopes, bumps, curves and hard braking do not take it."""

from __future__ import annotations

import math

import pytest
from car import GRAVITY_MPS2, Car, config
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import ArmCheck, Capability, Cause, Command, Result, State

TILT_RAD = 0.436


def _driving(vx_mps: float = 0.4, wz_radps: float = 0.0, **changes: float) -> Car:
    car = Car(config(**changes)).armed()
    car.drive(1000, vx_mps, wz_radps)
    return car


def _cut_after_ms(car: Car, vx_mps: float = 0.4) -> int:
    for after_ms in range(10, 2000, 10):
        car.drive(10, vx_mps)
        if not car.outputs.enable:
            return after_ms
    return 2000


class TestTilt:
    @pytest.mark.parametrize("tilt_rad", [TILT_RAD + 0.02, -TILT_RAD - 0.02, 1.0, -1.57, 3.14])
    def test_it_cuts_the_power_within_150_ms(self, tilt_rad: float) -> None:
        car = _driving()
        car.tilt_rad = tilt_rad
        assert _cut_after_ms(car) <= 150
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.TILT)

    def test_a_car_on_its_side_is_tilted_too(self) -> None:
        car = _driving()
        car.felt_besides_mps2 = (0.0, -GRAVITY_MPS2, -GRAVITY_MPS2)
        assert _cut_after_ms(car) <= 150

    def test_free_fall_counts_as_tilt(self) -> None:
        car = _driving()
        car.felt_besides_mps2 = (0.0, 0.0, -GRAVITY_MPS2)
        assert _cut_after_ms(car) <= 150
        assert car.status.cause == Cause.TILT

    @given(st.floats(-TILT_RAD + 0.02, TILT_RAD - 0.02))
    @settings(max_examples=20, deadline=None)
    def test_a_slope_within_the_limit_is_driven(self, slope_rad: float) -> None:
        car = Car()
        car.tilt_rad = slope_rad
        car.armed().drive(1500, 0.3)
        assert car.status.state == State.ARMED

    @pytest.mark.parametrize("bump_mps2", [(30.0, 0.0, 0.0), (0.0, -30.0, 10.0), (0.0, 0.0, -15.0)])
    def test_a_bump_is_no_tilt(self, bump_mps2: tuple[float, float, float]) -> None:
        car = _driving()
        for _ in range(20):
            car.felt_besides_mps2 = bump_mps2
            car.drive(40, 0.4)
            car.felt_besides_mps2 = (0.0, 0.0, 0.0)
            car.drive(80, 0.4)
        assert car.status.state == State.ARMED

    @pytest.mark.parametrize("slope_rad", [-0.15, 0.0, 0.15])
    def test_hard_braking_and_speeding_up_on_a_slope_are_no_tilt(self, slope_rad: float) -> None:
        car = Car(config(accel_mps2=5.0, decel_mps2=5.0, max_speed_mps=1.4))
        car.no_load_mps = 2.0
        car.settings.kff = 0.5
        car.restart()
        car.tilt_rad = slope_rad
        car.armed()
        for speed_mps in (1.4, -1.4, 1.4, 0.0, -1.4):
            car.drive(1000, speed_mps)
        assert car.status.state == State.ARMED

    def test_a_fast_curve_is_no_tilt(self) -> None:
        car = Car(config(max_speed_mps=1.6, max_turn_radps=6.0))
        car.no_load_mps = 2.5
        car.settings.kff = 0.4
        car.restart()
        car.armed().drive(4000, 1.1, 4.5)  # 5 m/s2 sideways: 27 degrees
        assert car.body.vx_mps * car.body.wz_radps > GRAVITY_MPS2 * math.tan(TILT_RAD)
        assert car.status.state == State.ARMED

    def test_a_disarmed_tilted_car_refuses_arming_and_latches_nothing(self) -> None:
        car = Car()
        car.tilt_rad = 0.8
        car.run(400)
        car.open_session()
        answer = car.command(Command.ARM)
        assert (answer.result, answer.detail) == (Result.DENIED, ArmCheck.TILTED)
        assert car.status.state == State.DISARMED

    def test_the_stop_is_released_only_on_its_wheels(self) -> None:
        car = _driving()
        car.tilt_rad = 1.0
        _cut_after_ms(car)
        car.run(1000)
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == Result.DENIED
        car.tilt_rad = 0.0
        car.run(500)
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == Result.OK

    def test_a_car_without_an_imu_is_not_judged(self) -> None:
        car = _driving(capabilities=Capability.BUMPERS)
        car.tilt_rad = 1.5
        car.drive(500, 0.4)
        assert car.status.state == State.ARMED


class TestSilence:
    def test_an_imu_that_falls_silent_holds_the_car(self) -> None:
        car = _driving()
        car.inputs.imu_fresh = 0
        car.drive(90, 0.4)
        assert car.status.cause == Cause.NONE
        car.drive(20, 0.4)
        assert (car.status.state, car.status.cause) == (State.ARMED, Cause.IMU_SILENT)
        car.drive(900, 0.4)
        assert car.is_at_rest
        assert car.status.arm_checks == ArmCheck.IMU_SILENT
        car.inputs.imu_fresh = 1
        car.drive(800, 0.4)
        assert car.body.vx_mps == pytest.approx(0.4, abs=0.02)

    def test_a_car_whose_imu_never_spoke_is_not_armed(self) -> None:
        car = Car()
        car.inputs.imu_fresh = 0
        car.run(300)
        car.open_session()
        assert car.command(Command.ARM).detail == ArmCheck.IMU_SILENT


class TestPlausible:
    @pytest.mark.parametrize("share", [0.0, 0.84, 1.16, 2.0])
    def test_an_imu_that_does_not_feel_gravity_refuses_arming(self, share: float) -> None:
        car = Car()
        car.felt_besides_mps2 = (0.0, 0.0, (share - 1.0) * GRAVITY_MPS2)
        car.run(300)
        assert car.status.arm_checks & ArmCheck.IMU_IMPLAUSIBLE

    @pytest.mark.parametrize("share", [0.86, 1.14])
    def test_a_fair_imu_does_not(self, share: float) -> None:
        car = Car()
        car.felt_besides_mps2 = (0.0, 0.0, (share - 1.0) * GRAVITY_MPS2)
        car.run(300)
        assert not car.status.arm_checks & ArmCheck.IMU_IMPLAUSIBLE

    @pytest.mark.parametrize("axis", [0, 1, 2])
    @pytest.mark.parametrize(("rate_radps", "is_refused"), [(0.11, True), (-0.11, True), (0.09, False)])
    def test_a_turn_at_rest_refuses_arming(self, axis: int, rate_radps: float, is_refused: bool) -> None:
        car = Car()
        car.run(50)
        car.imu_is_told = False
        car.inputs.gyro_500urad[axis] = round(2000 * rate_radps)
        car.run(300)
        assert bool(car.status.arm_checks & ArmCheck.IMU_IMPLAUSIBLE) == is_refused

    def test_turning_wheels_are_a_reason_of_their_own(self) -> None:
        car = _driving(0.0, 1.0)
        assert car.status.arm_checks == ArmCheck.WHEELS_MOVING
