"""The real controller: the C firmware of ``firmware_protocol/firmware``, stepped from Python.

Nothing of the firmware is modelled here. Sensors write into ``inputs``, ``step`` runs one control period,
and the motors read ``outputs``. Layouts follow ``pcp_controller.h`` and are checked against the library.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from ctypes import c_uint8, c_uint32
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from firmware_protocol.controller_layout import (
    LAYOUT,
    RANGES,
    ConfigStruct,
    InputsStruct,
    OutputsStruct,
    ScanStruct,
    config_struct,
)
from firmware_protocol.messages import (
    PARAMETERS,
    Capability,
    Chassis,
    Quantity,
    ResetCause,
    TagKind,
    TargetKind,
)
from firmware_protocol.native import library
from sim.flash import SimulatedFlash
from sim.native import MOST_PERIODS, address, steps

PERIOD_US = 10_000
_TX_CAPACITY = 4096
_BROKEN = 0xFFFD
_MEASURED = (
    "now_us", "ticks", "accel_mmps2", "gyro_500urad", "range_mm", "battery_mv", "current_ma", "range_fresh",
    "bumpers", "charge_percent", "line_levels",
)  # fmt: skip
_ORDERED = ("duty_permille", "steer_mrad", "enable")


@dataclass(frozen=True, slots=True)
class ControllerSettings:
    """What somebody would set in the firmware of this car; the firmware believes it, right or wrong.

    Attributes:
        parameters: Values that differ from the firmware's own, by field of ``pcp_config_t``.
        key: 32 bytes; then only sealed messages are obeyed.

    """

    chassis: Chassis = Chassis.DIFFERENTIAL
    uid: bytes = b"patrolcarsim"
    capabilities: Capability = (
        Capability.IMU | Capability.LIDAR | Capability.BUMPERS | Capability.STORAGE | Capability.BREAK_STOP
    )
    line_bytes_per_s: int = 92_160  # 921600 baud
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
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    key: bytes | None = None

    def struct(self, boot_id: int, reset_cause: ResetCause) -> ConfigStruct:
        """Return the configuration of one boot."""
        bearings = [round(1000.0 * bearing) for bearing in self.range_bearings_rad]
        made = config_struct(**self.parameters)
        made.boot_id, made.reset_cause = boot_id, reset_cause
        made.target, made.chassis = TargetKind.SIMULATOR, self.chassis
        made.capabilities, made.line_bytes_per_s = self.capabilities, self.line_bytes_per_s
        made.uid[:] = self.uid
        made.range_bearing_mrad[: len(bearings)] = bearings
        made.range_mask = (1 << len(bearings)) - 1
        if self.key is not None:
            made.key[:], made.has_key = self.key, 1
        return made


class Controller:
    """One controller in its own memory. ``boot`` comes first; ``inputs`` is filled before each ``step``."""

    def __init__(self, settings: ControllerSettings) -> None:
        self._settings = settings
        self.flash = SimulatedFlash()
        self._native = _firmware()
        self._memory = ctypes.create_string_buffer(self._native.pcp_host_size())
        self._tx = ctypes.create_string_buffer(MOST_PERIODS * _TX_CAPACITY)
        self.tx_capacity = _TX_CAPACITY  # what the line takes in one step
        self.scan_filter: Callable[[ScanStruct], bool] | None = None  # may change a piece, or lose it
        self._scan = ScanStruct()
        self.inputs = InputsStruct()
        self.outputs = OutputsStruct()
        self._run = steps().controller
        self._at = ctypes.addressof(self._memory)
        self._inputs_at, self._outputs_at = ctypes.addressof(self.inputs), ctypes.addressof(self.outputs)
        self._tx_at, self.scan_at = ctypes.addressof(self._tx), ctypes.addressof(self._scan)

    def boot(self, boot_id: int, reset_cause: ResetCause) -> None:
        """Start from nothing but what the flash holds, disarmed.

        Raises:
            ValueError: The firmware refuses the settings.

        """
        ctypes.memset(self._outputs_at, 0, ctypes.sizeof(OutputsStruct))
        ctypes.memset(self._inputs_at, 0, ctypes.sizeof(InputsStruct))
        self.inputs.range_mm[:] = [_BROKEN] * RANGES  # until each sensor has measured
        self.inputs.imu_fresh = 1  # it measures in every step
        config = self._settings.struct(boot_id, reset_cause)
        refused = self._native.pcp_host_init(self._at, ctypes.addressof(config))
        if refused:
            message = f"the firmware refuses these settings ({_refusal(refused)}): {self._settings}"
            raise ValueError(message)
        if Capability.STORAGE in self._settings.capabilities:
            self._native.pcp_controller_load(self._at, self.flash.address)

    def step(self, received: bytes) -> bytes:
        """Run one control period with the bytes that arrived in it; return the bytes for the host."""
        return self._run(self._at, self._inputs_at, self._outputs_at, received, self._tx_at, self.tx_capacity)

    def scan(self) -> None:
        """Hand over the piece of a lidar turn that lies at ``scan_at``."""
        if self.scan_filter is None or self.scan_filter(self._scan):
            steps().scan(self._at, self.scan_at)

    @property
    def addresses(self) -> dict[str, int]:
        """Where the kernel finds what belongs to it, by field of ``LockstepStruct``."""
        return {
            "controller": self._at,
            "inputs": self._inputs_at,
            "outputs": self._outputs_at,
            "scan": self.scan_at,
            "room": self._tx_at,
        }

    @property
    def port(self) -> dict[str, int]:
        """Where the plant writes what it measures and reads what is ordered, by field of ``PlantStruct``."""
        return {
            **{name: address(self.inputs, name) for name in _MEASURED},
            **{name: address(self.outputs, name) for name in _ORDERED},
            "cliff_bits": address(self.inputs, "cliffs"),
            "plugged": address(self.inputs, "charger"),
        }

    def reading(self, quantity: Quantity, place: int, value: int) -> None:
        """Hand over a reading of an environment sensor, in the unit of its quantity."""
        self._native.pcp_controller_env(self._at, quantity, place, value)

    def tag(self, kind: TagKind, reader: int, number: bytes) -> None:
        """Hand over a tag that a reader sees now; at most 10 bytes."""
        self._native.pcp_controller_tag(self._at, kind, reader, number, len(number))

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
        native.pcp_controller_load.argtypes, native.pcp_controller_load.restype = (pointer, pointer), None
        native.pcp_controller_env.argtypes = (pointer, ctypes.c_int, c_uint8, ctypes.c_int32)
        native.pcp_controller_env.restype = None
        native.pcp_controller_tag.argtypes = (pointer, ctypes.c_int, c_uint8, ctypes.c_char_p, c_uint8)
        native.pcp_controller_tag.restype = None
        native.pcp_host_line_break.argtypes = (pointer, c_uint32)
        native.pcp_host_line_break.restype = None
    except AttributeError as error:
        raise ImportError(_outdated(str(error))) from error
    found = (c_uint32 * len(LAYOUT))()
    native.pcp_host_layout(ctypes.addressof(found), len(LAYOUT))
    for struct, bytes_found in zip(LAYOUT, found, strict=True):
        if bytes_found != ctypes.sizeof(struct):
            difference = (
                f"{struct.__name__} has {ctypes.sizeof(struct)} bytes, the library says {bytes_found}"
            )
            raise ImportError(_outdated(difference))
    return native


def _outdated(found: str) -> str:
    return (
        f"the compiled controller does not match controller_layout.py ({found}); "
        "build it again with: python -m firmware_protocol.build_native"
    )


def _refusal(number: int) -> str:
    """Return what ``pcp_config_check`` found: -1 - index of a parameter, or one of its own numbers."""
    index = -1 - number
    return PARAMETERS[index].name if 0 <= index < len(PARAMETERS) else f"reason {number} of pcp_config.c"
