"""The same C computes the same bits on this machine, on a Cortex-M4F and on a Cortex-M3 without floats."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from emulated_host import Images, lacks

from firmware_protocol.boards import BOARDS, FIRMWARE
from firmware_protocol.build_native import compiler
from firmware_protocol.messages import Cause
from sim.qemu import computed

STEPS = 20_000


class Golden(NamedTuple):
    """What came out of a run on this machine."""

    hash: str
    causes: int


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    """The loop, compiled for this machine and run."""
    command = compiler()
    if command is None:
        lacks("no C compiler: apt-get install gcc")
    ports = FIRMWARE / "ports"
    files = [
        *sorted((FIRMWARE / "src").glob("*.c")),
        ports / "pil" / "golden.c",
        ports / "cortex_m" / "car_config.c",
    ]
    target = Path(tmp_path_factory.mktemp("golden")) / "golden.so"
    folders = [f"-I{folder}" for folder in (FIRMWARE / "include", ports / "cortex_m", ports / "pil")]
    flags = ["-std=c11", "-O2", "-fPIC", "-shared", "-ffp-contract=off", *folders]
    subprocess.run([*command, *flags, *map(str, files), "-o", str(target)], check=True)
    native = ctypes.CDLL(str(target))
    native.pcp_golden.argtypes, native.pcp_golden.restype = (
        (ctypes.c_void_p, ctypes.c_uint32),
        ctypes.c_uint32,
    )
    native.pcp_golden_size.restype = native.pcp_golden_causes.restype = ctypes.c_uint32
    memory = ctypes.create_string_buffer(native.pcp_golden_size())
    return Golden(f"{native.pcp_golden(memory, STEPS):08x}", native.pcp_golden_causes(memory))


def test_the_loop_visits_every_cause(golden: Golden) -> None:
    assert {cause for cause in Cause if golden.causes >> cause & 1} == set(Cause)


@pytest.mark.parametrize("name", ["golden-f405", "golden-f103"])
def test_twenty_thousand_closed_loop_steps_hash_the_same(
    name: str, golden: Golden, image: Images, emulator: None
) -> None:
    del emulator
    assert computed(image(name).file, BOARDS[name].machine, STEPS) == golden.hash
