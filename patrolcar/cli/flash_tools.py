"""The tools that write an image to a board, and how each is called."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from firmware_protocol.boards import Board
from firmware_protocol.elf import FLASH_START
from patrolcar.errors import CommandError

TOOLS: Final = ("dfu-util", "st-flash", "openocd", "stm32loader")
OPENOCD_TARGET: Final[Mapping[str, str]] = MappingProxyType(
    {"stm32f405": "stm32f4x", "stm32f103": "stm32f1x"}
)
USB_LOADER: Final = "0483:df11"  # what the loader in ST's ROM calls itself: nothing else is written to
HAS_USB_LOADER: Final = frozenset({"stm32f405"})

HOW: Final = """\
no tool for flashing was found. One of these does it, with the bare bytes of
  patrolcar firmware build --board {board} --out car.bin
over an ST-LINK on the SWD pins (SWDIO A13, SWCLK A14, GND, 3.3 V):
  st-flash    apt install stlink-tools    st-flash --reset write car.bin {address}
  openocd     apt install openocd         openocd -f interface/stlink.cfg -f target/{target}.cfg \
-c "program car.bin verify reset exit {address}"
over the serial port on A9 and A10, with BOOT0 high at reset:
  stm32loader pip install stm32loader     stm32loader -p PORT -e -w -v -a {address} -g {address} car.bin
              (it erases the whole chip, saved parameters too)\
"""
HOW_USB: Final = """
over USB, with BOOT0 high at reset:
  dfu-util    apt install dfu-util        dfu-util -d 0483:df11 -a 0 -s {address}:leave -D car.bin\
"""


def found_tool(board: Board, port: str | None) -> str | None:
    """Return the first tool that is installed and can reach this board.

    A given port asks for the serial loader.
    """
    usb = ("dfu-util",) if board.name in HAS_USB_LOADER else ()
    tools = ("stm32loader",) if port else ("st-flash", "openocd", *usb)
    return next((tool for tool in tools if shutil.which(tool)), None)


def flash_command(tool: str, board: Board, image: Path, port: str | None) -> list[str]:
    """Return the arguments with which a tool writes this image.

    Raises:
        CommandError: The tool cannot do it for this board, or needs to know the port.

    """
    address = f"{FLASH_START:#010x}"
    if tool == "dfu-util":
        if board.name not in HAS_USB_LOADER:
            message = (
                f"--tool dfu-util: the {board.name} has no USB loader in its ROM; use st-flash or stm32loader"
            )
            raise CommandError(message)
        return [tool, "-d", USB_LOADER, "-a", "0", "-s", f"{address}:leave", "-D", str(image)]
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
    return [tool, "-p", port, "-e", "-w", "-v", "-a", address, "-g", address, str(image)]


def how(board: Board) -> str:
    """Return how to flash a board by hand, and what to install for it."""
    text = HOW + (HOW_USB if board.name in HAS_USB_LOADER else "")
    return text.format(board=board.name, target=OPENOCD_TARGET[board.name], address=f"{FLASH_START:#010x}")
