"""Who gets in at the simulator's TCP port."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from sim.doors import TcpDoor


@pytest.fixture
def door() -> Iterator[TcpDoor]:
    made = TcpDoor(0)
    yield made
    made.close()


def connected(door: TcpDoor) -> socket.socket:
    return socket.create_connection(("127.0.0.1", door.port), timeout=5)


def heard(door: TcpDoor) -> bytes:
    """Return what comes first, nothing when nothing comes."""
    return next((data for _ in range(20_000) if (data := door.receive())), b"")


def test_who_comes_right_after_another_has_left_is_let_in(door: TcpDoor) -> None:
    for _ in range(3):
        with connected(door) as client:
            client.sendall(b"hello")
            assert heard(door) == b"hello"
            door.send(b"you are in")
            assert client.recv(100) == b"you are in"


def test_who_comes_right_after_anothers_last_words_is_let_in(door: TcpDoor) -> None:
    with connected(door) as first:
        heard(door)
        first.sendall(b"last words")
    with connected(door) as second:
        second.sendall(b"here")
        assert heard(door) == b"last words"
        assert heard(door) == b"here"


def test_who_comes_while_another_is_there_is_turned_away(door: TcpDoor) -> None:
    with connected(door) as first:
        first.sendall(b"x")
        assert heard(door) == b"x"
        with connected(door) as second:
            door.receive()
            assert second.recv(100) == b""
        door.send(b"still you")
        assert first.recv(100) == b"still you"
