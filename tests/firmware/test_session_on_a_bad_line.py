"""The host's session and the real controller, joined by a line that loses frames or stands still."""

from __future__ import annotations

import random

import pytest
from car import PERIOD_MS, Car, config
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.greeting import WRONG_KEY
from firmware_protocol.messages import Command, Event, LinkStats, Message, State
from firmware_protocol.session import EventsLost, LinkEvent, LinkState, LinkUp, Refused, Session

MS = 1_000_000
TURN_STEPS = 2
KEY = bytes(range(32))


def keyed(key: bytes = KEY) -> Car:
    made = config(has_key=1)
    made.key[:] = key
    return Car(made)


class Host:
    """One session on the line of a car; each frame is lost by chance, both ways."""

    def __init__(self, car: Car, *, number: int = 7, key: bytes | None = None, loss: float = 0.0) -> None:
        self.car = car
        self.session = Session(number, key)
        self.loss = loss
        self.heard: list[Message] = []
        self.events: list[LinkEvent] = []
        self.now_ms = 0
        self.stands = False  # nothing that is sent arrives: it waits
        self.wants_mps: float | None = None
        self._waiting: list[bytes] = []
        self._chance = random.Random(number)
        self._from_car = b""

    def turn(self) -> None:
        """Read, decide, write, and let the car live for 20 ms."""
        now_ns = self.now_ms * MS
        messages, events = self.session.receive(self._from_car, now_ns)
        out, more = self.session.poll(self.now_ms, now_ns)
        if self.wants_mps is not None:
            out += self.session.drive(self.wants_mps, 0.0, 0.0, 200, now_ns)
        self.heard += messages
        self.events += [*events, *more]
        self._waiting += self._kept(out)
        if not self.stands:
            self.car.send_bytes(b"".join(self._waiting))
            self._waiting.clear()
        self._from_car = b""
        for _ in range(TURN_STEPS):
            self.car.step()
            self._from_car += b"".join(self._kept(self.car.wire))
        self.now_ms += TURN_STEPS * PERIOD_MS

    def run(self, duration_ms: int) -> Host:
        for _ in range(duration_ms // (TURN_STEPS * PERIOD_MS)):
            self.turn()
        return self

    def connected(self) -> Host:
        self.run(1000)
        assert self.session.state is LinkState.UP, self.session.sentence
        return self

    def command(self, command: Command) -> None:
        self.session.command(command)
        self.run(200)

    def _kept(self, wire: bytes) -> list[bytes]:
        frames = [frame + b"\0" for frame in wire.split(b"\0") if frame]
        return [frame for frame in frames if self._chance.random() >= self.loss]

    @property
    def delivered(self) -> list[int]:
        return [event.event_count for event in self.heard if isinstance(event, Event)]

    @property
    def lost(self) -> int:
        return sum(event.count for event in self.events if isinstance(event, EventsLost))


def happened(car: Car) -> list[int]:
    """Return the number of every event there was, as the car told it before any loss."""
    return sorted({event.event_count for event in car.all_of(Event)})


class TestEvents:
    @given(st.floats(0.0, 0.3), st.integers(1, 65535), st.integers(1, 12))
    @settings(max_examples=25, deadline=None)
    def test_every_event_arrives_once_and_in_order_though_three_of_ten_frames_are_lost_both_ways(
        self, loss: float, number: int, times: int
    ) -> None:
        host = Host(Car(), number=number, loss=loss).run(2000)
        for index in range(times):
            host.command(Command.DISARM if index % 2 else Command.ARM)
        host.loss = 0.0
        host.run(2000)
        assert host.lost == 0
        assert host.delivered == happened(host.car)
        assert host.delivered[-1] > 2

    @given(st.integers(17, 60))
    @settings(max_examples=10, deadline=None)
    def test_what_no_longer_fits_into_the_controllers_memory_is_told_as_lost_and_the_rest_arrives(
        self, more: int
    ) -> None:
        host = Host(Car()).connected()
        host.loss = 1.0
        before = happened(host.car)[-1]
        while happened(host.car)[-1] - before < more:
            host.car.command(Command.ARM, session=host.session.number)
            host.car.command(Command.DISARM, session=host.session.number)
        host.loss = 0.0
        host.run(3000)
        assert host.delivered == sorted(set(host.delivered))
        assert host.lost == len(happened(host.car)) - len(host.delivered)
        assert host.lost >= more - 16
        assert host.delivered[-1] == happened(host.car)[-1]

    def test_a_controller_that_starts_anew_counts_anew(self) -> None:
        host = Host(Car()).connected()
        host.command(Command.ARM)
        host.car.settings.boot_id += 1
        host.car.restart()
        host.run(2000)
        first, second = host.delivered.index(1), len(host.delivered) - host.delivered[::-1].index(1) - 1
        assert second > first
        assert host.delivered[second:] == list(range(1, len(host.delivered) - second + 1))
        assert host.lost == 0


class TestTimeAndDates:
    def test_the_session_knows_the_controllers_clock_half_a_second_after_it_connected(self) -> None:
        host = Host(Car(start_us=2**32 - 3_000_000)).run(500)
        for _ in range(20):
            host.run(500)
            fit = host.session.clock.fit
            assert fit is not None
            assert host.session.clock.is_settled
            error_us = fit.stamp_at(host.now_ms * MS) - host.car.inputs.now_us
            assert (
                abs((error_us + 2**31) % 2**32 - 2**31) <= 10_000
            )  # one control step: the bench has no finer time

    def test_a_line_that_stood_for_ten_seconds_moves_nothing_when_all_of_it_arrives_at_once(self) -> None:
        host = Host(Car()).connected()
        host.command(Command.ARM)
        host.wants_mps = 0.5
        host.run(1000)
        assert host.car.speed_mps == pytest.approx(0.5, abs=0.03)
        host.stands = True
        host.run(10_000)
        before = host.car.pose[0]
        host.wants_mps = None
        host.run(220)
        host.stands = False
        refused = host.car.latest(LinkStats).refused
        obeyed = host.car.status.lease_left_ms
        host.run(1500)
        assert obeyed == 0
        assert host.car.pose[0] == before
        assert host.car.latest(LinkStats).refused - refused >= 490

    def test_drives_of_a_line_that_delays_them_are_refused_when_they_are_older_than_their_lease(self) -> None:
        host = Host(Car()).connected()
        host.command(Command.ARM)
        host.wants_mps = 0.3
        host.run(400)
        for _ in range(40):  # everything waits 0.4 s and then comes together
            host.stands = True
            host.run(400)
            host.stands = False
            host.run(20)
        assert host.car.pose[0] < 0.5 * 0.3 * 40 * 0.42


class TestQuality:
    @pytest.mark.parametrize("loss", [0.0, 0.1, 0.3])
    def test_both_sides_know_what_both_directions_lose(self, loss: float) -> None:
        host = Host(Car(), loss=loss)
        here, there = [], []
        host.run(3000)
        for _ in range(20):
            host.run(1000)
            here.append(host.session.quality.loss_here)
            there.append(host.session.quality.loss_there)
        assert sum(here) / len(here) == pytest.approx(loss, abs=0.02)
        assert sum(there) / len(there) == pytest.approx(
            loss, abs=0.12
        )  # 13 frames a second: a coarse measure
        host.loss = 0.0
        host.run(2500)
        echoed = host.car.latest(LinkStats).host_lost
        assert echoed == pytest.approx(host.session.decoder.lost, rel=0.1, abs=5)
        assert 0 < host.session.quality.round_trip_ns <= 40 * MS


class TestKeys:
    def test_a_wrong_key_is_told_within_a_second_and_a_right_one_opens(self) -> None:
        car = keyed()
        wrong = Host(car, key=bytes(32)).run(1200)
        assert wrong.session.state is LinkState.INCOMPATIBLE
        assert [event for event in wrong.events if isinstance(event, Refused)] == [Refused(WRONG_KEY)]
        right = Host(car, number=8, key=KEY).run(400)
        assert right.session.state is LinkState.UP

    @given(st.floats(0.0, 0.3), st.integers(1, 65535))
    @settings(max_examples=15, deadline=None)
    def test_a_lossy_line_never_makes_a_right_key_a_wrong_one(self, loss: float, number: int) -> None:
        host = Host(keyed(), number=number, key=KEY, loss=loss).run(4000)
        assert host.session.state is LinkState.UP
        assert not [event for event in host.events if isinstance(event, Refused)]

    def test_a_host_without_the_key_is_told_what_is_missing(self) -> None:
        host = Host(keyed()).run(500)
        assert host.session.state is LinkState.INCOMPATIBLE
        assert "?key=FILE" in host.session.sentence

    def test_a_host_with_a_key_does_not_drive_a_car_that_has_none(self) -> None:
        host = Host(Car(), key=KEY).run(500)
        assert host.session.state is LinkState.INCOMPATIBLE
        assert "the car has none" in host.session.sentence

    def test_after_a_restart_the_session_opens_again_with_the_counters_of_the_new_boot(self) -> None:
        host = Host(keyed(), key=KEY).connected()
        host.car.settings.boot_id += 1
        host.car.restart()
        host.run(2000)
        assert sum(isinstance(event, LinkUp) for event in host.events) == 2
        host.command(Command.ARM)
        assert host.car.status.state == State.ARMED

    def test_another_host_with_the_key_gets_a_car_whose_owner_is_not_armed(self) -> None:
        car = keyed()
        first = Host(car, number=100, key=KEY).connected()
        second = Host(car, number=200, key=KEY)
        for _ in range(40):  # both are on the line, and both go on counting
            heartbeat, _ = first.session.poll(0, first.now_ms * MS)
            car.send_bytes(heartbeat)
            first.now_ms += 20
            second.turn()
        assert second.session.state is LinkState.UP
