"""Faults of motors and encoders."""

from __future__ import annotations

from dataclasses import dataclass, field

from typing_extensions import override

from firmware_protocol.controller_layout import WHEELS, InputsStruct, OutputsStruct
from sim.faults.effect import Effect

_FULL = 1000  # permille


def _wrapped(ticks: int) -> int:
    """Return a count as 32 bits hold it."""
    return (ticks + 2**31) % 2**32 - 2**31


@dataclass
class Encoder(Effect):
    """A counter whose steps are changed: scaled by ``scale``, of every wheel or of one.

    0 is a dead encoder, -1 a reversed one, 0.5 one that misses every other count.
    """

    wheel: int = 0
    scale: float = 0.0
    _true: int | None = field(default=None, init=False)
    _told: float = field(default=0.0, init=False)

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        true = inputs.ticks[self.wheel]
        if self._true is None:
            self._true, self._told = true, float(true)
        self._told += self.scale * _wrapped(true - self._true)
        self._true = true
        inputs.ticks[self.wheel] = _wrapped(round(self._told))


@dataclass
class Jump(Effect):
    """A counter that leaps once by ``counts``."""

    wheel: int = 0
    counts: int = 8000

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.ticks[self.wheel] = _wrapped(inputs.ticks[self.wheel] + self.counts)


@dataclass
class Motor(Effect):
    """A motor that gives ``scale`` times what it is told: 0 is dead, 0.5 weak, -1 wired the wrong way."""

    wheel: int = 0
    scale: float = 0.0

    @override
    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        outputs.duty_permille[self.wheel] = round(outputs.duty_permille[self.wheel] * self.scale)


@dataclass
class StuckOn(Effect):
    """A bridge that keeps driving whatever it is told, as long as it is enabled."""

    wheel: int = 0
    duty: float = 0.6

    @override
    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        if outputs.enable:
            outputs.duty_permille[self.wheel] = round(_FULL * self.duty)


@dataclass
class DeadBand(Effect):
    """Motors that do not move below a duty."""

    duty: float = 0.2

    @override
    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        for wheel in range(WHEELS):
            if abs(outputs.duty_permille[wheel]) < _FULL * self.duty:
                outputs.duty_permille[wheel] = 0


@dataclass
class SwappedMotors(Effect):
    """Left and right motors are plugged the wrong way round; the encoders are not."""

    @override
    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        duty = outputs.duty_permille
        duty[0], duty[1], duty[2], duty[3] = duty[1], duty[0], duty[3], duty[2]


@dataclass
class SwappedSides(Effect):
    """Left and right are swapped as a whole, motors and encoders."""

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        ticks = inputs.ticks
        ticks[0], ticks[1], ticks[2], ticks[3] = ticks[1], ticks[0], ticks[3], ticks[2]

    @override
    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        duty = outputs.duty_permille
        duty[0], duty[1], duty[2], duty[3] = duty[1], duty[0], duty[3], duty[2]


@dataclass
class Blocked(Effect):
    """Something holds all wheels: whatever the motors are told, nothing turns."""

    @override
    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        outputs.duty_permille[:] = [0] * WHEELS
