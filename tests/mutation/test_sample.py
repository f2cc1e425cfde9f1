"""A sample of the mutation campaign: what decides whether the car may move is still watched by its tests.

The whole campaign, file by file and by hand: ``python -m tests.mutation --files governor``.
"""

from __future__ import annotations

import json
import subprocess
import sys

from firmware_protocol.build_native import ROOT

SAMPLE = 12


def test_the_tests_notice_a_wrong_token_in_modes_and_governor() -> None:
    command = [
        sys.executable,
        "-m",
        "tests.mutation",
        "--files",
        "patrolcar/modes.py",
        "patrolcar/governor.py",
    ]
    done = subprocess.run(
        [*command, "--sample", str(SAMPLE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.stdout, done.stderr[-3000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["unlisted"] == 0, done.stdout
    assert figures["stale"] == []
    assert figures["killed"] + figures["timeout"] > SAMPLE // 2
