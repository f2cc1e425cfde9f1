"""Build the controller for an STM32 board, flash it, or run it in QEMU."""

from __future__ import annotations

import argparse
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Final

from firmware_protocol.boards import BOARDS, Board, room
from firmware_protocol.build_firmware import USUAL, Settings, build, told
from firmware_protocol.build_native import BuildError
from firmware_protocol.elf import NotAnImageError, flash_bytes, identity_of, is_elf
from firmware_protocol.messages import Chassis
from patrolcar.cli import Exit
from patrolcar.cli.flash_tools import TOOLS, flash_command, found_tool, how
from patrolcar.cli.output import print_json
from patrolcar.errors import CommandError, ConfigError, LinkError

FLASHED: Final = tuple(name for name, board in BOARDS.items() if board.for_hardware)
EMULATED: Final = tuple(name for name in BOARDS if name.startswith(("stm32", "pil")))
LIFT_THE_WHEELS: Final = (
    "this image has never run on a real board: lift the wheels off the ground for its first start"
)


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
    flashing.add_argument("--tool", choices=TOOLS, help="use this one")
    flashing.add_argument("--dry-run", action="store_true", help="print the command instead of running it")
    flashing.add_argument(
        "--image", type=Path, metavar="FILE", help="what `build` wrote, instead of building"
    )
    for action in (making, flashing):
        _add_settings(action)
    emulating = actions.add_parser("emulate", help="run an image in QEMU and print the address of its line")
    emulating.add_argument(
        "--board", choices=EMULATED, default="pil-f405", help="default pil-f405, whose wheels turn"
    )
    emulating.add_argument(
        "--line", metavar="QUERY", help="put this line between, such as 'baud=115200&loss=0.001'"
    )
    for action in (listing, making):
        action.add_argument("--json", action="store_true", help="print one JSON object")


def _add_settings(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--crystal",
        type=int,
        metavar="MHZ",
        default=USUAL.crystal_mhz,
        help=f"the crystal on the board (default {USUAL.crystal_mhz})",
    )
    action.add_argument(
        "--baud",
        type=int,
        default=USUAL.baud,
        help=f"speed of the line (default {USUAL.baud}, as the host's; else add ?baud=N to its --link)",
    )
    action.add_argument(
        "--chassis",
        choices=tuple(chassis.name.lower() for chassis in Chassis),
        default=USUAL.chassis.name.lower(),
        help=f"how the wheels are arranged (default {USUAL.chassis.name.lower()})",
    )


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


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(options.crystal, options.baud, Chassis[options.chassis.upper()])


def _made(options: argparse.Namespace) -> int:
    board = BOARDS[options.board]
    out = options.out or Path(f"{options.board}.elf")
    settings = _settings(options)
    built = build(board, out, settings)
    sizes, most = built.sizes, room(board)
    if options.json:
        found = {**asdict(sizes), "flash": sizes.flash, "ram": sizes.ram}
        chosen = {**settings._asdict(), "chassis": settings.chassis.name}
        limits = {"flash_limit": most.flash, "ram_limit": most.ram}
        print_json(
            {"board": board.name, "file": str(out), "compiler": built.compiler, **found, **limits, **chosen}
        )
        return Exit.DONE
    print(f"{out}: {told(built, board)}")
    print(f"text {sizes.text}, data {sizes.data}, bss {sizes.bss}")
    return Exit.DONE


def _flashed(options: argparse.Namespace) -> int:
    board = BOARDS[options.board]
    ready = None if options.image is None else _ready_image(options.image, board)
    tool = options.tool or found_tool(board, options.port)
    if tool is None:
        print(how(board))
        return Exit.NO_CAR
    if options.tool and shutil.which(tool) is None:
        message = f"--tool {tool}: it is not installed"
        raise CommandError(message)
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / f"{board.name}.bin"
        command = flash_command(tool, board, image, options.port)
        print(shlex.join(command), flush=True)
        if options.dry_run:
            return Exit.DONE
        print(LIFT_THE_WHEELS, flush=True)
        if ready is None:
            build(board, image, _settings(options))
        else:
            image.write_bytes(ready)
        if subprocess.run(command, check=False).returncode != 0:  # noqa: S603  (the command just printed)
            message = f"{tool} could not write the image; is the board connected, powered and in its loader?"
            raise LinkError(message)
    return Exit.DONE


def _ready_image(file: Path, board: Board) -> bytes:
    """Return the bytes for the flash in an image that was built before, if it is one for this board."""
    try:
        found = file.read_bytes()
        flash = flash_bytes(found) if is_elf(found) else found
    except (OSError, NotAnImageError) as error:
        message = f"--image {file}: {error}"
        raise ConfigError(message) from error
    identity, most = identity_of(flash), room(board).flash
    if identity is None:
        message = f"--image {file}: it is not what 'patrolcar firmware build' writes"
    elif identity != board.name:
        message = f"--image {file}: it was built for {identity}, not for {board.name}"
    elif len(flash) > most:
        message = f"--image {file}: {len(flash)} bytes, and {board.name} has {most} for it"
    else:
        return flash
    raise ConfigError(message)


def _emulated(options: argparse.Namespace) -> int:
    from patrolcar.cli.simulated import line_from, over_line  # noqa: PLC0415  (building needs no simulator)
    from sim.qemu import Emulator, EmulatorError  # noqa: PLC0415

    if options.line is not None:
        line_from(options.line)  # before anything is built
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
                if options.line is None:
                    print(emulator.address, flush=True)
                    ended.wait()
                else:
                    over_line(emulator.port, options.line, ended.is_set)
        except EmulatorError as error:
            raise LinkError(str(error)) from error
    return Exit.DONE
