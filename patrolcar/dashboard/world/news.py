"""What a person wants to be told: the differences between two moments of the world."""

from __future__ import annotations

from typing import NamedTuple

from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.world.view import WorldView


class News(NamedTuple):
    """One sentence, and how bad it is."""

    time_s: float
    text: str
    ink: Ink


def news(before: WorldView | None, now: WorldView) -> list[News]:
    """Return what has changed, the worst first."""
    if before is None:
        return [News(now.time_s, f"fault: {fault.kind}", Ink.CAUTION) for fault in now.faults]
    said = [
        *_counted(before.wall_hits, now.wall_hits, "the car hit a wall"),
        *_counted(before.person_hits, now.person_hits, "the car hit a person"),
        *_counted(before.fallen, now.fallen, "a wheel went over an edge"),
    ]
    told = [News(now.time_s, text, Ink.WARNING) for text in said]
    told += [
        News(now.time_s, text, Ink.CAUTION)
        for text in _counted(before.standing_touches, now.standing_touches, "the standing car was touched")
    ]
    old, new = ({fault.kind for fault in view.faults} for view in (before, now))
    told += [News(now.time_s, f"fault: {kind}", Ink.CAUTION) for kind in sorted(new - old)]
    told += [News(now.time_s, f"over: {kind}", Ink.PLAIN) for kind in sorted(old - new)]
    if before.powered != now.powered:
        told.append(News(now.time_s, "motors on" if now.powered else "motors off", Ink.PLAIN))
    return told


def _counted(before: int, now: int, text: str) -> list[str]:
    return [text] if now > before else []
