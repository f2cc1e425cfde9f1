"""The screen of a simulated world. It only looks: nothing that happens here reaches the simulator."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import ClassVar, Final

from textual import events
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from typing_extensions import override

from patrolcar.dashboard.glyphs import ASCII, UNICODE
from patrolcar.dashboard.palette import PALETTES, dress
from patrolcar.dashboard.views.small import FULL_COLUMNS, FULL_ROWS
from patrolcar.dashboard.widgets.cells_widget import CellsWidget
from patrolcar.dashboard.widgets.view_widget import LinesWidget
from patrolcar.dashboard.world.news import News, news
from patrolcar.dashboard.world.painter import WorldPainter
from patrolcar.dashboard.world.rows import Shown, footer_row, help_rows, panel_rows, state_row
from patrolcar.dashboard.world.view import WorldView
from patrolcar.pilot.welcome import Welcome

TICK_S: Final = 0.1
MOST_NEWS: Final = 200
_SPEEDS: Final = 60
_GONE: Final = 4  # exit value when the simulator is gone


class WorldApp(App[int]):
    """Shows what ``latest`` returns. Exit value: 0 after a normal end, 4 when the simulator has gone.

    Args:
        welcome: The site and the car.
        address: Where a host reaches the car.
        latest: The newest picture, if one came since the last call; raises EOFError when none will come.
        ascii_only: Draw with ASCII characters only.

    """

    CSS_PATH = "world.tcss"
    TITLE = "patrolcar sim"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar = []

    def __init__(
        self,
        welcome: Welcome,
        address: str,
        latest: Callable[[], WorldView | None],
        *,
        ascii_only: bool = False,
    ) -> None:
        super().__init__()
        self._welcome = welcome
        self._address = address
        self._latest = latest
        self._glyphs = ASCII if ascii_only else UNICODE
        self._look = 0
        self._seen: WorldView | None = None
        self._seen_s = time.monotonic()
        self._speeds: deque[float] = deque(maxlen=_SPEEDS)
        self._news: deque[News] = deque(maxlen=MOST_NEWS)
        self._painter = WorldPainter(welcome.site, welcome.car)
        self._map = CellsWidget(self._painter, PALETTES[0].map_styles(), name_id="map")
        styles = PALETTES[0].styles()
        self._state, self._panel, self._keys, self._help = (
            LinesWidget(styles, self._glyphs, name_id=name) for name in ("state", "panel", "keys", "help")
        )

    @override
    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield self._state
        with Horizontal(id="upper"):
            yield self._map
            with Vertical(id="side"):
                yield self._panel
        yield self._help
        yield self._keys

    def on_mount(self) -> None:
        """Begin to draw."""
        dress(self, self._look, ascii_only=self._glyphs is ASCII)
        self._fit(*self.size)
        self.set_interval(TICK_S, self.tick)

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size."""
        self._fit(*event.size)

    def _fit(self, columns: int, rows: int) -> None:
        self.screen_stack[0].set_class(columns >= FULL_COLUMNS and rows >= FULL_ROWS, "full")
        self.call_after_refresh(self.draw)

    def tick(self) -> None:
        """Take the newest picture and draw it."""
        if not self.screen_stack:
            return  # the application is ending
        try:
            seen = self._latest()
        except EOFError:
            self.exit(_GONE)
            return
        if seen is not None:
            self._news.extend(news(self._seen, seen))
            self._speeds.append(abs(seen.speed_mps))
            self._seen, self._seen_s = seen, time.monotonic()
        self.draw()

    def draw(self) -> None:
        """Draw everything."""
        if not self.screen_stack:
            return
        shown = Shown(
            title=self._welcome.site.name,
            address=self._address,
            seen=self._seen,
            news=self._news,
            speeds=self._speeds,
            age_s=time.monotonic() - self._seen_s,
            top_mps=self._welcome.car.speed_mps,
            glyphs=self._glyphs,
        )
        self._state.put([state_row(shown, self._state.size.width)])
        self._keys.put([footer_row(shown, self._keys.size.width)])
        self._panel.put(panel_rows(shown, *self._panel.size))
        self._help.put(help_rows(*self._help.size))
        columns, rows = self._map.size
        if columns and rows:
            cells = self._painter.cells(self._seen, self._glyphs, columns, rows)
            self._map.put(cells, braille=self._glyphs.braille)

    # --- keys -------------------------------------------------------------------------------------

    @override
    async def on_event(self, event: events.Event) -> None:
        """Hear a key before Textual does: Ctrl+C ends this screen."""
        if isinstance(event, events.Key):
            if not event.is_forwarded:
                self._key(event.key)
            return
        await super().on_event(event)

    def _key(self, key: str) -> None:
        painter = self._painter
        moves: dict[str, Callable[[], None]] = {
            "q": lambda: self.exit(0),
            "ctrl+c": lambda: self.exit(0),
            "ctrl+q": lambda: self.exit(0),
            "ctrl+z": self.action_suspend_process,
            "f": painter.follow,
            "0": painter.fit,
            "plus": lambda: painter.zoom(1),
            "equals_sign": lambda: painter.zoom(1),
            "minus": lambda: painter.zoom(-1),
            "left": lambda: painter.pan_steps(-1, 0),
            "right": lambda: painter.pan_steps(1, 0),
            "up": lambda: painter.pan_steps(0, -1),
            "down": lambda: painter.pan_steps(0, 1),
            "t": self._next_look,
            "question_mark": self._turn,
            "escape": self._back,
        }
        if key in moves:
            moves[key]()
            self.draw()

    def _turn(self) -> None:
        self.screen_stack[0].toggle_class("helping")
        self.call_after_refresh(self.draw)

    def _back(self) -> None:
        self.screen_stack[0].remove_class("helping")
        self.call_after_refresh(self.draw)

    def _next_look(self) -> None:
        self._look = (self._look + 1) % len(PALETTES)
        palette = PALETTES[self._look]
        self.theme = palette.name
        for lines in (self._state, self._panel, self._keys, self._help):
            lines.restyle(palette.styles())
        self._map.restyle(palette.map_styles())
