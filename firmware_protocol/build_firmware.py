"""Compile the controller for a board: ``python -m firmware_protocol.build_firmware --board stm32f405``.

Takes ``arm-none-eabi-gcc`` when it is installed (Debian: ``gcc-arm-none-eabi``; no C library is needed), else
the compiler inside the ``ziglang`` wheel, which makes larger images. ``-ffp-contract=off`` keeps all builds
equal bit for bit. The image is an ELF file, or the bare bytes of the flash when the name ends in ``.bin``.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from firmware_protocol.build_native import WARNINGS, BuildError

FIRMWARE: Final = Path(__file__).resolve().parent / "firmware"
FLASH_START: Final = 0x08000000
GCC: Final = "arm-none-eabi-gcc"
COMMON_FLAGS: Final = (
    *("-std=c11", "-Os", "-ffreestanding", "-fno-builtin", "-ffp-contract=off"),
    *("-ffunction-sections", "-fdata-sections", "-nostdlib", "-Wl,--gc-sections"),
)
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


_DRIVEN: Final = (
    "cortex_m/main",
    *("cortex_m/car", "cortex_m/motors", "cortex_m/sonars", "cortex_m/servos"),
    *("CHIP/pins", "CHIP/flash"),
)
_MODELLED: Final = ("cortex_m/main", "pil/car", "pil/flash")
_GOLDEN: Final = ("pil/golden_main", "pil/golden")
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
        )
    }
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of an image: ``text`` is code and constants, ``bss`` holds the stack too."""

    text: int
    data: int
    bss: int

    @property
    def flash(self) -> int:
        """What it needs of the flash."""
        return self.text + self.data

    @property
    def ram(self) -> int:
        """What it needs of the RAM, stack included."""
        return self.data + self.bss


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


def sources(board: Board) -> list[Path]:
    """Return every C file of an image, in a fixed order."""
    ports = FIRMWARE / "ports"
    return [
        *sorted((FIRMWARE / "src").glob("*.c")),
        *(ports / "cortex_m" / f"{name}.c" for name in SHARED),
        ports / board.chip / "chip.c",
        *(ports / f"{part.replace('CHIP', board.chip)}.c" for part in board.parts),
    ]


def build(board: Board, out: Path, crystal_mhz: int | None = None, compiler: str | None = None) -> Built:
    """Compile one image to ``out``; a half-written one is never left behind.

    Args:
        board: What to build.
        out: Where to; ``.bin`` writes the bytes of the flash, everything else ELF.
        crystal_mhz: The crystal on the board, 8 when not given.
        compiler: ``arm-none-eabi-gcc`` or ``ziglang``; chosen when not given.

    Raises:
        BuildError: There is no compiler, or it refuses; the text says what to do.

    """
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
            command = [*_gcc(board.core), *_arguments(board, crystal_mhz), "-lgcc"]
        else:
            command = [
                *_zig(board.core),
                *_arguments(board, crystal_mhz),
                str(_float_library(board.core, Path(folder))),
            ]
        _run([*command, "-o", str(elf)])
        image = elf.read_bytes()
    partial = out.with_name(out.name + ".partial")
    partial.write_bytes(flash_bytes(image) if out.suffix == ".bin" else image)
    partial.replace(out)
    return Built(out, sizes_of(image), chosen)


def sizes_of(elf: bytes) -> Sizes:
    """Return the sizes of a linked image."""
    text = data = bss = 0
    for section in _sections(elf):
        if not section.flags & _ALLOCATED:
            continue
        if section.kind == _NO_BITS:
            bss += section.size
        elif section.flags & _WRITABLE:
            data += section.size
        else:
            text += section.size
    return Sizes(text, data, bss)


def flash_bytes(elf: bytes) -> bytes:
    """Return what has to stand in the flash, from its start on; gaps are zero."""
    start, entry_size, count = _header(elf, "<28xI10xHH")
    image = bytearray()
    for i in range(count):
        kind, offset, _, address, size = struct.unpack_from("<5I", elf, start + i * entry_size)
        if kind == _LOADED and size > 0 and address >= FLASH_START:
            at = address - FLASH_START
            image.extend(bytes(max(0, at + size - len(image))))
            image[at : at + size] = elf[offset : offset + size]
    return bytes(image)


# ----------------------------------------------------------------------
# ELF, 32 bits, little-endian (Tool Interface Standard, 1995)

_LOADED: Final = 1
_NO_BITS: Final = 8
_WRITABLE: Final = 1
_ALLOCATED: Final = 2


class _Section(NamedTuple):
    kind: int
    flags: int
    size: int


def _header(elf: bytes, layout: str) -> tuple[int, int, int]:
    if elf[:5] != b"\x7fELF\x01":
        message = "patrolcar: the compiler did not write a 32-bit ELF file"
        raise BuildError(message)
    start, entry_size, count = struct.unpack_from(layout, elf)
    return start, entry_size, count


def _sections(elf: bytes) -> Iterator[_Section]:
    start, entry_size, count = _header(elf, "<32xI10xHH")
    for i in range(count):
        _, kind, flags, _, _, size = struct.unpack_from("<6I", elf, start + i * entry_size)
        yield _Section(kind, flags, size)


# ----------------------------------------------------------------------
# compilers


def _arguments(board: Board, crystal_mhz: int | None) -> list[str]:
    crystal = (f"PCP_CRYSTAL_MHZ={crystal_mhz}",) if crystal_mhz is not None else ()
    folders = (FIRMWARE / "include", FIRMWARE / "ports" / "cortex_m", FIRMWARE / "ports" / board.chip)
    return [
        *COMMON_FLAGS,
        *(*WARNINGS, "-Werror"),
        *(f"-D{define}" for define in (*board.defines, *crystal)),
        *(f"-I{folder}" for folder in folders),
        f"-T{FIRMWARE / 'ports' / board.chip / board.chip}.ld",
        *(str(file) for file in sources(board)),
    ]


def _gcc(core: Core) -> list[str]:
    """No header of a C library is needed, only the compiler's own."""
    asked = subprocess.run([GCC, "-print-file-name=include"], capture_output=True, text=True, check=True)  # noqa: S603  (a fixed program)
    own = asked.stdout.strip()
    return [GCC, *core.gcc, "-fno-tree-loop-distribute-patterns", "-nostdinc", "-isystem", own]


def _zig(core: Core) -> list[str]:
    return [sys.executable, "-m", "ziglang", "cc", "-target", core.zig_target, f"-mcpu={core.zig_cpu}"]


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
    sizes = built.sizes
    sys.stdout.write(
        f"{built.file}: text {sizes.text}, data {sizes.data}, bss {sizes.bss}; "
        f"flash {sizes.flash}, RAM {sizes.ram} bytes\n"
    )


if __name__ == "__main__":
    main()
