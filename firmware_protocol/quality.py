"""How much of what is sent over the line arrives, in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from firmware_protocol.messages import HostStats, LinkStats


class Counts(NamedTuple):
    """What one receiver counted; the numbers of the controller's wrap."""

    frames: int = 0
    rejected: int = 0
    lost: int = 0
    rescued: int = 0

    def since(self, before: Counts) -> Counts:
        """Return what was counted since then."""
        return Counts(
            (self.frames - before.frames) % 2**32,
            (self.rejected - before.rejected) % 2**16,
            (self.lost - before.lost) % 2**16,
            (self.rescued - before.rescued) % 2**16,
        )

    @property
    def loss(self) -> float:
        """The share of the other side's frames that did not arrive, 0 to 1."""
        sent = self.frames + self.lost
        return self.lost / sent if sent else 0.0


@dataclass(frozen=True, slots=True)
class LinkQuality:
    """The link lately: about the last second."""

    round_trip_ns: int = 0  # the shortest of late, 0 while unknown
    loss_here: float = 0.0  # share of the controller's frames that did not reach the host
    loss_there: float = 0.0  # share of the host's frames that did not reach the controller


def counts_of(stats: LinkStats) -> Counts:
    """Return what the controller's receiver counted."""
    rejected = stats.bad_crc + stats.bad_length + stats.bad_cobs + stats.unknown
    return Counts(stats.frames, rejected, stats.lost, stats.rescued)


def report(session: int, counts: Counts, round_trip_ns: int) -> HostStats:
    """Return what the host tells about its own receiver."""
    return HostStats(
        session,
        counts.frames % 2**32,
        counts.rejected % 2**16,
        counts.lost % 2**16,
        counts.rescued % 2**16,
        round(round_trip_ns / 1000) / 1e6,
    )
