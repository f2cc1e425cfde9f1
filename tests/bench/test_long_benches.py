"""The pieces of the long benchmarks that can be wrong without anybody noticing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.campaign import written
from bench.determinism import compared_rows, short_case
from bench.endurance import endless_plan, slope
from bench.growth import building, car_in
from bench.peers_beside import PEERS, measure
from sim.campaign.row import driven, plan_of
from sim.campaign.scenario_file import load_case


def test_the_slope_is_that_of_the_hours_after_the_first() -> None:
    warming_up = [(0.25, 20.0), (0.5, 60.0), (0.75, 90.0), (1.0, 100.0)]
    after = [(hours, 100.0 + 0.5 * (hours - 1.0)) for hours in (2.0, 3.0, 4.0)]
    assert slope(warming_up + after) == pytest.approx(0.5)


def test_a_day_long_mission_has_the_places_of_the_demo() -> None:
    mission = endless_plan().mission
    assert mission is not None
    assert mission.loops == 10_000
    assert len(mission.visits) == 10


def test_a_peer_that_is_not_there_is_null_and_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERS_PYTHON", "/nowhere/python")
    told = measure(300.0)
    assert [told[f"ratio_{name}"] for name in PEERS] == [None] * len(PEERS)
    assert told["peers_missing"] == dict.fromkeys(
        PEERS, "[Errno 2] No such file or directory: '/nowhere/python'"
    )


@pytest.mark.parametrize(("rooms", "people"), [(1, 10), (10, 1000)])
def test_everybody_in_the_building_starts_in_the_free(rooms: int, people: int) -> None:
    car = car_in(building(rooms), rooms, people)
    gaps = [car.world.point_clearance(x, y, 0.3) for x, y, _ in car.people.discs.tolist()]
    assert len(gaps) == people
    assert min(gaps) > 0.25


def test_the_two_minutes_are_a_scenario_among_people(tmp_path: Path) -> None:
    case = load_case(written(tmp_path))
    plan = plan_of(case)
    assert len(plan.site.people) >= 5
    assert plan.mission is not None
    assert len(plan.mission.visits) == 6


def test_a_row_that_differs_in_one_column_is_counted() -> None:
    row = driven(short_case(), 1)
    later = row._replace(cpu_s=99.0)
    assert compared_rows([row], [later]) == (0, 0)
    assert compared_rows([row], [later._replace(touched=7)]) == (0, 1)
    assert compared_rows([row], [later._replace(trace="0")]) == (1, 1)
