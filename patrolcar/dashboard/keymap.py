"""Every key once: what it does, on which screens, and how help and the footer name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from patrolcar.dashboard.frame import Page


class Action(Enum):
    """What a key asks the dashboard for; driving and STOP never come this way."""

    PAGE_DRIVE = auto()
    PAGE_MISSION = auto()
    PAGE_LOG = auto()
    ARM = auto()
    DISARM = auto()
    RELEASE_STOP = auto()
    START = auto()
    PAUSE_OR_RESUME = auto()
    SKIP = auto()
    SLOWER = auto()
    FASTER = auto()
    FOLLOW = auto()
    FIT = auto()
    ZOOM_IN = auto()
    ZOOM_OUT = auto()
    PAN_LEFT = auto()
    PAN_RIGHT = auto()
    PAN_UP = auto()
    PAN_DOWN = auto()
    SCROLL_UP = auto()
    SCROLL_DOWN = auto()
    SCROLL_PAGE_UP = auto()
    SCROLL_PAGE_DOWN = auto()
    SCROLL_END = auto()
    SEVERITY = auto()
    THEME = auto()
    HELP = auto()
    SUSPEND = auto()
    QUIT = auto()


ALL: Final = frozenset(Page)
MAPS: Final = frozenset({Page.DRIVE, Page.MISSION})
LISTS: Final = frozenset({Page.MISSION, Page.LOG})
DRIVE: Final = frozenset({Page.DRIVE})
LOG: Final = frozenset({Page.LOG})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the help, and the keys behind it; ``briefs`` are its words in the footer."""

    shown: str
    says: str
    keys: Mapping[str, Action]
    pages: frozenset[Page] = ALL
    briefs: tuple[str, ...] = ()


def _keys(**keys: Action) -> Mapping[str, Action]:
    return MappingProxyType(
        {name.replace("__", "+").removeprefix("n_"): action for name, action in keys.items()}
    )


_NONE: Final[Mapping[str, Action]] = MappingProxyType({})

ENTRIES: Final = (
    Entry("Space F12 ^X", "STOP, on every screen and in every dialog", _NONE),
    Entry("w s a d arrows", "drive while held (forward, back, turn)", _NONE, DRIVE, ("wasd drive",)),
    Entry("q e z c", "drive arcs: forward left/right, back left/right", _NONE, DRIVE),
    Entry("mouse pad", "drag = drive in proportion, let go = zero", _NONE, DRIVE),
    Entry(
        "[ ]",
        "speed limit down, up",
        _keys(left_square_bracket=Action.SLOWER, right_square_bracket=Action.FASTER),
        DRIVE,
        ("[ ] limit",),
    ),
    Entry(
        "A Enter, D",
        "arm after the checks, disarm",
        _keys(A=Action.ARM, D=Action.DISARM),
        briefs=("A arm", "D disarm"),
    ),
    Entry("R y", "release a latched STOP", _keys(R=Action.RELEASE_STOP), briefs=("R release",)),
    Entry("g", "start the mission", _keys(g=Action.START), briefs=("g go",)),
    Entry(
        "p n",
        "hold the mission or go on, skip this place",
        _keys(p=Action.PAUSE_OR_RESUME, n=Action.SKIP),
        briefs=("p hold", "n skip"),
    ),
    Entry(
        "f 0", "map: follow the car, show all", _keys(f=Action.FOLLOW, n_0=Action.FIT), MAPS, ("f follow",)
    ),
    Entry(
        "+ - wheel",
        "map: zoom",
        _keys(
            plus=Action.ZOOM_IN,
            equals_sign=Action.ZOOM_IN,
            minus=Action.ZOOM_OUT,
            underscore=Action.ZOOM_OUT,
        ),
        MAPS,
        ("+- zoom",),
    ),
    Entry(
        "Shift+arrows",
        "map: pan (Ctrl+arrows and dragging too)",
        _keys(
            shift__left=Action.PAN_LEFT,
            shift__right=Action.PAN_RIGHT,
            shift__up=Action.PAN_UP,
            shift__down=Action.PAN_DOWN,
            ctrl__left=Action.PAN_LEFT,
            ctrl__right=Action.PAN_RIGHT,
            ctrl__up=Action.PAN_UP,
            ctrl__down=Action.PAN_DOWN,
        ),
        MAPS,
    ),
    Entry(
        "up down PgUp PgDn End",
        "scroll the list",
        _keys(
            up=Action.SCROLL_UP,
            down=Action.SCROLL_DOWN,
            pageup=Action.SCROLL_PAGE_UP,
            pagedown=Action.SCROLL_PAGE_DOWN,
            end=Action.SCROLL_END,
        ),
        LISTS,
        ("up/dn scroll",),
    ),
    Entry("v", "events: all, cautions, warnings", _keys(v=Action.SEVERITY), LOG, ("v filter",)),
    Entry(
        "1 2 3",
        "screens: Drive, Mission, Log and link",
        _keys(n_1=Action.PAGE_DRIVE, n_2=Action.PAGE_MISSION, n_3=Action.PAGE_LOG),
        briefs=("1-3 screens",),
    ),
    Entry(
        "? t",
        "this help; colours: dark, light, high contrast",
        _keys(question_mark=Action.HELP, f1=Action.HELP, t=Action.THEME),
        briefs=("? help",),
    ),
    Entry("^Z", "suspend (zero first)", _keys(ctrl__z=Action.SUSPEND)),
    Entry("^C", "STOP; again within 2 s: quit", _NONE),
    Entry("^Q", "quit (asks when the car is armed)", _keys(ctrl__q=Action.QUIT), briefs=("^Q quit",)),
)

REPEATABLE: Final = frozenset(
    {
        Action.SLOWER,
        Action.FASTER,
        Action.ZOOM_IN,
        Action.ZOOM_OUT,
        *(Action[name] for name in ("PAN_LEFT", "PAN_RIGHT", "PAN_UP", "PAN_DOWN")),
        *(Action[name] for name in ("SCROLL_UP", "SCROLL_DOWN", "SCROLL_PAGE_UP", "SCROLL_PAGE_DOWN")),
    }
)
"""What a held key may do again and again; everything else needs a new press."""


def action_of(key: str, page: Page) -> Action | None:
    """Return what the key does on this screen."""
    for entry in ENTRIES:
        if page in entry.pages and key in entry.keys:
            return entry.keys[key]
    return None
