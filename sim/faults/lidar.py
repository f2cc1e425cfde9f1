"""Faults of the lidar."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from typing_extensions import override

from firmware_protocol.controller_layout import ScanStruct
from sim.faults.effect import Effect
from sim.faults.target import Target

NOTHING_SEEN, BROKEN = 0xFFFF, 0xFFFD
PIECE = 90


@dataclass
class Off(Effect):
    """It does not turn, or its plug is out."""

    @override
    def scanned(self, scan: ScanStruct) -> bool:
        return False


@dataclass
class Frozen(Effect):
    """It repeats the turn of the onset for ever."""

    _kept: dict[int, list[int]] = field(default_factory=dict, init=False)

    @override
    def scanned(self, scan: ScanStruct) -> bool:
        scan.ranges[:] = self._kept.setdefault(scan.first, list(scan.ranges))
        return True


@dataclass
class Noisy(Effect):
    """It says anything."""

    _noise: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0), init=False)

    @override
    def begin(self, target: Target) -> None:
        self._noise = target.noise

    @override
    def scanned(self, scan: ScanStruct) -> bool:
        scan.ranges[:] = self._noise.integers(0, 65536, PIECE).tolist()
        return True


@dataclass
class Patchy(Effect):
    """A share of the beams comes to nothing: dark walls, sunlight."""

    share: float = 0.5
    _noise: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0), init=False)

    @override
    def begin(self, target: Target) -> None:
        self._noise = target.noise

    @override
    def scanned(self, scan: ScanStruct) -> bool:
        for beam in np.flatnonzero(self._noise.random(PIECE) < self.share).tolist():
            scan.ranges[beam] = NOTHING_SEEN
        return True


@dataclass
class Covered(Effect):
    """Something covers half of the view: those beams are broken."""

    from_deg: float = 0.0
    to_deg: float = 180.0

    @override
    def scanned(self, scan: ScanStruct) -> bool:
        for index in range(PIECE):
            bearing_deg = 360.0 * (scan.first + index) / scan.beams_per_turn
            if self.from_deg <= bearing_deg < self.to_deg:
                scan.ranges[index] = BROKEN
        return True


@dataclass
class Seldom(Effect):
    """It gives one turn out of ``times``."""

    times: int = 5

    @override
    def scanned(self, scan: ScanStruct) -> bool:
        return bool(scan.turn % self.times == 0)


@dataclass
class Delayed(Effect):
    """Its pieces arrive ``pieces`` too late, with the stamps of today."""

    pieces: int = 12
    _past: deque[tuple[int, list[int]]] = field(default_factory=deque, init=False)

    @override
    def scanned(self, scan: ScanStruct) -> bool:
        self._past.append((scan.first, list(scan.ranges)))
        if len(self._past) <= self.pieces:
            return False
        scan.first, scan.ranges[:] = self._past.popleft()
        return True


@dataclass
class Longer(Effect):
    """It measures too much by ``metres``."""

    metres: float = 0.3

    @override
    def scanned(self, scan: ScanStruct) -> bool:
        for index in range(PIECE):
            if scan.ranges[index] < BROKEN:
                scan.ranges[index] = min(max(scan.ranges[index] + round(1000 * self.metres), 1), BROKEN - 1)
        return True
