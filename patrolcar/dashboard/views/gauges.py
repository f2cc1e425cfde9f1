"""Bars and strips drawn with characters."""

from __future__ import annotations

from collections.abc import Sequence

from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import Line


def bar(share: float, cells: int, glyphs: Glyphs, ink: Ink) -> Line:
    """Return a bar filled from the left; ``share`` in [0, 1]."""
    filled = round(min(max(share, 0.0), 1.0) * cells)
    return ((glyphs.full * filled, ink), (glyphs.empty * (cells - filled), Ink.DIM))


def centred_bar(share: float, cells: int, glyphs: Glyphs, ink: Ink) -> Line:
    """Return a bar from the middle to the right, for negative ``share`` to the left; it is in [-1, 1]."""
    half = max(cells - 1, 0) // 2
    filled = round(min(abs(share), 1.0) * half)
    full, rest, nothing = glyphs.full * filled, glyphs.empty * (half - filled), glyphs.empty * half
    middle = (glyphs.middle, Ink.STRONG)
    if share < 0.0:
        return ((rest, Ink.DIM), (full, ink), middle, (nothing, Ink.DIM))
    return ((nothing, Ink.DIM), middle, (full, ink), (rest, Ink.DIM))


def strip(values: Sequence[float | None], low: float, high: float, cells: int, glyphs: Glyphs) -> str:
    """Return the last ``cells`` values as bars between ``low`` and ``high``, the newest at the right."""
    top = len(glyphs.levels) - 1
    span = max(high - low, 1e-9)
    drawn = [
        " "
        if value is None
        else glyphs.levels[min(max(round((value - low) / span * (top - 1)), 0), top - 1) + 1]
        for value in values[-cells:]
    ]
    return "".join(drawn).rjust(cells)
