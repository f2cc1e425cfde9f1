"""The local layer: which way to turn the wheels now, given the path, the map and what the lidar sees.

Three grids move with the car. The near window (fine) holds the clearance that rollouts are checked
against: the map and every point of the newest scan. The field (coarse, wider) holds the cost to go to the
point where the path leaves it; it is worked out again when the car has moved on or when something that is
not on the map came or went, at most five times a second. The memory holds what the lidar saw a moment ago.
Rollouts start from the state the car will have when the command reaches its wheels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points, Pose2, Twist2, wrapped
from patrolcar.kernels import (
    FloatGrid,
    GridSearch,
    LiveMemory,
    LocalWindow,
    Motion,
    RolloutRules,
    Rollouts,
    clearance_cost,
)
from patrolcar.kernels.rollout import Choice, Fan, descend
from patrolcar.kernels.search import path_reached
from patrolcar.navigation.costmap import StaticLayer
from patrolcar.navigation.follower import PathProgress
from patrolcar.vehicle import Vehicle

_NS = 1e-9
_FIELD_CELLS, _FIELD_STEP_M = 64, 0.1
_RIM_CELLS = 2  # the path leaves the field this far before its edge
_FIELD_PERIOD_NS = 200_000_000
_FIELD_SHIFT_M = 1.0
_FIELD_KEPT_M = 0.4  # its window is laid anew only when the car is farther from its middle
_EXIT_SAMPLES = 25  # where an open path leaves the field: 2.4 m ahead
_EXIT_AHEAD_M = 1.4
_FIELD_BEYOND_M = 2.5  # the field is worked out this far, in cost, behind the car
_ESCAPE_CELLS = 4
_CLOSED_SAMPLES = 3  # an exit this near to the end of the path inside the field still counts as open
_LIVE_SAMPLES, _LIVE_EVERY = 25, 4  # how far ahead on the path new things bend the way
_LIVE_NEAR_M = 0.7  # and how far beside it
_NEAR_STEP_M = 0.05
_NEAR_SHIFT_M = 0.3  # the near window follows when the car is this far from its middle
_APART_M = 0.2  # seen points this far from the map's things are not on the map
_KEEP_S = 0.35  # three scans
_HIDDEN_S = 30.0
_TIGHT = 40.0  # price of ground too tight for the car: only to get out of it
_SOLID_M = 0.02

_SPEEDS = (1.0, 0.75, 0.45, 0.15)
_TURNS = (0.0, 0.12, -0.12, 0.3, -0.3, 0.6, -0.6, 1.0, -1.0, 1.6, -1.6)


@dataclass(frozen=True, slots=True)
class Tuning:
    """Numbers of the local layer; seconds, metres and weights in metres of way."""

    delay_s: float = 0.1
    horizon_s: float = 1.4
    step_s: float = 0.1
    ramp_s: float = 0.2
    slack_m: float = 0.05
    easy_m: float = 0.2
    margin_m: float = 0.1
    lookahead_m: float = 0.55
    weight_clearance: float = 0.25
    weight_heading: float = 0.12
    weight_change: float = 0.03
    weight_speed: float = 0.05
    crawl_mps: float = 0.12
    speed_per_clearance: float = 1.6


class LocalLayer:
    """Clearance around the car, the cost to go, and the motion that follows from them."""

    def __init__(self, layer: StaticLayer, vehicle: Vehicle, tuning: Tuning | None = None) -> None:
        self._layer = layer
        self._vehicle = vehicle
        self._tuning = tuning = tuning or Tuning()
        outline, limits = vehicle.footprint, vehicle.limits
        reach_m = limits.speed_mps * (tuning.horizon_s + tuning.delay_s) + outline.circumscribed_m + 0.1
        self._near = LocalWindow(2 * math.ceil((reach_m + _NEAR_SHIFT_M) / _NEAR_STEP_M), _NEAR_STEP_M)
        self._wide = LocalWindow(_FIELD_CELLS, _FIELD_STEP_M)
        shape = (_FIELD_CELLS, _FIELD_CELLS)
        self._price = np.empty(shape, dtype=np.float32)
        self.field = FloatGrid(np.empty(shape, dtype=np.float32), _FIELD_STEP_M, 0.0, 0.0)
        self._search = GridSearch(*shape)
        self.memory = LiveMemory()
        self._fan = Fan(_SPEEDS, _TURNS)
        self._rollouts = Rollouts(_rules(vehicle, tuning), _rim(vehicle))
        self._scan: Points = np.empty((0, 2))
        self._near_is_old = True
        self._field_is_old = True
        self._field_live = 0
        self._field_ns = -_FIELD_PERIOD_NS
        self._exit_left_m = math.inf
        self._path_blocked = False
        self._blocked_since_ns: int | None = None
        self.closed_m = math.inf
        """Way to the point where the path is closed by things seen; ``inf`` when it is open."""

    def forget_path(self) -> None:
        """Work the field out again at the next step: the path has changed."""
        self._blocked_since_ns = None
        self._field_is_old = True
        self._field_ns = -_FIELD_PERIOD_NS

    def see(self, pose: Pose2, scan_map: Points, now_ns: int) -> None:
        """Take in the hit points of a whole scan, in ``map``, shape (N, 2)."""
        self._scan = np.ascontiguousarray(scan_map, dtype=np.float64)
        self.memory.update(
            self._scan,
            self._layer.clearance,
            (pose.x_m, pose.y_m),
            apart_m=_APART_M,
            now_s=now_ns * _NS,
            keep_s=_KEEP_S,
            hidden_s=_HIDDEN_S,
        )
        self._near_is_old = True

    def refresh(self, pose: Pose2, progress: PathProgress, now_ns: int) -> None:
        """Bring the near window and the field up to the car and to what it saw."""
        if not self._near.holds(pose.x_m, pose.y_m, _NEAR_SHIFT_M):
            self._near.centre_on(pose.x_m, pose.y_m, self._layer.clearance)
            self._near_is_old = True
        if self._near_is_old:
            self._near.fill(self._scan, self.memory.points)
            self._near_is_old = False
        if now_ns - self._field_ns >= _FIELD_PERIOD_NS and self._needs_field(pose, progress):
            self._work_out_field(pose, progress)
            self._field_ns = now_ns
            if not self._path_blocked:
                self._blocked_since_ns = None
            elif self._blocked_since_ns is None:
                self._blocked_since_ns = now_ns

    def path_blocked_s(self, now_ns: int) -> float:
        """Return for how long something has stood on the path close ahead."""
        return 0.0 if self._blocked_since_ns is None else (now_ns - self._blocked_since_ns) * _NS

    @property
    def sees_strange_things(self) -> bool:
        """Whether the field was bent by things that are not on the map."""
        return self._field_live > 0

    def clearance_at(self, pose: Pose2) -> float:
        """Return the clearance of ``base_link`` from everything known and seen."""
        value = self._near.grid.sample(pose.x_m, pose.y_m)
        return max(0.0, value)

    def target(self, pose: Pose2) -> tuple[float, float] | None:
        """Return the bearing (rad, from the car) and distance of the point to steer for."""
        length = self._tuning.lookahead_m
        followed, x, y = descend(self.field, pose.x_m, pose.y_m, length, 0.5 * _FIELD_STEP_M)
        if followed <= 0.0:
            return None
        dx, dy = x - pose.x_m, y - pose.y_m
        return wrapped(math.atan2(dy, dx) - pose.yaw_rad), math.hypot(dx, dy)

    def speed_cap(self, pose: Pose2) -> float:
        """Return how fast the car may drive with the room it has here."""
        room = self.clearance_at(pose) - self._vehicle.footprint.half_width_m
        return self._tuning.crawl_mps + self._tuning.speed_per_clearance * max(room, 0.0)

    def drive(
        self,
        pose: Pose2,
        twist: Twist2,
        sent: Twist2,
        cap_mps: float,
        target: tuple[float, float],
        left_m: float,
    ) -> Twist2:
        """Return the best forward motion around the arc to the target; zero when none is allowed.

        Args:
            pose: Where the car is.
            twist: How it moves.
            sent: The command under way.
            cap_mps: The fastest to try.
            target: Bearing (rad) and distance of the point to steer for.
            left_m: Way to the goal: nothing is tried beyond it.

        """
        bearing_rad, distance_m = target
        turn = self._vehicle.limits.turn_radps
        curvature = 2.0 * math.sin(bearing_rad) / max(distance_m, 0.1)
        top = min(cap_mps, turn / max(abs(curvature), 1e-3))
        candidates = self._fan.around(top, curvature, turn)
        tuning = self._tuning
        steps = math.ceil((left_m / max(top, 0.05) + tuning.ramp_s) / tuning.step_s)
        return self._chosen(pose, twist, sent, candidates, steps)[0]

    def turn(
        self, pose: Pose2, twist: Twist2, sent: Twist2, bearing_rad: float
    ) -> tuple[Twist2, Choice | None]:
        """Return a turn on the spot towards a bearing; with a little travel when there is no room for it."""
        limits = self._vehicle.limits
        fast = max(min(2.2 * abs(bearing_rad), limits.turn_radps), 0.25)
        rate = math.copysign(fast, bearing_rad)
        wanted = self._chosen(pose, twist, sent, np.array([(0.0, rate)]))
        if wanted[1] is not None:
            return wanted
        crawl = min(0.08, limits.reverse_mps)
        others = [(v, w) for v in (-crawl, crawl) for w in (rate, 0.0, 0.4 * rate)] + [(0.0, -rate)]
        return self._chosen(pose, twist, sent, np.array(others))

    def back_off(self, pose: Pose2, twist: Twist2, sent: Twist2) -> tuple[Twist2, Choice | None]:
        """Return a slow motion backwards, where there is room for it."""
        speed = -0.6 * self._vehicle.limits.reverse_mps
        return self._chosen(pose, twist, sent, np.array([(speed, w) for w in (0.0, 0.4, -0.4)]))

    def _chosen(
        self, pose: Pose2, twist: Twist2, sent: Twist2, candidates: Points, steps: int | None = None
    ) -> tuple[Twist2, Choice | None]:
        motion = Motion(
            pose.x_m, pose.y_m, pose.yaw_rad, twist.vx_mps, twist.wz_radps, sent.vx_mps, sent.wz_radps
        )
        choice = self._rollouts.choose(self._near.grid, self.field, motion, candidates, steps)
        if choice is None:
            return Twist2(), None
        speed, rate = candidates[choice.index].tolist()
        return Twist2(speed, 0.0, rate), choice

    def _needs_field(self, pose: Pose2, progress: PathProgress) -> bool:
        if self._field_is_old or self._live_near(pose, progress):
            return True
        if self._field_live and not self.memory.count:
            return True
        if not self._wide.holds(pose.x_m, pose.y_m, _FIELD_SHIFT_M):
            return True
        left = progress.left_m[progress.index]
        return self._exit_left_m > 0.0 and left - self._exit_left_m < _EXIT_AHEAD_M

    def _live_near(self, pose: Pose2, progress: PathProgress) -> bool:
        """Whether anything that is not on the map is near the car or the next metres of its path."""
        if not self.memory.count:
            return False
        start = progress.index
        return self.memory.is_near(
            (pose.x_m, pose.y_m), progress.samples, start, start + _LIVE_SAMPLES, _LIVE_EVERY, _LIVE_NEAR_M
        )

    def _work_out_field(self, pose: Pose2, progress: PathProgress) -> None:
        if not self._wide.holds(pose.x_m, pose.y_m, _FIELD_KEPT_M):
            self._wide.centre_on(pose.x_m, pose.y_m, self._layer.clearance)
        self._field_live = self._wide.fill(self.memory.points)
        corner = self._wide.grid.corner
        self.field.move_to(*corner)
        column, row = (
            int((at - low) / _FIELD_STEP_M) for at, low in zip((pose.x_m, pose.y_m), corner, strict=True)
        )
        self._set_prices(row, column)
        car = row * _FIELD_CELLS + column
        seeds, values = self._seeds(progress, corner, self._search.reached_from(self._price, car))
        self._search.cost_to_go(
            self._price, seeds, values, self.field.cells, stop=car, beyond=_FIELD_BEYOND_M / _FIELD_STEP_M
        )
        self._field_is_old = False

    def _set_prices(self, row: int, column: int) -> None:
        """Price the field; ground too tight for the car is closed, unless it stands on such ground."""
        pricing = self._layer.pricing
        clearance = self._wide.grid.cells
        clearance_cost(
            clearance,
            solid_m=pricing.need_m,
            need_m=pricing.need_m,
            prefer_m=pricing.prefer_m,
            weight=pricing.weight,
            tight=_TIGHT,
            out=self._price,
        )
        if clearance[row, column] <= pricing.need_m:
            around = np.s_[
                row - _ESCAPE_CELLS : row + _ESCAPE_CELLS + 1,
                column - _ESCAPE_CELLS : column + _ESCAPE_CELLS + 1,
            ]
            tight = (clearance[around] <= pricing.need_m) & (clearance[around] > _SOLID_M)
            self._price[around][tight] = _TIGHT
            self._price[row, column] = _TIGHT

    def _seeds(
        self, progress: PathProgress, corner: tuple[float, float], reached: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the cells around the last point of the path that the field connects to the car.

        When the path goes on inside the field but not for the car, the way is closed there.
        """
        first = progress.index
        way = path_reached(reached, corner, _FIELD_STEP_M, _RIM_CELLS, progress.samples, first)
        self._path_blocked = way.first_closed < way.rows
        last = way.last_open
        is_closed = last < way.rows - 1 - _CLOSED_SAMPLES
        left_m = progress.left_m
        self.closed_m = left_m[first] - left_m[first + last] if is_closed else math.inf
        if way.first_closed >= min(way.rows, _EXIT_SAMPLES):
            last = min(
                last, _EXIT_SAMPLES - 1
            )  # an open path is followed; past a blocked one, any way will do
        self._exit_left_m = left_m[first + last]
        return _seeds_at((progress.samples[first + last] - corner) / _FIELD_STEP_M)


