"""A picture of cells with a camera: the mouse wheel zooms, dragging pans; only what changed is sent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from patrolcar.dashboard.raster import changed_span, runs
from patrolcar.dashboard.site_painter import SitePainter
from patrolcar.dashboard.text import ascii_only, plain


class CellsWidget(Widget, can_focus=False):
    """Shows the cells of a painter, whose camera the mouse moves."""

    def __init__(self, aim: SitePainter, styles: Sequence[Style], *, name_id: str) -> None:
        super().__init__(id=name_id)
        self.aim = aim
        self._inks = styles
        self._cells: NDArray[np.uint32] = np.zeros((0, 0), np.uint32)
        self._strips: list[Strip] = []
        self._braille = True

    def put(self, new: NDArray[np.uint32], *, braille: bool) -> None:
        """Show these cells; with ``braille`` the terminal knows more than ASCII."""
        self._braille = braille
        if new.shape != self._cells.shape:
            self._cells, self._strips = new, [self._strip(row) for row in new]
            self.refresh()
            return
        regions: list[Region] = []
        for row in np.flatnonzero((new != self._cells).any(axis=1)).tolist():
            span = changed_span(self._cells[row], new[row])
            if span is not None:
                begin, end = (
                    max(span[0] - 1, 0),
                    min(span[1] + 1, self.size.width),
                )  # a wide letter may begin one before
                regions.append(Region(begin, row, end - begin, 1))
                self._strips[row] = self._strip(new[row])
        self._cells = new
        if regions:
            self.refresh(*regions)

    def restyle(self, styles: Sequence[Style]) -> None:
        """Draw everything again in another look."""
        self._inks = styles
        self._strips = [self._strip(row) for row in self._cells]
        self.refresh()

    @override
    def render_line(self, y: int) -> Strip:
        """Return one painted row."""
        cells = self.size.width
        if y >= len(self._strips):
            return Strip.blank(cells, self._inks[0])
        return self._strips[y].adjust_cell_length(cells, self._inks[0])

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in around the mouse."""
        self.aim.zoom(1, event.x, event.y)
        event.stop()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out around the mouse."""
        self.aim.zoom(-1, event.x, event.y)
        event.stop()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the map."""
        self.capture_mouse()
        event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Pull the map along."""
        if self.app.mouse_captured is self and (event.delta_x or event.delta_y):
            self.aim.pan(-event.delta_x, -event.delta_y)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let the map go."""
        self.release_mouse()
        event.stop()

    def _strip(self, row: NDArray[np.uint32]) -> Strip:
        inks = self._inks
        return Strip([Segment(self._safe(text), inks[ink]) for text, ink in runs(row)], len(row))

    def _safe(self, text: str) -> str:
        return plain(text) if self._braille else ascii_only(plain(text))
