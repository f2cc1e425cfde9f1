"""The map shows walls at every zoom, and on them what moves."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_core import snapshot, welcome
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import picture
from rich.cells import cell_len

from patrolcar.dashboard.camera import Camera, fitting
from patrolcar.dashboard.glyphs import ASCII, UNICODE
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.map_painter import MapPainter
from patrolcar.dashboard.raster import INK_SHIFT, Raster, changed_span, runs, text_of_cells
from patrolcar.dashboard.site_layer import SiteLayer
from patrolcar.pilot.snapshot import PersonView

cameras = st.builds(
    Camera,
    x_m=st.floats(-20, 40),
    y_m=st.floats(-20, 40),
    metres_per_dot=st.floats(0.01, 4.0),
    columns=st.integers(10, 120),
    rows=st.integers(5, 40),
)


def inks(cells: np.ndarray[tuple[int, ...], np.dtype[np.uint32]]) -> set[Ink]:
    return {Ink(int(ink) % len(Ink)) for ink in np.unique(cells >> INK_SHIFT)}


class TestCamera:
    @given(cameras, st.floats(0, 1), st.floats(0, 1))
    def test_a_place_is_found_in_the_cell_it_is_seen_in(
        self, camera: Camera, right: float, down: float
    ) -> None:
        column, row = right * (camera.columns - 1), down * (camera.rows - 1)
        across, below = camera.cell(*camera.place(column + 0.01, row + 0.01))
        assert abs(across - column) <= 1.0
        assert abs(below - row) <= 1.0

    @given(cameras, st.floats(0.1, 10.0), st.floats(0, 60), st.floats(0, 30))
    def test_zooming_keeps_the_place_under_the_mouse(
        self, camera: Camera, factor: float, column: float, row: float
    ) -> None:
        zoomed = camera.zoomed(factor, column, row)
        assert zoomed.place(column, row) == pytest.approx(camera.place(column, row), abs=1e-6)

    @given(st.integers(10, 200), st.integers(5, 60))
    def test_fitting_shows_every_corner(self, columns: int, rows: int) -> None:
        camera = fitting(welcome().site, columns, rows)
        assert all(camera.shows(x, y) for x in (0.0, 25.0) for y in (0.0, 15.0))

    @given(cameras, st.floats(-30, 60), st.floats(-30, 60))
    def test_following_shows_the_car_and_moves_rarely(self, camera: Camera, x_m: float, y_m: float) -> None:
        followed = camera.following(x_m, y_m)
        assert followed.shows(x_m, y_m)
        assert followed.following(x_m, y_m) == followed


class TestWalls:
    @settings(max_examples=40)
    @given(cameras)
    def test_a_dot_is_a_wall_exactly_when_a_wall_cell_is_under_it(self, camera: Camera) -> None:
        site = welcome().site
        drawn = SiteLayer(replace(site, zones=())).draw(camera)
        rows, columns = np.nonzero(site.cells == 1)
        x_m = (columns.astype(np.float64) + 0.5) * site.resolution_m
        y_m = (rows.astype(np.float64) + 0.5) * site.resolution_m
        across, down = camera.dots(x_m, y_m)
        height, width = drawn.canvas.shape
        inside = (across >= 1) & (across < width - 1) & (down >= 1) & (down < height - 1)
        for dx, dy in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)):
            inside &= ~drawn.canvas[np.clip(down + dy, 0, height - 1), np.clip(across + dx, 0, width - 1)]
        assert not inside.any()  # no wall cell without a dot on it or beside it

    def test_doors_stay_open_at_80x24(self) -> None:
        camera = fitting(welcome().site, 51, 15)
        raster = SiteLayer(welcome().site).draw(camera)
        door = camera.cell(2.45, 6.45)
        wall = camera.cell(1.0, 6.45)
        assert raster.inks[wall[1], wall[0]] == Ink.WALL
        across, down = camera.dots(np.array([2.45]), np.array([6.45]))
        assert not raster.canvas[down[0], across[0]]
        assert door != wall

    def test_zones_are_hatched(self) -> None:
        raster = SiteLayer(welcome().site).draw(fitting(welcome().site, 78, 24))
        assert {Ink.KEEPOUT, Ink.SLOW, Ink.FENCE} <= {Ink(int(ink)) for ink in np.unique(raster.inks)}


class TestPainter:
    @pytest.mark.parametrize("size", [(51, 15), (78, 23), (160, 40), (1, 1)])
    @pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
    def test_every_size_is_filled_exactly(self, size: tuple[int, int], glyphs: object) -> None:
        columns, rows = size
        cells = MapPainter(welcome()).cells(picture(glyphs=glyphs), columns, rows)
        assert cells.shape == (rows, columns)
        for row in cells:
            assert sum(cell_len(text) for text, _ in runs(row)) == columns

    def test_it_shows_pose_path_scan_people_places_and_walls(self) -> None:
        cells = MapPainter(welcome()).cells(picture(), 78, 23)
        wanted = {Ink.CAR, Ink.PATH, Ink.SCAN, Ink.PERSON, Ink.PLACE, Ink.GOAL, Ink.WALL, Ink.LABEL}
        assert wanted <= inks(cells)

    def test_names_of_places_are_readable(self) -> None:
        text = text_of_cells(MapPainter(welcome()).cells(picture(), 78, 23))
        for name in ("lobby", "reception", "会议室", "workshop"):
            assert name in text

    @pytest.mark.parametrize(("yaw", "arrow"), [(0.0, "→"), (math.pi / 2, "↑"), (math.pi, "←"), (-0.8, "↘")])
    def test_the_arrow_points_where_the_car_looks(self, yaw: float, arrow: str) -> None:
        cells = MapPainter(welcome()).cells(picture({"pose": (12.0, 7.5, yaw)}), 51, 15)
        assert arrow in text_of_cells(cells)

    def test_people_are_where_they_are(self) -> None:
        painter = MapPainter(welcome())
        frame = picture({"people": (PersonView(20.0, 12.0, 0.3),)})
        cells = painter.cells(frame, 78, 23)
        assert painter.camera is not None
        column, row = painter.camera.cell(20.0, 12.0)
        assert chr(int(cells[row, column]) & 0x1FFFFF) == UNICODE.person

    def test_the_car_leaves_a_trail(self) -> None:
        painter = MapPainter(welcome())
        for n in range(40):
            painter.cells(picture({"pose": (2.0 + 0.2 * n, 11.0, 0.0), "path": (), "scan": None}), 78, 23)
        still = picture({"pose": (2.0, 3.0, 0.0), "path": (), "scan": None})
        assert Ink.TRAIL in inks(painter.cells(still, 78, 23))

    @pytest.mark.parametrize(("changes", "of_frame"), [({"mode": "OFFLINE"}, {}), ({}, {"lost": "gone"})])
    def test_a_car_that_nobody_hears_is_grey(self, changes: Any, of_frame: Any) -> None:
        shown = inks(MapPainter(welcome()).cells(picture(changes, **of_frame), 78, 23))
        assert Ink.STALE in shown
        assert Ink.CAR not in shown

    def test_following_keeps_the_car_in_the_picture(self) -> None:
        painter = MapPainter(welcome())
        painter.cells(picture(), 51, 15)
        painter.zoom(6)
        painter.follow()
        for n in range(25):
            pose = (2.0 + 0.8 * n, 7.5, 0.0)
            painter.cells(picture({"pose": pose}), 51, 15)
            assert painter.camera is not None
            assert painter.camera.shows(pose[0], pose[1], 0.2)

    def test_panning_ends_following_and_zero_shows_all(self) -> None:
        painter = MapPainter(welcome())
        painter.cells(picture(), 51, 15)
        painter.follow()
        painter.pan_steps(1, 0)
        assert not painter.follows
        painter.fit()
        assert painter.camera == fitting(welcome().site, 51, 15)

    def test_a_car_outside_the_map_is_no_error(self) -> None:
        painter = MapPainter(welcome())
        cells = painter.cells(
            picture({"pose": (-500.0, 900.0, 3.0), "people": (PersonView(1e6, 1e6, 1),)}), 51, 15
        )
        assert Ink.CAR not in inks(cells)

    def test_ascii_uses_ascii(self) -> None:
        text = text_of_cells(MapPainter(welcome()).cells(picture(glyphs=ASCII), 78, 23))
        assert text.replace("会议室", "").isascii()
        assert "#" in text


class TestRaster:
    def test_a_changed_row_names_the_changed_cells_only(self) -> None:
        old = np.arange(10, dtype=np.uint32)
        new = old.copy()
        new[[3, 6]] = 99
        assert changed_span(old, old) is None
        assert changed_span(old, new) == (3, 7)

    def test_a_letter_over_half_a_wide_one_keeps_the_width(self) -> None:
        for column in range(4):
            raster = Raster(8, 1)
            raster.add_letters("会议", 0, 0, Ink.LABEL, hides_walls=True)
            raster.force_letters("o", column, 0, Ink.CAR)
            (row,) = raster.cells(braille=True)
            assert sum(cell_len(text) for text, _ in runs(row)) == 8

    def test_letters_do_not_cover_letters(self) -> None:
        raster = Raster(8, 1)
        assert raster.add_letters("abc", 0, 0, Ink.LABEL, hides_walls=False)
        assert not raster.add_letters("x", 2, 0, Ink.LABEL, hides_walls=False)
        assert not raster.add_letters("toolong", 3, 0, Ink.LABEL, hides_walls=False)


def test_quiet_pictures_change_little() -> None:
    """A car that stands still repaints at most the rows the scan's noise touches."""
    painter = MapPainter(welcome())
    first = painter.cells(picture(), 78, 23)
    again = painter.cells(picture({"scan": snapshot().scan}), 78, 23)
    assert (first == again).all()
