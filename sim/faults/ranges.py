"""Faults of range sensors: one of them, or with ``sensor`` -1 all."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from typing_extensions import override

from firmware_protocol.controller_layout import RANGES, InputsStruct
from sim.faults.effect import Effect
from sim.faults.target import Target

NOTHING_SEEN, BROKEN = 0xFFFF, 0xFFFD
PERIOD_US = 10_000


@dataclass
class Range(Effect):
    """A fault of one range sensor or of all; the others are left alone."""

    sensor: int = -1
    _noise: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0), init=False)

    @override
    def begin(self, target: Target) -> None:
        self._noise = target.noise

    @property
    def sensors(self) -> list[int]:
        """Which sensors it is about."""
        return list(range(RANGES)) if self.sensor < 0 else [self.sensor]

    def fresh(self, inputs: InputsStruct) -> list[int]:
        """Return those that have just measured."""
        return [sensor for sensor in self.sensors if inputs.range_fresh >> sensor & 1]


@dataclass
class Off(Range):
    """Never measures again."""

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        for sensor in self.sensors:
            inputs.range_fresh &= ~(1 << sensor)


@dataclass
class Stuck(Range):
    """Says again and again what it said at first; ``metres`` 0 keeps the reading of the onset."""

    metres: float = 0.0
    _kept: dict[int, int] = field(default_factory=dict, init=False)

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        for sensor in self.sensors:
            given = round(1000 * self.metres) or inputs.range_mm[sensor]
            inputs.range_mm[sensor] = self._kept.setdefault(sensor, given)


@dataclass
class Garbage(Range):
    """Says anything."""

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        for sensor in self.fresh(inputs):
            inputs.range_mm[sensor] = int(self._noise.integers(0, 65536))


@dataclass
class Intermittent(Range):
    """Loses a share of its readings."""

    share: float = 0.5

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        for sensor in self.fresh(inputs):
            if self._noise.random() < self.share:
                inputs.range_fresh &= ~(1 << sensor)


@dataclass
class Slow(Range):
    """Measures once where it should measure ``times`` times."""

    times: int = 5
    _seen: dict[int, int] = field(default_factory=dict, init=False)

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        for sensor in self.fresh(inputs):
            self._seen[sensor] = self._seen.get(sensor, 0) + 1
            if self._seen[sensor] % self.times:
                inputs.range_fresh &= ~(1 << sensor)


@dataclass
class Delayed(Range):
    """Says what it measured ``seconds`` ago."""

    seconds: float = 0.3
    _past: deque[list[int]] = field(default_factory=deque, init=False)

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        self._past.append([inputs.range_mm[sensor] for sensor in self.sensors])
        for sensor, code in zip(self.sensors, self._past[0], strict=True):
            inputs.range_mm[sensor] = code
        if len(self._past) > self.seconds * 1e6 / PERIOD_US:
            self._past.popleft()


@dataclass
class Bias(Range):
    """Measures too much, or too little, by ``metres``."""

    metres: float = 0.3

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        for sensor in self.sensors:
            if inputs.range_mm[sensor] < BROKEN:
                inputs.range_mm[sensor] = min(
                    max(inputs.range_mm[sensor] + round(1000 * self.metres), 1), BROKEN - 1
                )


@dataclass
class Blind(Range):
    """Sees nothing: glass, foam, a thin leg."""

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        for sensor in self.sensors:
            inputs.range_mm[sensor] = NOTHING_SEEN


@dataclass
class Ghost(Range):
    """Sees something near that is not there, in a share of its readings, never twice in a row."""

    metres: float = 0.08
    share: float = 0.2
    _last: set[int] = field(default_factory=set, init=False)

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        for sensor in self.fresh(inputs):
            if sensor not in self._last and self._noise.random() < self.share:
                inputs.range_mm[sensor] = round(1000 * self.metres)
                self._last.add(sensor)
            else:
                self._last.discard(sensor)


@dataclass
class Broken(Range):
    """Says itself that it is broken."""

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        for sensor in self.sensors:
            inputs.range_mm[sensor] = BROKEN
