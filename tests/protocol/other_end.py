"""The other end of a host's session: it says what a controller would, and hears each frame with its time."""

from __future__ import annotations

from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    SPEC_OF,
    Alive,
    Cmd,
    Hello,
    Message,
    Resp,
    Result,
)
from firmware_protocol.session import LinkEvent, Session

MS = 1_000_000
OURS, BOOT, UID = 9, 5, bytes(range(12))


class Controller:
    """What the other end would say, and what it hears, each frame with the time it was sent."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.heard: list[tuple[int, Message]] = []
        self.events: list[LinkEvent] = []
        self.told: list[Message] = []  # what the session gave on
        self._encoder, self._decoder = FrameEncoder(), FrameDecoder()

    def says(self, now_ms: float, *messages: Message) -> list[LinkEvent]:
        wire = b"".join(self._encoder.encode(SPEC_OF[type(message)], message) for message in messages)
        told, events = self.session.receive(wire, round(now_ms * MS))
        self.told += told
        self.events += events
        return events

    def loses(self, count: int) -> None:
        """Send so many frames that never arrive."""
        for _ in range(count):
            self._encoder.encode(SPEC_OF[Alive], Alive(0, BOOT, 0, 0))

    def polls(self, now_ms: float, loop_count: int = 0) -> list[Message]:
        wire, events = self.session.poll(loop_count, round(now_ms * MS))
        self.events += events
        said = self.hears(wire)
        self.heard += [(round(now_ms), message) for message in said]
        return said

    def hears(self, wire: bytes) -> list[Message]:
        return [frame.spec.unpack(frame.payload) for frame in self._decoder.feed(wire)]

    def commands(self) -> list[tuple[int, Cmd]]:
        return [(at_ms, message) for at_ms, message in self.heard if isinstance(message, Cmd)]

    def answer(self, now_ms: float, result: int = Result.OK, detail: int = 0) -> list[LinkEvent]:
        last = self.commands()[-1][1]
        return self.says(now_ms, Resp(last.session, last.transaction, last.command, result, detail))


def hello(session: int, *, boot_id: int = BOOT, major: int = MAJOR, uid: bytes = UID) -> Hello:
    return Hello(MAGIC, major, MINOR, SCHEMA, boot_id, session, b"\0\1\0", 0, 1, 0, 247, uid)


def connected(number: int = OURS) -> Controller:
    far = Controller(Session(number))
    far.polls(0)
    far.says(1, hello(number))
    return far
