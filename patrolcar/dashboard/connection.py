"""The line to the core: a thread reads it and keeps the newest snapshot, whatever the screen does."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from patrolcar.client import Client
from patrolcar.dashboard.history import History
from patrolcar.dashboard.text import plain
from patrolcar.errors import LinkError
from patrolcar.pilot.intents import Intent
from patrolcar.pilot.snapshot import EventView, Snapshot
from patrolcar.pilot.welcome import Welcome

EVENTS_KEPT: Final = 2000
RECONNECT_S: Final = 1.0
_WAIT_S: Final = 0.2
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Received:
    """A snapshot and when it came, in this process's monotonic nanoseconds."""

    snapshot: Snapshot
    at_ns: int


class Connection:
    """Reads the core in a thread of its own, connects again every second when the core is gone.

    ``latest``, ``lost``, ``welcome``, ``events``, ``event_count`` and ``wall_offset_s`` may be read from any
    thread, :meth:`send` called from any.
    """

    def __init__(
        self,
        client: Client,
        reconnect: Callable[[], Client] | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.latest: Received | None = None
        self.welcome: Welcome = harmless(client.welcome)
        self.lost = ""
        self.events: deque[EventView] = deque(maxlen=EVENTS_KEPT)
        """What happened, in the time of the core that is there now."""
        self.event_count = 0
        self.wall_offset_s: float | None = None
        """Added to the core's seconds it gives the time of day; ``None`` before the first snapshot."""
        self.history = History()
        self._client = client
        self._reconnect = reconnect
        self._clock = clock
        self._wall_clock = wall_clock
        self._past_offset_s: float | None = None  # of the core that told the events before the last few
        self._last_few = 0  # events told by the core that is there now
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="patrolcar-reader", daemon=True)

    @property
    def name(self) -> str:
        """The name the core knows us by."""
        return self._client.name

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """Stop reading and hang up."""
        self._closing.set()
        self._thread.join(timeout=2.0)
        self._client.close()

    def send(self, intent: Callable[[str], Intent]) -> bool:
        """Send what ``intent`` makes of our name; return whether the core took it."""
        if self.lost:
            return False
        try:
            self._client.send(intent(self._client.name))
        except LinkError:
            return False  # the reader notices too, says so and connects again
        return True

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._take(self._client.receive(_WAIT_S))
            except LinkError as error:
                self.lost = plain(str(error))
            except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
                self.lost = plain(f"the core sent what this version does not understand ({error!r})")
            if self.lost:
                self._connect_again()

    def _take(self, views: list[Snapshot | EventView]) -> None:
        newest: Snapshot | None = None
        before = self.latest
        scan = None if before is None else before.snapshot.scan
        for view in views:
            if isinstance(view, EventView):
                self.events.append(harmless(view))
                self.event_count += 1
                self._last_few += 1
            else:
                newest = view
                scan = view.scan if view.scan is not None else scan
        if newest is not None:
            now_ns = self._clock()
            newest = harmless(newest if newest.scan is not None else replace(newest, scan=scan))
            self.history.add(newest, now_ns)
            if self.wall_offset_s is None:
                self._set_wall_offset(newest.now_ns)
            self.latest = Received(newest, now_ns)

    def _set_wall_offset(self, core_ns: int) -> None:
        """Learn the time of day of a core's clock; what cores before it told keeps its own time of day."""
        offset_s = self._wall_clock() - core_ns / 1e9
        if self._past_offset_s is not None:
            shift_ns = round((self._past_offset_s - offset_s) * 1e9)
            told = list(self.events)
            past = max(len(told) - self._last_few, 0)
            moved = [replace(event, now_ns=event.now_ns + shift_ns) for event in told[:past]]
            self.events = deque([*moved, *told[past:]], maxlen=EVENTS_KEPT)
        self.wall_offset_s = self._past_offset_s = offset_s

    def _connect_again(self) -> None:
        self._client.close()
        while not self._closing.wait(RECONNECT_S):
            if self._reconnect is None:
                continue
            try:
                client = self._reconnect()
            except LinkError as error:
                self.lost = plain(str(error))
                continue
            self._client = client
            self.welcome = harmless(client.welcome)
            self.latest = None
            self.wall_offset_s = None
            self._last_few = 0
            self.history = History()
            self.lost = ""
            return


def harmless(value: _V) -> _V:
    """Return a value of the core with every text in it made safe for a terminal."""
    return _harmless(value)  # type: ignore[no-any-return]  # the same shape comes back


def _harmless(value: Any) -> Any:  # noqa: ANN401 (a value of any of the core's shapes)
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, tuple):
        return tuple(map(_harmless, value)) if value and not isinstance(value[0], int | float) else value
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {}
    for each in fields(value):
        old = getattr(value, each.name)
        new = _harmless(old)
        if new != old if isinstance(old, str | tuple) else new is not old:
            changed[each.name] = new
    return replace(value, **changed) if changed else value
