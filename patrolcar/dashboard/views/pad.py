"""The drive pad: a field to drag in."""

from __future__ import annotations

from patrolcar.dashboard.drive_fsm import InputPath
from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import Line


def pad_rows(frame: Frame, cells: int, rows: int) -> list[Line]:
    """Return the field with its knob where the hand wants to go, by keys as well as by mouse."""
    up, down, left, right = list(frame.glyphs.pad_arrows)
    grid = [[" "] * cells for _ in range(rows)]
    middle, centre = rows // 2, cells // 2
    grid[0][centre], grid[rows - 1][centre] = up, down
    grid[middle][1], grid[middle][cells - 2] = left, right
    hint = "drag = drive"
    if cells > len(hint) + 2 and rows > 3:  # noqa: PLR2004 (arrows, middle and the hint)
        grid[rows - 1][cells - len(hint) :] = list(hint)
    column, row = _knob(frame, cells, rows)
    is_active = frame.hand.command.is_active
    lines: list[Line] = []
    for number, cell_row in enumerate(grid):
        text = "".join(cell_row)
        if number != row:
            lines.append(((text, Ink.DIM),))
            continue
        ink = Ink.BADGE_MANUAL if is_active else Ink.STRONG
        lines.append(((text[:column], Ink.DIM), (frame.glyphs.knob, ink), (text[column + 1 :], Ink.DIM)))
    return lines


def shares(column: float, row: float, cells: int, rows: int) -> tuple[float, float]:
    """Return forward and left in [-1, 1] for a place on the pad; outside it they saturate.

    >>> shares(10, 2, 21, 5), shares(10, -3, 21, 5), shares(0, 2, 21, 5)
    ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    """
    middle, centre = (rows - 1) / 2.0, (cells - 1) / 2.0
    forward = (middle - row) / max(middle, 0.5)
    left = (centre - column) / max(centre, 0.5)
    return min(max(forward, -1.0), 1.0), min(max(left, -1.0), 1.0)


def _knob(frame: Frame, cells: int, rows: int) -> tuple[int, int]:
    command, car = frame.hand.command, frame.welcome.car
    if command.path is InputPath.NONE:
        return cells // 2, rows // 2
    top = max(car.speed_mps if command.twist.vx_mps >= 0.0 else car.reverse_mps, 1e-6) * frame.hand.fraction
    turn = max(car.turn_radps, 1e-6) * frame.hand.fraction
    column = round((1.0 - min(max(command.twist.wz_radps / turn, -1.0), 1.0)) * (cells - 1) / 2.0)
    row = round((1.0 - min(max(command.twist.vx_mps / top, -1.0), 1.0)) * (rows - 1) / 2.0)
    return column, row
