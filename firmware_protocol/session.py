"""The host's end of the link: handshake, heartbeats, commands with answers and retries. No I/O, no clock.

Bytes and the time go in, messages, link events and bytes to send come out. A session is opened with
HELLO_REQUEST; the controller's HELLO names the session that owns the car. Another boot id, silence or
another owner ends it, and a session that ended is never resumed: the next one has another number, so
the car is disarmed and nothing sent earlier can move it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from firmware_protocol.codec import MessageDecoder, MessageEncoder
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    Alive,
    Cmd,
    Command,
    Drive,
    Heartbeat,
    Hello,
    HelloRequest,
    Message,
    Resp,
    Result,
    Stop,
)

MS: Final = 1_000_000
HELLO_EVERY_NS: Final = 200 * MS
HEARTBEAT_EVERY_NS: Final = 100 * MS
SILENT_AFTER_NS: Final = 500 * MS
FIRST_TIMEOUT_NS: Final = 100 * MS
SHORTEST_TIMEOUT_NS: Final = 25 * MS
LONGEST_TIMEOUT_NS: Final = 1000 * MS
TRIES: Final = 5
MOST_WAITING: Final = 4
STOP_COPIES: Final = 3


class LinkState(Enum):
    """Where the handshake stands."""

    SEARCHING = auto()  # nobody has answered yet
    UP = auto()  # this session owns the car
    FOREIGN = auto()  # somebody else owns it: telemetry and STOP only
    INCOMPATIBLE = auto()  # it speaks another protocol


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The controller accepted this session."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The session ended; ``reason`` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The controller answered but this session may not drive; ``reason`` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A command was answered."""

    command: Command
    result: Result
    detail: int


@dataclass(frozen=True, slots=True)
class GaveUp:
    """A command was sent five times and never answered."""

    command: Command


LinkEvent: TypeAlias = LinkUp | LinkLost | Refused | Answered | GaveUp


