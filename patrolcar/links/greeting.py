"""Ask who is at the other end, without taking the car. No I/O, no clock.

A HELLO_REQUEST with session 0 is answered like any other and never gives anybody the car, so asking
changes nothing: not the owner, not what he drives.
"""

from __future__ import annotations

from typing import Final

from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    SPEC_OF,
    Hello,
    HelloRequest,
    LinkStats,
    Status,
    TargetKind,
)
from firmware_protocol.session import version_mismatch
from patrolcar.links.strangers import is_text, sample, stranger_in

ASK_EVERY_NS: Final = 100_000_000
NOBODY: Final = 0  # the session number that never gets the car
MOST_KEPT: Final = 4096  # bytes of the line's own, to tell what it is


class Greeting:
    """One question, asked ten times a second, and all that came back."""

    def __init__(self) -> None:
        self.decoder = FrameDecoder()
        self.hello: Hello | None = None
        self.status: Status | None = None
        self.stats: list[LinkStats] = []
        self.round_trips_ns: list[int] = []
        self.received = b""  # the newest bytes, at most MOST_KEPT
        self.bytes_received = 0
        self.echoes = 0  # our own frames that came back
        self._encoder = FrameEncoder()
        self._due_ns: int | None = None
        self._asked_ns: int | None = None

    def poll(self, now_ns: int) -> bytes:
        """Return the question when it is due."""
        if self._due_ns is not None and now_ns < self._due_ns:
            return b""
        self._due_ns = self._asked_ns = now_ns
        self._due_ns += ASK_EVERY_NS
        return self._encoder.encode(SPEC_OF[HelloRequest], HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, NOBODY))

    def receive(self, data: bytes, now_ns: int) -> None:
        """Take in what came."""
        self.bytes_received += len(data)
        self.received = (self.received + data)[-MOST_KEPT:]
        for frame in self.decoder.feed(data):
            if frame.spec.to_controller:
                self.echoes += 1
                continue
            match frame.spec.unpack(frame.payload):
                case Hello() as hello:
                    self._greeted(hello, now_ns)
                case Status() as status:
                    self.status = status
                case LinkStats() as stats:
                    self.stats.append(stats)

    @property
    def is_answered(self) -> bool:
        """Whether a controller has said who it is."""
        return self.hello is not None

    @property
    def is_ours(self) -> bool:
        """Whether it is a controller this host can drive."""
        return self.hello is not None and not version_mismatch(self.hello)

    def sentence(self) -> str:
        """Say in a few words who answers."""
        if self.hello is not None:
            return version_mismatch(self.hello) or f"patrolcar controller ({target_name(self.hello)})"
        return stranger_sentence(self)

    def _greeted(self, hello: Hello, now_ns: int) -> None:
        self.hello = hello
        if self._asked_ns is not None:
            self.round_trips_ns.append(now_ns - self._asked_ns)
            self._asked_ns = None


def stranger_sentence(greeting: Greeting) -> str:
    """Say what is on a line where no controller has said who it is."""
    heard = greeting.received
    if greeting.echoes:
        return "our own bytes come back: are TX and RX joined, or does the port echo?"
    if greeting.decoder.frames:
        return "a patrolcar controller that does not hear us: is our TX on its RX?"
    if not heard:
        return "silent"
    if name := stranger_in(heard):
        return f"another protocol: {name}"
    if is_text(heard):
        return f"text: {sample(heard)}"
    return f"{greeting.bytes_received} bytes that nobody understands: another baud rate, or another protocol"


def target_name(hello: Hello) -> str:
    """Return what answers: hardware, simulator, emulator, or a number a newer firmware has."""
    return TargetKind(hello.target).name.lower() if hello.target in set(TargetKind) else str(hello.target)
