"""Sensors of warmth, gas, smoke, flames, light and the like: slow, noisy, in the units of ENV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, exp, sin
from types import MappingProxyType
from typing import Final

from firmware_protocol.messages import Quantity
from sim.controller import PERIOD_US
from sim.noise import Noise, stream
from sim.world.floor import Place
from sim.world.walls import World

PER_UNIT: Final[Mapping[Quantity, float]] = MappingProxyType(
    {
        Quantity.TEMPERATURE: 1000.0,
        Quantity.HUMIDITY: 1000.0,
        Quantity.PRESSURE: 1.0,
        Quantity.LIGHT: 1000.0,
        Quantity.GAS: 1.0,
        Quantity.SMOKE: 1000.0,
        Quantity.FLAME: 1000.0,
        Quantity.SOUND: 1000.0,
        Quantity.CO2: 1.0,
        Quantity.DUST: 1.0,
    }
)
"""Wire integers for one unit of ``sim.world.things.USUAL``; the units of ENV are in protocol.yaml."""

PERIOD_STEPS: Final = 20
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class EnvironmentParameters:
    """One sensor; ``sigma`` in the unit of its quantity, ``lag_s`` how slowly it follows (MQ-2: 10 s)."""

    quantity: Quantity
    place: int = 0
    at_m: Place = (0.0, 0.0)
    sigma: float = 0.0
    lag_s: float = 1.0


class Environment:
    """One sensor, measuring five times a second."""

    def __init__(self, parameters: EnvironmentParameters, seed: int) -> None:
        self.parameters = parameters
        self.noise = Noise(stream(seed, f"environment {parameters.quantity} {parameters.place}"), 1)
        share_s = PERIOD_STEPS * PERIOD_US * 1e-6
        self._share = 1.0 - exp(-share_s / parameters.lag_s) if parameters.lag_s > 0.0 else 1.0
        self._felt: float | None = None

    def step(self, step: int, now_s: float, pose: tuple[float, float, float], world: World) -> int | None:
        """Return the wire value, when it is time to measure."""
        p = self.parameters
        wobble = self.noise.normal(step)
        if step % PERIOD_STEPS:
            return None
        cosine, sine = cos(pose[2]), sin(pose[2])
        at = (
            pose[0] + cosine * p.at_m[0] - sine * p.at_m[1],
            pose[1] + sine * p.at_m[0] + cosine * p.at_m[1],
        )
        level = world.things.level(p.quantity, at, now_s, world)
        self._felt = level if self._felt is None else self._felt + self._share * (level - self._felt)
        value = round(PER_UNIT[p.quantity] * (self._felt + p.sigma * wobble))
        return max(-_LARGEST, min(value, _LARGEST))
