"""A serial port: opened for us alone, read in chunks, written without waiting."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import struct
import termios
from typing import Final

import serial

from patrolcar.errors import LinkError
from patrolcar.links.outbox import Outbox

DEFAULT_BAUD: Final = 460_800
CHUNK: Final = 16_384
MOST_WAITING: Final = 128  # bytes in the driver before we stop adding: two frames, 2.8 ms at 460800 baud
_PORT_ERRORS: Final = (
    OSError,
    termios.error,
    TypeError,
    ValueError,
)  # everything pyserial 3.5 was seen to raise

_ADVICE: Final = {
    errno.ENOENT: "is the cable plugged in? `patrolcar ports` lists what is there",
    errno.EACCES: "you may not use it: `sudo usermod -aG dialout $USER`, then log in again",
    errno.EBUSY: "another program has it open; end that program first",
    errno.EAGAIN: "another program has it open; end that program first",
    errno.ENOTTY: "this is not a serial port",
    errno.EISDIR: "this is a folder, not a serial port",
}


def _explained(path: str, error: Exception) -> LinkError:
    number = getattr(error, "errno", None)
    if number is None and "25" in str(error):
        number = errno.ENOTTY
    advice = _ADVICE.get(number or 0, "check the cable and the port's name with `patrolcar ports`")
    message = f"{path}: cannot be opened ({error}): {advice}"
    return LinkError(message)


def open_serial(address: str) -> SerialLink:
    """Open ``PATH`` or ``PATH?baud=N``.

    Raises:
        LinkError: The port is missing, busy, forbidden or not a serial port.

    """
    path, _, query = address.partition("?")
    baud = DEFAULT_BAUD
    if query:
        key, _, value = query.partition("=")
        if key != "baud" or not value.isdigit() or int(value) <= 0:
            message = f"{address}: {query!r} is not understood; expected ?baud=N, for example ?baud=115200"
            raise LinkError(message)
        baud = int(value)
    port = serial.Serial()
    port.port, port.baudrate, port.timeout, port.write_timeout = path, baud, 0, 0
    port.dtr = port.rts = False  # many boards wire them to reset and boot pins
    port.exclusive = True
    try:
        port.open()
        fcntl.ioctl(port.fileno(), termios.TIOCEXCL)  # the lock above is advisory, this one is not
    except _PORT_ERRORS as error:
        raise _explained(path, error) from error
    with contextlib.suppress(*_PORT_ERRORS):
        port.set_low_latency_mode(True)  # FTDI: 1 ms instead of 16; others refuse, and that is fine
    return SerialLink(path, port)


class SerialLink:
    """An open serial port."""

    def __init__(self, path: str, port: serial.Serial) -> None:
        self._path = path
        self._port = port
        self._outbox = Outbox(self._send)

    @property
    def name(self) -> str:
        """The device."""
        return self._path

    def fileno(self) -> int | None:
        """Return the device's descriptor."""
        return int(self._port.fileno())

    def read(self, now_ns: int) -> bytes:
        """Return what has come; LinkError when the device is gone."""
        del now_ns
        try:
            if not select.select([self._port.fileno()], [], [], 0)[0]:
                return b""
            data = os.read(self._port.fileno(), CHUNK)
        except BlockingIOError:
            return b""
        except _PORT_ERRORS as error:
            raise self._gone(error) from error
        if not data:  # ready to be read, yet empty: this is how a tty says that its device has left
            left = self._gone("the device has left")
            raise left
        return data

    def write(self, data: bytes) -> None:
        """Send; LinkError when the device is gone."""
        try:
            self._outbox.put(data)
        except _PORT_ERRORS as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """Let go of the port."""
        with contextlib.suppress(*_PORT_ERRORS):
            self._port.close()

    def _send(self, data: bytes) -> int:
        waiting = struct.unpack("I", fcntl.ioctl(self._port.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0]
        if waiting > MOST_WAITING:
            return 0
        try:
            return os.write(self._port.fileno(), data)
        except BlockingIOError:
            return 0

    def _gone(self, error: Exception | str) -> LinkError:
        message = f"{self._path}: the port is gone ({error}); the car stops by itself, is the cable in?"
        return LinkError(message)
