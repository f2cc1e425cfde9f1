from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from kinematic_course import Segment, box, drawn_site

from patrolcar.geometry import Pose2
from patrolcar.navigation import NoPath, PlanFailure, Planner
from patrolcar.navigation import Path as Way
from patrolcar.site import FREE, OCCUPIED, UNKNOWN, OccupancyGrid, Site
from patrolcar.vehicle import Vehicle

MAPS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "patrol"
WALLS: list[Segment] = [
    *box(0.2, 0.2, 9.6, 5.6),
    (5.0, 0.2, 5.0, 2.6),
    (5.0, 3.4, 5.0, 5.8),
    *box(7.0, 4.0, 1.5, 1.5),  # a room without a door
]
PLANNER = Planner(drawn_site(WALLS, 10.0, 6.0), Vehicle())
HERE, THERE = Pose2(1.0, 1.0), Pose2(9.0, 1.0)


def planned(start: Pose2, goal: Pose2, planner: Planner = PLANNER) -> Way:
    way = planner.plan(start, goal)
    assert isinstance(way, Way), way
    return way


def refused(start: Pose2, goal: Pose2) -> PlanFailure:
    failure = PLANNER.plan(start, goal)
    assert isinstance(failure, PlanFailure)
    return failure


def test_a_way_begins_and_ends_where_it_was_asked_to() -> None:
    way = planned(HERE, THERE)
    assert way.points_m[0].tolist() == [1.0, 1.0]
    assert way.points_m[-1].tolist() == [9.0, 1.0]
    assert way.length_m == pytest.approx(np.hypot(*np.diff(way.points_m, axis=0).T).sum())
    assert way.start_offset_m == 0.0


def test_a_way_keeps_the_clearance_the_car_needs() -> None:
    way = planned(HERE, THERE)
    for a, b in zip(way.points_m, way.points_m[1:], strict=False):
        for part in np.linspace(0.0, 1.0, 50):
            x, y = a + (b - a) * part
            assert PLANNER.clearance_at(Pose2(x, y)) >= PLANNER.needed_m - 0.03


def test_a_way_passes_the_middle_of_a_door() -> None:
    points = planned(HERE, THERE).points_m
    crossing = np.interp(5.0, points[:, 0], points[:, 1])
    assert crossing == pytest.approx(3.0, abs=0.15)


def test_a_way_made_of_straight_lines_is_hardly_longer_than_the_shortest() -> None:
    shortest = math.dist((1, 1), (5, 2.75)) + math.dist((5, 2.75), (9, 1))
    assert planned(HERE, THERE).length_m < 1.06 * shortest


@pytest.mark.parametrize(
    ("start", "goal", "reason"),
    [
        (Pose2(-1.0, 1.0), THERE, NoPath.START_OFF_MAP),
        (HERE, Pose2(11.0, 1.0), NoPath.GOAL_OFF_MAP),
        (HERE, Pose2(5.0, 1.0), NoPath.GOAL_BLOCKED),
        (HERE, Pose2(0.3, 1.0), NoPath.GOAL_BLOCKED),
        (HERE, Pose2(7.7, 4.7), NoPath.UNREACHABLE),
    ],
)
def test_a_refusal_names_its_reason(start: Pose2, goal: Pose2, reason: NoPath) -> None:
    failure = refused(start, goal)
    assert failure.reason is reason
    assert reason.value in failure.sentence


def test_a_start_inside_the_margin_is_led_out_and_says_so() -> None:
    way = planned(Pose2(0.33, 1.0), THERE)
    assert 0.0 < way.start_offset_m < 0.3
    assert PLANNER.clearance_at(Pose2(*way.points_m[1])) >= PLANNER.needed_m - 0.01


def test_things_the_lidar_saw_close_the_door() -> None:
    thing = np.array([(5.0, 2.9), (5.0, 3.1)])
    failure = PLANNER.plan(HERE, THERE, thing)
    assert isinstance(failure, PlanFailure)
    assert failure.past_obstacles
    assert "lidar" in failure.sentence
    assert isinstance(PLANNER.plan(HERE, THERE), Way), "the map itself must not change"


