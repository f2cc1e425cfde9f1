"""World and car as the kernels hold them; mirrors ``sim/kernels/sim_plant.h`` field by field.

The comments there say what each field is.
"""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_int32, c_void_p
from typing import Final

WHEELS: Final = 4
OCV_POINTS: Final = 11


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
        ("per_m", c_double),
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
