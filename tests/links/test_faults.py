"""Whatever a port does to us, one kind of error comes out and the one who owns the port lives on."""

from __future__ import annotations

import errno
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serial import PortNotOpenError, SerialException, SerialTimeoutException
from terminals import plug

from patrolcar.errors import LinkError
from patrolcar.links import open_link, tty
from patrolcar.links.serial_port import MOST_WAITING, SerialLink
from patrolcar.runtime.connection import Connection

__all__ = ["plug"]

TURN_NS = 20_000_000
FAULTS: list[Callable[[], Exception]] = [
    lambda: OSError(errno.EIO, "Input/output error"),
    lambda: OSError(errno.ENXIO, "No such device or address"),
    lambda: BrokenPipeError(errno.EPIPE, "Broken pipe"),
    lambda: termios.error(errno.EIO, "Input/output error"),
    lambda: TypeError("'NoneType' object cannot be interpreted as an integer"),
    lambda: ValueError("file descriptor cannot be a negative integer (-1)"),
    lambda: SerialException("device reports readiness to read but returned no data"),
    lambda: SerialTimeoutException("Write timeout"),
    PortNotOpenError,
]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


faults = st.none() | st.sampled_from(FAULTS)
moments = st.fixed_dictionaries(
    {
        "open": faults,
        "read": faults,
        "write": faults,
        "unsent": faults,
        "fileno": faults,
        "close": faults,
        "room": st.integers(0, 60),
        "held": st.integers(0, 200),
        "bytes": st.sampled_from([b"", b"\0", b"AT\r", b"\xff" * 300]),
    }
)


class FaultyTty:
    """A port that does at each moment what the story says."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._is_open = True
        world.raise_if("open")
        world.open_ttys += 1

    def fileno(self) -> int:
        self._world.raise_if("fileno")
        return 0

    def read(self) -> bytes:
        self._world.raise_if("read")
        return bytes(self._world.now["bytes"])

    def write(self, data: bytes) -> int:
        self._world.raise_if("write")
        taken = min(len(data), int(self._world.now["room"]))
        self._world.carried += data[:taken]
        return taken

    def unsent(self) -> int:
        self._world.raise_if("unsent")
        return int(self._world.now["held"])

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._world.open_ttys -= 1
        self._world.raise_if("close")


class World:
    """What happens to the port now, and how many are open."""

    def __init__(self) -> None:
        self.now: dict[str, Any] = {}
        self.open_ttys = 0
        self.carried = bytearray()

    def raise_if(self, call: str) -> None:
        fault = self.now[call]
        if fault is not None:
            raise fault()

    def open(self) -> SerialLink:
        try:
            return SerialLink("/dev/ttyUSB0", FaultyTty(self))
        except (OSError, termios.error, TypeError, ValueError) as error:
            raise LinkError(str(error)) from error


@settings(max_examples=400)
@given(st.lists(moments, max_size=40))
def test_the_owner_of_the_port_survives_every_story_and_leaks_no_port(story: list[dict[str, Any]]) -> None:
    world = World()
    connection = Connection(world.open, "/dev/ttyUSB0")
    for turn, moment in enumerate(story):
        world.now = moment
        received, lost = connection.read(turn * TURN_NS)
        assert lost is None or (received == b"" and lost)
        connection.write(b"turn", turn * TURN_NS)
        connection.fileno()
        assert world.open_ttys <= 1
    connection.close()
    assert world.open_ttys == 0


def refusal(call: Callable[[], object]) -> str | None:
    try:
        call()
    except LinkError as error:
        return str(error)
    return None


@given(st.lists(moments, min_size=1, max_size=40))
def test_an_open_port_fails_only_with_a_link_error_that_names_it(story: list[dict[str, Any]]) -> None:
    world = World()
    world.now = {**story[0], "open": None}
    link = world.open()
    for moment in story:
        world.now = moment
        for call in (lambda: link.read(0), lambda: link.write(b"drive")):
            told = refusal(call)
            assert told is None or told.startswith("/dev/ttyUSB0: the port is gone (")
    link.close()


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 200)), max_size=60))
def test_a_driver_that_still_holds_two_frames_is_given_no_more(story: list[tuple[int, int]]) -> None:
    world = World()
    world.now = dict.fromkeys(("open", "read", "write", "unsent", "fileno", "close"))
    link = world.open()
    for room, held in story:
        world.now |= {"room": room, "held": held}
        before = len(world.carried)
        link.write(b"0123456789")
        assert held <= MOST_WAITING or len(world.carried) == before
    link.close()


def test_a_hundred_losses_leave_no_file_open(plug: Callable[[], Any]) -> None:
    before = open_files()
    terminal = plug()
    connection = Connection(lambda: open_link(terminal.path), "car")
    now_ns = 0
    for _ in range(100):
        now_ns += 1_000_000_000
        connection.read(now_ns)
        terminal.says(b"telemetry")
        assert connection.read(now_ns) == (b"telemetry", None)
        connection.write(b"half a fra", now_ns)
        terminal.unplug()
        assert connection.read(now_ns + TURN_NS)[1] is not None
        terminal = plug()
    connection.close()
    terminal.unplug()
    assert open_files() == before


def test_a_port_that_fails_just_after_it_was_opened_is_closed_again(
    plug: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(number: int) -> None:
        del number
        raise termios.error(errno.EIO, "Input/output error")

    monkeypatch.setattr(tty, "_keep_lines_on_close", leave)
    terminal = plug()
    before = open_files()
    with pytest.raises(LinkError, match="nobody is at the other end"):
        open_link(terminal.path)
    assert open_files() == before


@pytest.mark.parametrize("path", ["no-such-port", "/dev/null", ".", __file__])
def test_a_port_that_cannot_be_opened_leaves_no_file_open(path: str) -> None:
    before = open_files()
    for _ in range(20):
        with pytest.raises(LinkError):
            open_link(path)
    assert open_files() == before
