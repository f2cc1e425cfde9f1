"""Which statements and branches of framing.py, pcp_frame.c and pcp_decoder.c the tests run: all of them.

``python -m tests.firmware.covered`` runs the tests of the frames on an instrumented build of the C (gcc's
``--coverage``, unoptimised), prints one JSON object and exits 1 below 100 %. Which lines lack what is named.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from firmware_protocol.build_native import INCLUDE_FOLDER, ROOT, compiler

C_FILES = ("pcp_frame.c", "pcp_decoder.c")
PYTHON_FILE = "firmware_protocol/framing.py"
TESTS = (
    "tests/protocol/test_framing.py",
    "tests/protocol/test_codec.py",
    "tests/firmware/test_controller_frames.py",
)
FLAGS = ("-std=c11", "-O0", "-fPIC", "-shared", "--coverage", "-fprofile-update=single")


class CannotMeasureError(Exception):
    """This machine has no gcc with gcov; the text says so."""


class Share(NamedTuple):
    """What ran of one file, and what did not."""

    statements: int
    statements_run: int
    branches: int
    branches_run: int
    missing: list[str]

    @property
    def is_whole(self) -> bool:
        return (self.statements_run, self.branches_run) == (self.statements, self.branches)


def measure() -> dict[str, Share]:
    """Run the tests and return what they ran, by file.

    Raises:
        CannotMeasureError: There is no gcc, or no gcov beside it.
        subprocess.CalledProcessError: A test failed.

    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = instrumented(folder)
        report = folder / "python.json"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
        command += ["--cov=firmware_protocol.framing", "--cov-branch", f"--cov-report=json:{report}"]
        environment = {
            **os.environ,
            "PATROLCAR_NATIVE": str(library),
            "COVERAGE_FILE": str(folder / ".coverage"),
        }
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
        return {PYTHON_FILE: in_python(report), **{name: in_c(folder, name) for name in C_FILES}}


def instrumented(folder: Path) -> Path:
    """Return everything that has to do with frames, compiled to count what runs."""
    command = compiler()
    if command is None or shutil.which("gcov") is None:
        message = "no C compiler with gcov (Debian: apt install gcc)"
        raise CannotMeasureError(message)
    firmware = ROOT / "firmware_protocol/firmware"
    sources = (
        *(firmware / "src" / name for name in (*C_FILES, "pcp_messages.c")),
        firmware / "ports/host/pcp_host_decoder.c",
        *sorted((ROOT / "firmware_protocol/wire_native").glob("*.c")),
    )
    library = folder / "frames.so"
    done = subprocess.run(
        [*command, *FLAGS, "-I", str(ROOT / INCLUDE_FOLDER), *map(str, sources), "-o", str(library)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotMeasureError(done.stderr)
    return library


def in_c(folder: Path, name: str) -> Share:
    """Return gcov's figures of one C file."""
    (counts,) = folder.glob(f"*{Path(name).stem}.gcda")
    command = ["gcov", "--json-format", "--branch-probabilities", "--stdout", str(counts)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    lines: list[dict[str, Any]] = next(
        file["lines"] for file in json.loads(done.stdout)["files"] if file["file"].endswith(name)
    )
    branches = [(line["line_number"], branch) for line in lines for branch in line["branches"]]
    missing = [f"{name}:{line['line_number']} never runs" for line in lines if line["count"] == 0]
    missing += [f"{name}:{at} has a branch never taken" for at, branch in branches if branch["count"] == 0]
    return Share(
        len(lines),
        sum(line["count"] > 0 for line in lines),
        len(branches),
        sum(branch["count"] > 0 for _, branch in branches),
        missing,
    )


def in_python(report: Path) -> Share:
    """Return coverage.py's figures of framing.py."""
    (file,) = json.loads(report.read_text(encoding="utf-8"))["files"].values()
    summary = file["summary"]
    missing = [f"{PYTHON_FILE}:{line} never runs" for line in file["missing_lines"]]
    missing += [f"{PYTHON_FILE}:{start} never goes to {end}" for start, end in file["missing_branches"]]
    return Share(
        summary["num_statements"],
        summary["covered_lines"],
        summary["num_branches"],
        summary["covered_branches"],
        missing,
    )


def main() -> int:
    try:
        shares = measure()
    except CannotMeasureError as error:
        print(f"covered: {error}", file=sys.stderr)
        return 2
    print(json.dumps({name: share._asdict() for name, share in shares.items()}))
    return 0 if all(share.is_whole for share in shares.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
