# ruff: noqa: E501 - each row of a table is one mistake and its exact message, on one line
"""A mission from a file: what it becomes, and every way it can be wrong."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolcar.config.folder import MemoryFolder
from patrolcar.config.problems import BadFileError
from patrolcar.geometry import Pose2
from patrolcar.mission import Mission, OnFailure, Order, Visit
from patrolcar.mission.check import check_mission, distances_between, driving_order, straight_lines
from patrolcar.mission.mission_file import load_mission, mission_from_files, read_mission
from patrolcar.site import OccupancyGrid, Site
from patrolcar.sites import DEMO_MISSION, demo_folder
from patrolcar.vehicle import Footprint

FLAT = b"""\
site: Small flat
start: [1, 1, 90]
rooms:
  flat: [0, 0, 9, 5]
  cellar: [6, 3, 3, 2]
places:
  sink: [0.8, 4]
  sofa: [5, 1, 180]
  door: [5, 4]
  wine: [7.5, 4]
"""
ROUND = """\
mission: Evening round
site: flat.yaml
loops: 2
battery_return_percent: 20
every_visit: {dwell_s: 2, on_failure: skip}
visits:
  - sink
  - {place: sofa, on_failure: retry, retries: 1, speed_mps: 0.3}
  - place: door
    on_failure: abort
    dwell_s: 0
