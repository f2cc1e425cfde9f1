"""The tests of the frames run every statement and every branch of what finds and builds frames."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from firmware_protocol.build_native import ROOT

CANNOT_MEASURE = 2


def test_no_statement_and_no_branch_of_the_frames_is_untested() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.firmware.covered"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode == CANNOT_MEASURE:
        pytest.skip(done.stderr.strip())
    assert done.stdout, done.stderr[-3000:]
    shares = json.loads(done.stdout)
    print(shares)
    assert [place for share in shares.values() for place in share["missing"]] == []
    assert all(share["branches"] > 10 for share in shares.values())
    assert done.returncode == 0
