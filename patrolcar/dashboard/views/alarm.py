"""The alarm rows: the one thing that matters most now and what to do about it; no pop-ups."""

from __future__ import annotations

from typing import Final

from patrolcar.dashboard.controls import StopState
from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, line_width, spread
from patrolcar.pilot.snapshot import Snapshot

STOP_SIGN: Final[Line] = ((" SPACE = STOP ", Ink.BADGE_STOP),)
_SAYS_RELEASE: Final = "R, y releases"


def alarm_rows(frame: Frame, cells: int, rows: int) -> list[Line]:
    """Return the rows: first why the car stands, then what slows it; the key of STOP at the right."""
    parts = _parts(frame)
    if rows == 1 and len(parts) > 1:
        room = cells - line_width(STOP_SIGN) - 1
        first, more = parts[0], parts[1]
        merged = (*first, ("  ", Ink.PLAIN), *more)
        parts = [merged if line_width(merged) <= room else first]
    shown = [parts[row] if row < len(parts) else EMPTY for row in range(rows)]
    return [spread(shown[0], STOP_SIGN, cells), *(spread(line, EMPTY, cells) for line in shown[1:])]


def _parts(frame: Frame) -> list[Line]:
    signs, bad = frame.glyphs.severities, frame.glyphs.bad
    parts: list[Line] = []
    snapshot = frame.snapshot
    if frame.stop is StopState.UNCONFIRMED:
        parts.append(((f" {signs['WARNING']} STOP SENT - NOT CONFIRMED ", Ink.BADGE_STOP),))
    elif frame.stop is StopState.UNSENT:
        parts.append(
            ((f" {signs['WARNING']} STOP NOT SENT - NO CORE (the car stops by itself) ", Ink.BADGE_STOP),)
        )
    if frame.lost:
        parts.append(((f"{bad} {frame.lost}; trying again every second", Ink.WARNING),))
    elif snapshot is None:
        parts.append(((f"{bad} waiting for the first news of the core", Ink.WARNING),))
    elif frame.is_stale:
        parts.append(((f"{bad} STALE: no news from the core for {frame.age_s:.1f} s", Ink.WARNING),))
    if frame.hint:
        parts.append(((f"{signs['INFO']} {frame.hint}", Ink.INFO),))
    if snapshot is not None and not frame.lost:
        parts.extend(_causes(frame, snapshot))
    return parts or [((f"{frame.glyphs.good} nothing to report", Ink.DIM),)]


def _causes(frame: Frame, snapshot: Snapshot) -> list[Line]:
    parts: list[Line] = []
    signs = frame.glyphs.severities
    if snapshot.mode == "STOPPED":
        cause = snapshot.cause or "STOP is latched"
        remedy = f"{_SAYS_RELEASE}; {snapshot.remedy}" if snapshot.remedy else _SAYS_RELEASE
        parts.append(_sentence(signs["WARNING"], cause, remedy, Ink.WARNING))
    elif snapshot.cause:
        is_off = snapshot.mode == "OFFLINE"
        sign = signs["WARNING" if is_off else "CAUTION"]
        parts.append(_sentence(sign, snapshot.cause, snapshot.remedy, Ink.WARNING if is_off else Ink.CAUTION))
    if snapshot.reasons:
        parts.append(
            ((f"{signs['CAUTION']} governor: {', '.join(snapshot.reasons)}", frame.ink(Ink.CAUTION)),)
        )
    return parts


def _sentence(sign: str, cause: str, remedy: str, ink: Ink) -> Line:
    line: Line = ((f"{sign} {cause}", ink),)
    return (*line, (f" > {remedy}", Ink.STRONG)) if remedy else line
