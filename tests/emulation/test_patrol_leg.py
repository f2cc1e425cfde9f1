"""A patrol leg as ARM code is, byte for byte, the leg that the same C drives in a process.

Equal must be: all that the controller said and told its motors, in each of its periods, and all that the
host answered, because host and controller are functions of what they hear and of a time that is told. Where
the car ends follows from that. Nothing is compared that a clock on the wall could change.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from emulated_host import Images, lacks
from lockstep import NativeController, Trace, emulated, leg

START = (1.0, 1.0)


@pytest.fixture(scope="module")
def in_process(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """The leg, driven in this process."""
    try:
        return leg(NativeController(Path(tmp_path_factory.mktemp("lockstep"))))
    except FileNotFoundError as error:
        lacks(str(error))


def test_the_leg_is_driven_to_the_gate_and_home(in_process: Trace) -> None:
    assert in_process.ending == "DONE"
    assert math.dist((in_process.x_m, in_process.y_m), START) < 0.15
    assert in_process.periods > 500


def test_the_same_leg_again_is_the_same(in_process: Trace, tmp_path: Path) -> None:
    assert leg(NativeController(tmp_path)) == in_process


@pytest.mark.parametrize("name", ["lockstep-f405", "lockstep-f103"])
def test_the_leg_on_a_board_is_the_leg_in_a_process(
    name: str, in_process: Trace, image: Images, emulator: None
) -> None:
    del emulator
    with emulated(image(name).file, name) as controller:
        assert leg(controller) == in_process
