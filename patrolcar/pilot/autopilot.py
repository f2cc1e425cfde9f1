"""The mission at the wheel: which place next, the way there, and what to do when there is none."""

from __future__ import annotations

from typing import Final

from patrolcar.geometry import ZERO_TWIST, Points, Pose2, Twist2
from patrolcar.localization import Health
from patrolcar.mission import Goal, Mission, Order, Patrol, Phase
from patrolcar.mission.check import driving_order
from patrolcar.navigation import Guidance, GuidanceState, Navigator
from patrolcar.navigation.navigator import WAY_CLOSED
from patrolcar.pilot.position import Position
from patrolcar.site import Site
from patrolcar.state import CarState
from patrolcar.vehicle import Vehicle

PLAN_AFTER_NS: Final = 120_000_000  # without a new scan; a lidar turns ten times a second
UNSURE_MPS: Final = 0.2  # while the localisation is not sure of itself
GIVE_UP_AFTER_NS: Final = 20_000_000_000  # without a way, before the visit counts as failed
CLOSED_FOR_NS: Final = 1_000_000_000
_IDLE: Final = "no mission is running"


class Autopilot:
    """Drives one mission: asks the patrol for a goal and the navigator for a twist, ten times a second.

    Args:
        site: Where.
        vehicle: What drives.
        mission: What to patrol; None for none.

    """

    def __init__(self, site: Site, vehicle: Vehicle, mission: Mission | None) -> None:
        self.navigator = Navigator(site, vehicle)
        self.patrol: Patrol | None = None
        self.mission = mission
        self.guidance: Guidance | None = None
        self._site = site
        self._speed_mps = vehicle.limits.speed_mps
        self._order: tuple[int, ...] | None = None
        self._goal: Goal | None = None
        self._goal_key: tuple[int, int, int] | None = None
        self._plan_due_ns = 0
        self._scans = 0
        self._blocked_since_ns: int | None = None
        self._closed_since_ns: int | None = None
        self._closed_key: tuple[int, int, int] | None = None  # the leg whose closed way was told
        self._news: list[tuple[str, str]] = []

    @property
    def has_mission(self) -> bool:
        """Whether there is anything to patrol."""
        return self.mission is not None

    @property
    def may_resume(self) -> bool:
        """Whether a mission was begun and is not over."""
        return self.patrol is not None and not self.patrol.is_over

    @property
    def is_over(self) -> bool:
        """Whether the mission has ended, well or not."""
        return self.patrol is not None and self.patrol.is_over

    @property
    def twist(self) -> Twist2:
        """The motion the navigator wants now."""
        return self.guidance.twist if self.guidance else ZERO_TWIST

    @property
    def activity(self) -> str:
        """What it is doing, as a short sentence."""
        patrol = self.patrol
        if patrol is None:
            return _IDLE
        if patrol.is_over:
            return "done" if patrol.phase is Phase.DONE else f"failed: {patrol.reason}"
        heading_for = patrol.heading_for
        place = heading_for.place if heading_for else ""
        if patrol.phase is Phase.DWELLING:
            return f"waiting {patrol.dwell_left_ns / 1e9:.0f} s at {place}"
        remaining_m = self.guidance.remaining_m if self.guidance else 0.0
        reason = (
            "" if self.guidance is None or self.guidance.reason == "driving" else f", {self.guidance.reason}"
        )
        return f"to {place}, {remaining_m:.1f} m{reason}"

    def start(self, now_ns: int) -> None:
        """Begin the mission anew."""
        if self.mission is None:
            return
        if self._order is None:
            self._order = self._driving_order(self.mission)
        self.patrol = Patrol.start(self.mission, now_ns, self._order)
        self._goal, self._goal_key, self.guidance = None, None, None
        self._plan_due_ns = now_ns
        self._tell("INFO", f"mission {self.mission.name} begins")

    def pause(self, now_ns: int) -> None:
        """Hold."""
        if self.patrol is not None:
            self.patrol = self.patrol.paused(now_ns)
            self.guidance = None

    def resume(self, now_ns: int) -> None:
        """Go on; the way is planned anew from where the car is."""
        if self.patrol is not None:
            self.patrol = self.patrol.resumed(now_ns)
            self._goal_key = None

    def skip(self, now_ns: int) -> None:
        """Give up the current place."""
        if self.patrol is not None and self.patrol.visit is not None:
            self._tell("INFO", f"{self.patrol.visit.place} skipped by the operator")
            self.patrol = self.patrol.skipped(now_ns)

    def advance(self, car: CarState, position: Position, now_ns: int) -> None:
        """Let the mission go on at each whole scan, so that none waits; without one eight times a second."""
        if self.patrol is None or (now_ns < self._plan_due_ns and position.scans == self._scans):
            return
        self._plan_due_ns = now_ns + PLAN_AFTER_NS
        before = self.patrol
        patrol = before.tick(now_ns)
        if car.power is not None and car.power.charge_percent <= 100:  # noqa: PLR2004  (percent; 255 is unknown)
            patrol = patrol.battery(now_ns, float(car.power.charge_percent))
        self.patrol = patrol
        self._aim(patrol)
        if position.pose_map is not None:
            scan = self._new_scan(position)
            unsure = position.estimate.health is not Health.OK
            self._guide(patrol, position.pose_map, car.odometry.twist, scan, now_ns, is_unsure=unsure)
        self._report(before, self.patrol)

    def news(self) -> list[tuple[str, str]]:
        """Return severity and text of what happened since the last call."""
        news, self._news = self._news, []
        return news

    # ------------------------------------------------------------------

    def _driving_order(self, mission: Mission) -> tuple[int, ...] | None:
        if mission.order is not Order.SHORTEST:
            return None
        return driving_order(mission, self._site, self.navigator.planner.distances)

    def _aim(self, patrol: Patrol) -> None:
        """Give the navigator the patrol's goal, when it is another leg or another try."""
        goal = patrol.goal
        key = None if goal is None else (patrol.loop, -1 if patrol.going_home else patrol.leg, patrol.tries)
        if key == self._goal_key:
            return
        self._goal, self._goal_key, self._blocked_since_ns = goal, key, None
        if goal is None:
            self.navigator.set_goal(None, with_heading=False)
        elif goal.is_home:
            self.navigator.set_goal(self._site.start, with_heading=False)
        else:
            place = self._site.places[goal.place]
            self.navigator.set_goal(place.pose, with_heading=place.has_heading)

    def _guide(
        self,
        patrol: Patrol,
        pose: Pose2,
        twist: Twist2,
        scan: Points | None,
        now_ns: int,
        *,
        is_unsure: bool,
    ) -> None:
        speed_mps = self._goal.speed_mps if self._goal and self._goal.speed_mps else self._speed_mps
        if is_unsure:
            speed_mps = min(speed_mps, UNSURE_MPS)
        guidance = self.navigator.step(pose, twist, scan, now_ns, speed_mps)
        self.guidance = guidance
        match guidance.state:
            case GuidanceState.ARRIVED:
                self.patrol = patrol.arrived(now_ns)
            case GuidanceState.BLOCKED | GuidanceState.NO_PATH:
                self._wait(patrol, guidance.reason, now_ns)
            case _:
                self._blocked_since_ns = None
        self._note_closed(guidance.reason, now_ns)

    def _note_closed(self, reason: str, now_ns: int) -> None:
        """Tell once per leg that the way is closed, when that is no passing thing."""
        if reason != WAY_CLOSED:
            self._closed_since_ns = None
        elif self._closed_since_ns is None:
            self._closed_since_ns = now_ns
        elif now_ns - self._closed_since_ns >= CLOSED_FOR_NS and self._closed_key != self._goal_key:
            self._closed_key = self._goal_key
            self._tell("CAUTION", f"the way to {self._goal.place if self._goal else '?'} is closed: waiting")

    def _wait(self, patrol: Patrol, reason: str, now_ns: int) -> None:
        """Wait for a way; after a while the visit has failed, and the mission says what then."""
        if self._blocked_since_ns is None:
            self._blocked_since_ns = now_ns
            self._tell(
                "CAUTION", f"blocked on the way to {self._goal.place if self._goal else '?'}: {reason}"
            )
        elif now_ns - self._blocked_since_ns >= GIVE_UP_AFTER_NS:
            self._blocked_since_ns = None
            self.patrol = patrol.failed(now_ns, reason)

    def _new_scan(self, position: Position) -> Points | None:
        if position.scans == self._scans:
            return None
        self._scans = position.scans
        return position.hits_map

    def _report(self, before: Patrol, after: Patrol) -> None:
        """Tell what the patrol's change means."""
        if after is before:
            return
        for place, tally in after.tallies.items():
            if tally.visits > before.tallies[place].visits:
                self._tell("INFO", f"{place} reached")
            elif tally.missed > before.tallies[place].missed:
                self._tell("CAUTION", f"{place} missed")
        if after.loop > before.loop:
            self._tell("INFO", f"lap {after.loop} of {after.mission.loops} done")
        if after.is_over and not before.is_over:
            done = after.phase is Phase.DONE
            self._tell("INFO" if done else "WARNING", f"mission {after.mission.name}: {self.activity}")

    def _tell(self, severity: str, text: str) -> None:
        self._news.append((severity, text))
