"""From keys and mouse to a wanted motion, with the time as an argument.

Three input paths. With key releases (Kitty's keyboard protocol) a key moves the car while it is held.
Without them a first press only creeps, until the terminal's own key repeat proves that the key is held;
the repeat delay is learned from the user's own holds. The drive pad is proportional and ends with the
mouse button. On every path the motion ends by itself when nothing more is heard.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from patrolcar.geometry import ZERO_TWIST, Twist2

_MS: Final = 1_000_000

RELEASE_FIRST_NS: Final = 900 * _MS  # a held key has repeated by then: X waits 660 ms, most others 500 ms
RELEASE_REPEAT_NS: Final = 250 * _MS  # repeats come every 30 to 40 ms
RELEASE_OTHER_NS: Final = 1500 * _MS  # after one of two keys is let go, the other is held but repeats no more
SURE_NS: Final = 400 * _MS
STUCK_RELEASE_NS: Final = 1000 * _MS
FIRST_DELAY_NS: Final = 640 * _MS
DELAY_MARGIN_NS: Final = 60 * _MS
CREEP_BOUNDS_NS: Final = (250 * _MS, 900 * _MS)
FIRST_INTERVAL_NS: Final = 40 * _MS
HOLD_BOUNDS_NS: Final = (120 * _MS, 200 * _MS)
INTERVALS_HELD: Final = 3.5
LONGEST_NS: Final = RELEASE_OTHER_NS
"""No key moves the car for longer than this after the last news of it."""

CREEP_MPS: Final = 0.15
CREEP_RADPS: Final = 0.6
PAD_DEAD_ZONE: Final = 0.08
FRACTION_STEP: Final = 0.1
_ARC: Final = 0.5
_REPEAT_NS: Final = 90 * _MS  # quicker than anybody taps
_DELAY_NS: Final = (150 * _MS, 1000 * _MS)

DRIVE_KEYS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "w": (1.0, 0.0),
        "up": (1.0, 0.0),
        "s": (-1.0, 0.0),
        "down": (-1.0, 0.0),
        "a": (0.0, 1.0),
        "left": (0.0, 1.0),
        "d": (0.0, -1.0),
        "right": (0.0, -1.0),
        "q": (1.0, _ARC),
        "e": (1.0, -_ARC),
        "z": (-1.0, -_ARC),  # the tail swings to the left
        "c": (-1.0, _ARC),
    }
)
"""Forward and turn of each drive key, in shares of the limit."""


class InputPath(StrEnum):
    """How the hand reaches the car."""

    NONE = "no input"
    KEYS_RELEASE = "KEYS+release"
    KEYS_LEGACY = "KEYS legacy"
    PAD = "PAD"


@dataclass(frozen=True, slots=True)
class DriveLimits:
    """The car's own limits, all positive."""

    speed_mps: float
    reverse_mps: float
    turn_radps: float


@dataclass(frozen=True, slots=True)
class Command:
    """What the hand wants now. ``is_sure``: held long enough to be no slip of a finger."""

    twist: Twist2 = ZERO_TWIST
    path: InputPath = InputPath.NONE
    is_sure: bool = False

    @property
    def is_active(self) -> bool:
        """Whether a hand is on the controls."""
        return self.path is not InputPath.NONE


IDLE: Final = Command()


