"""Ask who is at the other end, without taking the car. No I/O, no clock.

A HELLO_REQUEST with session 0 is answered like any other and never gives anybody the car, so asking
changes nothing: not the owner, not what he drives. Asked at a lower baud rate than the car's, though, the
question would look like a break, which is a STOP. So the line is heard first: a car talks all the time, and
where something talks that we do not understand, we ask late or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, auto
from types import MappingProxyType
from typing import Final

from firmware_protocol.framing import FrameDecoder, FrameEncoder, Reject
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
QUIET_NS: Final = 50_000_000  # a car's telemetry comes more often
STUBBORN_NS: Final = 400_000_000  # until a line that makes no sense is asked nevertheless
MOST_KEPT: Final = 4096  # bytes of the line's own, to tell what it is


class Voice(IntEnum):
    """What kind of thing talks on a line; the smaller, the more we know of it."""

    CAR = auto()  # a controller has said who it is
    ECHO = auto()  # our own frames come back
    DEAF = auto()  # a controller's telemetry, but no answer
    STRANGER = auto()  # another protocol that we can name
    TEXT = auto()
    GARBAGE = auto()
    SILENCE = auto()


class Greeting:
    """One question, asked ten times a second, and all that came back.

    Args:
        insist: Ask at last also where something else seems to talk.

    """

    def __init__(self, *, insist: bool = True) -> None:
        self.decoder = FrameDecoder()
        self.hello: Hello | None = None
        self.status: Status | None = None
        self.stats: list[LinkStats] = []
        self.round_trips_ns: list[int] = []
        self.received = b""  # the newest bytes, at most MOST_KEPT
        self.bytes_received = 0
        self.echoes = 0  # our own frames that came back
        self._insists = insist
        self._encoder = FrameEncoder()
        self._began_ns: int | None = None
        self._due_ns = 0
        self._asked_ns: int | None = None

    def poll(self, now_ns: int) -> bytes:
        """Return the question when it is due."""
        if self._began_ns is None:
            self._began_ns = self._due_ns = now_ns
        if now_ns < self._due_ns or not self._may_ask(now_ns - self._began_ns):
            return b""
        self._asked_ns = now_ns
        self._due_ns = now_ns + ASK_EVERY_NS
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
    def voice(self) -> Voice:
        """What talks there, as far as it can be told."""
        if self.is_answered:
            return Voice.CAR
        if self.echoes:
            return Voice.ECHO
        if self.decoder.frames:
            return Voice.DEAF
        if not self.received:
            return Voice.SILENCE
        if stranger_in(self.received):
            return Voice.STRANGER
        return Voice.TEXT if is_text(self.received) else Voice.GARBAGE

    def sentence(self) -> str:
        """Say in a few words what talks there."""
        if self.hello is not None:
            return version_mismatch(self.hello) or f"patrolcar controller ({target_name(self.hello)})"
        match self.voice:
            case Voice.STRANGER:
                return f"another protocol: {stranger_in(self.received)}"
            case Voice.TEXT:
                return f"text: {sample(self.received)}"
            case Voice.GARBAGE:
                return f"{self.bytes_received} bytes that nobody understands"
            case voice:
                return _SENTENCES[voice]

    def _may_ask(self, listened_ns: int) -> bool:
        if not self.bytes_received:
            return listened_ns >= QUIET_NS
        makes_sense = self.decoder.frames > 0 or self.decoder.rejects[Reject.BAD_CRC] > 0  # another schema
        return makes_sense or (self._insists and listened_ns >= STUBBORN_NS)

    def _greeted(self, hello: Hello, now_ns: int) -> None:
        self.hello = hello
        if self._asked_ns is not None:
            self.round_trips_ns.append(now_ns - self._asked_ns)
            self._asked_ns = None


def target_name(hello: Hello) -> str:
    """Return what answers: hardware, simulator, emulator, or a number a newer firmware has."""
    return TargetKind(hello.target).name.lower() if hello.target in set(TargetKind) else str(hello.target)


_SENTENCES: Final[Mapping[Voice, str]] = MappingProxyType(
    {
        Voice.ECHO: "our own bytes come back",
        Voice.DEAF: "a patrolcar controller that does not hear us",
        Voice.SILENCE: "silent",
    }
)
