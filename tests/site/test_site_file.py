# ruff: noqa: E501 - each row of a table is one mistake and its exact message, on one line
"""A building from a file: what it becomes, and every way it can be wrong."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolcar.config.folder import MemoryFolder
from patrolcar.config.problems import BadFileError
from patrolcar.errors import ConfigError
from patrolcar.geometry import Pose2
from patrolcar.site import FREE, OCCUPIED, OccupancyGrid, Site, ZoneKind
from patrolcar.site.clearance import nearest_obstacle
from patrolcar.site.site_file import load_site, read_site, site_from_files
from patrolcar.sites import DEMO_SITE, demo_folder
from patrolcar.vehicle import Footprint

MAP = b"image: m.pgm\nresolution: 0.1\norigin: [0, 0, 0]\noccupied_thresh: 0.65\nfree_thresh: 0.196"
PGM = b"P5 30 20 255\n" + b"\xfe" * 600


FLAT = """\
site: Small flat
start: [1, 1, 90]
rooms:
  kitchen: [0, 0, 4, 3]
  living room: [4, 0, 5, 3]
  hall: [0, 3, 9, 2]
walls:
  - [[2, 5], [2, 4.2]]
doors:
  - [2, 3, 0.9]
  - [6, 3, 0.9]
furniture:
  - [5, 0.2, 1.5, 0.6]
pillars:
  - [7.5, 1.5, 0.3]
places:
  sink: [0.8, 2]
  sofa: [8, 2.2, 180]
  101: [1, 4]
zones:
  wet: {kind: slow, speed_mps: 0.2, box: [0, 0, 2, 2]}
people:
  cook: {route: [[1, 1], [1, 2], [3, 2]], speed_mps: 0.8}
