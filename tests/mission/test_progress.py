# ruff: noqa: E501 - each row of a table is one mistake and its exact message, on one line
"""A patrol as a value: what each event makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.mission import HOME, Goal, Mission, OnFailure, Patrol, Phase, Visit

S = 1_000_000_000


def mission(
    loops: int = 1, dwell_s: float = 0.0, *, home: bool = False, battery: float | None = None
) -> Mission:
    visits = (
        Visit("a", dwell_s, OnFailure.RETRY, 1),
        Visit("b", dwell_s, OnFailure.SKIP),
        Visit("c", dwell_s, OnFailure.ABORT, speed_mps=0.2),
    )
    return Mission("m", "s.yaml", visits, loops, return_home=home, battery_return_percent=battery)


def goals(patrol: Patrol) -> str | None:
    return patrol.goal.place if patrol.goal else None


def test_a_patrol_drives_from_place_to_place_and_is_done() -> None:
    patrol = Patrol.start(mission(), 0)
    assert patrol.goal == Goal("a", False, None)
    patrol = patrol.arrived(1 * S).arrived(2 * S)
    assert patrol.goal == Goal("c", False, 0.2)
    patrol = patrol.arrived(3 * S)
    assert (patrol.phase, patrol.goal, patrol.laps, patrol.ended_ns) == (Phase.DONE, None, 1, 3 * S)


def test_a_patrol_goes_home_when_asked_to() -> None:
    patrol = Patrol.start(mission(home=True), 0).arrived(1).arrived(2).arrived(3)
    assert patrol.goal == Goal(HOME, True, None)
    assert patrol.visit is None
    assert patrol.arrived(4).phase is Phase.DONE


def test_the_order_given_is_the_order_driven() -> None:
    patrol = Patrol.start(mission(), 0, order=(2, 0, 1))
    assert [visit.place for visit in patrol.visits] == ["c", "a", "b"]


def test_a_dwell_lasts_exactly_as_long_as_asked() -> None:
    patrol = Patrol.start(mission(dwell_s=1.5), 0).arrived(10 * S)
    assert (patrol.phase, patrol.goal) == (Phase.DWELLING, None)
    assert patrol.tick(11 * S + S // 2 - 1).phase is Phase.DWELLING
    after = patrol.tick(11 * S + S // 2)
    assert (after.phase, goals(after)) == (Phase.DRIVING, "b")


def test_a_dwell_stands_still_while_paused() -> None:
    patrol = Patrol.start(mission(dwell_s=2.0), 0).arrived(0).tick(1 * S).paused(1 * S)
    assert patrol.tick(99 * S) == patrol
    patrol = patrol.resumed(100 * S)
    assert patrol.tick(101 * S - 1).phase is Phase.DWELLING
    assert goals(patrol.tick(101 * S)) == "b"


def test_a_pause_on_the_way_keeps_the_goal() -> None:
    patrol = Patrol.start(mission(), 0).arrived(1).paused(2)
    assert patrol.goal is None
    assert patrol.heading_for == Goal("b", False, None)
    assert patrol.arrived(3) == patrol
    assert goals(patrol.resumed(4)) == "b"


def test_a_failed_place_is_tried_again_then_missed() -> None:
    patrol = Patrol.start(mission(), 0).failed(1, "blocked")
    assert (goals(patrol), patrol.tries) == ("a", 1)
    patrol = patrol.failed(2, "blocked")
    assert (goals(patrol), patrol.tries, patrol.tallies["a"].missed) == ("b", 0, 1)


def test_a_place_to_skip_is_missed_at_once() -> None:
    patrol = Patrol.start(mission(), 0).arrived(1).failed(2, "blocked")
    assert goals(patrol) == "c"


def test_a_place_to_abort_at_ends_the_mission_and_says_why() -> None:
    patrol = Patrol.start(mission(), 0).arrived(1).arrived(2).failed(3, "door closed")
    assert (patrol.phase, patrol.reason) == (Phase.FAILED, "c: door closed")


def test_a_loop_without_any_place_ends_the_mission() -> None:
    visits = (Visit("a", on_failure=OnFailure.SKIP), Visit("b", on_failure=OnFailure.SKIP))
    patrol = Patrol.start(Mission("m", "s", visits, loops=10_000), 0).failed(1, "x").failed(2, "x")
    assert (patrol.phase, patrol.reason) == (Phase.FAILED, "no place could be reached in a whole loop")


def test_home_is_tried_three_times() -> None:
    patrol = Patrol.start(mission(home=True), 0).arrived(1).arrived(2).arrived(3)
    patrol = patrol.failed(4, "x").failed(5, "x")
    assert goals(patrol) == HOME
    patrol = patrol.failed(6, "no way")
    assert (patrol.phase, patrol.reason) == (Phase.FAILED, "could not get home: no way")


def test_a_low_battery_ends_the_mission_at_home_and_says_so() -> None:
    patrol = Patrol.start(mission(loops=9, battery=20.0), 0).arrived(1)
    assert patrol.battery(2, 20.1) == patrol
    patrol = patrol.battery(2, 20.0)
    assert goals(patrol) == HOME
    assert patrol.battery(3, 5.0) == patrol
    patrol = patrol.arrived(4)
    assert (patrol.phase, patrol.reason) == (Phase.FAILED, "battery at 20 %, the mission goes home at 20 %")


def test_a_low_battery_during_a_pause_goes_home_after_it() -> None:
    patrol = Patrol.start(mission(battery=20.0), 0).paused(1).battery(2, 10.0)
    assert (patrol.phase, goals(patrol.resumed(3))) == (Phase.PAUSED, HOME)


@pytest.mark.parametrize("dwelling", [True, False])
def test_an_operator_may_skip_a_place_or_cut_a_dwell_short(*, dwelling: bool) -> None:
    patrol = Patrol.start(mission(dwell_s=5.0), 0)
    patrol = patrol.arrived(1) if dwelling else patrol
    skipped = patrol.skipped(2)
    assert goals(skipped) == "b"
    assert skipped.tallies["a"].missed == (0 if dwelling else 1)
    held = patrol.paused(2).skipped(3)
    assert (held.phase, held.heading_for) == (Phase.PAUSED, Goal("b", False, None))


def test_home_cannot_be_skipped_and_an_end_is_an_end() -> None:
    patrol = Patrol.start(mission(home=True), 0).arrived(1).arrived(2).arrived(3)
    assert patrol.skipped(4) == patrol
    over = patrol.stopped(5, "operator")
    assert (over.phase, over.reason, over.ended_ns) == (Phase.FAILED, "operator", 5)
    for after in (over.arrived(6), over.failed(6, "x"), over.tick(6), over.paused(6), over.resumed(6), over.skipped(6), over.stopped(6, "y")):  # fmt: skip
        assert after == over


def test_idleness_is_the_time_between_visits_and_a_missed_visit_does_not_reset_it() -> None:
    patrol = Patrol.start(mission(loops=3), 0)
    for now_s, event in (
        (10, "a"),
        (20, "b"),
        (30, "c"),
        (40, "a"),
        (50, "-"),
        (60, "c"),
        (70, "a"),
        (90, "b"),
        (100, "c"),
    ):
        patrol = patrol.failed(now_s * S, "x") if event == "-" else patrol.arrived(now_s * S)
    tally = patrol.tallies["b"]
    assert patrol.phase is Phase.DONE
    assert (tally.visits, tally.missed) == (2, 1)
    assert tally.worst_idle_s(100 * S) == 70.0
    assert tally.mean_idle_s(100 * S) == 45.0
    assert patrol.tallies["a"].worst_idle_s(100 * S) == 30.0
    assert [lap / S for lap in patrol.laps_ns] == [30.0, 30.0, 40.0]


def test_a_place_never_visited_has_waited_all_along() -> None:
    patrol = Patrol.start(mission(), 5 * S)
    assert patrol.tallies["c"].worst_idle_s(65 * S) == patrol.tallies["c"].mean_idle_s(65 * S) == 60.0


EVENTS = st.sampled_from(["arrived", "failed", "tick", "paused", "resumed", "skipped", "battery"])


@given(
    events=st.lists(st.tuples(EVENTS, st.integers(0, 3 * S)), max_size=60),
    loops=st.integers(1, 3),
    home=st.booleans(),
    dwell_s=st.floats(0, 2),
)
def test_whatever_happens_no_place_is_lost(
    *, events: list[tuple[str, int]], loops: int, home: bool, dwell_s: float
) -> None:
    """Every visit behind us was either made or missed: the index is never lost."""
    patrol, now_ns = Patrol.start(mission(loops, dwell_s, home=home, battery=15.0), 0), 0
    for event, later_ns in events:
        now_ns += later_ns
        if event == "failed":
            patrol = patrol.failed(now_ns, "x")
        elif event == "battery":
            patrol = patrol.battery(now_ns, 10.0 if later_ns == S else 50.0)
        else:
            patrol = getattr(patrol, event)(now_ns)
        behind = patrol.loop * 3 + patrol.leg
        counted = sum(tally.visits + tally.missed for tally in patrol.tallies.values())
        assert behind <= counted <= behind + 1
        assert patrol.loop <= loops
        assert patrol.leg < 3
        assert (patrol.ended_ns is not None) == patrol.is_over
        assert (patrol.goal is not None) == (patrol.phase is Phase.DRIVING)


@given(st.lists(st.tuples(EVENTS, st.integers(0, S)), max_size=30))
def test_the_same_events_give_the_same_patrol(events: list[tuple[str, int]]) -> None:
    def run() -> Patrol:
        patrol, now_ns = Patrol.start(mission(2, 0.5), 0), 0
        for event, later_ns in events:
            now_ns += later_ns
            more: tuple[object, ...] = ("x",) if event == "failed" else (10.0,) if event == "battery" else ()
            patrol = getattr(patrol, event)(now_ns, *more)
        return patrol

    assert run() == run()
