"""What the controller does exactly at its limits, and what it leaves alone."""

from __future__ import annotations

import pytest
from car import PERIOD_MS, Car

from firmware_protocol.messages import Cause, Command, EventCode, Result, Severity, State, StatusFlag

MV_LOW = 5000


def low_battery(car: Car, mv: int = MV_LOW) -> Car:
    car.inputs.battery_mv = mv
    car.step()  # the first low reading: the time counts from here
    return car


def step_later(car: Car, elapsed_us: int) -> None:
    """Let the next step come so long after the last one."""
    car.inputs.now_us = (car.inputs.now_us - 1000 * PERIOD_MS + elapsed_us) % 2**32
    car.step()


class TestClearStop:
    @pytest.mark.parametrize("ready", ["armed", "disarmed"])
    def test_it_changes_nothing_where_nothing_is_latched(self, ready: str) -> None:
        car = Car().armed()
        if ready == "disarmed":
            car.command(Command.DISARM)
        state = car.status.state
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == Result.OK
        assert car.status.state == state
        assert not car.events(EventCode.STOP_CLEARED)

    def test_it_is_denied_while_somebody_turns_the_wheels(self) -> None:
        car = Car().armed().stopped()
        car.run(3000)  # long after the braking
        car.roll((0.1, 0.1, 0.1, 0.1), steps=5)
        assert car.status.flags & StatusFlag.MOVING
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == Result.DENIED

    def test_its_event_has_no_argument(self) -> None:
        car = Car().armed().stopped()
        car.run(300)
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == Result.OK
        assert [event.argument for event in car.events(EventCode.STOP_CLEARED)] == [0]


class TestLease:
    def test_a_stop_ends_the_lease_at_once_and_nothing_expires_later(self) -> None:
        car = Car().armed()
        car.drive(300, 0.2)
        car.stopped()
        assert not car.status.flags & StatusFlag.LEASE_VALID
        assert car.status.lease_left_ms == 0
        car.run(1000)
        assert not car.events(EventCode.LEASE_EXPIRED)

    def test_its_end_is_an_event_without_an_argument(self) -> None:
        car = Car().armed()
        car.drive(100, 0.0)
        car.run(500)
        assert [event.argument for event in car.events(EventCode.LEASE_EXPIRED)] == [0]


class TestDisarmed:
    def test_asked_for_is_good_to_know_and_a_silent_host_is_a_warning(self) -> None:
        car = Car().armed()
        car.command(Command.DISARM)
        assert car.command(Command.ARM).result == Result.OK
        car.run(2000)
        told = [(event.severity, event.argument) for event in car.events(EventCode.DISARMED)]
        assert told == [(Severity.INFO, Cause.NONE), (Severity.WARNING, Cause.HOST_SILENT)]


class TestTimes:
    @pytest.mark.parametrize(("waits_us", "state"), [(499_600, State.ARMED), (500_000, State.STOPPED)])
    def test_a_battery_is_empty_after_half_a_second_and_not_a_millisecond_earlier(
        self, waits_us: int, state: State
    ) -> None:
        car = low_battery(Car().armed())
        full, rest_us = divmod(waits_us, 40_000)
        for _ in range(full):
            step_later(car, 40_000)
        step_later(car, rest_us)
        assert car.status.state == state

    @pytest.mark.parametrize(("waits_us", "state"), [(999_500, State.ARMED), (1_000_000, State.DISARMED)])
    def test_a_host_is_silent_after_a_second_and_not_a_millisecond_earlier(
        self, waits_us: int, state: State
    ) -> None:
        car = Car()
        car.run(200)
        car.open_session()
        assert car.command(Command.ARM).result == Result.OK  # heard now, in a step that is over
        full, rest_us = divmod(waits_us, 40_000)
        for _ in range(full):
            step_later(car, 40_000)
        if rest_us:
            step_later(car, rest_us)
        assert car.status.state == state

    @pytest.mark.parametrize(("gap_us", "state"), [(50_000, State.ARMED), (50_001, State.STOPPED)])
    def test_a_step_is_late_after_more_than_50_ms(self, gap_us: int, state: State) -> None:
        car = Car().armed()
        step_later(car, gap_us)
        assert car.status.state == state
