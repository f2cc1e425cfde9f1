"""What the host may do with the car: a table of modes, and nothing else changes the mode.

The controller has the last word: ARMED, DISARMED and STOPPED are reported by it, never assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final


class Mode(StrEnum):
    """Who drives, if anybody."""

    OFFLINE = "OFFLINE"  # no controller
    DISARMED = "DISARMED"
    MANUAL = "MANUAL"  # armed; an operator drives, or nobody
    PATROL = "PATROL"  # armed; the mission drives
    HOLD = "HOLD"  # armed; the mission waits, the car stands
    STOPPED = "STOPPED"  # STOP is latched in the controller


class Event(IntEnum):
    """What changes a mode, the most urgent first."""

    STOPPED = 0
    LINK_LOST = 1
    DISARMED = 2
    STOP_CLEARED = 3
    LINK_UP = 4
    ARMED = 5
    FAULT = 6
    TAKE_OVER = 7
    FINISHED = 8
    PAUSE = 9
    START = 10
    RESUME = 11


MAY_MOVE: Final = frozenset({Mode.MANUAL, Mode.PATROL})
ARMED_MODES: Final = frozenset({Mode.MANUAL, Mode.PATROL, Mode.HOLD})
URGENT: Final = frozenset({Event.STOPPED, Event.LINK_LOST, Event.DISARMED})

TRANSITIONS: Final[Mapping[tuple[Mode, Event], Mode]] = MappingProxyType(
    {
        (Mode.OFFLINE, Event.LINK_UP): Mode.DISARMED,
        (Mode.DISARMED, Event.ARMED): Mode.MANUAL,
        (Mode.MANUAL, Event.START): Mode.PATROL,
        (Mode.PATROL, Event.PAUSE): Mode.HOLD,
        (Mode.PATROL, Event.FAULT): Mode.HOLD,
        (Mode.PATROL, Event.TAKE_OVER): Mode.MANUAL,
        (Mode.PATROL, Event.FINISHED): Mode.MANUAL,
        (Mode.HOLD, Event.RESUME): Mode.PATROL,
        (Mode.HOLD, Event.TAKE_OVER): Mode.MANUAL,
        (Mode.HOLD, Event.FINISHED): Mode.MANUAL,
        (Mode.STOPPED, Event.STOP_CLEARED): Mode.DISARMED,
        **{(mode, Event.DISARMED): Mode.DISARMED for mode in ARMED_MODES},
        **{(mode, Event.LINK_LOST): Mode.OFFLINE for mode in Mode},
        **{(mode, Event.STOPPED): Mode.STOPPED for mode in Mode if mode is not Mode.OFFLINE},
    }
)


def next_mode(mode: Mode, event: Event) -> Mode:
    """Return the mode after ``event``; an event the table does not list changes nothing."""
    return TRANSITIONS.get((mode, event), mode)


def after(mode: Mode, events: Iterable[Event]) -> Mode:
    """Return the mode after everything that happened in one tick.

    When the tick brought something urgent, only that counts: a STOP and a start in the same tick is a STOP.
    """
    happened = sorted(events)
    urgent = [event for event in happened if event in URGENT]
    for event in urgent or happened:
        mode = next_mode(mode, event)
    return mode
