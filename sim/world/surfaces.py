"""What walls are made of, as far as light and sound care."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.native import MaterialStruct

MOST_MATERIALS: Final = 256


@dataclass(frozen=True, slots=True)
class Material:
    """One surface.

    Attributes:
        lidar: Share of the light that comes back; a range shrinks with its root below the usual 0.7.
        passes: Share of the beams that go through; those within 5 degrees of square come back.
        mirrors: Share of the beams that go on as in a mirror.
        sonar: How far sound is heard back, over a hard wall.
        rough: Sound comes back at every angle.

    """

    lidar: float = 0.7
    passes: float = 0.0
    mirrors: float = 0.0
    sonar: float = 1.0
    rough: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no surface."""
        shares = (self.lidar, self.passes, self.mirrors, self.sonar, self.passes + self.mirrors)
        if not all(0.0 <= share <= 1.0 for share in shares):
            message = f"material: expected shares from 0 to 1, passes and mirrors together too, found {self}"
            raise ValueError(message)


PLASTER = Material()
DARK = Material(lidar=0.05)
GLASS = Material(lidar=0.3, passes=0.9)
MIRROR = Material(lidar=0.3, mirrors=0.95)
CURTAIN = Material(lidar=0.5, sonar=0.3, rough=True)
SHELF = Material(rough=True)


class Surfaces:
    """What each wall is made of; immutable once built.

    Args:
        chosen: One material for each wall, in the order of the world's walls.

    """

    def __init__(self, chosen: Sequence[Material]) -> None:
        self.chosen = tuple(chosen)
        kinds = list(dict.fromkeys(self.chosen))
        if len(kinds) > MOST_MATERIALS:
            message = f"{len(kinds)} different materials, at most {MOST_MATERIALS}"
            raise ValueError(message)
        self._kinds = (MaterialStruct * max(len(kinds), 1))(
            *(MaterialStruct(m.lidar, m.passes, m.mirrors, m.sonar, m.rough) for m in kinds)
        )
        self._chosen = np.array([kinds.index(material) for material in self.chosen], dtype=np.uint8)
        self.materials_at: int = ctypes.addressof(self._kinds)
        self.chosen_at: int = self._chosen.ctypes.data

    def check(self, walls: int) -> None:
        """Refuse to be the surfaces of another number of walls."""
        if walls != len(self.chosen):
            message = f"{len(self.chosen)} materials for {walls} walls"
            raise ValueError(message)
