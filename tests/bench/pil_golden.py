"""Whether a patrol leg is the same, byte for byte, here, on a Cortex-M4F and on a Cortex-M3 in QEMU.

``pil_golden_equal`` is null when QEMU or a compiler is missing. The hashes are of all that the controller
said and told its motors and of all that the host answered (tests/emulation/lockstep.py).
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from firmware_protocol.boards import BOARDS
from firmware_protocol.build_firmware import build
from firmware_protocol.build_native import BuildError
from sim.qemu import EmulatorError

IMAGES = {"m4": "lockstep-f405", "m3": "lockstep-f103"}


def measure() -> dict[str, object]:
    """Return the verdict and the hash of each machine."""
    try:
        hashes = driven()
    except (FileNotFoundError, BuildError, EmulatorError) as error:
        print(f"bench firmware: {error}", file=sys.stderr)
        return {"pil_golden_equal": None, "pil_golden_hashes": {}}
    return {"pil_golden_equal": len(set(hashes.values())) == 1, "pil_golden_hashes": hashes}


def driven() -> dict[str, str]:
    """Drive the leg on every machine and return the hash of its trace."""
    lockstep = importlib.import_module("tests.emulation.lockstep")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        traces = {"x86_64": lockstep.leg(lockstep.NativeController(folder))}
        for core, board in IMAGES.items():
            image = build(BOARDS[board], folder / f"{board}.elf").file
            with lockstep.emulated(image, board) as controller:
                traces[core] = lockstep.leg(controller)
    return {core: sha256(repr(trace).encode()).hexdigest()[:16] for core, trace in traces.items()}
