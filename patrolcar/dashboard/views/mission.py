"""The mission: one line under the map, and the table of places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, fit, fit_line, spread
from patrolcar.dashboard.views.drive import rule
from patrolcar.dashboard.views.gauges import bar
from patrolcar.pilot.snapshot import MissionView, PlaceView

_BAR_CELLS: Final = 12
_INKS: Final = {"CURRENT": Ink.GOOD, "DONE": Ink.DIM, "SKIPPED": Ink.CAUTION}
_HEAD_ROWS: Final = 4
_MINUTE_S: Final = 60.0
_HOUR_S: Final = 3600.0


def mission_line(frame: Frame, cells: int) -> Line:
    """Return how far the mission is, in one row."""
    mission = None if frame.snapshot is None else frame.snapshot.mission
    if mission is None:
        return fit_line(((" no mission loaded", Ink.DIM),), cells)
    left: Line = (
        (f" {mission.name} ", frame.ink(Ink.STRONG)),
        (f"{mission.state} ", frame.ink(state_ink(mission.state))),
        (mission.activity, frame.ink(Ink.PLAIN)),
    )
    return spread(left, ((" ", Ink.PLAIN), *_progress(frame, mission, _BAR_CELLS)), cells)


def mission_rows(frame: Frame, cells: int, rows: int) -> list[Line]:
    """Return the table of places; the current one stays in view unless the list is scrolled."""
    mission = None if frame.snapshot is None else frame.snapshot.mission
    if mission is None:
        lines: list[Line] = [
            rule("mission", cells, frame),
            ((" no mission loaded", Ink.DIM),),
            ((" start the core with one: patrolcar run MISSION", Ink.DIM),),
        ]
        return [fit_line(line, cells) for line in (lines + [EMPTY] * rows)[:rows]]
    head: list[Line] = [
        rule(f"mission {mission.name}", cells, frame),
        (
            (f" {mission.state} ", frame.ink(state_ink(mission.state))),
            (mission.activity, frame.ink(Ink.PLAIN)),
        ),
        ((" ", Ink.PLAIN), *_progress(frame, mission, max(cells - 24, 4))),
        _row("", "place", "idle", "visits", cells, Ink.DIM),
    ]
    room = max(rows - _HEAD_ROWS, 0)
    first = _first_row(mission, room, frame.scroll)
    head.extend(_place_row(frame, place, cells) for place in mission.places[first : first + room])
    return [fit_line(line, cells) for line in (head + [EMPTY] * rows)[:rows]]


def state_ink(state: str) -> Ink:
    """Return the ink for a mission's state."""
    inks = {"RUNNING": Ink.GOOD, "HOLD": Ink.CAUTION, "FAILED": Ink.WARNING}
    return inks.get(state, Ink.INFO)


def current_place(mission: MissionView | None) -> str:
    """Return the name of the place the car is going to, "" when it is going nowhere."""
    if mission is None:
        return ""
    return next((place.name for place in mission.places if place.state == "CURRENT"), "")


def spoken_time(seconds: float | None) -> str:
    """Return a span for people.

    >>> spoken_time(None), spoken_time(42.4), spoken_time(192), spoken_time(3720)
    ('-', '42s', '3m12s', '1h02m')
    """
    if seconds is None:
        return "-"
    if seconds < _MINUTE_S:
        return f"{seconds:.0f}s"
    if seconds < _HOUR_S:
        return f"{int(seconds // 60)}m{int(seconds % 60):02d}s"
    return f"{int(seconds // 3600)}h{int(seconds % 3600 // 60):02d}m"


def _progress(frame: Frame, mission: MissionView, cells: int) -> Line:
    laps = f"lap {mission.lap}/{mission.laps}" if mission.laps else f"lap {mission.lap}"
    return (
        *bar(mission.progress, cells, frame.glyphs, frame.ink(Ink.BAR)),
        (f" {mission.progress:4.0%}", frame.ink(Ink.STRONG)),
        (f" {laps} ", frame.ink(Ink.DIM)),
    )


def _first_row(mission: MissionView, room: int, scroll: int) -> int:
    places: Sequence[PlaceView] = mission.places
    last = max(len(places) - room, 0)
    current = next((row for row, place in enumerate(places) if place.state == "CURRENT"), 0)
    return min(max(current - room // 2 - scroll, 0), last)


def _place_row(frame: Frame, place: PlaceView, cells: int) -> Line:
    glyph = _glyph(frame.glyphs, place.state)
    ink = _INKS.get(place.state, Ink.PLAIN)
    return _row(
        glyph,
        place.name,
        spoken_time(place.idleness_s),
        str(place.visits),
        cells,
        frame.ink(ink),
        place.state.lower(),
    )


def _glyph(glyphs: Glyphs, state: str) -> str:
    return glyphs.places.get(state, "?")


def _row(glyph: str, name: str, idle: str, visits: str, cells: int, ink: Ink, state: str = "state") -> Line:
    name_cells = max(cells - 28, 4)
    return ((f" {glyph:1} {fit(name, name_cells)} {state:<8}{idle:>7} {visits:>6}", ink),)
