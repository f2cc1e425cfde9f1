"""People who walk their routes round and round, keep apart, keep off the walls, and give way to the car.

The model is in ``sim/kernels/sim_people.c``. People stop at every stop for its pause. Within 1.2 m of the
car ahead of them they slow down, step around it, or stand; after four seconds they go back the way they
came. They never enter a wall and never walk into the car.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.native import Array, CrowdStruct, OutlineStruct, PersonStruct, WalkersStruct, kernels
from sim.noise import stream

RADIUS_M = 0.25
PERIOD_STEPS = 5
"""People move every fifth control period: 20 times a second."""
GUESTS = 8
"""So many may come who were not there from the start."""
FEW = 24
"""So many are asked one by one who is near; of more it is noted on which square of floor they stand."""
_GUEST_STOPS = 2


@dataclass(frozen=True, slots=True)
class Temperament:
    """How somebody takes a car.

    Attributes:
        haste: Walking speed over that of the route.
        give_way_m: Gap at which the person begins to slow down.
        halt_m: Gap at which the person stands.
        draw_mps2: Pull towards the car; negative for away from it.
        draw_m: Gap within which it pulls.

    """

    haste: float = 1.0
    give_way_m: float = 1.2
    halt_m: float = 0.35
    draw_mps2: float = 0.0
    draw_m: float = 2.5


CALM = Temperament()
HURRIED = Temperament(haste=1.4, give_way_m=0.7, halt_m=0.15)
DISTRACTED = Temperament(haste=0.9, give_way_m=0.3, halt_m=0.1)
CURIOUS = Temperament(haste=0.9, give_way_m=0.9, halt_m=0.6, draw_mps2=2.5)
FRIGHTENED = Temperament(haste=1.2, give_way_m=2.0, halt_m=1.2, draw_mps2=-3.0)


HEEDLESS = Temperament(give_way_m=0.12, halt_m=0.08)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who comes while the car drives, or a round thing that somebody puts down.

    Attributes:
        stops: Where it stands, or the two ends of its way; it begins at the first.
        speed_mps: How fast it walks; 0 for a thing.
        pause_s: How long it stays at each end.
        radius_m: Half its width.
        mood: How it takes the car.

    """

    stops: tuple[tuple[float, float], ...]
    speed_mps: float = 0.0
    pause_s: float = 3600.0
    radius_m: float = RADIUS_M
    mood: Temperament = HEEDLESS


class Route(Protocol):
    """A way that somebody walks: straight from stop to stop, then from the last to the first, for ever.

    Every straight piece must be free for a disc of 0.25 m. A site's ``PersonRoute`` is one.
    """

    @property
    def stops(self) -> Sequence[tuple[float, float]]:
        """Places in the map, metres; at least one."""

    @property
    def speed_mps(self) -> float:
        """How fast the person likes to walk."""

    @property
    def pause_s(self) -> float:
        """How long the person stays at each stop."""


