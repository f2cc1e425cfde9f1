"""One look at a simulated world in a real terminal, from its first picture to its end."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from patrolcar.dashboard.world.app import WorldApp
from patrolcar.dashboard.world.view import WorldView, world_view
from patrolcar.pilot.welcome import Welcome

INTERRUPTED: Final = 130
LARGEST: Final = 1 << 20
_PATIENCE_S: Final = 2.0


def newest(pictures: socket.socket) -> WorldView | None:
    """Return the newest picture that waits in a socket that does not block, or None; older ones are skipped.

    Raises:
        EOFError: Nothing waits and the other end has gone.

    """
    found: bytes | None = None
    while True:
        try:
            message = pictures.recv(LARGEST)
        except BlockingIOError:
            break
        except OSError:
            message = b""
        if not message:
            if found is None:
                raise EOFError
            break
        found = message
    return None if found is None else world_view(found)


def show(welcome: Welcome, address: str, pictures: socket.socket, *, ascii_only: bool) -> int:
    """Show the world until the person quits; return 0, 4 when the simulator has gone, or 130."""
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    pictures.setblocking(False)
    encoding = (getattr(sys.__stderr__, "encoding", None) or "").lower().replace("-", "")
    app = WorldApp(
        welcome,
        address,
        lambda: newest(pictures),
        ascii_only=ascii_only or encoding not in {"utf8", "utf16", "utf32"},
    )
    with _told_to_end(app):
        result = app.run()
    return INTERRUPTED if result is None else result


@contextmanager
def _told_to_end(app: WorldApp) -> Iterator[None]:
    """End in order on SIGTERM and SIGHUP; at once when the terminal takes nothing any more."""

    def end(number: int, _frame: FrameType | None) -> None:
        del number
        timer = threading.Timer(_PATIENCE_S, lambda: os._exit(INTERRUPTED))
        timer.daemon = True
        timer.start()
        app.call_later(app.exit, INTERRUPTED)

    old = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
