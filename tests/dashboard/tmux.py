"""A real terminal for tests: what a person sees, and keys."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from pathlib import Path

DEADLINE_S = 40.0
IS_INSTALLED = shutil.which("tmux") is not None


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

    def resize(self, columns: int, rows: int) -> None:
        subprocess.run([*self._tmux, "resize-window", "-x", str(columns), "-y", str(rows)], check=True)

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)
