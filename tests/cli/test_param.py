"""`patrolcar param` against a car behind a serial port: looked at by anyone, changed whole or not at all."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_protocol.messages import PARAMETERS, Command, State, Status
from firmware_protocol.session import LinkState, Session
from patrolcar.cli import Exit, main
from patrolcar.links import Link, open_link

Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the port of a simulated car."""
    port = tmp_path_factory.mktemp("car") / "port"
    command = [sys.executable, "-m", "patrolcar", "sim", "--pty", "--people", "0", "--link", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == str(port)
        yield str(port)
        child.terminate()


@pytest.fixture(autouse=True)
def no_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No core of the person who runs the tests is asked."""
    monkeypatch.setenv("PATROLCAR_SOCKET", str(tmp_path / "core.sock"))


def answer(output: Output) -> dict[str, object]:
    """Return the JSON object that was printed."""
    parsed: dict[str, object] = json.loads(output.readouterr().out)
    return parsed


def test_every_parameter_is_listed_with_unit_range_and_own_value(car: str, capsys: Output) -> None:
    assert main(["param", "list", "--car", car]) == Exit.DONE
    lines = capsys.readouterr().out.splitlines()
    for parameter in PARAMETERS:
        (line,) = [line for line in lines if parameter.name in line[:20].split()]
        assert parameter.text in line
        assert ("!" in line[:4]) == parameter.is_safety
    assert " !  reflex " in "\n".join(lines)
    assert "30 to 2000 mm" in "\n".join(lines)


def test_one_is_told_in_its_unit(car: str, capsys: Output) -> None:
    assert main(["param", "get", "reflex", "steer_trim", "--car", car]) == Exit.DONE
    assert capsys.readouterr().out == "reflex = 100 mm\nsteer_trim = 0 mrad\n"


def test_a_change_is_told_before_and_after_and_marked_until_it_is_taken_back(
    car: str, capsys: Output
) -> None:
    assert main(["param", "set", "reflex=120", "track=0.21", "--car", car]) == Exit.DONE
    told = capsys.readouterr().out
    assert "track: 0.2 -> 0.21 m\n" in told
    assert "reflex: 100 -> 120 mm (a protection)\n" in told
    assert "until the power goes" in told
    assert main(["param", "diff", "--car", car, "--json"]) == Exit.DONE
    rows = answer(capsys)["parameters"]
    assert isinstance(rows, list)
    assert [(row["name"], row["value"], row["own"], row["differs"]) for row in rows] == [
        ("track", 0.21, 0.2, True),
        ("reflex", 120, 100, True),
    ]
    assert main(["param", "defaults", "--car", car, "--json"]) == Exit.DONE
    changed = answer(capsys)["changed"]
    assert isinstance(changed, list)
    assert [(row["name"], row["before"], row["value"]) for row in changed] == [
        ("track", 0.21, 0.2),
        ("reflex", 120, 100),
    ]
    assert main(["param", "diff", "--car", car]) == Exit.DONE
    assert capsys.readouterr().out == "every parameter has the firmware's own value\n"


def test_what_the_car_has_already_is_no_change_and_may_be_saved(car: str, capsys: Output) -> None:
    assert main(["param", "set", "reflex=100", "--save", "--car", car]) == Exit.DONE
    assert capsys.readouterr().out.splitlines() == [
        "nothing to change: the car has these values already",
        "saved",
    ]
    assert main(["param", "save", "--car", car]) == Exit.DONE
    assert "hold over a power cycle" in capsys.readouterr().out


def test_values_that_contradict_each_other_change_nothing(car: str, capsys: Output) -> None:
    before = ["param", "list", "--car", car, "--json"]
    main(before)
    listed = answer(capsys)
    asked = ["undervoltage=14000", "overvoltage=13000", "reflex=150"]
    assert main(["param", "set", *asked, "--car", car]) == Exit.MISSION_FAILED
    assert capsys.readouterr().err == (
        "nothing was changed: the values contradict each other, "
        "for example undervoltage is not below overvoltage\n"
    )
    main(before)
    assert answer(capsys) == listed


def test_every_mistake_is_told_at_once_before_the_car_is_asked(capsys: Output) -> None:
    wrong = ["reflx=3", "tilt=1.5", "track=7", "kp=1", "kp=2"]
    assert main(["param", "set", *wrong, "--car", "/dev/nowhere"]) == Exit.USAGE
    assert capsys.readouterr().err.splitlines() == [
        "reflx: no parameter has this name; did you mean reflex?",
        "tilt: '1.5' is not a whole number; its range is 87 to 785 mrad",
        "track: 7 m is outside its range, 0.05 to 1 m",
        "kp: named twice",
    ]


@pytest.mark.parametrize("words", [["get"], ["set"], ["list", "reflex"], ["save", "now"]])
def test_names_are_given_where_they_are_needed_and_nowhere_else(words: list[str], capsys: Output) -> None:
    assert main(["param", *words, "--car", "/dev/nowhere"]) == Exit.USAGE
    assert f"patrolcar param {words[0]}" in capsys.readouterr().err


def test_an_armed_car_keeps_its_values_and_stays_armed(car: str, capsys: Output) -> None:
    link, session = open_link(car), Session(4711)
    try:
        _until_armed(link, session)
    finally:
        link.close()
    assert main(["param", "set", "reflex=150", "--car", car]) == Exit.MISSION_FAILED
    assert capsys.readouterr().err == ("the car is armed: disarm it first; parameters change only at rest\n")
    assert main(["param", "get", "reflex", "--car", car]) == Exit.DONE
    assert capsys.readouterr().out == "reflex = 100 mm\n"


def _until_armed(link: Link, session: Session) -> None:
    armed = False
    end_s = time.monotonic() + 5.0
    while not armed and time.monotonic() < end_s:
        now_ns = time.monotonic_ns()
        link.write(session.poll(now_ns // 10_000_000, now_ns)[0])
        messages, _ = session.receive(link.read(now_ns), now_ns)
        armed = any(isinstance(each, Status) and each.state == State.ARMED for each in messages)
        if session.state is LinkState.UP:
            session.command(Command.ARM)
        time.sleep(0.01)  # a real port of another process
    assert armed


def test_a_missing_car_is_no_car(capsys: Output) -> None:
    assert main(["param", "list", "--car", "/dev/nowhere"]) == Exit.NO_CAR
    assert "/dev/nowhere" in capsys.readouterr().err


def test_a_core_that_owns_the_car_is_named(tmp_path: Path, capsys: Output) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as core:
        core.bind(str(tmp_path / "core.sock"))
        core.listen()
        assert main(["param", "list", "--car", "/dev/nowhere"]) == Exit.NO_CAR
    assert "a core (`patrolcar up`) is running and owns its car: end it" in capsys.readouterr().err


def test_a_port_that_another_program_has_open_says_so(car: str, capsys: Output) -> None:
    link = open_link(car)
    try:
        assert main(["param", "list", "--car", car]) == Exit.NO_CAR
    finally:
        link.close()
    assert "another program has it open" in capsys.readouterr().err
