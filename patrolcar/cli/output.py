"""What commands print: a progress bar on a terminal, plain lines in a pipe, one JSON object at the end."""

from __future__ import annotations

import contextlib
import json
import queue
import sys
import threading
from typing import Any, Final

MOST_LINES: Final = 500
BAR_WIDTH: Final = 30
PLAIN_STEP: Final = 0.1


class Printer:
    """Prints lines from a thread of its own, so that a terminal that does not read never holds up a car.

    What does not fit the queue is dropped.
    """

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue(MOST_LINES)
        threading.Thread(target=self._print, daemon=True).start()

    def __call__(self, line: str) -> None:
        """Print a line soon, or never."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(line)

    def _print(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # whoever read this has left
            while True:
                print(self._lines.get(), flush=True)


class Progress:
    """Shows how far long work is, on standard error.

    Args:
        title: What is being done.
        quiet: Show nothing.

    """

    def __init__(self, title: str, *, quiet: bool = False) -> None:
        self._title = title
        self._quiet = quiet
        self._on_terminal = sys.stderr.isatty()
        self._shown = -1.0

    def show(self, share: float, text: str) -> None:
        """Show a share from 0 to 1, and what is happening."""
        if self._quiet:
            return
        if self._on_terminal:
            filled = round(share * BAR_WIDTH)
            bar = "█" * filled + "░" * (BAR_WIDTH - filled)
            sys.stderr.write(f"\r\x1b[K{self._title} {bar} {share:4.0%} {text[:60]}")
            sys.stderr.flush()
        elif share >= self._shown + PLAIN_STEP:
            self._shown = share
            sys.stderr.write(f"{self._title}: {share:.0%} {text}\n")

    def end(self) -> None:
        """Clear the bar."""
        if self._on_terminal and not self._quiet:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def print_json(result: dict[str, Any]) -> None:
    """Print one JSON object as the last line."""
    print(json.dumps(result, ensure_ascii=False))
