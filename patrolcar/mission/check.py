"""Whether this car can drive this mission in this building."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from patrolcar.config.problems import listed, nearest, shown
from patrolcar.geometry import Pose2
from patrolcar.mission.model import Mission, Order
from patrolcar.mission.order import Distances, shortest_order
from patrolcar.site import Site
from patrolcar.site.standing import spot_problem
from patrolcar.vehicle import Footprint

Reach: TypeAlias = Callable[[Pose2, Sequence[Pose2]], Sequence[float]]
"""Driving distances in metres from one pose to each of the others, ``inf`` where there is no way.

It must be symmetric to about one per cent.
"""

Planner: TypeAlias = Callable[[Site, Footprint], Reach]
"""Makes the distances of one site for one car; navigation supplies it."""


@dataclass(frozen=True, slots=True)
class VisitProblem:
    """What is wrong with one visit; ``index`` counts in ``mission.visits``, None for the start."""

    index: int | None
    text: str


def check_mission(
    mission: Mission, site: Site, footprint: Footprint, reachable: Reach | None = None
) -> list[VisitProblem]:
    """Return every reason why a visit cannot be made; empty when the mission can be driven.

    Args:
        mission: What to do.
        site: Where.
        footprint: Of the car.
        reachable: Distances by the planner; without it, nobody asks whether there is a way.

    """
    problems: list[VisitProblem] = []
    standing: list[int] = []
    for index, visit in enumerate(mission.visits):
        place = site.places.get(visit.place)
        if place is None:
            hint = nearest(visit.place, site.places) or f"places there: {listed(site.places)}"
            problems.append(VisitProblem(index, f"{shown(visit.place)} is no place of {site.name}; {hint}"))
        elif wrong := spot_problem(site.grid, place.pose, site.zones, footprint.circumscribed_m):
            problems.append(VisitProblem(index, f"{shown(visit.place)}: {wrong}"))
        else:
            standing.append(index)
    start_wrong = spot_problem(site.grid, site.start, site.zones, footprint.circumscribed_m)
    if start_wrong:
        problems.append(VisitProblem(None, f"the start: {start_wrong}"))
    elif reachable is not None and standing:
        problems.extend(_unreachable(mission, site, standing, reachable))
    return problems


def distances_between(mission: Mission, site: Site, reachable: Reach) -> Distances:
    """Return the matrix that ``shortest_order`` wants: the start first, then each visit."""
    poses = [site.start, *(site.places[visit.place].pose for visit in mission.visits)]
    rows = np.zeros((len(poses), len(poses)))
    for index in range(len(poses) - 1):
        rows[index, index + 1 :] = reachable(poses[index], poses[index + 1 :])
    return rows + rows.T


def driving_order(mission: Mission, site: Site, reachable: Reach) -> tuple[int, ...]:
    """Return the order to drive in: as listed, or the shortest when the mission asks for it."""
    if mission.order is Order.LISTED:
        return tuple(range(len(mission.visits)))
    distances = distances_between(mission, site, reachable)
    return shortest_order(distances, mission.loops, return_home=mission.return_home)


def straight_lines(start: Pose2, goals: Sequence[Pose2]) -> list[float]:
    """Return distances as the crow flies: a ``Reach`` that knows no walls, for plans on paper."""
    return [start.distance_m(goal) for goal in goals]


def _unreachable(
    mission: Mission, site: Site, standing: Sequence[int], reachable: Reach
) -> list[VisitProblem]:
    goals = [site.places[mission.visits[index].place].pose for index in standing]
    ways = reachable(site.start, goals)
    return [
        VisitProblem(
            index,
            f"{shown(mission.visits[index].place)}: the car finds no way there from the start;"
            " open a door, widen it, or move the place",
        )
        for index, way in zip(standing, ways, strict=True)
        if not math.isfinite(way)
    ]
