"""The way from a place to a goal over the whole map, or the reason why there is none.

A* over the priced cells, then straight lines where they cost no more. A goal is never moved: if it lies in
a wall, that is the answer. Only the start may lie closer to things than the margin (the car stands where it
stands); the way then begins with the shortest way out, and ``Path.start_offset_m`` says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from patrolcar.geometry import Points, Pose2
from patrolcar.kernels import Cells, Floats, GridSearch, Refusal, distance_transform
from patrolcar.navigation.costmap import static_layer
from patrolcar.site import Site
from patrolcar.vehicle import Vehicle

_ESCAPE_M = 0.5  # farthest that free ground may be from a start inside the margin


class NoPath(Enum):
    """Why there is no way."""

    START_OFF_MAP = "the car is off the map"
    START_BLOCKED = "the car stands too close to something"
    GOAL_OFF_MAP = "the goal is off the map"
    GOAL_BLOCKED = "the goal is too close to something"
    UNREACHABLE = "no way leads to the goal"


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A way in ``map``; consecutive points see each other."""

    points_m: Points
    length_m: float
    start_offset_m: float = 0.0
    """How far the start lay inside the margin; 0 almost always."""


@dataclass(frozen=True, slots=True)
class PlanFailure:
    """Why there is no way, with the numbers a person needs."""

    reason: NoPath
    place: Pose2
    clearance_m: float
    needed_m: float
    past_obstacles: bool
    """Whether things that only the lidar saw were in the way."""

    @property
    def sentence(self) -> str:
        """The failure in one sentence."""
        at = f"({self.place.x_m:.2f}, {self.place.y_m:.2f})"
        seen = ", with the things the lidar sees" if self.past_obstacles else ""
        if self.reason in {NoPath.START_BLOCKED, NoPath.GOAL_BLOCKED}:
            room = f"{self.clearance_m:.2f} m of room, the car needs {self.needed_m:.2f} m"
            return f"{self.reason.value} at {at}: {room}{seen}"
        return f"{self.reason.value} at {at}{seen}"


