"""Fuzz for long: the full numbers, by hand or in a nightly job. Run from the root of the repository.

``python -m tests.firmware.fuzz executions 100000000 [--seed 1]``: the controller with ASan and UBSan (about
ten minutes). ``python -m tests.firmware.fuzz differential 1000000``: C against Python (about ten minutes),
and ``sanitized``, the same with ASan and UBSan in the frames and in the codec of the host.
All print one JSON object with their counters and exit 1 on a finding. libFuzzer and AFL++: see fuzzer.c.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from .compiling import HERE, NoCompilerError, campaign, sanitized_codec
from .twins import compared


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.firmware.fuzz")
    parser.add_argument("what", choices=("executions", "differential", "sanitized"))
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    run = {"executions": executions, "differential": differential, "sanitized": sanitized}[options.what]
    return run(options.count, options.seed)


def executions(count: int, seed: int) -> int:
    corpus = sorted(map(str, (HERE / "corpus").iterdir()))
    with tempfile.TemporaryDirectory() as folder:
        try:
            program = campaign(Path(folder, "campaign"))
        except NoCompilerError as error:
            print(f"fuzz: {error}", file=sys.stderr)
            return 2
        return subprocess.run([program, str(seed), str(count), *corpus], check=False).returncode


def differential(count: int, seed: int) -> int:
    result = compared(count, seed)
    counters = {"cases": result.cases, "wire_bytes": result.wire_bytes, "overruns": result.overruns}
    print(json.dumps({**counters, **result.counts, "finding": result.finding}))
    return 1 if result.finding else 0


def sanitized(count: int, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        try:
            environment = sanitized_codec(Path(folder, "codec.so"))
        except NoCompilerError as error:
            print(f"fuzz: {error}", file=sys.stderr)
            return 2
        again = [sys.executable, "-m", "tests.firmware.fuzz", "differential", str(count), "--seed", str(seed)]
        return subprocess.run(again, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
