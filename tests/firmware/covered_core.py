"""Which statements and branches of the safety core the tests run, in C and in Python: all of them.

``python -m tests.firmware.covered_core`` prints a table and one JSON object; it exits 1 below 100 %.
The codec has the same in covered.py, which this borrows its reading of gcov from.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from firmware_protocol.build_native import INCLUDE_FOLDER, ROOT, compiler, sources

_PARTS: Final = (
    *("safety", "reflex", "motion", "session", "supply"),
    *("imu", "memory", "faults", "wheel", "steering"),
)
C_FILES: Final = tuple(f"pcp_{part}.c" for part in _PARTS)
PYTHON_FILES: Final = ("firmware_protocol/session.py", "patrolcar/governor.py", "patrolcar/modes.py")
IN_C: Final = tuple(
    f"tests/firmware/test_{part}.py"
    for part in (
        *("causes", "two_causes", "cliffs", "supply", "tilt", "wheel_faults", "chassis", "configuration"),
        *("controller_arming", "controller_limits", "controller_protections", "controller_stopping"),
        *("controller_motion", "controller_session", "controller_outputs", "controller_parameters"),
        *("controller_events", "controller_streams", "controller_seal", "controller_telemetry"),
    )
)
LONG: Final = (
    *("TestForgeries", "TestKeeping", "TestText", "TestTheBudget", "TestTheSources", "no_healthy_car"),
    *("hundreds_of_laps", "geometry_says", "is_straight", "spin_of_whole", "straight_way", "another_build"),
    *("motors_are_on_only", "numbers_go_on_after", "newest_sixteen", "one_stop_is_latched", "drive_counts"),
    *("the_speed_before_a_fence", "arc_to_a_fence", "braking_from_the_allowed", "any_bytes_leave"),
)
"""Tests that take seconds and run no line that the others do not."""
IN_PYTHON: Final = (
    "tests/protocol/test_session.py",
    "tests/protocol/test_session_timing.py",
    "tests/protocol/test_session_reports.py",
    "tests/governor",
    "tests/state/test_modes.py",
)
FLAGS: Final = ("-std=c11", "-O0", "-fPIC", "-ffp-contract=off", "-w", "-I", str(ROOT / INCLUDE_FOLDER))
COUNTING: Final = ("--coverage", "-fprofile-update=single")
_covered: Final = importlib.import_module("tests.firmware.covered")


def measure() -> dict[str, Any]:
    """Run the tests and return what they ran, by file: ``covered.Share``.

    Raises:
        covered.CannotMeasureError: There is no gcc, or no gcov beside it.
        subprocess.CalledProcessError: A test failed.

    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _passed(IN_C, {"PATROLCAR_NATIVE": str(instrumented(folder))})
        report = folder / "python.json"
        measured = [f"--cov={file.removesuffix('.py').replace('/', '.')}" for file in PYTHON_FILES]
        told = ["--cov-branch", f"--cov-report=json:{report}"]
        _passed(IN_PYTHON, {"COVERAGE_FILE": str(folder / ".coverage")}, *measured, *told)
        return {**in_python(report), **{name: _covered.in_c(folder, name) for name in C_FILES}}


def _passed(tests: tuple[str, ...], environment: dict[str, str], *options: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, *options]
    command += ["-k", f"not ({' or '.join(LONG)})"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=sys.stderr)


def instrumented(folder: Path) -> Path:
    """Return the library, in which the files of the core count what runs."""
    command = compiler()
    if command is None:
        message = "no C compiler (Debian: apt install gcc)"
        raise _covered.CannotMeasureError(message)
    objects = []
    for source in sources(ROOT):
        objects.append(folder / f"{source.stem}.o")
        counting = COUNTING if source.name in C_FILES else ()
        subprocess.run(
            [*command, *FLAGS, *counting, "-c", str(source), "-o", str(objects[-1])], cwd=folder, check=True
        )
    library = folder / "core.so"
    subprocess.run(
        [*command, "-shared", "--coverage", *map(str, objects), "-o", str(library), "-lm"], check=True
    )
    return library


def in_python(report: Path) -> dict[str, Any]:
    """Return coverage.py's figures of each Python file."""
    shares = {}
    for name, file in json.loads(report.read_text(encoding="utf-8"))["files"].items():
        summary = file["summary"]
        missing = [f"{name}:{line} never runs" for line in file["missing_lines"]]
        missing += [f"{name}:{start} never goes to {end}" for start, end in file["missing_branches"]]
        shares[name] = _covered.Share(
            summary["num_statements"],
            summary["covered_lines"],
            summary["num_branches"],
            summary["covered_branches"],
            missing,
        )
    return shares


def main() -> int:
    try:
        shares = measure()
    except _covered.CannotMeasureError as error:
        print(f"covered: {error}", file=sys.stderr)
        return 2
    for name, share in shares.items():
        counts = (
            f"{share.statements_run:4} of {share.statements:4} statements"
            f"  {share.branches_run:4} of {share.branches:4} branches"
        )
        print(f"{name:32} {counts}")
        print("".join(f"    {place}\n" for place in share.missing), end="")
    print(json.dumps({name: share._asdict() for name, share in shares.items()}))
    return 0 if all(share.is_whole for share in shares.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
