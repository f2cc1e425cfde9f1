"""Faults of the IMU, and the car being tilted, lifted or pushed, which the IMU feels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from typing_extensions import override

from firmware_protocol.controller_layout import InputsStruct
from sim.faults.effect import Effect
from sim.faults.target import Target

GRAVITY_MMPS2 = 9810.0
GYRO_UNITS_PER_RADPS = 2000.0
_LIMIT = 32767


def _clipped(value: float) -> int:
    return max(-_LIMIT - 1, min(_LIMIT, round(value)))


@dataclass
class Silent(Effect):
    """The IMU says nothing any more."""

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.imu_fresh = 0


@dataclass
class Frozen(Effect):
    """The IMU says again and again what it said at first."""

    _kept: tuple[list[int], list[int]] | None = field(default=None, init=False)

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        if self._kept is None:
            self._kept = (list(inputs.accel_mmps2), list(inputs.gyro_500urad))
        inputs.accel_mmps2[:], inputs.gyro_500urad[:] = self._kept


@dataclass
class Nonsense(Effect):
    """The IMU says anything."""

    _noise: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0), init=False)

    @override
    def begin(self, target: Target) -> None:
        self._noise = target.noise

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        drawn = self._noise.integers(-_LIMIT, _LIMIT, 6)
        inputs.accel_mmps2[:], inputs.gyro_500urad[:] = drawn[:3].tolist(), drawn[3:].tolist()


@dataclass
class GyroBias(Effect):
    """The gyro turns by itself, about the vertical."""

    deg_per_s: float = 5.0

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        bias = math.radians(self.deg_per_s) * GYRO_UNITS_PER_RADPS
        inputs.gyro_500urad[2] = _clipped(inputs.gyro_500urad[2] + bias)


@dataclass
class GyroScale(Effect):
    """The gyro says ``scale`` times the turn rate; -1 is an axis the wrong way round."""

    scale: float = -1.0

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.gyro_500urad[2] = _clipped(inputs.gyro_500urad[2] * self.scale)


@dataclass
class Tilted(Effect):
    """The car leans sideways by an angle, as on a ramp or with one side lifted."""

    deg: float = 35.0

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        angle = math.radians(self.deg)
        y, z = inputs.accel_mmps2[1], inputs.accel_mmps2[2]
        inputs.accel_mmps2[1] = _clipped(y * math.cos(angle) + z * math.sin(angle))
        inputs.accel_mmps2[2] = _clipped(z * math.cos(angle) - y * math.sin(angle))


@dataclass
class Falling(Effect):
    """The car falls: the accelerometer feels nothing."""

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        inputs.accel_mmps2[:] = [0, 0, 0]


@dataclass
class Shaken(Effect):
    """Rough ground: the accelerometer is shaken."""

    mps2: float = 4.0
    _noise: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0), init=False)

    @override
    def begin(self, target: Target) -> None:
        self._noise = target.noise

    @override
    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        shakes = self._noise.normal(0.0, 1000.0 * self.mps2, 3)
        for axis in range(3):
            inputs.accel_mmps2[axis] = _clipped(inputs.accel_mmps2[axis] + shakes[axis])
