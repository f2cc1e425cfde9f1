"""Byte lines to a controller: serial ports, TCP on this machine, and whatever plugs in as ``scheme://``.

A link never blocks and never queues: what cannot be sent now is replaced by what is newer. Every way a
port can fail becomes a :class:`~patrolcar.errors.LinkError` with a sentence.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Final

from patrolcar.errors import LinkError
from patrolcar.links.link import Link

__all__ = ["Link", "Opener", "open_link", "opener_of"]

Opener = Callable[[str], Link]
_SERIAL_SCHEMES: Final = frozenset({"", "serial", "usb"})


def open_link(url: str) -> Link:
    """Open a link by its address.

    A path (``/dev/ttyUSB0``, a pty) is a serial port, ``usb://1a86:7523`` the one with that USB id, and
    ``auto`` the one where a car answers; ``?baud=921600&dtr=on&rts=off`` sets it. ``socket://127.0.0.1:5760``
    is TCP; other schemes are looked up among the entry points ``patrolcar.links``.

    Raises:
        LinkError: It cannot be opened; the text says why and what to do.

    """
    return opener_of(url)()


def opener_of(url: str) -> Callable[[], Link]:
    """Return what opens the address now and after every loss; it finds a serial port under its new name.

    ``auto`` is answered here, once: the opener returned keeps to the port that was found.

    Raises:
        LinkError: The address has mistakes, or is ``auto`` and not exactly one car answers.

    """
    scheme, found, _ = url.partition("://")
    if not found or scheme in _SERIAL_SCHEMES:
        return _serial_opener(url)
    if scheme == "socket":
        from patrolcar.links.tcp import open_tcp  # noqa: PLC0415  (sockets only when needed)

        return lambda: open_tcp(url)
    for point in entry_points(group="patrolcar.links", name=scheme):
        opener: Opener = point.load()
        return lambda: opener(url)
    message = (
        f"{url}: unknown kind of link {scheme!r}; expected a serial port, usb://VID:PID, auto, "
        "socket://HOST:PORT or sim://SITE"
    )
    raise LinkError(message)


def _serial_opener(url: str) -> Callable[[], Link]:
    from patrolcar.links.probing import the_car  # noqa: PLC0415  (pyserial only when needed)
    from patrolcar.links.returning import ReturningPort  # noqa: PLC0415  (as above)
    from patrolcar.links.serial_address import serial_address  # noqa: PLC0415  (as above)
    from patrolcar.links.usb_ports import listed_ports  # noqa: PLC0415  (as above)

    address = serial_address(url)
    if address.is_auto:
        address = address.at(the_car(address, listed_ports(), open_link, time.monotonic_ns))
    return ReturningPort(address, listed_ports)
