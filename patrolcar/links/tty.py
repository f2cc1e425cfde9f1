"""One open tty: bytes in and out without waiting. Its errors are raw; serial_port.py gives them sentences."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import struct
import termios
import time
from typing import Final, Protocol

import serial

CHUNK: Final = 16_384
DRAIN_S: Final = 0.1  # a STOP just written still leaves; a peer that reads nothing cannot hold us longer

PORT_ERRORS: Final = (
    OSError,  # SerialException is one
    termios.error,  # is not one
    TypeError,
    ValueError,
)  # all that pyserial 3.5 and the calls below were seen to raise

_CFLAG: Final = 2  # place of the control modes in what tcgetattr returns


class Tty(Protocol):
    """What a link needs of an open port. Every method may raise any of PORT_ERRORS."""

    def fileno(self) -> int:
        """Return what to wait on."""

    def read(self) -> bytes:
        """Return what has come, nothing when nothing has; an error when the device has left."""

    def write(self, data: bytes) -> int:
        """Hand over a prefix without waiting and return how long it was."""

    def unsent(self) -> int:
        """Return how many bytes the driver still holds."""

    def close(self) -> None:
        """Let go of it."""


def open_tty(path: str, baud: int, *, dtr: bool, rts: bool) -> Tty:
    """Open a port for us alone, 8N1, without flow control, with its control lines set.

    Linux raises both control lines for a moment when a port is opened; nothing in a program can prevent
    that. Closing leaves them as they are, so that a board is not reset by our leaving.

    Raises:
        OSError, termios.error, TypeError, ValueError: As the driver and pyserial please.

    """
    port = serial.Serial()
    port.port, port.baudrate, port.timeout, port.write_timeout = path, baud, 0, 0
    port.dtr, port.rts = dtr, rts
    port.exclusive = True
    port.open()
    try:
        fcntl.ioctl(port.fileno(), termios.TIOCEXCL)  # the lock above is advisory, this one is not
        _keep_lines_on_close(port.fileno())
    except BaseException:
        port.close()
        raise
    with contextlib.suppress(*PORT_ERRORS):
        port.set_low_latency_mode(True)  # FTDI: 1 ms instead of 16; others refuse, and that is fine
    return _OpenTty(port)


def _keep_lines_on_close(number: int) -> None:
    modes = termios.tcgetattr(number)
    modes[_CFLAG] &= ~termios.HUPCL
    termios.tcsetattr(number, termios.TCSANOW, modes)


class _OpenTty:
    """A tty that pyserial has opened and set.

    pyserial's own reads and writes are not used: they throw away what came before a hang-up, wait once
    more after a write, and report success as a time-out.
    """

    def __init__(self, port: serial.Serial) -> None:
        self._port = port
        self._number = int(port.fileno())

    def fileno(self) -> int:
        return int(self._port.fileno())

    def read(self) -> bytes:
        if not select.select([self.fileno()], [], [], 0)[0]:
            return b""
        try:
            data = os.read(self.fileno(), CHUNK)
        except BlockingIOError:
            return b""
        if not data:  # ready to be read, yet empty: this is how a tty says that its device has left
            raise OSError(errno.EIO, "the device has left")
        return data

    def write(self, data: bytes) -> int:
        try:
            return os.write(self.fileno(), data)
        except BlockingIOError:
            return 0

    def unsent(self) -> int:
        count: int = struct.unpack("I", fcntl.ioctl(self.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
        return count

    def close(self) -> None:
        if not self._port.is_open:
            return
        with contextlib.suppress(*PORT_ERRORS):
            self._drain()
        self._port.close()

    def _drain(self) -> None:
        """Wait a moment for the last bytes, then drop them: the kernel itself would wait up to 30 s."""
        end_s = time.monotonic() + DRAIN_S
        while self.unsent() and time.monotonic() < end_s:
            time.sleep(0.002)  # there is nothing to select on until a driver is empty
        if self.unsent():
            termios.tcflush(self.fileno(), termios.TCOFLUSH)
