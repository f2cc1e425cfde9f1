"""Misfortunes come in pairs: what a car does when a second cause to stop comes with the first or after it."""

from __future__ import annotations

import pytest
from car import Car
from test_causes import HAPPENS, SPEED_MPS, _driving, _is_as_promised

from firmware_protocol.messages import CAUSES, Cause, Command, Effect, EventCode, Result, State

STOPPING = [cause for cause in HAPPENS if CAUSES[cause].effect >= Effect.RAMP]


def told(car: Car) -> list[Cause]:
    """Return the causes of its STOPs, in the order in which they were told."""
    return [Cause(event.argument) for event in car.events(EventCode.STOP_LATCHED)]


class TestPairs:
    @pytest.mark.parametrize("delay_ms", [0, 150])
    @pytest.mark.parametrize("first", STOPPING)
    def test_one_stop_is_latched_and_its_cause_gives_way_only_to_a_graver_one(
        self, first: Cause, delay_ms: int
    ) -> None:
        for second in set(STOPPING) - {first}:
            car = _driving()
            HAPPENS[first](car)
            car.drive(delay_ms, SPEED_MPS)
            HAPPENS[second](car)
            car.drive(1600, SPEED_MPS)
            causes = told(car)
            effects = [CAUSES[cause].effect for cause in causes]
            assert causes, second
            assert effects == sorted(set(effects)), (second, causes)
            assert min(effects[1:], default=Effect.BRAKE) >= Effect.BRAKE, (second, causes)
            assert (car.status.state, car.status.cause) == (State.STOPPED, causes[-1])
            assert car.status.stop_count == 1
            assert not car.outputs.enable

    @pytest.mark.parametrize(
        ("first", "graver"),
        [
            (Cause.HOST_STOP, Cause.ENCODER_SIGN),
            (Cause.CHARGING, Cause.WHEEL_MISMATCH),
            (Cause.OVERRUN, Cause.MEMORY),
            (Cause.ENCODER_SIGN, Cause.TILT),
        ],
    )
    def test_a_car_that_brakes_is_braked_harder_or_cut_off_for_a_graver_cause(
        self, first: Cause, graver: Cause
    ) -> None:
        car = _driving()
        HAPPENS[first](car)
        HAPPENS[graver](car)
        for _ in range(60):
            car.drive(10, SPEED_MPS)
            if len(told(car)) == 2:
                break
        assert told(car) == [first, graver]
        _is_as_promised(car, CAUSES[graver].effect)

    def test_two_faults_of_the_wheels_that_are_found_in_the_same_moment_are_one_stop(self) -> None:
        first = []
        for delay_ms in range(80, 140, 10):
            car = _driving()
            HAPPENS[Cause.YAW_MISMATCH](car)
            car.drive(delay_ms, SPEED_MPS)
            HAPPENS[Cause.WHEEL_MISMATCH](car)
            car.drive(700, SPEED_MPS)
            first += told(car)
        assert first == sorted(first)
        assert len(first) == 6
        assert set(first) == {Cause.WHEEL_MISMATCH, Cause.YAW_MISMATCH}


class TestReleasing:
    def test_motors_that_are_held_although_nothing_turns_are_not_released(self) -> None:
        car = _driving()
        car.blocked = {0, 1}
        for _ in range(100):
            car.drive(10, SPEED_MPS)
            if told(car):
                break
        answers = []
        for _ in range(60):
            assert car.is_at_rest
            held = bool(car.outputs.enable)
            answers.append((held, car.command(Command.CLEAR_STOP, car.status.stop_count).result))
        assert [result for held, result in answers if held] == [Result.DENIED] * 50
        assert (False, Result.OK) in answers
        assert (False, Result.DENIED) not in answers
