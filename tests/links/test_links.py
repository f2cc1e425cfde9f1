"""What links promise: never wait, never queue, and fail only with a sentence."""

from __future__ import annotations

import os
import pty
import select
import socket
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.errors import LinkError
from patrolcar.links import Link, open_link
from patrolcar.links.outbox import Outbox
from patrolcar.links.serial_port import MOST_WAITING


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    os.close(slave)
    os.set_blocking(master, False)
    yield master, path
    os.close(master)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=30), st.integers(0, 30)), max_size=40))
def test_a_line_that_stalls_gets_whole_writes_and_never_more_than_two_wait(
    story: list[tuple[bytes, int]],
) -> None:
    line, room = bytearray(), 0

    def send(data: bytes) -> int:
        nonlocal room
        taken = min(room, len(data))
        line.extend(data[:taken])
        room -= taken
        return taken

    outbox = Outbox(send)
    for data, more in story:
        room += more
        outbox.put(data)
        assert len(outbox._begun) + len(outbox._newest) <= 60
    room = 10_000
    outbox.flush()
    outbox.flush()
    written = [data for data, _ in story]
    assert _is_subsequence_of_writes(bytes(line), written)
    assert not story or bytes(line).endswith(written[-1])


def _is_subsequence_of_writes(line: bytes, writes: list[bytes]) -> bool:
    reachable = {0}
    for data in writes:
        reachable |= {at + len(data) for at in reachable if line.startswith(data, at)}
    return len(line) in reachable


def test_a_serial_port_carries_bytes_both_ways(terminal: tuple[int, str]) -> None:
    master, path = terminal
    link = open_link(path)
    assert isinstance(link, Link)
    assert link.read(0) == b""
    os.write(master, b"\x00\x01\xff hello\r\n\x03")
    assert link.read(0) == b"\x00\x01\xff hello\r\n\x03"
    link.write(b"\x00\x11\x13\x7f\n")
    assert os.read(master, 100) == b"\x00\x11\x13\x7f\n"
    link.close()


def test_a_peer_that_does_not_read_costs_no_time_and_little_memory(terminal: tuple[int, str]) -> None:
    _, path = terminal
    link = open_link(path)
    for _ in range(5000):
        link.write(b"x" * 24)
    link.close()


def test_a_device_that_leaves_is_told_as_one_kind_of_error() -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    link = open_link(path)
    os.close(slave)
    os.close(master)
    with pytest.raises(LinkError, match="gone"):
        link.read(0)
    with pytest.raises(LinkError, match="gone"):
        link.write(b"x")
    link.close()
    link.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("no-such-port", "cable plugged in"),
        (".", "folder"),
        ("socket://127.0.0.1", "socket://HOST:PORT"),
        ("socket://127.0.0.1:notaport", "socket://HOST:PORT"),
        ("socket://192.0.2.1:5760", "another machine"),
        ("carrier-pigeon://coop", "unknown kind of link"),
        ("sim://demo?seed=x", "seed=x"),
        ("/dev/null?baud=fast", "baud=N"),
        ("/dev/null?baud=0", "baud=N"),
        ("/dev/null", "not a serial port"),
    ],
)
def test_an_address_that_cannot_be_opened_says_why(url: str, words: str) -> None:
    with pytest.raises(LinkError) as refused:
        open_link(url)
    assert words in str(refused.value)


def test_a_tcp_link_carries_bytes_and_notices_the_end(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    link = open_link(f"socket://127.0.0.1:{port}")
    peer, _ = listener.accept()
    peer.sendall(b"abc")
    peer.settimeout(5)
    link.write(b"def")
    assert peer.recv(10) == b"def"
    received = b""
    while received != b"abc":
        received += link.read(0)
    peer.close()
    number = link.fileno()
    assert number is not None
    select.select([number], [], [], 5)
    with pytest.raises(LinkError, match="gone"):
        link.read(0)
    link.close()


def test_nobody_listening_is_said_with_a_hint(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(LinkError, match="simulator running"):
        open_link(f"socket://127.0.0.1:{port}")


def test_a_simulated_car_is_a_link_like_any_other() -> None:
    link = open_link("sim://demo?people=0&seed=3")
    assert isinstance(link, Link)
    link.read(0)
    assert len(link.read(100_000_000)) > 100
    assert link.read(100_000_000) == b""


def test_two_frames_wait_at_most_in_the_driver() -> None:
    assert MOST_WAITING <= 2 * 64


def test_a_symbolic_link_to_a_port_is_opened(terminal: tuple[int, str], tmp_path: Path) -> None:
    _, path = terminal
    name = tmp_path / "car"
    name.symlink_to(path)
    link = open_link(str(name))
    assert link.name == str(name)
    link.close()
