"""What is in the world besides walls and floor: docks, tags, smells and warmth, switches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, hypot, inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from firmware_protocol.messages import Quantity, TagKind
from sim.world.floor import Place

if TYPE_CHECKING:
    from sim.world.walls import World

MOST_TAG_BYTES: Final = 10
Dock = tuple[float, float, float]
"""Pose of a car that stands in it: x, y, yaw."""

USUAL: Final[Mapping[Quantity, float]] = MappingProxyType(
    {
        Quantity.TEMPERATURE: 21.0,
        Quantity.HUMIDITY: 45.0,
        Quantity.PRESSURE: 101_325.0,
        Quantity.LIGHT: 300.0,
        Quantity.GAS: 100.0,
        Quantity.SMOKE: 0.0,
        Quantity.FLAME: 0.0,
        Quantity.SOUND: 38.0,
        Quantity.CO2: 600_000.0,
        Quantity.DUST: 12_000.0,
    }
)
"""A quiet office: degrees Celsius, per cent, pascal, lux, ppb, share, share, dB, ppb, ng/m3."""

SEEN: Final = frozenset({Quantity.FLAME, Quantity.LIGHT})
"""What does not go round corners."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A mark that a reader can read within ``reach_m``."""

    number: bytes
    x_m: float
    y_m: float
    kind: TagKind = TagKind.RFID
    reach_m: float = 0.10

    def __post_init__(self) -> None:
        """Refuse a number that no TAG message carries."""
        if not 0 < len(self.number) <= MOST_TAG_BYTES:
            message = f"a tag has 1 to {MOST_TAG_BYTES} bytes, found {len(self.number)}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Source:
    """Something that warms, smells, shines or burns: strongest at its place, fading over ``spread_m``.

    At the distance d it adds ``strength * exp(-d**2 / (2 spread_m**2))``, in the unit of ``USUAL``.
    """

    quantity: Quantity
    x_m: float
    y_m: float
    strength: float
    spread_m: float = 1.0
    from_s: float = 0.0
    to_s: float = inf


@dataclass(frozen=True, slots=True)
class Switch:
    """A digital input that is on while the car is within ``reach_m``, from ``from_s`` to ``to_s``."""

    channel: int
    x_m: float = 0.0
    y_m: float = 0.0
    reach_m: float = inf
    from_s: float = 0.0
    to_s: float = inf

    def is_on(self, at: Place, now_s: float) -> bool:
        """Whether it is on for a car at this place."""
        near = hypot(at[0] - self.x_m, at[1] - self.y_m) <= self.reach_m
        return near and self.from_s <= now_s < self.to_s


@dataclass(frozen=True, slots=True)
class Things:
    """Everything of that kind in one world."""

    docks: tuple[Dock, ...] = ()
    tags: tuple[Tag, ...] = ()
    sources: tuple[Source, ...] = ()
    switches: tuple[Switch, ...] = ()
    usual: Mapping[Quantity, float] = field(default_factory=lambda: USUAL)

    def level(self, quantity: Quantity, at: Place, now_s: float, world: World) -> float:
        """Return how much of a quantity there is in a place, in the unit of ``USUAL``."""
        return self.usual.get(quantity, USUAL[quantity]) + sum(
            source.strength
            * exp(-0.5 * (hypot(source.x_m - at[0], source.y_m - at[1]) / source.spread_m) ** 2)
            for source in self.sources
            if source.quantity is quantity
            and source.from_s <= now_s < source.to_s
            and (quantity not in SEEN or sees(world, at, (source.x_m, source.y_m)))
        )


NOTHING: Final = Things()


def sees(world: World, here: Place, there: Place) -> bool:
    """Whether nothing that stands still is between two places."""
    dx, dy = there[0] - here[0], there[1] - here[1]
    far_m = hypot(dx, dy)
    if far_m == 0.0:
        return True
    ray = np.array([[here[0], here[1], dx / far_m, dy / far_m]])
    return bool(world.cast(ray, far_m)[0][0] == inf)
