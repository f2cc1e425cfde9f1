"""The row above the map."""

from __future__ import annotations

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import Line, fit, line_width, spread
from patrolcar.dashboard.views.drive import heading_deg

_NAME_CELLS = 18


def map_title(frame: Frame, cells: int, *, follows: bool) -> Line:
    """Return site, mode of the camera, and where the car is."""
    glyph = frame.glyphs.rule
    left: Line = (
        (glyph, Ink.DIM),
        (f" map {fit(frame.welcome.site.name, _NAME_CELLS).rstrip()} ", Ink.TITLE),
        ("follows the car " if follows else "", Ink.DIM),
    )
    right = _pose(frame)
    gap = max(cells - line_width(left) - line_width(right), 0)
    return spread((*left, (glyph * gap, Ink.DIM)), right, cells)


def _pose(frame: Frame) -> Line:
    snapshot = frame.snapshot
    if snapshot is None or snapshot.pose is None:
        return ((" position unknown ", frame.ink(Ink.WARNING)),)
    x_m, y_m, yaw_rad = snapshot.pose
    shown = f" x {x_m:+.1f}  y {y_m:+.1f}  {heading_deg(yaw_rad):03d}{frame.glyphs.degree} "
    return ((shown, frame.ink(Ink.PLAIN)),)
