"""The map of the core: its painter's cells, drawn anew when the core says hello again."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.map_painter import MapPainter
from patrolcar.dashboard.widgets.cells_widget import CellsWidget
from patrolcar.pilot.welcome import Welcome


class MapView(CellsWidget):
    """Draws a :class:`MapPainter`'s cells."""

    def __init__(self, welcome: Welcome, styles: Sequence[Style], *, name_id: str) -> None:
        self.painter = MapPainter(welcome)
        super().__init__(self.painter, styles, name_id=name_id)
        self._welcome = welcome

    def show(self, frame: Frame) -> None:
        """Draw the frame."""
        columns, rows = self.size
        if columns == 0 or rows == 0:
            return
        if frame.welcome is not self._welcome:
            self._welcome, self.painter = frame.welcome, MapPainter(frame.welcome)
            self.aim = self.painter
        self.put(self.painter.cells(frame, columns, rows), braille=frame.glyphs.braille)
