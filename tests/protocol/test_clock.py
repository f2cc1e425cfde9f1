"""The host knows the controller's clock: how well, on which line, and that it notices when it does not."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.clock import BURST, MS, WRAP_US, Clock, elapsed_us
from firmware_protocol.messages import Time

S = 1000 * MS
TURN_NS = 2 * MS  # how often the host looks

Delays = Callable[[random.Random], tuple[float, float]]  # ms to the controller, and back


def uart(chance: random.Random) -> tuple[float, float]:
    """115200 baud: the bits of both frames, and now and then another frame before ours."""
    back = 1.7 + chance.expovariate(10.0) + (chance.random() < 0.3) * chance.uniform(0.0, 4.0)
    return 1.6 + chance.expovariate(10.0), back


def usb_cdc(chance: random.Random) -> tuple[float, float]:
    """A USB device that is asked every millisecond."""
    return 0.2 + chance.uniform(0.0, 1.0), 0.2 + chance.uniform(0.0, 1.0)


def ftdi(chance: random.Random) -> tuple[float, float]:
    """A converter that holds what it received for up to 16 ms."""
    return 0.2 + chance.uniform(0.0, 1.0), 0.2 + chance.uniform(0.0, 16.0)


class Quartz(NamedTuple):
    """The controller's clock: stamp 0 lies at ``zero_us`` before host time 0, and it runs fast by ``ppm``."""

    zero_us: int
    ppm: float

    def total_us(self, host_ns: float) -> float:
        return self.zero_us + host_ns / 1000.0 * (1.0 + 1e-6 * self.ppm)

    def stamp_us(self, host_ns: float) -> int:
        return math.floor(self.total_us(host_ns)) % WRAP_US


class Exchange:
    """A clock that asks a controller over a line with delays."""

    def __init__(self, quartz: Quartz, delays: Delays, seed: int = 1) -> None:
        self.clock = Clock()
        self.quartz = quartz
        self.now_ns = 0
        self.asked = 0
        self.errors_ms: list[float] = []
        self._delays = delays
        self._chance = random.Random(seed)
        self._coming: list[tuple[int, Time]] = []

    def turn(self) -> None:
        """Let one turn of the host pass; answers are heard when they come, as an interrupt would."""
        self.now_ns += TURN_NS
        for due_ns, answer in list(self._coming):
            if due_ns <= self.now_ns:
                self._coming.remove((due_ns, answer))
                self.clock.answered(answer, due_ns)
        question = self.clock.question(self.now_ns)
        if question is not None:
            self.asked += 1
            there_ms, back_ms = self._delays(self._chance)
            there_ns = self.now_ns + round(there_ms * MS)
            stamp_us = self.quartz.stamp_us(there_ns)
            self._coming.append((there_ns + round(back_ms * MS), Time(question.cookie, stamp_us, stamp_us)))
        if self.clock.is_settled:
            self.errors_ms.append(self.error_ms())

    def run(self, seconds: float) -> Exchange:
        for _ in range(round(seconds * S / TURN_NS)):
            self.turn()
        return self

    def error_ms(self) -> float:
        """Return how wrong the age of a stamp taken now would be."""
        assert self.clock.fit is not None
        off_us = elapsed_us(self.clock.fit.stamp_at(self.now_ns), self.quartz.stamp_us(self.now_ns))
        return off_us / 1000.0


def rms(values: list[float]) -> float:
    return math.sqrt(sum(value * value for value in values) / len(values))


def test_the_host_asks_five_times_50_ms_apart_and_then_once_a_second() -> None:
    exchange = Exchange(Quartz(0, 0.0), usb_cdc)
    exchange.run(0.27)
    assert exchange.asked == BURST
    assert exchange.clock.is_settled
    exchange.run(10.0)
    assert exchange.asked == BURST + 10


@pytest.mark.parametrize(("line", "limit_ms"), [(uart, 0.15), (usb_cdc, 0.40), (ftdi, 2.5)])
def test_the_clock_is_known_to_a_fraction_of_the_lines_jitter(line: Delays, limit_ms: float) -> None:
    errors_ms = []
    for seed in range(8):
        exchange = Exchange(Quartz(123_456, 40.0), line, seed).run(10.0)
        exchange.errors_ms.clear()
        errors_ms += exchange.run(50.0).errors_ms
    found_ms = rms(errors_ms)
    print(f"{line.__name__}, 40 ppm: rms {found_ms:.3f} ms, worst {max(map(abs, errors_ms)):.3f} ms")
    assert found_ms < limit_ms


