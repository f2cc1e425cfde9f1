"""Driving by hand: who holds the control lease, and what they want right now."""

from __future__ import annotations

from typing import Final

from patrolcar.geometry import ZERO_TWIST, Twist2
from patrolcar.pilot.intents import Drive

LEASE_NS: Final = 200_000_000


class Hand:
    """The control lease: one client at a time, for 200 ms after each of its commands.

    A client that crashes, hangs or loses its terminal stops renewing, and the car stands.
    """

    def __init__(self) -> None:
        self._latest: Drive | None = None
        self._at_ns = 0

    def take(self, command: Drive, now_ns: int) -> bool:
        """Obey ``command`` unless another client holds the lease; returns whether it is obeyed."""
        holder = self.holder(now_ns)
        if holder is not None and holder != command.client:
            return False
        self._latest, self._at_ns = command, now_ns
        return True

    def holder(self, now_ns: int) -> str | None:
        """Return the client whose lease runs."""
        if self._latest is None or now_ns - self._at_ns > LEASE_NS:
            return None
        return self._latest.client

    def twist(self, now_ns: int) -> Twist2:
        """Return the wanted motion; zero when nobody holds the lease."""
        return self._latest.twist if self._latest and self.holder(now_ns) else ZERO_TWIST
