"""Watch a mission from its start to its end, and say how it ended."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from patrolcar.modes import Mode
from patrolcar.pilot import Pilot
from patrolcar.pilot.intents import Intent, StartMission
from patrolcar.pilot.snapshot import EventView

READY_WITHIN_NS: Final = 15_000_000_000
GIVE_UP_AFTER_NS: Final = 15_000_000_000  # held, stopped or offline for so long: nobody is there to help


class Ending(Enum):
    """How a mission ended."""

    DONE = auto()
    FAILED = auto()
    NO_CAR = auto()
    LINK_LOST = auto()
    STOPPED = auto()
    TOO_LONG = auto()
    INTERRUPTED = auto()


class Watch:
    """Starts the mission of a pilot once it may, and notices its end.

    Args:
        pilot: Whose mission.
        limit_s: Longest time for all of it.

    """

    def __init__(self, pilot: Pilot, limit_s: float) -> None:
        self.ending: Ending | None = None
        self.why = ""
        self.losses: list[str] = []  # what the recorder had to say
        self._last_trouble = ""
        self._pilot = pilot
        self._limit_ns = round(limit_s * 1e9)
        self._started = False
        self._idle_since_ns: int | None = None

    def heard(self, event: EventView) -> None:
        """Take note of an event: the last trouble is the reason when nothing goes on."""
        if event.source == "recorder":
            self.losses.append(event.text)
        elif event.severity != "INFO":
            self._last_trouble = event.text

    def look(self, now_ns: int) -> Intent | None:
        """Look once a turn; returns what to ask of the pilot, if anything."""
        if self.ending is not None:
            return None
        if not self._started:
            return self._ready(now_ns)
        self._judge(now_ns)
        return None

    def _ready(self, now_ns: int) -> Intent | None:
        if self._pilot.may_start:
            self._started = True
            return StartMission("run")
        if self._pilot.mode is Mode.STOPPED:
            self._end(Ending.STOPPED, "STOP is latched from before: release it, then run the mission again")
        elif now_ns > READY_WITHIN_NS:
            why = self._last_trouble or self._pilot.session.sentence
            self._end(Ending.NO_CAR, f"no car was ready to start: {why}")
        return None

    def _judge(self, now_ns: int) -> None:
        pilot = self._pilot
        if pilot.autopilot.is_over:
            done = pilot.autopilot.activity == "done"
            self._end(Ending.DONE if done else Ending.FAILED, pilot.autopilot.activity)
        elif now_ns > self._limit_ns:
            self._end(Ending.TOO_LONG, f"not done after {self._limit_ns / 1e9:.0f} s")
        elif pilot.mode is Mode.PATROL or pilot.hand.holder(now_ns):
            self._idle_since_ns = None
        elif self._idle_since_ns is None:
            self._idle_since_ns = now_ns
        elif now_ns - self._idle_since_ns > GIVE_UP_AFTER_NS:
            ending = {Mode.STOPPED: Ending.STOPPED, Mode.OFFLINE: Ending.LINK_LOST}.get(
                pilot.mode, Ending.FAILED
            )
            because = f": {self._last_trouble}" if self._last_trouble else ""
            self._end(ending, f"the car is {pilot.mode.value} and nobody helps{because}")

    def _end(self, ending: Ending, why: str) -> None:
        self.ending, self.why = ending, why
