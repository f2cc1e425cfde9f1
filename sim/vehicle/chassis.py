"""The car on its wheels: what it is made of, as the kernels take it.

The motion is in ``sim/kernels``: ``sim_wheels.c`` turns the wheels and decides which of them grip,
``sim_kinematics.c`` says where that takes the body, ``sim_vehicle.c`` stops it at what is in the way. Where
the outline would overlap a wall or a person the body stays out, the wheels slip (the encoders keep
counting) and a bumper is pressed. Nothing of it is shared with the host or the firmware.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

from firmware_protocol.messages import Chassis
from sim.native import WHEELS, CarStruct, ChassisStruct, OutlineStruct, SteeringStruct, WheelsStruct
from sim.vehicle.battery import BatteryParameters
from sim.vehicle.motor import MotorParameters
from sim.vehicle.wheels import DRIVEN, contacts, effective_track_m, least_squares, rolling

SHAFT = 2
"""Where a car of one motor keeps the axle between motor and differential, among its wheels."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The rectangle seen from above, around ``base_link`` (the middle of the driven wheels)."""

    front_m: float = 0.16
    rear_m: float = 0.12
    half_width_m: float = 0.12


@dataclass(frozen=True, slots=True)
class SteeringParameters:
    """The servo of an Ackermann car's front wheels; angles are those of a wheel in the middle of the axle."""

    rate_radps: float = 6.5  # hobby servo: 0.1 to 0.2 s for 60 degrees
    dead_band_rad: float = 0.01
    trim_rad: float = 0.0
    limit_rad: float = 0.6

    def struct(self) -> SteeringStruct:
        """Return the kernel's copy, at rest."""
        at_rest = max(-self.limit_rad, min(self.trim_rad, self.limit_rad))
        return SteeringStruct(at_rest, self.rate_radps, self.dead_band_rad, self.trim_rad, self.limit_rad)


@dataclass(frozen=True, slots=True)
class ChassisParameters:
    """Wheels and outline as they really are; the firmware and the host only believe in nominal ones.

    ``radius_m`` and ``slip`` are left and right. ``slip`` is the share of the rim's travel that does not
    reach the floor. ``grip_nm`` brakes a wheel that turns on the spot against a wall.

    Attributes:
        friction: Coefficient between tyre and floor where no patch of the floor says otherwise.
        lateral_efficiency: Of a mecanum car: what its free rollers leave of a motion to the side.
        one_motor: Of an Ackermann car: one motor and an open differential. It sees the mean of two bridges.

    """

    outline: Outline = Outline()
    kind: Chassis = Chassis.DIFFERENTIAL
    track_m: float = 0.20
    wheelbase_m: float = 0.20
    radius_m: tuple[float, float] = (0.0325, 0.0325)
    slip: tuple[float, float] = (0.0, 0.0)
    friction: float = 0.8
    lateral_efficiency: float = 0.9
    roller_rad: float = pi / 4
    one_motor: bool = False
    steering: SteeringParameters = SteeringParameters()
    ticks_per_turn: int = 1560
    grip_nm: float = 0.12
    bumper_travel_m: float = 0.001

    def __post_init__(self) -> None:
        """Refuse a car that cannot be."""
        lengths = (self.track_m, self.wheelbase_m, *self.radius_m)
        if not (min(lengths) > 0.0 and self.ticks_per_turn > 0 and self.friction > 0.0):
            message = (
                "chassis: track, wheelbase, wheel radius, friction and ticks per turn must be more than 0, "
                f"found {self}"
            )
            raise ValueError(message)
        if not 0.0 < self.lateral_efficiency <= 1.0:
            message = f"chassis.lateral_efficiency is {self.lateral_efficiency}, expected above 0, at most 1"
            raise ValueError(message)
        if self.one_motor and self.kind is not Chassis.ACKERMANN:
            message = f"chassis.one_motor is for an Ackermann car, found {self.kind.name}"
            raise ValueError(message)

    @property
    def wheels(self) -> int:
        """How many wheels are driven."""
        return DRIVEN[self.kind]

    @property
    def effective_track_m(self) -> float:
        """The track with which the turn rate follows from the rims."""
        skids = self.kind is Chassis.SKID
        return effective_track_m(self.track_m, self.wheelbase_m) if skids else self.track_m

    def struct(self, motors: Sequence[MotorParameters]) -> ChassisStruct:
        """Return the kernel's copy; each wheel carries the share of the car that its motor was made for."""
        four = ctypes.c_double * WHEELS
        outline = OutlineStruct(self.outline.front_m, self.outline.rear_m, self.outline.half_width_m)
        radius_m = [self.radius_m[k % 2] for k in range(WHEELS)]
        carried = [motor.inertia_kgm2 - motor.own_inertia_kgm2 for motor in motors]
        made = ChassisStruct(
            outline=outline,
            track_m=self.effective_track_m,
            wheelbase_m=self.wheelbase_m,
            share_kg=four(*(carried[k] / radius_m[k] ** 2 for k in range(WHEELS))),
            friction=self.friction,
            radius_m=four(*radius_m),
            slip=four(*(self.slip[k % 2] for k in range(WHEELS))),
            ticks_per_turn=float(self.ticks_per_turn),
            grip_nm=self.grip_nm,
            bumper_travel_m=self.bumper_travel_m,
            kind=self.kind,
            one_motor=self.one_motor,
        )
        self._fill_kinematics(made)
        return made

    def _fill_kinematics(self, made: ChassisStruct) -> None:
        places = contacts(self.kind, self.track_m, self.wheelbase_m)
        rows = rolling(self.kind, places, self.roller_rad)
        for wheel in range(WHEELS):
            made.at_m[wheel][:] = places[wheel].tolist()
            made.rolls[wheel][:] = rows[wheel].tolist()
        if self.kind is not Chassis.MECANUM:
            return
        motion = least_squares(rows)
        motion[1] *= self.lateral_efficiency
        for axis in range(3):
            made.motion[axis][:] = motion[axis].tolist()


def car_struct(
    chassis: ChassisParameters,
    motors: Sequence[MotorParameters],
    battery: BatteryParameters,
    start: tuple[float, float, float],
) -> CarStruct:
    """Return the state of a car that stands at ``start`` (x, y, yaw).

    Args:
        chassis: Wheels and outline.
        motors: One per driven wheel: front left, front right, rear left, rear right.
        battery: The pack, rested.
        start: Pose of ``base_link`` in the map.

    """
    if len(motors) < (1 if chassis.one_motor else chassis.wheels):
        message = f"{chassis.wheels} wheels need as many motors, found {len(motors)}"
        raise ValueError(message)
    fitted = [motors[min(index, len(motors) - 1)] for index in range(WHEELS)]
    car = CarStruct()
    for index, motor in enumerate(fitted):
        car.motors[index] = motor.struct()
    car.battery = battery.struct()
    car.wheels = WheelsStruct(wheels=chassis.wheels)
    car.chassis = chassis.struct(fitted)
    car.steering = chassis.steering.struct()
    car.body.pose[:] = start
    car.body.previous[:] = start
    car.body.clearance_m = car.body.person_m = float("inf")
    return car
