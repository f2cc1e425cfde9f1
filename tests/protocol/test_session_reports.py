"""What the host's session says and learns about the line: statistics, losses, events and dates."""

from __future__ import annotations

import pytest
from other_end import BOOT, MS, OURS, Controller, connected, hello

from firmware_protocol.clock import BURST
from firmware_protocol.messages import (
    Alive,
    Drive,
    DriveFlag,
    Event,
    EventAck,
    HelloRequest,
    HostStats,
    LinkStats,
    ParamGet,
    Time,
    TimeRequest,
)
from firmware_protocol.quality import LinkQuality
from firmware_protocol.session import EventsLost, LinkLost, LinkState, Refused, Session

ALIVE = Alive(1, BOOT, OURS, 0)
AHEAD_US = 7_000_000  # the controller's clock is so far ahead of the host's
RUBBISH = b"\x05rubbish\0"


def event(count: int, older: int = 0) -> Event:
    return Event(0, count, 0, 1, 0, older)


def link_stats(frames: int, lost: int) -> LinkStats:
    return LinkStats(frames, 0, 0, 0, 0, lost, 0, 0, 0)


def told_its_time(far: Controller, from_ms: int, count: int) -> int:
    """Poll and answer so many questions for the time, 2 ms each way; return the time after the last."""
    now_ms, answered = from_ms, 0
    while answered < count:
        for said in far.polls(now_ms):
            if isinstance(said, TimeRequest):
                stamp_us = AHEAD_US + 1000 * (now_ms + 2)
                far.says(now_ms + 4, Time(said.cookie, stamp_us, stamp_us))
                answered += 1
        now_ms += 10
        far.says(now_ms, ALIVE._replace(session=far.session.number))
    return now_ms


def drives(far: Controller, made_ms: int | None = None) -> Drive:
    made_ns = None if made_ms is None else made_ms * MS
    (drive,) = far.hears(far.session.drive(0.2, 0.0, 0.0, 200, made_ns))
    assert isinstance(drive, Drive)
    return drive


class TestWhatItTells:
    def test_it_tells_what_it_received_at_once_and_then_every_second(self) -> None:
        far = Controller(Session(OURS))
        far.says(0, hello(OURS))
        for now_ms in range(2200):
            far.session.heard_ns = now_ms * MS
            far.polls(now_ms)
        told = [(at_ms, said) for at_ms, said in far.heard if isinstance(said, HostStats)]
        assert told == [(at_ms, HostStats(OURS, 0, 0, 0, 0, 0.0)) for at_ms in (0, 1000, 2000)]

    def test_it_counts_from_the_opening_of_its_session_on(self) -> None:
        far = Controller(Session(OURS))
        far.session.receive(RUBBISH, 0)
        far.says(0, ALIVE)
        far.loses(4)
        far.says(1, hello(OURS))  # opens the session; all before is not ours to tell
        far.session.receive(RUBBISH + RUBBISH, 2 * MS)
        far.loses(3)
        far.says(3, ALIVE, ALIVE)
        (told,) = [said for said in far.polls(4) if isinstance(said, HostStats)]
        assert told == HostStats(OURS, 2, 2, 3, 0, 0.0)
        far.loses(1)
        far.says(900, ALIVE)
        (told,) = [said for said in far.polls(1004) if isinstance(said, HostStats)]
        assert told == HostStats(OURS, 3, 2, 4, 0, 0.0)

    def test_it_acknowledges_events_once_and_again_when_one_comes_again(self) -> None:
        far = connected()
        assert not any(isinstance(said, EventAck) for said in far.polls(2))
        far.says(3, event(7), event(8))
        acks = [[s for s in far.polls(now_ms) if isinstance(s, EventAck)] for now_ms in (4, 5)]
        assert acks == [[EventAck(OURS, 8)], []]
        far.says(6, event(8))
        assert EventAck(OURS, 8) in far.polls(7)

    def test_a_question_for_a_parameter_is_sent_as_it_is(self) -> None:
        far = connected()
        assert far.hears(far.session.frame(ParamGet(3))) == [ParamGet(3)]


