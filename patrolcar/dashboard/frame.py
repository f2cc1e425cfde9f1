"""Everything one picture of the dashboard is drawn from: plain values, so that views are functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from patrolcar.dashboard.controls import STALE_NS, Hand, StopState
from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.history import History
from patrolcar.dashboard.ink import Ink
from patrolcar.pilot.snapshot import EventView, Snapshot
from patrolcar.pilot.welcome import Welcome


class Page(IntEnum):
    """The screens, by their keys."""

    DRIVE = 1
    MISSION = 2
    LOG = 3


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture."""

    welcome: Welcome
    snapshot: Snapshot | None
    age_s: float  # of the snapshot
    lost: str  # why there is no core, "" when there is one
    hand: Hand
    stop: StopState
    hint: str  # a short sentence for a few seconds
    history: History
    events: Sequence[EventView]
    event_count: int
    wall_offset_s: float | None  # add to the core's seconds to get the time of day
    glyphs: Glyphs
    page: Page
    is_wide: bool
    severity: int = 0  # events below this severity are hidden
    scroll: int = 0  # rows the list is scrolled back by
    owns_core: bool = False  # whether the core ends with this screen

    @property
    def is_stale(self) -> bool:
        """Whether the numbers are too old to drive by."""
        return self.snapshot is None or bool(self.lost) or self.age_s * 1e9 > STALE_NS

    @property
    def is_old(self) -> bool:
        """Whether nobody hears the car now: no core, no news of it yet, or no controller."""
        return self.snapshot is None or bool(self.lost) or self.snapshot.mode == "OFFLINE"

    @property
    def back(self) -> int:
        """How many events the log is scrolled back by; the short lists always end with the newest."""
        return self.scroll if self.page is Page.LOG else 0

    def ink(self, ink: Ink) -> Ink:
        """Return the ink for what the core says: grey when it is stale."""
        return Ink.STALE if self.is_stale else ink

    def car_ink(self, ink: Ink) -> Ink:
        """Return the ink for what the car measured: grey also when the core does not hear the car."""
        return Ink.STALE if self.is_old else self.ink(ink)

    def value(self, shown: str) -> str:
        """Return a number of the car, or a dash when it is old."""
        return self.glyphs.dash if self.is_old else shown
