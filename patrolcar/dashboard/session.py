"""One run of the dashboard in a real terminal: threads, signals and exit codes around the application."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from textual.driver import Driver

from patrolcar.client import Client
from patrolcar.dashboard.app import DashboardApp
from patrolcar.dashboard.connection import Connection
from patrolcar.dashboard.controls import Controls

QUIT: Final = 0
NO_CORE: Final = 4
INTERRUPTED: Final = 130
_PATIENCE_S: Final = 2.0
_SWITCH_S: Final = 0.0005  # STOP's thread must not wait 5 ms for a drawing one


def show(client: Client, *, ascii_only: bool, reconnect: Callable[[], Client] | None, owns_core: bool) -> int:
    """Run the dashboard; see :func:`patrolcar.dashboard.run`."""
    sys.setswitchinterval(_SWITCH_S)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    connection = Connection(client, reconnect)
    controls = Controls(connection)
    driver = _driver()
    controls.taps_input = driver is not None
    app = DashboardApp(
        connection,
        controls,
        ascii_only=ascii_only or not _speaks_unicode(),
        owns_core=owns_core,
        driver_class=driver,
    )
    connection.start()
    controls.start()
    gc.freeze()  # what is imported is not looked at again by the collector
    try:
        with _told_to_end(app, controls):
            result = app.run()
    finally:
        controls.close()
        is_gone = bool(connection.lost)
        connection.close()
    if result is None:
        return INTERRUPTED
    return NO_CORE if is_gone and result == QUIT else result


def _driver() -> type[Driver] | None:
    try:
        from patrolcar.dashboard.terminal import tapping_driver  # noqa: PLC0415 (it may not import)
    except (ImportError, AttributeError):
        return None
    return tapping_driver()


def _speaks_unicode() -> bool:
    encoding = getattr(sys.__stderr__, "encoding", None) or ""
    return encoding.lower().replace("-", "") in {"utf8", "utf16", "utf32"}


@contextmanager
def _told_to_end(app: DashboardApp, controls: Controls) -> Iterator[None]:
    """End in order on SIGTERM and SIGHUP, also when the terminal is closed or stalled."""
    timers: list[threading.Timer] = []

    def later(delay_s: float, call: Callable[[], None]) -> None:
        timers.append(threading.Timer(delay_s, call))
        timers[-1].daemon = True
        timers[-1].start()

    def end(number: int, _frame: FrameType | None) -> None:
        controls.leave()
        if number == signal.SIGHUP:
            app.lose_terminal()
        else:
            later(_PATIENCE_S, app.lose_terminal)
        later(2.0 * _PATIENCE_S, lambda: os._exit(INTERRUPTED))
        app.call_later(app.exit, INTERRUPTED)

    old = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in old.items():
            signal.signal(number, handler)
