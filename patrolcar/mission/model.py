"""A mission: the places to visit and what to do when one cannot be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class OnFailure(StrEnum):
    """What to do when the car cannot get to a place."""

    RETRY = "retry"
    """Try again, ``retries`` times, then go on to the next place."""
    SKIP = "skip"
    """Go on to the next place at once."""
    ABORT = "abort"
    """End the mission as failed."""


class Order(StrEnum):
    """In which order the places are visited."""

    LISTED = "listed"
    SHORTEST = "shortest"


@dataclass(frozen=True, slots=True)
class Visit:
    """One place on the way. ``speed_mps`` None means the car's own limit."""

    place: str
    dwell_s: float = 0.0
    on_failure: OnFailure = OnFailure.RETRY
    retries: int = 2
    speed_mps: float | None = None


@dataclass(frozen=True, slots=True)
class Mission:
    """A patrol: ``loops`` times through ``visits``.

    ``site_file`` is relative to the folder of the mission file; ``files`` holds the mission file
    and every file it led to, by name relative to that folder.
    """

    name: str
    site_file: str
    visits: tuple[Visit, ...]
    loops: int = 1
    order: Order = Order.LISTED
    return_home: bool = True
    battery_return_percent: float | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
