"""The dashboard as a Textual application: it wires connection, controls, views and keys together."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar, Final

from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.driver import Driver
from typing_extensions import override

from patrolcar.dashboard.camera import DOTS_ACROSS
from patrolcar.dashboard.connection import Connection
from patrolcar.dashboard.controls import Controls, is_stop
from patrolcar.dashboard.dialogs import Dialog
from patrolcar.dashboard.frame import Frame, Page
from patrolcar.dashboard.glyphs import ASCII, UNICODE
from patrolcar.dashboard.keymap import REPEATABLE, Action, action_of
from patrolcar.dashboard.palette import PALETTES, dress
from patrolcar.dashboard.requests import Requests
from patrolcar.dashboard.tap import hear
from patrolcar.dashboard.text import Line
from patrolcar.dashboard.views.alarm import alarm_rows
from patrolcar.dashboard.views.drive import drive_rows
from patrolcar.dashboard.views.events import SEVERITIES, event_rows, last_line
from patrolcar.dashboard.views.footer import footer
from patrolcar.dashboard.views.link import link_rows
from patrolcar.dashboard.views.map_title import map_title
from patrolcar.dashboard.views.mission import mission_line, mission_rows
from patrolcar.dashboard.views.small import FULL_COLUMNS, FULL_ROWS, LEAST_COLUMNS, LEAST_ROWS, small_rows
from patrolcar.dashboard.views.state_bar import state_bar
from patrolcar.dashboard.widgets.drive_pad import DrivePad
from patrolcar.dashboard.widgets.map_view import MapView
from patrolcar.dashboard.widgets.view_widget import View, ViewWidget

TICK_S: Final = 0.05
_MAP_EVERY: Final = 2  # ticks
_PANEL_EVERY: Final = 4  # numbers that people read
_HINT_S: Final = 4.0
_TYPED_TOO_LONG_AGO_S: Final = 1.0
_REPEAT_S: Final = 0.15
_AGAIN_S: Final = 2.0
_SCROLL_PAGE: Final = 10


class DashboardApp(App[int]):
    """The dashboard. Exit value: 0 after a normal end."""

    CSS_PATH = "patrolcar.tcss"
    TITLE = "patrolcar"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar = []

    def __init__(
        self,
        connection: Connection,
        controls: Controls,
        *,
        ascii_only: bool = False,
        owns_core: bool = False,
        driver_class: type[Driver] | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.connection = connection
        self.controls = controls
        self.page = Page.DRIVE
        self.requests = Requests(self)
        self._glyphs = ASCII if ascii_only else UNICODE
        self._owns_core = owns_core
        self._clock = clock
        self._look = 0
        self._ticks = 0
        self._is_focused = True
        self._severity = 0
        self._scroll = dict.fromkeys(Page, 0)
        self._last_key = ("", 0.0)
        self._interrupted_s = 0.0
        self._views: list[ViewWidget] = []
        self._maps: dict[Page, MapView] = {}
        self._page_of: dict[str, Page] = {"pad": Page.DRIVE}

    # --- what is on the screen --------------------------------------------------------------------

    @override
    def compose(self) -> ComposeResult:
        """Lay out the pages and what they share."""
        welcome = self.connection.welcome
        for page in (Page.DRIVE, Page.MISSION):
            self._maps[page] = MapView(welcome, self._styles(on_map=True), name_id=f"map-{page.name.lower()}")
        pad = DrivePad(self.controls, self._styles(), self._glyphs, name_id="pad")
        self._views.append(pad)
        yield self._view(lambda frame, cells, _: [state_bar(frame, cells)], "state")
        yield self._view(alarm_rows, "alarm")
        with Vertical(id="pages"):
            with Vertical(id="drive-page", classes="page shown"):
                with Horizontal(classes="upper"):
                    with Vertical(classes="left"):
                        yield self._map_title(Page.DRIVE)
                        yield self._maps[Page.DRIVE]
                    with Vertical(classes="side"):
                        yield self._view(drive_rows, "panel", Page.DRIVE)
                        yield pad
                yield self._view(lambda frame, cells, _: [mission_line(frame, cells)], "progress", Page.DRIVE)
                yield self._view(event_rows, "events", Page.DRIVE)
            with Vertical(id="mission-page", classes="page"):
                with Horizontal(classes="upper"):
                    yield self._view(mission_rows, "table", Page.MISSION)
                    with Vertical(classes="left"):
                        yield self._map_title(Page.MISSION)
                        yield self._maps[Page.MISSION]
                yield self._view(event_rows, "news", Page.MISSION)
            with Vertical(id="log-page", classes="page"):
                yield self._view(event_rows, "log", Page.LOG)
                yield self._view(link_rows, "link", Page.LOG)
        yield self._view(lambda frame, cells, _: [footer(frame, cells)], "keys")
        yield self._view(small_rows, "small")

    def on_mount(self) -> None:
        """Begin to draw."""
        dress(self, self._look, ascii_only=self._glyphs is ASCII)
        self._fit(*self.size)
        self.set_interval(TICK_S, self.tick)

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout for the size; too small a screen does not drive."""
        self._fit(*event.size)

    def tick(self) -> None:
        """Draw one picture: quick things always, the map and numbers less often."""
        if not self.screen_stack:
            return  # the application is ending
        self._ticks += 1
        is_drawn = self.page is Page.DRIVE and self._is_focused and not self._is_small
        self.controls.screen_is_alive(may_drive=is_drawn and not isinstance(self.screen, Dialog))
        frame = self.frame()
        is_due = self._ticks % _PANEL_EVERY == 0
        for view in self._views:
            if view.id in {"state", "alarm", "pad"} or is_due:
                self._show(view, frame)
        map_view = self._maps.get(self.page)
        if map_view is not None and self._ticks % _MAP_EVERY == 0 and not self._is_small:
            map_view.show(frame)
        if isinstance(self.screen, Dialog):
            self.screen.show(frame)

    def draw_now(self) -> None:
        """Draw everything without waiting for its turn."""
        frame = self.frame()
        for view in self._views:
            self._show(view, frame)
        if self.page in self._maps:
            self._maps[self.page].show(frame)
        if isinstance(self.screen, Dialog):
            self.screen.show(frame)

    def frame(self) -> Frame:
        """Return what is to be drawn now."""
        now_ns, connection = self._clock(), self.connection
        latest = connection.latest
        hint_age_s = (now_ns - self.controls.hint_ns) / 1e9
        return Frame(
            welcome=connection.welcome,
            snapshot=None if latest is None else latest.snapshot,
            age_s=0.0 if latest is None else max(now_ns - latest.at_ns, 0) / 1e9,
            lost=connection.lost,
            hand=self.controls.hand,
            stop=self.controls.stop_state,
            hint=self.controls.hint if hint_age_s < _HINT_S else "",
            history=connection.history,
            events=tuple(connection.events),
            event_count=connection.event_count,
            wall_offset_s=connection.wall_offset_s,
            glyphs=self._glyphs,
            page=self.page,
            is_wide=self.size.width >= FULL_COLUMNS,
            severity=self._severity if self.page is Page.LOG else 0,
            scroll=self._scroll[self.page],
            owns_core=self._owns_core,
        )

    def _show(self, view: ViewWidget, frame: Frame) -> None:
        page = self._page_of.get(view.id or "")
        if self._is_small == (view.id == "small") and page in {None, self.page}:
            view.show(frame)

    def _view(self, view: View, name: str, page: Page | None = None) -> ViewWidget:
        widget = ViewWidget(view, self._styles(), self._glyphs, name_id=name)
        self._views.append(widget)
        if page is not None:
            self._page_of[name] = page
        return widget

    def _map_title(self, page: Page) -> ViewWidget:
        view = self._maps[page]
        widget = self._view(
            lambda frame, cells, _: [self._titled(frame, cells, view)],
            f"title-{page.name.lower()}",
            page,
        )
        widget.add_class("title")
        return widget

    def _titled(self, frame: Frame, cells: int, view: MapView) -> Line:
        camera = view.painter.camera
        metres = 0.0 if camera is None else camera.metres_per_dot * DOTS_ACROSS
        return map_title(frame, cells, follows=view.painter.follows, metres_per_cell=metres)

    def _styles(self, *, on_map: bool = False) -> tuple[Style, ...]:
        palette = PALETTES[self._look]
        return palette.map_styles() if on_map else palette.styles()

    def _fit(self, columns: int, rows: int) -> None:
        base = self.screen_stack[0]
        small = columns < LEAST_COLUMNS or rows < LEAST_ROWS
        base.set_class(small, "small")
        base.set_class(columns >= FULL_COLUMNS and rows >= FULL_ROWS, "full")
        if small:
            self.controls.interrupt()
        self.call_after_refresh(self.draw_now)

    @property
    def _is_small(self) -> bool:
        columns, rows = self.size
        return columns < LEAST_COLUMNS or rows < LEAST_ROWS

    # --- keys -------------------------------------------------------------------------------------

    @override
    async def on_event(self, event: events.Event) -> None:
        """Let the controls hear a key before any widget does, when no driver taps the input."""
        if not self.controls.taps_input:
            hear(self.controls, event)
        if isinstance(event, events.Key):
            if not event.is_forwarded:
                self._is_focused = True
                self._key(event)
            return
        if isinstance(event, events.MouseDown):
            self._is_focused = True
        await super().on_event(event)

    def on_app_blur(self) -> None:
        """Stop driving when the terminal loses the keyboard: the release of a key would not be heard."""
        self._is_focused = False
        self.controls.interrupt()

    def on_app_focus(self) -> None:
        """Drive again."""
        self._is_focused = True

    def _key(self, event: events.Key) -> None:
        key, typed_s = event.key, event.time
        last_key, last_s = self._last_key
        self._last_key = (key, typed_s)
        if is_stop(key):
            self._stopped(key, typed_s)
            return
        if time.monotonic() - typed_s > _TYPED_TOO_LONG_AGO_S:
            return  # typed into a frozen terminal: nobody wants it any more
        is_repeat = key == last_key and typed_s - last_s < _REPEAT_S
        if isinstance(self.screen, Dialog):
            if not is_repeat:
                self._answer(self.screen, key)
            return
        action = action_of(key, self.page)
        if action is not None and (action in REPEATABLE or not is_repeat):
            self.do(action)

    def _stopped(self, key: str, typed_s: float) -> None:
        while isinstance(self.screen, Dialog):
            self.pop_screen()
        if key == "ctrl+c":
            if typed_s - self._interrupted_s < _AGAIN_S:
                self.requests.leave()
            else:
                self.controls.say("STOP sent; Ctrl+C again within 2 s to quit")
            self._interrupted_s = typed_s

    def _answer(self, dialog: Dialog, key: str) -> None:
        answer = dialog.question.answers.get(key)
        if answer is None and key not in {"escape", "question_mark"}:
            return
        self.pop_screen()
        if answer is not None:
            answer()

    def do(self, action: Action) -> None:
        """Do what a key asks for."""
        name = action.name
        if name.startswith("PAGE_"):
            self.turn_to(Page[name.removeprefix("PAGE_")])
        elif name.startswith("SCROLL_"):
            self._scroll_by(action)
        elif not (self._move_map(action) or self.requests.take(action)):
            self._settings(action)

    def turn_to(self, page: Page) -> None:
        """Show another screen; this ends driving."""
        self.controls.interrupt()
        self.page = page
        for each in Page:
            self.query_one(f"#{each.name.lower()}-page").set_class(each is page, "shown")
        self.call_after_refresh(self.draw_now)

    def _scroll_by(self, action: Action) -> None:
        steps = {
            Action.SCROLL_UP: 1,
            Action.SCROLL_DOWN: -1,
            Action.SCROLL_PAGE_UP: _SCROLL_PAGE,
            Action.SCROLL_PAGE_DOWN: -_SCROLL_PAGE,
        }
        back = self._scroll[self.page] + steps[action] if action in steps else 0
        least = -len(self._places()) if self.page is Page.MISSION else 0
        most = len(self._places()) if self.page is Page.MISSION else last_line(self.frame())
        self._scroll[self.page] = min(max(back, least), most)

    def _places(self) -> tuple[object, ...]:
        latest = self.connection.latest
        mission = None if latest is None else latest.snapshot.mission
        return () if mission is None else mission.places

    def _move_map(self, action: Action) -> bool:
        view = self._maps.get(self.page)
        if view is None:
            return False
        painter = view.painter
        moves: dict[Action, Callable[[], None]] = {
            Action.FOLLOW: painter.follow,
            Action.FIT: painter.fit,
            Action.ZOOM_IN: lambda: painter.zoom(1),
            Action.ZOOM_OUT: lambda: painter.zoom(-1),
            Action.PAN_LEFT: lambda: painter.pan_steps(-1, 0),
            Action.PAN_RIGHT: lambda: painter.pan_steps(1, 0),
            Action.PAN_UP: lambda: painter.pan_steps(0, -1),
            Action.PAN_DOWN: lambda: painter.pan_steps(0, 1),
        }
        if action not in moves:
            return False
        moves[action]()
        return True

    def _settings(self, action: Action) -> None:
        if action in {Action.SLOWER, Action.FASTER}:
            self.controls.adjust(1 if action is Action.FASTER else -1)
        elif action is Action.SEVERITY:
            self._severity = (self._severity + 1) % len(SEVERITIES)
            self._scroll[Page.LOG] = 0
        elif action is Action.THEME:
            self._next_look()
        elif action is Action.SUSPEND:
            self.controls.interrupt()
            self.action_suspend_process()

    def _next_look(self) -> None:
        self._look = (self._look + 1) % len(PALETTES)
        self.theme = PALETTES[self._look].name
        for view in self._views:
            view.restyle(self._styles())
        for map_view in self._maps.values():
            map_view.restyle(self._styles(on_map=True))
        self.controls.say(f"colours: {PALETTES[self._look].name.removeprefix('patrolcar-')}")

    def ask(self, dialog: Dialog) -> None:
        """Open a dialog; this ends driving."""
        self.controls.interrupt()
        self.controls.screen_is_alive(may_drive=False)
        self.push_screen(dialog)
        self.call_after_refresh(self.draw_now)

    def lose_terminal(self) -> None:
        """Write no more: the terminal is closed or stalled, and the application has to end."""
        lose = getattr(self._driver, "lose", None)
        if lose is not None:
            lose()

    def question_styles(self) -> tuple[Style, ...]:
        """Return the inks of the look in use."""
        return self._styles()
