"""What is mutated, and which tests must notice: those that kill most come first."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Final

from . import c_operators, python_operators
from .mutant import Mutant, addressed

ROOT: Final = Path(__file__).resolve().parents[2]
_SOURCES: Final = "firmware_protocol/firmware/src"
_CONTROLLER: Final = tuple(
    f"tests/firmware/test_{what}.py"
    for what in (
        *(
            "controller_limits",
            "controller_stopping",
            "controller_arming",
            "controller_protections",
            "causes",
            "two_causes",
        ),
        *("controller_motion", "wheel_faults", "cliffs", "tilt", "supply", "chassis", "controller_telemetry"),
    )
)
_CODEC: Final = (
    "tests/protocol/test_codec.py",
    "tests/firmware/test_controller_frames.py",
    "tests/firmware/test_decoder_limits.py",
    "tests/protocol/test_flips.py",
    "tests/protocol/test_noise.py",
)

WALKED: Final = frozenset(f"{_SOURCES}/pcp_{part}.c" for part in ("safety", "reflex"))
"""Before the tests for a second, after them to the end, a mutant of these must keep the laws of
tests/firmware/space in every reachable state."""


def _of(*parts: str) -> tuple[str, ...]:
    """Return the tests of some parts of the controller."""
    return tuple(f"tests/firmware/test_{part}.py" for part in parts)


def _first(*parts: str) -> tuple[str, ...]:
    """Return the tests of the controller, those of some parts before the others."""
    mine = _of(*parts)
    return (*mine, *(test for test in _CONTROLLER if test not in mine))


TARGETS: Final = MappingProxyType(
    {
        "firmware_protocol/framing.py": ("tests/protocol/test_framing.py", *_CODEC),
        "firmware_protocol/codec.py": (*_CODEC, "tests/protocol/test_codec_memory.py"),
        "firmware_protocol/wire_native/pcp_codec.c": (*_CODEC, "tests/protocol/test_codec_memory.py"),
        "firmware_protocol/wire_native/pcp_layout.c": (
            "tests/protocol/test_codec_layouts.py",
            "tests/protocol/test_codec_catalogue.py",
            *_CODEC,
            "tests/protocol/test_codec_memory.py",
        ),
        "firmware_protocol/session.py": (
            "tests/protocol/test_session_timing.py",
            "tests/protocol/test_session_reports.py",
            "tests/protocol/test_session.py",
            "tests/firmware/test_session_on_a_bad_line.py",
        ),
        "patrolcar/governor.py": tuple(
            f"tests/governor/test_governor{part}.py" for part in ("_numbers", "_fences", "")
        ),
        "patrolcar/modes.py": ("tests/state/test_modes.py",),
        f"{_SOURCES}/pcp_frame.c": _CODEC,
        f"{_SOURCES}/pcp_decoder.c": _CODEC,
        f"{_SOURCES}/pcp_safety.c": _first("causes"),
        f"{_SOURCES}/pcp_reflex.c": _first("controller_protections", "cliffs"),
        f"{_SOURCES}/pcp_motion.c": _of(
            "motion_limits", "motion_textbook", "faults_textbook", "controller_motion", "chassis"
        ),
        f"{_SOURCES}/pcp_session.c": _of(
            "session_limits",
            "controller_session",
            "controller_arming",
            "controller_seal",
            "controller_parameters",
            "controller_outputs",
            "controller_streams",
            "controller_limits",
        ),
        f"{_SOURCES}/pcp_supply.c": _of("supply_limits", "supply"),
        f"{_SOURCES}/pcp_imu.c": _of("imu_textbook", "tilt"),
        f"{_SOURCES}/pcp_memory.c": _of("supply_limits", "supply"),
        f"{_SOURCES}/pcp_wheel.c": _of("wheel_duty"),
        f"{_SOURCES}/pcp_faults.c": _of("faults_textbook", "wheel_faults"),
    }
)


def mutants_of(file: str) -> list[Mutant]:
    """Return every mutant of one file, in the order of the file."""
    source = (ROOT / file).read_text(encoding="utf-8")
    operators = c_operators if file.endswith(".c") else python_operators
    return list(addressed(file, source, operators.changes(source)))
