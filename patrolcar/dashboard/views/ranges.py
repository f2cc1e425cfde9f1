"""The rim of the car: what each near-range sensor sees, at its place around the car."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import Line
from patrolcar.geometry import wrapped

CLOSE_M: Final = 0.30
NEAR_M: Final = 0.60
_TOO_CLOSE: Final = 0.0
_BROKEN: Final = -1.0
_ROUND_M: Final = 9.95
# sector: names in a rosette seen from above, the front at the top; None is the car itself
_ROSETTE: Final[tuple[tuple[int | None, ...], ...]] = ((1, 0, 7), (2, None, 6), (3, 4, 5))
_NAMES: Final = ("F", "FL", "L", "BL", "B", "BR", "R", "FR")
_CELLS: Final = 9


def rosette(frame: Frame) -> list[Line]:
    """Return three rows of nine sectors; the nearest reading of each 45 degrees counts."""
    snapshot = frame.snapshot
    readings = () if snapshot is None else snapshot.ranges_m
    nearest = by_sector(readings, [sonar[2] for sonar in frame.welcome.car.sonars])
    bumped = snapshot is not None and snapshot.bumpers != 0 and not frame.is_old
    rows: list[Line] = []
    for sectors in _ROSETTE:
        line: Line = ()
        for sector in sectors:
            if sector is None:
                line += ((_car(frame, bumped=bumped), Ink.WARNING if bumped else frame.car_ink(Ink.STRONG)),)
            else:
                line += (_cell(frame, sector, nearest),)
        rows.append(line)
    return rows


def by_sector(readings: Sequence[float | None], yaws_rad: Sequence[float]) -> dict[int, float | None]:
    """Return the reading to worry about most in each sector of 45 degrees, 0 ahead, counter-clockwise."""
    worst: dict[int, float | None] = {}
    for reading, yaw_rad in zip(readings, yaws_rad, strict=False):
        sector = round(wrapped(yaw_rad) / (math.pi / 4.0)) % 8
        if sector not in worst or _worry(reading) < _worry(worst[sector]):
            worst[sector] = reading
    return worst


def _worry(reading: float | None) -> float:
    return math.inf if reading is None else reading


def _cell(frame: Frame, sector: int, nearest: dict[int, float | None]) -> tuple[str, Ink]:
    name = _NAMES[sector]
    if sector not in nearest:
        return f"{name:<2} {frame.glyphs.dot}".ljust(_CELLS), Ink.DIM
    if frame.is_old:
        return f"{name:<2} {frame.glyphs.dash}".ljust(_CELLS), frame.car_ink(Ink.DIM)
    reading = nearest[sector]
    if reading is None:
        return f"{name:<2} {frame.glyphs.far}".ljust(_CELLS), frame.car_ink(Ink.DIM)
    if reading == _BROKEN:
        return f"{name:<2} {frame.glyphs.bad} bad".ljust(_CELLS), frame.car_ink(Ink.WARNING)
    if reading <= _TOO_CLOSE:
        return f"{name:<2} 0.0!!".ljust(_CELLS), frame.car_ink(Ink.WARNING)
    ink, mark = Ink.PLAIN, ""
    if reading < CLOSE_M:
        ink, mark = Ink.WARNING, "!!"
    elif reading < NEAR_M:
        ink, mark = Ink.CAUTION, "!"
    shown = f"{reading:.2f}" if reading < _ROUND_M else f"{reading:.1f}"
    return f"{name:<2} {shown}{mark}".ljust(_CELLS), frame.car_ink(ink)


def _car(frame: Frame, *, bumped: bool) -> str:
    return ("BUMP" if bumped else f"  {frame.glyphs.arrows[2]}").ljust(_CELLS)
