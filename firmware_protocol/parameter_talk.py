"""Talks with a controller about its parameters: read them, change them, keep them. No I/O, no clock.

A talk is a generator: it yields what to ask the controller and is sent the answer, so it reads as what
happens. A :class:`Talk` runs one over any line: messages and the time go in, bytes to send come out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from firmware_protocol.commands import FIRST_TIMEOUT_NS, LONGEST_TIMEOUT_NS, TRIES, Answered, GaveUp
from firmware_protocol.messages import (
    PARAMETER_TABLE,
    PARAMETERS,
    Command,
    Hello,
    Message,
    Param,
    ParamGet,
    ParamSet,
    Result,
)
from firmware_protocol.parameters import Failed, Values, Wish, range_of, shown, unit_of
from firmware_protocol.session import LinkEvent

Known: TypeAlias = Mapping[tuple[int, int], Values]
Outcome = TypeVar("Outcome")


class Ask(NamedTuple):
    """Send this until PARAM answers it."""

    message: ParamGet | ParamSet


class Do(NamedTuple):
    """Give this command."""

    command: Command
    argument: int = 0


Reply: TypeAlias = Param | Answered
Script: TypeAlias = Generator[Ask | Do, Reply, Outcome]


def reading(hello: Hello, known: Known | None = None) -> Script[Values | Failed]:
    """Read every value; nothing is asked when ``known`` has them under the hashes of HELLO."""
    if hello.parameter_table != PARAMETER_TABLE:
        return Failed(
            f"the firmware has another table of parameters ({hello.parameter_table:#010x}, here "
            f"{PARAMETER_TABLE:#010x}): the car can be driven, but set its parameters with the program "
            "of its own version"
        )
    stored = (known or {}).get((hello.parameter_table, hello.parameter_values))
    if stored is not None:
        return stored
    bits = []
    for parameter in PARAMETERS:
        answer = yield Ask(ParamGet(parameter.number))
        bits.append(_param(answer).value)
    values = Values(tuple(bits))
    if values.hash != hello.parameter_values:
        return Failed("the parameters changed while they were read; try again")
    return values


def changing(session: int, used: Values, wishes: Sequence[Wish], *, keep: bool) -> Script[Values | Failed]:
    """Stage wishes, read each back, put all of them to use or none, and keep them if asked.

    Args:
        session: The session that owns the car.
        used: The values in use.
        wishes: What should change.
        keep: Save the values after that, so that they hold over a power cycle.

    Returns:
        The values in use after that.

    """
    discarded = yield Do(Command.DISCARD_PARAMETERS)
    if failed := _refusal(discarded, "nothing was changed"):
        return failed
    for wish in wishes:
        answer = yield Ask(ParamSet(session, wish.parameter.number, wish.bits))
        if failed := _not_staged(wish, _param(answer)):
            return failed
    return (yield from _applying(used.changed(wishes), keep=keep))


def restoring(*, keep: bool) -> Script[Values | Failed]:
    """Put the firmware's own values to use, and keep them if asked."""
    staged = yield Do(Command.DEFAULT_PARAMETERS)
    if failed := _refusal(staged, "nothing was changed"):
        return failed
    bits = []
    for parameter in PARAMETERS:
        answer = yield Ask(ParamGet(parameter.number))
        bits.append(_param(answer).staged)
    return (yield from _applying(Values(tuple(bits)), keep=keep))


def saving(used: Values) -> Script[Values | Failed]:
    """Keep the values in use over a power cycle."""
    saved = yield Do(Command.SAVE_PARAMETERS)
    return _refusal(saved, "the values in use were not saved") or used


def _applying(wanted: Values, *, keep: bool) -> Script[Values | Failed]:
    applied = yield Do(Command.APPLY_PARAMETERS, _signed(wanted.hash))
    if failed := _refusal(applied, "nothing was changed"):
        return failed
    if not keep:
        return wanted
    saved = yield Do(Command.SAVE_PARAMETERS)
    return _refusal(saved, "the new values are in use, but they are lost when the power goes") or wanted


def _signed(number: int) -> int:
    return number - 2**32 if number >= 2**31 else number


def _param(reply: Reply) -> Param:
    if isinstance(reply, Param):
        return reply
    message = "a question for a parameter was answered by something else"
    raise TypeError(message)


