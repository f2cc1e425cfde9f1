"""Run a core in virtual time: the clock is a number, so an hour passes as fast as it can be computed."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from patrolcar.pilot.intents import Intent
from patrolcar.pilot.snapshot import EventView
from patrolcar.runtime.core import PERIOD_NS, Core


class VirtualRun:
    """A core whose clock is moved by hand.

    ``trace`` hashes every byte sent, with its time: two runs with the same hash did the same.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.now_ns = 0
        self.trace = sha256()

    def turn(self, *intents: Intent) -> tuple[EventView, ...]:
        """Advance one period and do one turn; returns what happened."""
        self.now_ns += PERIOD_NS
        output = self.core.turn(intents, self.now_ns)
        self.trace.update(self.now_ns.to_bytes(8, "little") + output.to_send)
        return output.events

    def until(self, done: Callable[[], bool], limit_s: float) -> bool:
        """Turn until ``done``; returns False when ``limit_s`` of virtual time passed first."""
        end_ns = self.now_ns + round(limit_s * 1e9)
        while self.now_ns < end_ns:
            if done():
                return True
            self.turn()
        return done()
