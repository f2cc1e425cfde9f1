"""Commands and their answers: one at a time, asked again while nobody answers, given up after five tries.

No I/O, no clock. The numbers come from WIRE.md, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from firmware_protocol.messages import Cmd, Command, Resp, Result

MS: Final = 1_000_000
FIRST_TIMEOUT_NS: Final = 100 * MS
SHORTEST_TIMEOUT_NS: Final = 25 * MS
LONGEST_TIMEOUT_NS: Final = 1000 * MS
TRIES: Final = 5
MOST_WAITING: Final = 4


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


CommandEvent: TypeAlias = Answered | GaveUp


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


@dataclass(frozen=True, slots=True)
class _Pending:
    """A command on its way."""

    command: Command
    argument: int
    transaction: int
    sent_ns: int
    timeout_ns: int
    tries: int


class Commands:
    """The commands of one session: those that wait, and the one on its way."""

    def __init__(self) -> None:
        self.round_trip = RoundTrip()
        self._transaction = 0
        self._pending: _Pending | None = None
        self._waiting: list[tuple[Command, int]] = []

    def ask(self, command: Command, argument: int) -> None:
        """Let a command wait for its turn; the same one waits only once, and few wait at all.

        DISARM goes before all of them and ends every wish to arm: nobody can keep a car armed by asking
        often.
        """
        if (command, argument) in self._waiting:
            return
        if command is Command.DISARM:
            self.drop_arming()
            self._waiting.insert(0, (command, argument))
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append((command, argument))

    def drop_arming(self) -> None:
        """Forget every wish to arm."""
        self._waiting = [wish for wish in self._waiting if wish[0] is not Command.ARM]
        if self._pending is not None and self._pending.command is Command.ARM:
            self._pending = None

    def clear(self) -> None:
        """Forget everything that was asked for."""
        self._pending = None
        self._waiting.clear()

    def due(self, session: int, now_ns: int) -> tuple[Cmd | None, list[CommandEvent]]:
        """Return what to send now, and whether the controller never answered."""
        pending = self._pending
        if pending is None:
            if not self._waiting:
                return None, []
            command, argument = self._waiting.pop(0)
            self._transaction = self._transaction % 255 + 1
            pending = _Pending(command, argument, self._transaction, now_ns, self.round_trip.timeout_ns, 1)
        elif now_ns - pending.sent_ns < pending.timeout_ns:
            return None, []
        elif pending.tries == TRIES:
            self._pending = None
            return None, [GaveUp(pending.command)]
        else:
            timeout_ns = min(pending.timeout_ns * 2, LONGEST_TIMEOUT_NS)
            pending = replace(pending, sent_ns=now_ns, timeout_ns=timeout_ns, tries=pending.tries + 1)
        self._pending = pending
        return Cmd(session, pending.transaction, pending.command, pending.argument), []

    def answered(self, answer: Resp, now_ns: int) -> list[CommandEvent]:
        """Return what an answer in this session means; nothing when nobody waits for it."""
        pending = self._pending
        if pending is None or answer.transaction != pending.transaction:
            return []
        self._pending = None
        if pending.tries == 1:  # Karn: a retransmitted command gives no honest round trip
            self.round_trip = self.round_trip.with_sample(now_ns - pending.sent_ns)
        try:
            result = Result(answer.result)
        except ValueError:
            result = Result.UNSUPPORTED
        return [Answered(pending.command, result, answer.detail)]
