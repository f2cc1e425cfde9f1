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
    f"tests/firmware/test_controller_{what}.py"
    for what in ("limits", "protections", "stopping", "arming", "motion", "telemetry")
)
_CODEC: Final = (
    "tests/protocol/test_codec.py",
    "tests/firmware/test_controller_frames.py",
    "tests/protocol/test_flips.py",
    "tests/protocol/test_noise.py",
)

TARGETS: Final = MappingProxyType(
    {
        "firmware_protocol/framing.py": ("tests/protocol/test_framing.py", *_CODEC),
        "firmware_protocol/codec.py": _CODEC,
        "firmware_protocol/wire_native/pcp_codec.c": _CODEC,
        "firmware_protocol/wire_native/pcp_layout.c": _CODEC,
        "firmware_protocol/session.py": (
            "tests/protocol/test_session_timing.py",
            "tests/protocol/test_session.py",
        ),
        "patrolcar/governor.py": ("tests/governor",),
        "patrolcar/modes.py": ("tests/state/test_modes.py",),
        f"{_SOURCES}/pcp_frame.c": _CODEC,
        f"{_SOURCES}/pcp_decoder.c": _CODEC,
        f"{_SOURCES}/pcp_safety.c": _CONTROLLER,
        f"{_SOURCES}/pcp_reflex.c": _CONTROLLER,
        f"{_SOURCES}/pcp_motion.c": _CONTROLLER,
        f"{_SOURCES}/pcp_session.c": _CONTROLLER,
    }
)


def mutants_of(file: str) -> list[Mutant]:
    """Return every mutant of one file, in the order of the file."""
    source = (ROOT / file).read_text(encoding="utf-8")
    operators = c_operators if file.endswith(".c") else python_operators
    return list(addressed(file, source, operators.changes(source)))
