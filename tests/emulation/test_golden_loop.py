"""The same C computes the same bits on this machine, on a Cortex-M4F and on a Cortex-M3 without floats."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest
from emulated_host import Images, lacks

from firmware_protocol.boards import BOARDS, FIRMWARE
from firmware_protocol.build_native import compiler
from sim.qemu import computed

STEPS = 20_000


@pytest.fixture(scope="module")
def native_hash(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The hash of the loop, compiled for this machine."""
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
    native.pcp_golden_size.restype = ctypes.c_uint32
    memory = ctypes.create_string_buffer(native.pcp_golden_size())
    return f"{native.pcp_golden(memory, STEPS):08x}"


@pytest.mark.parametrize("name", ["golden-f405", "golden-f103"])
def test_twenty_thousand_closed_loop_steps_hash_the_same(
    name: str, native_hash: str, image: Images, emulator: None
) -> None:
    del emulator
    assert computed(image(name).file, BOARDS[name].machine, STEPS) == native_hash
