"""What a scenario or world file may say of the world: it comes true, and every mistake has its place."""

from __future__ import annotations

import contextlib
import pickle
from dataclasses import replace
from math import inf, pi
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.messages import Capability, Quantity, TagKind
from patrolcar.config.folder import DiskFolder, MemoryFolder
from patrolcar.config.problems import BadFileError
from patrolcar.site import Site
from patrolcar.site.site_file import site_from_files
from sim.campaign.case import Case
from sim.sensors.tag_reader import TagReader
from sim.setting.model import FITTINGS, NO_SETTING, Panel, Setting, covered
from sim.setting.scenario import car_on
from sim.setting.setting_file import read_world
from sim.setting.variation import Varied
from sim.world.people import CALM, CURIOUS, HURRIED
from sim.world.surfaces import GLASS, PLASTER
from sim.world.things import USUAL

SITE = (
    b"site: Two rooms\nrooms: {left: [0, 0, 4, 3], right: [4, 0, 4, 3]}\ndoors: [[4, 1.5, 1.0]]\n"
    b"start: [1, 1.5, 0]\npeople: {cook: {route: [[6, 1], [7, 1]]}, guest: {route: [[6, 2], [7, 2]]}}\n"
)
WORLD = """\
world: Everything
floor:
  - {box: [1, 0, 1, 3], friction: 0.3}
  - {polygon: [[5, 0], [6, 0], [6, 1]], grade: [0, 0.1], slip: 0.05}
  - {box: [7, 2, 0.5, 0.5], hole: true}
stripes:
  - {points: [[0.5, 1.5], [3, 1.5]], width_m: 0.03, level: 10}
surfaces:
  - {material: glass, box: [3.9, 0, 0.2, 0.5]}
doors:
  between: {hinge: [4, 1], handle: [4, 2], swing_deg: -90, open_s: [[5, 9]], opens_within_m: 0.8, turn_s: 1}
things:
  box: {at: [2.5, 2.5], size_m: 0.3, from_s: 2, to_s: 4}
walkers:
  class: {route: [[5, 1.5], [7, 1.5]], speed_mps: 0.7, temperament: hurried}
temperaments: {cook: curious}
docks: {home: [0.5, 0.5, 90]}
tags:
  floor mark: {at: [2, 1.5], number: 04A1b2}
  wall mark: {at: [3.9, 2.9], number: ff, kind: visual, reach_m: 3}
sources:
  fire: {quantity: flame, at: [7, 2.5], strength: 1, from_s: 30}
usual: {light: 2, temperature: 30.5}
switches: {gate: {channel: 3, at: [3, 1.5], reach_m: 0.5}}
fittings: [tag reader, camera, flame sensor]
"""


def two_rooms() -> Site:
    return site_from_files({"rooms.yaml": SITE}, "rooms.yaml")


def read(text: str, site: Site | None = None) -> Setting:
    return read_world(MemoryFolder({"w.yaml": text.encode()}), "w.yaml", site)


def problems(text: str, site: Site | None = None) -> list[str]:
    with pytest.raises(BadFileError) as caught:
        read(text, site)
    return [str(problem) for problem in caught.value.problems]


