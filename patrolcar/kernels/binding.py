"""The C functions as ctypes sees them, bound once.

Arrays are passed by address. ``address`` checks what C cannot: the type, the order and the shape.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char, c_double, c_int32, c_uint32, c_void_p
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from firmware_protocol.native import library
from patrolcar.errors import CommandError

Array: TypeAlias = NDArray[Any]

NODE = np.dtype([("reached", np.float64), ("slot", np.int32), ("stamp", np.uint32)])
ENTRY = np.dtype([("key", np.float64), ("cell", np.int32), ("ahead", np.float32)])


class CGrid(Structure):
    """``pk_grid_t``."""

    _fields_ = (
        ("cells", c_void_p),
        ("rows", c_int32),
        ("columns", c_int32),
        ("resolution_m", c_double),
        ("x_m", c_double),
        ("y_m", c_double),
    )


class CRules(Structure):
    """``pk_rollout_rules_t``."""

    _fields_ = (
        ("step_s", c_double),
        ("steps", c_int32),
        ("rim_count", c_int32),
        ("rim", c_void_p),
        ("slack_m", c_double),
        ("inscribed_m", c_double),
        ("circumscribed_m", c_double),
        ("accel_mps2", c_double),
        ("brake_mps2", c_double),
        ("turn_accel_radps2", c_double),
        ("delay_s", c_double),
        ("easy_m", c_double),
        ("weight_clearance", c_double),
        ("weight_heading", c_double),
        ("weight_change", c_double),
        ("weight_speed", c_double),
        ("blocked_margin_m", c_double),
    )


class CMotion(Structure):
    """``pk_motion_t``."""

    _fields_ = tuple(
        (name, c_double)
        for name in ("x_m", "y_m", "yaw_rad", "v_mps", "w_radps", "sent_v_mps", "sent_w_radps")
    )


class CChoice(Structure):
    """``pk_choice_t``."""

    _fields_ = (
        ("index", c_int32),
        ("score", c_double),
        ("free_m", c_double),
        ("clearance_m", c_double),
        ("descent", c_double),
    )


class CSweep(Structure):
    """``pk_sweep_t``."""

    _fields_ = tuple(
        (name, c_double)
        for name in (
            "x_m",
            "y_m",
            "yaw_rad",
            "v_mps",
            "w_radps",
            "beam_s",
            "mount_x_m",
            "mount_y_m",
            "mount_yaw_rad",
            "bearing_rad",
            "step_rad",
            "range_min_m",
            "range_max_m",
        )
    )


_P, _I, _D = c_void_p, c_int32, c_double
_GRID = POINTER(CGrid)
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pk_distance_transform": (None, (_P, _I, _I, _D, _P, _P)),
    "pk_astar": (_I, (_P, _I, _I, _I, _I, _P, _P, c_uint32, _P, _I, POINTER(_D))),
    "pk_flood": (_I, (_P, _I, _I, _I, _P, _P)),
    "pk_line_cost": (_D, (_P, _I, _I, _I, _I)),
    "pk_shorten": (_I, (_P, _I, _I, _P, _I, _D, _P)),
    "pk_cost_to_go": (None, (_P, _I, _I, _P, _P, _I, _P, _P, c_uint32, _I, _D, _P)),
    "pk_sample": (_D, (_GRID, _D, _D)),
    "pk_window_clearance": (None, (_GRID, _P, _I, _I, _D, _D, _D)),
    "pk_window_mark": (_I, (_P, _I, _I, _P, _I, _I, _D, _D, _D)),
    "pk_window_merge": (None, (_P, _P, _P, _I, _I, _D, _P, _P)),
    "pk_clearance_cost": (None, (_P, _I, _D, _D, _D, _D, _D, _P)),
    "pk_remember": (_I, (_P, _I, _I, _P, _I, _GRID, _D, _D, _D, _D, _D, _D, _P)),
    "pk_arc_clearance": (_D, (_P, _I, _D, _D, _D, _D, _D, _D)),
    "pk_rim_speed": (_D, (_D, _D, _D, _D, _D)),
    "pk_polygon_depth": (_D, (_P, _I, _D, _D)),
    "pk_choose": (None, (POINTER(CRules), _GRID, _GRID, POINTER(CMotion), _P, _I, POINTER(CChoice))),
    "pk_fan": (_I, (_D, _D, _D, _P, _I, _P, _I, _P)),
    "pk_descend": (_D, (_GRID, _D, _D, _D, _D, POINTER(_D), POINTER(_D))),
    "pk_particles_move": (None, (_P, _I, _D, _D, _D, _P, _D, _D, _D)),
    "pk_particles_weigh": (_D, (_P, _I, _P, _I, _GRID, _D, _P)),
    "pk_particles_resample": (None, (_P, _P, _I, _D, _P)),
    "pk_particles_mean": (None, (_P, _P, _I, _P)),
    "pk_place_beams": (None, (_P, _I, POINTER(CSweep), _P)),
    "pk_carry_hits": (_I, (_P, _I, _D, _D, _D, _P)),
}


@cache
def kernels() -> ctypes.CDLL:
    """Return the library with every signature set."""
    loaded = library()
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(loaded, name)
        function.restype = result
        function.argtypes = arguments
    return loaded


def address(array: Array, dtype: np.dtype[Any] | type[np.generic]) -> int:
    """Return where the values lie.

    Raises:
        CommandError: Not of ``dtype``, or not in one piece in C order.

    """
    if array.dtype != dtype or not array.flags.c_contiguous:
        message = (
            f"a kernel needs a C-ordered array of {np.dtype(dtype)}, "
            f"found {array.dtype} with strides {array.strides}"
        )
        raise CommandError(message)
    try:
        return ctypes.addressof(c_char.from_buffer(array.data))  # five times quicker than array.ctypes.data
    except (TypeError, ValueError):  # read-only, or empty
        return array.ctypes.data


__all__ = ["ENTRY", "NODE", "CChoice", "CGrid", "CMotion", "CRules", "CSweep", "address", "kernels"]
