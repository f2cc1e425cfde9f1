"""Sensors below the bumpers that look for the floor."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sim.native import CliffsStruct

MOST = 8
CORNERS: Mapping[int, tuple[float, float]] = MappingProxyType(
    {0: (0.15, 0.10), 3: (0.15, -0.10), 4: (-0.11, 0.10), 7: (-0.11, -0.10)}
)


@dataclass(frozen=True, slots=True)
class CliffParameters:
    """Where they sit in ``base_link``, by bit: 0 to 3 front, 4 to 7 rear, left to right.

    ``blind_level`` is how dark paint must be for an infrared sensor to take it for no floor; 0 for sensors
    that measure a distance and are not fooled.
    """

    at_m: Mapping[int, tuple[float, float]] = field(default_factory=lambda: CORNERS)
    blind_level: int = 0

    def __post_init__(self) -> None:
        """Refuse a bit that the protocol does not have."""
        if not all(0 <= bit < MOST for bit in self.at_m):
            message = f"cliff sensors are bits 0 to {MOST - 1}, found {sorted(self.at_m)}"
            raise ValueError(message)


class Cliffs:
    """All cliff sensors of a car."""

    def __init__(self, parameters: CliffParameters) -> None:
        self.struct = CliffsStruct(
            fitted=sum(1 << bit for bit in parameters.at_m), blind_level=parameters.blind_level
        )
        for bit, place in parameters.at_m.items():
            self.struct.at_m[bit][:] = place
        self.address = ctypes.addressof(self.struct)
