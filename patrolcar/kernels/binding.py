"""The C functions, bound once.

Those that run in every turn are builtin functions (``calls``): one costs what it computes, and checks its
arrays itself. The others go through ctypes (``kernels``), which takes some microseconds a call; their arrays
are passed by address, and ``address`` checks what C cannot: the type, the order and the shape.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char, c_double, c_int32, c_uint32, c_void_p
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from firmware_protocol.native import library, library_for_python
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


_P, _I, _D = c_void_p, c_int32, c_double
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pk_distance_transform": (None, (_P, _I, _I, _D, _P, _P)),
    "pk_astar": (_I, (_P, _I, _I, _I, _I, _P, _P, c_uint32, _P, _I, POINTER(_D))),
    "pk_line_cost": (_D, (_P, _I, _I, _I, _I)),
    "pk_shorten": (_I, (_P, _I, _I, _P, _I, _D, _P)),
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


@cache
def calls() -> SimpleNamespace:
    """Return the builtin functions, by name; calls_drive.c and its neighbours say what each takes.

    They raise CommandError for an array of another type, or not in one piece in C order.
    """
    native = library_for_python()
    native.pk_functions.restype = ctypes.py_object
    native.pk_functions.argtypes = (ctypes.py_object,)
    return SimpleNamespace(**{each.__name__: each for each in native.pk_functions(CommandError)})


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


__all__ = ["ENTRY", "NODE", "CGrid", "CRules", "address", "calls", "kernels"]
