"""The simulator's compiled kernels: their structs, their signatures, and a check that both sides agree.

The structs mirror ``sim/kernels/sim_plant.h`` field by field; the comments there say what each holds.
"""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_int32, c_int64, c_uint8, c_uint32, c_void_p
from functools import cache

import numpy as np
from numpy.typing import NDArray

from firmware_protocol.native import library

WHEELS = 4
OCV_POINTS = 11
SONARS = 8
SONAR_CYCLE = 16

Array = NDArray[np.float64]


class PatchStruct(ctypes.Structure):
    """``sim_patch_t``."""

    _fields_ = (
        ("corners", c_void_p),
        ("low", c_double * 2),
        ("high", c_double * 2),
        ("friction", c_double),
        ("slip", c_double),
        ("grade", c_double * 2),
        ("count", c_int32),
        ("hole", c_int32),
    )


class FloorStruct(ctypes.Structure):
    """``sim_floor_t``."""

    _fields_ = (
        ("patches", c_void_p),
        ("paint", c_void_p),
        ("paint_x_m", c_double),
        ("paint_y_m", c_double),
        ("paint_cell_m", c_double),
        ("n_patches", c_int32),
        ("paint_rows", c_int32),
        ("paint_columns", c_int32),
        ("bare", c_int32),
    )


class WorldStruct(ctypes.Structure):
    """``sim_world_t``."""

    _fields_ = (
        ("origin_x_m", c_double),
        ("origin_y_m", c_double),
        ("cell_m", c_double),
        ("rows", c_int32),
        ("columns", c_int32),
        ("reach", c_void_p),
        ("first", c_void_p),
        ("member", c_void_p),
        ("segments", c_void_p),
        ("floor", c_void_p),
        ("materials", c_void_p),
        ("material_of", c_void_p),
    )


class MaterialStruct(ctypes.Structure):
    """``sim_material_t``."""

    _fields_ = (
        ("lidar", c_double),
        ("passes", c_double),
        ("mirrors", c_double),
        ("sonar", c_double),
        ("rough", c_int32),
        ("unused", c_int32),
    )


class OutlineStruct(ctypes.Structure):
    """``sim_outline_t``."""

    _fields_ = (("front_m", c_double), ("rear_m", c_double), ("half_width_m", c_double))


class MotorStruct(ctypes.Structure):
    """``sim_motor_t``."""

    _fields_ = (
        ("resistance_ohm", c_double),
        ("volt_s_per_rad", c_double),
        ("nm_per_amp", c_double),
        ("inertia_kgm2", c_double),
        ("own_inertia_kgm2", c_double),
        ("coulomb_nm", c_double),
        ("stiction_nm", c_double),
        ("viscous_nms", c_double),
        ("dead_duty", c_double),
    )


class BatteryStruct(ctypes.Structure):
    """``sim_battery_t``."""

    _fields_ = (
        ("ocv_v", c_double * OCV_POINTS),
        ("capacity_as", c_double),
        ("resistance_ohm", c_double),
        ("rc_ohm", c_double),
        ("rc_s", c_double),
        ("idle_a", c_double),
        ("charge", c_double),
        ("rc_v", c_double),
        ("terminal_v", c_double),
        ("current_a", c_double),
        ("drawn_as", c_double),
        ("charger_a", c_double),
    )


class WheelsStruct(ctypes.Structure):
    """``sim_wheels_t``."""

    _fields_ = (
        ("speed_radps", c_double * WHEELS),
        ("angle_rad", c_double * WHEELS),
        ("turned_rad", c_double * WHEELS),
        ("current_a", c_double * WHEELS),
        ("load_nm", c_double * WHEELS),
        ("floor_mps", c_double * WHEELS),
        ("floor_m", c_double * WHEELS),
        ("slip", c_double * WHEELS),
        ("scrub_nm", c_double * WHEELS),
        ("sliding", c_int32 * WHEELS),
        ("wheels", c_int32),
        ("unused", c_int32),
    )


