"""A value between cells is what a plain formula says, and of many motions the best one of each alone wins."""

from __future__ import annotations

import math
from dataclasses import astuple, replace

import numpy as np
import pytest
from driving_rules import RULES
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from patrolcar.errors import CommandError
from patrolcar.geometry import Points
from patrolcar.kernels import FloatGrid, Floats, LocalWindow, Motion, Rollouts
from patrolcar.kernels.rollout import Fan

RIM = np.array([(x, y) for x in (-0.12, 0.02, 0.16) for y in (-0.12, 0.12)] + [(0.16, 0.0), (-0.12, 0.0)])
FAN = Fan((1.0, 0.75, 0.45, 0.15), (0.0, 0.3, -0.3, 1.0, -1.0))
seeds = st.integers(0, 2**32 - 1)
cells = st.floats(0.0, 50.0, width=32) | st.sampled_from([math.inf, math.nan])


def value_between(grid: Floats, x: float, y: float) -> float:
    """The oracle, for cells of 1 m from the origin on: shares of the four nearest cells that are finite."""
    rows, columns = grid.shape
    u, v = x - 0.5, y - 0.5
    if not (-0.5 <= u <= columns - 0.5 and -0.5 <= v <= rows - 0.5):
        return math.nan
    column, row = math.floor(u), math.floor(v)
    right, up = u - column, v - row
    shares = {
        (0, 0): (1 - right) * (1 - up),
        (0, 1): right * (1 - up),
        (1, 0): (1 - right) * up,
        (1, 1): right * up,
    }
    weight = total = 0.0
    for (above, beside), share in shares.items():
        value = float(grid[min(max(row + above, 0), rows - 1), min(max(column + beside, 0), columns - 1)])
        if math.isfinite(value):
            weight += share
            total += share * value
    if weight <= 1e-9:
        return math.nan
    return total / weight


@given(
    arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=cells),
    st.floats(-1.0, 7.0) | st.integers(-2, 14).map(lambda half: half / 2),
    st.floats(-1.0, 7.0) | st.integers(-2, 14).map(lambda half: half / 2),
)
def test_a_value_between_cells_is_shared_by_the_finite_ones(grid: Floats, x: float, y: float) -> None:
    found = FloatGrid(grid, 1.0, 0.0, 0.0).sample(x, y)
    assert found == pytest.approx(value_between(grid, x, y), rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("far", [-1e300, -1e9, 1e9, 2.0**31, 1e300, math.inf, -math.inf, math.nan])
def test_a_place_far_from_the_grid_has_no_value(far: float) -> None:
    grid = FloatGrid(np.ones((3, 3), dtype=np.float32), 1.0, 0.0, 0.0)
    assert math.isnan(grid.sample(far, 1.5))
    assert math.isnan(grid.sample(1.5, far))


def cluttered(rng: np.random.Generator) -> FloatGrid:
    floor = FloatGrid(np.full((80, 80), 2.0, dtype=np.float32), 0.05, -2.0, -2.0)
    window = LocalWindow(60, 0.05)
    window.centre_on(0.0, 0.0, floor)
    window.fill(rng.uniform(-1.5, 1.5, (rng.integers(0, 12), 2)))
    return window.grid


def field_with_gaps(rng: np.random.Generator, side: int) -> FloatGrid:
    at = (np.arange(side) + 0.5) * 0.1 - 0.05 * side
    away = np.hypot(at[None, :] - rng.uniform(-2, 2), at[:, None] - rng.uniform(-2, 2)) / 0.1
    away += rng.uniform(0.0, rng.choice([0.0, 1.0, 10.0]), away.shape)
    away[rng.random(away.shape) < rng.choice([0.0, 0.1, 0.9])] = np.inf
    return FloatGrid(away.astype(np.float32), 0.1, -0.05 * side, -0.05 * side)


def motion_of(rng: np.random.Generator) -> Motion:
    return Motion(*rng.uniform(-0.4, 0.4, 2), *rng.uniform(-3.0, 3.0, 1), *rng.uniform(-0.6, 0.6, 4))


def candidates_of(rng: np.random.Generator) -> Points:
    if rng.random() < 0.5:
        return FAN.around(rng.uniform(0.0, 0.7), rng.uniform(-2.0, 2.0), 1.8).copy()
    some = rng.uniform(-0.7, 0.7, (rng.integers(1, 12), 2))
    return np.repeat(some, rng.integers(1, 3), axis=0)


@settings(deadline=None, max_examples=300)
@given(seeds, st.integers(1, 60), st.integers(0, 20))
def test_the_best_of_many_is_the_first_best_of_each_alone(seed: int, side: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    clearance, to_go = cluttered(rng), field_with_gaps(rng, side)
    motion, candidates = motion_of(rng), candidates_of(rng)
    rollouts = Rollouts(RULES, RIM)
    alone = [rollouts.choose(clearance, to_go, motion, each[None].copy(), steps) for each in candidates]
    scores = [math.inf if choice is None else choice.score for choice in alone]
    best = rollouts.choose(clearance, to_go, motion, candidates, steps)
    winner = alone[int(np.argmin(scores))]
    if winner is None:
        assert best is None
    else:
        assert best is not None
        np.testing.assert_array_equal(astuple(best), astuple(replace(winner, index=int(np.argmin(scores)))))


def test_a_rollout_of_more_steps_than_there_is_room_for_is_refused() -> None:
    Rollouts(replace(RULES, steps=64), RIM)
    with pytest.raises(CommandError, match="65 steps"):
        Rollouts(replace(RULES, steps=65), RIM)