"""


def mission_of(text: str, flat: bytes = FLAT) -> tuple[Mission, Site]:
    return read_mission(MemoryFolder({"m.yaml": text.encode(), "flat.yaml": flat}), "m.yaml")


def mistakes(text: str, flat: bytes = FLAT) -> list[str]:
    with pytest.raises(BadFileError) as caught:
        mission_of(text, flat)
    return [str(problem) for problem in caught.value.problems]


def no_way_to_the_cellar(start: Pose2, goals: Sequence[Pose2]) -> list[float]:
    def outside(pose: Pose2) -> bool:
        return pose.x_m < 6.0 or pose.y_m < 3.0

    return [start.distance_m(goal) if outside(start) == outside(goal) else math.inf for goal in goals]


def test_a_mission_says_what_each_visit_says_else_what_every_visit_says_else_the_default() -> None:
    mission, site = mission_of(ROUND)
    assert (mission.name, mission.site_file, mission.loops) == ("Evening round", "flat.yaml", 2)
    assert (mission.order, mission.return_home, mission.battery_return_percent) == (Order.LISTED, True, 20.0)
    assert mission.visits == (
        Visit("sink", 2.0, OnFailure.SKIP, 2, None),
        Visit("sofa", 2.0, OnFailure.RETRY, 1, 0.3),
        Visit("door", 0.0, OnFailure.ABORT, 2, None),
    )
    assert site.name == "Small flat"


def test_a_mission_is_made_again_from_the_files_it_remembers() -> None:
    mission, _ = mission_of(ROUND)
    assert dict(mission.files) == {"m.yaml": ROUND.encode(), "flat.yaml": FLAT}
    assert mission_from_files(mission.files, "m.yaml")[0] == mission


def test_the_site_may_lie_in_a_folder_below() -> None:
    text = ROUND.replace("flat.yaml", "house/flat.yaml")
    mission, site = read_mission(MemoryFolder({"m.yaml": text.encode(), "house/flat.yaml": FLAT}), "m.yaml")
    assert set(mission.files) == {"m.yaml", "house/flat.yaml"}
    assert set(site.files) == {"house/flat.yaml"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("- sink", "- snik", 'm.yaml:7:5: visits[0]: "snik" is no place of Small flat; did you mean sink?'),
        ("- sink", "- zoo", 'm.yaml:7:5: visits[0]: "zoo" is no place of Small flat; places there: sink, sofa, door, wine'),
        ("- sink", "- {plac: sink}", "m.yaml:7:6: visits[0].plac: unknown key; did you mean place?"),
        ("- sink", "- {dwell_s: 3}", "m.yaml:7:5: visits[0].place: missing; write place: the name of a place of the site"),
        ("- sink", "- [sink]", "m.yaml:7:5: visits[0]: keys and values are expected here"),
        ("- sink", "-", "m.yaml:7:4: visits[0]: keys and values are expected here"),
        ("site: flat.yaml", "site: flt.yaml", 'm.yaml:2:7: site: there is no file "flt.yaml"; did you mean flat.yaml?'),
        ("site: flat.yaml", "site: ../flat.yaml", 'm.yaml:2:7: site: "../flat.yaml" leads out of the folder it must stay in; copy the file here'),
        ("site: flat.yaml\n", "", "m.yaml:1:1: site: missing; write site: the site's file name"),
        ("loops: 2", "loops: 0", "m.yaml:3:8: loops: 0 is out of range (times round, 1 to 10000)"),
        ("loops: 2", "loops: twice", 'm.yaml:3:8: loops: "twice" is not a whole number (times round, 1 to 10000)'),
        ("loops: 2", "oder: shortest", "m.yaml:3:1: oder: unknown key; did you mean order?"),
        ("loops: 2", "order: fastest", 'm.yaml:3:8: order: "fastest" is not one of listed, shortest; did you mean shortest?'),
        ("loops: 2", "return_home: yes", 'm.yaml:3:14: return_home: "yes" is neither true nor false (whether to drive back to the start at the end)'),
        ("percent: 20", "percent: 99", "m.yaml:4:25: battery_return_percent: 99 is out of range (percent, 1 to 95)"),
        ("{dwell_s: 2, on", "{dwel_s: 2, on", "m.yaml:5:15: every_visit.dwel_s: unknown key; did you mean dwell_s?"),
        ("retries: 1", "retries: 99", "m.yaml:8:47: visits[1].retries: 99 is out of range (attempts after the first one, 0 to 20)"),
        ("on_failure: abort", "on_failure: abort\n    retries: 2", "m.yaml:11:14: visits[2].retries: on_failure: abort never retries; remove one"),
        ("speed_mps: 0.3", "speed_mps: 30", "m.yaml:8:61: visits[1].speed_mps: 30 is out of range (metres per second, 0.05 to 2)"),
        ("dwell_s: 0", "dwell_s: 1:30", 'm.yaml:11:14: visits[2].dwell_s: "1:30" is not a number (seconds at the place, 0 to 86400)'),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mission_says_where_and_what(old: str, new: str, message: str) -> None:
    assert ROUND.count(old) == 1
    found = mistakes(ROUND.replace(old, new))
    assert any(line.startswith(message) for line in found), found


@pytest.mark.parametrize("visits", ["visits: []", "visits:"])
def test_a_mission_without_visits_is_refused(visits: str) -> None:
    assert "visits" in mistakes(f"mission: x\nsite: flat.yaml\n{visits}")[0]


def test_a_mission_has_at_most_five_hundred_visits() -> None:
    text = "mission: x\nsite: flat.yaml\nvisits:\n"
    mission_of(text + "  - sink\n" * 500)
    assert mistakes(text + "  - sink\n" * 501) == [
        "m.yaml:504:5: visits[500]: more than 500 visits; split the mission"
    ]


def test_mistakes_of_mission_and_site_come_together() -> None:
    found = mistakes(ROUND.replace("loops: 2", "loops: x"), FLAT.replace(b"[0.8, 4]", b"[0.1, 4]"))
    assert [line.split(" ")[0] for line in found] == ["flat.yaml:7:9:", "m.yaml:3:8:"]


def test_a_place_without_a_way_is_refused_by_name() -> None:
    folder = MemoryFolder({"m.yaml": ROUND.replace("- sink", "- wine").encode(), "flat.yaml": FLAT})
    read_mission(folder, "m.yaml")
    with pytest.raises(BadFileError) as caught:
        read_mission(folder, "m.yaml", planner=lambda _site, _car: no_way_to_the_cellar)
    assert str(caught.value) == (
        'm.yaml:7:5: visits[0]: "wine": the car finds no way there from the start;'
        " open a door, widen it, or move the place"
    )


def test_a_car_too_large_for_a_place_is_told_so() -> None:
    mission, site = mission_of(ROUND)
    assert check_mission(mission, site, Footprint(), straight_lines) == []
    big = check_mission(mission, site, Footprint(front_m=0.9, rear_m=0.9, half_width_m=0.5))
    assert [problem.index for problem in big] == [0, 1, 2, None]
    assert "0.75 m from a wall, the car needs 1.03 m to turn" in big[0].text


def test_the_shortest_order_is_asked_of_the_planner() -> None:
    text = ROUND.replace("loops: 2", "loops: 1\norder: shortest").replace("- sink", "- wine\n  - sink")
    mission, site = mission_of(text)
    assert [mission.visits[index].place for index in driving_order(mission, site, straight_lines)] == [
        "sink", "door", "wine", "sofa",
    ]  # fmt: skip
    listed, _ = mission_of(ROUND)
    assert driving_order(listed, site, straight_lines) == (0, 1, 2)


def test_distances_are_symmetric_with_the_start_first() -> None:
    mission, site = mission_of(ROUND)
    distances = distances_between(mission, site, straight_lines)
    assert distances.shape == (4, 4)
    assert (distances == distances.T).all()
    assert distances[0, 1] == pytest.approx(math.hypot(0.2, 3.0))


PIECES = ["[", "}", ":", "- ", "0", "1e9", ".nan", "\n", "  ", "x", "~", "'", "&a", "9" * 30, ",", "\x00"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.sampled_from(PIECES)), min_size=1, max_size=3)
)
def test_a_damaged_mission_is_a_mission_or_a_list_of_mistakes(cuts: list[tuple[float, int, str]]) -> None:
    text = ROUND
    for where, length, piece in cuts:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    with contextlib.suppress(BadFileError):
        assert mission_of(text)[0].visits


def narrowed(grid: OccupancyGrid, radius_m: float) -> set[tuple[int, int]]:
    """Return the cells where a round car of this radius may stand."""
    cells = radius_m / grid.resolution_m
    reach = math.ceil(cells)
    free = grid.cells == 0
    room = free.copy()
    for down in range(-reach, reach + 1):
        for along in range(-reach, reach + 1):
            if math.hypot(down, along) <= cells:
                shifted = free[
                    max(0, down) : free.shape[0] + min(0, down), max(0, along) : free.shape[1] + min(0, along)
                ]
                room[
                    max(0, -down) : room.shape[0] - max(0, down),
                    max(0, -along) : room.shape[1] - max(0, along),
                ] &= shifted
    return {(int(row), int(column)) for row, column in zip(*room.nonzero(), strict=True)}


def test_every_place_of_the_demo_building_can_be_reached_with_room_to_spare() -> None:
    mission, site = load_mission(demo_folder() / DEMO_MISSION)
    assert 8 <= len(mission.visits) <= 10
    room = narrowed(site.grid, Footprint().circumscribed_m + 0.05)
    todo, seen = [site.grid.cell_of(site.start.x_m, site.start.y_m)], set()
    while todo:
        cell = todo.pop()
        if cell in room and cell not in seen:
            seen.add(cell)
            todo += [
                (cell[0] + 1, cell[1]),
                (cell[0] - 1, cell[1]),
                (cell[0], cell[1] + 1),
                (cell[0], cell[1] - 1),
            ]
    for place in site.places.values():
        assert site.grid.cell_of(place.pose.x_m, place.pose.y_m) in seen, place.name
