"""The drawing of a run shows the run: every wall, the whole way, everybody, and it moves."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from room import scenario

from patrolcar.cli import main
from patrolcar.site.site_file import site_from_files
from sim.picture import EVERY_S, PIXELS, Track, svg

__all__ = ["scenario"]
SITE = b"site: A & B\nrooms: {hall: [0, 0, 4, 3]}\nstart: [1, 1, 0]\nplaces: {<door>: [3, 1]}\n"
NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn(track: Track) -> ET.Element:
    return ET.fromstring(svg(site_from_files({"s.yaml": SITE}, "s.yaml"), track, "A & B <1>"))  # noqa: S314  (ours)


def test_names_are_text_and_the_drawing_needs_nothing_else() -> None:
    picture = drawn(Track())
    assert [text.text for text in picture.iter(f"{NAMESPACE}text")] == ["<door>"]
    assert not list(picture.iter(f"{NAMESPACE}script"))
    assert not list(picture.iter(f"{NAMESPACE}image"))


def test_every_step_of_the_way_is_drawn_and_driven_again() -> None:
    track = Track()
    for step in range(50):
        track.look(EVERY_S * step, (1.0 + 0.02 * step, 1.0, 3.1 + 0.05 * step - 6.283 * (step > 1)), [], 0)
    picture = drawn(track)
    way = "".join(
        path.get("d", "")
        for path in picture.iter(f"{NAMESPACE}path")
        if path.get("stroke", "").startswith("hsl")
    )
    assert way.count("M") == 49
    places, turns = (
        part.get("values", "").split(";") for part in picture.iter(f"{NAMESPACE}animateTransform")
    )
    assert len(places) == len(turns) == 50
    steps = [abs(float(a) - float(b)) for a, b in itertools.pairwise(turns)]
    assert max(steps) < 10  # degrees: a heading that wraps does not spin the car round


def test_a_door_is_drawn_where_it_stood_and_stronger_where_it_stood_long() -> None:
    track = Track()
    closed, ajar = (1.0, 1.0, 2.0, 1.0), (1.0, 1.0, 1.7, 1.7)
    for step in range(10):
        track.look(EVERY_S * step, (0.0, 0.0, 0.0), [], 0, [closed if step < 8 else ajar])
    doors = [path for path in drawn(track).iter(f"{NAMESPACE}path") if path.get("stroke") == "#e69f00"]
    assert [float(door.get("opacity", "0")) for door in doors] == [0.8, 0.2]


def test_looking_too_often_costs_nothing_and_touches_are_kept() -> None:
    track = Track()
    for step in range(100):
        track.look(0.02 * step, (0.0, 0.0, 0.0), [(1.0, 2.0)], int(step >= 50))
    assert len(track.poses) == 20
    assert len(track.people[0]) == 20
    assert track.touches == [(0.0, 0.0)]


def test_one_seed_is_drawn_as_the_command_promises(scenario: Path, tmp_path: Path) -> None:
    file = tmp_path / "run.svg"
    assert main(["campaign", str(scenario), "--seed", "1", "--svg", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert "Room, bad line, seed 1" in text
    numbers = [float(value) for value in re.findall(r"M([\d.]+) ", text)]
    assert numbers
    assert max(numbers) <= PIXELS


@pytest.mark.parametrize("poses", [[], [(0.0, 1.0, 1.0, 0.0)]])
def test_a_run_that_never_began_is_drawn_too(poses: list[tuple[float, float, float, float]]) -> None:
    assert drawn(Track(poses=poses)).tag == f"{NAMESPACE}svg"
