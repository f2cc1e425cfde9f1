"""What a person asks of the car by key: after a question where it starts motion, else at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from patrolcar.dashboard.controls import ARMED_MODES
from patrolcar.dashboard.dialogs import Dialog, Question
from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.keymap import Action
from patrolcar.dashboard.text import Line
from patrolcar.dashboard.views.help import help_rows
from patrolcar.dashboard.views.questions import arm_rows, quit_rows, release_rows, start_rows
from patrolcar.pilot.intents import (
    Arm,
    ClearStop,
    Disarm,
    Intent,
    PauseMission,
    ResumeMission,
    SkipPlace,
    StartMission,
)

if TYPE_CHECKING:
    from patrolcar.dashboard.app import DashboardApp

_HELP_WIDTH = 78


class Requests:
    """Asks, sends, and says when there is nothing to do."""

    def __init__(self, app: DashboardApp) -> None:
        self._app = app

    def take(self, action: Action) -> bool:
        """Do what the action asks of the car or of a dialog; return whether it is one of those."""
        does: Mapping[Action, Callable[[], None]] = {
            Action.ARM: self._arm,
            Action.DISARM: lambda: self._send(Disarm),
            Action.RELEASE_STOP: self._release,
            Action.START: self._start,
            Action.PAUSE_OR_RESUME: self._pause_or_resume,
            Action.SKIP: lambda: self._send(SkipPlace),
            Action.HELP: self._help,
            Action.QUIT: self.quit,
        }
        if action not in does:
            return False
        does[action]()
        return True

    def quit(self) -> None:
        """End the dashboard; ask first when the car is armed."""
        if self._mode not in ARMED_MODES:
            self.leave()
            return
        answers = {"enter": self.leave, "D": self._disarm_and_leave}
        self._ask("Quit?", quit_rows, answers, height=6)

    def leave(self) -> None:
        """End the dashboard without a question, and with it every motion by hand."""
        self._app.controls.interrupt()
        self._app.exit(0)

    def _arm(self) -> None:
        if self._mode in ARMED_MODES:
            self._say("the car is armed already")
        elif self._mode == "STOPPED":
            self._say("STOP is latched: R, then y releases it")
        else:
            self._ask("Arm the car?", arm_rows, {"enter": lambda: self._send(Arm)}, height=10)

    def _release(self) -> None:
        self._ask("Release STOP?", release_rows, {"y": self._release_now}, height=8)

    def _release_now(self) -> None:
        if self._mode == "STOPPED":
            self._send(ClearStop)

    def _start(self) -> None:
        latest = self._app.connection.latest
        if latest is not None and latest.snapshot.mission is None:
            self._say("no mission is loaded")
        elif self._mode == "STOPPED":
            self._say("STOP is latched: R, then y releases it")
        elif self._mode in {"PATROL", "HOLD"}:
            self._say("the mission runs already: p holds it or goes on")
        elif self._mode == "MANUAL" and not self._is_held:
            self._send(StartMission)
        else:
            title = "Start again from the beginning?" if self._is_held else "Start the mission?"
            self._ask(title, start_rows, {"enter": lambda: self._send(StartMission)}, height=11)

    def _pause_or_resume(self) -> None:
        if self._mode == "PATROL":
            self._send(PauseMission)
        elif self._mode == "HOLD" or (self._mode == "MANUAL" and self._is_held):
            self._send(ResumeMission)
        elif self._mode == "DISARMED" and self._is_held:
            self._say("A arms the car, then p goes on with the mission")
        else:
            self._say("no mission is running: g starts it")

    def _help(self) -> None:
        rows = help_rows(self._app.page)

        def view(_frame: Frame, _cells: int) -> list[Line]:
            return rows

        title = f"Keys on this screen ({self._app.page.name.capitalize()})"
        self._ask(title, view, {}, height=len(rows), width=_HELP_WIDTH)

    def _disarm_and_leave(self) -> None:
        self._send(Disarm)
        self.leave()

    @property
    def _mode(self) -> str:
        latest = self._app.connection.latest
        return "" if latest is None else latest.snapshot.mode

    @property
    def _is_held(self) -> bool:
        latest = self._app.connection.latest
        mission = None if latest is None else latest.snapshot.mission
        return mission is not None and mission.state == "HOLD"

    def _send(self, intent: Callable[[str], Intent]) -> None:
        self._say("" if self._app.connection.send(intent) else "not sent: the core is gone")

    def _say(self, hint: str) -> None:
        self._app.controls.say(hint)

    def _ask(
        self,
        title: str,
        rows: Callable[[Frame, int], list[Line]],
        answers: Mapping[str, Callable[[], None]],
        *,
        height: int,
        width: int = 62,
    ) -> None:
        question = Question(title, rows, answers, height, width)
        app = self._app
        app.ask(Dialog(question, app.question_styles(), app.frame().glyphs))
