"""The battery gauge: voltage and current with the noise of a cheap converter."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from sim.native import GaugeStruct
from sim.noise import Noise, stream


@dataclass(frozen=True, slots=True)
class GaugeParameters:
    """Standard deviations of one sample."""

    voltage_sigma_v: float = 0.01
    current_sigma_a: float = 0.02


class Gauge:
    """One gauge, read once per control period."""

    def __init__(self, parameters: GaugeParameters, seed: int) -> None:
        self.noise = Noise(stream(seed, "gauge"), 2)
        self.struct = GaugeStruct(
            parameters.voltage_sigma_v, parameters.current_sigma_a, self.noise.normals_at
        )
        self.address = ctypes.addressof(self.struct)
