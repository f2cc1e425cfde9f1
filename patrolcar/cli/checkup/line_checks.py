"""Checks of what talks on the line. They only ask who is there: nothing is armed, taken or moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import Final

from firmware_protocol.messages import Capability, Hello, LinkStats, ResetCause, State
from firmware_protocol.session import version_mismatch
from patrolcar.cli.checkup.finding import Finding, ok, problem, warning
from patrolcar.errors import LinkError
from patrolcar.links.greeting import Greeting, Voice, target_name

USUAL_BAUDS: Final = (115_200, 230_400, 460_800, 921_600, 1_000_000)
BITS_PER_BYTE: Final = 10  # 8 data bits, a start and a stop bit
FULL_LINE: Final = 0.8
SLOW_MS: Final = 30.0  # a round trip above this eats a good part of the lease of 200 ms
_BAD_STARTS: Final = frozenset({ResetCause.WATCHDOG, ResetCause.BROWN_OUT})

REMEDIES: Final[Mapping[Voice, str]] = MappingProxyType(
    {
        Voice.ECHO: "are TX and RX joined, or does the port echo? Connect our TX to the car's RX",
        Voice.DEAF: "is our TX on its RX, and are the grounds joined?",
        Voice.STRANGER: "flash the car's firmware (`patrolcar firmware build`), or choose the other port",
        Voice.TEXT: "something prints on this line: flash the car's firmware, or choose the other port",
        Voice.GARBAGE: "set its baud rate with ?baud=N, or flash the car's firmware",
        Voice.SILENCE: "is it powered, is our TX on its RX, is BOOT0 low? Some boards want ?dtr=on",
    }
)


@dataclass(frozen=True, slots=True)
class Listening:
    """What was heard on one line."""

    name: str  # as the person called it
    heard: Greeting | LinkError
    seconds: float
    baud: int | None = None  # None where no baud rate matters: TCP, a simulator, native USB
    others: Mapping[int, Greeting] = field(default_factory=dict)  # what was heard at other baud rates
    has_key: bool = False  # whether the address names a key file

    @property
    def hello(self) -> Hello | None:
        """Who answered, at the baud rate that was asked for."""
        return self.heard.hello if isinstance(self.heard, Greeting) else None


def handshake(line: Listening) -> Finding:
    """Whether a controller answers."""
    if isinstance(line.heard, LinkError):
        return problem(str(line.heard).partition(": ")[2] or str(line.heard), "see the rows above")
    hello = line.heard.hello
    if hello is not None:
        at = f" at {line.baud} baud" if line.baud else ""
        firmware = ".".join(map(str, hello.firmware))
        return ok(
            f"a controller ({target_name(hello)}) answers{at}: firmware {firmware}, chip {hello.uid.hex()}"
        )
    for baud, greeting in line.others.items():
        if greeting.is_answered:
            return problem(f"it answers at {baud}, you asked for {line.baud}", f"use {line.name}?baud={baud}")
    told_at, told = min(_heard(line), key=lambda each: each[1].voice)
    at = f" (at {told_at} baud)" if told_at and told.received else ""
    return problem(f"no car answers: {told.sentence()}{at}", REMEDIES[told.voice])


def _heard(line: Listening) -> list[tuple[int | None, Greeting]]:
    """Return what was heard at each baud rate, first at the one that was asked for."""
    first = [(line.baud, line.heard)] if isinstance(line.heard, Greeting) else []
    return [*first, *line.others.items()]


def version(line: Listening) -> Finding | None:
    """Whether firmware and host speak the same protocol."""
    if line.hello is None:
        return None
    mismatch = version_mismatch(line.hello)
    if mismatch:
        return problem(
            mismatch, "`patrolcar firmware build` and `flash`, or install the host of the same version"
        )
    return ok(
        f"PCP/{line.hello.major}.{line.hello.minor}, schema {line.hello.schema:#010x}: the same as here"
    )


def key(line: Listening) -> Finding | None:
    """Whether the car wants a key, and one is given."""
    if line.hello is None:
        return None
    wanted = Capability.KEY_REQUIRED in Capability(line.hello.capabilities)
    if wanted and not line.has_key:
        return problem("the car obeys only who has its key", "put ?key=FILE after the port")
    if line.has_key and not wanted:
        return problem("a key is given, but the car has none", "give the car its key, or leave ?key= away")
    return ok("the car has a key; whether it is this one shows when it is taken") if wanted else None


def owner(line: Listening) -> Finding | None:
    """Whether another host drives the car."""
    if line.hello is None or not isinstance(line.heard, Greeting):
        return None
    status, session = line.heard.status, line.hello.session
    if session == 0:
        return ok("nobody owns the car")
    if status is not None and status.state == State.ARMED:
        return problem(f"another host (session {session}) drives the car", "end that host, or disarm there")
    return ok(f"session {session} had it last and is not armed: it is free")


def start(line: Listening) -> Finding | None:
    """Why the controller last started."""
    if line.hello is None:
        return None
    cause = line.hello.reset_cause
    name = ResetCause(cause).name.lower().replace("_", " ") if cause in set(ResetCause) else f"cause {cause}"
    if cause in _BAD_STARTS:
        remedy = (
            "check battery and wiring" if cause == ResetCause.BROWN_OUT else "report it: its loop had hung"
        )
        return warning(f"the controller last started by {name}", remedy)
    return ok(f"{name}, boot {line.hello.boot_id:#010x}")


def quality(line: Listening) -> Finding | None:
    """How many frames came whole, and how long an answer takes."""
    if line.hello is None or not isinstance(line.heard, Greeting):
        return None
    decoder, trips = line.heard.decoder, line.heard.round_trips_ns
    hurt = decoder.rejects.total() + decoder.lost
    reasons = [f"{count} {reason.value}" for reason, count in sorted(decoder.rejects.items())]
    text = f"{decoder.frames} frames in {line.seconds:.1f} s, {decoder.lost} lost"
    text += "".join(f", {reason}" for reason in reasons)
    trip_ms = median(trips) / 1e6 if trips else 0.0
    text += f", round trip {trip_ms:.1f} ms (longest {max(trips) / 1e6:.1f})" if trips else ""
    if hurt > 1:  # the first block may have begun before we listened
        return warning(
            text, "shorten the cable, keep it from the motor's, join the grounds, or lower the baud rate"
        )
    if trip_ms > SLOW_MS:
        return warning(text, "is the line shared, or a converter's latency timer above 1 ms?")
    return ok(text)


def load(line: Listening) -> Finding | None:
    """How full the line is."""
    if line.hello is None or not isinstance(line.heard, Greeting) or line.baud is None:
        return None
    rate = line.heard.bytes_received / line.seconds
    share = rate * BITS_PER_BYTE / line.baud
    text = f"{rate / 1000:.1f} kB/s of telemetry, {share:.0%} of {line.baud} baud"
    dropped = _dropped(line.heard.stats)
    if share > FULL_LINE or dropped:
        return warning(f"{text}, {dropped} frames dropped by the car", "set a higher baud rate on both sides")
    return ok(text)


def _dropped(stats: list[LinkStats]) -> int:
    """Return the telemetry frames dropped between the first and the last LINK_STATS; its counter wraps."""
    return (stats[-1].tx_dropped - stats[0].tx_dropped) % 65536 if stats else 0
