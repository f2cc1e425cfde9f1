"""How far a patrol has come: a value, and what each event makes of it.

Nothing here waits or reads a clock. Each event returns the next ``Patrol``, so the same events at
the same times give the same patrol, and an old one can be kept and compared.

Idleness of a place is the time since it was last visited, or since the patrol started. It is
measured when a visit begins and when one is missed (a missed visit does not reset it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from patrolcar.mission.model import Mission, OnFailure, Visit

HOME: Final = "home"
HOME_RETRIES: Final = 2

_NS: Final = 1_000_000_000


class Phase(StrEnum):
    """What the patrol is doing."""

    DRIVING = "driving"
    DWELLING = "dwelling"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


OVER: Final = frozenset({Phase.DONE, Phase.FAILED})


@dataclass(frozen=True, slots=True)
class Goal:
    """Where to drive now. At home, ``is_home`` is true and ``place`` is ``HOME``."""

    place: str
    is_home: bool
    speed_mps: float | None


@dataclass(frozen=True, slots=True)
class PlaceTally:
    """How well one place was kept; times in nanoseconds."""

    last_ns: int
    visits: int = 0
    missed: int = 0
    worst_idle_ns: int = 0
    total_idle_ns: int = 0

    def visited(self, now_ns: int) -> PlaceTally:
        """Return the tally after a visit that begins now."""
        idle = now_ns - self.last_ns
        return PlaceTally(
            now_ns, self.visits + 1, self.missed, max(self.worst_idle_ns, idle), self.total_idle_ns + idle
        )

    def not_visited(self, now_ns: int) -> PlaceTally:
        """Return the tally after a visit that was given up now."""
        return replace(
            self, missed=self.missed + 1, worst_idle_ns=max(self.worst_idle_ns, now_ns - self.last_ns)
        )

    def worst_idle_s(self, now_ns: int) -> float:
        """Return the longest time between visits; a place never visited has waited until now."""
        waiting = 0 if self.visits else now_ns - self.last_ns
        return max(self.worst_idle_ns, waiting) / _NS

    def mean_idle_s(self, now_ns: int) -> float:
        """Return the mean time between visits; a place never visited has waited until now."""
        return (self.total_idle_ns / self.visits if self.visits else now_ns - self.last_ns) / _NS


@dataclass(frozen=True, slots=True)
class Patrol:
    """Progress through a mission; make one with ``Patrol.start``.

    ``loop`` counts completed loops, ``leg`` the visits of this loop that are behind us, ``tries``
    the failed attempts at the current goal. ``reached`` counts arrivals in this loop.
    """

    mission: Mission
    visits: tuple[Visit, ...]
    tallies: Mapping[str, PlaceTally]
    started_ns: int
    phase: Phase = Phase.DRIVING
    loop: int = 0
    leg: int = 0
    tries: int = 0
    reached: int = 0
    going_home: bool = False
    reason: str = ""
    laps_ns: tuple[int, ...] = ()
    loop_started_ns: int = 0
    dwell_left_ns: int = 0
    ticked_ns: int = 0
    resume_phase: Phase = Phase.DRIVING
    ended_ns: int | None = None

    @staticmethod
    def start(mission: Mission, now_ns: int, order: Sequence[int] | None = None) -> Patrol:
        """Return a patrol that begins now.

        Args:
            mission: What to do.
            now_ns: Host monotonic time.
            order: Indices into ``mission.visits``, each once, in driving order (see
                ``patrolcar.mission.order``); as listed when None.

        """
        indices = range(len(mission.visits)) if order is None else order
        visits = tuple(mission.visits[index] for index in indices)
        tallies = MappingProxyType({visit.place: PlaceTally(now_ns) for visit in visits})
        return Patrol(mission, visits, tallies, now_ns, loop_started_ns=now_ns, ticked_ns=now_ns)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.phase in OVER

    @property
    def visit(self) -> Visit | None:
        """The visit we are driving to or dwelling at; None on the way home and at the end."""
        return None if self.going_home or self.is_over else self.visits[self.leg]

    @property
    def goal(self) -> Goal | None:
        """Where to drive now; None while dwelling, paused and at the end."""
        return self.heading_for if self.phase is Phase.DRIVING else None

    @property
    def heading_for(self) -> Goal | None:
        """The current goal, also while dwelling or paused; None at the end."""
        if self.is_over:
            return None
        visit = self.visit
        return Goal(HOME, True, None) if visit is None else Goal(visit.place, False, visit.speed_mps)

    @property
    def laps(self) -> int:
        """Number of completed loops."""
        return len(self.laps_ns)

    def arrived(self, now_ns: int) -> Patrol:
        """Return the patrol after the car reached its goal; no effect when it has none."""
        if self.phase is not Phase.DRIVING:
            return self
        visit = self.visit
        if visit is None:
            return _ended(self, now_ns)
        tally = self.tallies[visit.place].visited(now_ns)
        here = replace(_tallied(self, visit.place, tally), reached=self.reached + 1, tries=0)
        dwell_ns = round(visit.dwell_s * _NS)
        if dwell_ns <= 0:
            return _next_leg(here, now_ns)
        return replace(here, phase=Phase.DWELLING, dwell_left_ns=dwell_ns, ticked_ns=now_ns)

    def failed(self, now_ns: int, reason: str) -> Patrol:
        """Return the patrol after the car could not reach its goal; no effect when it has none."""
        if self.phase is not Phase.DRIVING:
            return self
        visit = self.visit
        if self.tries < _retries(visit):
            return replace(self, tries=self.tries + 1)
        if visit is None:
            why = f"{self.reason}; " if self.reason else ""
            return _over(self, Phase.FAILED, f"{why}could not get home: {reason}", now_ns)
        behind = _missed(self, now_ns)
        if visit.on_failure is OnFailure.ABORT:
            return _over(behind, Phase.FAILED, f"{visit.place}: {reason}", now_ns)
        return _next_leg(behind, now_ns)

    def tick(self, now_ns: int) -> Patrol:
        """Return the patrol as time passes; only a dwell changes with it."""
        if self.phase is not Phase.DWELLING:
            return self
        left_ns = self.dwell_left_ns - (now_ns - self.ticked_ns)
        if left_ns > 0:
            return replace(self, dwell_left_ns=left_ns, ticked_ns=now_ns)
        return _next_leg(replace(self, phase=Phase.DRIVING, dwell_left_ns=0), now_ns)

    def paused(self, now_ns: int) -> Patrol:
        """Return the patrol held where it is; dwell time stands still."""
        current = self.tick(now_ns)
        if current.phase not in {Phase.DRIVING, Phase.DWELLING}:
            return current
        return replace(current, phase=Phase.PAUSED, resume_phase=current.phase)

    def resumed(self, now_ns: int) -> Patrol:
        """Return the patrol going on with the same goal or dwell."""
        if self.phase is not Phase.PAUSED:
            return self
        return replace(self, phase=self.resume_phase, ticked_ns=now_ns)

    def skipped(self, now_ns: int) -> Patrol:
        """Return the patrol on its way to the next place, by order of the operator.

        Skipping a dwell cuts it short; skipping a place not yet reached counts as missed; home
        cannot be skipped. A paused patrol stays paused.
        """
        if self.visit is None:
            return self
        behind = self if self._is_at_place else _missed(self, now_ns)
        after = _next_leg(replace(behind, phase=Phase.DRIVING, dwell_left_ns=0), now_ns)
        return self._held_if_paused(after)

    def stopped(self, now_ns: int, reason: str) -> Patrol:
        """Return the patrol ended as failed, by an operator or a fault."""
        return self if self.is_over else _over(self, Phase.FAILED, reason, now_ns)

    def battery(self, now_ns: int, percent: float) -> Patrol:
        """Return the patrol sent home when the battery is at its limit; it then ends as failed."""
        limit = self.mission.battery_return_percent
        if limit is None or percent > limit or self.visit is None:
            return self
        reason = f"battery at {percent:.0f} %, the mission goes home at {limit:.0f} %"
        behind = self if self._is_at_place else _missed(self, now_ns)
        home = replace(behind, phase=Phase.DRIVING, going_home=True, tries=0, reason=reason, dwell_left_ns=0)
        return self._held_if_paused(home)

    @property
    def _is_at_place(self) -> bool:
        doing = self.resume_phase if self.phase is Phase.PAUSED else self.phase
        return doing is Phase.DWELLING

    def _held_if_paused(self, after: Patrol) -> Patrol:
        if self.phase is Phase.PAUSED and not after.is_over:
            return replace(after, phase=Phase.PAUSED, resume_phase=Phase.DRIVING)
        return after


def _retries(visit: Visit | None) -> int:
    if visit is None:
        return HOME_RETRIES
    return visit.retries if visit.on_failure is OnFailure.RETRY else 0


def _next_leg(patrol: Patrol, now_ns: int) -> Patrol:
    """Return the patrol moved on to the next visit, loop, home or the end."""
    if patrol.leg + 1 < len(patrol.visits):
        return replace(patrol, leg=patrol.leg + 1, tries=0)
    if patrol.reached == 0:
        return _over(patrol, Phase.FAILED, "no place could be reached in a whole loop", now_ns)
    lap = replace(
        patrol,
        loop=patrol.loop + 1,
        leg=0,
        tries=0,
        reached=0,
        laps_ns=(*patrol.laps_ns, now_ns - patrol.loop_started_ns),
        loop_started_ns=now_ns,
    )
    if lap.loop < patrol.mission.loops:
        return lap
    return replace(lap, going_home=True) if patrol.mission.return_home else _ended(lap, now_ns)


def _ended(patrol: Patrol, now_ns: int) -> Patrol:
    """Return the patrol at its end; one that was sent home early has failed."""
    return _over(patrol, Phase.FAILED if patrol.reason else Phase.DONE, patrol.reason, now_ns)


def _over(patrol: Patrol, phase: Phase, reason: str, now_ns: int) -> Patrol:
    return replace(patrol, phase=phase, reason=reason, ended_ns=now_ns, dwell_left_ns=0)


def _missed(patrol: Patrol, now_ns: int) -> Patrol:
    place = patrol.visits[patrol.leg].place
    return _tallied(patrol, place, patrol.tallies[place].not_visited(now_ns))


def _tallied(patrol: Patrol, place: str, tally: PlaceTally) -> Patrol:
    return replace(patrol, tallies=MappingProxyType({**patrol.tallies, place: tally}))
