"""What happened, newest at the bottom."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import Final

from rich.cells import cell_len

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, fit, fit_line, line_width
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
    shown = list(islice(_merged(frame), frame.back, frame.back + max(room, 0)))[::-1]
    lines.extend(_event(frame, event, times, cells) for event, times in shown)
    if not shown and room > 0:
        lines.append(((" nothing yet", Ink.DIM),))
    return [fit_line(line, cells) for line in (lines + [EMPTY] * rows)[:rows]]


def last_line(frame: Frame) -> int:
    """Return how many lines the list can be scrolled back by, so that one is still shown."""
    return max(sum(1 for _ in _merged(frame)) - 1, 0)


def _title(frame: Frame) -> str:
    back = f", {frame.back} back (End = newest)" if frame.back else ""
    return f"events: {_NAMES[frame.severity]}{back}"


def _merged(frame: Frame) -> Iterator[tuple[EventView, int]]:
    """Yield what is severe enough, newest first: the newest of equal ones in a row, and how many they are."""
    newest: EventView | None = None
    times = 0
    for event in reversed(frame.events):
        if _rank(event) < frame.severity:
            continue
        if newest is not None and _says(event) == _says(newest):
            times += 1
            continue
        if newest is not None:
            yield newest, times
        newest, times = event, 1
    if newest is not None:
        yield newest, times


def _says(event: EventView) -> tuple[str, str, str]:
    return event.severity, event.source, event.text


def _rank(event: EventView) -> int:
    return SEVERITIES.index(event.severity) if event.severity in SEVERITIES else 0


def _event(frame: Frame, event: EventView, times: int, cells: int) -> Line:
    glyph = frame.glyphs.severities.get(event.severity, "?")
    ink = _INKS.get(event.severity, Ink.DIM)
    text_ink = Ink.PLAIN if ink is Ink.DIM else ink
    source = fit(event.source, _SOURCE_CELLS)
    line: Line = ((f" {_clock(frame, event)} ", Ink.DIM), (f"{glyph} ", ink), (f"{source} ", Ink.DIM))
    count = f" {frame.glyphs.times}{times}" if times > 1 else ""
    room = max(cells - line_width(line) - len(count), 0)
    text = event.text if cell_len(event.text) <= room else fit(event.text, room)
    return fit_line((*line, (text, text_ink), (count, text_ink)), cells)


def _clock(frame: Frame, event: EventView) -> str:
    seconds = event.now_ns / 1e9
    if frame.wall_offset_s is None:
        return f"{int(seconds // 60) % 100:02d}:{seconds % 60:04.1f} "
    return time.strftime("%H:%M:%S", time.localtime(seconds + frame.wall_offset_s))
