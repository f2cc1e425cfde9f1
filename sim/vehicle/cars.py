"""Cars that people own, by name: wheels, motors, battery, and the settings their builder would enter.

Geometry and encoder counts are those of the vendors' own firmware (constants that many public copies carry
alike). What vendors do not publish is a guess and says so here: masses, outlines, and the motors of Wheeltec
and Yahboom, for which the JGA25-370 stands in.

| car | source of its numbers |
|---|---|
| nominal | a 2.4 kg differential car on JGA25-370 motors, 12 V 333 rpm, 1560 counts per turn |
| wheeltec_diff, _4wd, _mec, _akm | Wheeltec's STM32 firmware: 1560 counts, tyres of 65 mm, mecanum 75 mm |
| rosmaster_x3, _r2 | Yahboom Rosmaster V3.5.1 firmware: circumference, counts and axle distances |
| tt_4wd | the usual acrylic frame with yellow TT motors, 1:48, Hall encoder 11 PPR x 4 |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import tau
from types import MappingProxyType
from typing import Final

from firmware_protocol.messages import Capability, Chassis
from sim.car import NOMINAL, CarParameters
from sim.controller import ControllerSettings
from sim.fittings import FittingParameters
from sim.sensors.lidar import LidarParameters
from sim.sensors.sonar import MOUNTS, SonarMount, SonarParameters
from sim.vehicle.battery import BatteryParameters
from sim.vehicle.chassis import ChassisParameters, Outline, SteeringParameters
from sim.vehicle.motor import JGA25_370, TT_MOTOR, MotorParameters

TWO_CELLS = BatteryParameters(cells=2, capacity_ah=2.2, resistance_ohm=0.2, rc_ohm=0.07, idle_a=0.3)
_NOMINAL_CELL_V: Final = 3.8
_EMPTY_CELL_V: Final = 3.1
_OVERFULL_CELL_V: Final = 4.5
_LIGHTLY_LOADED: Final = 0.9  # of the top speed: what the speed loop still has in hand


def around(outline: Outline) -> tuple[SonarMount, ...]:
    """Return the usual eight sonars, moved to the rim of another car."""
    own = Outline()
    lengths = {True: outline.front_m / own.front_m, False: outline.rear_m / own.rear_m}
    width = outline.half_width_m / own.half_width_m
    return tuple((lengths[x > 0.0] * x, width * y, yaw) for x, y, yaw in MOUNTS)


def settings_for(
    chassis: ChassisParameters, motor: MotorParameters, battery: BatteryParameters
) -> ControllerSettings:
    """Return what a careful builder would set in the firmware of this car."""
    volts, radius_m = _NOMINAL_CELL_V * battery.cells, sum(chassis.radius_m) / 2.0
    own = ControllerSettings()
    steers = chassis.kind is Chassis.ACKERMANN
    top_mps = motor.settled_radps(_EMPTY_CELL_V * battery.cells) * radius_m
    return replace(
        own,
        chassis=chassis.kind,
        capabilities=own.capabilities | (Capability.STEERING if steers else Capability(0)),
        parameters=MappingProxyType(
            {
                "track_m": chassis.effective_track_m,
                "wheelbase_m": chassis.wheelbase_m,
                "metres_per_tick": tau * radius_m / chassis.ticks_per_turn,
                "max_speed_mps": min(0.8, _LIGHTLY_LOADED * top_mps),
                "kff": motor.damping_nms * motor.resistance_ohm / (motor.nm_per_amp * volts * radius_m),
                "deadband": motor.coulomb_nm * motor.resistance_ohm / (motor.nm_per_amp * volts),
                "undervoltage_mv": 1000.0 * _EMPTY_CELL_V * battery.cells,
                "overvoltage_mv": 1000.0 * _OVERFULL_CELL_V * battery.cells,
                "max_steer_mrad": 1000.0 * min(0.436, chassis.steering.limit_rad),
            }
        ),
    )


def fitted(car: CarParameters, fittings: FittingParameters) -> CarParameters:
    """Return the car with more sensors, and a firmware that knows of them."""
    settings = car.controller
    parameters = dict(settings.parameters)
    bearings = list(settings.range_bearings_rad)
    if fittings.line:
        parameters["line_mask"] = (1 << fittings.line.cells) - 1
    if fittings.infrared:
        for place, mount in fittings.infrared.mounts.items():
            bearings[place] = mount[2]
    controller = replace(
        settings,
        capabilities=settings.capabilities | fittings.capabilities,
        range_bearings_rad=tuple(bearings),
        parameters=MappingProxyType(parameters),
    )
    sonars = car.sonars
    if fittings.infrared:  # they take the last places of RANGES
        first = min(fittings.infrared.mounts)
        sonars = replace(sonars, mounts=sonars.mounts[:first])
    return replace(car, fittings=fittings, controller=controller, sonars=sonars)


def _car(
    chassis: ChassisParameters,
    mass_kg: float,
    motor: MotorParameters = JGA25_370,
    battery: BatteryParameters = NOMINAL.battery,
) -> CarParameters:
    """Return a car of this mass; all of it rests on the driven wheels."""
    loaded = motor.carrying(mass_kg / chassis.wheels, chassis.radius_m[0])
    return CarParameters(
        chassis=chassis,
        motors=(loaded,) * chassis.wheels,
        battery=battery,
        sonars=SonarParameters(mounts=around(chassis.outline)),
        lidar=LidarParameters(mount=(0.3 * chassis.outline.front_m, 0.0, 0.0)),
        controller=settings_for(chassis, loaded, battery),
    )


_X3_ARM_M: Final = 0.164555  # half of track and wheelbase together; only this is published, and it is enough

CARS: Final[Mapping[str, CarParameters]] = MappingProxyType(
    {
        "nominal": NOMINAL,
        "wheeltec_diff": _car(
            ChassisParameters(Outline(0.14, 0.10, 0.10), track_m=0.155, ticks_per_turn=1560), mass_kg=2.0
        ),
        "wheeltec_4wd": _car(
            ChassisParameters(
                Outline(0.14, 0.14, 0.12), Chassis.SKID, track_m=0.187, wheelbase_m=0.173, ticks_per_turn=1560
            ),
            mass_kg=2.6,
        ),
        "wheeltec_mec": _car(
            ChassisParameters(
                Outline(0.14, 0.14, 0.14), Chassis.MECANUM, track_m=0.218, wheelbase_m=0.170,
                radius_m=(0.0375, 0.0375), ticks_per_turn=1560,
            ),
            mass_kg=3.0,
        ),
        "wheeltec_akm": _car(
            ChassisParameters(
                Outline(0.20, 0.06, 0.10), Chassis.ACKERMANN, track_m=0.155, wheelbase_m=0.143,
                ticks_per_turn=1560,
            ),
            mass_kg=2.2,
        ),
        "rosmaster_x3": _car(
            ChassisParameters(
                Outline(0.13, 0.13, 0.12), Chassis.MECANUM, track_m=_X3_ARM_M, wheelbase_m=_X3_ARM_M,
                radius_m=(0.204203 / tau, 0.204203 / tau), ticks_per_turn=1320,
            ),
            mass_kg=2.8,
        ),
        "rosmaster_r2": _car(
            ChassisParameters(
                Outline(0.30, 0.07, 0.12), Chassis.ACKERMANN, track_m=0.1911, wheelbase_m=0.23537,
                radius_m=(0.2152 / tau, 0.2152 / tau), ticks_per_turn=836,
            ),
            mass_kg=3.0,
        ),
        "one_motor_akm": _car(
            ChassisParameters(
                Outline(0.24, 0.07, 0.10), Chassis.ACKERMANN, track_m=0.16, wheelbase_m=0.17, one_motor=True,
                steering=SteeringParameters(rate_radps=5.0, dead_band_rad=0.015),
            ),
            mass_kg=1.6,
        ),
        "tt_4wd": _car(
            ChassisParameters(
                Outline(0.13, 0.13, 0.08), Chassis.SKID, track_m=0.135, wheelbase_m=0.115, ticks_per_turn=2112
            ),
            mass_kg=0.9, motor=TT_MOTOR, battery=TWO_CELLS,
        ),
    }
)  # fmt: skip
"""Every car by name."""
