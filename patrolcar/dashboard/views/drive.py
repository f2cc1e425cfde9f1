"""The panel beside the map: speeds, ranges, and the last minute in strips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.history import Moment
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, fit_line
from patrolcar.dashboard.views.gauges import bar, centred_bar, strip
from patrolcar.dashboard.views.ranges import rosette
from patrolcar.modes import ARMED_MODES
from patrolcar.pilot.snapshot import Snapshot

_JUDGED: Final = frozenset(mode.name for mode in ARMED_MODES)
_NEAR_M: Final = 0.5
_CLEARANCE_TOP_M: Final = 4.0
_LATE_TOP_MS: Final = 20.0
_LABEL_CELLS: Final = 6
_VALUE_CELLS: Final = 9


def drive_rows(frame: Frame, cells: int, rows: int) -> list[Line]:
    """Return the panel; strips and details appear as far as there are rows for them."""
    lines = _speeds(frame, cells)
    lines.append(_clearance(frame))
    lines.append(rule("ranges m", cells, frame))
    lines.extend(rosette(frame))
    strips = _strips(frame, cells)
    spare = rows - len(lines) - 1
    if spare >= 1:
        wheels = _wheels(frame) if spare > len(strips) else []
        lines.append(rule(f"last {_strip_cells(cells)} s", cells, frame))
        lines.extend(strips[: spare - len(wheels)])
        lines.extend(wheels)
    return [fit_line(line, cells) for line in (lines + [EMPTY] * rows)[:rows]]


def rule(title: str, cells: int, frame: Frame) -> Line:
    """Return a heading across the panel."""
    glyph = frame.glyphs.rule
    return ((glyph, Ink.DIM), (f" {title} ", Ink.TITLE), (glyph * max(cells - len(title) - 3, 0), Ink.DIM))


def _speeds(frame: Frame, cells: int) -> list[Line]:
    car, hand, glyphs = frame.welcome.car, frame.hand, frame.glyphs
    speed, allowed = _motion(None if frame.is_old else frame.snapshot)
    limit = car.speed_mps * hand.fraction
    top = max(car.speed_mps, 1e-6)
    turn_top = max(car.turn_radps, 1e-6)
    wide = max(cells - 1, 4)
    return [
        _motion_row(frame, "v", "m/s", speed[0], allowed[0]),
        bar(abs(speed[0]) / top, wide, glyphs, frame.car_ink(Ink.BAR)),
        _motion_row(frame, glyphs.omega, "r/s", speed[2], allowed[2]),
        centred_bar(-speed[2] / turn_top, wide, glyphs, frame.car_ink(Ink.BAR)),
        (("[ ] limit ", Ink.KEY), (f"{hand.fraction:.0%}", Ink.STRONG), (f" {limit:.2f} m/s", Ink.DIM)),
    ]


def _motion_row(frame: Frame, name: str, unit: str, measured: float, allowed: float) -> Line:
    dim = frame.car_ink(Ink.DIM)
    return (
        (f"{name} ", Ink.TITLE),
        (frame.value(f"{measured:+.2f}"), frame.car_ink(Ink.STRONG)),
        (f" {unit} ", dim),
        (f"set {frame.value(f'{allowed:+.2f}')}", dim),
    )


def _motion(snapshot: Snapshot | None) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    still = (0.0, 0.0, 0.0)
    if snapshot is None:
        return still, still
    return _rounded(snapshot.speed), _rounded(snapshot.allowed)


def _rounded(motion: Sequence[float]) -> tuple[float, float, float]:
    vx, vy, wz = (round(value, 2) + 0.0 for value in motion)  # + 0.0: no "-0.00"
    return vx, vy, wz


def _clearance(frame: Frame) -> Line:
    snapshot = frame.snapshot
    if snapshot is not None and snapshot.mode not in _JUDGED:  # nobody drives: it was not looked for
        return (("free ahead ", Ink.DIM), (frame.glyphs.dash, Ink.DIM))
    clearance_m = None if snapshot is None else snapshot.clearance_m
    if clearance_m is None or frame.is_old:
        return (("free ahead ", Ink.DIM), (frame.value(frame.glyphs.far), frame.car_ink(Ink.STRONG)))
    near = clearance_m < _NEAR_M
    ink = Ink.CAUTION if near else Ink.STRONG
    return (("free ahead ", Ink.DIM), (f"{clearance_m:.2f} m{'!' if near else ''}", frame.ink(ink)))


def _strip_cells(cells: int) -> int:
    return max(cells - _LABEL_CELLS - _VALUE_CELLS, 4)


def _strips(frame: Frame, cells: int) -> list[Line]:
    moments = list(frame.history.moments)
    wide = _strip_cells(cells)
    last = moments[-1] if moments else None
    car = frame.welcome.car
    volts = [moment.voltage_v for moment in moments]
    known = [value for value in volts if value is not None] or [0.0]
    turns = [abs(moment.turn_radps) for moment in moments]
    speeds = [abs(moment.speed_mps) for moment in moments]
    ranges: list[tuple[str, Sequence[float | None], tuple[float, float]]] = [
        ("speed", speeds, (0.0, car.speed_mps)),
        ("free", _near(moments), (0.0, _CLEARANCE_TOP_M)),
        ("turn", turns, (0.0, car.turn_radps)),
        ("volts", volts, (min(known) - 0.2, max(known) + 0.1)),
    ]
    strips = [
        _strip(name, values, bounds, wide, frame.value(_of(last, name)), frame)
        for name, values, bounds in ranges
    ]
    late = [moment.late_ms for moment in moments]
    return [*strips, _strip("late", late, (0.0, _LATE_TOP_MS), wide, _of(last, "late"), frame)]


def _near(moments: Sequence[Moment]) -> list[float | None]:
    return [_CLEARANCE_TOP_M if moment.clearance_m is None else moment.clearance_m for moment in moments]


def _of(moment: Moment | None, name: str) -> str:
    if moment is None:
        return ""
    volts = moment.voltage_v
    values = {
        "speed": f"{abs(moment.speed_mps):.2f} m/s",
        "free": "far" if moment.clearance_m is None else f"{moment.clearance_m:.2f} m",
        "turn": f"{abs(moment.turn_radps):.2f} r/s",
        "volts": "?" if volts is None else f"{volts:.1f} V",
        "late": f"{moment.late_ms:.1f} ms",
    }
    return values[name]


def _strip(
    label: str,
    values: Sequence[float | None],
    bounds: tuple[float, float],
    cells: int,
    shown: str,
    frame: Frame,
) -> Line:
    drawn = strip(values, bounds[0], bounds[1], cells, frame.glyphs)
    return (
        (label.ljust(_LABEL_CELLS), Ink.DIM),
        (drawn, frame.car_ink(Ink.BAR)),
        (f" {shown}".ljust(_VALUE_CELLS), frame.car_ink(Ink.PLAIN)),
    )


def _wheels(frame: Frame) -> list[Line]:
    snapshot = frame.snapshot
    if snapshot is None or not snapshot.wheel_mps or frame.is_old:
        return []
    speeds = " ".join(f"{round(value, 2) + 0.0:+.2f}" for value in snapshot.wheel_mps)
    duty = " ".join(f"{100.0 * value:+.0f}%" for value in snapshot.duty)
    return [(("wheel ", Ink.DIM), (f"{speeds} m/s", frame.ink(Ink.PLAIN)), (f"  {duty}", frame.ink(Ink.DIM)))]


def heading_deg(yaw_rad: float) -> int:
    """Return the heading as degrees from 0 to 359, counter-clockwise from the map's x axis."""
    return round(math.degrees(yaw_rad)) % 360