def test_unfit_places_are_named_with_their_reasons_at_once() -> None:
    goals = {"good": THERE, "wall": Pose2(5.0, 1.0), "off": Pose2(20.0, 1.0), "closed": Pose2(7.7, 4.7)}
    unfit = PLANNER.unfit(HERE, goals)
    assert {name: failure.reason for name, failure in unfit.items()} == {
        "wall": NoPath.GOAL_BLOCKED,
        "off": NoPath.GOAL_OFF_MAP,
        "closed": NoPath.UNREACHABLE,
    }


def test_unknown_ground_is_not_driven_on() -> None:
    cells = np.full((60, 60), FREE, dtype=np.uint8)
    cells[:, 30:34] = UNKNOWN
    grid = OccupancyGrid(cells, 0.05, 0.0, 0.0)
    site = Site("two halves", grid, np.empty((0, 4)), {}, (), (), Pose2(), {})
    failure = Planner(site, Vehicle()).plan(Pose2(0.5, 1.0), Pose2(2.5, 1.0))
    assert isinstance(failure, PlanFailure)
    assert failure.reason is NoPath.UNREACHABLE


def test_distances_agree_with_ways_and_with_themselves() -> None:
    places = [HERE, THERE, Pose2(2.0, 5.0), Pose2(7.7, 4.7), Pose2(6.0, 0.6)]
    table = np.array([PLANNER.distances(place, places) for place in places if place != places[3]])
    assert np.isinf(table[:, 3]).all()
    square = np.delete(table, 3, axis=1)
    assert np.allclose(square, square.T, atol=0.01)
    assert planned(HERE, THERE).length_m == pytest.approx(square[0, 1], rel=0.05)
    assert PLANNER.distances(Pose2(-5.0, 0.0), places) == [math.inf] * 5


def building(name: str) -> tuple[Site, list[Pose2]]:
    """Read a map of patrolling_sim and its graph, whose y counts from the lower edge."""
    folder = MAPS / name
    if not folder.exists():
        pytest.skip(f"{folder} is not there: the maps are not part of the repository")
    raw = (folder / f"{name}.pgm").read_bytes()
    head = re.match(rb"P5\s(?:#.*\n)*(\d+)\s(\d+)\s(?:#.*\n)*255\s", raw)
    assert head is not None
    columns, rows = int(head[1]), int(head[2])
    dark = 1.0 - np.frombuffer(raw[head.end() :], np.uint8).reshape(rows, columns)[::-1] / 255.0
    cells = np.full((rows, columns), UNKNOWN, dtype=np.uint8)
    cells[dark < 0.194] = FREE
    cells[dark > 0.65] = OCCUPIED
    words = (folder / f"{name}.graph").read_text().split()
    resolution = float(words[3])
    at, nodes = 6, []
    for _ in range(int(words[0])):
        x, y, degree = (int(word) for word in words[at + 1 : at + 4])
        nodes.append(Pose2((x + 0.5) * resolution, (y + 0.5) * resolution))
        at += 4 + 3 * degree
    assert at == len(words)
    grid = OccupancyGrid(cells, resolution, 0.0, 0.0)
    return Site(name, grid, np.empty((0, 4)), {}, (), (), nodes[0], {}), nodes


def test_every_node_of_cumberland_is_driven_to_from_the_one_before() -> None:
    site, nodes = building("cumberland")
    planner = Planner(site, Vehicle())
    ways = [planned(a, b, planner) for a, b in zip(nodes, [*nodes[1:], nodes[0]], strict=True)]
    assert len(ways) == 40
    assert all(planner.clearance_at(node) > 0.5 for node in nodes)
    assert not planner.unfit(nodes[0], {str(index): node for index, node in enumerate(nodes)})
