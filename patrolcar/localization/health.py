"""Whether to trust the pose: OK, UNSTABLE or LOST.

Two signs count: how widely the particles are spread, and which share of the beams ends where the map has a
wall. People lower the share, so a single bad scan says little: the share is averaged over the last scans,
and good health comes back later than it goes.
"""

from __future__ import annotations

from enum import Enum

_MEMORY = 0.7  # weight of the past in the averaged share, per scan
_UNSTABLE_SHARE, _LOST_SHARE = 0.55, 0.40
_UNSTABLE_SPREAD_M, _LOST_SPREAD_M = 0.25, 1.0
_RECOVERED = 0.1  # by this much the share must exceed a limit before health comes back


class Health(Enum):
    """How far to trust the pose."""

    OK = "ok"
    UNSTABLE = "unstable"
    """Drive slowly: the map and the scan agree badly, or several places are possible."""
    LOST = "lost"
    """Stop: the car may be anywhere."""


class HealthWatch:
    """Health from spread and match, with memory."""

    def __init__(self) -> None:
        self.health = Health.OK
        self.match = 1.0

    def update(self, share: float, spread_m: float) -> Health:
        """Take in the share of beams that fit, and the spread of the particles."""
        self.match = _MEMORY * self.match + (1.0 - _MEMORY) * share
        lost, unstable = _LOST_SHARE, _UNSTABLE_SHARE
        if self.health is Health.LOST:
            lost += _RECOVERED
        if self.health is not Health.OK:
            unstable += _RECOVERED
        if self.match < lost or spread_m > _LOST_SPREAD_M:
            self.health = Health.LOST
        elif self.match < unstable or spread_m > _UNSTABLE_SPREAD_M:
            self.health = Health.UNSTABLE
        else:
            self.health = Health.OK
        return self.health
