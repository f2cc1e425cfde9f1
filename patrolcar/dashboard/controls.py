"""The hand on the car: stops, drives and takes over, in threads that a stalled terminal cannot hold up.

Key and mouse news come in from the driver's input thread (or from Textual's loop where there is none),
and one thread of our own sends. The screen only says, twenty times a second, that it is alive and
whether driving is allowed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from patrolcar.dashboard.connection import Connection, Received
from patrolcar.dashboard.drive_fsm import DRIVE_KEYS, IDLE, Command, DriveFsm, DriveLimits, DriveStream
from patrolcar.geometry import Twist2
from patrolcar.pilot.intents import Drive, PauseMission, StopCar
from patrolcar.pilot.welcome import CarView

_MS: Final = 1_000_000
PERIOD_NS: Final = 50 * _MS  # a quarter of the core's lease of 200 ms
STALE_NS: Final = 300 * _MS
SCREEN_LATE_NS: Final = 300 * _MS
STOP_AGAIN_NS: Final = 100 * _MS
STOP_YOUNG_NS: Final = 2000 * _MS
STOP_SLOWLY_NS: Final = 1000 * _MS
STOP_KEYS: Final = frozenset({"space", "f12", "ctrl+x", "ctrl+c"})
_STOP_WITH_ANY: Final = frozenset({"space", "f12"})  # whatever Shift or Alt is down besides
NEUTRAL_KEYS: Final = frozenset(
    {
        "left_square_bracket",
        "right_square_bracket",
        "plus",
        "equals_sign",
        "minus",
        "f",
        *(f"{side}_{name}" for side in ("left", "right") for name in ("shift", "control", "alt", "super")),
        "caps_lock",
        "num_lock",
        "iso_level3_shift",
    }
)
"""Keys that do not end a motion."""
ARMED_MODES: Final = frozenset({"MANUAL", "PATROL", "HOLD"})
SELF_DRIVING: Final = frozenset({"PATROL", "HOLD"})


class StopState(Enum):
    """What became of the last STOP of this dashboard."""

    NONE = "none"
    UNCONFIRMED = "unconfirmed"
    UNSENT = "unsent"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Hand:
    """The hand, for the screen."""

    command: Command
    fraction: float
    releases: bool  # whether this terminal tells when a key is let go
    delay_ms: float  # learned until a held key repeats
    taps_input: bool  # whether STOP is heard before the screen


class Controls:
    """Everything a person does to the car. All methods may be called from any thread."""

    def __init__(self, connection: Connection, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._welcome = connection.welcome
        self.releases = False
        self.taps_input = False
        self.hint = ""
        self.hint_ns = 0
        self._connection = connection
        self._clock = clock
        self._fsm = DriveFsm(_limits(connection.welcome.car))
        self._stream = DriveStream()
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closing = False
        self._leaving = False
        self._gate = False
        self._screen_ns = clock()
        self._mode = ""
        self._command = IDLE
        self._was_active = False
        self._active_ns = 0
        self._stop_asked_ns: int | None = None
        self._stop_tried_ns = 0
        self._stop_arrived = False
        self._stop_confirmed = False
        self._thread = threading.Thread(target=self._run, name="patrolcar-controls", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def close(self) -> None:
        """Let go of the car: zero, then silence."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)
        self.interrupt()
        for _ in range(DriveStream.ZEROS):
            self._send_motion()

    # --- news of the hand -------------------------------------------------------------------------

    def key_down(self, key: str) -> None:
        """Take any key, before the screen sees it; STOP leaves at once."""
        now_ns = self._clock()
        if is_stop(key):
            self.stop()
            return
        with self._lock:
            if key in DRIVE_KEYS and self._gate:
                self._fsm.press(key, now_ns, releases=self.releases)
                self._hint_when_locked(now_ns)
            elif key not in NEUTRAL_KEYS:
                self._fsm.other_key(now_ns)
        self._wake.set()

    def key_up(self, key: str) -> None:
        """Take the release of any key."""
        with self._lock:
            self._fsm.release(key, self._clock())
        self._wake.set()

    def grab(self, forward: float, left: float) -> None:
        """Take the press of the mouse button on the drive pad."""
        with self._lock:
            self._permit(self._clock())
            self._fsm.grab(forward, left)
            self._hint_when_locked(self._clock())
        self._wake.set()

    def drag(self, forward: float, left: float) -> None:
        """Take a movement of the mouse on the drive pad."""
        with self._lock:
            self._fsm.drag(forward, left)

    def let_go(self) -> None:
        """Take the release of the mouse button."""
        with self._lock:
            self._fsm.let_go()
        self._wake.set()

    def interrupt(self) -> None:
        """End every motion by hand now."""
        with self._lock:
            self._fsm.interrupt(self._clock())
        self._wake.set()

    def stop(self) -> None:
        """STOP the car; sent again until the car says that it stands stopped."""
        now_ns = self._clock()
        with self._lock:
            self._stop_asked_ns = now_ns
            self._stop_confirmed = False
            self._fsm.permit(False, now_ns)
        self._send_stop(now_ns)
        self._wake.set()

    def leave(self) -> None:
        """End every motion by hand for good; safe in a signal handler, for it takes no lock."""
        self._leaving = True

    def adjust(self, steps: int) -> None:
        """Change the speed limit in use."""
        with self._lock:
            self._fsm.adjust(steps)

    # --- news of the screen -----------------------------------------------------------------------

    def screen_is_alive(self, *, may_drive: bool) -> None:
        """Say that the screen works, and whether it is one that drives and nothing covers it."""
        with self._lock:
            self._screen_ns = self._clock()
            self._gate = may_drive
            if not may_drive:
                self._fsm.permit(False, self._screen_ns)

    @property
    def hand(self) -> Hand:
        """The hand, for the screen."""
        return Hand(
            command=self._command,
            fraction=self._fsm.fraction,
            releases=self.releases,
            delay_ms=self._fsm.delay_ns / _MS,
            taps_input=self.taps_input,
        )

    @property
    def stop_state(self) -> StopState:
        """What became of the last STOP."""
        if self._stop_asked_ns is None:
            return StopState.NONE
        if self._stop_confirmed:
            return StopState.CONFIRMED
        return StopState.UNCONFIRMED if self._stop_arrived else StopState.UNSENT

    def say(self, hint: str) -> None:
        """Leave a short sentence for the screen."""
        self.hint, self.hint_ns = hint, self._clock()

    # --- the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        due_ns = self._clock()
        while not self._closing:
            self.turn()
            due_ns = max(due_ns + PERIOD_NS, self._clock())
            self._wake.wait(max(due_ns - self._clock(), 0) / 1e9)
            self._wake.clear()

    def turn(self) -> None:
        """Do one turn: see what the car says, then send what the hand wants."""
        now_ns = self._clock()
        with self._lock:
            self._permit(now_ns)
            self._see_stop(now_ns)
        if self.stop_state in {StopState.UNCONFIRMED, StopState.UNSENT}:
            is_young = self._stop_asked_ns is None or now_ns - self._stop_asked_ns < STOP_YOUNG_NS
            if now_ns - self._stop_tried_ns >= (STOP_AGAIN_NS if is_young else STOP_SLOWLY_NS):
                self._send_stop(now_ns)
        self._send_motion()

    def _send_motion(self) -> None:
        now_ns = self._clock()
        with self._lock:
            command = self._fsm.command(now_ns)
            began = command.is_active and not self._was_active
            self._was_active = command.is_active
            self._command = command
            is_slip = self._mode in SELF_DRIVING and not command.is_sure
            twist = self._stream.next(IDLE if is_slip else command)
            pauses = began and self._mode == "PATROL"
        if pauses and is_slip:
            self._connection.send(PauseMission)
            self.say("patrol held: keep a drive key down to take the wheel, p to go on")
        if twist is not None:
            self._connection.send(_drive(twist))

    def _send_stop(self, now_ns: int) -> None:
        self._stop_tried_ns = now_ns
        self._stop_arrived = self._connection.send(StopCar)

    def _see_stop(self, now_ns: int) -> None:
        latest = self._connection.latest
        asked_ns = self._stop_asked_ns
        if asked_ns is None or latest is None or latest.at_ns < asked_ns or now_ns < asked_ns:
            return
        if latest.snapshot.mode == "STOPPED":
            self._stop_confirmed = True
        elif self._stop_confirmed:
            self._stop_asked_ns = None  # confirmed, and released since

    def _permit(self, now_ns: int) -> None:
        if self._connection.welcome is not self._welcome:
            self._welcome = self._connection.welcome
            self._fsm.interrupt(now_ns)
            self._fsm.drive_another(_limits(self._welcome.car))
        latest = self._connection.latest
        mode = latest.snapshot.mode if latest is not None else ""
        if mode == "PATROL" and self._mode != "PATROL":
            self._fsm.interrupt(now_ns)  # the mission takes the wheel: a key still down must not take it back
        self._mode = mode
        self._fsm.permit(self._may_drive(latest, now_ns), now_ns)

    def _may_drive(self, latest: Received | None, now_ns: int) -> bool:
        if latest is None or self._connection.lost or self._leaving or not self._gate:
            return False
        is_stopping = self._stop_asked_ns is not None and not self._stop_confirmed
        is_fresh = now_ns - latest.at_ns <= STALE_NS and now_ns - self._screen_ns <= SCREEN_LATE_NS
        return is_fresh and not is_stopping and latest.snapshot.mode in ARMED_MODES

    def _hint_when_locked(self, now_ns: int) -> None:
        if self._fsm.command(now_ns).is_active or not self._gate:
            return
        if self._mode == "DISARMED":
            self.say("the car is disarmed: A arms it")
        elif self._mode == "STOPPED":
            self.say("STOP is latched: R, then y releases it")


def is_stop(key: str) -> bool:
    """Return whether the key stops the car."""
    return key in STOP_KEYS or key.rpartition("+")[2] in _STOP_WITH_ANY


def _limits(car: CarView) -> DriveLimits:
    return DriveLimits(car.speed_mps, car.reverse_mps, car.turn_radps)


def _drive(twist: Twist2) -> Callable[[str], Drive]:
    return lambda name: Drive(name, twist.vx_mps, twist.vy_mps, twist.wz_radps)
