"""The real controller: the C firmware of ``firmware_protocol/firmware``, stepped from Python.

Nothing of the firmware is modelled here. Sensors write into ``inputs``, ``step`` runs one control period,
and the motors read ``outputs``. Layouts follow ``pcp_controller.h`` and are checked against the library.
"""

from __future__ import annotations

import ctypes
from ctypes import c_float, c_int16, c_int32, c_uint8, c_uint16, c_uint32
from dataclasses import dataclass
from functools import cache

from firmware_protocol.messages import Chassis, ResetCause, TargetKind
from firmware_protocol.native import library

PERIOD_US = 10_000
RANGES = 8
_TX_CAPACITY = 4096
_PIECE_BYTES = 180
_BROKEN = 0xFFFD


class ConfigStruct(ctypes.Structure):
    """``pcp_config_t``."""

    _fields_ = (
        ("boot_id", c_uint32),
        ("reset_cause", c_uint8),
        ("target", c_uint8),
        ("chassis", c_uint8),
        ("uid", c_uint8 * 12),
        ("track_m", c_float),
        ("metres_per_tick", c_float),
        ("max_speed_mps", c_float),
        ("max_turn_radps", c_float),
        ("accel_mps2", c_float),
        ("decel_mps2", c_float),
        ("kff", c_float),
        ("kp", c_float),
        ("ki", c_float),
        ("deadband", c_float),
        ("reflex_mm", c_uint16),
        ("undervoltage_mv", c_uint16),
        ("undervoltage_ms", c_uint16),
        ("host_silent_ms", c_uint16),
        ("range_silent_ms", c_uint16),
        ("range_bearing_mrad", c_int16 * RANGES),
        ("range_mask", c_uint8),
    )


class InputsStruct(ctypes.Structure):
    """``pcp_inputs_t``: what the port measured for one control step."""

    _fields_ = (
        ("now_us", c_uint32),
        ("ticks", c_int32 * 4),
        ("accel_mmps2", c_int16 * 3),
        ("gyro_500urad", c_int16 * 3),
        ("range_mm", c_uint16 * RANGES),
        ("battery_mv", c_uint16),
        ("current_ma", c_int16),
        ("range_fresh", c_uint8),
        ("bumpers", c_uint8),
        ("charge_percent", c_uint8),
        ("load_percent", c_uint8),
    )


class OutputsStruct(ctypes.Structure):
    """``pcp_outputs_t``: what the motors must do until the next step."""

    _fields_ = (("duty_permille", c_int16 * 4), ("enable", c_uint8))


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


_LAYOUT: tuple[type[ctypes.Structure], ...] = (ConfigStruct, InputsStruct, OutputsStruct, ScanStruct)


@dataclass(frozen=True, slots=True)
class ControllerSettings:
    """What somebody would set in the firmware of this car; the firmware believes it, right or wrong."""

    chassis: Chassis = Chassis.DIFFERENTIAL
    uid: bytes = b"patrolcarsim"
    track_m: float = 0.20
    metres_per_tick: float = 2.0 * 3.141592653589793 * 0.0325 / 1560
    max_speed_mps: float = 0.8
    max_turn_radps: float = 2.5
    accel_mps2: float = 0.8
    decel_mps2: float = 1.2
    kff: float = 0.86  # back-EMF over wheel radius and 11.8 V
    kp: float = 2.0
    ki: float = 5.0
    deadband: float = 0.045  # what friction takes
    reflex_mm: int = 100
    undervoltage_mv: int = 9300
    undervoltage_ms: int = 1000
    host_silent_ms: int = 1000
    range_silent_ms: int = 300
    range_bearings_rad: tuple[float, ...] = (
        0.9,
        0.3,
        -0.3,
        -0.9,
        1.5707963,
        -1.5707963,
        2.8415927,
        -2.8415927,
    )

    def struct(self, boot_id: int, reset_cause: ResetCause) -> ConfigStruct:
        """Return the configuration of one boot."""
        bearings = [round(1000.0 * bearing) for bearing in self.range_bearings_rad]
        return ConfigStruct(
            boot_id=boot_id,
            reset_cause=reset_cause,
            target=TargetKind.SIMULATOR,
            chassis=self.chassis,
            uid=(c_uint8 * 12)(*self.uid),
            track_m=self.track_m,
            metres_per_tick=self.metres_per_tick,
            max_speed_mps=self.max_speed_mps,
            max_turn_radps=self.max_turn_radps,
            accel_mps2=self.accel_mps2,
            decel_mps2=self.decel_mps2,
            kff=self.kff,
            kp=self.kp,
            ki=self.ki,
            deadband=self.deadband,
            reflex_mm=self.reflex_mm,
            undervoltage_mv=self.undervoltage_mv,
            undervoltage_ms=self.undervoltage_ms,
            host_silent_ms=self.host_silent_ms,
            range_silent_ms=self.range_silent_ms,
            range_bearing_mrad=(c_int16 * RANGES)(*bearings),
            range_mask=(1 << len(bearings)) - 1,
        )


