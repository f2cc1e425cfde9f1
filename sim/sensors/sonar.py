"""HC-SR04 sonars: a cone of rays, the first echo wins, and a smooth wall seen too obliquely gives none.

Two groups fire in turn, so that each sensor measures once per cycle and neighbours never at the same time.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from math import cos, radians

import numpy as np

from sim.native import SONARS, SonarsStruct, kernels
from sim.noise import Noise, stream

SonarMount = tuple[float, float, float]

MOUNTS: tuple[SonarMount, ...] = (
    (0.15, 0.09, 0.9),
    (0.16, 0.05, 0.3),
    (0.16, -0.05, -0.3),
    (0.15, -0.09, -0.9),
    (0.0, 0.12, 1.5707963),
    (0.0, -0.12, -1.5707963),
    (-0.12, 0.05, 2.8415927),
    (-0.12, -0.05, -2.8415927),
)


@dataclass(frozen=True, slots=True)
class SonarParameters:
    """Where the sonars sit (x, y, yaw in ``base_link``) and what they can see."""

    mounts: tuple[SonarMount, ...] = MOUNTS
    rays: int = 9
    half_cone_rad: float = radians(10.0)
    max_incidence_rad: float = radians(25.0)
    range_min_m: float = 0.02
    range_max_m: float = 3.0
    sigma_m: float = 0.003
    scale_sigma: float = 0.005  # speed of sound: 0.18 % per kelvin
    cycle_steps: int = 6  # 60 ms: echoes of the last ping have died away
    groups: int = 2


class Sonars:
    """Writes distances as wire codes, and which of them are new, where the controller's port reads them."""

    def __init__(self, parameters: SonarParameters, seed: int) -> None:
        fitted = len(parameters.mounts)
        if not 0 < fitted <= SONARS:
            message = f"{fitted} sonars, the protocol carries 1 to {SONARS}"
            raise ValueError(message)
        self._cycle_steps = parameters.cycle_steps
        generator = stream(seed, "sonar")
        scale = 1.0 + parameters.scale_sigma * generator.standard_normal(SONARS)
        self.struct = SonarsStruct(
            scale=(ctypes.c_double * SONARS)(*scale),
            half_cone_rad=parameters.half_cone_rad,
            min_cosine=cos(parameters.max_incidence_rad),
            range_min_m=parameters.range_min_m,
            range_max_m=parameters.range_max_m,
            sigma_m=parameters.sigma_m,
            rays=parameters.rays,
        )
        for index, mount in enumerate(parameters.mounts):
            self.struct.mounts[index][:] = mount
        self.distance_m = np.full(SONARS, np.inf)
        self._noise = Noise(generator, SONARS)
        self._groups = _firing_order(parameters)
        self._address = ctypes.addressof(self.struct)
        self._distances = self.distance_m.ctypes.data
        self._ping = kernels().sim_sonar_ping

    def measure(self, step: int, around: tuple[int, int, int], pose: int, codes: int) -> int:
        """Fire the group of this step; return the bit set of the sensors with a new distance.

        Args:
            step: Number of the control period.
            around: Address of the world, number of discs, address of the discs.
            pose: Address of the car's pose.
            codes: Address of eight wire codes; those of the other sensors are left alone.

        """
        firing = self._groups.get(step % self._cycle_steps, 0)
        if firing:
            self._ping(self._address, *around, pose, firing, self._noise.row()[0], self._distances, codes)
        return firing


def _firing_order(parameters: SonarParameters) -> dict[int, int]:
    """Return, for the steps of a cycle in which something fires, the bit set of those sensors."""
    spacing = parameters.cycle_steps // parameters.groups
    groups = range(parameters.groups)
    fitted = len(parameters.mounts)
    return {group * spacing: sum(1 << k for k in range(group, fitted, len(groups))) for group in groups}
