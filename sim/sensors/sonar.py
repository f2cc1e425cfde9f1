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
        self._parameters = parameters
        self.struct = SonarsStruct(
            half_cone_rad=parameters.half_cone_rad,
            min_cosine=cos(parameters.max_incidence_rad),
            range_max_m=parameters.range_max_m,
            rays=parameters.rays,
        )
        for index, mount in enumerate(parameters.mounts):
            self.struct.mounts[index][:] = mount
        generator = stream(seed, "sonar")
        self.scale = 1.0 + parameters.scale_sigma * generator.standard_normal(SONARS)
        self.distance_m = np.full(SONARS, np.inf)
        self._noise = Noise(generator, SONARS)
        self._groups = self._firing_order(fitted)
        self._address = ctypes.addressof(self.struct)
        self._distances, self._scales = self.distance_m.ctypes.data, self.scale.ctypes.data
        self._ping, self._codes = kernels().sim_sonar_ping, kernels().sim_range_codes

    def _firing_order(self, fitted: int) -> dict[int, int]:
        """Return, for the steps of a cycle in which something fires, the bit set of those sensors."""
        spacing = self._parameters.cycle_steps // self._parameters.groups
        groups = range(self._parameters.groups)
        return {g * spacing: sum(1 << k for k in range(g, fitted, len(groups))) for g in groups}

    def measure(self, step: int, around: tuple[int, int, int], pose: int, codes: int) -> int:
        """Fire the group of this step; return the bit set of the sensors with a new distance.

        Args:
            step: Number of the control period.
            around: Addresses of the world and number and address of the discs: world, count, discs.
            pose: Address of the car's pose.
            codes: Address of eight wire codes.

        """
        firing = self._groups.get(step % self._parameters.cycle_steps, 0)
        if firing:
            limits = self._parameters
            self._ping(self._address, *around, pose, firing, self._distances)
            for_all = self._noise.row()[0]
            self._codes(
                SONARS, self._distances, self._scales, limits.sigma_m, for_all, 0.0, None, limits.range_min_m, codes
            )
        return firing
