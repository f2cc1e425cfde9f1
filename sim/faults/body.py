"""Faults of the battery, the switches, the controller, and of the whole car."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from typing_extensions import override

from firmware_protocol.controller_layout import InputsStruct, OutputsStruct
from firmware_protocol.messages import ResetCause
from sim.faults.effect import Effect
from sim.faults.target import Target

MV_PER_V = 1000
MOST_MV = 65535


@dataclass
class Voltage(Effect):
    """The battery gauge says something else: 0 for a broken wire, 40 for a shorted divider."""

    volts: float = 0.0

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.battery_mv = min(round(MV_PER_V * self.volts), MOST_MV)


@dataclass
class Sag(Effect):
    """The battery gives ``volts`` less."""

    volts: float = 3.0

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.battery_mv = max(inputs.battery_mv - round(MV_PER_V * self.volts), 0)


@dataclass
class Emptying(Effect):
    """The battery falls by ``volts_per_s`` from the onset on."""

    volts_per_s: float = 0.2
    _since_us: int | None = field(default=None, init=False)

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        if self._since_us is None:
            self._since_us = now_us
        fallen_mv = self.volts_per_s * MV_PER_V * (now_us - self._since_us) / 1e6
        inputs.battery_mv = max(inputs.battery_mv - round(fallen_mv), 0)


@dataclass
class Charger(Effect):
    """Somebody plugs the charger in."""

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.charger = 1


@dataclass
class BumperStuck(Effect):
    """A bumper switch is pressed and stays so."""

    bit: int = 0

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.bumpers |= 1 << self.bit


@dataclass
class NoFloor(Effect):
    """A cliff sensor sees no floor."""

    bit: int = 0

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.cliffs |= 1 << self.bit


@dataclass
class Reset(Effect):
    """The controller starts anew; ``cause`` is a ResetCause."""

    cause: int = ResetCause.BROWN_OUT

    @override
    def begin(self, target: Target) -> None:
        target.car.power_cycle(ResetCause(self.cause))


@dataclass
class ResetLoop(Effect):
    """The controller starts anew again and again, every ``every_s``."""

    every_s: float = 2.0
    _next_us: int = field(default=0, init=False)
    _target: Target | None = field(default=None, init=False)

    @override
    def begin(self, target: Target) -> None:
        self._target = target

    @override
    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        if self._target is not None and now_us >= self._next_us:
            self._next_us = now_us + round(1e6 * self.every_s)
            self._target.car.power_cycle(ResetCause.WATCHDOG)


@dataclass
class Load(Effect):
    """The control loop takes most of its period."""

    percent: int = 99

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.load_percent = self.percent


@dataclass
class Break(Effect):
    """A BREAK on the line: the cable has a loose contact."""

    @override
    def begin(self, target: Target) -> None:
        target.car.line_break()


@dataclass
class Hang(Effect):
    """The control loop hangs with the motors on, until the watchdog bites."""

    watchdog_s: float = 0.1

    @override
    def begin(self, target: Target) -> None:
        target.car.hang(round(1e6 * self.watchdog_s))


@dataclass
class SlowLoop(Effect):
    """The control loop turns once in ``every`` periods."""

    every: int = 5

    @override
    def begin(self, target: Target) -> None:
        target.car.loop_every = self.every

    @override
    def end(self, target: Target) -> None:
        target.car.loop_every = 1


@dataclass
class Drift(Effect):
    """The controller's clock runs fast, or slow, by ``percent``."""

    percent: float = 2.0
    _from_us: int | None = field(default=None, init=False)

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        if self._from_us is None:
            self._from_us = now_us
        inputs.now_us = (inputs.now_us + round((now_us - self._from_us) * self.percent / 100)) % 2**32


@dataclass
class Leap(Effect):
    """The controller's clock leaps once, and goes on from there."""

    seconds: float = 0.03

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.now_us = (inputs.now_us + round(1e6 * self.seconds)) % 2**32


@dataclass
class Kidnap(Effect):
    """Somebody carries the car away; its wheels notice nothing."""

    x_m: float = 1.0
    y_m: float = 0.0
    deg: float = 90.0

    @override
    def begin(self, target: Target) -> None:
        target.car.displace(self.x_m, self.y_m, math.radians(self.deg))


@dataclass
class Slippery(Effect):
    """Wheels slip: a share of their travel does not reach the floor."""

    share: float = 0.3

    @override
    def begin(self, target: Target) -> None:
        target.car.slip(self.share)

    @override
    def end(self, target: Target) -> None:
        target.car.slip(0.0)