class TestWhatIsSaidHolds:
    def test_every_section_is_read(self) -> None:
        setting = read(WORLD, two_rooms())
        slippery, ramp, hole = setting.patches
        assert (slippery.friction, slippery.outline[0]) == (0.3, (1.0, 0.0))
        assert (ramp.grade, ramp.slip, ramp.friction) == ((0.0, 0.1), 0.05, None)
        assert hole.hole is True
        assert setting.stripes[0].level == 10
        assert setting.panels == (Panel("glass", (3.9, 0.0, 0.2, 0.5)),)
        (door,) = setting.doors
        assert door.swing_rad == pytest.approx(-pi / 2)
        assert (door.open_s, door.opens_within_m) == (((5.0, 9.0),), 0.8)
        assert (setting.things[0].from_s, setting.things[0].to_s) == (2.0, 4.0)
        assert setting.docks[0] == pytest.approx((0.5, 0.5, pi / 2))
        assert [(tag.number.hex(), tag.kind) for tag in setting.tags] == [
            ("04a1b2", TagKind.RFID),
            ("ff", TagKind.VISUAL),
        ]
        assert (setting.sources[0].quantity, setting.sources[0].to_s) == (Quantity.FLAME, inf)
        assert setting.switches[0].channel == 3

    def test_people_take_the_car_as_the_file_says(self) -> None:
        routes, moods = read(WORLD, two_rooms()).people(two_rooms(), None)
        assert [(route.name, mood) for route, mood in zip(routes, moods, strict=True)] == [
            ("cook", CURIOUS),
            ("guest", CALM),
            ("class", HURRIED),
        ]
        assert [route.name for route in read(WORLD).people(two_rooms(), 1)[0]] == ["cook", "class"]

    def test_what_is_everywhere_is_said_and_the_rest_is_as_usual(self) -> None:
        things = read(WORLD, two_rooms()).world(two_rooms()).things
        assert things.usual[Quantity.LIGHT] == 2.0
        assert things.usual[Quantity.TEMPERATURE] == 30.5
        assert things.usual[Quantity.CO2] == USUAL[Quantity.CO2]

    def test_the_firmware_knows_what_is_fitted(self) -> None:
        car = read(WORLD, two_rooms()).car()
        wanted = Capability.TAG_READER | Capability.ENVIRONMENT
        assert car.controller.capabilities & wanted == wanted
        assert len(car.fittings.readers) == 2

    @pytest.mark.parametrize("name", FITTINGS)
    def test_a_car_with_any_one_fitting_lives(self, name: str) -> None:
        car = car_on(two_rooms(), 1, setting=Setting(fittings=(name,)))
        for _ in range(3):
            car.step(b"")
        assert car.truth.collisions == 0

    def test_a_door_opens_when_its_time_has_come_and_closes_again(self) -> None:
        car = car_on(two_rooms(), 1, setting=read(WORLD, two_rooms()), people=0)
        eye = np.array([[1.0, 1.5, 1.0, 0.0]])
        seen_m = {}
        for step in range(1, 1300):
            car.step(b"")
            if step in (400, 700, 1250):
                seen_m[step] = float(car.world.cast(eye, 20.0)[0][0])
        assert seen_m[400] == pytest.approx(3.0)  # closed, at x = 4
        assert seen_m[700] == pytest.approx(7.0)  # open: the far wall
        assert seen_m[1250] == pytest.approx(3.0)

    def test_nothing_said_changes_nothing(self) -> None:
        def told(setting: Setting) -> list[bytes]:
            car = car_on(two_rooms(), 3, setting=setting)
            return [car.step(b"") for _ in range(150)]

        assert told(NO_SETTING) == told(read("world: Empty\n", two_rooms()))

    def test_a_camera_reads_its_mark_in_the_light_and_not_in_the_dark(self) -> None:
        def times_read(lux: int) -> int:
            mark = "tags: {t: {at: [3, 1.5], number: ff, kind: visual, reach_m: 3}}"
            world = read(f"world: W\nusual: {{light: {lux}}}\n{mark}\n").world(two_rooms())
            reader = TagReader(FITTINGS["camera"].readers[0], seed=1)
            steps = (reader.step(step, step * 0.01, (1.0, 1.5, 0.0), world) for step in range(1000))
            return sum(reading is not None for reading in steps)

        assert times_read(300) > 80
        assert times_read(1) == 0

    def test_the_lidar_sees_through_glass_into_the_next_room(self) -> None:
        def farthest_m(text: str) -> float:
            car = car_on(two_rooms(), 1, people=0, setting=read(f"world: W\n{text}", two_rooms()))
            for _ in range(12):
                car.step(b"")
            assert car.lidar is not None
            return float(car.lidar.distance_m[10:14].max())  # at 3 m: past the door's rim, at y = 2

        assert farthest_m("") < 3.2
        assert farthest_m("surfaces: [{material: glass, box: [3.9, 2, 0.2, 1]}]\n") > 5.0

    def test_what_is_fitted_does_not_change_the_noise_of_the_rest(self) -> None:
        def measured(setting: Setting) -> tuple[bytes, bytes]:
            car = car_on(two_rooms(), 3, setting=setting)
            for _ in range(200):
                car.step(b"")
            assert car.lidar is not None
            return car.lidar.codes.tobytes(), bytes(car.controller.inputs.accel_mmps2)

        fitted = read("world: W\nfittings: [tag reader, flame sensor, cliff sensors, line sensor]\n")
        assert measured(fitted) == measured(NO_SETTING)

    def test_it_travels_to_another_process(self) -> None:
        setting = read(WORLD, two_rooms())
        assert pickle.loads(pickle.dumps(setting)) == setting  # noqa: S301  (our own)

    def test_another_world_is_another_campaign(self) -> None:
        case = Case("name", "mission", ())
        assert case.digest != replace(case, setting=read(WORLD)).digest
        assert case.digest != replace(case, vary=(Varied("track", 0.0, 0.1),)).digest

    def test_two_settings_are_one(self) -> None:
        both = read(WORLD).plus(read("world: More\nfittings: [camera]\ndocks: {other: [1, 1, 0]}\n"))
        assert len(both.docks) == 2
        assert len(both.car().fittings.readers) == 2  # the same camera is carried once


places = st.floats(-5.0, 5.0).map(lambda value: round(value, 2))
lengths = st.floats(0.01, 5.0).map(lambda value: round(value, 2))


