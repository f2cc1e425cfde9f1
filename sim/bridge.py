"""A simulated line in front of a TCP port: an emulated board, or anything else that speaks over one."""

from __future__ import annotations

import contextlib
import socket
from typing import Final

from sim.line import NS_PER_S, Channel, LineParameters
from sim.noise import stream

CHUNK: Final = 4096
STEP_NS: Final = NS_PER_S // 100
WITHIN_S: Final = 10.0


class Bridge:
    """Takes bytes for the far end, and brings those that it sent, both as the line lets them through.

    It has the ``step`` of a simulated car, so ``sim.doors.serve`` puts it behind any door.

    Args:
        address: Host and port of the far end.
        line: How both directions behave.
        seed: Of the line's noise.

    Raises:
        OSError: Nobody listens there.

    """

    def __init__(self, address: tuple[str, int], line: LineParameters, seed: int = 0) -> None:
        self._far = socket.create_connection(address, WITHIN_S)
        self._far.setblocking(False)
        self._far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._uplink = Channel(line, stream(seed, "line to the controller"))
        self._downlink = Channel(line, stream(seed, "line to the host"))
        self._unsent = b""
        self._now_ns = 0
        self.is_gone = False

    def step(self, received: bytes) -> bytes:
        """Let 10 ms of the line pass."""
        self._now_ns += STEP_NS
        self._uplink.put(received, self._now_ns)
        self._unsent += self._uplink.take(self._now_ns)
        if self._unsent:
            with contextlib.suppress(BlockingIOError):
                self._unsent = self._unsent[self._far.send(self._unsent) :]
        self._downlink.put(self._said(), self._now_ns)
        return self._downlink.take(self._now_ns)

    def _said(self) -> bytes:
        try:
            data = self._far.recv(CHUNK)
        except BlockingIOError:
            return b""
        self.is_gone = self.is_gone or not data
        return data

    def close(self) -> None:
        """Hang up."""
        self._far.close()
