"""From a goal to the twist that drives there: plan, follow, avoid, and know when it does not work."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from patrolcar.geometry import ZERO_TWIST, Points, Pose2, Twist2, wrapped
from patrolcar.navigation.avoidance import LocalLayer
from patrolcar.navigation.follower import SAMPLE_STEP_M, PathProgress
from patrolcar.navigation.planner import Path, Planner
from patrolcar.navigation.recovery import Recovery, Remedy
from patrolcar.site import Site
from patrolcar.vehicle import Vehicle

_TURN_FIRST_RAD = 1.0  # bearing of the target above which the car turns on the spot
_TURNED_RAD = 0.35
_HEADING_DONE_RAD = 0.08
WAY_CLOSED = "waiting: the way is closed"
_CLOSED_NEAR_M = 0.5  # wait this far from the place where the way is closed
_SETTLED = 0.7  # share of the tolerance at which the car counts as there
_ZONE_SAMPLES = 8  # how far ahead on the path slow zones are looked for
_PATH_AHEAD = 6  # samples
_ASIDE_RAD, _FACING_RAD = 0.8, 0.3
_PASSER_NS = 1_200_000_000
_ROUND_AFTER_S = 1.2  # people who only cross are gone by then
_ROUND_EVERY_NS = 1_500_000_000
_HELD_STEPS = 6  # 0.6 s: longer than it takes to set off
_HELD_SENT_MPS, _HELD_MPS = 0.05, 0.015  # a wish above the first and a speed below the second
_NO_POINTS: Points = np.empty((0, 2))


class GuidanceState(Enum):
    """What the navigator is doing."""

    IDLE = "idle"
    FOLLOWING = "following"
    ARRIVED = "arrived"
    BLOCKED = "blocked"
    NO_PATH = "no path"


@dataclass(frozen=True, slots=True, eq=False)
class Guidance:
    """What to do now, and what to show."""

    twist: Twist2
    state: GuidanceState
    path_m: Points
    remaining_m: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Goal:
    pose: Pose2
    with_heading: bool
    tolerance_m: float


class Navigator:
    """Drives one car to one goal at a time. ``step`` is called at each whole scan, about 10 Hz."""

    def __init__(self, site: Site, vehicle: Vehicle) -> None:
        self.planner = Planner(site, vehicle)
        self._vehicle = vehicle
        self._local = LocalLayer(self.planner.layer, vehicle)
        self._goal: _Goal | None = None
        self._progress: PathProgress | None = None
        self._limits_mps: list[float] = []  # of the slow zones, at each sample of the path
        self._recovery = Recovery()
        self._sent = ZERO_TWIST
        self._held_steps = 0
        self._turning = False
        self._arrived = False
        self._failure = ""
        self._next_plan_ns = 0
        self._planned_ns = 0
        self._stuck = False
        self._aside: tuple[float, int] | None = None

    def set_goal(self, goal: Pose2 | None, *, with_heading: bool, tolerance_m: float = 0.15) -> None:
        """Drive to ``goal``, in ``map``; None stops. The same goal again starts anew."""
        self._goal = None if goal is None else _Goal(goal, with_heading, tolerance_m)
        self._progress = None
        self._recovery = Recovery()
        self._turning = self._arrived = self._stuck = False
        self._aside = None
        self._failure = ""
        self._next_plan_ns = 0

    def step(
        self, pose_map: Pose2, twist: Twist2, scan_map: Points | None, now_ns: int, speed_limit_mps: float
    ) -> Guidance:
        """Return what to do now.

        Args:
            pose_map: Where the car is.
            twist: How it moves, measured.
            scan_map: Hit points of the newest whole scan, in ``map``; None when there is no new one.
            now_ns: Monotonic time.
            speed_limit_mps: Never faster than this.

        """
        if scan_map is not None:
            self._local.see(pose_map, scan_map, now_ns)
        goal = self._goal
        if goal is None:
            return self._answer(ZERO_TWIST, GuidanceState.IDLE, "no goal")
        if self._arrived or self._is_there(goal, pose_map):
            return self._arrive(goal, pose_map, twist)
        if self._progress is None and now_ns >= self._next_plan_ns:
            self._plan(goal, pose_map, _NO_POINTS, now_ns)
        if self._progress is None:
            return self._answer(ZERO_TWIST, GuidanceState.NO_PATH, self._failure)
        return self._follow(goal, self._progress, pose_map, twist, now_ns, speed_limit_mps)

    def _follow(
        self,
        goal: _Goal,
        progress: PathProgress,
        pose: Pose2,
        twist: Twist2,
        now_ns: int,
        speed_limit_mps: float,
    ) -> Guidance:
        progress.update(pose.x_m, pose.y_m)
        remedy = self._recovery.update(progress.remaining_m, pose.yaw_rad, now_ns, is_stuck=self._stuck)
        if remedy is Remedy.REPLAN or self._has_to_go_round(now_ns):
            progress = self._plan_around(goal, progress, pose, now_ns)
        self._local.refresh(pose, progress, now_ns)
        if remedy is Remedy.BACK_OFF and math.isinf(self._local.closed_m):
            wanted, choice = self._local.back_off(pose, twist, self._sent)
            self._stuck = choice is None
            reason = "no room to back off" if self._stuck else "backing off"
        else:
            wanted, reason = self._steer(goal, progress, pose, twist, speed_limit_mps, now_ns)
        if self._recovery.is_blocked(now_ns):
            why = self._failure or "something is in the way"
            waited = self._recovery.waited_s(now_ns)
            return self._answer(wanted, GuidanceState.BLOCKED, f"no progress for {waited:.0f} s: {why}")
        return self._answer(wanted, GuidanceState.FOLLOWING, reason)

    def _steer(
        self,
        goal: _Goal,
        progress: PathProgress,
        pose: Pose2,
        twist: Twist2,
        speed_limit_mps: float,
        now_ns: int,
    ) -> tuple[Twist2, str]:
        local = self._local
        if local.closed_m < _CLOSED_NEAR_M:
            self._turning = self._stuck = False
            return ZERO_TWIST, WAY_CLOSED
        target = local.target(pose)
        near = pose.distance_m(goal.pose)
        if near < 0.3 or target is None:  # noqa: PLR2004 - m; the field is too coarse to steer the last bit
            bearing = math.atan2(goal.pose.y_m - pose.y_m, goal.pose.x_m - pose.x_m)
            target = wrapped(bearing - pose.yaw_rad), max(near, 0.05)
        bearing_rad, distance_m = target
        along_rad = self._along(progress, pose)
        if self._waits_for_passer(wrapped(bearing_rad - along_rad), now_ns):
            self._turning = self._stuck = False
            if abs(along_rad) <= _FACING_RAD:
                return ZERO_TWIST, "waiting: somebody is passing"
            return local.turn(pose, twist, self._sent, along_rad)[
                0
            ], "turning to the path: somebody is passing"
        if abs(bearing_rad) > (_TURNED_RAD if self._turning else _TURN_FIRST_RAD):
            self._turning = True
            wanted, choice = local.turn(pose, twist, self._sent, bearing_rad)
            self._stuck = choice is None
            return wanted, "no room to turn" if self._stuck else "turning"
        self._turning = False
        limits = self._vehicle.limits
        to_end = max(min(progress.remaining_m, near) if near < 1.0 else progress.remaining_m, 0.0)
        to_end = min(to_end, local.closed_m - _CLOSED_NEAR_M)
        approach = math.sqrt(limits.brake_mps2 * max(to_end - 0.3 * goal.tolerance_m, 0.0)) + 0.05
        zone_cap = self._zone_cap(pose, progress)
        cap = min(limits.speed_mps, speed_limit_mps, zone_cap, approach, local.speed_cap(pose))
        wanted = local.drive(pose, twist, self._sent, cap, (bearing_rad, distance_m), near)
        self._held_steps = self._held_steps + 1 if _is_held(self._sent, twist) else 0
        is_held = self._held_steps > _HELD_STEPS
        self._stuck = wanted.is_zero or is_held
        if wanted.is_zero:
            return wanted, "waiting: something is in the way"
        return wanted, "driving" if not is_held else "held by the governor or the controller"

    def _along(self, progress: PathProgress, pose: Pose2) -> float:
        """Return the bearing of the path a little ahead: where the car would go with nobody around."""
        x, y = progress.samples[min(progress.index + _PATH_AHEAD, len(progress.samples) - 1)].tolist()
        return wrapped(math.atan2(y - pose.y_m, x - pose.x_m) - pose.yaw_rad)

    def _waits_for_passer(self, aside_rad: float, now_ns: int) -> bool:
        """Whether to stand and face the path, instead of leaving it for something that may go by itself.

        The way round a walking person changes sides as he walks; a car that turned towards it at once
        would turn to and fro and never be ready when the way is free. So a way that leads far aside of the
        path is taken only when it has led to the same side for a while.
        """
        if abs(aside_rad) <= _ASIDE_RAD or not self._local.sees_strange_things:
            self._aside = None
            return False
        side = math.copysign(1.0, aside_rad)
        if self._aside is None or self._aside[0] != side:
            self._aside = (side, now_ns)
        return now_ns - self._aside[1] < _PASSER_NS

    def _has_to_go_round(self, now_ns: int) -> bool:
        """Whether something has stood on the path for a while, and no way round was tried just now."""
        return (
            self._local.path_blocked_s(now_ns) >= _ROUND_AFTER_S
            and now_ns - self._planned_ns >= _ROUND_EVERY_NS
        )

    def _is_there(self, goal: _Goal, pose: Pose2) -> bool:
        return pose.distance_m(goal.pose) <= _SETTLED * goal.tolerance_m

    def _arrive(self, goal: _Goal, pose: Pose2, twist: Twist2) -> Guidance:
        self._arrived = True
        error = wrapped(goal.pose.yaw_rad - pose.yaw_rad) if goal.with_heading else 0.0
        if abs(error) <= _HEADING_DONE_RAD:
            return self._answer(ZERO_TWIST, GuidanceState.ARRIVED, "arrived")
        wanted, choice = self._local.turn(pose, twist, self._sent, error)
        if choice is None:
            return self._answer(ZERO_TWIST, GuidanceState.BLOCKED, "no room to turn to the heading asked for")
        return self._answer(wanted, GuidanceState.FOLLOWING, "turning to the heading asked for")

    def _plan(self, goal: _Goal, pose: Pose2, obstacles: Points, now_ns: int) -> None:
        self._planned_ns = now_ns
        planned = self.planner.plan(pose, goal.pose, obstacles)
        if isinstance(planned, Path):
            self._progress = PathProgress(planned)
            self._limits_mps = self.planner.layer.speed_limits_at(self._progress.samples).tolist()
            self._failure = ""
            self._local.forget_path()
        else:
            self._failure = planned.sentence
            self._next_plan_ns = now_ns + 1_000_000_000

    def _plan_around(self, goal: _Goal, progress: PathProgress, pose: Pose2, now_ns: int) -> PathProgress:
        """Plan past what the lidar saw; keep the old path when there is no way round."""
        self._plan(goal, pose, self._local.memory.points, now_ns)
        found = self._progress or progress
        if found is not progress:
            found.update(pose.x_m, pose.y_m)
            self._recovery.replanned(found.remaining_m)
        return found

    def _zone_cap(self, pose: Pose2, progress: PathProgress) -> float:
        """Return the speed that the slow zones here and ahead on the path allow."""
        layer = self.planner.layer
        if not layer.has_slow_zones:
            return math.inf
        brake, start = self._vehicle.limits.brake_mps2, progress.index
        cap = layer.speed_limit_at(pose.x_m, pose.y_m)
        for step, limit in enumerate(self._limits_mps[start : start + _ZONE_SAMPLES], 1):
            if limit < cap:
                cap = min(cap, math.sqrt(limit * limit + brake * max(step - 2, 0) * SAMPLE_STEP_M))
        return cap

    def _answer(self, twist: Twist2, state: GuidanceState, reason: str) -> Guidance:
        self._sent = twist
        progress = self._progress
        if progress is None or state is GuidanceState.IDLE:
            return Guidance(twist, state, _NO_POINTS, 0.0, reason)
        return Guidance(twist, state, progress.path.points_m, progress.remaining_m, reason)


def _is_held(sent: Twist2, measured: Twist2) -> bool:
    """Whether the car stands although it was sent off: a reflex or the governor said no."""
    return abs(sent.vx_mps) > _HELD_SENT_MPS and abs(measured.vx_mps) < _HELD_MPS
