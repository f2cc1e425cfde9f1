"""What to try, and when, once the car gets no nearer to its goal.

Wait a little (people move), plan round what the lidar sees, back off, plan again; after a while, say that it
is blocked and keep trying. Whoever gave the goal decides whether to give up.
"""

from __future__ import annotations

from enum import Enum

from patrolcar.geometry import wrapped

_STEP_M = 0.1  # this much nearer is progress
_STEP_RAD = 0.5  # so is this much of a turn, a few times
_TURNS_THAT_COUNT = 8
_REPLAN_EVERY_S = 2.0
_BACK_OFF = ((1.2, 0.8), (5.0, 2.0))  # seconds without progress, seconds of backing off
_BACK_OFF_EVERY_S = 6.0  # from then on, as long as before
_BLOCKED_AFTER_S = 15.0


class Remedy(Enum):
    """What to try now."""

    NONE = "go on"
    REPLAN = "plan round what is in the way"
    BACK_OFF = "back off"


class Recovery:
    """Watches the way left and says what to try when it stops falling."""

    def __init__(self) -> None:
        self._best_m = float("inf")
        self._since_ns: int | None = None
        self._yaw_rad = 0.0
        self._turns = 0
        self._replans = 0
        self._back_offs = 0
        self._backing_until_ns = 0

    def update(self, remaining_m: float, yaw_rad: float, now_ns: int, *, is_stuck: bool) -> Remedy:
        """Return what to try now.

        Args:
            remaining_m: Way left.
            yaw_rad: Heading; turning on the spot is progress too, for a while.
            now_ns: Monotonic time.
            is_stuck: Whether no motion at all was possible just now.

        """
        if self._since_ns is None or remaining_m < self._best_m - _STEP_M:
            self._moved(remaining_m, yaw_rad, now_ns)
            self._turns = 0
        elif abs(wrapped(yaw_rad - self._yaw_rad)) > _STEP_RAD and self._turns < _TURNS_THAT_COUNT:
            self._turns += 1
            self._moved(min(self._best_m, remaining_m), yaw_rad, now_ns)
        waited = self.waited_s(now_ns)
        if now_ns < self._backing_until_ns:
            return Remedy.BACK_OFF
        later = max(self._back_offs + 1 - len(_BACK_OFF), 0)
        start_s, for_s = _BACK_OFF[min(self._back_offs, len(_BACK_OFF) - 1)]
        if is_stuck and waited >= start_s + later * _BACK_OFF_EVERY_S:
            self._backing_until_ns = now_ns + int(for_s * 1e9)
            self._back_offs += 1
            return Remedy.BACK_OFF
        if waited >= _REPLAN_EVERY_S * (self._replans + 1):
            self._replans += 1
            return Remedy.REPLAN
        return Remedy.NONE

    def replanned(self, remaining_m: float) -> None:
        """Measure progress from here: a new path has another length."""
        self._best_m = remaining_m

    def waited_s(self, now_ns: int) -> float:
        """Return how long there has been no progress."""
        return 0.0 if self._since_ns is None else (now_ns - self._since_ns) * 1e-9

    def is_blocked(self, now_ns: int) -> bool:
        """Whether it is time to say so."""
        return self.waited_s(now_ns) >= _BLOCKED_AFTER_S

    def _moved(self, remaining_m: float, yaw_rad: float, now_ns: int) -> None:
        self._best_m = remaining_m
        self._yaw_rad = yaw_rad
        self._since_ns = now_ns
        self._replans = self._back_offs = 0
