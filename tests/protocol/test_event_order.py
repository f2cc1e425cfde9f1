"""Whatever the line does to events, the host tells each once and in order, and counts what never comes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.event_order import COUNTS, EventOrder
from firmware_protocol.messages import Event

KEPT = 16
starts = st.integers(0, COUNTS - 1)


def event(count: int, older: int = 0) -> Event:
    return Event(0, count % COUNTS, 0, 1, 0, older)


def told(order: EventOrder, events: Sequence[Event]) -> tuple[list[int], int]:
    """Return the numbers that were delivered, and how many were reported lost."""
    numbers, lost = [], 0
    for each in events:
        ready, gone = order.take(each)
        numbers += [one.event_count for one in ready]
        lost += gone
    return numbers, lost


@given(starts, st.permutations(range(KEPT)), st.lists(st.integers(0, KEPT - 1), max_size=30))
def test_events_that_are_all_still_kept_arrive_in_order_however_they_come(
    start: int, order: list[int], repeats: list[int]
) -> None:
    """The controller keeps all of them until they are acknowledged, so each says how many came before."""
    coming = [event(start + index, index) for index in [*order, *repeats]]
    assert told(EventOrder(), coming) == ([(start + index) % COUNTS for index in range(KEPT)], 0)


@given(starts, st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_what_the_controller_no_longer_keeps_is_counted_as_lost_exactly(start: int, steps: list[int]) -> None:
    order, count = EventOrder(), start
    assert told(order, [event(start)]) == ([start], 0)
    for step in steps:
        count += step
        assert told(order, [event(count)]) == ([count % COUNTS], step - 1)
    assert order.delivered == count % COUNTS


def test_one_that_came_early_is_told_before_those_that_follow_a_gap() -> None:
    order = EventOrder()
    assert told(order, [event(5)]) == ([5], 0)
    assert told(order, [event(8, 2)]) == ([], 0)  # 6 and 7 are kept and will come
    assert told(order, [event(12, 3)]) == ([8], 2)  # but 6 and 7 are gone now
    assert told(order, [event(9, 0)]) == ([9], 0)
    assert told(order, [event(11, 1), event(10, 0)]) == ([10, 11, 12], 0)


@given(starts, st.integers(1, 200))
def test_an_event_that_was_told_is_not_told_again(start: int, count: int) -> None:
    order = EventOrder()
    told(order, [event(start + index) for index in range(count)])
    assert told(order, [event(start + index) for index in range(count)]) == ([], 0)
    assert order.delivered == (start + count - 1) % COUNTS


def test_every_event_asks_for_an_acknowledgement_also_one_that_was_told_before() -> None:
    order = EventOrder()
    assert not order.ack_due
    order.take(event(3))
    order.ack_due = False
    order.take(event(3))
    assert order.ack_due


@given(st.lists(st.tuples(starts, st.integers(0, 255)), max_size=300))
def test_no_sequence_of_numbers_fills_the_memory(raw: list[tuple[int, int]]) -> None:
    order = EventOrder()
    for count, older in raw:
        order.take(event(count, older))
        assert len(order._early) <= 256
