"""The drive pad: drag to drive, let go to stand. Mouse releases are told even where key releases are not."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual import events

from patrolcar.dashboard.controls import Controls
from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.views.pad import pad_rows, shares
from patrolcar.dashboard.widgets.view_widget import ViewWidget


class DrivePad(ViewWidget, can_focus=False):
    """Hands the place of the mouse to the controls."""

    def __init__(self, controls: Controls, styles: Sequence[Style], glyphs: Glyphs, *, name_id: str) -> None:
        super().__init__(pad_rows, styles, glyphs, name_id=name_id)
        self._controls = controls

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Grip the knob."""
        self.capture_mouse()
        self._controls.grab(*self._shares(event))
        event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move the knob, also from outside the pad."""
        if self.app.mouse_captured is self:
            self._controls.drag(*self._shares(event))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let the knob go."""
        self._controls.let_go()
        self.release_mouse()
        event.stop()

    def _shares(self, event: events.MouseEvent) -> tuple[float, float]:
        return shares(event.x, event.y, self.size.width, self.size.height)
