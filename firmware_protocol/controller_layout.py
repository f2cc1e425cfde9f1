"""The structs of ``pcp_controller.h`` as ctypes sees them: for the simulator, the tests and the benchmarks.

The parameters at the end of ``pcp_config_t`` come from the catalogue, as they do in C. Whoever uses a
layout compares its size with what the library says (``pcp_host_layout``).
"""

from __future__ import annotations

import ctypes
from ctypes import c_float, c_int16, c_int32, c_uint8, c_uint16, c_uint32
from typing import Any, Final

from firmware_protocol.messages import PARAMETERS, ParameterType

WHEELS: Final = 4
RANGES: Final = 8
LINE_CELLS: Final = 8
OUTS: Final = 8
SERVOS: Final = 4

_C_TYPES: Final[dict[ParameterType, Any]] = {
    ParameterType.F32: c_float,
    ParameterType.U16: c_uint16,
    ParameterType.I16: c_int16,
    ParameterType.U32: c_uint32,
}


class ConfigStruct(ctypes.Structure):
    """``pcp_config_t``: what is fixed about one car, and its parameters."""

    _fields_ = (
        ("boot_id", c_uint32),
        ("capabilities", c_uint32),
        ("line_bytes_per_s", c_uint32),
        ("reset_cause", c_uint8),
        ("target", c_uint8),
        ("chassis", c_uint8),
        ("uid", c_uint8 * 12),
        ("key", c_uint8 * 32),
        ("has_key", c_uint8),
        ("range_mask", c_uint8),
        ("line_mask", c_uint8),
        ("range_bearing_mrad", c_int16 * RANGES),
        *((parameter.field, _C_TYPES[parameter.type]) for parameter in PARAMETERS),
    )


class InputsStruct(ctypes.Structure):
    """``pcp_inputs_t``: what the port measured for one control step."""

    _fields_ = (
        ("now_us", c_uint32),
        ("ticks", c_int32 * WHEELS),
        ("accel_mmps2", c_int16 * 3),
        ("gyro_500urad", c_int16 * 3),
        ("range_mm", c_uint16 * RANGES),
        ("battery_mv", c_uint16),
        ("current_ma", c_int16),
        ("digital_inputs", c_uint16),
        ("uart_overruns", c_uint16),
        ("uart_errors", c_uint16),
        ("uart_breaks", c_uint16),
        ("line_levels", c_uint8 * LINE_CELLS),
        ("range_fresh", c_uint8),
        ("imu_fresh", c_uint8),
        ("bumpers", c_uint8),
        ("cliffs", c_uint8),
        ("charger", c_uint8),
        ("charge_percent", c_uint8),
        ("load_percent", c_uint8),
    )


class OutputsStruct(ctypes.Structure):
    """``pcp_outputs_t``: what the port must do until the next step."""

    _fields_ = (
        ("duty_permille", c_int16 * WHEELS),
        ("steer_mrad", c_int16),
        ("servo_mrad", c_int16 * SERVOS),
        ("out_levels", c_uint8 * OUTS),
        ("enable", c_uint8),
    )


class ScanStruct(ctypes.Structure):
    """``pcp_scan_t``: a piece of a lidar turn."""

    _fields_ = (
        ("stamp_us", c_uint32),
        ("turn", c_uint8),
        ("first", c_uint16),
        ("beams_per_turn", c_uint16),
        ("beam_us", c_uint16),
        ("ranges", c_uint16 * 90),
    )


LAYOUT: Final[tuple[type[ctypes.Structure], ...]] = (ConfigStruct, InputsStruct, OutputsStruct, ScanStruct)


def config_struct(**changes: float) -> ConfigStruct:
    """Return a configuration with the firmware's own parameter values but for ``changes``, by field name."""
    own = {parameter.field: parameter.default for parameter in PARAMETERS}
    floats = {parameter.field for parameter in PARAMETERS if parameter.type is ParameterType.F32}
    made = ConfigStruct()
    for name, value in (own | changes).items():
        setattr(made, name, value if name in floats else int(value))
    return made
