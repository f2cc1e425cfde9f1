"""A real pseudo-terminal, a real core's socket, a process of its own: STOP must not wait for the screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_core import FakeCore

from patrolcar.pilot.intents import Drive, StopCar

PROGRAM = """
import sys
from patrolcar import dashboard
from patrolcar.client import Client
make = lambda: Client.connect(sys.argv[1], "dash")
sys.exit(dashboard.run(make(), reconnect=make))
"""
PATIENCE_S = 15.0


class Terminal:
    """The dashboard in a pseudo-terminal of 120x36; :meth:`read` plays the part of the screen."""

    def __init__(self, core: FakeCore) -> None:
        self.core = core
        self.fd, inner = pty.openpty()
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(core.path)],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env=environment,
            start_new_session=True,
        )
        os.close(inner)
        self.seen = b""

    def type(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def until(self, happened: Callable[[], bool], *, reads: bool = True) -> None:
        """Wait for something, reading the screen meanwhile or, stalled, not reading it."""
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < deadline, self.seen[-2000:]
            readable, _, _ = select.select([self.fd] if reads else [], [], [], 0.01)
            if readable:
                with contextlib.suppress(OSError):  # the other end is closed: the process has ended
                    self.seen += os.read(self.fd, 65536)

    def stall(self) -> None:
        """Stop reading, and have it drawn again and again until nothing goes through any more."""
        for turn in range(80):
            fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120 + turn % 2, 0, 0))
            self.process.send_signal(signal.SIGWINCH)
            self.pass_unread(0.02)
        self.type(b"D")  # Textual's own keys are not heard any more
        self.pass_unread(0.5)
        assert "Disarm" not in self.core.kinds()

    def pass_unread(self, span_s: float) -> None:
        end = time.monotonic() + span_s
        self.until(lambda: time.monotonic() >= end, reads=False)

    def read_for(self, span_s: float) -> None:
        end = time.monotonic() + span_s
        self.until(lambda: time.monotonic() >= end)

    def hang_up(self) -> None:
        """Close the terminal's window."""
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=PATIENCE_S)
        self.hang_up()

    def motions(self) -> list[Drive]:
        return [intent for _, intent in self.core.intents if isinstance(intent, Drive)]

    def has_stopped(self) -> bool:
        return any(isinstance(intent, StopCar) for _, intent in self.core.intents)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with FakeCore(tmp_path / "core.sock") as core:
        core.fields["mode"] = "MANUAL"
        made = Terminal(core)
        made.until(lambda: b"MANUAL" in made.seen)
        made.read_for(0.5)  # the first pictures come late, and a late screen does not drive
        yield made
        made.close()


def test_space_reaches_the_core_although_nobody_reads_the_screen(terminal: Terminal) -> None:
    terminal.stall()
    pressed = time.monotonic()
    terminal.type(b" ")
    terminal.until(terminal.has_stopped, reads=False)
    came = next(at for at, intent in terminal.core.intents if isinstance(intent, StopCar))
    assert came - pressed < 1.0


def test_a_signal_ends_it_in_order_although_nobody_reads_the_screen(terminal: Terminal) -> None:
    terminal.stall()
    terminal.process.send_signal(signal.SIGHUP)
    told = time.monotonic()
    terminal.until(lambda: terminal.process.poll() is not None, reads=False)
    assert terminal.process.returncode == 130
    assert time.monotonic() - told < 3.5  # not by the last resort


def test_a_key_with_release_drives_until_it_is_let_go_and_a_signal_ends_it(terminal: Terminal) -> None:
    terminal.type(b"\x1b[?27u")  # as a terminal answers that has Kitty's protocol
    terminal.type(b"\x1b[119;1:1;119u")
    terminal.until(lambda: len(terminal.motions()) >= 4)
    terminal.type(b"\x1b[119;1:3u")
    terminal.until(lambda: terminal.motions()[-1].vx_mps == 0.0)
    terminal.read_for(0.3)
    speeds = [drive.vx_mps for drive in terminal.motions()]
    assert speeds[-4:] == [pytest.approx(0.36), 0.0, 0.0, 0.0]
    terminal.process.send_signal(signal.SIGTERM)
    terminal.until(lambda: terminal.process.poll() is not None)
    assert terminal.process.returncode == 130
    assert b"\x1b[?1049l" in terminal.seen  # the terminal is left as it was found


def test_a_terminal_that_is_closed_ends_the_dashboard_and_the_motion(terminal: Terminal) -> None:
    terminal.type(b"\x1b[?27u\x1b[119;1:1;119u")
    terminal.until(lambda: len(terminal.motions()) >= 2)
    terminal.hang_up()
    terminal.until(lambda: terminal.process.poll() is not None, reads=False)
    assert terminal.process.returncode == 130  # in order: what the command started can be ended too
    assert terminal.motions()[-1].vx_mps == 0.0


def test_it_connects_again_when_the_core_comes_back(terminal: Terminal, tmp_path: Path) -> None:
    terminal.core.close()
    terminal.until(lambda: b"NO CORE" in terminal.seen)
    with FakeCore(tmp_path / "core.sock") as core:
        core.fields["mode"] = "HOLD"
        terminal.until(lambda: b"HOLD" in terminal.seen)
        terminal.core = core
        terminal.type(b"\x18")
        terminal.until(terminal.has_stopped)
        terminal.close()


def test_ctrl_c_twice_stops_the_car_and_ends_the_dashboard(terminal: Terminal) -> None:
    terminal.type(b"\x03")
    terminal.until(terminal.has_stopped)
    terminal.type(b"\x03")
    terminal.until(lambda: terminal.process.poll() is not None)
    assert terminal.process.returncode == 0
    assert b"\x1b[?1049l" in terminal.seen
