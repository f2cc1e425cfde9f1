"""Whole patrols in virtual time: real buildings from the shared data, and the demo among people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from patrolcar.cli import Exit, main
from patrolcar.sites import DEMO_MISSION, demo_folder

PATROL = Path(__file__).resolve().parents[3] / "shared" / "data" / "patrol"
needs_data = pytest.mark.skipif(
    not PATROL.is_dir(),
    reason=f"the maps (shared/data/{PATROL.name}, beside the project) are not on this machine",
)


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["run", *arguments, "--json"]) == Exit.DONE
    found: dict[str, object] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return found


def imported(name: str, folder: Path, loops: int) -> Path:
    source = PATROL / name
    assert (
        main(
            [
                *("import-graph", str(source / f"{name}.graph"), "--map", str(source / f"{name}.yaml")),
                *("--out", str(folder), "--loops", str(loops), "--move"),
            ]
        )
        == Exit.DONE
    )
    return folder / f"{name}_mission.yaml"


@needs_data
def test_every_node_of_cumberland_is_visited_twice_and_nothing_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mission = imported("cumberland", tmp_path, 2)
    found = report(capsys, str(mission))
    places = found["places"]
    assert isinstance(places, list)
    assert len(places) == 40
    assert all(place["visits"] == 2 and place["missed"] == 0 for place in places)
    assert (found["laps"], found["collisions"], found["stops"]) == (2, 0, 0)
    assert float(str(found["min_clearance_m"])) > 0.04


@needs_data
@pytest.mark.parametrize(("name", "nodes"), [("grid", 25), ("example", 29), ("1r5", 12), ("ctcv", 18)])
def test_every_node_of_a_real_building_is_visited_and_nothing_is_touched(
    name: str, nodes: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(capsys, str(imported(name, tmp_path, 1)))
    assert (found["visits"], found["missed"], found["collisions"]) == (nodes, 0, 0)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_the_demo_patrol_touches_nobody_whoever_walks_there(
    seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(capsys, str(demo_folder() / DEMO_MISSION), "--seed", str(seed))
    assert (found["collisions"], found["missed"]) == (0, 0)
    assert int(str(found["people"])) >= 6
