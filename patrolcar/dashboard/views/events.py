"""What happened, newest at the bottom."""

from __future__ import annotations

import time
from typing import Final

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, fit, fit_line
from patrolcar.dashboard.views.drive import rule
from patrolcar.pilot.snapshot import EventView

SEVERITIES: Final = ("INFO", "CAUTION", "WARNING")
_NAMES: Final = ("all", "cautions and warnings", "warnings")
_INKS: Final = {"INFO": Ink.DIM, "CAUTION": Ink.CAUTION, "WARNING": Ink.WARNING}
_SOURCE_CELLS: Final = 11


def event_rows(frame: Frame, cells: int, rows: int, *, title: bool = True) -> list[Line]:
    """Return the newest events that are severe enough, with a heading when there is room for one."""
    lines: list[Line] = []
    if title:
        lines.append(rule(_title(frame), cells, frame))
    room = rows - len(lines)
    shown = _newest(frame, room)
    lines.extend(_event(frame, event, cells) for event in shown)
    if not shown and room > 0:
        lines.append(((" nothing yet", Ink.DIM),))
    return [fit_line(line, cells) for line in (lines + [EMPTY] * rows)[:rows]]


def _title(frame: Frame) -> str:
    back = f", {frame.back} back (End = newest)" if frame.back else ""
    return f"events: {_NAMES[frame.severity]}{back}"


def _newest(frame: Frame, room: int) -> list[EventView]:
    least = frame.severity
    found: list[EventView] = []
    skipped = 0
    for event in reversed(frame.events):
        if _rank(event) < least:
            continue
        if skipped < frame.back:
            skipped += 1
            continue
        if len(found) >= room:
            break
        found.append(event)
    return found[::-1]


def _rank(event: EventView) -> int:
    return SEVERITIES.index(event.severity) if event.severity in SEVERITIES else 0


def _event(frame: Frame, event: EventView, cells: int) -> Line:
    glyph = frame.glyphs.severities.get(event.severity, "?")
    ink = _INKS.get(event.severity, Ink.DIM)
    text_ink = Ink.PLAIN if ink is Ink.DIM else ink
    source = fit(event.source, _SOURCE_CELLS)
    line: Line = ((f" {_clock(frame, event)} ", Ink.DIM), (f"{glyph} ", ink))
    return fit_line((*line, (f"{source} ", Ink.DIM), (event.text, text_ink)), cells)


def _clock(frame: Frame, event: EventView) -> str:
    seconds = event.now_ns / 1e9
    if frame.wall_offset_s is None:
        return f"{int(seconds // 60) % 100:02d}:{seconds % 60:04.1f} "
    return time.strftime("%H:%M:%S", time.localtime(seconds + frame.wall_offset_s))
