"""The boards for which the controller can be compiled, and of which files each image is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from firmware_protocol.elf import Sizes

FIRMWARE: Final = Path(__file__).resolve().parent / "firmware"
SHARED: Final = ("startup", "memory", "clock", "stm32", "uart", "watchdog", "boot", "car_config")


class Core(NamedTuple):
    """A processor, as each compiler names it."""

    gcc: tuple[str, ...]
    zig_target: str
    zig_cpu: str


M4F: Final = Core(
    ("-mthumb", "-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"),
    "thumb-freestanding-eabihf",
    "cortex_m4+vfp4d16sp",
)
M3: Final = Core(("-mthumb", "-mcpu=cortex-m3"), "thumb-freestanding-eabi", "cortex_m3")


@dataclass(frozen=True, slots=True)
class Board:
    """One image that can be built.

    ``machine`` is the board of QEMU on which it runs. ``parts`` are files of ``firmware/ports``, in which
    ``CHIP`` stands for the folder of its chip.
    """

    name: str
    summary: str
    core: Core
    chip: str
    parts: tuple[str, ...]
    machine: str
    defines: tuple[str, ...] = ()
    for_hardware: bool = False
    wheels: int = 2


_DRIVEN: Final = (
    "cortex_m/main",
    *("cortex_m/car", "cortex_m/motors", "cortex_m/sonars", "cortex_m/servos"),
    *("CHIP/pins", "CHIP/flash"),
)
_MODELLED: Final = ("cortex_m/main", "pil/car", "pil/flash")
_GOLDEN: Final = ("pil/golden_main", "pil/golden")
_LOCKSTEP: Final = ("pil/lockstep_main", "pil/lockstep", "pil/car")
_EMULATED: Final = "PCP_TARGET=PCP_TARGET_KIND_EMULATOR"
_F405_HZ: Final = "PCP_OWN_HZ=168000000"  # QEMU's boards run at one speed
_F100_HZ: Final = "PCP_OWN_HZ=24000000"
_F405_IN_QEMU: Final = "netduinoplus2"
_F100_IN_QEMU: Final = "stm32vldiscovery"

BOARDS: Final[Mapping[str, Board]] = MappingProxyType(
    {
        board.name: board
        for board in (
            Board(
                "stm32f405",
                "STM32F405 and F407 boards",
                *(M4F, "stm32f405", _DRIVEN, _F405_IN_QEMU),
                for_hardware=True,
                wheels=4,
            ),
            Board(
                "stm32f103",
                "STM32F103 boards, for example the C8 on a blue pill",
                *(M3, "stm32f103", _DRIVEN, _F100_IN_QEMU),
                for_hardware=True,
            ),
            Board(
                "pil-f405",
                "the F405 image with modelled wheels, for QEMU",
                *(M4F, "stm32f405", _MODELLED, _F405_IN_QEMU, (_EMULATED, _F405_HZ)),
            ),
            Board(
                "pil-f103",
                "the F103 image with modelled wheels, for QEMU",
                *(M3, "stm32f103", _MODELLED, _F100_IN_QEMU, (_EMULATED, _F100_HZ)),
            ),
            Board(
                "golden-f405",
                "the closed loop that every processor must compute alike, on the F405",
                *(M4F, "stm32f405", _GOLDEN, _F405_IN_QEMU, (_F405_HZ,)),
            ),
            Board(
                "golden-f103",
                "the same on the F103",
                *(M3, "stm32f103", _GOLDEN, _F100_IN_QEMU, (_F100_HZ,)),
            ),
            Board(
                "lockstep-f405",
                "modelled wheels on the F405 whose time the host tells, for QEMU",
                *(M4F, "stm32f405", _LOCKSTEP, _F405_IN_QEMU, (_EMULATED, _F405_HZ)),
            ),
            Board(
                "lockstep-f103",
                "the same on the F103",
                *(M3, "stm32f103", _LOCKSTEP, _F100_IN_QEMU, (_EMULATED, _F100_HZ)),
            ),
        )
    }
)


def sources(board: Board) -> list[Path]:
    """Return every C file of an image, in a fixed order."""
    ports = FIRMWARE / "ports"
    return [
        *sorted((FIRMWARE / "src").glob("*.c")),
        *(ports / "cortex_m" / f"{name}.c" for name in SHARED),
        ports / board.chip / "chip.c",
        *(ports / f"{part.replace('CHIP', board.chip)}.c" for part in board.parts),
    ]


def room(board: Board) -> Sizes:
    """Return what the linker script of a board leaves for its image."""
    script = (FIRMWARE / "ports" / board.chip / f"{board.chip}.ld").read_text(encoding="ascii")
    flash, ram = (int(size) * 1024 for size in re.findall(r"LENGTH = (\d+)K", script))
    return Sizes(flash, 0, ram)
