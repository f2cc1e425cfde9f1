"""The serial ports of this machine, and how one is known again after it was unplugged."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from patrolcar.links.boards import Board, board_of

SERIAL_NAMES: Final = Path("/dev/serial")


class Port(NamedTuple):
    """One serial port. Without a USB id it is a port of the computer itself, or a pseudo-terminal."""

    device: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str = ""  # "" when the maker gave none, as with CH340
    location: str = ""  # of the USB socket, for example "1-2.1", with ":1.0" when it has several ports
    stable_name: str = ""  # a link under /dev/serial that stays when the device's number changes

    @property
    def usb_id(self) -> str:
        """The USB id as ``1a86:7523``, "" without one."""
        return "" if self.vid is None or self.pid is None else f"{self.vid:04x}:{self.pid:04x}"

    @property
    def board(self) -> Board:
        """What its USB id stands for."""
        return board_of(self.vid, self.pid)

    @property
    def description(self) -> str:
        """Say what it is: board, USB id and serial number, as far as known."""
        known = (self.board.name or "unknown port", self.usb_id, self.serial_number)
        return " ".join(part for part in known if part)


PortLister: TypeAlias = Callable[[], Sequence[Port]]


def listed_ports() -> list[Port]:
    """Return the serial ports of this machine, by name."""
    from serial.tools.list_ports import comports  # noqa: PLC0415  (pyserial only when needed)

    ports = [
        Port(info.device, info.vid, info.pid, info.serial_number or "", info.location or "")
        for info in comports()
    ]
    return sorted(port._replace(stable_name=stable_name(port, SERIAL_NAMES)) for port in ports)


def stable_name(port: Port, folder: Path) -> str:
    """Return the link that keeps leading to this device, "" for none.

    It is under by-id when the device has a serial number. Two without one share their name there, so such a
    device is named by its socket, under by-path.
    """
    names = folder / ("by-id" if port.serial_number else "by-path")
    real = os.path.realpath(port.device)
    links = sorted(names.iterdir()) if names.is_dir() else []
    return next((str(link) for link in links if os.path.realpath(link) == real), "")


def port_at(path: str, ports: Iterable[Port]) -> Port:
    """Return what is known of the port at a path, links followed; a bare Port when it is not listed."""
    real = os.path.realpath(path)
    return next((port for port in ports if os.path.realpath(port.device) == real), Port(path))


def found_again(lost: Port, ports: Iterable[Port]) -> list[Port]:
    """Return the ports that may be the device ``lost``; more than one when that cannot be told.

    The USB id must be the same. The serial number decides where there is one, then the socket; a device
    without a number that is alone of its kind may have moved to another socket. Which car answers there
    is told by its HELLO, not by the port.
    """
    kind = [port for port in ports if (port.vid, port.pid) == (lost.vid, lost.pid)]
    kind = [port for port in kind if _interface(port) == _interface(lost)]
    same = [port for port in kind if port.serial_number == lost.serial_number]
    here = [port for port in same if port.location == lost.location]
    return here or same


def _interface(port: Port) -> str:
    """Return which of its device's ports it is, "" for the only one."""
    return port.location.partition(":")[2]
