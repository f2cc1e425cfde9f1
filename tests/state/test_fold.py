"""The messages of a turn are taken in as they came, each by the rule of its kind, and none is half taken."""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.clock import ClockFit
from firmware_protocol.messages import SPECS, Hello, Imu, Message, Power, Wheels
from patrolcar.errors import CommandError
from patrolcar.kernels import Rule, fold
from patrolcar.kernels.binding import calls
from patrolcar.state import MOST_IMUS, CarState
from patrolcar.timebase import Timebase
from patrolcar.vehicle import Vehicle

CAR, NOW_NS = Vehicle(), 5_000_000_000
FIT = ClockFit(0, 0, 0.0, 0)
POWER = Power(11.1, 0.5, 80)


def hello(session: int) -> Hello:
    spec = SPECS[0x01]
    greeting = spec.unpack(bytes(spec.size))
    assert isinstance(greeting, Hello)
    return greeting._replace(session=session)


def wheels(stamp_us: int) -> Wheels:
    return Wheels(stamp_us, (stamp_us // 1000, stamp_us // 900, 0, 0), (0.0,) * 4, (0.0,) * 4)


def exact(state: CarState) -> str:
    """Return a text of all that a state is."""
    arrays = state.sweep.points_odom.tobytes(), None if state.ranges_m is None else state.ranges_m.tobytes()
    return repr((state._replace(sweep=state.sweep._replace(points_odom=None), ranges_m=None), arrays))  # type: ignore[arg-type]


@st.composite
def heard(draw: st.DrawFn) -> list[Message]:
    """Return messages of all kinds that a controller sends, with any payload."""
    specs = st.sampled_from([spec for spec in SPECS.values() if not spec.to_controller and spec.id != 0x01])
    payloads = [
        (spec, draw(st.binary(min_size=spec.size, max_size=spec.size))) for spec in draw(st.lists(specs))
    ]
    return [spec.unpack(payload) for spec, payload in payloads]


@given(heard(), st.integers(0, 12), st.sampled_from([None, FIT]))
def test_messages_of_one_moment_may_be_taken_in_together_or_one_after_the_other(
    messages: list[Message], cut: int, fit: ClockFit | None
) -> None:
    together = CarState().updated(messages, CAR, NOW_NS, fit)
    halves = CarState().updated(messages[:cut], CAR, NOW_NS, fit).updated(messages[cut:], CAR, NOW_NS, fit)
    newest = together.wheels
    if fit is None and newest is not None:  # the clock learns from one stamp of a moment
        times = [state.timebase.host_ns(newest.stamp_us) for state in (together, halves) if state.timebase]
        assert len(times) == 2
    assert exact(together._replace(timebase=None)) == exact(halves._replace(timebase=None))


@given(heard())
def test_the_state_before_stays_as_it_was(messages: list[Message]) -> None:
    before = CarState().updated([POWER, wheels(1000)], CAR, NOW_NS)
    text = exact(before)
    before.updated(messages, CAR, NOW_NS + 1)
    assert exact(before) == text


def test_of_turn_rates_that_wait_for_wheels_the_newest_are_kept() -> None:
    rates = [Imu(stamp_us, (0.0,) * 3, (0.0,) * 3) for stamp_us in range(50)]
    assert CarState().updated(rates, CAR, NOW_NS).pending_imus == tuple(rates[-MOST_IMUS:])


class TestStamps:
    def test_until_the_clock_is_known_they_are_learned_from_arrivals(self) -> None:
        state = CarState().updated([wheels(1000)], CAR, NOW_NS)
        assert state.timebase == Timebase.first(1000, NOW_NS)
        later = state.updated([wheels(21_000)], CAR, NOW_NS + 20_000_000)
        assert later.timebase == Timebase.first(1000, NOW_NS).updated(21_000, NOW_NS + 20_000_000)

    def test_a_known_clock_is_taken_and_when_it_is_lost_everything_begins_anew(self) -> None:
        state = CarState().updated([wheels(1000)], CAR, NOW_NS, FIT)
        assert state.timebase is not None
        assert state.timebase.fit is FIT
        lost = state.updated([wheels(21_000)], CAR, NOW_NS + 1)
        assert lost.timebase == Timebase.first(21_000, NOW_NS + 1)

    @pytest.mark.parametrize("order", [1, -1])
    def test_those_beside_a_greeting_of_a_controller_that_nobody_owns_may_be_another_boots(
        self, order: int
    ) -> None:
        state = CarState().updated([wheels(10**9)], CAR, NOW_NS)
        beside: list[Message] = [wheels(10**9 + 20_000), hello(0)]
        state = state.updated(beside[::order], CAR, NOW_NS + 1)
        assert state.timebase is None
        assert state.updated([wheels(5)], CAR, NOW_NS + 2).timebase == Timebase.first(5, NOW_NS + 2)


class TestTheFold:
    def test_a_rule_names_keeps_and_means(self) -> None:
        said: list[Any] = []
        rules = {
            int: Rule("WHOLE", 1, None),
            str: Rule("TEXT", -1, lambda *all_of_it: said.append(all_of_it)),
        }
        fields, arrived_ns = [0, 0], {"OLD": 1}
        fold((5, "a", 6), rules, fields, arrived_ns, 9, "context")
        assert (fields, arrived_ns) == ([0, 6], {"OLD": 1, "WHOLE": 9, "TEXT": 9})
        assert said == [(fields, "a", "context")]

    def test_a_place_that_gathers_holds_all_that_came(self) -> None:
        fields: list[Any] = [(0,)]
        fold([1, 2], {int: Rule("WHOLE", 0, None, gathers=True)}, fields, {}, 9, None)
        assert fields == [(0, 1, 2)]

    def test_what_has_no_rule_is_an_error_that_names_it(self) -> None:
        fields, arrived_ns = [0], dict[str, int]()
        with pytest.raises(KeyError, match="float"):
            fold([1, 2.5, 3], {int: Rule("WHOLE", 0, None)}, fields, arrived_ns, 9, None)
        assert fields == [1]

    def test_an_exception_of_a_meaning_comes_out(self) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fold([1], {int: Rule("WHOLE", -1, fail)}, [], {}, 9, None)

    @pytest.mark.parametrize(
        ("messages", "rules", "fields", "arrived_ns"),
        [
            (5, {}, [], {}),
            ([1], None, [], {}),
            ([1], {int: ("WHOLE",)}, [], {}),
            ([1], {int: ("WHOLE", "first", None)}, [], {}),
            ([1], {int: 5}, [], {}),
            ([1], {int: Rule("WHOLE", 0, None)}, [], {}),
            ([1], {int: Rule("WHOLE", 0, None)}, (0,), {}),
            ([1], {int: Rule("WHOLE", 0, None)}, [0], []),
            ([1], {int: Rule("WHOLE", 0, None, gathers=True)}, [0], {}),
            ([1], {int: Rule("WHOLE", 0, None, gathers=True)}, [], {}),
            ([1], {int: Rule("WHOLE", 0, None)[:3]}, [0], {}),
            ([1], {int: Rule("WHOLE", 0, "no function")}, [0], {}),  # type: ignore[arg-type]
        ],
    )
    def test_what_makes_no_sense_is_an_error_and_no_crash(
        self, messages: Any, rules: Any, fields: Any, arrived_ns: Any
    ) -> None:
        with pytest.raises((TypeError, IndexError, SystemError)):
            fold(messages, rules, fields, arrived_ns, 9, None)

    def test_it_takes_six_things(self) -> None:
        with pytest.raises(CommandError, match="takes 6 arguments"):
            calls().fold([], {})

    def test_nothing_is_kept_of_what_was_taken_in(self) -> None:
        state = CarState()
        messages: list[Message] = [wheels(1000), POWER, Imu(0, (0.0,) * 3, (0.0,) * 3)]
        rules = {int: Rule("WHOLE", 0, None)}
        shared: tuple[Any, ...] = (*messages, Wheels, Power, Imu, rules[int], np.ndarray)

        def work() -> None:
            state.updated(messages, CAR, NOW_NS)
            with contextlib.suppress(KeyError):
                fold([1, 2.5], rules, [0], {}, 9, None)

        work()
        counts, blocks = [*map(sys.getrefcount, shared)], sys.getallocatedblocks()
        for _ in range(10_000):
            work()
        gc.collect()
        kept = [sys.getrefcount(each) - count for each, count in zip(shared, counts, strict=True)]
        assert max(map(abs, kept)) < 5000
        assert sys.getallocatedblocks() - blocks < 5000