class Controller:
    """One controller in its own memory. ``boot`` comes first; ``inputs`` is filled before each ``step``."""

    def __init__(self, settings: ControllerSettings) -> None:
        self._settings = settings
        self._native = _firmware()
        self._memory = ctypes.create_string_buffer(self._native.pcp_host_size())
        self._tx = ctypes.create_string_buffer(_TX_CAPACITY)
        self._scan = ScanStruct()
        self.inputs = InputsStruct()
        self.outputs = OutputsStruct()
        self._run = self._native.pcp_host_step
        self._at = ctypes.addressof(self._memory)
        self._inputs_at, self._outputs_at = ctypes.addressof(self.inputs), ctypes.addressof(self.outputs)
        self._tx_at, self._scan_at = ctypes.addressof(self._tx), ctypes.addressof(self._scan)
        self._ranges_at = self._scan_at + ScanStruct.ranges.offset

    def boot(self, boot_id: int, reset_cause: ResetCause) -> None:
        """Start from nothing, disarmed.

        Raises:
            ValueError: The firmware refuses the settings.

        """
        ctypes.memset(self._outputs_at, 0, ctypes.sizeof(OutputsStruct))
        ctypes.memset(self._inputs_at, 0, ctypes.sizeof(InputsStruct))
        self.inputs.range_mm[:] = [_BROKEN] * RANGES  # until each sensor has measured
        config = self._settings.struct(boot_id, reset_cause)
        refused = self._native.pcp_host_init(self._at, ctypes.addressof(config))
        if refused:
            message = f"the firmware refuses these settings (pcp_config_result_t {refused}): {self._settings}"
            raise ValueError(message)

    def step(self, received: bytes) -> bytes:
        """Run one control period with the bytes that arrived in it; return the bytes for the host."""
        size = self._run(
            self._at, self._inputs_at, self._outputs_at, received, len(received), self._tx_at, _TX_CAPACITY
        )
        return ctypes.string_at(self._tx_at, size)

    def scan(self, stamp_us: int, turn: int, first: int, beams: int, beam_us: int, codes: int) -> None:
        """Hand over a piece of a lidar turn; ``codes`` is the address of 90 wire codes."""
        scan = self._scan
        scan.stamp_us, scan.turn, scan.first = stamp_us, turn, first
        scan.beams_per_turn, scan.beam_us = beams, beam_us
        ctypes.memmove(self._ranges_at, codes, _PIECE_BYTES)
        self._native.pcp_host_scan(self._at, self._scan_at)

    def line_break(self, now_us: int) -> None:
        """Tell the controller that its receiver saw a BREAK."""
        self._native.pcp_host_line_break(self._at, now_us)


@cache
def _firmware() -> ctypes.CDLL:
    """Return the library with the host port declared, after comparing every layout."""
    native = library()
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    try:
        native.pcp_host_size.restype = size
        native.pcp_host_layout.argtypes, native.pcp_host_layout.restype = (pointer, size), size
        native.pcp_host_init.argtypes = (pointer, pointer)
        native.pcp_host_step.argtypes = (pointer, pointer, pointer, ctypes.c_char_p, size, pointer, size)
        native.pcp_host_step.restype = size
        native.pcp_host_scan.argtypes, native.pcp_host_scan.restype = (pointer, pointer), None
        native.pcp_host_line_break.argtypes = (pointer, c_uint32)
        native.pcp_host_line_break.restype = None
    except AttributeError as error:
        raise ImportError(_outdated(str(error))) from error
    found = (c_uint32 * len(_LAYOUT))()
    native.pcp_host_layout(ctypes.addressof(found), len(_LAYOUT))
    for struct, bytes_found in zip(_LAYOUT, found, strict=True):
        if bytes_found != ctypes.sizeof(struct):
            difference = (
                f"{struct.__name__} has {ctypes.sizeof(struct)} bytes, the library says {bytes_found}"
            )
            raise ImportError(_outdated(difference))
    return native


def _outdated(found: str) -> str:
    return (
        f"the compiled controller does not match sim/controller.py ({found}); "
        "build it again with: python -m firmware_protocol.build_native"
    )
