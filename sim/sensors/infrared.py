"""Infrared range sensors of the Sharp kind: triangulation, with a voltage that falls with the distance.

Beyond its peak the voltage follows ``volts_per_m_inverse / distance + volts_far``. Nearer it falls again: a
hand at 3 cm reads like a wall at 17 cm, as real sensors do. A 12-bit converter makes far readings coarse: at
80 cm one step is 2.4 mm.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType

from sim.native import SONARS, InfraredStruct
from sim.noise import Noise, stream
from sim.sensors.sonar import SonarMount


@dataclass(frozen=True, slots=True)
class InfraredParameters:
    """A GP2Y0A21: 10 to 80 cm, 2.3 V at 10 cm and 0.4 V at 80 cm, a new value every 38 ms (its data sheet).

    Attributes:
        mounts: Where each sits (x, y, yaw in ``base_link``), by place in RANGES; sonars have those before.

    """

    mounts: Mapping[int, SonarMount] = field(default_factory=lambda: MappingProxyType({7: (0.16, 0.0, 0.0)}))
    volts_per_m_inverse: float = 0.217
    volts_far: float = 0.129
    peak_m: float = 0.07
    range_min_m: float = 0.10
    range_max_m: float = 0.80
    sigma_v: float = 0.005
    step_v: float = 3.3 / 4096.0
    period_steps: int = 4

    def __post_init__(self) -> None:
        """Refuse a place that RANGES does not have."""
        if not (self.mounts and all(0 <= place < SONARS for place in self.mounts)):
            message = f"RANGES has places 0 to {SONARS - 1}, found {sorted(self.mounts)}"
            raise ValueError(message)


class Infrared:
    """All infrared range sensors of a car."""

    def __init__(self, parameters: InfraredParameters, seed: int) -> None:
        self.noise = Noise(stream(seed, "infrared"), SONARS)
        self.struct = InfraredStruct(
            volts_per_m_inverse=parameters.volts_per_m_inverse,
            volts_far=parameters.volts_far,
            peak_m=parameters.peak_m,
            range_min_m=parameters.range_min_m,
            range_max_m=parameters.range_max_m,
            sigma_v=parameters.sigma_v,
            step_v=parameters.step_v,
            distance_m=(ctypes.c_double * SONARS)(*([inf] * SONARS)),
            noise=self.noise.normals_at,
            period_steps=parameters.period_steps,
        )
        for place, mount in parameters.mounts.items():
            self.struct.mounts[place][:] = mount
        self.struct.slots[0] = sum(1 << place for place in parameters.mounts)
        self.address = ctypes.addressof(self.struct)
