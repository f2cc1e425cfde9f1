"""The simulator's real-time doors: a pseudo-terminal and a TCP port, for any serial client.

The bytes are those of the in-process car. One client at a time; the car lives on without one, as a real
one would. This file waits and reads the clock, because a door in real time has to.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import select
import socket
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, Protocol

STEP_S: Final = 0.01
CHUNK: Final = 4096
MOST_UNSENT: Final = 8192  # a client that does not read loses what is older, as on a real line
LATE_S: Final = 0.5  # later than this the world does not catch up
LOOK_EVERY_STEPS: Final = 10


class Steps(Protocol):
    """A simulated car, or one at the other end of a simulated line."""

    def step(self, received: bytes) -> bytes:
        """Live for 10 ms with these bytes; return what comes back."""


class Traffic(NamedTuple):
    """What went through a door lately."""

    heard: int  # bytes
    said: int
    late_s: float  # how far the world was behind the clock, at worst


class Door(Protocol):
    """One way in."""

    def receive(self) -> bytes:
        """Return what the client sent since the last call."""

    def send(self, data: bytes) -> None:
        """Send what the client takes now."""

    def plug(self, *, is_in: bool) -> None:
        """Put the cable in, or pull it: then there is no port at all."""

    def close(self) -> None:
        """Close it."""


class PtyDoor:
    """A pseudo-terminal; ``path`` is the serial port to open.

    Args:
        link: Also make this symbolic link to it, so that the port has a name that stays.

    """

    def __init__(self, link: Path | None = None) -> None:
        self._claim = None if link is None else _claimed(link)
        self._link = link
        self._is_in = True
        self._master, self.path = _terminal()
        self._announce()

    def receive(self) -> bytes:
        """Return what the client sent."""
        try:
            return os.read(self._master, CHUNK)
        except OSError:  # nothing there, or nobody
            return b""

    def send(self, data: bytes) -> None:
        """Send; what a full line does not take is lost, and so is everything while nobody has it open."""
        if self._is_open():
            with contextlib.suppress(OSError):
                os.write(self._master, data)

    def plug(self, *, is_in: bool) -> None:
        """Pull the cable, or put it in again; it comes back under another name, and the link leads there."""
        if is_in == self._is_in:
            return
        self._is_in = is_in
        if is_in:
            self._announce()
            return
        self._conceal()
        pulled = self._master
        self._master, self.path = _terminal()  # before the old one is closed, so that it cannot get its name
        os.close(pulled)

    def close(self) -> None:
        """Close it and take the link away."""
        self._conceal()
        if self._claim is not None:
            self._claim.close()
        os.close(self._master)

    def _is_open(self) -> bool:
        """Whether a client has the port open; without one the terminal is hung up."""
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def _announce(self) -> None:
        if self._link is not None:
            self._link.symlink_to(self.path)

    def _conceal(self) -> None:
        if self._link is not None and self._link.is_symlink() and str(self._link.readlink()) == self.path:
            self._link.unlink()


def _terminal() -> tuple[int, str]:
    """Return our end of a new pseudo-terminal, and the name of the other end."""
    master, slave = os.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    os.close(slave)
    os.set_blocking(master, False)
    return master, name


def _claimed(link: Path) -> socket.socket:
    """Claim the name for this process and make way for a link to our terminal.

    The claim is a socket in the abstract namespace, which dies with its process however that ends. Only a
    link into /dev/pts is ever taken away: what a killed simulator left behind.

    Raises:
        FileExistsError: Something else has that name, or a simulator that still runs.

    """
    name = hashlib.sha256(str(link.absolute()).encode()).hexdigest()
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0patrolcar-sim-{name}")
    except OSError as error:
        claim.close()
        raise _taken(link, "another simulator uses that name") from error
    if link.is_symlink() and str(link.readlink()).startswith("/dev/pts/"):
        link.unlink()
    elif link.is_symlink() or link.exists():
        claim.close()
        raise _taken(link, "something else has that name")
    return claim


def _taken(link: Path, why: str) -> FileExistsError:
    return FileExistsError(errno.EEXIST, f"{why}; choose another with --link", str(link))


class TcpDoor:
    """A TCP port, by default on this machine's loopback; port 0 picks a free one."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._listener = socket.create_server((host, port))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._client: socket.socket | None = None
        self._unsent = b""
        self._is_in = True

    def plug(self, *, is_in: bool) -> None:
        """Hang up and turn everybody away, or let clients in again."""
        self._is_in = is_in
        if not is_in:
            self._hang_up()

    def receive(self) -> bytes:
        """Return what the client sent; a client that connects while another is there is turned away."""
        data = self._received()
        self._welcome()  # after reading: who has just left makes room for who has just come
        return data

    def _received(self) -> bytes:
        """Return all that is there, and see whether the client has left after its last words."""
        data = b""
        while self._client is not None and len(data) < CHUNK:
            try:
                more = self._client.recv(CHUNK)
            except BlockingIOError:
                break
            except OSError:
                more = b""
            if not more:
                self._hang_up()
            data += more
        return data

    def send(self, data: bytes) -> None:
        """Send; a client that does not read loses what is older."""
        if self._client is None:
            return
        self._unsent = (self._unsent + data)[-MOST_UNSENT:]
        try:
            self._unsent = self._unsent[self._client.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError:
            self._hang_up()

    def close(self) -> None:
        """Hang up and stop listening."""
        self._hang_up()
        self._listener.close()

    def _welcome(self) -> None:
        if not select.select([self._listener], [], [], 0)[0]:
            return
        client, _ = self._listener.accept()
        if self._client is not None or not self._is_in:
            client.close()
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = client

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client, self._unsent = None, b""


def serve(
    car: Steps,
    door: Door,
    ended: Callable[[], bool],
    look: Callable[[Traffic], None] | None = None,
    plugged: Callable[[], bool] | None = None,
) -> None:
    """Let the car live in real time behind the door until ``ended``.

    Args:
        car: It takes one step every 10 ms.
        door: Where its bytes go and come from.
        ended: Asked before every step.
        look: Called ten times a second with what has happened since the last call; it must be quick.
        plugged: Whether the cable is in.

    """
    due_s, lately, steps = time.monotonic(), Traffic(0, 0, 0.0), 0
    while not ended():
        received = door.receive()
        said = car.step(received)
        door.send(said)
        if plugged is not None:
            door.plug(is_in=plugged())
        steps, due_s = steps + 1, due_s + STEP_S
        left_s = due_s - time.monotonic()
        lately = Traffic(lately.heard + len(received), lately.said + len(said), max(lately.late_s, -left_s))
        if look is not None and steps % LOOK_EVERY_STEPS == 0:
            look(lately)
            lately = Traffic(0, 0, 0.0)
            left_s = due_s - time.monotonic()
        if left_s > 0:
            time.sleep(left_s)
        elif left_s < -LATE_S:
            due_s = time.monotonic()
