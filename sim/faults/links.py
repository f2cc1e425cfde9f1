"""Faults of the line, in one direction (``way`` 1 to the controller, 2 to the host) or in both (3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from typing_extensions import override

from sim.faults.effect import Effect
from sim.faults.target import Target
from sim.line import Channel, LineParameters

TO_CONTROLLER, TO_HOST = 1, 2


def _channels(target: Target, way: int) -> list[Channel]:
    chosen = [(TO_CONTROLLER, target.uplink), (TO_HOST, target.downlink)]
    return [channel for bit, channel in chosen if way & bit]


@dataclass
class Line(Effect):
    """Parameters of the line that hold while the fault lasts."""

    way: int = 3
    _before: list[tuple[Channel, LineParameters]] = field(default_factory=list, init=False)

    def changes(self) -> dict[str, Any]:
        """Return the parameters that differ."""
        return {}

    @override
    def begin(self, target: Target) -> None:
        for channel in _channels(target, self.way):
            self._before.append((channel, channel.parameters))
            channel.parameters = replace(channel.parameters, **self.changes())

    @override
    def end(self, target: Target) -> None:
        for channel, parameters in self._before:
            channel.parameters = parameters


@dataclass
class Cut(Line):
    """Nothing gets through, and what was under way is lost."""

    @override
    def changes(self) -> dict[str, Any]:
        return {"connected": False}

    @override
    def begin(self, target: Target) -> None:
        super().begin(target)
        for channel in _channels(target, self.way):
            channel.drop()


@dataclass
class Loss(Line):
    """A share of the bytes is lost."""

    share: float = 0.01

    @override
    def changes(self) -> dict[str, Any]:
        return {"loss": self.share}


@dataclass
class Flips(Line):
    """A share of the bits arrives inverted."""

    share: float = 1e-4

    @override
    def changes(self) -> dict[str, Any]:
        return {"flips": self.share}


@dataclass
class Bursts(Line):
    """Noise strikes so many times a second on the wire."""

    per_s: float = 5.0
    size: int = 16

    @override
    def changes(self) -> dict[str, Any]:
        return {"bursts_per_s": self.per_s, "burst_bytes": self.size}


@dataclass
class Late(Line):
    """Every byte takes longer."""

    seconds: float = 0.15

    @override
    def changes(self) -> dict[str, Any]:
        return {"latency_s": self.seconds}


@dataclass
class Jitter(Line):
    """Bytes take longer, each piece differently."""

    seconds: float = 0.1

    @override
    def changes(self) -> dict[str, Any]:
        return {"jitter_s": self.seconds}


@dataclass
class Twice(Line):
    """Pieces arrive twice."""

    share: float = 1.0

    @override
    def changes(self) -> dict[str, Any]:
        return {"duplicates": self.share}


@dataclass
class Packets(Line):
    """A USB adapter hands over only every so often."""

    seconds: float = 0.05

    @override
    def changes(self) -> dict[str, Any]:
        return {"packet_s": self.seconds}


@dataclass
class WrongBaud(Line):
    """The two ends do not agree on the speed: everything is noise."""

    @override
    def changes(self) -> dict[str, Any]:
        return {"flips": 0.5}


@dataclass
class Held(Effect):
    """The line takes bytes and gives none, then gives them all at once: a queue that was stuck."""

    way: int = TO_CONTROLLER
    _held: list[Channel] = field(default_factory=list, init=False)

    @override
    def begin(self, target: Target) -> None:
        self._held = _channels(target, self.way)
        for channel in self._held:
            channel.hold = True

    @override
    def end(self, target: Target) -> None:
        for channel in self._held:
            channel.hold = False
