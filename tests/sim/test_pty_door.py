"""The simulator's serial port: the cable is pulled, and the port comes back under another name."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.doors import PtyDoor, serve
from sim.faults import Fault
from sim.line import PERFECT
from sim.link import SimulatedLink
from sim.setting.scenario import Scenario, car_of


@pytest.fixture
def door(tmp_path: Path) -> Iterator[PtyDoor]:
    made = PtyDoor(tmp_path / "car")
    yield made
    made.close()
    assert not (tmp_path / "car").is_symlink()


def opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_NOCTTY)


def is_hung_up(client: int) -> bool:
    try:
        return os.read(client, 10) == b""
    except OSError:
        return True


def heard(door: PtyDoor) -> bytes:
    for _ in range(10_000):
        if data := door.receive():
            return data
        select.select([], [], [], 0.001)  # the terminal hands bytes over from a thread of the kernel
    return b""


def test_a_pulled_cable_hangs_up_and_takes_the_name_away(door: PtyDoor, tmp_path: Path) -> None:
    client = opened(tmp_path / "car")
    os.write(client, b"hello")
    assert heard(door) == b"hello"
    door.plug(is_in=False)
    assert not (tmp_path / "car").is_symlink()
    assert select.select([client], [], [], 10.0)[0]
    assert is_hung_up(client)
    os.close(client)


def test_it_comes_back_under_another_name_and_works(door: PtyDoor, tmp_path: Path) -> None:
    before = door.path
    door.plug(is_in=False)
    door.plug(is_in=False)
    door.plug(is_in=True)
    assert str((tmp_path / "car").readlink()) == door.path != before
    client = opened(tmp_path / "car")
    os.write(client, b"again")
    assert heard(door) == b"again"
    door.send(b"here I am")
    assert os.read(client, 100) == b"here I am"
    os.close(client)


def test_a_scenario_that_pulls_the_cable_pulls_it_from_the_real_port(door: PtyDoor, tmp_path: Path) -> None:
    car = SimulatedLink(car_of(Scenario(people=0)), "sim", PERFECT, faults=[Fault("unplugged", 0.05, 0.05)])
    names: list[str | None] = []

    def look() -> bool:
        link = tmp_path / "car"
        names.append(str(link.readlink()) if link.is_symlink() else None)
        return len(names) > 15

    serve(car, door, look, plugged=lambda: car.is_plugged)
    kept = list(dict.fromkeys(names))
    assert len(kept) == 3
    assert kept[1] is None
