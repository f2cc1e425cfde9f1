"""How fast other simulators are in the same run, against ``rtf_plant``.

Each runs in a process of its own, with the Python that ``PEERS_PYTHON`` names or this one: ``pip install
ir-sim pybullet mujoco`` there. One that is not installed is null, and ``peers_missing`` says why.

The work is not the same, and cannot be. All have a hall of 20 m by 20 m with walls, 14 boxes, 10 people who
walk, a car that turns on the spot at 0.6 rad/s and 360 beams ten times a second. Ours has besides: the
firmware in C every 10 ms with its framing, motors and battery, encoders, an IMU, 8 sonars, noise, beams that
sweep while the car moves; its people keep apart, and its building is the demo's, with more walls. MuJoCo and
PyBullet have besides: rigid bodies in three dimensions with contacts, at 500 Hz and 240 Hz; their people are
moved from outside. IR-SIM moves ten times a second, without dynamics.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PEERS: Final = ("irsim", "pybullet", "mujoco")
LONGEST_S: Final = 300


def measure(rtf_plant: float) -> dict[str, object]:
    """Return how many times faster our plant is than each peer, and how fast they are themselves."""
    found: dict[str, object] = {}
    missing: dict[str, str] = {}
    for name in PEERS:
        told = _asked(name)
        if isinstance(told, str):
            found |= {f"ratio_{name}": None, f"rtf_{name}": None}
            missing[name] = told
        else:
            found |= {f"ratio_{name}": round(rtf_plant / told, 2), f"rtf_{name}": told}
    return found | {"peers_missing": missing}


def _asked(name: str) -> float | str:
    """Return the speed of a peer, or why there is none."""
    python = os.environ.get("PEERS_PYTHON", sys.executable)
    around = {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            [python, "-m", f"tests.bench.peers.{name}_hall"],
            env={**os.environ, **around},
            cwd=tempfile.gettempdir(),  # where they may leave their logs
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return float(json.loads(done.stdout.splitlines()[-1])["rtf"])
