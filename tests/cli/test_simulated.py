"""`run`, `sim` and `check` with scenario files, and over any line."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from patrolcar.cli import Exit, main
from patrolcar.cli import sim as sim_command
from patrolcar.cli.sim_view import again
from patrolcar.cli.simulated import case_and_plan, narrowed
from patrolcar.config.problems import BadFileError
from patrolcar.errors import CommandError
from patrolcar.sites import DEMO_SCENARIO, demo_folder
from sim.campaign.row import driven
from sim.campaign.scenario_file import load_case
from sim.line import LineParameters
from sim.link import open_link
from sim.setting.variation import Varied, drawn

SITE = "site: Room\nrooms: {hall: [0, 0, 4, 3]}\nstart: [1, 1, 0]\nplaces: {door: [3, 1]}\n"
MISSION = "mission: To the door\nsite: room.yaml\nreturn_home: false\nvisits: [door]\n"
SCENARIO = "scenario: Any car\nmission: go.yaml\nline: {loss: 0.0001}\nvary: {track: [-0.02, 0.02]}\n"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    for name, text in {"room.yaml": SITE, "go.yaml": MISSION, "scenario.yaml": SCENARIO}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "scenario.yaml"


def result(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


class TestRun:
    def test_a_scenario_is_driven_as_its_campaign_drives_it(
        self, scenario: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["run", str(scenario), "--seed", "7", "--json"]) == Exit.DONE
        told, row = result(capsys), driven(load_case(scenario), 7)
        assert str(told["trace"]).startswith(row.trace or "none")
        assert told["drawn"] == json.loads(row.drawn or "")

    def test_a_mission_is_driven_over_a_bad_line(
        self, scenario: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mission = str(scenario.with_name("go.yaml"))
        assert main(["run", mission, "--json"]) == Exit.DONE
        clean = result(capsys)
        assert main(["run", mission, "--json", "--line", "baud=460800&loss=0.001"]) == Exit.DONE
        assert result(capsys)["trace"] != clean["trace"]

    @pytest.mark.parametrize(
        ("more", "wanted"),
        [
            (["--line", "los=1"], "--line los=1: los=1 is not understood; options are baud"),
            (["--line", "loss=7"], "--line loss=7: line: loss is 7.0, expected 0 to 1"),
            (["--line", "seed=7"], "seed=7 is not understood"),
            (["--vehicle", "car.yaml"], "a scenario names its vehicle itself (vehicle: car.yaml)"),
            (["--line", "loss=0", "--link", "/dev/ttyNONE"], "--line is for the simulator"),
        ],
    )
    def test_what_makes_no_sense_is_told(
        self, scenario: Path, more: list[str], wanted: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["run", str(scenario), *more]) == Exit.USAGE
        assert wanted in capsys.readouterr().err


def test_another_line_and_other_people_take_the_place_of_the_scenarios_own(scenario: Path) -> None:
    case, _ = case_and_plan(scenario, None)
    assert narrowed(case, None, None) == case
    assert narrowed(case, 0, "baud=57600").line == LineParameters(baud=57600)
    several = replace(case, vary=tuple(Varied(name, 0, 1) for name in ("people", "loss", "track")))
    assert [each.name for each in narrowed(several, 0, None).vary] == ["loss", "track"]
    assert [each.name for each in narrowed(several, 0, "loss=0").vary] == [
        "track"
    ]  # what is said does not vary
    with pytest.raises(CommandError):
        narrowed(case, 0, "baud=fast")


def test_a_scenario_is_a_link_too_and_its_line_may_be_another(scenario: Path) -> None:
    case = load_case(scenario)
    link = open_link(f"sim://{scenario}?seed=3&people=0")
    assert link.uplink.parameters == case.line
    error = drawn(case.vary, 3)["track"]
    assert link.car.parameters.chassis.track_m == pytest.approx(0.2 * (1.0 + error))
    assert open_link(f"sim://{scenario}?latency_ms=5").uplink.parameters == LineParameters(latency_s=0.005)
    assert open_link(f"sim://{scenario.with_name('room.yaml')}").uplink.parameters == LineParameters()
    with pytest.raises(BadFileError, match="there is no file"):
        open_link("sim://nowhere.yaml")


class TestSim:
    def test_a_scenario_is_served_and_says_what_its_seed_drew(self, scenario: Path) -> None:
        command = [sys.executable, "-m", "patrolcar", "sim", str(scenario), "--tcp", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stderr is not None
            address = child.stdout.readline()
            child.terminate()
            assert child.wait(10) == Exit.DONE
            assert address.startswith(b"socket://127.0.0.1:")
            assert child.stderr.read().startswith(b"track ")

    def test_a_screen_needs_a_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["sim", "--pty", "--view"]) == Exit.USAGE
        assert "--view draws on a terminal" in capsys.readouterr().err

    def test_the_simulator_behind_a_screen_is_told_everything_that_was_said(self) -> None:
        parser = argparse.ArgumentParser()
        sim_command.add_arguments(parser)
        said = ["x.yaml", "--tcp", "0", "--seed", "3", "--people", "2", "--line", "loss=0.1", "--key", "k"]
        once = parser.parse_args([*said, "--view"])
        twice = parser.parse_args(again(once)[1:])
        assert vars(twice) == {**vars(once), "view": False}


class TestCheck:
    def test_every_bundled_file_is_good(self, capsys: pytest.CaptureFixture[str]) -> None:
        bundled = [str(path) for path in demo_folder().glob("*.yaml")]
        assert str(demo_folder() / DEMO_SCENARIO) in bundled
        assert main(["check", *bundled]) == Exit.DONE
        assert f"{len(bundled)} of {len(bundled)} files are good" in capsys.readouterr().out

    def test_mistakes_of_scenarios_and_worlds_are_told_with_their_places(
        self, scenario: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        scenario.write_text(SCENARIO + "faults: [{fault: hangs, at_s: 1}]\nworld: w.yaml\n")
        world = scenario.with_name("w.yaml")
        world.write_text("world: W\nfittings: [laser]\n")
        assert main(["check", str(scenario), str(world)]) == Exit.BAD_FILE
        said = capsys.readouterr().out
        assert f"{os.fspath(scenario)}:5:18: faults[0].fault: no such fault; did you mean hang?" in said
        assert said.count(f"{world}:2:12: fittings[0]: ") == 1  # told once, though both name it
