"""Run a core in real time, with its control socket. This file waits and reads the clock; no other does."""

from __future__ import annotations

import contextlib
import select
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

from patrolcar.pilot.intents import Intent, Stand, StopCar
from patrolcar.pilot.snapshot import EventView
from patrolcar.pilot.views import snapshot_of
from patrolcar.runtime.core import PERIOD_NS, Core
from patrolcar.runtime.server import ControlServer

SNAPSHOT_EVERY_NS: Final = 50_000_000
FAREWELL_TURNS: Final = 25  # after the loop ends, at most half a second
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RealTime:
    """Turns a core fifty times a second and serves its clients in between.

    A STOP from a client does not wait for the next turn: it makes one.

    Args:
        core: What to turn.
        server: The control socket; None when nobody may connect.
        tell: Called with each event, for a terminal or a log.

    """

    def __init__(
        self, core: Core, server: ControlServer | None, tell: Callable[[EventView], None] | None = None
    ) -> None:
        self.core = core
        self.ending = False
        self._server = server
        self._tell = tell
        self._start_ns = time.monotonic_ns()
        self._intents: list[Intent] = []
        self._worst_late_ns = 0

    def now_ns(self) -> int:
        """Return nanoseconds since this object was made; never steps back."""
        return time.monotonic_ns() - self._start_ns

    def run(self, done: Callable[[], bool] = lambda: False) -> None:
        """Turn until ``done`` or a signal asks to end; then leave the car standing and disarmed.

        An error in a turn is our bug: it ends the program, but not before STOP was sent.
        """
        ended_well = False
        try:
            with self._signals():
                self._turn_until(done)
                self._say_farewell()
            ended_well = True
        finally:
            if not ended_well:
                self.core.stop_at_once(self.now_ns())
            self.core.end()
            if self._server:
                self._server.close()

    def _turn_until(self, done: Callable[[], bool]) -> None:
        due_ns, snapshot_ns = self.now_ns(), 0
        while not (self.ending or done()):
            self._wait_until(due_ns)
            now_ns = self.now_ns()
            self._worst_late_ns = max(self._worst_late_ns * 99 // 100, now_ns - due_ns)
            self._turn(now_ns)
            if now_ns >= snapshot_ns:
                snapshot_ns = max(snapshot_ns + SNAPSHOT_EVERY_NS, now_ns)
                self._publish(now_ns)
            on_time = due_ns + PERIOD_NS
            due_ns = on_time if now_ns < on_time <= now_ns + PERIOD_NS else now_ns + PERIOD_NS

    def ask(self, intent: Intent) -> None:
        """Put an intent of this process into the next turn."""
        self._intents.append(intent)

    # ------------------------------------------------------------------

    def _turn(self, now_ns: int) -> None:
        intents, self._intents = self._intents, []
        for event in self.core.turn(intents, now_ns).events:
            if self._server:
                self._server.tell(event)
            if self._tell:
                self._tell(event)

    def _wait_until(self, due_ns: int) -> None:
        """Serve clients until the next turn is due; a STOP makes it due at once."""
        while True:
            left_s = (due_ns - self.now_ns()) / 1e9
            waiting_for = self._server.filenos() if self._server else []
            ready, _, _ = select.select(waiting_for, [], [], max(left_s, 0.0))
            if ready and self._server:
                asked = self._server.receive()
                self._intents += asked
                if any(isinstance(intent, StopCar) for intent in asked):
                    return
            if left_s <= 0.0:
                return

    def _publish(self, now_ns: int) -> None:
        if self._server and self._server.has_clients:
            recorder = self.core.recorder
            snapshot = snapshot_of(
                self.core.pilot,
                now_ns,
                port=self.core.connection.name,
                recording=str(recorder.path) if recorder else None,
                loop_late_ms=self._worst_late_ns / 1e6,
            )
            self._server.publish(snapshot.to_json())

    def _say_farewell(self) -> None:
        """Drive zero and disarm; wait a moment for the controller to say that it has."""
        self.ask(Stand("core"))
        due_ns = self.now_ns()
        for turn in range(FAREWELL_TURNS):
            if turn > 1 and not self.core.car_is_armed:
                break
            time.sleep(max(due_ns - self.now_ns(), 0) / 1e9)
            self._turn(self.now_ns())
            due_ns += PERIOD_NS

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """End the loop, not the process, when the terminal closes or somebody asks to end."""

        def end(number: int, frame: FrameType | None) -> None:
            del number, frame
            self.ending = True

        before = {number: signal.signal(number, end) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
