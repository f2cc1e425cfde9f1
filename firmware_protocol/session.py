"""The host's end of the link: handshake, heartbeats, commands, time, events and seals. No I/O, no clock.

Bytes and the time go in, messages, link events and bytes to send come out. A session is opened with
HELLO_REQUEST; the controller's HELLO names the session that owns the car. Another boot id, silence or
another owner ends it, and a session that ended is never resumed: the next one has another number, so
the car is disarmed and nothing sent earlier can move it. To a car that has a key the session seals what
it sends (greeting.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, TypeAlias

from firmware_protocol.clock import Clock
from firmware_protocol.codec import MessageDecoder, MessageEncoder
from firmware_protocol.commands import TRIES, Answered, CommandEvent, Commands, GaveUp, RoundTrip
from firmware_protocol.event_order import EventOrder
from firmware_protocol.greeting import Greeting, version_mismatch
from firmware_protocol.messages import (
    Alive,
    Command,
    Drive,
    DriveFlag,
    Event,
    EventAck,
    Heartbeat,
    Hello,
    HostStats,
    LinkStats,
    Message,
    Resp,
    Stop,
    Time,
)
from firmware_protocol.quality import Counts, LinkQuality, counts_of, report

__all__ = [
    "SILENT_AFTER_NS",
    "TRIES",
    "Answered",
    "EventsLost",
    "GaveUp",
    "LinkEvent",
    "LinkLost",
    "LinkState",
    "LinkUp",
    "Refused",
    "RoundTrip",
    "Session",
    "version_mismatch",
]

MS: Final = 1_000_000
HEARTBEAT_EVERY_NS: Final = 100 * MS
STATS_EVERY_NS: Final = 1000 * MS
SILENT_AFTER_NS: Final = 500 * MS
STOP_COPIES: Final = 3
_UNDATED: Final = DriveFlag(0)
_ABOUT_THE_LINK: Final = frozenset({Hello, Alive, Resp, Time, LinkStats, Event})  # few of many


class LinkState(Enum):
    """Where the handshake stands."""

    SEARCHING = auto()  # nobody has answered yet
    UP = auto()  # this session owns the car
    FOREIGN = auto()  # somebody else owns it: telemetry and STOP only
    INCOMPATIBLE = auto()  # it speaks another protocol, or our key does not fit


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
class EventsLost:
    """So many events of the controller never reached this host and never will."""

    count: int


LinkEvent: TypeAlias = LinkUp | LinkLost | Refused | CommandEvent | EventsLost


class Session:
    """One conversation with one controller.

    Args:
        number: Session to ask for first, 1 to 65535; later ones count up from it.
        key: 32 bytes, for a car that has a key; such a session drives no car without one.

    Raises:
        ValueError: The key has another length.

    """

    def __init__(self, number: int, key: bytes | None = None) -> None:
        self.state = LinkState.SEARCHING
        self.sentence = "looking for the controller"
        self.hello: Hello | None = None
        self.decoder = MessageDecoder()
        self.clock = Clock()
        self.quality = LinkQuality()
        self.heard_ns: int | None = None
        self._greeting = Greeting(key)
        self._encoder = MessageEncoder()
        self._commands = Commands()
        self._events = EventOrder()
        self._boot_id: int | None = None  # of the boot whose clock and events we know
        self._number = number
        self._last_number = 0
        self._heartbeat_due_ns = 0
        self._stats_due_ns = 0
        self._drive_count = 0
        self._opened = Counts()  # of our receiver when the session opened
        self._told = Counts()  # of our receiver when we last told
        self._there: Counts | None = None  # of the controller's receiver when it last told

    @property
    def number(self) -> int:
        """The session this host asks for or owns."""
        return self._number

    @property
    def round_trip(self) -> RoundTrip:
        """Round trip of the commands."""
        return self._commands.round_trip

    def receive(self, data: bytes, now_ns: int) -> tuple[list[Message], list[LinkEvent]]:
        """Return the telemetry in ``data`` and what happened to the link.

        Bytes of a car that is not ours still yield telemetry: watching is always allowed. Each EVENT is
        returned once, and in order.
        """
        messages, events = self.decoder.feed(data), list[LinkEvent]()
        if messages:
            self.heard_ns = now_ns
        if not _ABOUT_THE_LINK.isdisjoint(map(type, messages)):
            messages, events = self._sorted(messages, now_ns)
        if self.state is not LinkState.SEARCHING and self._silent_ns(now_ns) > SILENT_AFTER_NS:
            events += self._ended(
                f"nothing received for {SILENT_AFTER_NS / 1e9:.1f} s: is the controller powered?"
            )
        return messages, events

    def poll(self, loop_count: int, now_ns: int) -> tuple[bytes, list[LinkEvent]]:
        """Return what is due now: handshake, or heartbeat, time, acknowledgement, statistics and command."""
        if self.state is not LinkState.UP:
            request = self._greeting.request(self._number, now_ns)
            return b"" if request is None else self._encoder.encode(request), []
        due = self._due(loop_count, now_ns)
        command, gave_up = self._commands.due(self._number, now_ns)
        if command is not None:
            due.append(command)
        return b"".join(map(self._frame, due)), [*gave_up]

    def command(self, command: Command, argument: int = 0) -> None:
        """Ask the controller for something; it is sent by :meth:`poll`, one at a time, in order.

        The same wish waits only once, few wait at all, and DISARM goes before all of them and ends every
        wish to arm: nobody can keep a car armed by asking often.
        """
        if self.state is LinkState.UP:
            self._commands.ask(command, argument)

    def drive(
        self, vx_mps: float, vy_mps: float, wz_radps: float, lease_ms: int, made_ns: int | None = None
    ) -> bytes:
        """Return a DRIVE, or nothing while this session does not own the car.

        Args:
            vx_mps: Forward, in base_link.
            vy_mps: To the left, in base_link.
            wz_radps: Turn rate, counter-clockwise.
            lease_ms: How long it may be obeyed, 100 to 500.
            made_ns: When it was made. Once the controller's clock is known the DRIVE is dated with it, and
                its lease counts from then; without it, or before, from its arrival.

        """
        if self.state is not LinkState.UP:
            return b""
        self._drive_count = (self._drive_count + 1) % 65536
        flags, made_us = _UNDATED, 0
        fit = self.clock.fit
        if made_ns is not None and fit is not None and self.clock.is_settled:
            flags, made_us = DriveFlag.DATED, fit.stamp_at(made_ns)
        count = self._drive_count
        return self._frame(Drive(self._number, count, lease_ms, vx_mps, vy_mps, wz_radps, flags, made_us))

    def stop(self, reason: int) -> bytes:
        """Return STOP three times; it works without a session or a key, and ends every wish to arm."""
        self._commands.drop_arming()
        return b"".join(map(self._frame, [Stop(reason)] * STOP_COPIES))

    def frame(self, message: Message) -> bytes:
        """Return the bytes of a message that is no command, for example a question for a parameter."""
        return self._frame(message)

    def disconnected(self, reason: str) -> list[LinkEvent]:
        """Tell the session that the port is gone; the next bytes come from a new connection."""
        self.decoder.drop_partial()
        return self._ended(reason) if self.state is not LinkState.SEARCHING else []

    # ------------------------------------------------------------ sending

    def _frame(self, message: Message) -> bytes:
        """Return a frame, sealed when the car wants that; nothing when it cannot be sealed."""
        wanted = self._greeting.sealed(message)
        return b"" if wanted is None else self._encoder.encode(wanted)

    def _due(self, loop_count: int, now_ns: int) -> list[Message]:
        """Return what keeps the link itself in order."""
        question = self.clock.question(now_ns)
        due: list[Message] = [] if question is None else [question]
        if now_ns >= self._heartbeat_due_ns:
            self._heartbeat_due_ns = now_ns + HEARTBEAT_EVERY_NS
            due.append(Heartbeat(self._number, loop_count % 2**32))
        if self._events.ack_due and self._events.delivered is not None:
            self._events.ack_due = False
            due.append(EventAck(self._number, self._events.delivered))
        if now_ns >= self._stats_due_ns:
            self._stats_due_ns = now_ns + STATS_EVERY_NS
            due.append(self._own_stats())
        return due

    def _own_stats(self) -> HostStats:
        counts = self._counts()
        lately, self._told = counts.since(self._told), counts
        self.quality = replace(self.quality, loss_here=lately.loss)
        return report(self._number, counts.since(self._opened), self.quality.round_trip_ns)

    def _counts(self) -> Counts:
        decoder = self.decoder
        return Counts(decoder.frames, decoder.rejects.total(), decoder.lost, decoder.rescued)

    # ------------------------------------------------------------ receiving

    def _sorted(self, heard: list[Message], now_ns: int) -> tuple[list[Message], list[LinkEvent]]:
        """Return the messages with events once and in order, and what they say of the link."""
        messages: list[Message] = []
        events: list[LinkEvent] = []
        for message in heard:
            if isinstance(message, Event):
                ready, lost = self._events.take(message)
                messages += ready
                events += [EventsLost(lost)] if lost else []
            else:
                messages.append(message)
                if type(message) in _ABOUT_THE_LINK:
                    events += self._heard(message, now_ns)
        return messages, events

    def _heard(self, message: Message, now_ns: int) -> list[LinkEvent]:
        match message:
            case Hello():
                return self._greeted(message)
            case Alive():
                return self._checked_boot(message)
            case Resp() if message.session == self._number:
                return [*self._commands.answered(message, now_ns)]
            case Time():
                self.clock.answered(message, now_ns)
                round_trip_ns = self.clock.fit.round_trip_ns if self.clock.fit else 0
                self.quality = replace(self.quality, round_trip_ns=round_trip_ns)
            case LinkStats():
                self._heard_stats(counts_of(message))
            case _:
                pass
        return []

    def _heard_stats(self, counts: Counts) -> None:
        if self._there is not None:
            self.quality = replace(self.quality, loss_there=counts.since(self._there).loss)
        self._there = counts

    def _silent_ns(self, now_ns: int) -> int:
        return 0 if self.heard_ns is None else now_ns - self.heard_ns

    def _ended(self, reason: str) -> list[LinkEvent]:
        was_up = self.state is LinkState.UP
        self.state = LinkState.SEARCHING
        self.sentence = reason
        self.hello = None
        self._commands.clear()
        self._there = None
        self.quality = LinkQuality()
        if was_up:
            self._last_number = self._number
        self._number = self._number % 65535 + 1
        return [LinkLost(reason)] if was_up else []

    def _greeted(self, hello: Hello) -> list[LinkEvent]:
        """Decide what a HELLO means for this session."""
        self._meet(hello.boot_id)
        is_ours = hello.session == self._number
        if mismatch := self._greeting.mismatch(hello, is_ours=is_ours):
            return self._turned_away(LinkState.INCOMPATIBLE, mismatch)
        if another := self._greeting.another_car(hello):
            return self._turned_away(LinkState.FOREIGN, another)
        if is_ours:
            return [] if self.state is LinkState.UP else self._won(hello)
        if self.state is LinkState.UP:
            return self._ended(
                "the controller restarted" if hello.session == 0 else "another host took the car"
            )
        if hello.session == 0 or self._greeting.is_undecided:
            return []
        whose = f"another host (session {hello.session}) owns the car"
        if hello.session == self._last_number:
            whose = "the controller still keeps the car for our last session; it lets go within a second"
        return self._turned_away(LinkState.FOREIGN, whose)

    def _meet(self, boot_id: int) -> None:
        """Begin anew with the clock and the events of a controller that started since we first heard it."""
        if self._boot_id not in {None, boot_id}:
            self._events = EventOrder()
            self.clock.restart()
        self._boot_id = boot_id

    def _won(self, hello: Hello) -> list[LinkEvent]:
        self.state, self.sentence, self.hello = LinkState.UP, "connected", hello
        self._greeting.won(hello)
        self._drive_count = 0
        self._opened = self._told = self._counts()
        self.clock.hurry()
        return [LinkUp(hello)]

    def _turned_away(self, state: LinkState, reason: str) -> list[LinkEvent]:
        news = self.state is not state
        lost = self._ended(reason) if self.state is LinkState.UP else []
        self.state, self.sentence = state, reason
        return [*lost, Refused(reason)] if news else lost

    def _checked_boot(self, alive: Alive) -> list[LinkEvent]:
        self._meet(alive.boot_id)
        if self.state is not LinkState.UP or self.hello is None:
            return []
        if alive.boot_id != self.hello.boot_id:
            return self._ended("the controller restarted")
        if alive.session != self._number:
            return self._ended("the controller ended the session")
        return []