class TestWhatItLearns:
    def test_each_event_is_told_once_in_order_and_what_is_gone_is_counted(self) -> None:
        far = connected()
        far.told.clear()
        assert far.says(2, event(7), event(9, 1), ALIVE) == []
        assert far.told == [event(7), ALIVE]  # 8 is still to come
        assert far.says(3, event(8)) == []
        assert far.says(4, event(12)) == [EventsLost(2)]
        assert far.told[2:] == [event(8), event(9, 1), event(12)]

    def test_the_events_of_one_boot_go_on_in_its_next_session_and_another_boot_begins_anew(self) -> None:
        far = connected()
        far.says(2, event(7))
        far.says(3, hello(0))
        far.says(4, hello(OURS + 1))
        far.told.clear()
        far.says(5, event(7))
        assert far.told == []
        far.says(6, Alive(1, BOOT + 1, OURS + 1, 0))
        far.says(7, event(7))
        assert far.told[-1] == event(7)

    def test_what_it_loses_is_the_share_of_the_last_second(self) -> None:
        far = connected()
        far.polls(2)
        far.loses(1)
        far.says(500, ALIVE)
        far.says(900, ALIVE, ALIVE)
        assert far.session.quality.loss_here == 0.0  # not told yet
        far.polls(1002)
        assert far.session.quality.loss_here == 0.25
        far.says(1100, ALIVE)
        far.polls(2002)
        assert far.session.quality.loss_here == 0.0

    def test_what_the_controller_loses_is_the_share_between_two_of_its_reports(self) -> None:
        far = connected()
        far.says(2, link_stats(1000, 500))
        assert far.session.quality.loss_there == 0.0  # nobody knows since when
        far.says(3, link_stats(1090, 510))
        assert far.session.quality.loss_there == 0.1
        far.says(4, link_stats(1190, 510))
        assert far.session.quality.loss_there == 0.0

    def test_with_its_session_all_that_is_forgotten(self) -> None:
        far = connected()
        told_its_time(far, 2, 1)
        far.says(80, link_stats(1000, 500), link_stats(1090, 510))
        assert far.session.quality == LinkQuality(4 * MS, 0.0, 0.1)
        far.says(90, hello(0))
        assert far.session.quality == LinkQuality()
        far.says(91, hello(OURS + 1), link_stats(2000, 900))
        assert far.session.quality.loss_there == 0.0

    def test_the_shortest_round_trip_is_known_and_told(self) -> None:
        far = connected()
        told_its_time(far, 2, 1)
        assert far.session.quality.round_trip_ns == 4 * MS
        (told,) = [said for said in far.polls(1100) if isinstance(said, HostStats)]
        assert told.round_trip_s == pytest.approx(0.004)

    def test_a_time_that_nobody_asked_for_tells_nothing(self) -> None:
        far = connected()
        assert far.says(2, Time(1, 5, 5)) == []
        assert far.session.quality == LinkQuality()
        assert far.session.clock.fit is None

    def test_a_session_that_was_only_asked_for_is_not_called_our_last(self) -> None:
        far = Controller(Session(OURS))
        far.says(0, hello(44))
        far.says(600)
        assert far.session.number == OURS + 1
        assert far.says(601, hello(OURS)) == [Refused(f"another host (session {OURS}) owns the car")]
        fresh = Controller(Session(OURS))
        assert fresh.says(0, hello(1)) == [Refused("another host (session 1) owns the car")]

    def test_while_another_host_owns_the_car_it_goes_on_asking_for_the_same_session(self) -> None:
        far = Controller(Session(OURS))
        for now_ms in range(1000):
            far.says(now_ms, hello(44, major=hello(44).major + now_ms % 2))
            far.polls(now_ms)
        asked = {said.session for _, said in far.heard if isinstance(said, HelloRequest)}
        assert asked == {OURS}
        assert far.session.number == OURS
        assert not any(isinstance(each, LinkLost) for each in far.events)


class TestDates:
    def test_a_drive_is_dated_once_the_clock_is_settled_and_only_with_its_date(self) -> None:
        far = connected()
        now_ms = told_its_time(far, 2, BURST - 1)
        assert drives(far, now_ms) == Drive(OURS, 1, 200, 0.2, 0.0, 0.0, DriveFlag(0), 0)
        now_ms = told_its_time(far, now_ms, 1)
        dated = Drive(OURS, 2, 200, 0.2, 0.0, 0.0, DriveFlag.DATED, AHEAD_US + 1000 * (now_ms - 3))
        assert drives(far, now_ms - 3) == dated
        assert drives(far) == Drive(OURS, 3, 200, 0.2, 0.0, 0.0, DriveFlag(0), 0)

    def test_the_clock_of_one_boot_is_still_known_in_its_next_session_and_asked_for_anew(self) -> None:
        far = connected()
        now_ms = told_its_time(far, 2, BURST)
        far.says(now_ms, hello(0))
        far.says(now_ms + 1, hello(OURS + 1))
        assert drives(far, now_ms + 1).flags == DriveFlag.DATED
        far.heard.clear()
        for later_ms in range(now_ms + 2, now_ms + 402):
            far.polls(later_ms)
        asked_ms = [at_ms - now_ms for at_ms, said in far.heard if isinstance(said, TimeRequest)]
        assert asked_ms == [2, 52, 102, 152, 202]

    def test_a_controller_that_started_again_has_another_clock(self) -> None:
        far = connected()
        now_ms = told_its_time(far, 2, BURST)
        far.says(now_ms, Alive(1, BOOT + 1, 0, 0))
        far.says(now_ms + 1, hello(OURS + 1, boot_id=BOOT + 1))
        assert far.session.state is LinkState.UP
        assert drives(far, now_ms + 1).flags == DriveFlag(0)
        assert far.session.clock.fit is None
