"""What the mode table promises, in every mode."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.modes import ARMED_MODES, MAY_MOVE, TRANSITIONS, URGENT, Event, Mode, after, next_mode

events = st.lists(st.sampled_from(Event), max_size=30)

MOST_URGENT_FIRST = (
    "STOPPED LINK_LOST DISARMED STOP_CLEARED LINK_UP ARMED FAULT TAKE_OVER FINISHED PAUSE START RESUME"
)
ENDS = {"DISARMED": "DISARMED", "LINK_LOST": "OFFLINE", "STOPPED": "STOPPED"}
WAYS = {
    "OFFLINE": {"LINK_UP": "DISARMED"},
    "DISARMED": {**ENDS, "ARMED": "MANUAL"},
    "MANUAL": {**ENDS, "START": "PATROL"},
    "PATROL": {**ENDS, "PAUSE": "HOLD", "FAULT": "HOLD", "TAKE_OVER": "MANUAL", "FINISHED": "MANUAL"},
    "HOLD": {**ENDS, "RESUME": "PATROL", "TAKE_OVER": "MANUAL", "FINISHED": "MANUAL"},
    "STOPPED": {"STOP_CLEARED": "DISARMED", "LINK_LOST": "OFFLINE"},
}


def reachable() -> set[Mode]:
    seen, todo = {Mode.OFFLINE}, [Mode.OFFLINE]
    while todo:
        mode = todo.pop()
        for event in Event:
            new = next_mode(mode, event)
            if new not in seen:
                seen.add(new)
                todo.append(new)
    return seen


def test_there_are_twelve_events_and_the_most_urgent_comes_first() -> None:
    assert " ".join(event.name for event in sorted(Event)) == MOST_URGENT_FIRST


@pytest.mark.parametrize("event", MOST_URGENT_FIRST.split())
@pytest.mark.parametrize("mode", WAYS)
def test_each_event_leads_from_each_mode_where_it_should_or_nowhere(mode: str, event: str) -> None:
    assert next_mode(Mode[mode], Event[event]) is Mode[WAYS[mode].get(event, mode)]


@given(st.sampled_from(Mode), events, st.randoms(use_true_random=False))
def test_the_order_in_which_one_tick_brings_its_events_does_not_matter(
    mode: Mode, story: list[Event], chance: Random
) -> None:
    shuffled = chance.sample(story, len(story))
    assert after(mode, shuffled) is after(mode, story)


def test_every_mode_can_be_reached_and_left() -> None:
    assert reachable() == set(Mode)
    for mode in Mode:
        assert any(next_mode(mode, event) is not mode for event in Event)


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.OFFLINE])
def test_stop_wins_over_everything_else_in_the_same_tick(mode: Mode) -> None:
    assert after(mode, [event for event in Event if event is not Event.LINK_LOST]) is Mode.STOPPED
    assert after(mode, [Event.START, Event.RESUME, Event.STOPPED]) is Mode.STOPPED


@pytest.mark.parametrize("mode", Mode)
def test_a_lost_link_always_ends_offline(mode: Mode) -> None:
    assert next_mode(mode, Event.LINK_LOST) is Mode.OFFLINE


@given(events)
def test_the_car_never_moves_without_having_been_armed_since_the_last_stop_or_loss(
    story: list[Event],
) -> None:
    mode, armed = Mode.OFFLINE, False
    for event in story:
        mode = next_mode(mode, event)
        if event is Event.ARMED:
            armed = armed or mode in ARMED_MODES
        if event in {Event.STOPPED, Event.LINK_LOST, Event.DISARMED} and mode not in ARMED_MODES:
            armed = False
        assert mode not in MAY_MOVE or armed


@given(st.sampled_from(Mode), events)
def test_a_tick_that_brings_something_urgent_never_ends_in_motion(mode: Mode, story: list[Event]) -> None:
    for urgent in URGENT:
        assert after(mode, [*story, urgent]) not in MAY_MOVE


def test_releasing_stop_never_moves_the_car() -> None:
    assert next_mode(Mode.STOPPED, Event.STOP_CLEARED) is Mode.DISARMED
    for event in Event:
        assert next_mode(Mode.STOPPED, event) not in MAY_MOVE


def test_an_event_the_table_does_not_list_changes_nothing() -> None:
    for mode in Mode:
        for event in Event:
            if (mode, event) not in TRANSITIONS:
                assert next_mode(mode, event) is mode
