"""How much flash and memory the codec takes, compiled with -Os.

Codec is pcp_frame.c and pcp_decoder.c: every loaded section of the object files (code, constants, data),
before any linking; unwind tables, which no board keeps, are left out. Catalogue is the table in which they
look up ids, sizes and CRC seeds (pcp_messages.c, generated): data, 8 bytes for each message of
protocol.yaml. It is not in the codec's figure but beside it, with the sum of both. Memory is the receiver of
a controller: one pcp_decoder_t and its room for one block; ``receiver_ram_any_frame_bytes`` is the same with
room for any frame of the wire format. The codec has no globals (``codec_data_bytes``).
``image_flash_bytes_BOARD`` and ``image_ram_bytes_BOARD`` are the whole linked image as
`patrolcar firmware build --board BOARD` makes it, stack included.
ARM figures need arm-none-eabi-gcc or ``pip install ziglang``; without both they are null, see ``missing``.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from struct import unpack_from

from firmware_protocol.boards import BOARDS
from firmware_protocol.build_firmware import build, cross_compiler
from firmware_protocol.build_native import INCLUDE_FOLDER, ROOT, compiler

FIRMWARE = ROOT / "firmware_protocol/firmware/src"
CODEC = (FIRMWARE / "pcp_frame.c", FIRMWARE / "pcp_decoder.c")
CATALOGUE = FIRMWARE / "pcp_messages.c"
FLAGS = ("-std=c11", "-Os", "-c", "-ffunction-sections", "-fno-common", "-fno-asynchronous-unwind-tables")
CORES = {
    "m3": (("-mcpu=cortex-m3", "-mthumb"), "cortex_m3"),
    "m4": (("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"), "cortex_m4"),
}
RECEIVER = '#include "pcp_frame.h"\npcp_decoder_t receiver;\nuint8_t room[{room}];\n'
ROOMS = {"receiver_ram_bytes": "PCP_MAX_BLOCK_IN", "receiver_ram_any_frame_bytes": "PCP_MAX_BLOCK"}
FIGURES = ("codec_flash_bytes", "catalogue_flash_bytes", "codec_and_catalogue_flash_bytes", *ROOMS)


def measure() -> dict[str, object]:
    """Return bytes of flash and of memory for this machine, Cortex-M3 and Cortex-M4."""
    figures: dict[str, object] = {}
    missing = {}
    for name, command in {"x86_64": native_command(), **{core: arm_command(core) for core in CORES}}.items():
        if isinstance(command, str):
            missing[name] = command
            print(f"bench firmware: {name}: {command}", file=sys.stderr)
            figures |= {f"{figure}_{name}": None for figure in FIGURES}
        else:
            figures |= sizes(name, command)
    figures |= images()
    golden: dict[str, object] = importlib.import_module("tests.bench.pil_golden").measure()
    return figures | golden | {"missing": missing}


def native_command() -> list[str] | str:
    return compiler() or "no C compiler (Debian: apt install gcc)"


def arm_command(core: str) -> list[str] | str:
    """Return the compiler and its options for one core, or what is missing."""
    gcc_flags, zig_cpu = CORES[core]
    if shutil.which("arm-none-eabi-gcc"):
        return ["arm-none-eabi-gcc", *gcc_flags]
    if importlib.util.find_spec("ziglang") is not None:
        target = ("-target", "thumb-freestanding-eabi", f"-mcpu={zig_cpu}")
        return [sys.executable, "-m", "ziglang", "cc", *target, "-fno-sanitize=undefined"]
    return "no arm-none-eabi-gcc (Debian: apt install gcc-arm-none-eabi) and no ziglang (pip install ziglang)"


def images() -> dict[str, object]:
    """Return flash and RAM of every board's image, None where there is no cross compiler."""
    figures: dict[str, object] = {}
    for board in BOARDS.values():
        if not board.for_hardware:
            continue
        with tempfile.TemporaryDirectory() as folder:
            made = build(board, Path(folder, "image.elf")).sizes if cross_compiler() else None
        figures[f"image_flash_bytes_{board.name}"] = made and made.flash
        figures[f"image_ram_bytes_{board.name}"] = made and made.ram
    return figures


def sizes(name: str, command: list[str]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        codec = [sections(command, source, Path(folder, f"{source.stem}.o")) for source in CODEC]
        catalogue, _ = sections(command, CATALOGUE, Path(folder, "catalogue.o"))
        rooms = {}
        for figure, room in ROOMS.items():
            receiver = Path(folder, "receiver.c")
            receiver.write_text(RECEIVER.format(room=room), encoding="utf-8")
            rooms[f"{figure}_{name}"] = sum(sections(command, receiver, Path(folder, "receiver.o")))
    flash = sum(size for size, _ in codec)
    return {
        f"codec_flash_bytes_{name}": flash,
        f"catalogue_flash_bytes_{name}": catalogue,
        f"codec_and_catalogue_flash_bytes_{name}": flash + catalogue,
        **rooms,
        f"codec_data_bytes_{name}": sum(written for _, written in codec),
        f"compiler_{name}": version(command),
    }


def version(command: list[str]) -> str:
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def sections(command: list[str], source: Path, target: Path) -> tuple[int, int]:
    """Return the bytes of read-only and of writable loaded sections of ``source``, compiled."""
    subprocess.run(
        [*command, *FLAGS, "-I", str(ROOT / INCLUDE_FOLDER), str(source), "-o", str(target)], check=True
    )
    elf = target.read_bytes()
    loaded = [size for is_writable, size in loaded_sections(elf) if not is_writable]
    written = [size for is_writable, size in loaded_sections(elf) if is_writable]
    return sum(loaded), sum(written)


def loaded_sections(elf: bytes) -> list[tuple[bool, int]]:
    """Return (is writable, size) of each section of an ELF object that is loaded.

    Source: System V ABI, chapter 4. Sections for unwinding and notes are not counted.
    """
    is_64 = elf[4] == 2
    (table,) = unpack_from("<Q", elf, 40) if is_64 else unpack_from("<I", elf, 32)
    step, count, names = unpack_from("<HHH", elf, 58 if is_64 else 46)
    layout = "<IIQQQQ" if is_64 else "<IIIIII"  # name, type, flags, address, offset, size
    headers = [unpack_from(layout, elf, table + step * index) for index in range(count)]
    found = []
    for name, _, flags, _, _, size in headers:
        start = headers[names][4] + name
        text = elf[start : elf.index(b"\0", start)].decode()
        if flags & 2 and not text.startswith((".eh_frame", ".ARM.ex", ".note")):
            found.append((bool(flags & 1), size))
    return found
