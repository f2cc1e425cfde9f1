"""One direction of a serial line: how long bytes take, and what becomes of them.

A byte takes ten bit times (8N1) and waits for those before it. A USB adapter hands over what it has only
when its timer says so. Noise flips bits, loses bytes, strikes in bursts, and a confused adapter says a
piece twice. A line with :data:`PERFECT` parameters delivers everything at once.

The same model stands before the in-process controller, a pseudo-terminal and an emulator: bytes and times
go in, bytes come out, and chance is a generator of the caller's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.native import steps
from sim.noise import chance_of, skipping

NS_PER_S: Final = 1_000_000_000
BITS_PER_BYTE: Final = 10  # a start bit, eight bits, a stop bit


@dataclass(frozen=True, slots=True)
class LineParameters:
    """How one direction of a line behaves.

    Attributes:
        baud: Bits per second, 0 for a line that needs no time.
        packet_s: A USB adapter hands over what came every so often: 0.001 for most, 0.016 for an FTDI
            whose latency timer was left alone, 0 for none.
        latency_s: What every byte takes besides.
        jitter_s: Largest extra delay of a piece, evenly spread; bytes never overtake each other.
        loss: Share of the bytes that never arrive.
        flips: Share of the bits that arrive inverted.
        bursts_per_s: How often noise strikes while bytes are under way.
        burst_bytes: How many bytes one strike replaces by noise.
        duplicates: Share of the pieces that arrive twice.
        connected: Without it nothing arrives.

    """

    baud: int = 0
    packet_s: float = 0.0
    latency_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    flips: float = 0.0
    bursts_per_s: float = 0.0
    burst_bytes: int = 8
    duplicates: float = 0.0
    connected: bool = True

    def __post_init__(self) -> None:
        """Refuse what no line can be."""
        shares = {name: getattr(self, name) for name in ("loss", "flips", "duplicates")}
        amounts = ("baud", "packet_s", "latency_s", "jitter_s", "bursts_per_s", "burst_bytes")
        wrong = [
            f"{name} is {share}, expected 0 to 1" for name, share in shares.items() if not 0 <= share <= 1
        ]
        wrong += [
            f"{name} is {getattr(self, name)}, expected 0 or more"
            for name in amounts
            if not 0 <= getattr(self, name) < float("inf")
        ]
        if wrong:
            message = "line: " + "; ".join(wrong)
            raise ValueError(message)

    @property
    def byte_ns(self) -> int:
        """How long one byte takes."""
        return BITS_PER_BYTE * NS_PER_S // self.baud if self.baud else 0

    @property
    def is_clean(self) -> bool:
        """Whether every byte arrives as it was sent."""
        return not (self.loss or self.flips or self.bursts_per_s or self.duplicates)


PERFECT: Final = LineParameters()


class Channel:
    """Bytes under way in one direction.

    ``parameters`` may be changed at any time; what is under way keeps its fate. While ``hold`` is set
    nothing is handed over, and nothing is lost: a queue is stuck. ``meddler``, when there is one, makes
    something else of what is sent.

    Args:
        parameters: How the line behaves.
        noise: Where chance comes from: a ``sim.noise.stream``.

    """

    def __init__(self, parameters: LineParameters, noise: np.random.Generator) -> None:
        self.hold = False
        self.meddler: Callable[[bytes], bytes] | None = None
        self._noise = noise
        self._chance, self._skip = chance_of(noise), skipping(noise)
        self.parameters = parameters
        self._free_ns = 0  # when the wire has sent everything
        self._last_ns = 0  # when the last piece began to arrive: nothing overtakes it
        self._flying: deque[tuple[int, int, bytes]] = deque()  # first arrival, time per byte, bytes

    @property
    def parameters(self) -> LineParameters:
        """How the line behaves."""
        return self._parameters

    @parameters.setter
    def parameters(self, line: LineParameters) -> None:
        """Let it behave otherwise from now on."""
        self._parameters, self._is_clean, self._byte_ns = line, line.is_clean, line.byte_ns
        self._latency_ns, self._packet_ns = round(line.latency_s * NS_PER_S), round(line.packet_s * NS_PER_S)

    @property
    def is_busy(self) -> bool:
        """Whether bytes are under way."""
        return bool(self._flying)

    @property
    def is_plain(self) -> bool:
        """Whether it does not matter in how many pieces bytes are sent before somebody looks for them."""
        return self._parameters is PERFECT and self.meddler is None

    @property
    def waiting(self) -> int:
        """How many bytes are under way."""
        return sum(len(data) for _, _, data in self._flying)

    def put(self, data: bytes, now_ns: int) -> None:
        """Send bytes at ``now_ns``."""
        line = self._parameters
        if not data or not line.connected:
            return
        if self.meddler is not None:
            data = self.meddler(data)
        if line is PERFECT:  # what is under way from before still comes first
            self._flying.append((max(now_ns, self._free_ns, self._last_ns), 0, data))
            return
        if not self._is_clean:
            data = self._damaged(data)
        start_ns, byte_ns, delay_ns = max(self._free_ns, now_ns), self._byte_ns, self._latency_ns
        if line.jitter_s:
            delay_ns = round((line.latency_s + line.jitter_s * self._noise.random()) * NS_PER_S)
        first_ns = max(start_ns + byte_ns + delay_ns, self._last_ns)
        self._free_ns = start_ns + byte_ns * len(data)
        self._last_ns = first_ns + byte_ns * max(len(data) - 1, 0)
        self._flying.append((first_ns, byte_ns, data))

    def take(self, now_ns: int) -> bytes:
        """Return what has arrived by ``now_ns``."""
        flying = self._flying
        if not flying or self.hold:
            return b""
        by_ns = now_ns - now_ns % self._packet_ns if self._packet_ns else now_ns
        if len(flying) == 1 and flying[0][1] == 0:  # one piece that comes all at once
            return flying.popleft()[2] if flying[0][0] <= by_ns else b""
        pieces = []
        while flying and flying[0][0] <= by_ns:
            first_ns, byte_ns, data = flying.popleft()
            count = (by_ns - first_ns) // byte_ns + 1 if byte_ns else len(data)
            if count < len(data):
                flying.appendleft((first_ns + count * byte_ns, byte_ns, data[count:]))
                data = data[:count]
            pieces.append(data)
        return b"".join(pieces)

    def drop(self) -> None:
        """Lose everything under way, as when the cable is pulled."""
        self._flying.clear()

    def _damaged(self, data: bytes) -> bytes:
        """Return the bytes as they arrive; chance is drawn for every bit, byte and piece, needed or not."""
        line = self._parameters
        if line.flips or line.bursts_per_s:
            data = steps().flip(self._chance, data, line.flips)
        else:
            self._skip(8 * len(data))
        if line.bursts_per_s:
            data = self._struck(data)
        return steps().lose(self._chance, data, line.loss, line.duplicates)

    def _struck(self, data: bytes) -> bytes:
        """Return the bytes with noise where bursts hit, a Poisson process over the time on the wire."""
        line, arrived = self._parameters, np.frombuffer(bytearray(data), np.uint8)
        on_wire_s = len(arrived) * (line.byte_ns or BITS_PER_BYTE * NS_PER_S // 115_200) / NS_PER_S
        for _ in range(self._noise.poisson(line.bursts_per_s * on_wire_s)):
            at = int(self._noise.integers(len(arrived)))
            hit = arrived[at : at + line.burst_bytes]
            hit[:] = self._noise.integers(0, 256, len(hit), np.uint8)
        return arrived.tobytes()
