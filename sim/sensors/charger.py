"""The contacts of a charging dock."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from math import radians

import numpy as np

from sim.native import Array, ChargerStruct
from sim.world.things import Dock


@dataclass(frozen=True, slots=True)
class ChargerParameters:
    """How far aside the contacts still touch, and the current of the charger; a full battery takes less."""

    reach_m: float = 0.015
    reach_rad: float = radians(8.0)
    gives_a: float = 1.5


class Charger:
    """The contacts of one car. ``struct.dead`` takes the power out of every dock."""

    def __init__(self, parameters: ChargerParameters, docks: Sequence[Dock]) -> None:
        self._docks: Array = np.array(docks, dtype=np.float64).reshape(-1, 3)
        self.struct = ChargerStruct(
            docks=self._docks.ctypes.data,
            reach_m=parameters.reach_m,
            reach_rad=parameters.reach_rad,
            gives_a=parameters.gives_a,
            n_docks=len(docks),
        )
        self.address = ctypes.addressof(self.struct)