class DriveFsm:
    """The hand on the controls. Times are monotonic nanoseconds and never go back."""

    def __init__(self, limits: DriveLimits) -> None:
        self.fraction = 0.6
        self.delay_ns = FIRST_DELAY_NS
        self.interval_ns = FIRST_INTERVAL_NS
        self._limits = limits
        self._permitted = False
        self._stuck: dict[
            str, int
        ] = {}  # keys that were down when the motion was ended, and when last heard of
        self._held: set[str] = set()
        self._began_ns = 0
        self._heard_ns = 0
        self._guard_ns = RELEASE_FIRST_NS
        self._key = ""  # the one key that a terminal without releases repeats
        self._repeats = False
        self._times: deque[int] = deque(maxlen=4)
        self._pad: tuple[float, float] | None = None

    def drive_another(self, limits: DriveLimits) -> None:
        """Take the limits of another car."""
        self._limits = limits

    def permit(self, permitted: bool, now_ns: int) -> None:  # noqa: FBT001 (the name says it)
        """Allow or forbid motion; keys that are down when it is forbidden must be let go first."""
        if not permitted:
            self.interrupt(now_ns)
        self._permitted = permitted

    def press(self, key: str, now_ns: int, *, releases: bool) -> None:
        """Take a press or a repeat of a drive key; ``releases``: this terminal tells when it is let go."""
        if not self._permitted or self._is_stuck(key, now_ns, releases=releases):
            self._stuck[key] = now_ns
            return
        self._stuck.clear()
        self._pad = None
        if releases:
            self._press_with_release(key, now_ns)
        else:
            self._press_legacy(key, now_ns)

    def release(self, key: str, now_ns: int) -> None:
        """Take the release of a drive key."""
        self._stuck.pop(key, None)
        if key in self._held:
            self._held.discard(key)
            self._heard_ns = now_ns
            self._guard_ns = RELEASE_OTHER_NS

    def other_key(self, now_ns: int) -> None:
        """Take a key that does not drive: it ends the motion."""
        if self._held:
            self.interrupt(now_ns)
        self._forget_legacy()  # a terminal repeats only the newest key, so this one is not stuck

    def grab(self, forward: float, left: float) -> None:
        """Take the press of the mouse button on the pad: shares of the limits in [-1, 1]."""
        if self._permitted:
            self._held.clear()
            self._forget_legacy()
            self._pad = (_shaped(forward), _shaped(left))

    def drag(self, forward: float, left: float) -> None:
        """Take a movement of the mouse; nothing moves when the grip was lost meanwhile."""
        if self._pad is not None:
            self._pad = (_shaped(forward), _shaped(left))

    def let_go(self) -> None:
        """Take the release of the mouse button."""
        self._pad = None

    def interrupt(self, now_ns: int) -> None:
        """End every motion now; keys still down do nothing until they are let go."""
        for key in self._held:
            self._stuck[key] = now_ns
        if self._key:
            self._stuck[self._key] = now_ns
        self._held.clear()
        self._forget_legacy()
        self._pad = None

    def adjust(self, steps: int) -> None:
        """Change the share of the car's limits in use, in steps of ten per cent from 10 to 100."""
        share = round(self.fraction / FRACTION_STEP) + steps
        self.fraction = min(max(share, 1), 10) * FRACTION_STEP

    def command(self, now_ns: int) -> Command:
        """Return what the hand wants at this moment; motion nobody holds any more ends here."""
        if not self._permitted:
            return IDLE
        if self._pad is not None:
            return Command(self._twist(*self._pad), InputPath.PAD, is_sure=True)
        if self._held:
            return self._held_command(now_ns)
        return self._legacy_command(now_ns) if self._key else IDLE

    @property
    def creep_ns(self) -> int:
        """How long a first press without repeats lasts."""
        low, high = CREEP_BOUNDS_NS
        return min(max(self.delay_ns + DELAY_MARGIN_NS, low), high)

    @property
    def hold_ns(self) -> int:
        """How long a repeat lasts."""
        low, high = HOLD_BOUNDS_NS
        return min(max(int(INTERVALS_HELD * self.interval_ns), low), high)

    def _press_with_release(self, key: str, now_ns: int) -> None:
        self._forget_legacy()
        if not self._held:
            self._began_ns = now_ns
        self._guard_ns = RELEASE_REPEAT_NS if key in self._held else RELEASE_FIRST_NS
        self._held.add(key)
        self._heard_ns = now_ns

    def _press_legacy(self, key: str, now_ns: int) -> None:
        self._held.clear()
        if key != self._key:
            self._times.clear()
        self._repeats = key == self._key and self._legacy_lasts(now_ns)
        self._key = key
        self._heard_ns = now_ns
        self._times.append(now_ns)
        self._learn()

    def _learn(self) -> None:
        if len(self._times) < (self._times.maxlen or 0):
            return
        first, second, third, fourth = self._times
        low, high = _DELAY_NS
        if third - second < _REPEAT_NS and fourth - third < _REPEAT_NS:
            self.interval_ns += (fourth - third - self.interval_ns) // 4
            if low <= second - first <= high:
                self.delay_ns = second - first

    def _held_command(self, now_ns: int) -> Command:
        if now_ns - self._heard_ns > self._guard_ns:
            self.interrupt(now_ns)
            return IDLE
        forward = sum(DRIVE_KEYS[key][0] for key in self._held)
        left = sum(DRIVE_KEYS[key][1] for key in self._held)
        is_sure = now_ns - self._began_ns >= SURE_NS
        return Command(self._twist(_bounded(forward), _bounded(left)), InputPath.KEYS_RELEASE, is_sure)

    def _legacy_command(self, now_ns: int) -> Command:
        if not self._legacy_lasts(now_ns):
            self._key = ""
            self._repeats = False
            return IDLE
        twist = self._twist(*DRIVE_KEYS[self._key])
        if not self._repeats:
            twist = Twist2(
                min(max(twist.vx_mps, -CREEP_MPS), CREEP_MPS),
                0.0,
                min(max(twist.wz_radps, -CREEP_RADPS), CREEP_RADPS),
            )
        return Command(twist, InputPath.KEYS_LEGACY, self._repeats)

    def _legacy_lasts(self, now_ns: int) -> bool:
        return now_ns - self._heard_ns <= (self.hold_ns if self._repeats else self.creep_ns)

    def _is_stuck(self, key: str, now_ns: int, *, releases: bool) -> bool:
        heard_ns = self._stuck.get(key)
        return heard_ns is not None and now_ns - heard_ns < (STUCK_RELEASE_NS if releases else self.creep_ns)

    def _forget_legacy(self) -> None:
        self._key = ""
        self._repeats = False
        self._times.clear()

    def _twist(self, forward: float, left: float) -> Twist2:
        limits = self._limits
        top_mps = limits.speed_mps if forward > 0.0 else limits.reverse_mps
        return Twist2(forward * top_mps * self.fraction, 0.0, left * limits.turn_radps * self.fraction)


class DriveStream:
    """What goes to the core: every active command, then zero three times, then nothing."""

    ZEROS: Final = 3

    def __init__(self) -> None:
        self._zeros = 0

    def next(self, command: Command) -> Twist2 | None:
        """Return the motion to send now, ``None`` for silence."""
        if command.is_active:
            self._zeros = self.ZEROS
            return command.twist
        if self._zeros == 0:
            return None
        self._zeros -= 1
        return ZERO_TWIST


def _bounded(share: float) -> float:
    return min(max(share, -1.0), 1.0)


def _shaped(share: float) -> float:
    return 0.0 if abs(share) < PAD_DEAD_ZONE else _bounded(share)
