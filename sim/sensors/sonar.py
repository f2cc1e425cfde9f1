"""HC-SR04 sonars: a cone of rays, the first echo wins, and a smooth wall seen too obliquely gives none.

Two groups fire in turn, so that each sensor measures once per cycle and neighbours never at the same time.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from math import cos, inf, radians

from sim.native import SONAR_CYCLE, SONARS, SonarsStruct, kernels
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
    crosstalk: float = 0.0  # chance to hear a neighbour that fires at the same time
    person: float = 1.0  # how far people are heard, over a hard wall: 0.5 in thick clothes
    cycle_steps: int = 6  # 60 ms: echoes of the last ping have died away
    groups: int = 2


class Sonars:
    """All sonars of the car. ``struct.distance_m`` is what each would say without noise."""

    def __init__(self, parameters: SonarParameters, seed: int) -> None:
        fitted = len(parameters.mounts)
        if not 0 < fitted <= SONARS:
            message = f"{fitted} sonars, the protocol carries 1 to {SONARS}"
            raise ValueError(message)
        if not 0 < parameters.groups <= parameters.cycle_steps <= SONAR_CYCLE:
            message = (
                f"sonars: {parameters.groups} groups in {parameters.cycle_steps} steps, at most {SONAR_CYCLE}"
            )
            raise ValueError(message)
        generator = stream(seed, "sonar")
        scale = 1.0 + parameters.scale_sigma * generator.standard_normal(SONARS)
        self.noise = Noise(generator, SONARS)
        # a stream of its own, so that crosstalk does not change the other noise
        self.chance = Noise(stream(seed, "sonar crosstalk"), 0, SONARS) if parameters.crosstalk else None
        self.struct = SonarsStruct(
            scale=(ctypes.c_double * SONARS)(*scale),
            half_cone_rad=parameters.half_cone_rad,
            min_cosine=cos(parameters.max_incidence_rad),
            range_min_m=parameters.range_min_m,
            range_max_m=parameters.range_max_m,
            sigma_m=parameters.sigma_m,
            distance_m=(ctypes.c_double * SONARS)(*([inf] * SONARS)),
            noise=self.noise.normals_at,
            chance=self.chance.uniforms_at if self.chance else None,
            crosstalk=parameters.crosstalk,
            person=parameters.person,
            rays=parameters.rays,
            cycle_steps=parameters.cycle_steps,
            firing=_firing_order(parameters),
        )
        for index, mount in enumerate(parameters.mounts):
            self.struct.mounts[index][:] = mount
        self.address = ctypes.addressof(self.struct)

    def step(self, step: int, around: tuple[int, int, int], pose: int, codes: int) -> int:
        """Fire the group of this step; return the bit set of the sensors with a new distance.

        Args:
            step: Number of the control period.
            around: Address of the world, number of discs, address of the discs.
            pose: Address of the car's pose.
            codes: Address of eight wire codes; those of the other sensors are left alone.

        """
        row = self.noise.row(step)
        if self.chance:
            self.chance.row(step)
        fired: int = kernels().sim_sonar_step(self.address, *around, pose, step, row, codes)
        return fired


def _firing_order(parameters: SonarParameters) -> ctypes.Array[ctypes.c_uint8]:
    """Return, per step of a cycle, the bit set of the sensors that fire; neighbours are in other groups."""
    order = (ctypes.c_uint8 * SONAR_CYCLE)()
    for group in range(parameters.groups):
        members = range(group, len(parameters.mounts), parameters.groups)
        order[group * (parameters.cycle_steps // parameters.groups)] = sum(1 << member for member in members)
    return order
