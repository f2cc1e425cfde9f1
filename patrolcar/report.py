"""The result of a mission as one value, for people and for programs."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from patrolcar.mission import Patrol

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PlaceReport:
    """How well one place was kept; idleness is the time between visits in seconds."""

    place: str
    visits: int
    missed: int
    worst_idle_s: float
    mean_idle_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """What happened on a mission.

    ``collisions`` and ``min_clearance_m`` are the truth of the simulator; None on a real car, which
    cannot know them. ``stops`` counts the times the car was stopped for safety.
    """

    mission: str
    site: str
    outcome: str
    reason: str
    laps: int
    loops: int
    duration_s: float
    distance_m: float
    lap_s: tuple[float, ...]
    visits: int
    missed: int
    worst_idle_s: float
    mean_idle_s: float
    stops: int
    collisions: int | None
    min_clearance_m: float | None
    places: tuple[PlaceReport, ...]

    def to_json(self) -> dict[str, object]:
        """Return a JSON object; what is not a finite number is null."""
        return {key: _finite(value) for key, value in asdict(self).items()}

    def to_text(self) -> str:
        """Return a short text with a table of the places, for a terminal."""
        return "\n".join(_lines(self))


def report(
    patrol: Patrol,
    site_name: str,
    now_ns: int,
    *,
    distance_m: float,
    stops: int = 0,
    collisions: int | None = None,
    min_clearance_m: float | None = None,
) -> Report:
    """Return the report of ``patrol`` as it stands at ``now_ns``; a patrol may still be under way."""
    end_ns = now_ns if patrol.ended_ns is None else patrol.ended_ns
    places = tuple(
        PlaceReport(name, tally.visits, tally.missed, tally.worst_idle_s(end_ns), tally.mean_idle_s(end_ns))
        for name, tally in patrol.tallies.items()
    )
    return Report(
        mission=patrol.mission.name,
        site=site_name,
        outcome=patrol.phase.value if patrol.is_over else "under way",
        reason=patrol.reason,
        laps=patrol.laps,
        loops=patrol.mission.loops,
        duration_s=(end_ns - patrol.started_ns) / _NS,
        distance_m=distance_m,
        lap_s=tuple(lap_ns / _NS for lap_ns in patrol.laps_ns),
        visits=sum(place.visits for place in places),
        missed=sum(place.missed for place in places),
        worst_idle_s=max((place.worst_idle_s for place in places), default=0.0),
        mean_idle_s=sum(place.mean_idle_s for place in places) / max(1, len(places)),
        stops=stops,
        collisions=collisions,
        min_clearance_m=min_clearance_m,
        places=places,
    )


def _lines(result: Report) -> Iterator[str]:
    yield f"{result.mission} in {result.site}: {result.outcome}{result.reason and ' - ' + result.reason}"
    missed = f", {result.missed} missed" if result.missed else ""
    yield (
        f"{result.laps} of {result.loops} laps, {result.visits} visits{missed},"
        f" {result.distance_m:.1f} m in {_clock(result.duration_s)}"
    )
    if result.collisions is not None:
        nearest = "" if result.min_clearance_m is None else f", nearest {result.min_clearance_m:.2f} m"
        yield f"{result.collisions} collisions{nearest}, {result.stops} safety stops"
    else:
        yield f"{result.stops} safety stops"
    width = max([len("place"), *(_cells(place.place) for place in result.places)])
    yield f"{_padded('place', width)}  visits  missed  longest wait  mean wait"
    for place in result.places:
        waits = f"{_clock(place.worst_idle_s):>12}  {_clock(place.mean_idle_s):>9}"
        yield f"{_padded(place.place, width)}  {place.visits:>6}  {place.missed:>6}  {waits}"


def _clock(seconds: float) -> str:
    """Return minutes and seconds, or hours, minutes and seconds."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _cells(text: str) -> int:
    """Return how many columns of a terminal the text takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _cells(text))


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
