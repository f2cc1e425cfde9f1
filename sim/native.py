"""The simulator's compiled kernels: their signatures, and a check that both sides agree on every struct."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import c_double, c_int32, c_int64, c_uint8, c_uint32, c_void_p
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_protocol.native import library, library_for_python
from sim.car_structs import (
    OCV_POINTS,
    WHEELS,
    BatteryStruct,
    BodyStruct,
    CarStruct,
    ChassisStruct,
    FloorStruct,
    MaterialStruct,
    MotorStruct,
    OutlineStruct,
    PatchStruct,
    SteeringStruct,
    WheelsStruct,
    WorldStruct,
)
from sim.sensor_structs import (
    MOST_PERIODS,
    SONAR_CYCLE,
    SONARS,
    ChargerStruct,
    CliffsStruct,
    CrowdStruct,
    GaugeStruct,
    ImuStruct,
    InfraredStruct,
    LidarStruct,
    LineStruct,
    LockstepStruct,
    PersonStruct,
    PlantStruct,
    SonarsStruct,
    WalkersStruct,
)

__all__ = [
    "MOST_PERIODS",
    "OCV_POINTS",
    "SONARS",
    "SONAR_CYCLE",
    "WHEELS",
    "Array",
    "BatteryStruct",
    "BodyStruct",
    "CarStruct",
    "ChargerStruct",
    "ChassisStruct",
    "CliffsStruct",
    "CrowdStruct",
    "FloorStruct",
    "GaugeStruct",
    "ImuStruct",
    "InfraredStruct",
    "LidarStruct",
    "LineStruct",
    "LockstepStruct",
    "MaterialStruct",
    "MotorStruct",
    "OutlineStruct",
    "PatchStruct",
    "PersonStruct",
    "PlantStruct",
    "SonarsStruct",
    "SteeringStruct",
    "WalkersStruct",
    "WheelsStruct",
    "WorldStruct",
    "address",
    "kernels",
]

Array = NDArray[np.float64]

_STRUCTS: tuple[type[ctypes.Structure], ...] = (
    WorldStruct,
    CarStruct,
    ImuStruct,
    SonarsStruct,
    LidarStruct,
    GaugeStruct,
    PlantStruct,
    PersonStruct,
    PatchStruct,
    FloorStruct,
    MaterialStruct,
    InfraredStruct,
    CliffsStruct,
    LineStruct,
    ChargerStruct,
    CrowdStruct,
    WalkersStruct,
    LockstepStruct,
)

_P = c_void_p
_AROUND = (_P, c_int32, _P)  # world, number of discs, discs
_SIGNATURES: dict[str, tuple[object, tuple[object, ...]]] = {
    "sim_layout": (c_uint32, (c_int32,)),
    "sim_reach": (None, (c_int32, c_int32, _P, _P, _P)),
    "sim_cast": (None, (*_AROUND, c_int32, _P, c_double, _P, _P)),
    "sim_clearance": (c_double, (_P, _P, _P, c_double, _P)),
    "sim_point_clearance": (c_double, (_P, c_double, c_double, c_double, _P)),
    "sim_disc_gap": (c_double, (_P, _P, _P, _P)),
    "sim_motor_step": (None, (_P, c_double, c_int32, c_double, c_double, c_double, _P, _P)),
    "sim_battery_step": (None, (_P, c_double, c_double)),
    "sim_battery_ocv": (c_double, (_P,)),
    "sim_battery_charging": (c_double, (_P, c_double)),
    "sim_arc": (None, (_P, _P, _P)),
    "sim_steering_step": (c_double, (_P, c_double, c_double)),
    "sim_car_place": (None, (_P, *_AROUND)),
    "sim_car_step": (None, (_P, *_AROUND, _P, _P, _P, c_double, _P, _P)),
    "sim_imu_step": (None, (_P, _P, c_int32, _P, _P)),
    "sim_sonar_step": (c_uint8, (_P, *_AROUND, _P, c_int64, c_int32, _P)),
    "sim_lidar_step": (None, (_P, *_AROUND, _P, _P, c_int64, c_int32)),
    "sim_infrared_step": (c_uint8, (_P, *_AROUND, _P, c_int64, c_int32, _P)),
    "sim_cliff_step": (c_uint8, (_P, _P, _P)),
    "sim_line_step": (None, (_P, _P, _P, c_int32, _P)),
    "sim_paint_at": (c_double, (_P, c_double, c_double)),
    "sim_charger_step": (c_uint8, (_P, _P, _P)),
    "sim_gauge_step": (None, (_P, _P, c_int32, _P, _P, _P)),
    "sim_plant_step": (None, (_P, c_int64, c_uint32)),
    "sim_people_step": (None, (_P, _P, _P, _P)),
    "sim_near": (c_int32, (c_int32, _P, c_double, c_double, c_double, _P)),
}


@cache
def kernels() -> ctypes.CDLL:
    """Return the shared library with the simulator's functions declared.

    Raises:
        ImportError: The library is missing, or was built from other sources than these.

    """
    native = library()
    for name, (result, arguments) in _SIGNATURES.items():
        try:
            function = getattr(native, name)
        except AttributeError as error:
            raise ImportError(_outdated(f"it has no {name}")) from error
        function.restype = result
        function.argtypes = arguments
    for which, struct in enumerate(_STRUCTS):
        found, expected = native.sim_layout(which), ctypes.sizeof(struct)
        if found != expected:
            raise ImportError(_outdated(f"its {struct.__name__} has {found} bytes, sim/native.py {expected}"))
    return native


class Steps(NamedTuple):
    """What every control period calls; builtin functions, because ctypes costs as much as they do.

    ``sim/kernels/sim_calls.c`` says what each takes: numbers, bytes, and everything else by address.
    """

    periods: Callable[[int, int, int, int, int, bytes, int], bytes]
    plant: Callable[[int, int, int], None]
    controller: Callable[[int, int, int, bytes, int, int], bytes]
    scan: Callable[[int, int], None]
    next_scan: Callable[[int, int, int], int]
    walk: Callable[[int], None]
    near: Callable[[int], None]
    flip: Callable[[int, bytes, float], bytes]
    lose: Callable[[int, bytes, float, float], bytes]


@cache
def steps() -> Steps:
    """Return the calls of a control period."""
    native = library_for_python()
    native.sim_functions.restype = ctypes.py_object
    return Steps(*native.sim_functions())


def _outdated(found: str) -> str:
    return (
        f"the compiled part of patrolcar does not match sim/native.py ({found}); "
        "build it again with: python -m firmware_protocol.build_native"
    )


def address(owner: ctypes.Structure, field: str = "") -> int:
    """Return where a struct, or one of its fields, lies; valid while ``owner`` lives."""
    offset: int = getattr(type(owner), field).offset if field else 0
    return ctypes.addressof(owner) + offset
