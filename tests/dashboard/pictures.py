"""Frames made up for tests of views."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fake_core import snapshot, welcome

from patrolcar.dashboard.controls import Hand, StopState
from patrolcar.dashboard.drive_fsm import IDLE
from patrolcar.dashboard.frame import Frame, Page
from patrolcar.dashboard.glyphs import UNICODE
from patrolcar.dashboard.history import History
from patrolcar.pilot.snapshot import EventView

SECOND_NS = 1_000_000_000
EVENTS = (
    EventView(5 * SECOND_NS, "INFO", "mission", "lobby reached"),
    EventView(6 * SECOND_NS, "CAUTION", "governor", "person 1.2 m ahead"),
    EventView(7 * SECOND_NS, "WARNING", "link", "controller silent for 0.4 s"),
)


def picture(changes: dict[str, Any] | None = None, **of_frame: Any) -> Frame:
    """Return a frame; ``changes`` are of the snapshot, the others of the frame."""
    history = History()
    for second in range(60):
        history.add(snapshot(40.0 + second), second * SECOND_NS)
    frame = Frame(
        welcome=welcome(),
        snapshot=snapshot(**(changes or {})),
        age_s=0.02,
        lost="",
        hand=Hand(IDLE, 0.6, releases=False, delay_ms=640.0, taps_input=True),
        stop=StopState.NONE,
        hint="",
        history=history,
        events=EVENTS,
        event_count=len(EVENTS),
        wall_offset_s=None,
        glyphs=UNICODE,
        page=Page.DRIVE,
        is_wide=False,
    )
    return replace(frame, **of_frame)
