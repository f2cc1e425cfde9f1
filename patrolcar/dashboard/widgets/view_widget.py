"""Widgets that show lines; only rows that differ from the last picture are drawn again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.text import Line, ascii_only, plain

View: TypeAlias = Callable[[Frame, int, int], Sequence[Line]]
"""Lines for a frame, a width and a height in cells."""


class LinesWidget(Widget, can_focus=False):
    """Draws lines of styled text."""

    def __init__(self, styles: Sequence[Style], glyphs: Glyphs, *, name_id: str) -> None:
        super().__init__(id=name_id)
        self._inks = styles
        self._glyphs = glyphs
        self._lines: list[Line] = []
        self._strips: list[Strip] = []

    def put(self, lines: Sequence[Line]) -> None:
        """Show these lines."""
        new = list(lines)
        if len(new) != len(self._lines):
            self._lines, self._strips = new, [self._strip(line) for line in new]
            self.refresh()
            return
        changed = [row for row, (old, line) in enumerate(zip(self._lines, new, strict=True)) if old != line]
        for row in changed:
            self._strips[row] = self._strip(new[row])
        self._lines = new
        if changed:
            self.refresh(*(Region(0, row, self.size.width, 1) for row in changed))

    def restyle(self, styles: Sequence[Style]) -> None:
        """Draw everything again in another look."""
        self._inks = styles
        self._strips = [self._strip(line) for line in self._lines]
        self.refresh()

    @override
    def render_line(self, y: int) -> Strip:
        """Return one row of the view."""
        cells = self.size.width
        style = self._inks[0]
        if y >= len(self._strips):
            return Strip.blank(cells, style)
        return self._strips[y].adjust_cell_length(cells, style)

    def _strip(self, line: Line) -> Strip:
        inks = self._inks
        return Strip([Segment(self._safe(text), inks[ink]) for text, ink in line if text])

    def _safe(self, text: str) -> str:
        return plain(text) if self._glyphs.braille else ascii_only(plain(text))


class ViewWidget(LinesWidget):
    """Draws what its view returns for a frame of the core."""

    def __init__(self, view: View, styles: Sequence[Style], glyphs: Glyphs, *, name_id: str) -> None:
        super().__init__(styles, glyphs, name_id=name_id)
        self._view = view

    def show(self, frame: Frame) -> None:
        """Draw the frame."""
        cells, rows = self.size
        if cells and rows:
            self.put(self._view(frame, cells, rows))