_REASONS: Final[Mapping[tuple[Command, Result], str]] = MappingProxyType(
    {
        (Command.APPLY_PARAMETERS, Result.DENIED): "the car must be disarmed, released from STOP and at rest",
        (Command.APPLY_PARAMETERS, Result.BAD_ARGUMENT): "another host staged other values; try again",
        (Command.APPLY_PARAMETERS, Result.OUT_OF_RANGE): (
            "the values contradict each other, for example undervoltage is not below overvoltage"
        ),
        (Command.SAVE_PARAMETERS, Result.DENIED): "the car must be disarmed, released from STOP and at rest",
        (Command.SAVE_PARAMETERS, Result.UNSUPPORTED): (
            "this controller has no memory for them; set the values in its firmware instead"
        ),
        (Command.SAVE_PARAMETERS, Result.FAILED): (
            "the memory is full until the car is switched off and on, or it is worn out; "
            "switch the car off and on, then try again"
        ),
    }
)


def _refusal(reply: Reply, so: str) -> Failed | None:
    """Return what a person is told when a command was not obeyed, and nothing when it was."""
    if not isinstance(reply, Answered) or reply.result is Result.OK:
        return None
    what = reply.command.name.lower().replace("_", " ")
    other = f"the controller answers {what} with {reply.result.name.lower().replace('_', ' ')}"
    return Failed(f"{so}: {_REASONS.get((reply.command, reply.result), other)}")


def _not_staged(wish: Wish, answer: Param) -> Failed | None:
    name, wanted = wish.parameter.name, f"{shown(*wish)}{unit_of(wish.parameter)}"
    if answer.result == Result.OK and answer.staged == wish.bits:
        return None
    if answer.result == Result.OUT_OF_RANGE:
        why = f"the controller does not take it; its range is {range_of(wish.parameter)}"
    elif answer.result == Result.WRONG_SESSION:
        why = "another host has taken the car"
    else:
        why = "the controller does not take it"
    return Failed(f"{name}: {wanted} was not set, and nothing was changed: {why}")


# ----------------------------------------------------------------------


class Talk(Generic[Outcome]):
    """Runs one script over a line, one question at a time; each is repeated until it is answered.

    Args:
        script: What to ask.
        frame: Makes the bytes of a message.
        command: Gives a command to a session, which repeats it by itself; None where the car is not ours.

    """

    def __init__(
        self,
        script: Script[Outcome | Failed],
        frame: Callable[[Message], bytes],
        command: Callable[[Command, int], None] | None = None,
    ) -> None:
        self.outcome: Outcome | Failed | None = None
        self._script = script
        self._frame = frame
        self._command = command
        self._step: Ask | Do | None = None
        self._due_ns = 0
        self._wait_ns = FIRST_TIMEOUT_NS
        self._tries = 0
        self._advance(None)

    def poll(self, now_ns: int) -> bytes:
        """Return the question when it is due."""
        step = self._step
        if not isinstance(step, Ask) or now_ns < self._due_ns:
            return b""
        if self._tries == TRIES:
            number = step.message.parameter
            self._end(Failed(f"{PARAMETERS[number].name}: the controller does not answer; is the line good?"))
            return b""
        self._tries += 1
        self._due_ns = now_ns + self._wait_ns
        self._wait_ns = min(2 * self._wait_ns, LONGEST_TIMEOUT_NS)
        return self._frame(step.message)

    def receive(self, messages: Sequence[Message], events: Sequence[LinkEvent] = ()) -> None:
        """Take in what came."""
        for message in messages:
            if isinstance(message, Param) and isinstance(self._step, Ask) and _answers(self._step, message):
                self._advance(message)
        for event in events:
            self._happened(event)

    def _happened(self, event: LinkEvent) -> None:
        if isinstance(event, Answered):
            if isinstance(self._step, Do) and self._step.command is event.command:
                self._advance(event)
        elif isinstance(event, GaveUp):
            what = event.command.name.lower().replace("_", " ")
            self._end(Failed(f"the controller does not answer {what}; is the line good?"))
        elif reason := getattr(event, "reason", ""):
            self._end(Failed(f"the car is no longer ours: {reason}"))

    def _advance(self, reply: Reply | None) -> None:
        try:
            self._step = next(self._script) if reply is None else self._script.send(reply)
        except StopIteration as end:
            self._end(end.value)
            return
        self._due_ns, self._tries, self._wait_ns = 0, 0, FIRST_TIMEOUT_NS
        if isinstance(self._step, Do) and self._command is not None:
            self._command(*self._step)

    def _end(self, outcome: Outcome | Failed) -> None:
        if self.outcome is None:
            self.outcome = outcome
        self._step = None


def _answers(step: Ask, answer: Param) -> bool:
    """Whether this is the answer to the question, and not a late one to a question before."""
    question = step.message
    if answer.parameter != question.parameter:
        return False
    return isinstance(question, ParamGet) or answer.result != Result.OK or answer.staged == question.value
