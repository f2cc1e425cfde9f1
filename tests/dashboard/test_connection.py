"""A core that goes and another that comes: its clock starts anew, what happened keeps its time of day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_core import Wire, snapshot

from patrolcar.dashboard import connection as line
from patrolcar.dashboard.connection import Connection
from patrolcar.pilot.snapshot import EventView

SECOND_NS = 1_000_000_000


class Desk:
    """A connection whose thread does not run, and a time of day that we turn."""

    def __init__(self) -> None:
        self.wires = [Wire(), Wire()]
        self.day_s = 50_000.0
        first, second = (wire.client for wire in self.wires)
        self.connection = Connection(first, lambda: second, wall_clock=lambda: self.day_s)

    def hear(self, core_s: float, *texts: str, has_snapshot: bool = True) -> None:
        """Let the core say what happened at this moment of its clock."""
        told = [EventView(int(core_s * SECOND_NS), "INFO", "mission", text) for text in texts]
        self.connection._take([*told, *([snapshot(core_s)] if has_snapshot else [])])

    def times_of_day(self) -> dict[str, float]:
        offset_s = self.connection.wall_offset_s
        assert offset_s is not None
        return {event.text: event.now_ns / SECOND_NS + offset_s for event in self.connection.events}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(line, "RECONNECT_S", 0.0)
    made = Desk()
    yield made
    for wire in made.wires:
        wire.close()


def test_the_time_of_day_is_that_of_the_first_news(desk: Desk) -> None:
    desk.hear(900.0, "old")
    desk.day_s += 60.0
    desk.hear(960.0, "later")
    assert desk.times_of_day() == {"old": pytest.approx(50_000.0), "later": pytest.approx(50_060.0)}


def test_events_of_a_new_core_are_stamped_by_its_own_clock_and_old_ones_keep_their_time(desk: Desk) -> None:
    desk.hear(900.0, "old")
    desk.day_s += 100.0
    desk.connection._connect_again()
    assert desk.connection.wall_offset_s is None
    desk.hear(2.0, "said before the first snapshot", has_snapshot=False)
    desk.hear(2.0, "new")
    assert desk.times_of_day() == {
        "old": pytest.approx(50_000.0),
        "said before the first snapshot": pytest.approx(50_100.0),
        "new": pytest.approx(50_100.0),
    }


def test_a_core_that_goes_before_its_first_snapshot_harms_no_time(desk: Desk) -> None:
    desk.hear(900.0, "old")
    desk.day_s += 100.0
    desk.connection._connect_again()
    desk.connection._connect_again()
    desk.hear(2.0, "new")
    assert desk.times_of_day() == {"old": pytest.approx(50_000.0), "new": pytest.approx(50_100.0)}
