"""Run mutants: ``python -m tests.mutation [--files safety governor] [--sample N --seed S] [--json]``.

The last line is one JSON object with --json. The exit code is 1 when a mutant survives that survivors.yaml
does not list, or when it lists one that is killed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # children are forked: no helper threads

import argparse
import json
import sys
from collections.abc import Sequence

from .campaign import run
from .survivors import as_yaml
from .targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument(
        "--files", nargs="*", default=[], metavar="PART", help="only files with this in their path"
    )
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="only N mutants, chosen by the seed"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    files = chosen(options.files)
    found = run(files, options.sample, options.seed, quiet=options.json)
    if not options.json:
        print(as_yaml(found.unlisted) if found.unlisted else "every survivor is listed")
    print(json.dumps(found.figures()))
    return 1 if found.unlisted or found.stale else 0


def chosen(parts: Sequence[str]) -> list[str]:
    """Return the targets whose path has one of the parts, all of them without any."""
    return [file for file in TARGETS if not parts or any(part in file for part in parts)]


if __name__ == "__main__":
    sys.exit(main())
