"""The screen of a simulated world: what it draws, what it tells, and how pictures reach it."""

from __future__ import annotations

import socket
from collections import deque
from dataclasses import replace
from typing import Any

import pytest
from fake_core import welcome
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.dashboard.glyphs import ASCII, UNICODE, Glyphs
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.raster import INK_SHIFT, text_of_cells
from patrolcar.dashboard.text import line_width, text_of
from patrolcar.dashboard.world.news import News, news
from patrolcar.dashboard.world.painter import WorldPainter
from patrolcar.dashboard.world.rows import Shown, footer_row, help_rows, panel_rows, state_row
from patrolcar.dashboard.world.session import newest
from patrolcar.dashboard.world.view import FaultView, Line, WorldView, world_view

QUIET = WorldView(
    time_s=61.2,
    pose=(12.0, 7.5, 0.0),
    speed_mps=0.4,
    turn_radps=-0.2,
    wheels_mps=(0.38, 0.42),
    distance_m=7.6,
    gap_m=0.52,
    least_gap_m=0.46,
    nearest_person_m=None,
    wall_hits=0,
    person_hits=0,
    standing_touches=0,
    fallen=False,
    bumpers=0,
    powered=True,
    battery_v=12.11,
    current_a=0.56,
    charge=0.9,
    people=(1300, 800),
    moving=(),
    scan=(1400, 700, 1400, 710),
    faults=(),
    line=Line(2310, 4620, 0.001),
)
numbers = st.floats(-1e3, 1e3)
flat = st.lists(st.integers(-100_000, 100_000), max_size=8).map(tuple)


def shown(seen: WorldView | None = QUIET, **changes: Any) -> Shown:
    told = Shown("School", "a port", seen, (), deque([0.1, 0.4]), 0.1, 0.5, UNICODE)
    return replace(told, **changes)


@given(st.tuples(numbers, numbers, numbers), flat, flat, st.none() | numbers, st.none() | numbers)
def test_a_picture_arrives_as_it_was_sent(
    pose: tuple[float, float, float],
    people: tuple[int, ...],
    scan: tuple[int, ...],
    gap_m: float | None,
    left_s: float | None,
) -> None:
    sent = replace(
        QUIET, pose=pose, people=people, scan=scan, gap_m=gap_m, faults=(FaultView("hang", left_s),)
    )
    assert world_view(sent.to_bytes()) == sent


class TestPicturesOnTheirWay:
    def test_only_the_newest_is_shown(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            ours.setblocking(False)
            assert newest(ours) is None
            for time_s in (1.0, 2.0, 3.0):
                theirs.send(replace(QUIET, time_s=time_s).to_bytes())
            assert newest(ours) == replace(QUIET, time_s=3.0)
            assert newest(ours) is None

    def test_the_last_words_are_heard_and_then_the_end(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            ours.setblocking(False)
            theirs.send(QUIET.to_bytes())
            theirs.close()
            assert newest(ours) == QUIET
            with pytest.raises(EOFError):
                newest(ours)


class TestMap:
    @pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
    def test_people_and_the_car_are_drawn(self, glyphs: Glyphs) -> None:
        painter = WorldPainter(welcome().site, welcome().car)
        text = text_of_cells(painter.cells(QUIET, glyphs, 78, 23))
        assert glyphs.person in text
        assert glyphs.arrows[0] in text

    def test_a_door_is_drawn_where_it_is_and_gone_when_it_is_gone(self) -> None:
        painter = WorldPainter(welcome().site, welcome().car)
        without = painter.cells(QUIET, UNICODE, 78, 23)
        closed = painter.cells(replace(QUIET, moving=(1000, 700, 1100, 700)), UNICODE, 78, 23)
        assert Ink.DOOR not in {int(cell) >> INK_SHIFT for cell in without.flat}
        assert painter.camera is not None
        column, row = painter.camera.cell(10.5, 7.0)
        ink = int(closed[row, column]) >> INK_SHIFT
        assert ink % len(Ink) == Ink.DOOR

    def test_before_the_first_picture_there_is_the_building(self) -> None:
        cells = WorldPainter(welcome().site, welcome().car).cells(None, UNICODE, 78, 23)
        assert UNICODE.arrows[0] not in text_of_cells(cells)
        assert Ink.WALL in {(int(cell) >> INK_SHIFT) % len(Ink) for cell in cells.flat}


class TestNews:
    def test_a_collision_is_told_once_and_loudly(self) -> None:
        hit = replace(QUIET, wall_hits=1)
        assert [(each.text, each.ink) for each in news(QUIET, hit)] == [("the car hit a wall", Ink.WARNING)]
        assert news(hit, replace(hit, time_s=62.0)) == []

    def test_faults_are_told_when_they_come_and_when_they_go(self) -> None:
        broken = replace(QUIET, faults=(FaultView("lidar off", 3.0),))
        assert [each.text for each in news(QUIET, broken)] == ["fault: lidar off"]
        assert [each.text for each in news(broken, QUIET)] == ["over: lidar off"]
        assert [each.text for each in news(None, broken)] == ["fault: lidar off"]


class TestLines:
    @pytest.mark.parametrize(("cells", "rows"), [(27, 22), (39, 34), (10, 3)])
    def test_every_line_fits(self, cells: int, rows: int) -> None:
        bad = replace(QUIET, wall_hits=12, fallen=True, bumpers=3, faults=(FaultView("x" * 60, 1e5),) * 40)
        for seen in (QUIET, bad, None):
            told = shown(seen, news=[News(1.0, "word " * 30, Ink.WARNING)] * 50)
            panel = panel_rows(told, cells, rows)
            assert len(panel) == rows
            assert {line_width(line) for line in panel if line} <= {cells}
            assert {line_width(row) for row in help_rows(cells, rows)} == {cells}
            assert line_width(state_row(told, cells)) == line_width(footer_row(told, cells)) == cells

    def test_numbers_of_the_truth(self) -> None:
        text = text_of(panel_rows(shown(), 27, 22))
        for word in ("x +12.00", "v +0.40", "0 collisions", "gap 0.52 m", "12.11 V", "90%", "none now"):
            assert word in text

    def test_a_fault_at_work_is_named_with_the_time_it_has_left(self) -> None:
        broken = replace(QUIET, faults=(FaultView("lidar off", 3.4), FaultView("late", None)))
        text = text_of(panel_rows(shown(broken), 27, 22))
        assert "lidar off 3 s" in text
        assert "late" in text

    def test_who_talks_and_how_late_the_world_is(self) -> None:
        assert "host" in text_of([state_row(shown(), 80)])
        silent = replace(QUIET, line=Line(0, 100, 0.3))
        text = text_of([state_row(shown(silent), 80)])
        assert "no host" in text
        assert "late 300 ms" in text

    def test_a_picture_that_does_not_come_is_told(self) -> None:
        assert "no picture for 3 s" in text_of([footer_row(shown(age_s=3.2), 80)])
