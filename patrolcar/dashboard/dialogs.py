"""Dialogs over a screen. They hold no text field, so Space stops in every one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from typing_extensions import override

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, fit_line, spread
from patrolcar.dashboard.widgets.view_widget import ViewWidget

_STOP_HINT: Final = "SPACE = STOP"


@dataclass(frozen=True, slots=True)
class Question:
    """What a dialog shows and what its keys do; any key it does not know leaves it open, Escape closes it."""

    title: str
    rows: Callable[[Frame, int], Sequence[Line]]
    answers: Mapping[str, Callable[[], None]]
    height: int
    width: int = 62


class Dialog(ModalScreen[None]):
    """One question over the screen."""

    def __init__(self, question: Question, styles: Sequence[Style], glyphs: Glyphs) -> None:
        super().__init__()
        self.question = question
        self._panel = ViewWidget(self._view, styles, glyphs, name_id="question")
        self._box = Vertical(self._panel, id="dialog")
        if not glyphs.braille:
            self._box.add_class("ascii")

    @override
    def compose(self) -> ComposeResult:
        """Show the box of the question."""
        yield self._box

    def on_mount(self) -> None:
        """Give the box the size of its question."""
        self._box.styles.width = self.question.width
        self._box.styles.height = self.question.height + 4

    def show(self, frame: Frame) -> None:
        """Draw the frame."""
        self._panel.show(frame)

    def restyle(self, styles: Sequence[Style]) -> None:
        """Draw everything again in another look."""
        self._panel.restyle(styles)

    def _view(self, frame: Frame, cells: int, rows: int) -> list[Line]:
        head = spread(((self.question.title, Ink.TITLE),), ((f" {_STOP_HINT} ", Ink.BADGE_STOP),), cells)
        body = [head, EMPTY, *self.question.rows(frame, cells)]
        return [fit_line(line, cells) for line in (body + [EMPTY] * rows)[:rows]]
