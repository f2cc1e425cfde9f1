"""The demo as a person sees it: a real terminal, three processes, keys and the screen."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

DEADLINE_S = 40.0

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux shows the screen; it is not installed"
)


class Terminal:
    """A tmux session of its own server, so that nobody else's is touched."""

    def __init__(self, socket: Path, columns: int, rows: int, command: str) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
        size = ["-x", str(columns), "-y", str(rows)]
        subprocess.run([*self._tmux, "new-session", "-d", *size, command], check=True)

    def screen(self) -> str:
        done = subprocess.run(
            [*self._tmux, "capture-pane", "-p"], capture_output=True, text=True, check=False
        )
        return done.stdout

    def press(self, key: str) -> None:
        subprocess.run([*self._tmux, "send-keys", key], check=True)

    def shows(self, *words: str) -> str:
        """Wait until the screen shows all the words."""
        end = time.monotonic() + DEADLINE_S
        while True:
            screen = self.screen()
            if all(word in screen for word in words):
                return screen
            assert time.monotonic() < end, f"{words} never came up:\n{screen}"
            select.select([], [], [], 0.1)

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)


@pytest.fixture(params=[(80, 24), (120, 36)], ids=["80x24", "120x36"])
def demo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    columns, rows = request.param
    command = f"'{sys.executable}' -m patrolcar demo; echo ended with $?; cat"
    terminal = Terminal(tmp_path / "tmux", columns, rows, command)
    yield terminal
    terminal.close()


def test_the_demo_shows_a_moving_patrol_and_space_stops_it(demo: Terminal) -> None:
    screen = demo.shows("PATROL", "SIM", "SPACE = STOP", "to entrance")
    assert max(len(line) for line in screen.splitlines()) <= 120
    demo.press("Space")
    demo.shows("STOPPED", "STOP was pressed", "HOLD", "v +0.00 m/s")
    demo.press("R")
    demo.press("y")
    demo.shows("DISARMED")
    demo.press("C-q")
    demo.shows("ended with 0")