def _seeds_at(exit_cells: Points) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the cells around a place, given in cells of the field, and how far off their centres are."""
    u, v = exit_cells.tolist()
    column, row = (min(max(int(at), 0), _FIELD_CELLS - 1) for at in (u, v))
    around = [(i, j) for j in (row - 1, row, row + 1) for i in (column - 1, column, column + 1)]
    around = [(i, j) for i, j in around if 0 <= i < _FIELD_CELLS and 0 <= j < _FIELD_CELLS]
    cells = np.array([j * _FIELD_CELLS + i for i, j in around], np.int32)
    return cells, np.array([math.hypot(i + 0.5 - u, j + 0.5 - v) for i, j in around])


def _rules(vehicle: Vehicle, tuning: Tuning) -> RolloutRules:
    limits, outline = vehicle.limits, vehicle.footprint
    return RolloutRules(
        step_s=tuning.step_s,
        steps=round(tuning.horizon_s / tuning.step_s),
        slack_m=tuning.slack_m,
        inscribed_m=outline.inscribed_m,
        circumscribed_m=outline.circumscribed_m,
        accel_mps2=limits.accel_mps2,
        brake_mps2=limits.brake_mps2,
        turn_accel_radps2=limits.turn_accel_radps2,
        delay_s=tuning.delay_s,
        easy_m=tuning.easy_m,
        weight_clearance=tuning.weight_clearance,
        weight_heading=tuning.weight_heading,
        weight_change=tuning.weight_change,
        weight_speed=tuning.weight_speed,
        blocked_margin_m=tuning.margin_m,
    )


def _rim(vehicle: Vehicle) -> Points:
    """Return points on the outline, at most 6 cm apart."""
    corners = vehicle.footprint.corners
    sides = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        count = math.ceil(float(np.hypot(*(end - start))) / 0.06)
        sides.append(start + (end - start) * np.linspace(0.0, 1.0, count, endpoint=False)[:, None])
    return np.vstack(sides)