class ChassisStruct(ctypes.Structure):
    """``sim_chassis_t``."""

    _fields_ = (
        ("outline", OutlineStruct),
        ("track_m", c_double),
        ("wheelbase_m", c_double),
        ("at_m", (c_double * 2) * WHEELS),
        ("rolls", (c_double * 3) * WHEELS),
        ("motion", (c_double * WHEELS) * 3),
        ("share_kg", c_double * WHEELS),
        ("friction", c_double),
        ("radius_m", c_double * WHEELS),
        ("slip", c_double * WHEELS),
        ("ticks_per_turn", c_double),
        ("grip_nm", c_double),
        ("bumper_travel_m", c_double),
        ("kind", c_int32),
        ("one_motor", c_int32),
    )


class SteeringStruct(ctypes.Structure):
    """``sim_steering_t``."""

    _fields_ = (
        ("angle_rad", c_double),
        ("rate_radps", c_double),
        ("dead_band_rad", c_double),
        ("trim_rad", c_double),
        ("limit_rad", c_double),
        ("jammed", c_int32),
        ("unused", c_int32),
    )


class BodyStruct(ctypes.Structure):
    """``sim_body_t``."""

    _fields_ = (
        ("pose", c_double * 3),
        ("previous", c_double * 3),
        ("travel_m", c_double),
        ("aside_m", c_double),
        ("turned_rad", c_double),
        ("speed_mps", c_double),
        ("aside_mps", c_double),
        ("accel_mps2", c_double),
        ("aside_mps2", c_double),
        ("grade", c_double * 2),
        ("distance_m", c_double),
        ("free_m", c_double),
        ("clearance_m", c_double),
        ("person_m", c_double),
        ("ticks", c_int32 * WHEELS),
        ("blocked", c_int32),
        ("at_wall", c_int32),
        ("at_person", c_int32),
        ("wall_hits", c_int32),
        ("person_hits", c_int32),
        ("standing_touches", c_int32),
        ("bumpers", c_int32),
        ("wall_bumpers", c_int32),
        ("fallen", c_int32),
        ("unused", c_int32),
    )


class CarStruct(ctypes.Structure):
    """``sim_car_t``."""

    _fields_ = (
        ("motors", MotorStruct * WHEELS),
        ("battery", BatteryStruct),
        ("wheels", WheelsStruct),
        ("chassis", ChassisStruct),
        ("steering", SteeringStruct),
        ("body", BodyStruct),
    )


class ImuStruct(ctypes.Structure):
    """``sim_imu_t``."""

    _fields_ = (
        ("white", c_double * 6),
        ("walk", c_double * 6),
        ("bias", c_double * 6),
        ("scale", c_double * 6),
        ("gravity_mps2", c_double),
        ("lift", c_double * 2),
        ("accel_limit", c_double),
        ("gyro_limit", c_double),
        ("period_s", c_double),
        ("noise", c_void_p),
    )


class SonarsStruct(ctypes.Structure):
    """``sim_sonars_t``."""

    _fields_ = (
        ("mounts", (c_double * 3) * SONARS),
        ("scale", c_double * SONARS),
        ("half_cone_rad", c_double),
        ("min_cosine", c_double),
        ("range_min_m", c_double),
        ("range_max_m", c_double),
        ("sigma_m", c_double),
        ("distance_m", c_double * SONARS),
        ("noise", c_void_p),
        ("chance", c_void_p),
        ("crosstalk", c_double),
        ("person", c_double),
        ("rays", c_int32),
        ("cycle_steps", c_int32),
        ("firing", c_uint8 * SONAR_CYCLE),
    )


class LidarStruct(ctypes.Structure):
    """``sim_lidar_t``."""

    _fields_ = (
        ("mount", c_double * 3),
        ("range_min_m", c_double),
        ("range_max_m", c_double),
        ("sigma_m", c_double),
        ("dropout", c_double),
        ("distance_m", c_void_p),
        ("codes", c_void_p),
        ("noise", c_void_p),
        ("chance", c_void_p),
        ("taken", c_int64),
        ("beams", c_int32),
        ("turn_us", c_int32),
        ("period_us", c_int32),
        ("row_beams", c_int32),
    )


