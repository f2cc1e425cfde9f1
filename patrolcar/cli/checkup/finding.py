"""One row of a check-up."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Level(Enum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(NamedTuple):
    """What one check found and what to do about it."""

    level: Level
    found: str
    remedy: str = ""


def ok(found: str) -> Finding:
    """Return a row in order."""
    return Finding(Level.OK, found)


def warning(found: str, remedy: str) -> Finding:
    """Return a row that may explain trouble."""
    return Finding(Level.WARNING, found, remedy)


def problem(found: str, remedy: str) -> Finding:
    """Return a row without whose remedy the car cannot be driven."""
    return Finding(Level.PROBLEM, found, remedy)
