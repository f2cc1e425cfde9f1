"""Build the controller for an STM32 board, flash it, or run it in QEMU."""

from __future__ import annotations

import argparse
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import Final

from firmware_protocol.build_firmware import BOARDS, FLASH_START, Board, build
from firmware_protocol.build_native import BuildError
from patrolcar.cli import Exit
from patrolcar.cli.output import print_json
from patrolcar.errors import CommandError, LinkError

FLASHED: Final = tuple(name for name, board in BOARDS.items() if board.for_hardware)
EMULATED: Final = tuple(name for name in BOARDS if not name.startswith("golden"))
OPENOCD_TARGET: Final[Mapping[str, str]] = MappingProxyType(
    {"stm32f405": "stm32f4x", "stm32f103": "stm32f1x"}
)
HAS_USB_LOADER: Final = frozenset({"stm32f405"})

HOW: Final = """\
no tool for flashing was found. One of these does it, with the bare bytes of
  patrolcar firmware build --board {board} --out car.bin
over an ST-LINK on the SWD pins (SWDIO A13, SWCLK A14, GND, 3.3 V):
  st-flash    apt install stlink-tools    st-flash --reset write car.bin {address}
  openocd     apt install openocd         openocd -f interface/stlink.cfg -f target/{target}.cfg \
-c "program car.bin verify reset exit {address}"
over the serial port on A9 and A10, with BOOT0 high at reset:
  stm32loader pip install stm32loader     stm32loader -p PORT -e -w -v -a {address} car.bin\
"""
HOW_USB: Final = """
over USB, with BOOT0 high at reset:
  dfu-util    apt install dfu-util        dfu-util -a 0 -s {address}:leave -D car.bin\
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="name the boards")
    making = actions.add_parser("build", help="compile an image and print its sizes")
    making.add_argument("--board", choices=BOARDS, required=True)
    making.add_argument(
        "--out", type=Path, metavar="FILE", help="ELF, or .bin for the bare flash; default BOARD.elf"
    )
    flashing = actions.add_parser(
        "flash", help="compile and write an image to a board, with a tool that is installed"
    )
    flashing.add_argument("--board", choices=FLASHED, required=True)
    flashing.add_argument("--port", metavar="PORT", help="serial port, for stm32loader")
    flashing.add_argument(
        "--tool", choices=("dfu-util", "st-flash", "openocd", "stm32loader"), help="use this one"
    )
    flashing.add_argument("--dry-run", action="store_true", help="print the command instead of running it")
    for action in (making, flashing):
        action.add_argument("--crystal", type=int, metavar="MHZ", help="the crystal on the board (default 8)")
    emulating = actions.add_parser("emulate", help="run an image in QEMU and print the address of its line")
    emulating.add_argument(
        "--board", choices=EMULATED, default="pil-f405", help="default pil-f405, whose wheels turn"
    )
    for action in (listing, making):
        action.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    actions = {"list": _listed, "build": _made, "flash": _flashed, "emulate": _emulated}
    try:
        return actions[options.action](options)
    except BuildError as error:
        raise CommandError(str(error)) from error


def _listed(options: argparse.Namespace) -> int:
    if options.json:
        print_json({"boards": {name: board.summary for name, board in BOARDS.items()}})
        return Exit.DONE
    for name, board in BOARDS.items():
        print(f"{name:<12} {board.summary}")
    return Exit.DONE


def _made(options: argparse.Namespace) -> int:
    out = options.out or Path(f"{options.board}.elf")
    built = build(BOARDS[options.board], out, options.crystal)
    sizes = built.sizes
    if options.json:
        found = {**asdict(sizes), "flash": sizes.flash, "ram": sizes.ram}
        print_json({"board": options.board, "file": str(out), "compiler": built.compiler, **found})
        return Exit.DONE
    print(f"{out}: flash {sizes.flash} bytes, RAM {sizes.ram} bytes with its stack ({built.compiler})")
    print(f"text {sizes.text}, data {sizes.data}, bss {sizes.bss}")
    return Exit.DONE


def _flashed(options: argparse.Namespace) -> int:
    board = BOARDS[options.board]
    tool = options.tool or _found_tool(board, options.port)
    if tool is None:
        print(_how(board))
        return Exit.NO_CAR
    if options.tool and shutil.which(tool) is None:
        message = f"--tool {tool}: it is not installed"
        raise CommandError(message)
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / f"{board.name}.bin"
        command = _flash_command(tool, board, image, options.port)
        print(shlex.join(command))
        if options.dry_run:
            return Exit.DONE
        print("this image has never run on a real board: lift the wheels off the ground for its first start")
        build(board, image, options.crystal)
        if subprocess.run(command, check=False).returncode != 0:  # noqa: S603  (the command just printed)
            message = f"{tool} could not write the image; is the board connected, powered and in its loader?"
            raise LinkError(message)
    return Exit.DONE


def _found_tool(board: Board, port: str | None) -> str | None:
    """Return the first tool that is installed and can reach this board.

    A given port asks for the serial loader.
    """
    usb = ("dfu-util",) if board.name in HAS_USB_LOADER else ()
    tools = ("stm32loader",) if port else ("st-flash", "openocd", *usb)
    return next((tool for tool in tools if shutil.which(tool)), None)


def _flash_command(tool: str, board: Board, image: Path, port: str | None) -> list[str]:
    address = f"{FLASH_START:#010x}"
    if tool == "dfu-util":
        if board.name not in HAS_USB_LOADER:
            message = (
                f"--tool dfu-util: the {board.name} has no USB loader in its ROM; use st-flash or stm32loader"
            )
            raise CommandError(message)
        return [tool, "-a", "0", "-s", f"{address}:leave", "-D", str(image)]
    if tool == "st-flash":
        return [tool, "--reset", "write", str(image), address]
    if tool == "openocd":
        script = f"program {image} verify reset exit {address}"
        return [
            tool,
            "-f",
            "interface/stlink.cfg",
            "-f",
            f"target/{OPENOCD_TARGET[board.name]}.cfg",
            "-c",
            script,
        ]
    if port is None:
        message = "--tool stm32loader: name the serial port too: --port PORT"
        raise CommandError(message)
    return [tool, "-p", port, "-e", "-w", "-v", "-a", address, str(image)]


def _how(board: Board) -> str:
    text = HOW + (HOW_USB if board.name in HAS_USB_LOADER else "")
    return text.format(board=board.name, target=OPENOCD_TARGET[board.name], address=f"{FLASH_START:#010x}")


def _emulated(options: argparse.Namespace) -> int:
    from sim.qemu import Emulator, EmulatorError  # noqa: PLC0415  (building needs no simulator)

    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    board = BOARDS[options.board]
    with tempfile.TemporaryDirectory() as folder:
        built = build(board, Path(folder) / f"{board.name}.elf")
        try:
            with Emulator(built.file, board.machine) as emulator:
                print(emulator.address, flush=True)
                ended.wait()
        except EmulatorError as error:
            raise LinkError(str(error)) from error
    return Exit.DONE