class People:
    """Everybody who walks."""

    def __init__(
        self,
        routes: Sequence[Route],
        seed: int,
        period_s: float,
        temperaments: Sequence[Temperament] = (),
    ) -> None:
        self._temperaments = tuple(temperaments) or (CALM,)
        self.most = len(routes) + GUESTS
        self._discs: Array = np.zeros((self.most, 3))
        self._people = (PersonStruct * self.most)()
        known = sum(len(route.stops) for route in routes)
        self._stops: Array = np.zeros((known + GUESTS * _GUEST_STOPS, 2))
        self._guests: list[int] = []  # who is where behind those who were there from the start
        self._rows = [known + _GUEST_STOPS * slot for slot in range(GUESTS)]  # free places for their stops
        self._crowd, self._places = _crowd(self.most)
        self._place(routes, stream(seed, "people"))
        self._struct = WalkersStruct(
            people=ctypes.addressof(self._people),
            stops=self._stops.ctypes.data,
            discs=self._discs.ctypes.data,
            period_s=period_s,
            period_steps=PERIOD_STEPS,
        )
        self.address = ctypes.addressof(self._struct)
        self._count(len(routes))

    @property
    def count(self) -> int:
        """How many there are."""
        n: int = self._struct.n
        return n

    def _count(self, n: int) -> None:
        """Let there be so many."""
        self._struct.n = n
        self._struct.crowd = ctypes.addressof(self._crowd) if n > FEW else None

    def _place(self, routes: Sequence[Route], generator: np.random.Generator) -> None:
        """Put everybody on the first stop; nobody sets out at the same time or walks alike."""
        first = 0
        for index, route in enumerate(routes):
            count = len(route.stops)
            if count == 0 or not route.speed_mps > 0.0:
                message = f"people[{index}]: a route needs a stop and a speed above 0, found {route}"
                raise ValueError(message)
            self._stops[first : first + count] = route.stops
            x_m, y_m = route.stops[0]
            haste, wait_s = generator.uniform(0.9, 1.1), generator.uniform(0.0, 3.0)
            mood = self._temperaments[index % len(self._temperaments)]
            self._people[index] = PersonStruct(
                x_m, y_m, 0.0, 0.0, RADIUS_M, haste * mood.haste * route.speed_mps, route.pause_s,
                wait_s, 0.0, mood.give_way_m, mood.halt_m, mood.draw_mps2, mood.draw_m,
                first, count, min(1, count - 1), 1,
            )  # fmt: skip
            self._discs[index] = x_m, y_m, RADIUS_M
            first += count

    def enter(self, guest: Guest) -> int:
        """Let somebody come; returns a number by which the guest can be sent away.

        Raises:
            ValueError: There is no room for one more, or the way has not one or two ends.

        """
        if not self._rows or not 0 < len(guest.stops) <= _GUEST_STOPS:
            message = f"{GUESTS} guests at most, each with 1 or {_GUEST_STOPS} stops; found {guest}"
            raise ValueError(message)
        first, count, mood = self._rows.pop(), len(guest.stops), guest.mood
        self._stops[first : first + count] = guest.stops
        x_m, y_m = guest.stops[0]
        self._people[self.count] = PersonStruct(
            x_m, y_m, 0.0, 0.0, guest.radius_m, mood.haste * guest.speed_mps, guest.pause_s,
            0.0, 0.0, mood.give_way_m, mood.halt_m, mood.draw_mps2, mood.draw_m,
            first, count, count - 1, 1,
        )  # fmt: skip
        self._discs[self.count] = x_m, y_m, guest.radius_m
        self._guests.append(first)
        self._count(self.count + 1)
        return first

    def leave(self, number: int) -> None:
        """Let a guest vanish; those who came later close up."""
        place = self.count - len(self._guests) + self._guests.index(number)
        self._guests.remove(number)
        self._rows.append(number)
        self._count(self.count - 1)
        for index in range(place, self.count):
            self._people[index] = self._people[index + 1]
            self._discs[index] = self._discs[index + 1]

    @property
    def discs(self) -> Array:
        """Where everybody is, shape (N, 3): x, y, radius."""
        return self._discs[: self.count]

    @property
    def positions_m(self) -> Array:
        """Where everybody is, shape (N, 2); a copy."""
        return self._discs[: self.count, :2].copy()

    def walk(self, world: int, outline: OutlineStruct, pose: int) -> None:
        """Advance everybody by one period; the world, and the car's pose, by address."""
        kernels().sim_people_step(self.address, world, ctypes.addressof(outline), pose)


def _crowd(most: int) -> tuple[CrowdStruct, NDArray[np.int32]]:
    """Return the structure that tells who is near whom, and the memory it points to."""
    buckets = 1 << most.bit_length()
    memory = np.zeros(buckets + 3 * most, dtype=np.int32)
    starts = [memory[buckets + number * most :].ctypes.data for number in range(3)]
    return CrowdStruct(0.0, memory.ctypes.data, *starts, buckets), memory
