"""Faults of the world around the car: what comes, who crosses, a door that closes, a floor that is smooth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from typing_extensions import override

from sim.faults.effect import Effect
from sim.faults.target import Target
from sim.world.people import HEEDLESS, RADIUS_M, Guest

LONG_S = 3600.0


def _above_zero(value: float, name: str) -> None:
    if value <= 0.0:
        message = f"{name} above 0 is expected, found {value:g}"
        raise ValueError(message)


@dataclass
class Visit(Effect, ABC):
    """Somebody or something comes, and goes when the fault ends."""

    _number: int = field(default=0, init=False)

    @abstractmethod
    def guest(self, target: Target) -> Guest:
        """Return who comes."""

    @override
    def begin(self, target: Target) -> None:
        self._number = target.car.admit(self.guest(target))

    @override
    def end(self, target: Target) -> None:
        target.car.dismiss(self._number)


@dataclass
class Appears(Visit):
    """A round thing stands there all at once, its rim ``ahead_m`` before the front edge."""

    ahead_m: float = 0.6
    beside_m: float = 0.0
    radius_m: float = 0.1

    def __post_init__(self) -> None:
        """Refuse a thing without width."""
        _above_zero(self.radius_m, "radius_m")

    @override
    def guest(self, target: Target) -> Guest:
        place = target.car.ahead(self.ahead_m + self.radius_m, self.beside_m)
        return Guest((place,), radius_m=self.radius_m)


@dataclass
class Crosses(Visit):
    """Somebody who does not look crosses the way at ``mps``, so timed that the two would meet.

    Comes from ``beside_m`` to the left (below 0: to the right), and once across stays there.
    """

    mps: float = 1.0
    beside_m: float = 1.2
    ahead_m: float = 0.2

    def __post_init__(self) -> None:
        """Refuse somebody who never comes."""
        _above_zero(self.mps, "mps")

    @override
    def guest(self, target: Target) -> Guest:
        meets_s = abs(self.beside_m) / self.mps
        ahead_m = max(target.car.truth.speed_mps * meets_s, 0.0) + self.ahead_m
        ends = (target.car.ahead(ahead_m, self.beside_m), target.car.ahead(ahead_m, -self.beside_m))
        return Guest(ends, speed_mps=self.mps, pause_s=LONG_S, mood=HEEDLESS)


@dataclass
class StepsOut(Visit):
    """Somebody comes round a corner ``beside_m`` beside the way and stands still in the middle of it."""

    ahead_m: float = 0.5
    beside_m: float = 0.6
    mps: float = 1.2

    def __post_init__(self) -> None:
        """Refuse somebody who never comes."""
        _above_zero(self.mps, "mps")

    @override
    def guest(self, target: Target) -> Guest:
        ahead_m = self.ahead_m + RADIUS_M
        ends = (target.car.ahead(ahead_m, self.beside_m), target.car.ahead(ahead_m, 0.0))
        return Guest(ends, speed_mps=self.mps, pause_s=LONG_S, mood=HEEDLESS)


@dataclass
class DoorShut(Effect):
    """A door of the site falls shut and stays so."""

    door: int = 0

    def __post_init__(self) -> None:
        """Refuse a number that counts nothing."""
        if self.door < 0:
            message = f"doors are counted from 0, found {self.door}"
            raise ValueError(message)

    @override
    def begin(self, target: Target) -> None:
        movers = target.car.movers
        if movers is None:
            message = f"door {self.door} cannot close: this site has none"
            raise ValueError(message)
        movers.keep(self.door, 0)

    @override
    def end(self, target: Target) -> None:
        if target.car.movers is not None:
            target.car.movers.release(self.door)


@dataclass
class Smooth(Effect):
    """The floor is wet or waxed."""

    friction: float = 0.3
    _before: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Refuse a floor without any grip."""
        _above_zero(self.friction, "friction")

    @override
    def begin(self, target: Target) -> None:
        self._before = target.car.polish(self.friction)

    @override
    def end(self, target: Target) -> None:
        target.car.polish(self._before)
