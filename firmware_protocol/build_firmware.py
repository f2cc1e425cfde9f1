"""Compile the controller for a board: ``python -m firmware_protocol.build_firmware --board stm32f405``.

Takes ``arm-none-eabi-gcc`` when it is installed (Debian: ``gcc-arm-none-eabi``; no C library is needed), else
the compiler inside the ``ziglang`` wheel, which makes larger images. ``-ffp-contract=off`` keeps all builds
equal bit for bit. The image is an ELF file, or the bare bytes of the flash when the name ends in ``.bin``.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from firmware_protocol.boards import BOARDS, FIRMWARE, Board, Core, room, sources
from firmware_protocol.build_native import WARNINGS, BuildError
from firmware_protocol.elf import Sizes, flash_bytes, sizes_of
from firmware_protocol.messages import Chassis

GCC: Final = "arm-none-eabi-gcc"
COMMON_FLAGS: Final = (
    *("-std=c11", "-Os", "-ffreestanding", "-fno-builtin", "-ffp-contract=off"),
    *("-ffunction-sections", "-fdata-sections", "-nostdlib", "-Wl,--gc-sections"),
)


_FOUR_WHEELED: Final = (Chassis.SKID, Chassis.MECANUM)
_UART_HZ: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {"stm32f405": (84_000_000,), "stm32f103": (72_000_000, 64_000_000)}  # the second without a crystal
)
_CRYSTALS_MHZ: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {"stm32f405": tuple(range(4, 27, 2)), "stm32f103": (6, 8, 9, 12)}
)
_SLOWEST_BAUD: Final = 9_600
_FASTEST_BAUD: Final = 1_000_000  # by interrupt: ports/stm32f103/README.md counts the cycles
_MOST_BAUD_ERROR: Final = 0.02  # both ends together may be 4 % off in ten bits


class Settings(NamedTuple):
    """What of a car is decided when its firmware is compiled.

    Attributes:
        crystal_mhz: The crystal on the board.
        baud: Speed of the line to the host; the host takes the same by itself.
        chassis: How the wheels are arranged.

    """

    crystal_mhz: int = 8
    baud: int = 460_800
    chassis: Chassis = Chassis.DIFFERENTIAL


USUAL: Final = Settings()


@dataclass(frozen=True, slots=True)
class Built:
    """An image that was written."""

    file: Path
    sizes: Sizes
    compiler: str


def cross_compiler() -> str | None:
    """Return which compiler would be used: ``arm-none-eabi-gcc``, ``ziglang`` or none."""
    if shutil.which(GCC):
        return GCC
    return "ziglang" if importlib.util.find_spec("ziglang") is not None else None


def build(board: Board, out: Path, settings: Settings = USUAL, compiler: str | None = None) -> Built:
    """Compile one image to ``out``; a half-written one is never left behind.

    Args:
        board: What to build.
        out: Where to; ``.bin`` writes the bytes of the flash, everything else ELF.
        settings: What is decided now and cannot be set later.
        compiler: ``arm-none-eabi-gcc`` or ``ziglang``; chosen when not given.

    Raises:
        BuildError: There is no compiler, or it refuses, or the settings are not for this board; the text says
            what to do.

    """
    defines = _defines(board, settings)
    chosen = compiler or cross_compiler()
    if chosen is None:
        message = (
            "patrolcar: no compiler for STM32 found: install one (Debian: apt install gcc-arm-none-eabi) "
            "or run 'pip install ziglang'"
        )
        raise BuildError(message)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        elf = Path(folder) / "image.elf"
        if chosen == GCC:
            command = [*_gcc(board.core), *_arguments(board, defines), "-lgcc"]
        else:
            command = [
                *_zig(board.core),
                *_arguments(board, defines),
                str(_float_library(board.core, Path(folder))),
            ]
        _run([*command, "-o", str(elf)])
        image = elf.read_bytes()
    partial = out.with_name(out.name + ".partial")
    partial.write_bytes(flash_bytes(image) if out.suffix == ".bin" else image)
    partial.replace(out)
    return Built(out, sizes_of(image), chosen)


# ----------------------------------------------------------------------
# compilers


def _defines(board: Board, settings: Settings) -> tuple[str, ...]:
    """Return the settings as the compiler takes them, or say why they are not for this board."""
    if settings.chassis in _FOUR_WHEELED and board.wheels < 4:  # noqa: PLR2004  (wheels)
        message = (
            f"{board.name}: it drives two motors, and a {settings.chassis.name.lower()} car has four "
            "(take stm32f405)"
        )
        raise BuildError(message)
    crystals = _CRYSTALS_MHZ[board.chip]
    if settings.crystal_mhz not in crystals:
        fitting = ", ".join(map(str, crystals))
        message = f"{board.name}: a crystal of {settings.crystal_mhz} MHz does not fit (take {fitting})"
        raise BuildError(message)
    wrong = max(_baud_error(clock_hz, settings.baud) for clock_hz in _UART_HZ[board.chip])
    if not _SLOWEST_BAUD <= settings.baud <= _FASTEST_BAUD or wrong > _MOST_BAUD_ERROR:
        message = (
            f"{board.name}: baud {settings.baud} is nothing its UART can do well "
            f"({_SLOWEST_BAUD} to {_FASTEST_BAUD}, at most {_MOST_BAUD_ERROR:.0%} off; usual: 115200, 460800)"
        )
        raise BuildError(message)
    return (
        *board.defines,
        f'PCP_BOARD="{board.name}"',
        f"PCP_CRYSTAL_MHZ={settings.crystal_mhz}",
        f"PCP_BAUD={settings.baud}",
        f"PCP_CHASSIS=PCP_CHASSIS_{settings.chassis.name}",
    )


def _baud_error(clock_hz: int, baud: int) -> float:
    """Return how far off a UART with this clock is, as a share; it divides by whole numbers."""
    divider = max(1, round(clock_hz / max(1, baud)))
    return abs(clock_hz / divider / max(1, baud) - 1)


def _arguments(board: Board, defines: tuple[str, ...]) -> list[str]:
    folders = (FIRMWARE / "include", FIRMWARE / "ports" / "cortex_m", FIRMWARE / "ports" / board.chip)
    return [
        *COMMON_FLAGS,
        *(*WARNINGS, "-Werror"),
        *(f"-D{define}" for define in defines),
        *(f"-I{folder}" for folder in folders),
        f"-T{FIRMWARE / 'ports' / board.chip / board.chip}.ld",
        *(str(file) for file in sources(board)),
    ]


def _gcc(core: Core) -> list[str]:
    """No header of a C library is needed, only the compiler's own."""
    asked = subprocess.run([GCC, "-print-file-name=include"], capture_output=True, text=True, check=True)  # noqa: S603  (a fixed program)
    own = asked.stdout.strip()
    smaller = "-fno-inline-functions-called-once"  # 500 bytes of 30,460
    return [GCC, *core.gcc, smaller, "-fno-tree-loop-distribute-patterns", "-nostdinc", "-isystem", own]


