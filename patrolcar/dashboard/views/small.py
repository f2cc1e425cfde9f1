"""The page for a terminal that is too small: state, battery, link and STOP still have a place."""

from __future__ import annotations

from typing import Final

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, fit_line, wrapped_text
from patrolcar.dashboard.views.alarm import STOP_SIGN, alarm_rows
from patrolcar.dashboard.views.state_bar import battery, link, mode_badge, target

LEAST_COLUMNS: Final = 80
LEAST_ROWS: Final = 24
FULL_COLUMNS: Final = 118
FULL_ROWS: Final = 34


def small_rows(frame: Frame, cells: int, rows: int) -> list[Line]:
    """Return the page; hand driving is off on it."""
    snapshot = frame.snapshot
    lines: list[Line] = [mode_badge(frame)]
    if snapshot is not None:
        lines[0] += ((" ", Ink.PLAIN), *target(snapshot.link))
        lines.append(battery(frame, snapshot.battery))
        lines.append(link(frame, snapshot.link))
    lines.append(STOP_SIGN)
    lines.extend(_alarm(frame, cells))
    text = f"This terminal is {cells}x{rows}; driving needs {LEAST_COLUMNS}x{LEAST_ROWS}."
    lines.extend(((row, Ink.DIM),) for row in wrapped_text(text, cells))
    return [fit_line(line, cells) for line in (lines + [EMPTY] * rows)[:rows]]


def _alarm(frame: Frame, cells: int) -> list[Line]:
    first = alarm_rows(frame, 400, 1)[0][:-1]  # unshortened, without STOP's key
    ink = first[0][1] if first else Ink.PLAIN
    text = "".join(span for span, _ in first)
    return [((row, ink),) for row in wrapped_text(text, cells)]
