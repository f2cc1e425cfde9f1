"""Programs that a command starts beside itself and ends again: the core, the simulator."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final, TypeAlias

from patrolcar.errors import LinkError

START_WITHIN_S: Final = 15.0
END_WITHIN_S: Final = 3.0

Output: TypeAlias = int | IO[bytes]
"""Where a child writes: a file, or its number."""


@contextlib.contextmanager
def beside(log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``patrolcar`` with these arguments for as long as the block lasts; its output goes to ``log``."""
    with log.open("wb") as output, running(arguments, stdout=output, stderr=subprocess.STDOUT) as child:
        yield child


@contextlib.contextmanager
def running(
    arguments: Sequence[str], *, stdout: Output, stderr: Output, pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``patrolcar`` with these arguments for as long as the block lasts.

    It reads nothing and is in a session of its own: a suspended screen does not suspend it.
    """
    child = subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, "-m", "patrolcar", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        pass_fds=pass_fds,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def await_ready(child: subprocess.Popen[bytes], log: Path, is_ready: Callable[[], bool]) -> None:
    """Wait until the child is ready.

    Raises:
        LinkError: It ended or took too long; the text is what it printed.

    """
    end_s = time.monotonic() + START_WITHIN_S
    while not is_ready():
        if child.poll() is not None or time.monotonic() > end_s:
            printed = log.read_text(encoding="utf-8", errors="replace").strip()
            message = f"`patrolcar {' '.join(map(str, child.args[3:]))}` did not start:\n{printed}"  # type: ignore[index]  # we passed a list
            raise LinkError(message)
        time.sleep(0.02)  # another process is starting; there is nothing to wait on
