"""The address of a serial port: where it is, and how it is to be set.

``/dev/ttyUSB0``, ``usb://1a86:7523``, ``usb://0483:5740/SERIAL`` or ``auto``, each with options:
``?baud=115200&dtr=on&rts=off&key=FILE``. The key is for a car that has one, behind a radio modem for
example; it is the session's (key_file.py), the port itself does nothing with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from typing_extensions import override

from patrolcar.errors import LinkError
from patrolcar.links.usb_ports import Port

DEFAULT_BAUD: Final = 460_800
LARGEST_BAUD: Final = 12_000_000  # the fastest USB converter there is
AUTO: Final = "auto"
_USB: Final = "usb://"
_USB_ID: Final = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?:/(.+))?")
_SWITCH: Final = MappingProxyType({"on": True, "off": False})


class SerialAddress(NamedTuple):
    """Where a serial port is and what was asked for; None is whatever the board there wants."""

    target: str  # a path, usb://VID:PID with or without /SERIAL, or auto
    baud: int | None = None
    dtr: bool | None = None
    rts: bool | None = None
    key: str | None = None  # path of a key file

    @property
    def is_auto(self) -> bool:
        """Whether the port is to be found by asking each who is there."""
        return self.target == AUTO

    @property
    def is_usb(self) -> bool:
        """Whether the port is named by its USB id."""
        return self.target.startswith(_USB)

    def fits(self, port: Port) -> bool:
        """Whether a port has the USB id, and the serial number if one was named."""
        vid, pid, serial_number = _usb_parts(self.target)
        return (port.vid, port.pid) == (vid, pid) and serial_number in {"", port.serial_number}

    def at(self, path: str) -> SerialAddress:
        """Return the same settings at a path."""
        return self._replace(target=path)

    @override
    def __str__(self) -> str:
        """Return the address as it is written."""
        switches = {True: "on", False: "off"}
        written = {"baud": self.baud, "dtr": self.dtr, "rts": self.rts, "key": self.key}
        options = [
            f"{name}={switches[value] if isinstance(value, bool) else value}"
            for name, value in written.items()
            if value is not None
        ]
        return self.target + ("?" + "&".join(options) if options else "")


def serial_address(text: str) -> SerialAddress:
    """Read an address.

    Raises:
        LinkError: It has mistakes; one sentence tells them all.

    """
    target, _, query = text.removeprefix("serial://").partition("?")
    mistakes = _mistakes_of_target(target)
    options: dict[str, Any] = {}
    for option in query.split("&") if query else []:
        name, _, value = option.partition("=")
        reader = _OPTIONS.get(name)
        read = reader[0](value) if reader else None
        if reader is None:
            there = "baud=N, dtr=on|off, rts=on|off and key=FILE"
            mistakes.append(f"{option!r} is not an option (there are {there})")
        elif read is None:
            mistakes.append(f"{option!r} is not understood (expected {reader[1]})")
        elif name in options:
            mistakes.append(f"{name} is given twice")
        else:
            options[name] = read
    if mistakes:
        message = f"{text}: {'; '.join(mistakes)}"
        raise LinkError(message)
    return SerialAddress(target)._replace(**options)


def _mistakes_of_target(target: str) -> list[str]:
    if not target:
        return ["no port is named (expected a path such as /dev/ttyUSB0, usb://VID:PID or auto)"]
    if target.startswith(_USB) and _USB_ID.fullmatch(target.removeprefix(_USB)) is None:
        return [f"{target!r} is not a USB id (expected usb://1a86:7523 or usb://0483:5740/SERIAL)"]
    return []


def _usb_parts(target: str) -> tuple[int, int, str]:
    match = _USB_ID.fullmatch(target.removeprefix(_USB))
    if match is None:
        return -1, -1, ""
    return int(match[1], 16), int(match[2], 16), match[3] or ""


def _baud(text: str) -> int | None:
    """Return the number; 0 would hang up, and what is no number is refused."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_BAUD))
    return int(text) if is_number and 0 < int(text) <= LARGEST_BAUD else None


_OPTIONS: Final[Mapping[str, tuple[Callable[[str], int | bool | str | None], str]]] = MappingProxyType(
    {
        "baud": (_baud, f"baud=N with N from 1 to {LARGEST_BAUD}, for example baud=115200"),
        "dtr": (_SWITCH.get, "dtr=on or dtr=off"),
        "rts": (_SWITCH.get, "rts=on or rts=off"),
        "key": (lambda text: text or None, "key=FILE, as `patrolcar key FILE` writes it"),
    }
)
