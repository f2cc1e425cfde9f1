"""Bars and strips drawn with characters."""

from __future__ import annotations

from collections.abc import Sequence

from patrolcar.dashboard.glyphs import Glyphs


def bar(share: float, cells: int, glyphs: Glyphs) -> str:
    """Return a bar filled from the left; ``share`` in [0, 1]."""
    filled = round(min(max(share, 0.0), 1.0) * cells)
    return glyphs.full * filled + glyphs.empty * (cells - filled)


def centred_bar(share: float, cells: int, glyphs: Glyphs) -> str:
    """Return a bar filled from the middle to the right for positive, to the left for negative ``share`` in [-1, 1]."""
    half = cells // 2
    filled = round(min(abs(share), 1.0) * half)
    left, right = glyphs.empty * half, glyphs.empty * half
    if share > 0.0:
        right = glyphs.full * filled + glyphs.empty * (half - filled)
    elif share < 0.0:
        left = glyphs.empty * (half - filled) + glyphs.full * filled
    return left + "|" + right


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