"""


def site_of(text: str, **files: bytes) -> Site:
    more = {name.replace("__", "."): content for name, content in files.items()}
    return read_site(MemoryFolder({"s.yaml": text.encode(), **more}), "s.yaml")


def mistakes(text: str, **files: bytes) -> list[str]:
    with pytest.raises(BadFileError) as caught:
        site_of(text, **files)
    return [str(problem) for problem in caught.value.problems]


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def test_a_drawn_building_becomes_a_site() -> None:
    site = site_of(FLAT)
    assert site.name == "Small flat"
    assert site.start == Pose2(1.0, 1.0, math.pi / 2)
    assert list(site.places) == ["sink", "sofa", "101"]
    assert site.places["sink"].has_heading is False
    assert site.places["sofa"].has_heading is True
    assert site.places["sofa"].pose == Pose2(8.0, 2.2, -math.pi)
    assert [(zone.name, zone.kind, zone.speed_mps) for zone in site.zones] == [("wet", ZoneKind.SLOW, 0.2)]
    assert site.people[0].stops == ((1.0, 1.0), (1.0, 2.0), (3.0, 2.0))
    assert (site.people[0].speed_mps, site.people[0].pause_s) == (0.8, 2.0)


def test_the_grid_holds_walls_doors_and_furniture() -> None:
    grid = site_of(FLAT).grid
    assert grid.bounds_m == pytest.approx((-0.2, -0.2, 9.2, 5.2))
    assert grid.state_at(4.0, 1.0) == OCCUPIED  # between the rooms
    assert grid.state_at(6.0, 3.0) == FREE  # the door
    assert grid.state_at(6.6, 3.0) == OCCUPIED  # beside the door
    assert grid.state_at(5.7, 0.5) == OCCUPIED  # inside the furniture
    assert grid.state_at(20.0, 0.0) is None


def test_row_zero_of_the_grid_is_the_lowest_y() -> None:
    grid = site_of(FLAT).grid
    assert grid.cell_of(-0.19, -0.19) == (0, 0)
    assert grid.centre_of(0, 0) == pytest.approx((-0.175, -0.175))


@given(st.integers(-50, 300), st.integers(-50, 300))
def test_the_middle_of_a_cell_lies_in_that_cell(row: int, column: int) -> None:
    grid = OccupancyGrid(np.zeros((4, 5), np.uint8), 0.075, -29.675, 3.1)
    assert grid.cell_of(*grid.centre_of(row, column)) == (row, column)


def test_walls_drawn_twice_are_one_wall() -> None:
    walls = site_of(FLAT).walls
    shared = [wall for wall in walls if wall[0] == wall[2] == 4.0]
    assert [wall.tolist() for wall in shared] == [[4.0, 0.0, 4.0, 3.0]]


def test_a_door_opens_both_rooms_it_stands_between() -> None:
    on_the_line = sorted(wall.tolist() for wall in site_of(FLAT).walls if wall[1] == wall[3] == 3.0)
    assert on_the_line == [[0.0, 3.0, 1.55, 3.0], [2.45, 3.0, 5.55, 3.0], [6.45, 3.0, 9.0, 3.0]]


def test_values_of_a_site_cannot_be_changed() -> None:
    site = site_of(FLAT)
    with pytest.raises(ValueError, match="read-only"):
        site.grid.cells[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        site.walls[0, 0] = 1.0
    with pytest.raises(TypeError):
        site.places["x"] = site.places["sink"]  # type: ignore[index]  # that it is refused is the promise


def test_a_site_is_made_again_from_the_files_it_remembers() -> None:
    text = "site: s\nstart: [1, 1]\nmap: deep/m.yaml\nplaces: {a: [2, 1]}"
    files = {"s.yaml": text.encode(), "deep/m.yaml": MAP, "deep/m.pgm": PGM}
    site = read_site(MemoryFolder({**files, "unrelated": b""}), "s.yaml")
    assert dict(site.files) == files
    again = site_from_files(site.files, "s.yaml")
    assert np.array_equal(again.grid.cells, site.grid.cells)
    assert again.walls.shape == (0, 4)


# --- every way to be wrong


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sink: [0.8, 2]", "sink: [4, 2]", "s.yaml:17:9: places.sink: (4, 2) is in a wall or furniture; move it to free ground"),
        ("sink: [0.8, 2]", "sink: [0.2, 2]", "s.yaml:17:9: places.sink: 0.15 m from a wall, the car needs 0.20 m to turn; move it at least 0.05 m away"),
        ("sink: [0.8, 2]", "sink: [80, 2]", "s.yaml:17:9: places.sink: (80, 2) is off the map (x -0.2 to 9.2, y -0.2 to 5.2)"),
        ("sink: [0.8, 2]", "sink: [0.8]", "s.yaml:17:9: places.sink: a list of 1 values is not [x, y] or [x, y, heading_deg]"),
        ("sink: [0.8, 2]", "sink: [0.8, two]", 's.yaml:17:15: places.sink[1]: "two" is not a number (metres in the map, -10000 to 10000)'),
        ("sink: [0.8, 2]", "sink:", "s.yaml:17:8: places.sink: nothing is not a list ([x, y] or [x, y, heading_deg])"),
        ("sofa: [8, 2.2, 180]", "sofa: [8, 2.2, 400]", "s.yaml:18:18: places.sofa[2]: 400 is out of range (heading in degrees, -360 to 360)"),
        ("sofa: [8, 2.2, 180]", "sink: [8, 2.2, 180]", 's.yaml:18:3: "sink": given twice; the first is in line 17; remove or rename one'),
        ("start: [1, 1, 90]", "start: [4, 1]", "s.yaml:2:8: start: (4, 1) is in a wall or furniture; move it to free ground"),
        ("start: [1, 1, 90]\n", "", "s.yaml:1:1: start is missing; write start: [x, y, heading_deg], where the car stands at first"),
        ("site: Small flat", "sight: Small flat", "s.yaml:1:1: sight: unknown key; did you mean site?"),
        ("- [2, 3, 0.9]", "- [2, 2, 0.9]", "s.yaml:10:5: doors[0]: there is no wall within 0.10 m of (2, 2) to put a door in"),
        ("- [2, 3, 0.9]", "- [0.3, 3, 0.9]", "s.yaml:10:5: doors[0]: the wall here is 9.00 m long; a door of 0.90 m does not fit here"),
        ("- [2, 3, 0.9]", "- [4, 3, 0.9]", "s.yaml:10:5: doors[0]: something stands 0.00 m from the middle of this door; make room for it"),
        ("- [2, 3, 0.9]", "- [2, 3, 0.1]", "s.yaml:10:12: doors[0][2]: 0.1 is out of range (width of the door in metres, 0.3 to 20)"),
        ("kitchen: [0, 0, 4, 3]", "kitchen: [0, 0, 4, -3]", "s.yaml:4:22: rooms.kitchen[3]: -3 is out of range (metres, 0.01 to 10000)"),
        ("kitchen: [0, 0, 4, 3]", "kitchen: [0, 0, 4]", "s.yaml:4:12: rooms.kitchen: a list of 3 values is not [x, y, width, height] in metres"),
        ("kind: slow, speed_mps: 0.2,", "kind: slow,", "s.yaml:21:8: zones.wet: a slow zone needs speed_mps, for example speed_mps: 0.2"),
        ("kind: slow,", "kind: keepout,", "s.yaml:21:35: zones.wet.speed_mps: only a slow zone has a speed; this is a keepout zone"),
        ("kind: slow,", "kind: slwo,", 's.yaml:21:15: zones.wet.kind: "slwo" is not one of keepout, slow, geofence; did you mean slow?'),
        ("kind: slow,", "kind: [slow],", "s.yaml:21:15: zones.wet.kind: a list is not one of the words keepout, slow, geofence"),
        ("  sink: [0.8, 2]", '  "si\\enk": [0.8, 2]', 's.yaml:17:3: places."si\\x1bnk": "si\\x1bnk" holds invisible characters'),
        ("{route: [[1, 1], [1, 2], [3, 2]]", "{route: {a: 1}", "s.yaml:23:17: people.cook.route: a group of keys is not a list"),
        ("kind: slow, speed", "speed", "s.yaml:21:8: zones.wet.kind: missing; write kind: keepout, slow or geofence"),
        (", box: [0, 0, 2, 2]", "", "s.yaml:21:8: zones.wet: an area is needed: either box: [x, y, width, height] or polygon: [[x, y], ...]"),
        ("box: [0, 0, 2, 2]", "polygon: [[0, 0], [1, 1], [2, 2]]", "s.yaml:21:46: zones.wet.polygon: the corners enclose no area; give them in order around it"),
        ("box: [0, 0, 2, 2]", "polygon: [[0, 0], [1, 1]]", "s.yaml:21:46: zones.wet.polygon: a list of 2 values is not a list of 3 or more corners [x, y]"),
        ("box: [0, 0, 2, 2]", "box: [50, 0, 2, 2]", "s.yaml:21:8: zones.wet: lies outside the map; check its corners"),
        ("box: [0, 0, 2, 2]", "bix: [0, 0, 2, 2]", "s.yaml:21:37: zones.wet.bix: unknown key; did you mean box? (known here: kind, box, polygon, speed_mps)"),
        ("[[1, 1], [1, 2], [3, 2]]", "[[1, 1], [1, 2], [6, 2]]", "s.yaml:23:26: people.cook.route[1]: the way from here to (6, 2) passes 0.00 m from something at (4.00, 2.00); a person needs 0.25 m"),
        ("[[1, 1], [1, 2], [3, 2]]", "[[1, 1], [1, 20]]", "s.yaml:23:26: people.cook.route[1]: (1, 20) is off the map"),
        ("[[1, 1], [1, 2], [3, 2]]", "[[1, 1]]", "s.yaml:23:17: people.cook.route: a list of 1 values is not a list of 2 or more stops [x, y]"),
        ("[[2, 5], [2, 4.2]]", "[[2, 5]]", "s.yaml:8:5: walls[0]: a list of 1 values is not a list of 2 or more corners [x, y]"),
        ("  - [[2, 5], [2, 4.2]]", "  a: [[2, 5], [2, 4.2]]", "s.yaml:8:3: walls: a list is expected here: one line for each, starting with a dash"),
        ("places:\n", "places: [x]\nplcs:\n", "s.yaml:16:9: places: names are expected here, each followed by a colon and its value"),
        ("site: Small flat", "site: Small flat\nmap: m.yaml", "s.yaml:4:1: rooms: a site with map: takes its walls from the map; remove rooms and walls and doors"),
        ("site: Small flat", "site: Small flat\nbounds: [0, 0, 900, 900]", "s.yaml:2:9: bounds: 900 x 900 m are 324000000 cells of 0.05 m; the most is 16777216"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_site_says_where_and_what(old: str, new: str, message: str) -> None:
    assert any(line.startswith(message) for line in mistakes(changed(FLAT, old, new))), mistakes(
        changed(FLAT, old, new)
    )


def test_mistakes_of_every_kind_come_together() -> None:
    bad = (
        FLAT.replace("sink: [0.8, 2]", "sink: [4, 2]").replace("0.9]", "x]", 1).replace("cook:", "cook: 1 #")
    )
    bad += "colour: red\n"
    assert [line.split(": ")[1] for line in mistakes(bad)] == [
        "doors[0][2]",
        "places.sink",
        "people.cook",
        "colour",
    ]


def test_a_place_may_touch_the_limit_of_room() -> None:
    grid = site_of(FLAT).grid
    needed_m = Footprint().circumscribed_m
    wall_rim_m = 0.05
    x = wall_rim_m + needed_m
    assert nearest_obstacle(grid, x, 2.0, 1.0).distance_m == pytest.approx(needed_m)
    site_of(changed(FLAT, "sink: [0.8, 2]", f"sink: [{x!r}, 2]"))
    assert mistakes(changed(FLAT, "sink: [0.8, 2]", f"sink: [{x - 1e-4!r}, 2]"))


def test_a_larger_car_needs_more_room() -> None:
    folder = MemoryFolder({"s.yaml": changed(FLAT, "sink: [0.8, 2]", "sink: [0.3, 2]").encode()})
    read_site(folder, "s.yaml")
    with pytest.raises(BadFileError, match=r"places.sink: 0.25 m from a wall, the car needs 0.58 m"):
        read_site(folder, "s.yaml", Footprint(front_m=0.5, rear_m=0.2, half_width_m=0.3))


def test_a_place_in_a_keepout_zone_or_outside_the_fence_is_refused() -> None:
    keepout = changed(FLAT, "kind: slow, speed_mps: 0.2", "kind: keepout")
    assert mistakes(keepout)[0] == 's.yaml:2:8: start: in the keepout zone "wet"; move it out of there'
    fence = changed(FLAT, "kind: slow, speed_mps: 0.2", "kind: geofence")
    assert 's.yaml:18:9: places.sofa: outside the geofence "wet"; move it in there' in mistakes(fence)


def test_an_empty_site_says_what_to_draw() -> None:
    assert mistakes("site: x\nstart: [0, 0]") == [
        "s.yaml:1:1: nothing is drawn; write rooms: or walls:, or map: for a map file"
    ]


def test_a_key_with_nothing_after_it_counts_as_left_out() -> None:
    assert mistakes("site: x\nstart:\nmap:\nbounds: [0, 0, 9, 9]\nplaces:") == [
        "s.yaml:1:1: start is missing; write start: [x, y, heading_deg], where the car stands at first"
    ]


def test_open_ground_needs_only_bounds() -> None:
    site = site_of("site: field\nstart: [5, 5]\nbounds: [0, 0, 10, 10]")
    assert site.grid.cells.shape == (200, 200)
    assert not site.grid.cells.any()


def test_a_missing_map_is_told_at_the_line_that_names_it() -> None:
    assert mistakes("site: x\nstart: [1, 1]\nmap: mop.yaml", m__yaml=MAP) == [
        's.yaml:3:6: map: there is no file "mop.yaml"; did you mean m.yaml?'
    ]


def test_mistakes_of_the_map_are_told_beside_those_of_the_site() -> None:
    found = mistakes(
        "site: x\nstart: [1, 1]\nmap: m.yaml\nfoo: 1", m__yaml=MAP.replace(b"0.65", b"65"), m__pgm=PGM
    )
    assert found == [
        "m.yaml:4:18: occupied_thresh: 65 is out of range (probability of being occupied, 0 to 1)",
        "s.yaml:4:1: foo: unknown key (known here: site, start, map, bounds, rooms, walls, doors, furniture, pillars, places, zones, people)",
    ]


def test_a_map_outside_the_folder_of_the_site_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_bytes(MAP)
    (tmp_path / "m.pgm").write_bytes(PGM)
    (tmp_path / "in").mkdir()
    for name in ("../m.yaml", str(tmp_path / "m.yaml")):
        (tmp_path / "in" / "s.yaml").write_text(f"site: x\nstart: [1, 1]\nmap: {name}")
        with pytest.raises(BadFileError, match="leads out of the folder it must stay in"):
            load_site(tmp_path / "in" / "s.yaml")


# --- limits


def test_a_section_has_at_most_two_thousand_entries() -> None:
    text = "site: x\nstart: [5, 5]\nbounds: [0, 0, 10, 10]\nwalls:\n"
    site_of(text + "  - [[0, 0], [1, 0]]\n" * 2000)
    assert mistakes(text + "  - [[0, 0], [1, 0]]\n" * 2001) == [
        "s.yaml:2005:5: walls[2000]: more than 2000 walls; split the file"
    ]


def test_a_building_has_at_most_twenty_kilometres_of_walls_and_ten_of_ways() -> None:
    text = "site: x\nstart: [5, 5]\nbounds: [0, 0, 10, 10]\n"
    assert mistakes(text + "walls: [[[0, 0], [0, 9000], [1, 0], [1, 9000]]]") == [
        "s.yaml:1:1: the walls are 27000 m long together; the most is 20000 m"
    ]
    people = "people:\n" + "".join(f"  p{index}: {{route: [[1, 1], [9, 1]]}}\n" for index in range(700))
    assert mistakes(text + people) == [
        "s.yaml:5:3: people: the routes are 11200 m long together; the most is 10000 m"
    ]


# --- promises for any input


PIECES = [
    "[",
    "]",
    "{",
    "}",
    ":",
    "-",
    "0",
    "1e9",
    ".nan",
    "\n",
    "  ",
    "x",
    "~",
    "'",
    "&a",
    "*a",
    "!!int",
    "9" * 30,
    ",",
    "\x00",
    "é",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES)), min_size=1, max_size=4)
)
def test_a_damaged_site_is_a_site_or_a_list_of_mistakes(cuts: list[tuple[float, int, str]]) -> None:
    text = FLAT
    for where, length, piece in cuts:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    with contextlib.suppress(BadFileError):
        assert site_of(text).grid.cells.size


@given(st.binary(max_size=200))
def test_any_bytes_are_a_site_or_a_refusal(noise: bytes) -> None:
    with pytest.raises(ConfigError):
        read_site(MemoryFolder({"s.yaml": noise}), "s.yaml")


# --- the site that comes with us


def test_the_demo_building_has_room_to_spare() -> None:
    site = load_site(demo_folder() / DEMO_SITE)
    assert len(site.places) >= 10
    assert len(site.people) >= 8
    assert {zone.kind for zone in site.zones} == set(ZoneKind)
    needed_m = Footprint().circumscribed_m + 0.05
    for place in site.places.values():
        assert nearest_obstacle(site.grid, place.pose.x_m, place.pose.y_m, needed_m).distance_m >= needed_m
    low_x, low_y, high_x, high_y = site.grid.bounds_m
    assert (high_x - low_x, high_y - low_y) == pytest.approx((30.4, 20.4))
