"""A short talk with one car over a link of our own: who is it, read its parameters, change them. Never arms.

Reading takes the car from nobody. Changing needs the car for a moment, and asks first whether it is armed.
"""

from __future__ import annotations

import secrets
import select
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self, TypeVar

from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import SPEC_OF, Hello, Message, Param, State
from firmware_protocol.parameter_talk import Known, Script, Talk, reading
from firmware_protocol.parameters import Failed, Values
from firmware_protocol.session import LinkState, Session, version_mismatch
from patrolcar.errors import LinkError
from patrolcar.links import Link, open_link
from patrolcar.links.greeting import Greeting
from patrolcar.links.key_file import key_of

ANSWER_NS: Final = 2_000_000_000  # a board that resets when its port is opened is back by then
TALK_NS: Final = 20_000_000_000  # ends a talk on a line that lets through only now and then a frame
STEP_S: Final = 0.01
SESSIONS: Final = 65535

Outcome = TypeVar("Outcome")


class BenchTalk:
    """One car at the other end of a link, until it is closed.

    Args:
        address: What to open.
        now_ns: The clock.

    Raises:
        LinkError: It cannot be opened, no car answers, or the car speaks another version.

    """

    def __init__(self, address: str, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._link: Link = open_link(address)
        self._key = key_of(address)
        self._now_ns = now_ns
        self._greeting = Greeting()
        try:
            self.hello = self._greeted()
        except LinkError:
            self._link.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.close()

    @property
    def is_armed(self) -> bool:
        """Whether the car said that it is armed."""
        status = self._greeting.status
        return status is None or status.state == State.ARMED

    def read(self, known: Known | None = None) -> Values | Failed:
        """Return the values in use; takes the car from nobody."""
        encoder, decoder = FrameEncoder(), FrameDecoder()

        def heard(data: bytes, _now_ns: int) -> None:
            frames = decoder.feed(data)
            said = [frame.spec.unpack(frame.payload) for frame in frames if not frame.spec.to_controller]
            talk.receive([message for message in said if isinstance(message, Param)])

        def frame(message: Message) -> bytes:
            return encoder.encode(SPEC_OF[type(message)], message)

        talk: Talk[Values] = Talk(reading(self.hello, known), frame)
        self._until(lambda: talk.outcome is not None, talk.poll, heard, TALK_NS)
        return talk.outcome or Failed(_silent(self._link.name))

    def run(self, script_of: Callable[[int], Script[Outcome | Failed]]) -> Outcome | Failed:
        """Own the car for as long as a script takes; ``script_of`` makes it from the session's number."""
        if self.is_armed:
            return Failed("the car is armed: disarm it first; parameters change only at rest")
        session = Session(secrets.randbelow(SESSIONS) + 1, self._key)
        if failed := self._taken(session):
            return failed
        talk: Talk[Outcome] = Talk(script_of(session.number), session.frame, session.command)

        def due(now_ns: int) -> bytes:
            frames, events = session.poll(now_ns // 10_000_000, now_ns)
            talk.receive((), events)
            return frames + talk.poll(now_ns)

        def heard(data: bytes, now_ns: int) -> None:
            talk.receive(*session.receive(data, now_ns))

        self._until(lambda: talk.outcome is not None, due, heard, TALK_NS)
        return talk.outcome or Failed(_silent(self._link.name))

    # ------------------------------------------------------------------

    def _greeted(self) -> Hello:
        greeting = self._greeting

        def is_known() -> bool:
            return greeting.is_answered and greeting.status is not None

        self._until(is_known, greeting.poll, greeting.receive, ANSWER_NS)
        if greeting.hello is None:
            message = (
                f"{self._link.name}: no car answers ({greeting.sentence()}): "
                f"`patrolcar doctor {self._link.name}` finds out why"
            )
            raise LinkError(message)
        if mismatch := version_mismatch(greeting.hello):
            message = f"{self._link.name}: {mismatch}"
            raise LinkError(message)
        return greeting.hello

    def _taken(self, session: Session) -> Failed | None:
        """Wait until the car is ours; say why not."""

        def due(now_ns: int) -> bytes:
            return session.poll(0, now_ns)[0]

        def heard(data: bytes, now_ns: int) -> None:
            session.receive(data, now_ns)

        self._until(lambda: session.state is not LinkState.SEARCHING, due, heard, ANSWER_NS)
        return None if session.state is LinkState.UP else Failed(f"the car is not ours: {session.sentence}")

    def _until(
        self,
        is_done: Callable[[], bool],
        due: Callable[[int], bytes],
        heard: Callable[[bytes, int], None],
        for_ns: int,
    ) -> None:
        end_ns = self._now_ns() + for_ns
        while not is_done() and (now_ns := self._now_ns()) < end_ns:
            self._link.write(due(now_ns))
            heard(self._link.read(now_ns), now_ns)
            if not is_done():
                self._wait()

    def _wait(self) -> None:
        number = self._link.fileno()
        watched: Sequence[int] = [] if number is None else [number]
        select.select(watched, [], [], STEP_S)


def _silent(name: str) -> str:
    return f"{name}: the car does not answer any more; is it powered, and is the line good?"
