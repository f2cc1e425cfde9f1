"""What the command line promises to people and to scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from patrolcar.cli import COMMANDS, Exit, main
from patrolcar.recording import ticks

SITE = """\
site: One room
rooms:
  room: [0, 0, 6, 4]
start: [1, 1, 0]
places:
  far: [5, 3]
  near: [2, 2]
"""
MISSION = """\
mission: There and back
site: site.yaml
loops: 2
visits: [far, near]
"""


@pytest.fixture
def mission(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    path = tmp_path / "mission.yaml"
    path.write_text(MISSION, encoding="utf-8")
    return path


def last_json(text: str) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(text.strip().splitlines()[-1])
    return parsed


def test_help_names_every_command_and_costs_no_heavy_import() -> None:
    code = "import sys; from patrolcar.cli import main; main(['--help'])"
    probe = f"""
try:
    exec({code!r})
except SystemExit:
    pass
import sys
assert not {{'numpy', 'textual', 'serial', 'yaml', 'pydantic', 'mcap'}} & set(sys.modules), sys.modules.keys()
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"patrolcar {name}" in capsys.readouterr().out


def test_a_wrong_command_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])
    assert ended.value.code == Exit.USAGE


def test_a_mission_runs_twice_the_same_and_reports_every_place(
    mission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = []
    for _ in range(2):
        assert main(["run", str(mission), "--json"]) == Exit.DONE
        reports.append(last_json(capsys.readouterr().out))
    first, second = reports
    assert first == second
    assert first["laps"] == 2
    assert first["collisions"] == 0
    assert isinstance(first["min_clearance_m"], float)
    assert [place["place"] for place in first["places"]] == ["far", "near"]  # type: ignore[attr-defined]  # a list of objects
    assert len(str(first["trace"])) == 64


def test_a_recorded_run_replays_to_the_same_bytes(
    mission: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "run.mcap"
    assert main(["run", str(mission), "--record", str(record)]) == Exit.DONE
    capsys.readouterr()
    assert main(["replay", str(record), "--json"]) == Exit.DONE
    result = last_json(capsys.readouterr().out)
    assert result["ticks_differing"] == 0
    assert int(str(result["ticks"])) > 1000


def test_a_vehicle_file_is_obeyed_and_goes_into_the_recording(
    mission: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow, record = tmp_path / "slow.yaml", tmp_path / "slow.mcap"
    slow.write_text("vehicle: Slow\nlimits: {speed_mps: 0.25}\n", encoding="utf-8")
    times = []
    for more in ((), ("--vehicle", str(slow), "--record", str(record))):
        assert main(["run", str(mission), "--json", *more]) == Exit.DONE
        times.append(float(str(last_json(capsys.readouterr().out)["duration_s"])))
    assert times[1] > 1.3 * times[0]
    slow.unlink()
    assert main(["replay", str(record)]) == Exit.DONE


def test_a_recording_changed_by_one_byte_is_noticed(mission: Path, tmp_path: Path) -> None:
    record = tmp_path / "run.mcap"
    assert main(["run", str(mission), "--record", str(record)]) == Exit.DONE
    data = bytearray(record.read_bytes())
    sent = next(tick.sent for tick in list(ticks(record))[200:] if tick.sent)
    data[data.index(sent) + len(sent) // 2] ^= 0x20
    record.write_bytes(data)
    assert main(["replay", str(record)]) in {Exit.MISSION_FAILED, Exit.BAD_FILE}


def test_a_place_behind_a_wall_is_refused_by_name_before_anything_moves(
    mission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = mission.parent / "site.yaml"
    site.write_text(SITE.replace("  room:", "  vault: [4, 2, 2, 2]\n  room:"), encoding="utf-8")
    assert main(["run", str(mission)]) == Exit.BAD_FILE
    told = capsys.readouterr().err
    assert '"far"' in told or "far" in told
    assert "near" not in told
    assert main(["check", str(mission)]) == Exit.BAD_FILE
    assert "far" in capsys.readouterr().out


def test_a_mission_that_runs_out_of_time_has_failed(
    mission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(mission), "--limit-s", "3", "--json"]) == Exit.MISSION_FAILED
    assert last_json(capsys.readouterr().out)["ending"] == "too_long"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "no-such.yaml"], Exit.BAD_FILE, "no-such.yaml"),
        (["replay", "no-such.mcap"], Exit.BAD_FILE, "no-such.mcap"),
        (["dash", "--socket", "no-such.sock"], Exit.NO_CAR, "patrolcar up"),
        (["stop", "--socket", "no-such.sock"], Exit.NO_CAR, "--link"),
        (["stop", "--socket", "no-such.sock", "--link", "no-such-port"], Exit.NO_CAR, "patrolcar ports"),
        (["sim", "--tcp", "99999"], Exit.NO_CAR, "--tcp 99999"),
        (["check", "no-such.yaml"], Exit.BAD_FILE, "no-such.yaml"),
    ],
)
def test_what_is_missing_is_said_with_a_remedy_and_a_code(
    arguments: list[str],
    code: Exit,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert main(arguments) == code
    told = capsys.readouterr()
    assert words in told.out + told.err
    assert "Traceback" not in told.err


def test_the_demo_in_a_pipe_ends_by_itself_with_a_report() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "patrolcar", "demo", "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == Exit.DONE, done.stderr
    result = last_json(done.stdout)
    assert result["ending"] == "done"
    assert result["collisions"] == 0
    assert int(str(result["people"])) >= 6
    assert len(result["places"]) >= 8  # type: ignore[arg-type]  # a list of objects


def test_a_compiled_part_that_cannot_be_loaded_is_a_sentence_and_not_a_traceback(mission: Path) -> None:
    environment = {**os.environ, "PATROLCAR_NATIVE": str(mission)}  # a file, but no library
    command = [sys.executable, "-m", "patrolcar", "run", str(mission)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == Exit.BAD_FILE
    assert "python -m firmware_protocol.build_native" in done.stderr
    assert "Traceback" not in done.stderr
