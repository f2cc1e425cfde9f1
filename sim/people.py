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

from sim.native import Array, OutlineStruct, PersonStruct, kernels
from sim.noise import stream

RADIUS_M = 0.25
PERIOD_STEPS = 5
"""People move every fifth control period: 20 times a second."""


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
    """Everybody who walks. ``discs`` (shape (N, 3): x, y, radius) is where they are; kernels read it."""

    def __init__(
        self,
        routes: Sequence[Route],
        seed: int,
        period_s: float,
        temperaments: Sequence[Temperament] = (),
    ) -> None:
        self._temperaments = tuple(temperaments) or (CALM,)
        self.count = len(routes)
        self.discs: Array = np.zeros((max(self.count, 1), 3))
        self._period_s = period_s
        self._people = (PersonStruct * max(self.count, 1))()
        self._stops: Array = np.zeros((max(sum(len(route.stops) for route in routes), 1), 2))
        self._place(routes, stream(seed, "people"))
        self._step = kernels().sim_people_step
        self._people_at = ctypes.addressof(self._people)
        self._stops_at, self.discs_at = self._stops.ctypes.data, self.discs.ctypes.data

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
            self.discs[index] = x_m, y_m, RADIUS_M
            first += count

    @property
    def positions_m(self) -> Array:
        """Where everybody is, shape (N, 2); a copy."""
        return self.discs[: self.count, :2].copy()

    def walk(self, world: int, outline: OutlineStruct, pose: int) -> None:
        """Advance everybody by one period; the world, and the car's pose, by address."""
        self._step(
            self._people_at,
            self.count,
            self._stops_at,
            world,
            ctypes.addressof(outline),
            pose,
            self._period_s,
            self.discs_at,
        )
