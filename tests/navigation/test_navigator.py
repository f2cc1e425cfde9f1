from __future__ import annotations

import math

import numpy as np
import pytest
from kinematic_course import Course, Disc, Segment, box, drawn_site, driven, nobody

from patrolcar.geometry import ZERO_TWIST, Points, Pose2, wrapped
from patrolcar.navigation import GuidanceState, Navigator
from patrolcar.site import Zone, ZoneKind
from patrolcar.vehicle import Vehicle

WIDTH_M, HEIGHT_M = 12.0, 8.0
WALLS: list[Segment] = [
    *box(0.2, 0.2, 11.6, 7.6),
    (4.0, 0.2, 4.0, 2.4),  # a door of 0.8 m
    (4.0, 3.2, 4.0, 7.8),
    (8.0, 0.2, 8.0, 5.0),  # a door of 0.8 m
    (8.0, 5.8, 8.0, 7.8),
    (4.0, 4.5, 6.1, 4.5),  # a door of 0.8 m
    (6.9, 4.5, 8.0, 4.5),
    *box(1.5, 1.0, 0.8, 0.5),  # furniture
    *box(5.2, 1.4, 1.2, 0.6),
    *box(9.2, 2.2, 0.6, 1.6),
]
SITE = drawn_site(WALLS, WIDTH_M, HEIGHT_M)
DOOR: Disc = (4.0, 2.8, 0.25)
START = Pose2(1.0, 3.0, 0.0)


def arrives(
    course: Course, navigator: Navigator, goal: Pose2, limit_s: float, *, with_heading: bool = False
) -> None:
    navigator.set_goal(goal, with_heading=with_heading)
    guidance = driven(course, navigator, limit_s)
    assert guidance.state is GuidanceState.ARRIVED, guidance.reason
    assert guidance.twist == ZERO_TWIST
    assert course.pose.distance_m(goal) <= 0.15
    assert course.deepest_m < 0.0


def test_it_goes_through_every_door_of_the_building_and_touches_nothing() -> None:
    course, navigator = Course(WALLS, START), Navigator(SITE, Vehicle())
    for goal in (Pose2(5.0, 2.8), Pose2(6.5, 6.5), Pose2(10.5, 6.5), Pose2(10.5, 1.0), Pose2(1.0, 6.5)):
        arrives(course, navigator, goal, 60.0)
    assert course.deepest_m < -0.1


def test_it_ends_with_the_heading_asked_for() -> None:
    course = Course(WALLS, START)
    arrives(course, Navigator(SITE, Vehicle()), Pose2(2.5, 5.0, -2.0), 30.0, with_heading=True)
    assert abs(wrapped(course.pose.yaw_rad + 2.0)) < 0.15


def test_it_turns_on_the_spot_when_the_goal_is_behind() -> None:
    course = Course(WALLS, Pose2(2.5, 4.5, 0.0))
    arrives(course, Navigator(SITE, Vehicle()), Pose2(1.0, 4.5), 20.0)
    assert max(pose.x_m for pose in course.trace) < 2.6


def test_it_waits_for_somebody_in_the_door_and_goes_on_when_he_leaves() -> None:
    def in_the_door(time_s: float) -> list[Disc]:
        return [DOOR] if time_s < 14.0 else []

    course, navigator = Course(WALLS, START, in_the_door), Navigator(SITE, Vehicle())
    arrives(course, navigator, Pose2(6.8, 3.0), 40.0)
    waited = [pose for pose in course.trace if pose.x_m < 4.0]
    assert 14.0 < len(waited) * 0.05 < 22.0


def test_it_says_that_it_is_blocked_and_by_what() -> None:
    course, navigator = Course(WALLS, START, lambda _: [DOOR]), Navigator(SITE, Vehicle())
    navigator.set_goal(Pose2(6.8, 3.0), with_heading=False)
    guidance = driven(course, navigator, 25.0)
    assert guidance.state is GuidanceState.BLOCKED
    assert "no way leads to the goal" in guidance.reason
    assert "lidar" in guidance.reason
    assert course.deepest_m < -0.1


def test_it_takes_another_way_when_there_is_one() -> None:
    walls = [*box(0.2, 0.2, 7.6, 5.6), (4.0, 1.4, 4.0, 4.0)]  # a wall with a gap at both ends
    blocked_gap: Disc = (4.0, 4.9, 0.9)
    course = Course(walls, Pose2(2.0, 4.6, 0.0), lambda _: [blocked_gap])
    navigator = Navigator(drawn_site(walls, 8.0, 6.0), Vehicle())
    arrives(course, navigator, Pose2(6.0, 4.6), 60.0)
    assert min(pose.y_m for pose in course.trace) < 1.3


def test_it_drives_round_things_that_are_not_on_the_map() -> None:
    things: list[Disc] = [(2.5, 2.9, 0.25), (5.2, 3.1, 0.2)]
    course = Course(WALLS, START, lambda _: things)
    arrives(course, Navigator(SITE, Vehicle()), Pose2(6.8, 3.0), 40.0)


