"""The last row: the keys of this screen."""

from __future__ import annotations

from typing import Final

from patrolcar.dashboard.frame import Frame, Page
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.keymap import ENTRIES
from patrolcar.dashboard.text import Line, fit_line, line_width

_TITLES: Final = {Page.DRIVE: "1 Drive", Page.MISSION: "2 Mission", Page.LOG: "3 Log"}
_FIRST: Final = ("wasd drive", "up/dn scroll", "A arm", "g go", "p hold", "? help", "1-3 screens")
_LAST: Final = ("R release", "v filter", "f follow", "^Q quit", "n skip", "[ ] limit", "+- zoom", "D disarm")


def footer(frame: Frame, cells: int) -> Line:
    """Return as many of the screen's keys as fit, the most needed first."""
    briefs = [brief for entry in ENTRIES if frame.page in entry.pages for brief in entry.briefs]
    line: Line = ((f" {_TITLES[frame.page]} ", Ink.BADGE_IDLE),)
    room = cells - line_width(line)
    kept: set[str] = set()
    for brief in sorted(briefs, key=_urgency):
        if len(brief) + 2 <= room:
            kept.add(brief)
            room -= len(brief) + 2
    for brief in briefs:
        if brief in kept:
            key, _, says = brief.rpartition(" ")
            line += (("  ", Ink.PLAIN), (key, Ink.KEY), (f" {says}", Ink.DIM))
    return fit_line(line, cells)


def _urgency(brief: str) -> int:
    order = _FIRST + _LAST
    return order.index(brief) if brief in order else len(order)