def _zig(core: Core) -> list[str]:
    smaller = ("-moutline", "-mllvm", "-inline-threshold=0")  # 1,190 bytes of 32,760
    target = ("-target", core.zig_target, f"-mcpu={core.zig_cpu}")
    return [sys.executable, "-m", "ziglang", "cc", *target, *smaller]


def _float_library(core: Core, folder: Path) -> Path:
    """Compile the float functions that the processor lacks; zig links none for a bare one.

    It takes half a minute the first time.
    """
    package = importlib.util.find_spec("ziglang")
    if package is None or package.origin is None:
        message = (
            "patrolcar: the ziglang package is damaged; install it again: "
            "pip install --force-reinstall ziglang"
        )
        raise BuildError(message)
    library = folder / "libfloat.a"
    _run(
        [
            *(sys.executable, "-m", "ziglang", "build-lib"),
            str(Path(package.origin).parent / "lib" / "compiler_rt.zig"),
            *("-target", core.zig_target, "-mcpu", core.zig_cpu, "-O", "ReleaseSmall", "-fstrip"),
            *("-ffunction-sections", "-fdata-sections", f"-femit-bin={library}"),
        ]
    )
    return library


def _run(command: list[str]) -> None:
    folder = FIRMWARE / "ports" / "cortex_m"  # linker scripts include from the folder they run in
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)  # noqa: S603  (our own command)
    if done.returncode != 0:
        message = f"patrolcar: compiling the firmware failed:\n{done.stderr}\ncommand: {' '.join(command)}"
        raise BuildError(message)


def told(built: Built, board: Board) -> str:
    """Return the sizes of an image, and of what, for people."""
    sizes, most = built.sizes, room(board)
    return (
        f"flash {sizes.flash} of {most.flash} bytes ({sizes.flash / most.flash:.0%}), "
        f"RAM {sizes.ram} of {most.ram} bytes with its stack ({sizes.ram / most.ram:.0%}); {built.compiler}"
    )


def main() -> None:
    """Build one image and print its sizes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--board", choices=BOARDS, required=True)
    parser.add_argument("--out", type=Path, help="default: build/BOARD.elf")
    options = parser.parse_args()
    try:
        built = build(BOARDS[options.board], options.out or Path("build") / f"{options.board}.elf")
    except BuildError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{built.file}: {told(built, BOARDS[options.board])}\n")


if __name__ == "__main__":
    main()
