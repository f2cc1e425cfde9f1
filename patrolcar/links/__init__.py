"""Byte lines to a controller: serial ports, TCP on this machine, and whatever plugs in as ``scheme://``.

A link never blocks and never queues: what cannot be sent now is replaced by what is newer. Every way a
port can fail becomes a :class:`~patrolcar.errors.LinkError` with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from patrolcar.errors import LinkError


@runtime_checkable
class Link(Protocol):
    """Anything that carries bytes to a controller and back."""

    @property
    def name(self) -> str:
        """What a person calls it: a port, an address, a simulated site."""

    def fileno(self) -> int | None:
        """Return what to wait on for bytes, None when there is nothing to wait on."""

    def read(self, now_ns: int) -> bytes:
        """Return what has come since the last call, without waiting; LinkError when the line is gone."""

    def write(self, data: bytes) -> None:
        """Send, without waiting; unsent older data gives way. LinkError when the line is gone."""

    def close(self) -> None:
        """Let go of it; never fails."""


Opener = Callable[[str], Link]


def open_link(url: str) -> Link:
    """Open a link by its address.

    A path (``/dev/ttyUSB0``, a pty) is a serial port; ``/dev/ttyUSB0?baud=921600`` sets its speed;
    ``socket://127.0.0.1:5760`` is TCP; other schemes are looked up among the entry points
    ``patrolcar.links``.

    Raises:
        LinkError: It cannot be opened; the text says why and what to do.

    """
    scheme, found, _ = url.partition("://")
    if not found or scheme == "serial":
        from patrolcar.links.serial_port import open_serial  # noqa: PLC0415  (pyserial only when needed)

        return open_serial(url.removeprefix("serial://"))
    if scheme == "socket":
        from patrolcar.links.tcp import open_tcp  # noqa: PLC0415  (as above)

        return open_tcp(url)
    for point in entry_points(group="patrolcar.links", name=scheme):
        opener: Opener = point.load()
        return opener(url)
    message = (
        f"{url}: unknown kind of link {scheme!r}; expected a serial port, socket://HOST:PORT or sim://SITE"
    )
    raise LinkError(message)
