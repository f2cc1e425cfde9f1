"""What the README says is so."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from patrolcar.cli import COMMANDS
from patrolcar.mission.check_files import check_files
from patrolcar.modes import TRANSITIONS, Event, Mode
from patrolcar.runtime.plan import planner
from sim.campaign.scenario_file import load_case

README = Path(__file__).resolve().parents[2] / "README.md"


def diagram() -> str:
    rows = ["```mermaid", "stateDiagram-v2", "    [*] --> OFFLINE"]
    for mode in Mode:
        for event in Event:
            target = TRANSITIONS.get((mode, event))
            if target is not None and event not in {Event.LINK_LOST, Event.STOPPED}:
                rows.append(f"    {mode.value} --> {target.value}: {event.name}")
    rows += ["    note right of OFFLINE: LINK_LOST leads here from every mode"]
    rows += ["    note right of STOPPED: STOPPED leads here from every mode but OFFLINE", "```"]
    return "\n".join(rows)


def test_the_diagram_of_the_modes_is_drawn_from_the_table() -> None:
    text = README.read_text(encoding="utf-8")
    drawn = re.search(r"<!-- modes: begin -->\n(.*?)\n<!-- modes: end -->", text, re.DOTALL)
    assert drawn is not None
    assert drawn[1] == diagram()


def test_the_chinese_page_has_the_same_sections_and_the_same_code() -> None:
    chinese = README.with_name("README.zh-CN.md").read_text(encoding="utf-8")
    english = README.read_text(encoding="utf-8")

    def code(text: str) -> list[str]:
        return re.findall(r"```\w*\n.*?```", text, re.DOTALL)

    assert len(re.findall(r"^#+ ", chinese, re.MULTILINE)) == len(re.findall(r"^#+ ", english, re.MULTILINE))
    assert code(chinese) == code(english)
    assert all(f"`patrolcar {name}" in chinese for name in COMMANDS)


def test_every_command_is_in_the_table_of_commands() -> None:
    text = README.read_text(encoding="utf-8")
    assert all(f"`patrolcar {name}" in text for name in COMMANDS)


def test_the_files_of_the_readme_are_good_files(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    site, mission, scenario, world = blocks
    (tmp_path / "flat.yaml").write_text(site, encoding="utf-8")
    (tmp_path / "evening.yaml").write_text(mission, encoding="utf-8")
    (tmp_path / "worn.yaml").write_text(scenario, encoding="utf-8")
    assert check_files([tmp_path / "evening.yaml", tmp_path / "flat.yaml"], planner=planner) == []
    assert len(load_case(tmp_path / "worn.yaml").faults) == 3
    (tmp_path / "tuesday.yaml").write_text(world, encoding="utf-8")
    (tmp_path / "worn.yaml").write_text(f"{scenario}world: tuesday.yaml\n", encoding="utf-8")
    setting = load_case(tmp_path / "worn.yaml").setting
    assert all(getattr(setting, each.name) for each in fields(setting))  # it shows every section


def test_the_two_commands_that_do_all_the_set_up_stand_alone() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert commands[0].endswith("patrolcar demo")
    assert commands[1].endswith("pytest -q")
