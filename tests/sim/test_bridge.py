"""A line in front of a TCP port: what it lets through, late and damaged as it says."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator

import pytest

from sim.bridge import Bridge
from sim.line import PERFECT, LineParameters


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def bridged(listener: socket.socket, line: LineParameters) -> tuple[Bridge, socket.socket]:
    bridge = Bridge(listener.getsockname(), line, seed=1)
    far, _ = listener.accept()
    return bridge, far


def heard(bridge: Bridge, wanted: int, received: bytes = b"") -> bytes:
    """Return what comes out in some steps, with patience for the machine and none for the line's clock."""
    data = bridge.step(received)
    for _ in range(1000):
        if len(data) >= wanted or bridge.is_gone:
            break
        select.select([], [], [], 0.001)
        data += bridge.step(b"")
    return data


def test_bytes_go_both_ways(listener: socket.socket) -> None:
    bridge, far = bridged(listener, PERFECT)
    with far:
        assert bridge.step(b"to the board") == b""
        assert far.recv(100) == b"to the board"
        far.sendall(b"to the host")
        assert heard(bridge, 11) == b"to the host"
    bridge.close()


def test_a_late_line_is_late_by_its_own_clock(listener: socket.socket) -> None:
    bridge, far = bridged(listener, LineParameters(latency_s=0.05))
    with far:
        far.setblocking(False)
        bridge.step(b"hello")
        for _ in range(4):
            bridge.step(b"")
        with pytest.raises(BlockingIOError):
            far.recv(100)
        bridge.step(b"")
        select.select([far], [], [], 10.0)
        assert far.recv(100) == b"hello"
    bridge.close()


def test_a_lossy_line_loses_its_share(listener: socket.socket) -> None:
    bridge, far = bridged(listener, LineParameters(loss=0.5))
    with far:
        bridge.step(bytes(4000))
        assert 1800 < len(far.recv(8000)) < 2200
    bridge.close()


def test_a_far_end_that_leaves_is_noticed(listener: socket.socket) -> None:
    bridge, far = bridged(listener, PERFECT)
    far.close()
    heard(bridge, 1)
    assert bridge.is_gone
    bridge.close()
