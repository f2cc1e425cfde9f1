"""The demo as a person sees it: a real terminal, three processes, keys and the screen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tmux import IS_INSTALLED, Terminal

pytestmark = pytest.mark.skipif(not IS_INSTALLED, reason="tmux shows the screen; it is not installed")


@pytest.fixture(params=[(80, 24), (120, 36)], ids=["80x24", "120x36"])
def demo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    columns, rows = request.param
    command = f"'{sys.executable}' -m patrolcar demo; echo ended with $?; cat"
    terminal = Terminal(tmp_path / "tmux", columns, rows, command)
    yield terminal
    terminal.close()


def test_the_demo_shows_a_moving_patrol_and_space_stops_it(demo: Terminal) -> None:
    screen = demo.shows("PATROL", "SIM", "SPACE = STOP", "to entrance")
    assert max(len(line) for line in screen.splitlines()) <= 120
    demo.press("Space")
    demo.shows("STOPPED", "STOP was pressed", "HOLD", "v +0.00 m/s")
    demo.press("R")
    demo.press("y")
    demo.shows("DISARMED")
    demo.press("C-q")
    demo.shows("ended with 0")
