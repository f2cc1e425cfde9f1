"""Run one benchmark; the last line is one JSON object."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # idle helper threads would count as our CPU time

import argparse
import importlib
import json
import sys

BENCHMARKS = ("campaign", "determinism", "endurance", "fidelity", "firmware", "sim", "start", "wire")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--goals", action="store_true", help="exit 1 when a figure misses its goal")
    options = parser.parse_args()
    figures: dict[str, object] = importlib.import_module(f"tests.bench.{options.name}").measure()
    if not options.json:
        for key, value in figures.items():
            print(f"{key:<24} {value}")
    print(json.dumps(figures))
    goals = importlib.import_module("tests.bench.goals")
    misses = goals.missed(options.name, figures) if options.goals else []
    print("".join(f"{miss}\n" for miss in misses), end="", file=sys.stderr)
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
