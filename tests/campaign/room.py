"""A small room with two places: a mission of half a minute."""

from __future__ import annotations

from pathlib import Path

import pytest

SITE = "site: Room\nrooms: {hall: [0, 0, 4, 3]}\nstart: [1, 1, 0]\nplaces: {door: [3, 1], window: [1, 2]}\n"
MISSION = "mission: Round the room\nsite: room.yaml\nreturn_home: false\nvisits: [door, window]\n"
SCENARIO = "scenario: Room, bad line\nmission: round.yaml\nline: {baud: 230400, loss: 0.001}\nlimit_s: 120\n"


def written(folder: Path, **changes: str) -> Path:
    """Write the files and return the scenario's path."""
    files = {"room.yaml": SITE, "round.yaml": MISSION, "scenario.yaml": SCENARIO}
    for name, text in (files | {f"{key}.yaml": text for key, text in changes.items()}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "scenario.yaml"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """Return a scenario in a folder of its own."""
    return written(tmp_path)
