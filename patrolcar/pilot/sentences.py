"""What the controller's codes mean to a person, and what to do about them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from firmware_protocol.messages import (
    ARM_CHECKS,
    CAUSES,
    ArmCheck,
    Cause,
    Command,
    Event,
    EventCode,
    Explained,
    ResetCause,
    Result,
    Severity,
    Text,
)

SEVERITIES: Final[Mapping[int, str]] = MappingProxyType(
    {Severity.INFO: "INFO", Severity.CAUTION: "CAUTION", Severity.WARNING: "WARNING"}
)


def explained(cause: int) -> Explained:
    """Return a cause in words; an unknown one is named by its number."""
    return CAUSES.get(cause, Explained(f"the controller gives cause {cause}", "update this program"))


def arm_refusal(checks: int) -> str:
    """Return every reason for which arming was refused, in one sentence."""
    failing = [ARM_CHECKS[check] for check in ArmCheck if checks & check]
    reasons = [f"{check.text} ({check.remedy})" for check in failing]
    return "not armed: " + ("; ".join(reasons) if reasons else "the controller gave no reason")


def refusal(command: Command, result: Result, detail: int) -> str:
    """Return why the controller did not do what it was asked for."""
    if command is Command.ARM and result is Result.DENIED:
        return arm_refusal(detail)
    if command is Command.CLEAR_STOP and result is Result.DENIED:
        return "STOP is not released: the wheels still turn or its cause is still there; look, then try again"
    if command is Command.SET_STREAM and result is Result.OVER_BUDGET:
        return f"set stream was refused: the line is too slow for {detail} bytes a second of all streams"
    what = command.name.lower().replace("_", " ")
    return f"{what} was refused: {result.name.lower().replace('_', ' ')}"


def told(event: Event) -> str:
    """Return a controller event as a sentence."""
    cause = explained(event.argument).text or "no reason given"
    texts = {
        EventCode.BOOTED: f"the controller started ({_reset_name(event.argument)})",
        EventCode.SESSION_OPENED: f"session {event.argument} opened",
        EventCode.ARMED: "armed: the motors follow",
        EventCode.DISARMED: "disarmed" if event.argument == Cause.NONE else f"disarmed: {cause}",
        EventCode.STOP_LATCHED: f"STOP: {cause}",
        EventCode.STOP_CLEARED: "STOP released",
        EventCode.LEASE_EXPIRED: "commands stopped coming: slowing to a stop",
        EventCode.REFLEX: f"range sensor {_bits(event.argument)} stopped the car",
        EventCode.ARM_REFUSED: arm_refusal(event.argument),
        EventCode.PARAMETERS_APPLIED: "other parameters are in use",
        EventCode.PARAMETERS_SAVED: "the parameters are kept over a power cycle",
        EventCode.PARAMETERS_LOST: "saved parameters were damaged: the firmware's own values are in use",
        EventCode.SEAL_REFUSED: "a message with a wrong key or an old counter was refused",
    }
    return texts.get(EventCode(event.code), "") if event.code in _KNOWN else f"controller event {event.code}"


def said(text: Text) -> str:
    """Return a line of the firmware; what a terminal would obey instead of showing is left out."""
    line = text.text[: text.size].decode(errors="replace")
    return "".join(letter if letter.isprintable() else " " for letter in line).strip()


_KNOWN: Final = frozenset(EventCode)


def _reset_name(cause: int) -> str:
    return (
        ResetCause(cause).name.lower().replace("_", " ")
        if cause in set(ResetCause)
        else f"reset cause {cause}"
    )


def _bits(mask: int) -> str:
    return ", ".join(str(index) for index in range(8) if mask & 1 << index) or "?"
