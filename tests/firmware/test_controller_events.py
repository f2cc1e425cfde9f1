"""Events reach their host: kept until they are acknowledged, told again; what is gone is known to be gone."""

from __future__ import annotations

from car import SESSION, Car
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import Cmd, Command, Event, EventAck, EventCode, LinkStats

KEPT = 16
AGAIN_MS = 200


def told_in(car: Car, duration_ms: int) -> list[Event]:
    """Return every EVENT frame of so long, repeats included."""
    car.heard.clear()
    car.run(duration_ms)
    return car.all_of(Event)


def newest(car: Car) -> int:
    return car.all_of(Event)[-1].event_count


def owned() -> Car:
    """Return a car that belongs to a host and is not armed, so that silence is no event."""
    car = Car().armed()
    car.command(Command.DISARM)
    return car


def with_many_events(car: Car, count: int) -> Car:
    """Let so many more things happen."""
    before = newest(car)
    while newest(car) - before < count:
        car.command(Command.ARM)
        car.command(Command.DISARM)
    return car


def test_an_event_that_nobody_acknowledges_comes_again_every_200_ms() -> None:
    car = Car().armed()
    car.send(EventAck(SESSION, newest(car)))
    car.step()
    car.command(Command.DISARM)
    disarmed = car.all_of(Event)[-1]
    again = told_in(car, 5 * AGAIN_MS)
    assert again == [disarmed] * 5


def test_an_acknowledged_event_never_comes_again() -> None:
    car = owned()
    car.run(20, EventAck(SESSION, newest(car)))
    assert told_in(car, 3000) == []


@given(st.integers(1, 30))
@settings(max_examples=15)
def test_what_is_kept_is_the_newest_sixteen_and_each_says_how_many_older_ones_will_come(more: int) -> None:
    car = with_many_events(owned(), more)
    last = newest(car)
    kept = list(range(max(1, last - KEPT + 1), last + 1))
    while kept:
        told = told_in(car, AGAIN_MS)
        assert [event.event_count for event in told] == kept[: len(told)]
        assert [event.event_count - event.older for event in told] == [kept[0]] * len(told)
        assert told
        car.send(EventAck(SESSION, told[0].event_count))
        kept.pop(0)
        car.step()
    assert told_in(car, 1000) == []


def test_nobody_but_the_owner_acknowledges_and_nothing_that_has_not_happened() -> None:
    car = owned()
    last = newest(car)
    car.run(1200)
    refused = car.latest(LinkStats).refused
    car.run(20, EventAck(SESSION + 1, last), EventAck(SESSION, last + 1))
    again = told_in(car, 1100)
    assert {event.event_count for event in again} == set(range(1, last + 1))
    assert car.latest(LinkStats).refused == refused + 2


def test_without_an_owner_an_event_is_told_once_and_waits_for_whoever_comes() -> None:
    car = Car()
    car.run(3000)
    (booted,) = car.all_of(Event)
    assert booted.code == EventCode.BOOTED
    car.heard.clear()
    car.open_session()
    told = car.all_of(Event)
    assert booted in told
    assert next(event.event_count for event in told if event.code == EventCode.SESSION_OPENED) == 2


def test_the_next_owner_gets_what_the_last_one_did_not_acknowledge() -> None:
    car = Car().armed()
    car.send(EventAck(SESSION, 1))
    car.step()
    car.command(Command.DISARM)
    car.heard.clear()
    car.open_session(SESSION + 1)
    car.run(2 * AGAIN_MS)
    counts = {event.event_count for event in car.all_of(Event)}
    assert 1 not in counts
    assert {2, 3, 4, 5} <= counts


def test_numbers_go_on_after_65535_and_so_do_acknowledgements() -> None:
    car, wraps, last = owned(), 0, 0
    while wraps == 0 or last < 20:
        for index in range(120):
            car.send(Cmd(SESSION, index + 10, Command.DISARM if index % 2 else Command.ARM, 0))
        car.heard.clear()
        car.step()
        wraps += newest(car) < last
        last = newest(car)
    rounds = 0
    while told := told_in(car, AGAIN_MS):
        car.send(EventAck(SESSION, told[-1].event_count))
        rounds += 1
    assert 1 <= rounds <= KEPT


def test_a_flood_of_events_on_a_slow_line_leaves_room_for_answers() -> None:
    car = with_many_events(owned(), 20)
    car.tx_capacity = 60
    car.run(5000)
    assert car.line_is_clean
    bytes_again = 22 * len(told_in(car, 1000))
    assert bytes_again <= 5 * 4 * 22
