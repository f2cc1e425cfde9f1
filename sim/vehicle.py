"""The chassis on its wheels: how turning wheels move the body, and what happens at a wall.

Kinematics are derived here, not shared with the host or the firmware: with rim travels ``l`` and ``r`` the
body goes ``(l + r) / 2`` along an arc that turns by ``(r - l) / track``. Where the outline would overlap a
wall or a person the body stays out, the wheels slip (the encoders keep counting) and a bumper is pressed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

from sim.battery import BatteryParameters
from sim.motor import MotorParameters
from sim.native import WHEELS, CarStruct, ChassisStruct, OutlineStruct, WheelsStruct


@dataclass(frozen=True, slots=True)
class Outline:
    """The rectangle seen from above, around ``base_link`` (the middle of the drive axle)."""

    front_m: float = 0.16
    rear_m: float = 0.12
    half_width_m: float = 0.12


@dataclass(frozen=True, slots=True)
class ChassisParameters:
    """Wheels and outline as they really are; the firmware and the host only believe in nominal ones.

    ``radius_m`` and ``slip`` are left and right. ``slip`` is the share of the rim's travel that does not
    reach the floor. ``grip_nm`` brakes a wheel that turns on the spot against a wall.
    """

    outline: Outline = Outline()
    wheels: int = 2
    track_m: float = 0.20
    radius_m: tuple[float, float] = (0.0325, 0.0325)
    slip: tuple[float, float] = (0.0, 0.0)
    ticks_per_turn: int = 1560
    grip_nm: float = 0.12
    bumper_travel_m: float = 0.001

    def __post_init__(self) -> None:
        """Refuse a car that cannot be."""
        if self.wheels not in {2, WHEELS}:
            message = f"chassis.wheels is {self.wheels}, expected 2 (differential) or 4 (skid)"
            raise ValueError(message)
        if not (self.track_m > 0.0 and min(self.radius_m) > 0.0 and self.ticks_per_turn > 0):
            message = f"chassis: track, wheel radius and ticks per turn must be more than 0, found {self}"
            raise ValueError(message)

    def struct(self) -> ChassisStruct:
        """Return the kernel's copy."""
        four = ctypes.c_double * WHEELS
        outline = OutlineStruct(self.outline.front_m, self.outline.rear_m, self.outline.half_width_m)
        return ChassisStruct(
            outline,
            self.track_m,
            four(*(self.radius_m[k % 2] for k in range(WHEELS))),
            four(*(self.slip[k % 2] for k in range(WHEELS))),
            float(self.ticks_per_turn),
            self.grip_nm,
            self.bumper_travel_m,
        )


def car_struct(
    chassis: ChassisParameters,
    motors: Sequence[MotorParameters],
    battery: BatteryParameters,
    start: tuple[float, float, float],
) -> CarStruct:
    """Return the state of a car that stands at ``start`` (x, y, yaw).

    Args:
        chassis: Wheels and outline.
        motors: One per wheel: front left, front right, rear left, rear right.
        battery: The pack, rested.
        start: Pose of ``base_link`` in the map.

    """
    if len(motors) < chassis.wheels:
        message = f"{chassis.wheels} wheels need as many motors, found {len(motors)}"
        raise ValueError(message)
    car = CarStruct()
    for index in range(WHEELS):
        car.motors[index] = motors[min(index, len(motors) - 1)].struct()
    car.battery = battery.struct()
    car.wheels = WheelsStruct(wheels=chassis.wheels)
    car.chassis = chassis.struct()
    car.body.pose[:] = start
    car.body.previous[:] = start
    car.body.clearance_m = car.body.person_m = float("inf")
    return car