@dataclass(frozen=True, slots=True)
class _Pending:
    """A command on its way."""

    command: Command
    argument: int
    transaction: int
    sent_ns: int
    timeout_ns: int
    tries: int


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Smoothed round trip and its deviation (Jacobson, Karels 1988; RFC 6298)."""

    smooth_ns: int = 0
    deviation_ns: int = 0

    def with_sample(self, sample_ns: int) -> RoundTrip:
        """Return the estimate after one more round trip."""
        if self.smooth_ns == 0:
            return RoundTrip(sample_ns, sample_ns // 2)
        error_ns = sample_ns - self.smooth_ns
        return RoundTrip(
            self.smooth_ns + error_ns // 8, self.deviation_ns + (abs(error_ns) - self.deviation_ns) // 4
        )

    @property
    def timeout_ns(self) -> int:
        """How long to wait for an answer before asking again."""
        if self.smooth_ns == 0:
            return FIRST_TIMEOUT_NS
        return min(max(self.smooth_ns + 4 * self.deviation_ns, SHORTEST_TIMEOUT_NS), LONGEST_TIMEOUT_NS)


class Session:
    """One conversation with one controller.

    Args:
        number: Session to ask for first, 1 to 65535; later ones count up from it.

    """

    def __init__(self, number: int) -> None:
        self.state = LinkState.SEARCHING
        self.sentence = "looking for the controller"
        self.hello: Hello | None = None
        self.decoder = MessageDecoder()
        self.round_trip = RoundTrip()
        self.heard_ns: int | None = None
        self._number = number
        self._last_number = 0
        self._uid: bytes | None = None  # of the first car that was ours; no other one is taken
        self._encoder = MessageEncoder()
        self._hello_due_ns = 0
        self._heartbeat_due_ns = 0
        self._drive_count = 0
        self._transaction = 0
        self._pending: _Pending | None = None
        self._waiting: list[tuple[Command, int]] = []

    @property
    def number(self) -> int:
        """The session this host asks for or owns."""
        return self._number

    def receive(self, data: bytes, now_ns: int) -> tuple[list[Message], list[LinkEvent]]:
        """Return the telemetry in ``data`` and what happened to the link.

        Bytes of a car that is not ours still yield telemetry: watching is always allowed.
        """
        messages: list[Message] = []
        events: list[LinkEvent] = []
        for message in self.decoder.feed(data):
            self.heard_ns = now_ns
            messages.append(message)
            if isinstance(message, Hello):
                events += self._greeted(message)
            elif isinstance(message, Alive):
                events += self._checked_boot(message)
            elif isinstance(message, Resp):
                events += self._answered(message, now_ns)
        if self.state is not LinkState.SEARCHING and self._silent_ns(now_ns) > SILENT_AFTER_NS:
            events += self._ended(
                f"nothing received for {SILENT_AFTER_NS / 1e9:.1f} s: is the controller powered?"
            )
        return messages, events

    def poll(self, loop_count: int, now_ns: int) -> tuple[bytes, list[LinkEvent]]:
        """Return what is due now: handshake, heartbeat, and the command that waits for its answer."""
        out = b""
        if self.state is not LinkState.UP:
            if now_ns >= self._hello_due_ns:
                self._hello_due_ns = now_ns + HELLO_EVERY_NS
                out = self._frame(HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, self._number))
            return out, []
        if now_ns >= self._heartbeat_due_ns:
            self._heartbeat_due_ns = now_ns + HEARTBEAT_EVERY_NS
            out = self._frame(Heartbeat(self._number, loop_count % 2**32))
        commands, events = self._command_due(now_ns)
        return out + commands, events

    def command(self, command: Command, argument: int = 0) -> None:
        """Ask the controller for something; it is sent by :meth:`poll`, one at a time, in order.

        The same wish waits only once, few wait at all, and DISARM goes before all of them and ends every
        wish to arm: nobody can keep a car armed by asking often.
        """
        if self.state is not LinkState.UP or (command, argument) in self._waiting:
            return
        if command is Command.DISARM:
            self._drop_arming()
            self._waiting.insert(0, (command, argument))
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append((command, argument))

    def drive(self, vx_mps: float, vy_mps: float, wz_radps: float, lease_ms: int) -> bytes:
        """Return a DRIVE, or nothing while this session does not own the car."""
        if self.state is not LinkState.UP:
            return b""
        self._drive_count = (self._drive_count + 1) % 65536
        return self._frame(Drive(self._number, self._drive_count, lease_ms, vx_mps, vy_mps, wz_radps))

    def stop(self, reason: int) -> bytes:
        """Return STOP three times; it works without a session, and ends every wish to arm."""
        self._drop_arming()
        return b"".join(self._frame(Stop(reason)) for _ in range(STOP_COPIES))

    def frame(self, message: Message) -> bytes:
        """Return the bytes of a message that is no command, for example a question for a parameter."""
        return self._frame(message)

    def disconnected(self, reason: str) -> list[LinkEvent]:
        """Tell the session that the port is gone; the next bytes come from a new connection."""
        self.decoder.drop_partial()
        return self._ended(reason) if self.state is not LinkState.SEARCHING else []

    # ------------------------------------------------------------------

    def _drop_arming(self) -> None:
        self._waiting = [wish for wish in self._waiting if wish[0] is not Command.ARM]
        if self._pending is not None and self._pending.command is Command.ARM:
            self._pending = None

    def _frame(self, message: Message) -> bytes:
        return self._encoder.encode(message)

    def _silent_ns(self, now_ns: int) -> int:
        return 0 if self.heard_ns is None else now_ns - self.heard_ns

    def _ended(self, reason: str) -> list[LinkEvent]:
        was_up = self.state is LinkState.UP
        self.state = LinkState.SEARCHING
        self.sentence = reason
        self.hello = None
        self._pending = None
        self._waiting.clear()
        if was_up:
            self._last_number = self._number
        self._number = self._number % 65535 + 1
        return [LinkLost(reason)] if was_up else []

    def _greeted(self, hello: Hello) -> list[LinkEvent]:
        """Decide what a HELLO means for this session."""
        mismatch = version_mismatch(hello)
        if mismatch or self._uid not in {None, hello.uid}:
            state = LinkState.INCOMPATIBLE if mismatch else LinkState.FOREIGN
            return self._turned_away(state, mismatch or _another_car(hello.uid, self._uid))
        if hello.session == self._number:
            if self.state is LinkState.UP:
                return []
            self.state, self.sentence, self.hello = LinkState.UP, "connected", hello
            self._uid = hello.uid
            self._drive_count = 0
            return [LinkUp(hello)]
        if self.state is LinkState.UP:
            return self._ended(
                "the controller restarted" if hello.session == 0 else "another host took the car"
            )
        if hello.session == 0:
            return []
        whose = f"another host (session {hello.session}) owns the car"
        if hello.session == self._last_number:
            whose = "the controller still keeps the car for our last session; it lets go within a second"
        return self._turned_away(LinkState.FOREIGN, whose)

    def _turned_away(self, state: LinkState, reason: str) -> list[LinkEvent]:
        news = self.state is not state
        lost = self._ended(reason) if self.state is LinkState.UP else []
        self.state, self.sentence = state, reason
        return [*lost, Refused(reason)] if news else lost

    def _checked_boot(self, alive: Alive) -> list[LinkEvent]:
        if self.state is not LinkState.UP or self.hello is None:
            return []
        if alive.boot_id != self.hello.boot_id:
            return self._ended("the controller restarted")
        if alive.session != self._number:
            return self._ended("the controller ended the session")
        return []

    def _answered(self, answer: Resp, now_ns: int) -> list[LinkEvent]:
        pending = self._pending
        if pending is None or (answer.session, answer.transaction) != (self._number, pending.transaction):
            return []
        self._pending = None
        if pending.tries == 1:  # Karn: a retransmitted command gives no honest round trip
            self.round_trip = self.round_trip.with_sample(now_ns - pending.sent_ns)
        try:
            result = Result(answer.result)
        except ValueError:
            result = Result.UNSUPPORTED
        return [Answered(pending.command, result, answer.detail)]

    def _command_due(self, now_ns: int) -> tuple[bytes, list[LinkEvent]]:
        pending = self._pending
        if pending is None:
            if not self._waiting:
                return b"", []
            command, argument = self._waiting.pop(0)
            self._transaction = self._transaction % 255 + 1
            pending = _Pending(command, argument, self._transaction, now_ns, self.round_trip.timeout_ns, 1)
        elif now_ns - pending.sent_ns < pending.timeout_ns:
            return b"", []
        elif pending.tries == TRIES:
            self._pending = None
            return b"", [GaveUp(pending.command)]
        else:
            timeout_ns = min(pending.timeout_ns * 2, LONGEST_TIMEOUT_NS)
            pending = _Pending(
                pending.command, pending.argument, pending.transaction, now_ns, timeout_ns, pending.tries + 1
            )
        self._pending = pending
        return self._frame(Cmd(self._number, pending.transaction, pending.command, pending.argument)), []


def _another_car(uid: bytes, ours: bytes | None) -> str:
    return (
        f"another car is on this line (chip {uid.hex()} instead of {(ours or b'').hex()}): "
        "plug the first one in again, or start anew to drive this one"
    )


def version_mismatch(hello: Hello) -> str:
    """Return a sentence when the controller cannot be driven by this host, else nothing."""
    if hello.magic != MAGIC:
        return "something else than a patrolcar controller answers on this line"
    if hello.major != MAJOR:
        older = "firmware" if hello.major < MAJOR else "host software"
        return (
            f"the controller speaks PCP/{hello.major}.{hello.minor}, this host PCP/{MAJOR}.{MINOR}: "
            f"update the {older}"
        )
    if hello.schema != SCHEMA:
        return (
            f"the controller's messages (schema {hello.schema:#010x}) are not this host's ({SCHEMA:#010x}): "
            "build firmware and host from the same version"
        )
    return ""
