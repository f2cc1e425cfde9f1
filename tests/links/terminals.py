"""Pseudo-terminals that stand in for serial ports."""

from __future__ import annotations

import os
import pty
import select
import tty
from collections.abc import Callable, Iterator

import pytest


class Terminal:
    """A serial port at ``path`` and its far end ``master``; ``unplug`` is what pulling the cable is."""

    def __init__(self) -> None:
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        os.close(slave)
        os.set_blocking(self.master, False)
        self.is_plugged = True

    def says(self, data: bytes) -> None:
        os.write(self.master, data)

    def heard(self) -> bytes:  # nothing, too, when nobody has the port open
        try:
            return os.read(self.master, 65536)
        except OSError:
            return b""

    def heard_within(self, wait_s: float) -> bytes:
        select.select([self.master], [], [], wait_s)
        return self.heard()

    def unplug(self) -> None:
        if self.is_plugged:
            os.close(self.master)
            self.is_plugged = False


@pytest.fixture
def plug() -> Iterator[Callable[[], Terminal]]:
    """Plug in another terminal."""
    made: list[Terminal] = []

    def one() -> Terminal:
        made.append(Terminal())
        return made[-1]

    yield one
    for terminal in made:
        terminal.unplug()
