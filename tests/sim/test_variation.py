"""What varies from seed to seed: drawn by name, applied to the car as it is, and told again alike."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.config.problems import BadFileError
from sim.campaign.row import driven, plan_of
from sim.campaign.scenario_file import load_case
from sim.campaign.stage import staged
from sim.campaign.store import Store
from sim.car import SimulatedCar
from sim.setting.variation import PARAMETERS, Circumstances, Varied, drawn, under
from sim.world.walls import World

SITE = "site: Room\nrooms: {hall: [0, 0, 4, 3]}\nstart: [1, 1, 0]\nplaces: {door: [3, 1]}\n"
MISSION = "mission: To the door\nsite: room.yaml\nreturn_home: false\nvisits: [door]\n"
SCENARIO = "scenario: Any car\nmission: go.yaml\nlimit_s: 120\nvary:\n"
names = st.sampled_from(sorted(PARAMETERS))
seeds = st.integers(0, 2**31)


def written(folder: Path, vary: str, **more: str) -> Path:
    files = {"room.yaml": SITE, "go.yaml": MISSION, "scenario.yaml": SCENARIO + vary}
    for name, text in (files | {f"{key}.yaml": text for key, text in more.items()}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "scenario.yaml"


def whole_range(name: str) -> Varied:
    return Varied(name, PARAMETERS[name].low, PARAMETERS[name].high)


@given(st.lists(names, unique=True, min_size=2), seeds)
def test_adding_a_parameter_leaves_the_others_as_they_were(chosen: list[str], seed: int) -> None:
    varied = [whole_range(name) for name in chosen]
    assert drawn(varied[1:], seed).items() <= drawn(varied, seed).items()
    assert drawn(varied[::-1], seed) == drawn(varied, seed)


@given(names, seeds)
def test_what_is_drawn_lies_in_its_range(name: str, seed: int) -> None:
    varied = whole_range(name)
    value = varied.drawn(seed)
    assert varied.low <= value <= varied.high
    if PARAMETERS[name].is_whole:
        assert value == int(value)
    assert replace(varied, choices=(0.25, 0.5)).drawn(seed) in {0.25, 0.5}


def test_every_value_of_a_whole_number_and_of_a_choice_comes() -> None:
    assert {Varied("people", 0, 3).drawn(seed) for seed in range(100)} == {0, 1, 2, 3}
    assert {Varied("loss", choices=(0.0, 0.1)).drawn(seed) for seed in range(50)} == {0.0, 0.1}


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_each_parameter_changes_something_and_its_limits_make_a_car(name: str) -> None:
    low, high = (under(Circumstances(), {name: at}) for at in (PARAMETERS[name].low, PARAMETERS[name].high))
    assert low != high
    for varied in (low, high):
        car = SimulatedCar(World.from_walls([(0, 0, 9, 0)]), varied.car, start=(4, 4, 0))
        car.step(b"")


def test_a_car_whose_left_wheel_is_larger_drives_a_curve_to_the_right() -> None:
    varied = under(Circumstances(), {"wheel_radius_left": 0.1}).car
    left_m, right_m = varied.chassis.radius_m
    assert left_m == pytest.approx(1.1 * right_m)
    assert varied.controller == Circumstances().car.controller  # the firmware believes in the nominal one


def test_a_seed_is_told_again_alike_and_says_what_it_drew(tmp_path: Path) -> None:
    case = load_case(
        written(tmp_path, "  wheel_radius_left: [-0.02, 0.02]\n  latency_s: {one_of: [0, 0.02]}\n")
    )
    first, again = driven(case, 3), driven(case, 3)
    assert first._replace(cpu_s=None) == again._replace(cpu_s=None)
    assert json.loads(first.drawn or "") == dict(drawn(case.vary, 3))
    assert driven(case, 4).drawn != first.drawn
    with Store(tmp_path / "x.db", case) as store:
        store.add(first)
        assert store.rows() == [first]


def test_the_start_moves_and_the_people_are_counted(tmp_path: Path) -> None:
    more = "  start_x_m: [0.3, 0.3]\n  start_heading_deg: [90, 90]\n  people: [0, 0]\n"
    case = load_case(written(tmp_path, more))
    stage = staged(case, plan_of(case).site, 1)
    assert stage.car.truth.pose == pytest.approx((1.3, 1.0, 1.5707963))
    assert stage.car.people.count == 0


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "  weel_radius_left: [0, 1]\n",
            "vary.weel_radius_left: cannot vary; did you mean wheel_radius_left?",
        ),
        ("  track: [0.1, -0.1]\n", "scenario.yaml:5:10: vary.track: a range is [low, high]"),
        ("  track: [0, 3]\n", "vary.track[1]: 3 is out of range (share above the nominal track"),
        ("  track: 0.1\n", "vary.track: a range [low, high] or {one_of: [...]} is expected"),
        ("  people: [0, 1.5]\n", "vary.people[1]: "),
        ("  loss: {one_of: []}\n", "vary.loss.one_of: 1 to 1000 choices are expected, found 0"),
        (
            "  start_x_m: [-1, 1]\n",
            "vary.start_x_m: the start may move by 1.00 m in all, but there is room for",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, line: str, wanted: str) -> None:
    with pytest.raises(BadFileError) as caught:
        load_case(written(tmp_path, line))
    assert any(wanted in str(problem) for problem in caught.value.problems), caught.value


class TestWorldFiles:
    def test_a_scenario_takes_its_world_from_a_file_and_adds_to_it(self, tmp_path: Path) -> None:
        path = written(tmp_path, "", day="world: Day\nfittings: [camera]\n")
        path.write_text("scenario: S\nmission: go.yaml\nworld: day.yaml\nfittings: [flame sensor]\n")
        case = load_case(path)
        assert case.setting.fittings == ("camera", "flame sensor")
        assert "day.yaml" in dict(case.files)

    def test_mistakes_of_both_files_are_told_at_once(self, tmp_path: Path) -> None:
        path = written(tmp_path, "", day="world: Day\nfittings: [laser]\ndocks: {d: [77, 0, 0]}\n")
        path.write_text("scenario: S\nmission: go.yaml\nworld: day.yaml\nfittings: [radar]\n")
        with pytest.raises(BadFileError) as caught:
            load_case(path)
        places = [str(problem).split(": ")[0].rpartition("/")[2] for problem in caught.value.problems]
        assert sorted(places) == ["day.yaml:2:12", "day.yaml:3:12", "scenario.yaml:4:12"]

    def test_the_world_decides_what_happens(self, tmp_path: Path) -> None:
        path = written(tmp_path, "")
        path.write_text("scenario: S\nmission: go.yaml\nlimit_s: 120\n")
        plain = driven(load_case(path), 1)
        path.write_text(
            "scenario: S\nmission: go.yaml\nlimit_s: 120\nthings: {box: {at: [2, 1], from_s: 1}}\n"
        )
        blocked = driven(load_case(path), 1)
        assert plain.is_good
        assert blocked.is_good
        assert (blocked.distance_m or 0.0) > (plain.distance_m or 0.0)  # it drives around the box
