"""Battery, charger and settings at their limits: to the millivolt, to the microsecond, to the byte."""

from __future__ import annotations

import ctypes
import itertools

import pytest
from car import Car, config

from firmware_protocol.controller_layout import ConfigStruct
from firmware_protocol.messages import ArmCheck, Command, Hello, Result

PERIOD_US = 10_000
BYTES_PER_STEP = 8
STEPS_FOR_ALL = -(-ctypes.sizeof(ConfigStruct) // BYTES_PER_STEP)
SOUND_MV = 7400


def step_after(car: Car, elapsed_us: int) -> None:
    """Let the next step come so long after the last one."""
    car.inputs.now_us = (car.inputs.now_us - PERIOD_US + elapsed_us) % 2**32
    car.step()


def says(car: Car, check: ArmCheck) -> bool:
    """Whether this keeps the car from being armed, as its newest STATUS says it."""
    return bool(car.status.arm_checks & check)


def put(car: Car, check: ArmCheck, *, wrong: bool) -> None:
    """Let the battery or the charger be as it must be, or not."""
    car.inputs.charger = int(wrong and check == ArmCheck.CHARGING)
    bad_mv = {ArmCheck.BATTERY_SENSOR: 0, ArmCheck.UNDERVOLTAGE: 6000}
    car.inputs.battery_mv = bad_mv.get(check, SOUND_MV) if wrong else SOUND_MV


PATIENCE_US = {
    ArmCheck.BATTERY_SENSOR: 40_000,
    ArmCheck.CHARGING: 50_000,
    ArmCheck.UNDERVOLTAGE: 60_000,  # undervoltage_ms below
}
CHECKS = pytest.mark.parametrize(("check", "patience_us"), PATIENCE_US.items())


class TestPatience:
    @CHECKS
    @pytest.mark.parametrize("wrong", [True, False])
    def test_it_is_believed_after_so_long_and_not_a_microsecond_earlier(
        self, check: ArmCheck, patience_us: int, wrong: bool
    ) -> None:
        car = Car(config(undervoltage_ms=60))
        put(car, check, wrong=not wrong)
        car.run(300)
        put(car, check, wrong=wrong)
        car.step()  # seen for the first time
        for waits_us in (patience_us // 2, patience_us // 2 - 1):
            step_after(car, waits_us)
            assert says(car, check) is not wrong
        step_after(car, 1)
        assert says(car, check) is wrong

    @CHECKS
    def test_the_first_reading_is_believed_at_once_and_the_second_is_not(
        self, check: ArmCheck, patience_us: int
    ) -> None:
        for wrong in (True, False):
            car = Car(config(undervoltage_ms=60))
            put(car, check, wrong=wrong)
            car.step()
            assert says(car, check) is wrong
            put(car, check, wrong=not wrong)
            for _ in range(patience_us // PERIOD_US):
                car.step()
                assert says(car, check) is wrong

    @CHECKS
    def test_a_belief_that_has_just_turned_is_as_patient_as_before(
        self, check: ArmCheck, patience_us: int
    ) -> None:
        car = Car(config(undervoltage_ms=60))
        car.run(300)
        put(car, check, wrong=True)
        while not says(car, check):
            car.step()
        put(car, check, wrong=False)
        for _ in range(patience_us // PERIOD_US):
            car.step()
            assert says(car, check)

    @CHECKS
    def test_it_counts_without_a_break(self, check: ArmCheck, patience_us: int) -> None:
        car = Car(config(undervoltage_ms=60))
        car.run(300)
        for _, wrong in itertools.product(range(20), (True, False)):
            put(car, check, wrong=wrong)
            car.run(patience_us // 1000 - 10 if wrong else 10)
            assert not says(car, check)


class TestVolts:
    @pytest.mark.parametrize(
        ("battery_mv", "wanted"),
        [
            (0, ArmCheck.BATTERY_SENSOR),
            (1, ArmCheck.UNDERVOLTAGE),
            (6399, ArmCheck.UNDERVOLTAGE),
            (6400, ArmCheck(0)),
            (9000, ArmCheck(0)),
            (9001, ArmCheck.BATTERY_SENSOR),
        ],
    )
    def test_a_millivolt_decides(self, battery_mv: int, wanted: ArmCheck) -> None:
        car = Car()
        car.inputs.battery_mv = battery_mv
        car.run(300)
        supply = ArmCheck.BATTERY_SENSOR | ArmCheck.UNDERVOLTAGE
        assert car.status.arm_checks & supply == wanted

    def test_an_empty_battery_stays_empty_while_it_cannot_be_measured(self) -> None:
        car = Car(config(undervoltage_ms=60))
        car.inputs.battery_mv = 6000
        car.run(100)
        car.inputs.battery_mv = 9001
        car.run(500)
        assert says(car, ArmCheck.UNDERVOLTAGE)


class Settings:
    """The settings as they lie in the controller's memory."""

    def __init__(self, car: Car) -> None:
        self._memory = (ctypes.c_uint8 * car.memory_size).from_address(car.memory_address)
        self._begin = bytes(self._memory).index(bytes(car.settings))

    def flip(self, at: int) -> None:
        """Flip a bit of one byte."""
        self._memory[self._begin + at] ^= 1


class TestMemory:
    def test_eight_bytes_are_compared_in_each_step(self) -> None:
        car = Car()
        memory = Settings(car)
        memory.flip(0)
        for step in range(1, 3 * STEPS_FOR_ALL):
            car.step()
            assert says(car, ArmCheck.MEMORY) is (step >= STEPS_FOR_ALL)

    @pytest.mark.parametrize("at", range(0, ctypes.sizeof(ConfigStruct), 5))
    def test_every_byte_is_looked_at_in_every_round(self, at: int) -> None:
        car = Car()
        car.run(3 * STEPS_FOR_ALL * 10)
        assert not says(car, ArmCheck.MEMORY)
        Settings(car).flip(at)
        car.run(STEPS_FOR_ALL * 10)
        assert says(car, ArmCheck.MEMORY)

    @pytest.mark.parametrize("steps", range(STEPS_FOR_ALL))
    def test_settings_that_are_changed_on_purpose_are_compared_from_their_begin(self, steps: int) -> None:
        car = Car()
        memory = Settings(car)
        car.open_session()
        car.run(10 * (2 * STEPS_FOR_ALL + steps))
        in_use = car.latest(Hello).parameter_values
        assert car.command(Command.APPLY_PARAMETERS, in_use - 2**32 * (in_use >> 31)).result == Result.OK
        car.run(10 * (STEPS_FOR_ALL - 1))
        assert not says(car, ArmCheck.MEMORY)
        assert car.command(Command.APPLY_PARAMETERS, in_use - 2**32 * (in_use >> 31)).result == Result.OK
        memory.flip(ctypes.sizeof(ConfigStruct) - 1)  # the step of the command has compared the first eight
        for _ in range(STEPS_FOR_ALL - 1):
            assert not says(car, ArmCheck.MEMORY)
            car.step()
        assert says(car, ArmCheck.MEMORY)
