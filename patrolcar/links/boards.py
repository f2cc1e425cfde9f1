"""USB boards and cables by their ids, and what their control lines must be.

A serial port has two control lines that no car needs and many boards misuse: DTR and RTS are wired to the
reset and boot pins of the controller (CH340 and CP210x modules with a download circuit), while USB ports
made by the controller itself send nothing until DTR says that somebody listens. Ids: the public usb.ids
list; wiring: the schematics of the common modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Board(NamedTuple):
    """What a USB id stands for.

    ``dtr`` and ``rts`` are what the lines must be while we drive. ``has_baud`` is False where no wire
    carries bits at that speed, so that any number works.
    """

    name: str
    dtr: bool = False
    rts: bool = False
    has_baud: bool = True


ANY_BOARD: Final = Board("")  # an unknown cable, or a port of the computer itself: reset and boot pins first

BOARDS: Final[Mapping[tuple[int, int], Board]] = MappingProxyType(
    {
        (0x0483, 0x5740): Board("STM32 USB serial port", dtr=True, has_baud=False),
        (0x1EAF, 0x0004): Board("STM32 USB serial port (Maple)", dtr=True, has_baud=False),
        (0x0483, 0x374B): Board("ST-LINK/V2-1 serial port", dtr=True),
        (0x0483, 0x3752): Board("ST-LINK/V2-1 serial port", dtr=True),
        (0x0483, 0x374E): Board("ST-LINK/V3 serial port", dtr=True),
        (0x0483, 0x374F): Board("ST-LINK/V3 serial port", dtr=True),
        (0x0483, 0x3753): Board("ST-LINK/V3 serial port", dtr=True),
        (0x0D28, 0x0204): Board("DAPLink serial port", dtr=True),
        (0x1366, 0x0105): Board("J-Link serial port", dtr=True),
        (0x1A86, 0x7523): Board("CH340 USB-serial converter"),
        (0x1A86, 0x5523): Board("CH341 USB-serial converter"),
        (0x1A86, 0x55D3): Board("CH343 USB-serial converter"),
        (0x1A86, 0x55D4): Board("CH9102 USB-serial converter"),
        (0x10C4, 0xEA60): Board("CP210x USB-serial converter"),
        (0x10C4, 0xEA70): Board("CP2105 USB-serial converter"),
        (0x0403, 0x6001): Board("FT232 USB-serial converter"),
        (0x0403, 0x6010): Board("FT2232 USB-serial converter"),
        (0x0403, 0x6011): Board("FT4232 USB-serial converter"),
        (0x0403, 0x6014): Board("FT232H USB-serial converter"),
        (0x0403, 0x6015): Board("FT-X USB-serial converter"),
        (0x067B, 0x2303): Board("PL2303 USB-serial converter"),
        (0x067B, 0x23A3): Board("PL2303 USB-serial converter"),
    }
)

BOOTLOADERS: Final[Mapping[tuple[int, int], str]] = MappingProxyType(
    {
        (0x0483, 0xDF11): "an STM32 waits in its USB bootloader: set BOOT0 back and press reset",
        (0x1EAF, 0x0003): "a board waits in the Maple bootloader: press reset",
    }
)


def board_of(vid: int | None, pid: int | None) -> Board:
    """Return the board with this USB id; ANY_BOARD for an id nobody listed, and for no id at all."""
    if vid is None or pid is None:
        return ANY_BOARD
    return BOARDS.get((vid, pid), ANY_BOARD)
