"""What a piece of text or a dot on the map means; a palette says what it looks like."""

from __future__ import annotations

from enum import IntEnum


class Ink(IntEnum):
    """The meaning of a colour. Every state that has an ink also has a glyph or a word."""

    PLAIN = 0
    DIM = 1
    STRONG = 2
    TITLE = 3
    GOOD = 4
    CAUTION = 5
    WARNING = 6
    INFO = 7
    KEY = 8
    STALE = 9
    BAR = 10
    BADGE_IDLE = 11
    BADGE_MANUAL = 12
    BADGE_PATROL = 13
    BADGE_HOLD = 14
    BADGE_STOP = 15
    BADGE_SIM = 16
    # on the map
    WALL = 17
    KEEPOUT = 18
    SLOW = 19
    FENCE = 20
    TRAIL = 21
    PATH = 22
    SCAN = 23
    PLACE = 24
    GOAL = 25
    PERSON = 26
    CAR = 27
    LABEL = 28
    DOOR = 29
