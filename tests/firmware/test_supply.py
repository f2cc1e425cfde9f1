"""A battery reading that cannot be true, a charger, and settings that changed by themselves stop the car."""

from __future__ import annotations

import ctypes

import pytest
from car import Car, config

from firmware_protocol.messages import PARAMETERS, ArmCheck, Cause, Command, Result, State


def _driving() -> Car:
    car = Car().armed()
    car.drive(1000, 0.4)
    return car


def _stopped_after_ms(car: Car) -> int:
    for after_ms in range(10, 3000, 10):
        car.drive(10, 0.4)
        if car.status.state == State.STOPPED:
            return after_ms
    return 3000


def _checks(car: Car) -> int:
    car.run(300)
    car.open_session()
    return car.command(Command.ARM).detail


class TestBatterySensor:
    @pytest.mark.parametrize("reading_mv", [0, 9001, 65535])
    def test_an_impossible_reading_stops_the_car(self, reading_mv: int) -> None:
        car = _driving()
        car.inputs.battery_mv = reading_mv
        assert _stopped_after_ms(car) <= 100
        assert car.status.cause == Cause.BATTERY_SENSOR
        car.run(600)
        assert car.is_at_rest
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == Result.DENIED

    @pytest.mark.parametrize("reading_mv", [0, 9001])
    def test_it_refuses_arming_from_the_first_reading_on(self, reading_mv: int) -> None:
        car = Car()
        car.inputs.battery_mv = reading_mv
        assert _checks(car) == ArmCheck.BATTERY_SENSOR

    @pytest.mark.parametrize("reading_mv", [0, 65535])
    def test_a_single_bad_reading_is_none(self, reading_mv: int) -> None:
        car = _driving()
        for _ in range(30):
            car.inputs.battery_mv = reading_mv
            car.drive(20, 0.4)
            car.inputs.battery_mv = 7400
            car.drive(20, 0.4)
        assert car.status.state == State.ARMED

    def test_it_is_not_taken_for_an_empty_battery(self) -> None:
        car = _driving()
        car.inputs.battery_mv = 0
        car.drive(2000, 0.4)
        assert not car.status.arm_checks & ArmCheck.UNDERVOLTAGE


class TestCharger:
    def test_plugged_in_while_armed_it_stops_the_car_within_300_ms(self) -> None:
        car = _driving()
        car.inputs.charger = 1
        assert _stopped_after_ms(car) <= 300
        assert car.status.cause == Cause.CHARGING

    def test_a_charging_car_is_not_armed(self) -> None:
        car = Car()
        car.inputs.charger = 1
        assert _checks(car) == ArmCheck.CHARGING
        car.inputs.charger = 0
        car.run(100)
        assert car.command(Command.ARM).result == Result.OK


class Settings:
    """The settings as they lie in the controller's memory."""

    def __init__(self, car: Car) -> None:
        self._struct = type(car.settings)
        self._bytes = (ctypes.c_uint8 * car.memory_size).from_address(car.memory_address)
        self._begin = bytes(self._bytes).index(bytes(car.settings))

    def flip(self, field: str, bit: int) -> None:
        """Flip one bit of a parameter."""
        at: int = getattr(self._struct, field).offset + bit // 8
        self._bytes[self._begin + at] ^= 1 << bit % 8


class TestMemory:
    @pytest.mark.parametrize("field", [parameter.field for parameter in PARAMETERS if parameter.is_safety])
    def test_a_flipped_bit_of_a_protection_stops_the_car_within_a_second(self, field: str) -> None:
        car = _driving()
        Settings(car).flip(field, 0)
        assert _stopped_after_ms(car) <= 1000
        assert car.status.cause == Cause.MEMORY
        assert not car.outputs.enable
        car.run(1000)
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == Result.DENIED

    def test_arming_looks_at_all_of_it(self) -> None:
        car = Car()
        car.run(300)
        car.open_session()
        Settings(car).flip("steer_trim_mrad", 15)
        answer = car.command(Command.ARM)
        assert (answer.result, answer.detail) == (Result.DENIED, ArmCheck.MEMORY)

    def test_damage_that_repairs_itself_is_damage_all_the_same(self) -> None:
        car = Car()
        car.run(300)
        memory = Settings(car)
        memory.flip("track_m", 3)
        car.run(600)
        memory.flip("track_m", 3)
        car.run(600)
        assert car.status.arm_checks & ArmCheck.MEMORY
        assert car.restart() == 0
        car.run(600)
        assert not car.status.arm_checks & ArmCheck.MEMORY

    def test_sound_memory_is_never_suspected(self) -> None:
        car = Car(config())
        car.run(5000)
        assert not car.status.arm_checks & ArmCheck.MEMORY
