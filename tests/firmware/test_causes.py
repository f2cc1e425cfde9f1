"""Every cause has a sentence, a remedy and an effect, can really happen, and does what the catalogue says."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest
from car import FRONT, Car, config

from firmware_protocol.boards import FIRMWARE
from firmware_protocol.messages import (
    ARM_CHECKS,
    CAUSES,
    ArmCheck,
    Cause,
    Command,
    Effect,
    EventCode,
    Result,
    State,
    Stop,
)

SPEED_MPS = 0.4


def _stop(car: Car) -> None:
    car.send(Stop(0))


def _bumper(car: Car) -> None:
    car.inputs.bumpers = 1


def _near(car: Car) -> None:
    car.put_ranges(50, [FRONT])


def _low_battery(car: Car) -> None:
    car.inputs.battery_mv = 6000


def _silent_ranges(car: Car) -> None:
    car.inputs.range_fresh = 0


def _late(car: Car) -> None:
    car.inputs.now_us += 60_000


def _cliff(car: Car) -> None:
    car.inputs.cliffs = 1


def _tilt(car: Car) -> None:
    car.tilt_rad = 1.0


def _blocked(car: Car) -> None:
    car.blocked = {0, 1}


def _dead_encoder(car: Car) -> None:
    car.encoder_gains[1] = 0.0


def _reversed_motor(car: Car) -> None:
    car.motor_gains[0] = -1.0


def _dead_motor(car: Car) -> None:
    car.motor_gains[0] = 0.0


def _swapped(car: Car) -> None:
    car.imu_is_told = False
    car.inputs.gyro_500urad[2] = -3000


def _no_battery_sense(car: Car) -> None:
    car.inputs.battery_mv = 0


def _charger(car: Car) -> None:
    car.inputs.charger = 1


def _bad_memory(car: Car) -> None:
    memory = (ctypes.c_uint8 * car.memory_size).from_address(car.memory_address)
    memory[bytes(memory).index(bytes(car.settings))] ^= 1


def _silent_imu(car: Car) -> None:
    car.inputs.imu_fresh = 0


def _stuck_on(car: Car) -> None:
    car.stuck_on = {0: 1.0}


# how each cause comes about while a car drives on at SPEED_MPS
HAPPENS: Mapping[Cause, Callable[[Car], None]] = MappingProxyType(
    {
        Cause.HOST_STOP: _stop,
        Cause.BUMPER: _bumper,
        Cause.NEAR_RANGE: _near,
        Cause.UNDERVOLTAGE: _low_battery,
        Cause.RANGE_SILENT: _silent_ranges,
        Cause.OVERRUN: _late,
        Cause.CLIFF: _cliff,
        Cause.TILT: _tilt,
        Cause.STALL: _blocked,
        Cause.ENCODER_DEAD: _dead_encoder,
        Cause.ENCODER_SIGN: _reversed_motor,
        Cause.WHEEL_MISMATCH: _dead_motor,
        Cause.YAW_MISMATCH: _swapped,
        Cause.BATTERY_SENSOR: _no_battery_sense,
        Cause.CHARGING: _charger,
        Cause.MEMORY: _bad_memory,
        Cause.IMU_SILENT: _silent_imu,
    }
)
OTHERWISE = {Cause.NONE, Cause.LEASE_EXPIRED, Cause.HOST_SILENT, Cause.RUNAWAY}  # not while driving on


def _driving() -> Car:
    car = Car(config(max_speed_mps=0.8)).armed()
    car.drive(1000, SPEED_MPS)
    return car


def _goes_on_until_told(car: Car) -> None:
    for _ in range(200):
        car.drive(10, SPEED_MPS)
        if car.status.cause != Cause.NONE:
            return


def _is_as_promised(car: Car, effect: Effect) -> None:
    duties = list(car.outputs.duty_permille)[:2]
    latches = effect in {Effect.RAMP, Effect.BRAKE, Effect.CUT}
    assert car.status.state == (State.STOPPED if latches else State.ARMED)
    assert bool(car.outputs.enable) == (effect is not Effect.CUT)
    assert (duties == [0, 0]) == (effect in {Effect.BRAKE, Effect.CUT})


class TestCause:
    def test_every_cause_has_its_way_to_happen(self) -> None:
        assert set(HAPPENS) | OTHERWISE == set(Cause)

    @pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.NONE])
    def test_every_cause_explains_itself(self, cause: Cause) -> None:
        explained = CAUSES[cause]
        assert explained.text
        assert explained.remedy
        assert explained.effect is not Effect.NOTHING

    @pytest.mark.parametrize("cause", HAPPENS)
    def test_it_is_told_and_does_what_the_catalogue_says(self, cause: Cause) -> None:
        car = _driving()
        HAPPENS[cause](car)
        _goes_on_until_told(car)
        assert car.status.cause == cause
        _is_as_promised(car, CAUSES[cause].effect)

    @pytest.mark.parametrize("cause", [c for c in HAPPENS if CAUSES[c].effect >= Effect.RAMP])
    def test_a_latched_one_is_one_event_and_one_number_and_ends_at_rest(self, cause: Cause) -> None:
        car = _driving()
        HAPPENS[cause](car)
        _goes_on_until_told(car)
        car.drive(2000, SPEED_MPS)
        assert [event.argument for event in car.events(EventCode.STOP_LATCHED)] == [cause]
        assert car.status.stop_count == 1
        assert not car.outputs.enable
        assert car.is_at_rest

    @pytest.mark.parametrize("cause", [c for c in HAPPENS if CAUSES[c].effect is Effect.HOLD])
    def test_a_hold_brings_the_car_to_rest_and_stays_armed(self, cause: Cause) -> None:
        car = _driving()
        HAPPENS[cause](car)
        car.drive(1500, SPEED_MPS)
        assert car.is_at_rest
        assert (car.status.state, car.status.cause) == (State.ARMED, cause)

    def test_silence_of_the_host_holds_first_and_disarms_then(self) -> None:
        car = _driving()
        car.run(210)
        assert (car.status.state, car.status.cause) == (State.ARMED, Cause.LEASE_EXPIRED)
        car.run(900)
        assert (car.status.state, car.status.cause) == (State.DISARMED, Cause.HOST_SILENT)

    def test_a_runaway_of_a_standing_car_is_cut(self) -> None:
        car = Car().armed()
        car.drive(300)
        _stuck_on(car)
        for _ in range(40):
            car.drive(10)
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.RUNAWAY)
        assert not car.outputs.enable

    def test_the_firmware_names_no_cause_that_the_catalogue_does_not_have(self) -> None:
        named = {
            name
            for source in sorted((FIRMWARE / "src").glob("*.c"))
            for name in re.findall(r"PCP_CAUSE_(\w+)", source.read_text(encoding="utf-8"))
        }
        assert named == {cause.name for cause in Cause}


FAILS: Mapping[ArmCheck, Callable[[Car], None]] = MappingProxyType(
    {
        ArmCheck.BUMPER_PRESSED: _bumper,
        ArmCheck.UNDERVOLTAGE: _low_battery,
        ArmCheck.RANGES_SILENT: _silent_ranges,
        ArmCheck.TILTED: _tilt,
        ArmCheck.IMU_SILENT: _silent_imu,
        ArmCheck.IMU_IMPLAUSIBLE: _swapped,
        ArmCheck.BATTERY_SENSOR: _no_battery_sense,
        ArmCheck.CHARGING: _charger,
        ArmCheck.MEMORY: _bad_memory,
    }
)
BY_STATE = ArmCheck.STOP_LATCHED | ArmCheck.WHEELS_MOVING | ArmCheck.NO_SESSION


def _standing() -> Car:
    car = Car()
    car.run(300)
    car.open_session()
    return car


class TestSelfTest:
    def test_every_check_is_tried_and_explained(self) -> None:
        tried = BY_STATE
        for check in FAILS:
            tried |= check
        assert tried == ArmCheck(sum(ArmCheck))
        assert all(explained.text and explained.remedy for explained in ARM_CHECKS.values())
        assert set(ARM_CHECKS) == set(ArmCheck)

    @pytest.mark.parametrize("check", FAILS)
    def test_each_alone_refuses_arming_and_is_told_in_status(self, check: ArmCheck) -> None:
        car = _standing()
        FAILS[check](car)
        car.run(1000)
        assert car.status.arm_checks == check
        answer = car.command(Command.ARM)
        assert (answer.result, answer.detail) == (Result.DENIED, check)
        assert car.events(EventCode.ARM_REFUSED)[-1].argument == check

    def test_all_that_fail_are_told_at_once(self) -> None:
        car = _standing()
        car.tilt_rad = 1.0
        car.run(200)
        for fail in (_low_battery, _silent_ranges, _swapped, _charger, _bad_memory, _stop, _bumper):
            fail(car)
        car.run(1000)
        car.inputs.imu_fresh = 0
        car.run(110)
        expected = (
            ArmCheck.STOP_LATCHED
            | ArmCheck.BUMPER_PRESSED
            | ArmCheck.UNDERVOLTAGE
            | ArmCheck.RANGES_SILENT
            | ArmCheck.TILTED
            | ArmCheck.IMU_SILENT
            | ArmCheck.IMU_IMPLAUSIBLE
            | ArmCheck.CHARGING
            | ArmCheck.MEMORY
        )
        assert car.command(Command.ARM).detail == expected

    def test_a_sound_car_passes_them_all(self) -> None:
        car = _standing()
        assert car.status.arm_checks == 0
        assert car.command(Command.ARM).result == Result.OK