@given(
    st.sampled_from([uart, usb_cdc]),
    st.floats(-20_000, 20_000),
    st.integers(0, WRAP_US - 1),
    st.integers(0, 1000),
)
@settings(max_examples=25, deadline=None)
def test_ages_are_right_to_5_ms_ten_seconds_after_the_start_whatever_the_drift(
    line: Delays, ppm: float, zero_us: int, seed: int
) -> None:
    exchange = Exchange(Quartz(zero_us, ppm), line, seed).run(10.0)
    exchange.errors_ms.clear()
    assert max(map(abs, exchange.run(10.0).errors_ms)) < 5.0


@given(st.floats(-100, 100), st.integers(0, 20 * 10**6), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_nothing_happens_when_the_stamps_wrap(ppm: float, before_us: int, seed: int) -> None:
    exchange = Exchange(Quartz(WRAP_US - before_us, ppm), usb_cdc, seed).run(25.0)
    assert exchange.quartz.total_us(exchange.now_ns) > WRAP_US
    assert max(map(abs, exchange.errors_ms)) < 8.0  # the first line is short: 6 ms in the worst of 400 starts
    assert exchange.asked <= BURST + 26


@given(st.integers(50_000, 2**31 - 1) | st.integers(-(2**31) + 1, -50_000))
@settings(max_examples=25, deadline=None)
def test_a_leap_of_the_clock_is_noticed_with_the_next_answer_and_the_old_answers_are_forgotten(
    leap_us: int,
) -> None:
    exchange = Exchange(Quartz(0, 20.0), usb_cdc).run(20.0)
    exchange.quartz = Quartz(leap_us, 20.0)
    exchange.run(1.1)
    exchange.errors_ms.clear()
    exchange.run(5.0)
    assert exchange.clock.is_settled
    assert max(map(abs, exchange.errors_ms)) < 2.0


@given(st.sampled_from([-20_000.0, 20_000.0]), st.sampled_from([uart, usb_cdc]), st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_a_clock_that_begins_to_run_wrong_is_followed_before_a_drive_is_refused_for_its_date(
    ppm: float, line: Delays, seed: int
) -> None:
    refused_ms = 50.0  # what the controller allows a date to be ahead
    exchange = Exchange(Quartz(0, 20.0), line, seed).run(30.0)
    now_us = exchange.quartz.total_us(exchange.now_ns)
    exchange.quartz = Quartz(round(now_us - exchange.now_ns / 1000.0 * (1.0 + 1e-6 * ppm)), ppm)
    exchange.errors_ms.clear()
    exchange.run(20.0)
    assert max(map(abs, exchange.errors_ms)) < refused_ms
    exchange.errors_ms.clear()
    exchange.run(5.0)
    assert max(map(abs, exchange.errors_ms)) < 5.0


def test_a_stamp_and_its_host_time_are_the_same_moment() -> None:
    exchange = Exchange(Quartz(WRAP_US - 3_000_000, 300.0), usb_cdc).run(8.0)
    fit = exchange.clock.fit
    assert fit is not None
    for away_s in (-60, -1, 0, 1, 60):
        host_ns = exchange.now_ns + away_s * S
        assert fit.host_ns_of(fit.stamp_at(host_ns)) == pytest.approx(host_ns, abs=2000)


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, WRAP_US - 1)), max_size=20))
def test_an_answer_that_nobody_asked_for_changes_nothing(answers: list[tuple[int, int]]) -> None:
    clock = Clock()
    question = clock.question(0)
    assert question is not None
    for cookie, stamp_us in answers:
        if cookie != question.cookie:
            clock.answered(Time(cookie, stamp_us, stamp_us), 1 * MS)
    assert clock.fit is None
    clock.answered(Time(question.cookie, 500, 500), 1 * MS)
    first = clock.fit
    clock.answered(Time(question.cookie, 900, 900), 2 * MS)
    assert clock.fit == first


def test_a_controller_that_says_it_answered_before_it_was_asked_is_not_believed() -> None:
    clock = Clock()
    question = clock.question(0)
    assert question is not None
    clock.answered(Time(question.cookie, 1000, 999), 1 * MS)
    assert clock.fit is None
