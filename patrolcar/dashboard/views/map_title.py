"""The row above the map."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import Line, fit, line_width, spread
from patrolcar.dashboard.views.drive import heading_deg

_SCALES_M: Final = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_SCALE_SHARE: Final = 0.16


def map_title(frame: Frame, cells: int, *, follows: bool, metres_per_cell: float) -> Line:
    """Return site, scale, and where the car is; ``metres_per_cell`` is 0 before the first picture."""
    glyph = frame.glyphs.rule
    right = (*_scale(frame, cells, metres_per_cell), *_pose(frame))
    following = "follows " if follows else ""
    name = frame.welcome.site.name
    room = max(cells - line_width(right) - 3, 0)
    if cell_len(name) + len(following) <= room:
        room -= len(following)
    else:
        following = ""
    shown = name if cell_len(name) <= room else fit(name, room)
    left: Line = ((glyph, Ink.DIM), (f" {shown} ", Ink.TITLE), (following, Ink.DIM))
    gap = max(cells - line_width(left) - line_width(right), 0)
    return spread((*left, (glyph * gap, Ink.DIM)), right, cells)


def _scale(frame: Frame, cells: int, metres_per_cell: float) -> Line:
    if metres_per_cell <= 0.0:
        return ()
    glyphs = frame.glyphs
    longest_m = cells * metres_per_cell * _SCALE_SHARE
    length_m = next((scale for scale in reversed(_SCALES_M) if scale <= longest_m), _SCALES_M[0])
    bar_cells = max(round(length_m / metres_per_cell), 2)
    bar = glyphs.scale_left + glyphs.scale_line * (bar_cells - 2) + glyphs.scale_right
    return ((f" {bar}", Ink.STRONG), (f" {length_m:g} m ", Ink.DIM), (glyphs.rule, Ink.DIM))


def _pose(frame: Frame) -> Line:
    snapshot = frame.snapshot
    if snapshot is None or snapshot.pose is None:
        return ((" position unknown ", frame.ink(Ink.WARNING)),)
    x_m, y_m, yaw_rad = snapshot.pose
    shown = f" x {x_m:+.1f}  y {y_m:+.1f}  {heading_deg(yaw_rad):03d}{frame.glyphs.degree} "
    if frame.is_old:
        shown += "(old) "
    return ((shown, frame.car_ink(Ink.PLAIN)),)