class Planner:
    """Plans over one static layer; holds the memory of the search, so one per car."""

    def __init__(self, site: Site, vehicle: Vehicle) -> None:
        self.layer = static_layer(site, vehicle)
        rows, columns = site.grid.cells.shape
        self._search = GridSearch(rows, columns)

    def plan(self, start: Pose2, goal: Pose2, obstacles: Points | None = None) -> Path | PlanFailure:
        """Return the cheapest way from ``start`` to ``goal``; headings play no part.

        Args:
            start: Where the car is, in ``map``.
            goal: Where to go, in ``map``.
            obstacles: Places in ``map`` of things that the map does not hold, shape (N, 2 or more).

        """
        seen = obstacles is not None and obstacles.shape[0] > 0
        cost = self._cost_with(obstacles) if obstacles is not None and seen else self.layer.cost
        start_cell = self.layer.cell_at(start.x_m, start.y_m)
        goal_cell = self.layer.cell_at(goal.x_m, goal.y_m)
        if start_cell is None:
            return self._failure(NoPath.START_OFF_MAP, start, past_obstacles=seen)
        if goal_cell is None:
            return self._failure(NoPath.GOAL_OFF_MAP, goal, past_obstacles=seen)
        if not np.isfinite(cost.flat[goal_cell]):
            return self._failure(NoPath.GOAL_BLOCKED, goal, past_obstacles=seen)
        free_cell = self._nearest_free(cost, start_cell)
        if free_cell is None:
            return self._failure(NoPath.START_BLOCKED, start, past_obstacles=seen)
        found = self._search.astar(cost, free_cell, goal_cell)
        if isinstance(found, Refusal):
            return self._failure(NoPath.UNREACHABLE, goal, past_obstacles=seen)
        kept = self._search.shortened(cost, found[0])
        return self._path(start, goal, kept, escaping=free_cell != start_cell)

    def clearance_at(self, pose: Pose2) -> float:
        """Return the free distance around a place, in metres; 0 in a wall and off the map."""
        return self.layer.clearance_at(pose.x_m, pose.y_m)

    @property
    def needed_m(self) -> float:
        """The clearance a goal needs."""
        return self.layer.pricing.need_m

    def unfit(self, start: Pose2, goals: Mapping[str, Pose2]) -> dict[str, PlanFailure]:
        """Return the goals that cannot be driven to from ``start``, by name, each with its reason.

        One flood answers for all of them, so a mission of hundreds of places is checked at once.
        """
        start_cell = self.layer.cell_at(start.x_m, start.y_m)
        free_cell = None if start_cell is None else self._nearest_free(self.layer.cost, start_cell)
        reached = None if free_cell is None else self._search.reached_from(self.layer.cost, free_cell)
        failures: dict[str, PlanFailure] = {}
        for name, goal in goals.items():
            cell = self.layer.cell_at(goal.x_m, goal.y_m)
            if cell is None:
                failures[name] = self._failure(NoPath.GOAL_OFF_MAP, goal)
            elif not np.isfinite(self.layer.cost.flat[cell]):
                failures[name] = self._failure(NoPath.GOAL_BLOCKED, goal)
            elif reached is None:
                reason = NoPath.START_OFF_MAP if start_cell is None else NoPath.START_BLOCKED
                failures[name] = self._failure(reason, start)
            elif not reached.flat[cell]:
                failures[name] = self._failure(NoPath.UNREACHABLE, goal)
        return failures

    def distances(self, start: Pose2, goals: Sequence[Pose2]) -> list[float]:
        """Return the driving distance to each goal, in metres; ``inf`` where there is no way.

        Shortest ways over ground where the car fits, whatever the clearance, to about 1 %: one march over
        the map for all goals, which is what a tour of many places needs.
        """
        start_cell = self.layer.cell_at(start.x_m, start.y_m)
        free_cell = None if start_cell is None else self._nearest_free(self.layer.cost, start_cell)
        if free_cell is None:
            return [math.inf] * len(goals)
        even = np.where(np.isfinite(self.layer.cost), np.float32(1.0), np.float32(np.inf))
        to_go = np.empty_like(even)
        self._search.cost_to_go(even, np.array([free_cell], dtype=np.int32), np.zeros(1), to_go)
        cells = [self.layer.cell_at(goal.x_m, goal.y_m) for goal in goals]
        resolution = self.layer.grid.resolution_m
        return [math.inf if cell is None else float(to_go.flat[cell]) * resolution for cell in cells]

    def _failure(self, reason: NoPath, place: Pose2, *, past_obstacles: bool = False) -> PlanFailure:
        return PlanFailure(reason, place, self.clearance_at(place), self.needed_m, past_obstacles)

    def _path(self, start: Pose2, goal: Pose2, kept: Cells, *, escaping: bool) -> Path:
        inner = self.layer.places_of(kept if escaping else kept[1:])[:-1]
        points = np.vstack(((start.x_m, start.y_m), inner, (goal.x_m, goal.y_m)))
        steps = np.hypot(*np.diff(points, axis=0).T)
        offset = float(steps[0]) if escaping else 0.0
        return Path(points, float(steps.sum()), offset)

    def _nearest_free(self, cost: Floats, cell: int) -> int | None:
        """Return ``cell`` when it is free, else the nearest free one close by."""
        if np.isfinite(cost.flat[cell]):
            return cell
        row, column = divmod(cell, cost.shape[1])
        reach = math.ceil(_ESCAPE_M / self.layer.grid.resolution_m)
        top, left = max(row - reach, 0), max(column - reach, 0)
        free = np.argwhere(np.isfinite(cost[top : row + reach + 1, left : column + reach + 1]))
        free += np.array((top, left))
        if free.shape[0] == 0:
            return None
        square = ((free - (row, column)) ** 2).sum(axis=1)
        best = free[int(square.argmin())]
        return int(best[0] * cost.shape[1] + best[1])

    def _cost_with(self, obstacles: Points) -> Floats:
        """Return the cost with what the lidar saw, worked out only around it."""
        grid = self.layer.grid
        rows, columns = grid.cells.shape
        at = np.floor((obstacles[:, :2] - (grid.origin_x_m, grid.origin_y_m)) / grid.resolution_m)
        column, row = at.astype(np.int64).T
        on_map = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        row, column = row[on_map], column[on_map]
        cost = self.layer.cost.copy()
        if row.size == 0:
            return cost
        reach = math.ceil(self.layer.pricing.prefer_m / grid.resolution_m) + 1
        box = np.s_[
            max(int(row.min()) - reach, 0) : int(row.max()) + reach + 1,
            max(int(column.min()) - reach, 0) : int(column.max()) + reach + 1,
        ]
        blocked = np.zeros((rows, columns), dtype=np.bool_)
        blocked[row, column] = True
        seen = distance_transform(blocked[box], grid.resolution_m)
        cost[box] = self.layer.pricing.strict(np.minimum(seen, self.layer.clearance.cells[box]))
        return cost
