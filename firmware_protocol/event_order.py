"""The controller's events in order, each once, with what is lost for good counted.

The controller tells an event again until it is acknowledged, and says with each how many older ones it
still keeps. So an event that came too early waits here for those before it, and one that the controller
no longer keeps is waited for no longer.
"""

from __future__ import annotations

from typing import Final

from firmware_protocol.messages import Event

COUNTS: Final = 65_536


def _ahead(count: int, of: int) -> int:
    """Return how far one event number is after another, negative for before."""
    return (count - of + COUNTS // 2) % COUNTS - COUNTS // 2


class EventOrder:
    """What of one boot's events was delivered."""

    def __init__(self) -> None:
        self.ack_due = False
        self._next: int | None = None
        self._early: dict[int, Event] = {}

    @property
    def delivered(self) -> int | None:
        """Number of the newest event of which none before is missing; None before the first."""
        return None if self._next is None else (self._next - 1) % COUNTS

    def take(self, event: Event) -> tuple[list[Event], int]:
        """Return the events that are now in order, and how many are lost for good."""
        self.ack_due = True
        oldest = (event.event_count - event.older) % COUNTS
        if self._next is None:
            self._next = oldest
        ready, lost = self._up_to(self._next, oldest)
        if _ahead(event.event_count, self._next) >= 0:
            self._early[event.event_count] = event
        while self._next in self._early:
            ready.append(self._early.pop(self._next))
            self._next = (self._next + 1) % COUNTS
        return ready, lost

    def _up_to(self, first: int, oldest: int) -> tuple[list[Event], int]:
        """Go on to the oldest event that still comes; return what came before it and how many did not."""
        gap = _ahead(oldest, first)
        if gap <= 0:
            return [], 0
        self._next = oldest
        passed = sorted(
            (count for count in self._early if _ahead(oldest, count) > 0), key=lambda c: _ahead(c, first)
        )
        return [self._early.pop(count) for count in passed], gap - len(passed)
