# ruff: noqa: E501 - each row of a table is one mistake and its exact message, on one line
"""Files of every kind, checked without using them, and the report at the end."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from patrolcar.config.problems import BadFileError
from patrolcar.mission import Mission, Patrol, Visit
from patrolcar.mission.check_files import FileKind, check_file, check_files, file_kind
from patrolcar.report import report
from patrolcar.sites import DEMO_MISSION, DEMO_SITE, demo_folder
from patrolcar.vehicle import Footprint

FILES = {
    "flat": b"site: f\nstart: [1, 1]\nrooms: {flat: [0, 0, 9, 5]}\nplaces: {sink: [0.8, 4]}",
    "round": b"site: flat\nmission: Night\nvisits: [sink]",
    "car": b"vehicle: Rover",
    "map": b"image: p.pgm\nresolution: 0.1\norigin: [0, 0, 0]\noccupied_thresh: 0.65\nfree_thresh: 0.196",
    "p.pgm": b"P5 1 1 255\n\xff",
    "graph": b"1\n1\n1\n0.1\n0\n0\n\n0\n0\n0\n0\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(("name", "kind"), [
    ("flat", FileKind.SITE), ("round", FileKind.MISSION), ("car", FileKind.VEHICLE), ("map", FileKind.MAP), ("graph", FileKind.GRAPH),
])  # fmt: skip
def test_a_file_is_known_by_what_it_says_and_not_by_its_name(folder: Path, name: str, kind: FileKind) -> None:
    assert file_kind(folder / name) is kind
    assert check_file(folder / name, Footprint()) is kind


def test_the_files_that_come_with_us_are_good() -> None:
    assert check_files([demo_folder() / DEMO_SITE, demo_folder() / DEMO_MISSION]) == []


def test_mistakes_of_all_files_come_together_each_once(folder: Path) -> None:
    (folder / "flat").write_bytes(
        (folder / "flat").read_bytes().replace(b"sink: [0.8, 4]", b"sink: [0.1, 4]")
    )
    (folder / "car").write_bytes(b"vehicle: Rover\ntrack_m: 9")
    found = check_files([folder / "flat", folder / "round", folder / "car", folder / "none"])
    assert [(Path(problem.file).name, problem.key) for problem in found] == [
        ("flat", "places.sink"), ("car", "track_m"), ("none", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"colour: red", b"- 1", b"hello", b"\xff\xfe", b"", b"a: [", b"\x00" * 99]
)
def test_what_is_none_of_our_files_is_refused(folder: Path, content: bytes) -> None:
    (folder / "odd").write_bytes(content)
    with pytest.raises(BadFileError):
        check_file(folder / "odd", Footprint())


def test_the_planner_is_asked_for_missions(folder: Path) -> None:
    problems = check_files(
        [folder / "round"], planner=lambda _site, _car: lambda _start, goals: [math.inf] * len(goals)
    )
    assert "the car finds no way there from the start" in problems[0].text


# --- the report

S = 1_000_000_000


def finished() -> Patrol:
    mission = Mission("Night", "s.yaml", (Visit("lobby"), Visit("大厅")), loops=1, return_home=False)
    return Patrol.start(mission, 0).arrived(60 * S).arrived(3700 * S)


def test_a_report_says_how_it_went_as_json() -> None:
    written = report(
        finished(), "School", 9999 * S, distance_m=120.5, stops=2, collisions=0, min_clearance_m=math.inf
    ).to_json()
    found = json.loads(json.dumps(written, allow_nan=False))
    assert (found["outcome"], found["laps"], found["visits"], found["missed"]) == ("done", 1, 2, 0)
    assert (found["duration_s"], found["distance_m"], found["collisions"]) == (3700.0, 120.5, 0)
    assert found["min_clearance_m"] is None
    assert found["worst_idle_s"] == 3700.0
    assert found["places"][1] == {
        "place": "大厅",
        "visits": 1,
        "missed": 0,
        "worst_idle_s": 3700.0,
        "mean_idle_s": 3700.0,
    }


def test_a_report_is_a_table_that_lines_up_in_any_language() -> None:
    text = report(
        finished(), "School", 0, distance_m=120.5, stops=2, collisions=0, min_clearance_m=0.31
    ).to_text()
    assert text.splitlines() == [
        "Night in School: done",
        "1 of 1 laps, 2 visits, 120.5 m in 1:01:40",
        "0 collisions, nearest 0.31 m, 2 safety stops",
        "place  visits  missed  longest wait  mean wait",
        "lobby       1       0          1:00       1:00",
        "大厅        1       0       1:01:40    1:01:40",
    ]


def test_a_real_car_reports_no_collisions_because_it_cannot_know() -> None:
    patrol = Patrol.start(finished().mission, 0)
    result = report(patrol, "School", 30 * S, distance_m=0.0)
    assert (result.outcome, result.duration_s, result.collisions) == ("under way", 30.0, None)
    assert "collisions" not in result.to_text()
    failed = report(patrol.stopped(5 * S, "STOP pressed"), "School", 30 * S, distance_m=0.0)
    assert failed.to_text().startswith("Night in School: failed - STOP pressed")
    assert failed.duration_s == 5.0
