"""A serial port as a link: every way it can fail becomes one kind of error, with a sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from firmware_protocol.framing import OVERHEAD
from firmware_protocol.messages import SPEC_OF, Drive
from patrolcar.errors import LinkError
from patrolcar.links.boards import Board
from patrolcar.links.outbox import Outbox
from patrolcar.links.serial_address import DEFAULT_BAUD, SerialAddress
from patrolcar.links.tty import PORT_ERRORS, Tty, open_tty

# what the driver may hold when we add, in bytes: two DRIVE frames, 4.3 ms at 115200 baud
MOST_WAITING: Final = 2 * (SPEC_OF[Drive].size + OVERHEAD + 2)

Result = TypeVar("Result")

_ADVICE: Final[Mapping[int, str]] = MappingProxyType(
    {
        errno.ENOENT: "is the cable plugged in? `patrolcar ports` lists what is there",
        errno.EACCES: "you may not use it: `sudo usermod -aG dialout $USER`, then log in again",
        errno.EBUSY: "another program has it open; `patrolcar doctor PORT` tells which",
        errno.EAGAIN: "another program has it open; `patrolcar doctor PORT` tells which",
        errno.ENOTTY: "this is not a serial port",
        errno.EISDIR: "this is a folder, not a serial port",
        errno.ENODEV: "the device has just left; is the cable in?",
        errno.EIO: "nobody is at the other end; was the cable pulled, or the simulator ended?",
    }
)


def open_serial(address: SerialAddress, board: Board) -> SerialLink:
    """Open the port at the path of an address; the board decides what the address leaves open.

    Raises:
        LinkError: The port is missing, busy, forbidden or not a serial port.

    """
    path, baud = address.target, address.baud or DEFAULT_BAUD
    dtr = board.dtr if address.dtr is None else address.dtr
    rts = board.rts if address.rts is None else address.rts
    try:
        tty = open_tty(path, baud, dtr=dtr, rts=rts)
    except PORT_ERRORS as error:
        raise _explained(path, error) from error
    return SerialLink(path, tty)


def _explained(path: str, error: Exception) -> LinkError:
    advice = _ADVICE.get(_number(error), "check the cable and the port's name with `patrolcar ports`")
    message = f"{path}: cannot be opened ({_reason(error)}): {advice.replace('PORT', path)}"
    return LinkError(message)


def _number(error: Exception) -> int:
    """Return the system's error number, 0 when there is none; pyserial hides some in its text."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    if error.args and isinstance(error.args[0], int):  # termios.error
        return error.args[0]
    hidden = re.search(r"Could not configure port: \((\d+),", str(error))
    return int(hidden[1]) if hidden else 0


def _reason(error: Exception) -> str:
    """Return what the system said, without what pyserial writes around it."""
    number = _number(error)
    is_pyserial = type(error).__module__.startswith("serial")
    if isinstance(error, OSError) and error.strerror and not is_pyserial:
        return error.strerror
    return os.strerror(number) if number else str(error)


class SerialLink:
    """An open serial port.

    Args:
        path: What a person calls it.
        tty: The open port; owned, and closed by :meth:`close`.

    """

    def __init__(self, path: str, tty: Tty) -> None:
        self._path = path
        self._tty = tty
        self._outbox = Outbox(self._send)

    @property
    def name(self) -> str:
        """The device."""
        return self._path

    def fileno(self) -> int | None:
        """Return the device's descriptor, None when it has none any more."""
        try:
            return self._tty.fileno()
        except PORT_ERRORS:
            return None

    def read(self, now_ns: int) -> bytes:
        """Return what has come; LinkError when the device is gone."""
        del now_ns
        return self._guarded(self._tty.read)

    def write(self, data: bytes) -> None:
        """Send; LinkError when the device is gone."""
        self._guarded(lambda: self._outbox.put(data))

    def close(self) -> None:
        """Let go of the port."""
        with contextlib.suppress(*PORT_ERRORS):
            self._tty.close()

    def _send(self, data: bytes) -> int:
        return 0 if self._tty.unsent() > MOST_WAITING else self._tty.write(data)

    def _guarded(self, call: Callable[[], Result]) -> Result:
        try:
            return call()
        except PORT_ERRORS as error:
            why = _reason(error)
            message = f"{self._path}: the port is gone ({why}); the car stops by itself, is the cable in?"
            raise LinkError(message) from error
