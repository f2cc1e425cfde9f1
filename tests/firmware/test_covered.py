"""The tests run every statement and every branch of the frames and of the safety core."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from firmware_protocol.build_native import ROOT

CANNOT_MEASURE = 2


@pytest.mark.parametrize(("module", "files"), [("covered", 3), ("covered_core", 13)])
def test_no_statement_and_no_branch_is_untested(module: str, files: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.firmware.{module}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode == CANNOT_MEASURE:
        pytest.skip(done.stderr.strip())
    assert done.stdout, done.stderr[-3000:]
    shares = json.loads(done.stdout.splitlines()[-1])
    print(shares)
    assert len(shares) == files
    assert [place for share in shares.values() for place in share["missing"]] == []
    assert all(share["branches"] >= 2 for share in shares.values())
    assert done.returncode == 0
