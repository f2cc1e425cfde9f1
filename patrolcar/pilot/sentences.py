"""What the controller's codes mean to a person, and what to do about them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from firmware_protocol.messages import (
    ArmCheck,
    Cause,
    Command,
    Event,
    EventCode,
    ResetCause,
    Result,
    Severity,
)


class Explained(NamedTuple):
    """A cause in words."""

    cause: str
    remedy: str


CAUSES: Final[Mapping[int, Explained]] = MappingProxyType(
    {
        Cause.NONE: Explained("", ""),
        Cause.HOST_STOP: Explained("STOP was pressed", "look around the car, then release STOP and arm"),
        Cause.BUMPER: Explained("a bumper was pressed", "free the car, then release STOP and arm"),
        Cause.NEAR_RANGE: Explained("something is very near", "drive away from it, or wait until it leaves"),
        Cause.UNDERVOLTAGE: Explained("the battery is empty", "charge it; STOP can be released after that"),
        Cause.LEASE_EXPIRED: Explained("commands stopped coming", "the car goes on with the next command"),
        Cause.HOST_SILENT: Explained("the host was silent", "check the link, then arm again"),
        Cause.RANGE_SILENT: Explained("the range sensors are silent", "check their wiring and power"),
        Cause.OVERRUN: Explained("the controller's loop ran late", "report it: this should never happen"),
    }
)

ARM_CHECKS: Final[Mapping[ArmCheck, str]] = MappingProxyType(
    {
        ArmCheck.STOP_LATCHED: "STOP is latched (release it first)",
        ArmCheck.BUMPER_PRESSED: "a bumper is pressed (free the car)",
        ArmCheck.UNDERVOLTAGE: "the battery is too low (charge it)",
        ArmCheck.WHEELS_MOVING: "the wheels are turning (let the car come to rest)",
        ArmCheck.RANGES_SILENT: "the range sensors are silent (check their wiring)",
        ArmCheck.NO_SESSION: "this host does not own the car",
    }
)

SEVERITIES: Final[Mapping[int, str]] = MappingProxyType(
    {Severity.INFO: "INFO", Severity.CAUTION: "CAUTION", Severity.WARNING: "WARNING"}
)


def explained(cause: int) -> Explained:
    """Return a cause in words; an unknown one is named by its number."""
    return CAUSES.get(cause, Explained(f"the controller gives cause {cause}", "update this program"))


def arm_refusal(checks: int) -> str:
    """Return every reason for which arming was refused, in one sentence."""
    reasons = [text for check, text in ARM_CHECKS.items() if checks & check]
    return "not armed: " + ("; ".join(reasons) if reasons else "the controller gave no reason")


def refusal(command: Command, result: Result, detail: int) -> str:
    """Return why the controller did not do what it was asked for."""
    if command is Command.ARM and result is Result.DENIED:
        return arm_refusal(detail)
    if command is Command.CLEAR_STOP and result is Result.DENIED:
        return "STOP is not released: the wheels still turn or its cause is still there; look, then try again"
    what = command.name.lower().replace("_", " ")
    return f"{what} was refused: {result.name.lower().replace('_', ' ')}"


def told(event: Event) -> str:
    """Return a controller event as a sentence."""
    cause = explained(event.argument).cause or "no reason given"
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
    }
    return texts.get(EventCode(event.code), "") if event.code in _KNOWN else f"controller event {event.code}"


_KNOWN: Final = frozenset(EventCode)


def _reset_name(cause: int) -> str:
    return (
        ResetCause(cause).name.lower().replace("_", " ")
        if cause in set(ResetCause)
        else f"reset cause {cause}"
    )


def _bits(mask: int) -> str:
    return ", ".join(str(index) for index in range(8) if mask & 1 << index) or "?"