class InfraredStruct(ctypes.Structure):
    """``sim_infrared_t``."""

    _fields_ = (
        ("mounts", (c_double * 3) * SONARS),
        ("volts_per_m_inverse", c_double),
        ("volts_far", c_double),
        ("peak_m", c_double),
        ("range_min_m", c_double),
        ("range_max_m", c_double),
        ("sigma_v", c_double),
        ("step_v", c_double),
        ("distance_m", c_double * SONARS),
        ("noise", c_void_p),
        ("period_steps", c_int32),
        ("slots", c_uint8 * 4),
    )


class CliffsStruct(ctypes.Structure):
    """``sim_cliffs_t``."""

    _fields_ = (("at_m", (c_double * 2) * 8), ("fitted", c_int32), ("blind_level", c_int32))


class LineStruct(ctypes.Structure):
    """``sim_line_t``."""

    _fields_ = (
        ("at_m", (c_double * 2) * 8),
        ("gain", c_double * 8),
        ("spot_m", c_double),
        ("sigma", c_double),
        ("noise", c_void_p),
        ("cells", c_int32),
        ("unused", c_int32),
    )


class ChargerStruct(ctypes.Structure):
    """``sim_charger_t``."""

    _fields_ = (
        ("docks", c_void_p),
        ("reach_m", c_double),
        ("reach_rad", c_double),
        ("gives_a", c_double),
        ("n_docks", c_int32),
        ("dead", c_int32),
    )


class GaugeStruct(ctypes.Structure):
    """``sim_gauge_t``."""

    _fields_ = (("voltage_sigma_v", c_double), ("current_sigma_a", c_double), ("noise", c_void_p))


class PlantStruct(ctypes.Structure):
    """``sim_plant_t``."""

    _fields_ = (
        ("car", c_void_p),
        ("world", c_void_p),
        ("discs", c_void_p),
        ("imu", c_void_p),
        ("sonars", c_void_p),
        ("lidar", c_void_p),
        ("gauge", c_void_p),
        ("infrared", c_void_p),
        ("cliffs", c_void_p),
        ("line", c_void_p),
        ("charger", c_void_p),
        ("duty_permille", c_void_p),
        ("steer_mrad", c_void_p),
        ("enable", c_void_p),
        ("ticks", c_void_p),
        ("accel_mmps2", c_void_p),
        ("gyro_500urad", c_void_p),
        ("range_mm", c_void_p),
        ("battery_mv", c_void_p),
        ("current_ma", c_void_p),
        ("range_fresh", c_void_p),
        ("bumpers", c_void_p),
        ("charge_percent", c_void_p),
        ("cliff_bits", c_void_p),
        ("line_levels", c_void_p),
        ("plugged", c_void_p),
        ("period_s", c_double),
        ("n_discs", c_int32),
        ("noise_rows", c_int32),
    )


class PersonStruct(ctypes.Structure):
    """``sim_person_t``."""

    _fields_ = (
        ("x_m", c_double),
        ("y_m", c_double),
        ("vx_mps", c_double),
        ("vy_mps", c_double),
        ("radius_m", c_double),
        ("speed_mps", c_double),
        ("pause_s", c_double),
        ("waiting_s", c_double),
        ("hindered_s", c_double),
        ("give_way_m", c_double),
        ("halt_m", c_double),
        ("draw_mps2", c_double),
        ("draw_m", c_double),
        ("first", c_int32),
        ("stops", c_int32),
        ("next", c_int32),
        ("onward", c_int32),
    )


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
    "sim_plant_step": (None, (_P, c_int64)),
    "sim_people_step": (None, (_P, c_int32, _P, _P, _P, _P, c_double, _P)),
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


def _outdated(found: str) -> str:
    return (
        f"the compiled part of patrolcar does not match sim/native.py ({found}); "
        "build it again with: python -m firmware_protocol.build_native"
    )


def address(owner: ctypes.Structure, field: str = "") -> int:
    """Return where a struct, or one of its fields, lies; valid while ``owner`` lives."""
    offset: int = getattr(type(owner), field).offset if field else 0
    return ctypes.addressof(owner) + offset
