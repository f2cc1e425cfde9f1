# ruff: noqa: E501 - each row of a table is one mistake and its exact message, on one line
"""Patrol graphs of patrolling_sim become missions."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.config.folder import DiskFolder, MemoryFolder
from patrolcar.config.problems import BadFileError
from patrolcar.geometry import Pose2
from patrolcar.mission.check import straight_lines
from patrolcar.mission.graph import read_graph
from patrolcar.mission.graph_import import mission_from_graph
from patrolcar.mission.mission_file import load_mission
from patrolcar.vehicle import Footprint

GRAPHS = Path("/work/shared/data/patrol")
MAP = b"image: t.pgm\nresolution: 0.1\norigin: [-1, -2, 0]\nnegate: 0\noccupied_thresh: 0.65\nfree_thresh: 0.196"
# three nodes in a row at the bottom, a fourth above the last; pixels 60 x 40
GRAPH = b"4\n60\n40\n0.1\n-1\n-2\n\n0\n10\n10\n1\n1\nE\n20\n\n1\n30\n10\n2\n0\nW\n20\n2\nE\n20\n\n2\n50\n10\n2\n1\nW\n20\n3\nN\n20\n\n3\n50\n30\n1\n2\nS\n20\n"


def picture(*black: tuple[int, int]) -> bytes:
    """Return a white picture with black pixels at (x, y), y counted from the bottom."""
    pixels = bytearray(b"\xff" * 2400)
    for x, y in black:
        pixels[(39 - y) * 60 + x] = 0
    return b"P5 60 40 255\n" + bytes(pixels)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.yaml").write_bytes(MAP)
    (tmp_path / "t.pgm").write_bytes(picture())
    (tmp_path / "t.graph").write_bytes(GRAPH)
    return tmp_path


def test_a_graph_becomes_a_folder_with_everything_its_mission_needs(folder: Path) -> None:
    made = mission_from_graph(folder / "t.graph", folder / "t.yaml", loops=3, dwell_s=1.5)
    assert set(made.files) == {"t.yaml", "t.pgm", "t_site.yaml", "t_mission.yaml"}
    mission, site = load_mission(made.write(folder / "out"))
    assert (mission.loops, mission.return_home) == (3, True)
    assert mission.visits[0].place == "node 0"
    assert {visit.place for visit in mission.visits} == {"node 0", "node 1", "node 2", "node 3"}
    assert {visit.dwell_s for visit in mission.visits} == {1.5}
    pose = site.places["node 3"].pose
    assert (pose.x_m, pose.y_m) == pytest.approx((4.0, 1.0))
    assert (site.start.x_m, site.start.y_m) == pytest.approx((0.0, -1.0))


def test_writing_twice_is_harmless_and_another_file_is_never_overwritten(folder: Path) -> None:
    made = mission_from_graph(folder / "t.graph", folder / "t.yaml")
    made.write(folder)
    made.write(folder)
    (folder / "t_site.yaml").write_text("site: mine")
    with pytest.raises(BadFileError, match=r"t_site.yaml: is there already and differs"):
        made.write(folder)
    assert (folder / "t_site.yaml").read_text() == "site: mine"


def test_y_counts_from_the_bottom_of_the_picture(folder: Path) -> None:
    (folder / "t.pgm").write_bytes(picture((50, 30)))
    with pytest.raises(BadFileError, match=r"t.graph:38:1: node 3: \(4, 1\) is in a wall"):
        mission_from_graph(folder / "t.graph", folder / "t.yaml")


def test_a_node_without_room_is_refused_and_moved_only_when_asked(folder: Path) -> None:
    (folder / "t.pgm").write_bytes(picture((31, 11)))
    with pytest.raises(BadFileError, match=r"node 1: 0.14 m from a wall, the car needs 0.20 m to turn"):
        mission_from_graph(folder / "t.graph", folder / "t.yaml")
    made = mission_from_graph(folder / "t.graph", folder / "t.yaml", move_within_m=0.5)
    (moved,) = made.moved
    assert moved.node == 1
    assert 0.0 < moved.distance_m <= 0.5
    _, site = load_mission(made.write(folder / "out"))
    assert site.places["node 1"].pose.x_m == moved.x_m


def test_a_node_that_cannot_be_moved_far_enough_is_refused(folder: Path) -> None:
    with pytest.raises(BadFileError, match=r"no room within 0.5 m either"):
        mission_from_graph(
            folder / "t.graph", folder / "t.yaml", footprint=Footprint(2.5, 2.5, 2.5), move_within_m=0.5
        )


def test_a_graph_of_another_map_is_refused(folder: Path) -> None:
    (folder / "t.graph").write_bytes(GRAPH.replace(b"0.1\n-1", b"0.2\n-1"))
    with pytest.raises(
        BadFileError, match=r"t.graph:2:1: the map is another one: resolution 0.2 here, 0.1 in"
    ):
        mission_from_graph(folder / "t.graph", folder / "t.yaml")


def test_a_graph_in_two_pieces_is_refused(folder: Path) -> None:
    (folder / "t.graph").write_bytes(
        GRAPH.replace(b"3\n50\n30\n1\n2\nS\n20\n", b"3\n50\n30\n0\n").replace(
            b"2\n1\nW\n20\n3\nN\n20", b"1\n1\nW\n20"
        )
    )
    with pytest.raises(BadFileError, match=r"node 3: there is no way here from node 0"):
        mission_from_graph(folder / "t.graph", folder / "t.yaml")


def test_distances_of_a_planner_are_taken_instead_of_those_of_the_graph(folder: Path) -> None:
    def far_from_three(start: Pose2, goals: Sequence[Pose2]) -> list[float]:
        return [math.inf if (start.y_m > 0.5) != (goal.y_m > 0.5) else 1.0 for goal in goals]

    with pytest.raises(BadFileError, match=r"node 3: there is no way here from node 0"):
        mission_from_graph(folder / "t.graph", folder / "t.yaml", planner=lambda _site, _car: far_from_three)
    made = mission_from_graph(
        folder / "t.graph", folder / "t.yaml", planner=lambda _site, _car: straight_lines
    )
    assert b"- node 0\n  - node 1\n  - node 2\n  - node 3\n" in made.files["t_mission.yaml"]


def test_a_graph_of_one_node_is_a_mission_of_one_visit(folder: Path) -> None:
    (folder / "t.graph").write_bytes(b"1 60 40 0.1 -1 -2 0 10 10 0")
    mission, _ = load_mission(mission_from_graph(folder / "t.graph", folder / "t.yaml").write(folder))
    assert [visit.place for visit in mission.visits] == ["node 0"]


def test_a_map_that_cannot_be_read_is_told_as_it_is(folder: Path) -> None:
    (folder / "t.yaml").write_bytes(MAP.replace(b"0.65", b"65"))
    with pytest.raises(BadFileError, match=r"occupied_thresh: 65 is out of range"):
        mission_from_graph(folder / "t.graph", folder / "t.yaml")
    (folder / "t.pgm").unlink()
    with pytest.raises(BadFileError, match=r'there is no file "t.pgm"'):
        mission_from_graph(folder / "t.graph", folder / "t.yaml")
    with pytest.raises(BadFileError, match=r'there is no file "u.graph"'):
        mission_from_graph(folder / "u.graph", folder / "t.yaml")


def test_a_picture_with_another_name_is_found_and_told(folder: Path) -> None:
    (folder / "t.yaml").write_bytes(MAP.replace(b"t.pgm", b"t_map.pgm"))
    made = mission_from_graph(folder / "t.graph", folder / "t.yaml")
    assert "t_map.pgm is missing; took t.pgm instead" in made.remarks[0]
    load_mission(made.write(folder / "out"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"4\n60", b"x\n60", '1:1: "x" is not the number of nodes (1 to 500)'),
        (b"4\n60", b"5\n60", "44:3: the file ends where node number 4 is expected"),
        (b"S\n20\n", b"S\n20\n9", "45:1: the file goes on after its last node"),
        (b"60\n40", b"60.5\n40", '2:1: "60.5" is not the map\'s width (1 to 1048576)'),
        (b"0\n10\n10", b"0\n99\n10", '9:1: "99" is not x in pixels (0 to 59)'),
        (b"0\n10\n10", b"7\n10\n10", '8:1: "7" is not node number 0 (0 to 0)'),
        (b"1\nE\n20\n\n1", b"9\nE\n20\n\n1", '12:1: "9" is not a neighbour\'s number (0 to 3)'),
        (b"0.1\n-1", b"nan\n-1", '4:1: "nan" is not the map\'s resolution (0.01 to 10)'),
    ],
)
def test_a_mistake_in_a_graph_says_where_and_what(old: bytes, new: bytes, message: str) -> None:
    assert old in GRAPH
    with pytest.raises(BadFileError) as caught:
        read_graph(MemoryFolder({"t.graph": GRAPH.replace(old, new, 1)}), "t.graph")
    assert str(caught.value).startswith("t.graph:" + message)


@given(st.binary(max_size=100), st.floats(0, 1))
def test_a_damaged_graph_is_a_graph_or_a_refusal(noise: bytes, where: float) -> None:
    at = int(where * len(GRAPH))
    for content in (noise, GRAPH[:at] + noise + GRAPH[at:], GRAPH[:at]):
        with contextlib.suppress(BadFileError):
            assert read_graph(MemoryFolder({"g": content}), "g").nodes


@pytest.mark.parametrize(
    ("name", "nodes", "longest_m"),
    [
        ("1r5", 12, 86.0),
        ("ctcv", 18, 121.0),
        ("cumberland", 40, 390.0),
        ("example", 29, 284.0),
        ("grid", 25, 148.3),
    ],
)
def test_published_graphs_become_missions_that_visit_every_node(
    tmp_path: Path, name: str, nodes: int, longest_m: float
) -> None:
    source = GRAPHS / name
    if not source.is_dir():
        pytest.skip("the graphs are not on this machine")
    made = mission_from_graph(source / f"{name}.graph", source / f"{name}.yaml")
    mission, _ = load_mission(made.write(tmp_path))
    assert {visit.place for visit in mission.visits} == {f"node {number}" for number in range(nodes)}
    ways = read_graph(DiskFolder(source), f"{name}.graph").distances()
    order = [int(visit.place.removeprefix("node ")) for visit in mission.visits]
    assert (
        sum(ways[here, there] for here, there in zip(order, order[1:] + order[:1], strict=True)) <= longest_m
    )
