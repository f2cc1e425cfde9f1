"""A car with a key, from the shell: the doctor tells of it; who has it sets, drives, records and replays."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from patrolcar.cli import Exit, main

Output = pytest.CaptureFixture[str]
SITE = """\
site: A room
start: [1, 1, 0]
rooms: {room: [0, 0, 4, 3]}
places: {window: [1.6, 1]}
"""
MISSION = """\
mission: A few steps
site: room.yaml
visits: [window]
"""


class Keyed(NamedTuple):
    """A simulated car in a small room, and how to reach it."""

    bare: str
    address: str
    key: Path
    site: Path


@pytest.fixture(scope="module", params=["--pty", "--tcp"])
def car(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    """Return the address of a car that obeys only who has its key."""
    folder = tmp_path_factory.mktemp("keyed")
    key = folder / "car.key"
    assert main(["key", str(key)]) == Exit.DONE
    door = ["--pty", "--link", str(folder / "port")] if request.param == "--pty" else ["--tcp", "0"]
    site = folder / "room.yaml"
    site.write_text(SITE, encoding="utf-8")
    command = [sys.executable, "-m", "patrolcar", "sim", *door, "--site", str(site), "--key", str(key)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        address = child.stdout.readline().strip()
        yield Keyed(address, f"{address}?key={key}", key, site)
        child.terminate()


@pytest.fixture(autouse=True)
def no_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No core of the person who runs the tests is asked."""
    monkeypatch.setenv("PATROLCAR_SOCKET", str(tmp_path / "core.sock"))


def test_the_doctor_tells_that_a_key_is_wanted(car: Keyed, tmp_path: Path, capsys: Output) -> None:
    for address, code, words in (
        (car.bare, Exit.NO_CAR, "only who has its key"),
        (car.address, Exit.DONE, "the car has a key"),
        (f"{car.bare}?key={tmp_path / 'none'}", Exit.NO_CAR, "cannot be read"),
    ):
        assert main(["doctor", address]) == code
        assert words in capsys.readouterr().out


def test_parameters_are_read_by_anybody_and_set_with_the_key(car: Keyed, capsys: Output) -> None:
    assert main(["param", "get", "reflex", "--car", car.bare]) == Exit.DONE
    assert main(["param", "set", "reflex=120", "--car", car.bare]) == Exit.MISSION_FAILED
    assert "?key=FILE" in capsys.readouterr().err
    assert main(["param", "set", "reflex=120", "--car", car.address]) == Exit.DONE
    assert "reflex: 100 -> 120 mm" in capsys.readouterr().out
    assert main(["param", "set", "reflex=100", "--car", car.address]) == Exit.DONE


def test_a_keyed_run_is_recorded_and_replays_with_the_key(car: Keyed, tmp_path: Path, capsys: Output) -> None:
    mission = car.site.with_name("mission.yaml")
    mission.write_text(MISSION, encoding="utf-8")
    recording = str(tmp_path / "run.mcap")
    assert main(["run", str(mission), "--link", car.address, "--record", recording, "--json"]) == Exit.DONE
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["ending"] == "done"
    assert main(["replay", recording, "--key", str(car.key), "--json"]) == Exit.DONE
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["ticks_differing"] == 0
