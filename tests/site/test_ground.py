"""Walls become cells; cells tell how much room there is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from patrolcar.errors import ConfigError
from patrolcar.site import FREE, OCCUPIED, UNKNOWN, OccupancyGrid
from patrolcar.site.clearance import nearest_obstacle, nearest_roomy_place, room_along
from patrolcar.site.polygons import area_m2, cells_inside, is_inside
from patrolcar.site.raster import rasterised
from patrolcar.site.walls import WallPlan, distance_to_walls

metres = st.floats(0.3, 2.7)
places = st.tuples(metres, metres)


def flooded(free: NDArray[np.bool_], start: tuple[int, int]) -> NDArray[np.bool_]:
    """Return what a walker who may step diagonally, even between two corners, can reach."""
    seen = np.zeros_like(free)
    todo = [start]
    while todo:
        row, column = todo.pop()
        if (
            0 <= row < free.shape[0]
            and 0 <= column < free.shape[1]
            and free[row, column]
            and not seen[row, column]
        ):
            seen[row, column] = True
            todo += [(row + down, column + along) for down in (-1, 0, 1) for along in (-1, 0, 1)]
    return seen


@settings(deadline=None, max_examples=40)
@given(metres, st.floats(-1.0, 1.0))
def test_no_wall_lets_anything_through_not_even_diagonally(x_m: float, slope_m: float) -> None:
    wall = np.array([[x_m, -0.1, x_m + slope_m, 1.1]])
    cells = rasterised(wall, [], (-1.0, 0.0, 5.0, 1.0)).cells
    reached = flooded(cells == FREE, (10, 0))
    assert reached[:, 0].all()
    assert not reached[:, -1].any()


@settings(deadline=None)
@given(places, places)
def test_every_cell_a_wall_touches_is_occupied_and_none_far_from_it(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    wall = np.array([[*start, *end]])
    grid = rasterised(wall, [], (0.0, 0.0, 3.0, 3.0))
    for part in np.linspace(0.0, 1.0, 60):
        x, y = (start[axis] + part * (end[axis] - start[axis]) for axis in (0, 1))
        assert grid.state_at(x, y) == OCCUPIED
    for row, column in np.argwhere(grid.cells == OCCUPIED):
        assert distance_to_walls(wall, *grid.centre_of(row, column)) <= 0.05 * math.sqrt(0.5) + 1e-6


def test_a_wall_on_the_rim_between_cells_is_two_cells_thick_and_one_in_the_middle_of_cells_is_one() -> None:
    rim = rasterised(np.array([[0.0, 0.5, 1.0, 0.5]]), [], (0.0, 0.0, 1.0, 1.0)).cells
    middle = rasterised(np.array([[0.0, 0.525, 1.0, 0.525]]), [], (0.0, 0.0, 1.0, 1.0)).cells
    assert np.flatnonzero(rim[:, 5]).tolist() == [9, 10]
    assert np.flatnonzero(middle[:, 5]).tolist() == [10]


def test_walls_outside_the_bounds_are_cut_off() -> None:
    assert not rasterised(np.array([[-5.0, -5.0, -4.0, 9.0]]), [], (0.0, 0.0, 1.0, 1.0)).cells.any()


def test_an_area_of_too_many_cells_is_refused() -> None:
    with pytest.raises(ConfigError, match="the most is 16777216"):
        rasterised(np.zeros((0, 4)), [], (0.0, 0.0, 300.0, 300.0))


@pytest.mark.parametrize(
    "cells", [np.zeros((0, 3), np.uint8), np.zeros(4, np.uint8), np.zeros((2, 2), np.int64)]
)
def test_what_is_no_grid_is_refused(cells: NDArray[np.uint8]) -> None:
    with pytest.raises(ConfigError, match="is not a grid"):
        OccupancyGrid(cells, 0.05, 0.0, 0.0)


@pytest.mark.parametrize("resolution_m", [0.0, -1.0, math.nan, math.inf])
def test_a_cell_has_an_edge(resolution_m: float) -> None:
    with pytest.raises(ConfigError, match="is not the edge of a cell"):
        OccupancyGrid(np.zeros((2, 2), np.uint8), resolution_m, 0.0, 0.0)


# --- doors


def test_a_door_next_to_a_corner_leaves_the_corner() -> None:
    plan = WallPlan()
    plan.add_rectangle(0.0, 0.0, 4.0, 3.0)
    assert plan.cut_door((0.5, 0.0), 1.0) is None
    assert [0.0, 0.0, 4.0, 0.0] not in plan.pieces().tolist()
    assert [1.0, 0.0, 4.0, 0.0] in plan.pieces().tolist()


def test_a_door_is_cut_from_a_slanted_wall() -> None:
    plan = WallPlan()
    plan.add_polyline([(0.0, 0.0), (3.0, 3.0)])
    assert plan.cut_door((1.5, 1.5), math.sqrt(2.0)) is None
    assert plan.pieces().tolist() == [[0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 3.0, 3.0]]


def test_two_walls_side_by_side_are_both_opened() -> None:
    plan = WallPlan()
    plan.add_polyline([(0.0, 0.0), (4.0, 0.0)])
    plan.add_polyline([(0.0, 0.08), (4.0, 0.08)])
    assert plan.cut_door((2.0, 0.04), 1.0) is None
    assert len(plan.pieces()) == 4


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=6))
def test_walls_on_one_line_are_joined_whatever_their_order(spans: list[tuple[float, float]]) -> None:
    plan = WallPlan()
    for start, end in spans:
        plan.add_polyline([(start, 1.0), (end, 1.0)])
    pieces = plan.pieces()
    ends = pieces[:, [0, 2]].ravel()
    assert (np.diff(ends) >= 0).all()
    for start, end in spans:
        if abs(end - start) > 1e-3:
            assert any(
                low - 1e-5 <= min(start, end) and max(start, end) <= high + 1e-5 for low, _, high, _ in pieces
            )


def test_a_pillar_holds_its_circle() -> None:
    plan = WallPlan()
    plan.add_pillar(1.0, 2.0, 0.5)
    assert distance_to_walls(plan.pieces(), 1.0, 2.0) == pytest.approx(0.5, abs=1e-5)


def test_far_from_any_wall_the_distance_is_endless() -> None:
    assert distance_to_walls(np.zeros((0, 4)), 1.0, 1.0) == math.inf


# --- room

GRID = OccupancyGrid(np.zeros((20, 20), np.uint8), 0.1, 0.0, 0.0)


def with_cell(row: int, column: int, state: int) -> OccupancyGrid:
    cells = np.zeros((20, 20), np.uint8)
    cells[row, column] = state
    return OccupancyGrid(cells, 0.1, 0.0, 0.0)


@settings(deadline=None)
@given(st.floats(0.0, 1.799), st.floats(0.0, 1.799), st.integers(0, 5), st.integers(0, 5))
def test_room_is_the_distance_to_the_rim_of_the_nearest_cell(
    x_m: float, y_m: float, row: int, column: int
) -> None:
    cells = np.zeros((6, 6), np.uint8)
    cells[row, column] = OCCUPIED
    grid = OccupancyGrid(cells, 0.3, 0.0, 0.0)
    left, low = column * 0.3, row * 0.3
    to_cell = math.hypot(max(left - x_m, 0.0, x_m - left - 0.3), max(low - y_m, 0.0, y_m - low - 0.3))
    expected = min(to_cell, x_m, y_m, 1.8 - x_m, 1.8 - y_m)
    assert nearest_obstacle(grid, x_m, y_m, 1.0).distance_m == pytest.approx(expected, abs=1e-9)
    assert room_along(grid, np.array([[x_m, y_m]]), 1.0)[0] == pytest.approx(expected, abs=1e-9)


def test_what_is_near_has_a_name() -> None:
    assert nearest_obstacle(with_cell(5, 5, OCCUPIED), 0.75, 0.55, 0.5).what == "a wall"
    assert nearest_obstacle(with_cell(5, 5, UNKNOWN), 0.75, 0.55, 0.5).what == "unexplored ground"
    assert nearest_obstacle(GRID, 0.05, 1.0, 0.5).what == "the edge of the map"
    assert nearest_obstacle(GRID, 1.0, 1.0, 0.5).distance_m == math.inf


def test_the_nearest_place_with_room_is_found_or_none() -> None:
    grid = with_cell(10, 10, OCCUPIED)
    found = nearest_roomy_place(grid, 1.05, 1.05, 0.3, 0.5)
    assert found is not None
    assert nearest_obstacle(grid, *found, 0.3).distance_m >= 0.3
    assert math.dist(found, (1.05, 1.05)) <= 0.5
    assert nearest_roomy_place(grid, 1.05, 1.05, 0.3, 0.2) is None


# --- areas


def test_a_polygon_knows_its_inside_in_either_sense_of_rotation() -> None:
    corners = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [1.0, 1.0], [1.0, 2.0], [0.0, 2.0]])  # an L
    for polygon in (corners, corners[::-1]):
        assert is_inside(polygon, 0.5, 1.5)
        assert not is_inside(polygon, 1.5, 1.5)
        assert area_m2(polygon) == pytest.approx(3.0)
        assert cells_inside(GRID, polygon).sum() == 300


def test_a_polygon_off_the_grid_holds_no_cell() -> None:
    assert not cells_inside(GRID, np.array([[5.0, 5.0], [6.0, 5.0], [6.0, 6.0]])).any()
