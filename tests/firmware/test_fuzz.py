"""Any bytes at all on the line: no crash, no undefined behaviour, no motion without ARM, everything counted.

The controller runs with ASan and UBSan, and every execution checks the promises of fuzz/world.c: here a
bounded number of them. The full numbers are ``python -m tests.firmware.fuzz executions 100000000`` and
``... differential 1000000`` and ``... sanitized 100000``; fuzz/fuzzer.c is the entry for libFuzzer and AFL++.
Counters are printed (``pytest -rP``).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.compiling import HERE, NoCompilerError, campaign, sanitized_codec
from fuzz.twins import compared

from firmware_protocol.build_native import ROOT

EXECUTIONS = 200_000
SANITIZED = 1_500
CASES = 10_000
CORPUS = sorted(map(str, (HERE / "corpus").iterdir()))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return campaign(tmp_path_factory.mktemp("fuzz") / "campaign")
    except NoCompilerError as error:
        print(f"skipped: {error}")
        pytest.skip(str(error))


def counters_of(program: Path, *arguments: str) -> dict[str, int]:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    print(done.stdout.strip())
    counters: dict[str, int] = json.loads(done.stdout)
    return counters


def test_no_bytes_crash_the_controller_or_move_it_without_arm(program: Path) -> None:
    counters = counters_of(program, "1", str(EXECUTIONS), *CORPUS)
    assert counters["executions"] == EXECUTIONS
    for reached in ("frames", "rescued", "bad_crc", "bad_length", "bad_cobs", "unknown", "arms", "stops"):
        assert counters[reached] > 100, reached
    assert counters["enabled_steps"] > 1000


def test_the_corpus_reaches_every_kind_of_damage_and_an_armed_car(program: Path) -> None:
    counters = counters_of(program, "1", "0", *CORPUS)
    assert counters.pop("executions") == 0
    assert min(counters.values()) > 0


def test_the_same_seed_does_the_same(program: Path) -> None:
    assert counters_of(program, "5", "2000") == counters_of(program, "5", "2000")
    assert counters_of(program, "5", "2000") != counters_of(program, "6", "2000")


def test_no_bytes_and_no_values_make_the_codec_touch_memory_that_is_not_its_own(tmp_path: Path) -> None:
    try:
        environment = sanitized_codec(tmp_path / "codec.so")
    except NoCompilerError as error:
        print(f"skipped: {error}")
        pytest.skip(str(error))
    command = [sys.executable, "-W", "ignore", "-m", "tests.firmware.fuzz", "differential", str(SANITIZED)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    print(done.stdout)
    assert json.loads(done.stdout)["cases"] == SANITIZED


def test_c_and_python_deliver_and_count_the_same_from_damaged_streams() -> None:
    result = compared(CASES, seed=2)
    print(result)
    assert result.finding == ""
    assert result.cases == CASES
    assert result.overruns > 100
    assert min(result.counts.values()) > 50
