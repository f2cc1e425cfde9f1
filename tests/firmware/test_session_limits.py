"""Who may have a car and when, to the microsecond, and what a new owner finds."""

from __future__ import annotations

import pytest
from car import SESSION, Car, config

from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    Cause,
    Chassis,
    Cmd,
    Command,
    Drive,
    DriveFlag,
    EventCode,
    Heartbeat,
    Hello,
    HelloRequest,
    LinkStats,
    Resp,
    Result,
    State,
    StatusFlag,
    Stop,
)

OTHER = SESSION + 1
PERIOD_US = 10_000
SILENT_MS = 700


def step_after(car: Car, elapsed_us: int) -> None:
    """Let the next step come so long after the last one; only the test moves the counters."""
    car.inputs.now_us = (car.inputs.now_us - PERIOD_US + elapsed_us) % 2**32
    car.step_without_wheels()


def roll_on(car: Car, duration_us: int) -> None:
    """Let a car roll so slowly that nothing is wrong with it, and so fast that it is not at rest."""
    while duration_us > 0:
        for wheel in (0, 1):
            car.inputs.ticks[wheel] += 2
        step_after(car, min(duration_us, PERIOD_US))
        duration_us -= PERIOD_US


def owner(car: Car) -> int:
    """Return whose car it is."""
    return car.latest(Hello).session


def ask(session: int) -> HelloRequest:
    return HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, session)


def refused(car: Car) -> int:
    """Return how many frames it has refused."""
    car.run(1100)
    return car.latest(LinkStats).refused


class TestTakingOver:
    @pytest.mark.parametrize("start_us", [5_000_000, 2**32 - 600_000])
    @pytest.mark.parametrize(
        ("waits_us", "whose"), [(1000 * SILENT_MS - 1, SESSION), (1000 * SILENT_MS, OTHER)]
    )
    def test_a_rolling_car_is_free_when_its_owner_was_silent_for_so_long_and_not_a_microsecond_earlier(
        self, start_us: int, waits_us: int, whose: int
    ) -> None:
        car = Car(config(host_silent_ms=SILENT_MS), start_us=start_us).armed()
        car.send(Heartbeat(SESSION, 1))
        step_after(car, PERIOD_US)
        roll_on(car, waits_us - PERIOD_US)
        assert car.status.state == State.ARMED
        car.send(ask(OTHER))
        step_after(car, min(PERIOD_US, waits_us % PERIOD_US or PERIOD_US))
        assert owner(car) == whose

    def test_an_owner_who_drives_is_not_silent_while_the_lease_lasts(self) -> None:
        car = Car(config(host_silent_ms=500)).armed()
        car.send(Drive(SESSION, 1, 500, 0.0, 0.0, 0.0))
        step_after(car, PERIOD_US)
        roll_on(car, 490_000)
        car.send(ask(OTHER))
        step_after(car, PERIOD_US)
        assert owner(car) == SESSION

    def test_session_1_keeps_its_car_like_any_other(self) -> None:
        car = Car()
        car.run(200)
        car.open_session(1)
        assert car.command(Command.ARM, session=1).result == Result.OK
        car.open_session(OTHER)
        assert owner(car) == 1

    def test_a_new_owner_finds_no_cause_of_the_time_before(self) -> None:
        car = Car().armed()
        car.run(1500)
        assert (car.status.state, car.status.cause) == (State.DISARMED, Cause.HOST_SILENT)
        car.open_session(OTHER)
        assert car.status.cause == Cause.NONE

    def test_a_stop_keeps_its_cause(self) -> None:
        car = Car().armed().stopped()
        car.run(300)
        car.open_session(OTHER)
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.HOST_STOP)

    def test_a_new_owner_hears_at_once_what_the_last_one_did_not_confirm(self) -> None:
        car = Car().armed()
        car.run(1500)
        told = len(car.events(EventCode.BOOTED))
        heard = len(car.heard)
        car.open_session(OTHER)
        codes = [getattr(said, "code", None) for said in car.heard[heard:]]
        assert told == 1
        assert EventCode.BOOTED in codes
        assert EventCode.SESSION_OPENED in codes
        assert [event.argument for event in car.events(EventCode.SESSION_OPENED)] == [SESSION, OTHER]

    @pytest.mark.parametrize("change", [{"magic": MAGIC ^ 1}, {"major": MAJOR + 1}, {"session": 0}])
    def test_who_speaks_otherwise_is_answered_and_gets_nothing(self, change: dict[str, int]) -> None:
        car = Car()
        car.run(300)
        said = len(car.all_of(Hello))
        car.send(ask(SESSION)._replace(**change))
        car.step()
        assert len(car.all_of(Hello)) == said + 1
        assert owner(car) == 0