@given(places, places, places, places, places, places, lengths, lengths)
def test_a_wall_is_cut_at_the_rims_of_a_panel_and_none_of_it_is_lost(
    x1: float, y1: float, x2: float, y2: float, left: float, low: float, width: float, height: float
) -> None:
    pieces, materials = covered([(x1, y1, x2, y2)], [Panel("glass", (left, low, width, height))])
    whole = np.hypot(x2 - x1, y2 - y1)
    assert sum(np.hypot(c - a, d - b) for a, b, c, d in pieces) == pytest.approx(whole, abs=1e-5)
    for (a, b, c, d), material in zip(pieces, materials, strict=True):
        x, y = (a + c) / 2, (b + d) / 2
        depth = min(x - left, left + width - x, y - low, low + height - y)  # of its middle in the box
        if abs(depth) > 1e-3:
            assert material is (GLASS if depth > 0 else PLASTER)


class TestMistakes:
    @pytest.mark.parametrize(
        ("line", "wanted"),
        [
            ("floor: [{box: [0, 0, 1, 1]}]", "w.yaml:2:9: floor[0]: says nothing; give it friction"),
            ("floor: [{friction: 0.5}]", "floor[0]: a piece of floor needs either box"),
            ("floor: [{box: [0, 0, 1, 1], friction: 9}]", "floor[0].friction: 9 is out of range"),
            ("doors: {d: {hinge: [1, 1], handle: [1, 1]}}", "doors.d: a door needs a handle apart from"),
            ("doors: {d: {hinge: [1, 1]}}", "doors.d.handle: missing; write handle: [x, y]"),
            ("doors: {d: {hinge: [1, 1], handle: [9, 1]}}", "doors.d.handle: (9, 1) is off the map"),
            ("doors: {d: {hinge: [0.6, 1.5], handle: [1.6, 1.5]}}", "doors: a closed door stands where the"),
            ("doors: {d: {hinge: [6, 0.5], handle: [6, 1.5]}}", "doors: a closed door stands where cook"),
            ("things: {t: {at: [2, 2], from_s: 5, to_s: 5}}", "things.t.to_s: ends at 5 s, which is not"),
            ("surfaces: [{material: glas, box: [0, 0, 1, 1]}]", '"glas" is not one of plaster, dark, glass'),
            ("walkers: {w: {route: [[3, 1], [5, 1]]}}", "walkers.w.route[0]: the way from here to (5, 1)"),
            ("temperaments: {cok: calm}", "temperaments.cok: nobody here is called so; did you mean cook?"),
            ("temperaments: {cook: angry}", '"angry" is not one of calm, hurried'),
            ("tags: {t: {at: [1, 1], number: xyz}}", "tags.t.number: expected two hexadecimal digits"),
            ("sources: {s: {quantity: fire, at: [1, 1], strength: 1}}", '"fire" is not one of temperature'),
            ("usual: {lite: 3}", "usual.lite: no such quantity"),
            ("switches: {s: {channel: 1, at: [1, 1]}}", "switches.s: a switch at a place needs both"),
            ("fittings: [laser]", '"laser" is not one of tag reader, camera'),
            ("stripes: [{points: [[0, 0], [9000, 9000]]}]", "stripes: span more floor than can be painted"),
            ("walls: []", "w.yaml:2:1: walls: unknown key"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_told_with_its_place(self, line: str, wanted: str) -> None:
        found = problems(f"world: Wrong\n{line}\n", two_rooms())
        assert any(wanted in text for text in found), found
        assert all(text.startswith("w.yaml:2:") for text in found)

    def test_all_mistakes_are_told_at_once(self) -> None:
        text = "world: Wrong\nfittings: [laser]\nusual: {lite: 3}\ndocks: {d: [99, 0, 0]}\n"
        assert len(problems(text, two_rooms())) == 3

    def test_too_many_doors_are_refused_before_they_are_built(self) -> None:
        doors = "".join(f"  d{n}: {{hinge: [1, 1], handle: [2, 1]}}\n" for n in range(201))
        assert "the most is 200" in problems(f"world: Many\ndoors:\n{doors}", two_rooms())[0]

    def test_more_paint_than_anybody_buys_is_refused_before_it_is_painted(self) -> None:
        points = ", ".join(f"[{n % 2 * 30}, {n / 100}]" for n in range(100))
        found = problems(f"world: Stripes\nstripes: [{{points: [{points}]}}]\n")
        assert "stripes: are 2970 m long together; the most is 1000 m" in found[0]

    def test_no_file_outside_the_folder_is_opened(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "w.yaml").write_text("world: Outside\n")
        with pytest.raises(BadFileError):
            read_world(DiskFolder(tmp_path / "in"), "../w.yaml")

    @given(st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, noise: bytes) -> None:
        folder = MemoryFolder({"w.yaml": b"world: W\n" + noise})
        with contextlib.suppress(BadFileError):
            assert read_world(folder, "w.yaml", None).doors is not None