class Walker:
    """Walks up and down a line; stands while the car is right before him, and turns round after 4 s."""

    def __init__(self, x_m: float, low_m: float, high_m: float, speed_mps: float) -> None:
        self.x_m, self.low_m, self.high_m, self.speed_mps = x_m, low_m, high_m, speed_mps
        self.y_m, self.last_s, self.stood_s = low_m, 0.0, 0.0

    def at(self, time_s: float, car: Pose2) -> Disc:
        passed_s, self.last_s = time_s - self.last_s, time_s
        next_m = self.y_m + self.speed_mps * passed_s
        before = math.hypot(car.x_m - self.x_m, car.y_m - self.y_m)
        after = math.hypot(car.x_m - self.x_m, car.y_m - next_m)
        if passed_s > 0.0 and (after > 0.55 or after > before):
            self.stood_s = 0.0
            self.y_m = min(max(next_m, self.low_m), self.high_m)
            if self.y_m in {self.low_m, self.high_m}:
                self.speed_mps = -self.speed_mps
        else:
            self.stood_s += passed_s
            if self.stood_s > 4.0:
                self.speed_mps, self.stood_s = -self.speed_mps, 0.0
        return self.x_m, self.y_m, 0.22


def test_people_who_cross_are_not_touched() -> None:
    walkers = [Walker(2.5, 2.0, 4.0, 0.8), Walker(5.5, 2.3, 4.0, 1.2), Walker(3.2, 1.0, 6.0, 1.0)]
    course = Course(WALLS, START)
    course.discs = lambda time_s: [walker.at(time_s, course.pose) for walker in walkers]
    navigator = Navigator(SITE, Vehicle())
    arrives(course, navigator, Pose2(6.8, 3.0), 60.0)
    arrives(course, navigator, Pose2(1.0, 3.0), 60.0)


@pytest.mark.parametrize("limit_mps", [0.15, 0.3])
def test_it_is_never_faster_than_it_may(limit_mps: float) -> None:
    course, navigator = Course(WALLS, START), Navigator(SITE, Vehicle())
    navigator.set_goal(Pose2(3.0, 3.0), with_heading=False)
    for _ in range(60):
        guidance = navigator.step(course.pose, course.twist, course.scan(), course.now_ns, limit_mps)
        assert abs(guidance.twist.vx_mps) <= limit_mps + 1e-9
        course.drive(guidance.twist)


def area(
    name: str, kind: ZoneKind, low: tuple[float, float], high: tuple[float, float], mps: float | None = None
) -> Zone:
    polygon: Points = drawn_polygon(low, high)
    return Zone(name, kind, polygon, mps)


def drawn_polygon(low: tuple[float, float], high: tuple[float, float]) -> Points:
    return np.array([low, (high[0], low[1]), high, (low[0], high[1])])


def test_it_slows_down_in_a_slow_zone() -> None:
    zone = area("soft", ZoneKind.SLOW, (1.8, 2.0), (3.0, 4.0), 0.2)
    site = drawn_site(WALLS, WIDTH_M, HEIGHT_M, (zone,))
    course, navigator = Course(WALLS, START), Navigator(site, Vehicle())
    navigator.set_goal(Pose2(3.5, 3.0), with_heading=False)
    inside = []
    for _ in range(200):
        guidance = navigator.step(course.pose, course.twist, course.scan(), course.now_ns, 0.6)
        course.drive(guidance.twist)
        if 1.8 < course.pose.x_m < 3.0:
            inside.append(guidance.twist.vx_mps)
    assert inside
    assert max(inside) <= 0.2001


def test_it_keeps_out_of_a_keepout() -> None:
    zone = area("wet floor", ZoneKind.KEEPOUT, (1.8, 2.2), (2.8, 3.8))
    course = Course(WALLS, START)
    navigator = Navigator(drawn_site(WALLS, WIDTH_M, HEIGHT_M, (zone,)), Vehicle())
    arrives(course, navigator, Pose2(3.5, 3.0), 40.0)
    assert not any(1.75 < pose.x_m < 2.85 and 2.15 < pose.y_m < 3.85 for pose in course.trace)


def test_without_a_goal_it_stands() -> None:
    guidance = Navigator(SITE, Vehicle()).step(START, ZERO_TWIST, None, 0, 0.6)
    assert (guidance.twist, guidance.state) == (ZERO_TWIST, GuidanceState.IDLE)


def test_a_goal_in_a_wall_is_refused_with_its_numbers() -> None:
    navigator = Navigator(SITE, Vehicle())
    navigator.set_goal(Pose2(4.0, 6.0), with_heading=False)
    guidance = navigator.step(START, ZERO_TWIST, None, 0, 0.6)
    assert guidance.state is GuidanceState.NO_PATH
    assert guidance.twist == ZERO_TWIST
    assert "the goal is too close to something at (4.00, 6.00)" in guidance.reason
    assert "needs 0.14 m" in guidance.reason


def test_the_same_course_gives_the_same_twists() -> None:
    traces = []
    for _ in range(2):
        course, navigator = Course(WALLS, START, nobody), Navigator(SITE, Vehicle())
        navigator.set_goal(Pose2(5.0, 2.8), with_heading=False)
        driven(course, navigator, 5.0)
        traces.append(course.trace)
    assert traces[0] == traces[1]
