"""The simulated world as a person sees it while a real core drives the car over a pseudo-terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tmux import IS_INSTALLED, Terminal

from patrolcar.sites import DEMO_MISSION, demo_folder

pytestmark = pytest.mark.skipif(not IS_INSTALLED, reason="tmux shows the screen; it is not installed")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    sim = f"'{sys.executable}' -m patrolcar sim --pty --link '{tmp_path}/car' --view"
    around = f"stty -g >'{tmp_path}/before'; {sim}; echo ended with $?; stty -g >'{tmp_path}/after'; cat"
    made = Terminal(tmp_path / "tmux", 80, 24, around)
    yield made
    made.close()


@pytest.fixture
def core(tmp_path: Path, terminal: Terminal) -> Iterator[subprocess.Popen[bytes]]:
    terminal.shows("no host", str(tmp_path / "car")[-12:])
    mission = demo_folder() / DEMO_MISSION
    command = [sys.executable, "-m", "patrolcar", "up", "--link", str(tmp_path / "car"), "--start"]
    command += ["--mission", str(mission), "--socket", str(tmp_path / "core.sock"), "--no-record", "--quiet"]
    child = subprocess.Popen(command)
    yield child
    child.kill()
    child.wait()


def test_the_world_moves_on_the_screen_and_ends_with_q(
    terminal: Terminal, core: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    terminal.shows("SIM", "host", "motors on", "0 collisions", "none now", "v +0.4")
    terminal.press("?")
    terminal.shows("The simulated world as it really is", "end the simulation")
    terminal.press("?")
    terminal.resize(120, 36)
    screen = terminal.shows("School, ground floor", "motors on", "0 all")
    assert max(len(line) for line in screen.splitlines()) <= 120
    assert core.poll() is None
    terminal.press("q")
    terminal.shows("ended with 0")
    assert (tmp_path / "before").read_text() == (tmp_path / "after").read_text()  # the terminal is as it was
    assert not (tmp_path / "car").is_symlink()  # the simulator has ended, too
