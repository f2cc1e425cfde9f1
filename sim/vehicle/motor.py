"""DC motors with their gears, seen at the wheel.

``V - Ke w = R i`` (the winding's inductance is neglected: L/R is below 1 ms) and
``J dw/dt = Kt i - Tc sign(w) - b w``. Between two duties this is linear, so ``sim_motor_step`` takes it in
one exact step, split where the wheel changes its sense. A wheel at rest stays until the motor beats the
static friction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from sim.native import MotorStruct


@dataclass(frozen=True, slots=True)
class MotorParameters:
    """One motor and gear, at the wheel.

    ``inertia_kgm2`` holds the wheel's share of the car, ``own_inertia_kgm2`` does not: that is what the motor
    speeds up when the wheel has lost its grip.
    """

    resistance_ohm: float
    volt_s_per_rad: float
    nm_per_amp: float
    inertia_kgm2: float
    own_inertia_kgm2: float
    coulomb_nm: float
    stiction_nm: float
    viscous_nms: float
    dead_duty: float

    def __post_init__(self) -> None:
        """Refuse numbers for which the exact step has no answer."""
        positive = ("resistance_ohm", "volt_s_per_rad", "nm_per_amp", "own_inertia_kgm2", "viscous_nms")
        for name in positive:
            if not getattr(self, name) > 0.0:
                message = f"motor.{name} is {getattr(self, name)}, expected more than 0"
                raise ValueError(message)
        if not self.inertia_kgm2 >= self.own_inertia_kgm2:
            message = f"motor.inertia_kgm2 is {self.inertia_kgm2}, expected own_inertia_kgm2 or more"
            raise ValueError(message)
        if not self.stiction_nm >= self.coulomb_nm >= 0.0:
            message = (
                f"motor.stiction_nm is {self.stiction_nm}, expected at least coulomb_nm {self.coulomb_nm}"
            )
            raise ValueError(message)

    def carrying(self, share_kg: float, radius_m: float) -> Self:
        """Return this motor on a wheel of that radius that carries so much of a car."""
        return replace(self, inertia_kgm2=self.own_inertia_kgm2 + share_kg * radius_m**2)

    @property
    def damping_nms(self) -> float:
        """Torque per speed that the short-circuited motor and its bearings oppose."""
        return self.nm_per_amp * self.volt_s_per_rad / self.resistance_ohm + self.viscous_nms

    @property
    def time_constant_s(self) -> float:
        """How fast the speed settles at a constant voltage."""
        return self.inertia_kgm2 / self.damping_nms

    def settled_radps(self, volts: float) -> float:
        """Return the speed that a constant voltage ends in, 0 while it does not beat the static friction."""
        pull_nm = self.nm_per_amp * abs(volts) / self.resistance_ohm
        if pull_nm <= self.stiction_nm:
            return 0.0
        speed_radps = (pull_nm - self.coulomb_nm) / self.damping_nms
        return speed_radps if volts > 0.0 else -speed_radps

    def struct(self) -> MotorStruct:
        """Return the kernel's copy."""
        return MotorStruct(
            self.resistance_ohm,
            self.volt_s_per_rad,
            self.nm_per_amp,
            self.inertia_kgm2,
            self.own_inertia_kgm2,
            self.coulomb_nm,
            self.stiction_nm,
            self.viscous_nms,
            self.dead_duty,
        )


JGA25_370 = MotorParameters(
    # 12 V class: stall 0.8 to 1.0 N m at 2 to 3 A, no load 0.15 A near 333 rpm (vendor tables); inertia is
    # half of a 2.4 kg car on 32.5 mm wheels, the rotor seen through the gear, and the wheel itself.
    resistance_ohm=4.8,
    volt_s_per_rad=0.33,
    nm_per_amp=0.33,
    inertia_kgm2=2.3e-3,
    own_inertia_kgm2=2.3e-3 - 1.2 * 0.0325**2,
    coulomb_nm=0.040,
    stiction_nm=0.050,
    viscous_nms=4e-4,
    dead_duty=0.02,
)

TT_MOTOR = MotorParameters(
    # 1:48, 6 V: 200 rpm and 0.15 A without load, 0.039 N m and 0.6 A at standstill (vendor tables). The
    # plastic gear wastes more than half of the torque, so nm_per_amp is far below volt_s_per_rad. Carries
    # a quarter of 0.9 kg; the rotor's inertia is a guess.
    resistance_ohm=10.0,
    volt_s_per_rad=0.215,
    nm_per_amp=0.086,
    inertia_kgm2=1.9e-4 + 0.225 * 0.0325**2,
    own_inertia_kgm2=1.9e-4,
    coulomb_nm=0.0108,
    stiction_nm=0.014,
    viscous_nms=1e-4,
    dead_duty=0.05,
)