class TestSignsOfLife:
    """What keeps the owner from being silent, and what does not."""

    def life(self, *said: object, count: int = 1) -> int:
        """Return for how many milliseconds a car stays armed after this was said at 300 ms."""
        car = Car(config(host_silent_ms=500)).armed()
        car.send(Heartbeat(SESSION, 5), Drive(SESSION, count, 100, 0.0, 0.0, 0.0))
        answer = Cmd(SESSION, 77, Command.RESET_ODOMETRY, 0)
        car.send(answer)
        car.step()
        car.run(290)
        for each in said:
            car.send(each)  # type: ignore[arg-type]
        after_ms = 0
        while car.status.state == State.ARMED:
            car.step()
            after_ms += 10
        return after_ms

    @pytest.mark.parametrize(
        ("said", "counts"),
        [
            (Heartbeat(SESSION, 6), True),
            (Heartbeat(SESSION, 5), False),
            (Heartbeat(SESSION, 0), True),
            (Heartbeat(SESSION, 2**32 - 1), True),
            (Heartbeat(OTHER, 1), False),
            (Drive(SESSION, 2, 100, 0.0, 0.0, 0.0), True),
            (Drive(SESSION, 1, 100, 0.0, 0.0, 0.0), False),
            (Drive(SESSION, 2, 99, 0.0, 0.0, 0.0), False),
            (Drive(OTHER, 2, 100, 0.0, 0.0, 0.0), False),
            (Cmd(SESSION, 78, Command.RESET_ODOMETRY, 0), True),
            (Cmd(SESSION, 78, 200, 0), True),
            (Cmd(SESSION, 77, Command.RESET_ODOMETRY, 0), False),
            (Cmd(SESSION, 0, Command.RESET_ODOMETRY, 0), False),
            (Cmd(OTHER, 78, Command.RESET_ODOMETRY, 0), False),
            (ask(SESSION), False),
            (ask(OTHER), False),
        ],
    )
    def test_only_something_new_of_the_owner_counts(self, said: object, counts: bool) -> None:
        assert self.life(said) == (510 if counts else 210)


class TestRefusals:
    @pytest.mark.parametrize(
        ("said", "times"),
        [
            (Heartbeat(SESSION, 0), 0),
            (Heartbeat(OTHER, 0), 1),
            (Drive(SESSION, 5, 100, 0.0, 0.0, 0.0), 0),
            (Drive(SESSION, 5, 501, 0.0, 0.0, 0.0), 1),
            (Cmd(OTHER, 78, Command.RESET_ODOMETRY, 0), 1),
            (Cmd(SESSION, 0, Command.RESET_ODOMETRY, 0), 1),
            (Cmd(SESSION, 78, 200, 0), 0),
            (Stop(3), 0),
        ],
    )
    def test_they_are_counted(self, said: Heartbeat, times: int) -> None:
        car = Car()
        car.run(200)
        car.open_session()
        before = refused(car)
        car.send(said)
        assert refused(car) == before + times

    @pytest.mark.parametrize(("age_us", "times"), [(99_999, 0), (100_000, 1), (-50_000, 0), (-50_001, 1)])
    def test_a_drive_that_is_as_old_as_its_lease_is_refused(self, age_us: int, times: int) -> None:
        car = Car()
        car.run(200)
        car.open_session()
        before = refused(car)
        made_us = (car.inputs.now_us - age_us) % 2**32
        car.send(Drive(SESSION, 5, 100, 0.0, 0.0, 0.0, DriveFlag.DATED, made_us))
        assert refused(car) == before + times

    @pytest.mark.parametrize("reason", [0, 1, 7, 255])
    def test_a_stop_says_whose_it_is(self, reason: int) -> None:
        car = Car().armed()
        car.run(10, Stop(reason))
        assert (car.status.stop_source, car.status.cause) == (reason, Cause.HOST_STOP)

    def test_a_message_for_the_host_is_neither_refused_nor_obeyed(self) -> None:
        car = Car()
        car.run(200)
        before = refused(car), car.latest(LinkStats).unknown
        car.send(Resp(SESSION, 1, 1, 0, 0))
        assert (refused(car), car.latest(LinkStats).unknown) == (before[0], before[1] + 1)


class TestDrives:
    @pytest.mark.parametrize(("count", "is_obeyed"), [(1, True), (0x7FFF, True), (0x8000, False), (0, False)])
    def test_a_count_is_newer_by_less_than_half_of_all(self, count: int, is_obeyed: bool) -> None:
        for first in (0, 7, 65_000):
            car = Car().armed()
            car.send(Drive(SESSION, first, 100, 0.0, 0.0, 0.0))
            car.step()
            car.run(200)
            car.send(Drive(SESSION, (first + count) % 2**16, 100, 0.0, 0.0, 0.0))
            car.step()
            assert bool(car.status.flags & StatusFlag.LEASE_VALID) is is_obeyed

    def test_what_a_disarmed_car_hears_uses_its_count_up_and_is_not_obeyed(self) -> None:
        car = Car()
        car.run(200)
        car.open_session()
        car.send(Drive(SESSION, 9, 500, 0.3, 0.0, 0.0))
        car.step()
        assert car.command(Command.ARM).result == Result.OK
        assert not car.status.flags & StatusFlag.LEASE_VALID
        car.send(Drive(SESSION, 9, 500, 0.3, 0.0, 0.0))
        car.step()
        assert not car.status.flags & StatusFlag.LEASE_VALID
        car.send(Drive(SESSION, 10, 500, 0.3, 0.0, 0.0))
        car.step()
        assert car.status.flags & StatusFlag.LEASE_VALID

    @pytest.mark.parametrize("chassis", Chassis)
    def test_each_part_is_obeyed_as_far_as_the_car_may(self, chassis: Chassis) -> None:
        is_mecanum = chassis == Chassis.MECANUM
        for vx_mps, vy_mps, wz_radps in (
            (0.3, 0.0, 0.0),
            (0.0, 0.3, 0.0),
            (0.0, 0.0, 1.0),
            (0.0, 0.0, -30.0),
            (32.0, 0.0, 0.0),
            (0.0, -32.0, 0.0),
        ):
            if chassis == Chassis.ACKERMANN and wz_radps:
                continue  # it does not turn on the spot
            car = Car(config(chassis=chassis, max_speed_mps=0.4, max_turn_radps=2.0, range_mask=0)).armed()
            car.drive(2500, vx_mps, wz_radps, vy_mps=vy_mps)
            body = car.moving
            wanted = min(vx_mps, 0.4), max(min(vy_mps, 0.4), -0.4) * is_mecanum, max(min(wz_radps, 2.0), -2.0)
            assert body == pytest.approx(wanted, abs=0.03)
