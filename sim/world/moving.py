"""Walls that do not stay: doors that swing, things that appear and go.

Each group of walls has a row of positions and stands in one of them; twenty times a second it may go on to
the next. What would hit the car or a person waits. A wall that is absent lies far outside of everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, dist, hypot, inf, pi, sin
from typing import Final, Protocol

import numpy as np

from sim.native import Array
from sim.world.floor import Place
from sim.world.surfaces import PLASTER, Material

STEP_S: Final = 0.05
FILLED_M: Final = 0.15
ABSENT: Final = (1e9, 1e9, 1e9, 1e9)
Segment = tuple[float, float, float, float]
Span = tuple[float, float]


class Group(Protocol):
    """Some walls that move together."""

    @property
    def material(self) -> Material:
        """What they are made of."""

    @property
    def positions(self) -> Array:
        """Where they can be, shape (positions, walls, 4); they begin in the first one."""

    def wanted(self, now_s: float, nearest: Callable[[Place], float]) -> int:
        """Return the position they should be in.

        Args:
            now_s: Simulated time.
            nearest: How far the nearest person or car is from a place.

        """


@dataclass(frozen=True, slots=True)
class Door:
    """A door that turns around its hinge.

    Attributes:
        hinge: Where it turns.
        handle: Where its other end is when it is closed.
        swing_rad: How far it opens, anticlockwise; negative for clockwise.
        open_s: When it is open, as spans of time.
        opens_within_m: It also opens when somebody, or the car, is so near to the middle of its opening.
        turn_s: How long it takes to open.

    """

    hinge: Place
    handle: Place
    swing_rad: float = pi / 2
    open_s: tuple[Span, ...] = ()
    opens_within_m: float = 0.0
    turn_s: float = 1.5
    material: Material = PLASTER

    @property
    def positions(self) -> Array:
        """From closed to open."""
        wide = complex(self.handle[0] - self.hinge[0], self.handle[1] - self.hinge[1])
        turns = np.linspace(0.0, self.swing_rad, max(2, round(self.turn_s / STEP_S) + 1))
        ends = [wide * complex(cos(turn), sin(turn)) for turn in turns.tolist()]
        x, y = self.hinge
        return np.array([[[x, y, x + end.real, y + end.imag]] for end in ends])

    def wanted(self, now_s: float, nearest: Callable[[Place], float]) -> int:
        """Return the last position when it should be open, else the first."""
        middle = (0.5 * (self.hinge[0] + self.handle[0]), 0.5 * (self.hinge[1] + self.handle[1]))
        opens = any(from_s <= now_s < to_s for from_s, to_s in self.open_s)
        if self.opens_within_m > 0.0:
            opens = opens or nearest(middle) <= self.opens_within_m
        return len(self.positions) - 1 if opens else 0


@dataclass(frozen=True, slots=True)
class Appearing:
    """Walls that are there for a time: a box that somebody puts down, a chair that is taken away."""

    walls: tuple[Segment, ...]
    from_s: float
    to_s: float = inf
    material: Material = PLASTER

    @property
    def positions(self) -> Array:
        """Absent, and there."""
        return np.array([[ABSENT] * len(self.walls), list(self.walls)])

    def wanted(self, now_s: float, nearest: Callable[[Place], float]) -> int:
        """Return 1 while they should be there."""
        del nearest  # they come whether or not somebody is there, as soon as the place is free
        return int(self.from_s <= now_s < self.to_s)


def box(x_m: float, y_m: float, half_m: float) -> tuple[Segment, ...]:
    """Return a square box: four walls, and lines inside so close that no body fits between them."""
    low_x, low_y, high_x, high_y = x_m - half_m, y_m - half_m, x_m + half_m, y_m + half_m
    inside = np.linspace(low_x, high_x, max(2, int(2.0 * half_m / FILLED_M) + 2))[1:-1]
    return (
        (low_x, low_y, high_x, low_y),
        (high_x, low_y, high_x, high_y),
        (high_x, high_y, low_x, high_y),
        (low_x, high_y, low_x, low_y),
        *((x, low_y, x, high_y) for x in inside.tolist()),
    )


class Movers:
    """All groups of one world.

    Args:
        groups: What moves.
        walls: The rows of the world's walls that are theirs, group after group; written here, and kept as
            ``walls`` for who wants to look. One that is absent begins at ``ABSENT``.

    """

    def __init__(self, groups: Sequence[Group], walls: Array) -> None:
        self._groups = tuple(groups)
        self._positions = [group.positions for group in groups]
        self._index = [0] * len(self._groups)
        self._kept: dict[int, int] = {}  # groups that somebody holds in a position
        firsts = np.cumsum([0, *(positions.shape[1] for positions in self._positions)])
        self._rows = [walls[a:b] for a, b in pairwise(firsts)]
        self.walls = walls

    def keep(self, number: int, position: int) -> None:
        """Bring a group to a position and keep it there, whatever it would do by itself.

        Raises:
            ValueError: There is no such group or position.

        """
        if not (0 <= number < len(self._groups) and 0 <= position < len(self._positions[number])):
            message = f"there are {len(self._groups)} things that move here; found number {number}"
            raise ValueError(message)
        self._kept[number] = position

    def release(self, number: int) -> None:
        """Let a group do again what it does by itself."""
        self._kept.pop(number, None)

    def step(self, now_s: float, around: Sequence[Place], is_free: Callable[[], bool]) -> bool:
        """Let everything take its next step; return whether something moved.

        Args:
            now_s: Simulated time.
            around: Where the car and the people are.
            is_free: Whether no wall touches the car or a person now.

        """
        moved = False
        for number, group in enumerate(self._groups):
            index = self._index[number]
            wanted = self._kept.get(number)
            if wanted is None:
                wanted = group.wanted(now_s, lambda place: min(dist(place, one) for one in around))
            if wanted == index:
                continue
            following = index + (1 if wanted > index else -1)
            was_free = is_free()
            self._rows[number][:] = self._positions[number][following]
            if was_free and not is_free():
                self._rows[number][:] = self._positions[number][index]
                continue
            self._index[number] = following
            moved = True
        return moved


def sweeps(groups: Sequence[Group]) -> list[Array]:
    """Return, for each wall of all groups, every position it can be in, shape (positions, 4)."""
    swept = []
    for group in groups:
        positions = group.positions
        swept += [
            np.array([row for row in positions[:, wall] if hypot(*row[:2]) < ABSENT[0]])
            for wall in range(positions.shape[1])
        ]
    return swept


def present(movers: Movers | None) -> list[list[float]]:
    """Return the walls of movers that are there now, x1 y1 x2 y2 each."""
    if movers is None:
        return []
    rows: list[list[float]] = movers.walls[movers.walls[:, 0] < ABSENT[0]].tolist()
    return rows
