"""Sensors, people and the whole plant as the kernels hold them; mirrors ``sim/kernels/sim_plant.h``.

The comments there say what each field is.
"""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_int32, c_int64, c_uint8, c_void_p
from typing import Final

SONARS: Final = 8
SONAR_CYCLE: Final = 16
MOST_PERIODS: Final = 8


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
        ("ways", c_void_p),
        ("noise", c_void_p),
        ("chance", c_void_p),
        ("taken", c_int64),
        ("sent", c_int64),
        ("whole_at", c_int64),
        ("beams", c_int32),
        ("turn_us", c_int32),
        ("period_us", c_int32),
        ("row_beams", c_int32),
        ("beam_us", c_int32),
        ("unused", c_int32),
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
        ("now_us", c_void_p),
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


class CrowdStruct(ctypes.Structure):
    """``sim_crowd_t``."""

    _fields_ = (
        ("square_m", c_double),
        ("head", c_void_p),
        ("next", c_void_p),
        ("column", c_void_p),
        ("row", c_void_p),
        ("buckets", c_int32),
    )


class WalkersStruct(ctypes.Structure):
    """``sim_walkers_t``."""

    _fields_ = (
        ("people", c_void_p),
        ("stops", c_void_p),
        ("discs", c_void_p),
        ("crowd", c_void_p),
        ("period_s", c_double),
        ("n", c_int32),
        ("period_steps", c_int32),
    )


class LockstepStruct(ctypes.Structure):
    """``sim_lockstep_t`` of ``sim/kernels/sim_lockstep.h``."""

    _fields_ = (
        ("plant", c_void_p),
        ("walkers", c_void_p),
        ("near", c_void_p),
        ("reach_m", c_double),
        ("controller", c_void_p),
        ("inputs", c_void_p),
        ("outputs", c_void_p),
        ("scan", c_void_p),
        ("room", c_void_p),
        ("period_us", c_int64),
    )
