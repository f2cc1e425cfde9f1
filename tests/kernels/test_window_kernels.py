"""What the compiled kernels say about windows that move with the car is what a few lines of NumPy say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from patrolcar.errors import CommandError
from patrolcar.geometry import Points
from patrolcar.kernels import FloatGrid, Floats, LocalWindow, distance_transform
from patrolcar.kernels.binding import calls

STEP_M = 0.05
FARTHEST = 127  # cells
seeds = st.integers(0, 2**32 - 1)


def even_floor(value_m: float) -> FloatGrid:
    return FloatGrid(np.full((4, 4), value_m, dtype=np.float32), 100.0, -200.0, -200.0)


def filled(cells: int, fixed: FloatGrid, points: Points) -> LocalWindow:
    window = LocalWindow(cells, STEP_M)
    window.centre_on(0.0, 0.0, fixed)
    window.fill(points)
    return window


def centres(window: LocalWindow, marked: NDArray[np.bool_]) -> Points:
    rows, columns = np.nonzero(marked)
    return np.column_stack((columns + 0.5, rows + 0.5)) * STEP_M + window.grid.corner


def merged_by_numpy(fixed: Floats, marked: NDArray[np.bool_]) -> Floats:
    distance = distance_transform(marked, STEP_M)
    distance[distance >= np.float32(FARTHEST * STEP_M)] = np.inf
    merged: Floats = np.minimum(distance - np.float32(0.7 * STEP_M), fixed)
    return merged


@settings(deadline=None, max_examples=50)
@given(seeds, st.integers(1, 70), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_a_window_looks_up_the_clearance_at_the_centre_of_each_cell(
    seed: int, cells: int, x_m: float, y_m: float
) -> None:
    values = np.random.default_rng(seed).uniform(-0.1, 3.0, (40, 50)).astype(np.float32)
    fixed = FloatGrid(values, 0.07, -1.7, -1.4)
    window = LocalWindow(cells, STEP_M)
    window.centre_on(x_m, y_m, fixed)
    window.fill(np.empty((0, 2)))
    corner = window.grid.corner
    found = [
        fixed.sample(*((np.array(cell[::-1]) + 0.5) * STEP_M + corner)) for cell in np.ndindex(cells, cells)
    ]
    expected = np.nan_to_num(np.array(found), nan=0.0).clip(0.0).astype(np.float32)
    assert (window.grid.cells.ravel() == expected).all()


@settings(deadline=None)
@given(seeds, st.integers(1, 200), st.sampled_from([0.0, 0.001, 0.02, 0.5, 1.0]), st.floats(0.0, 12.0))
@example(1, 128, 0.0001, 1000.0)
@example(2, 32, 1.0, 1.0)
@example(3, 33, 0.01, 1.0)
def test_seen_points_lower_the_clearance_to_the_distance_of_the_nearest(
    seed: int, cells: int, share: float, fixed_m: float
) -> None:
    marked = np.random.default_rng(seed).random((cells, cells)) < share
    window = filled(cells, even_floor(fixed_m), np.empty((0, 2)))
    fixed = window.grid.cells.copy()
    assert window.fill(centres(window, marked)) == marked.sum()
    assert (window.grid.cells == merged_by_numpy(fixed, marked)).all()


@pytest.mark.parametrize("away", [FARTHEST - 1, FARTHEST, FARTHEST + 1, 180, 299])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_point_counts_up_to_127_cells_away(away: int, axis: int) -> None:
    window = filled(300, even_floor(1000.0), np.empty((0, 2)))
    marked = np.zeros((300, 300), dtype=np.bool_)
    marked[0, 0] = True
    window.fill(centres(window, marked))
    there = window.grid.cells[(away, 0) if axis == 0 else (0, away)]
    seen_m = np.float32(away * STEP_M) - np.float32(0.7 * STEP_M)
    assert there == (seen_m if away < FARTHEST else np.float32(1000.0))


def test_a_window_that_is_no_square_is_refused() -> None:
    with pytest.raises(CommandError, match="square"):
        calls().window_clearance(even_floor(1.0).at, np.zeros((4, 5), dtype=np.float32), 0.1, 0.0, 0.0)


def test_the_map_stays_where_it_is_nearer_than_what_was_seen() -> None:
    window = filled(60, even_floor(0.1), np.array([(0.0, 0.0)]))
    assert window.grid.sample(1.0, 1.0) == pytest.approx(0.1)
    assert window.grid.sample(0.0, 0.0) < 0.1


def test_what_is_seen_goes_again_when_it_is_no_longer_seen() -> None:
    window = filled(60, even_floor(2.0), np.array([(0.1, 0.1)]))
    assert window.fill(np.empty((0, 2))) == 0
    assert (window.grid.cells == np.float32(2.0)).all()


@pytest.mark.parametrize("short", range(4))
def test_a_window_whose_memory_is_too_short_is_refused(short: int) -> None:
    cells = 8
    sizes = [(cells, cells), (cells, cells), (cells * cells,), (cells * cells + 4 * cells + 64,)]
    kinds = [np.float32, np.float32, np.uint8, np.int16]
    arrays = [np.zeros(size, dtype=kind) for size, kind in zip(sizes, kinds, strict=True)]
    points = np.array([(0.5, 0.5)])
    assert calls().window_fill(*arrays, 0.1, 0.0, 0.0, points) == 1
    arrays[short] = arrays[short][: len(arrays[short]) - 1] if short else arrays[0][:, :7].copy()
    with pytest.raises(CommandError, match="too short"):
        calls().window_fill(*arrays, 0.1, 0.0, 0.0, points)
