"""The world: rays and gaps are exact, whatever structure finds them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sim_oracle as oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world.walls import World

NONE = np.empty((0, 4))
NO_DISCS = np.empty((0, 3))
OUTLINE = (0.16, 0.12, 0.12)
seeds = st.integers(0, 2**32 - 1)


def random_rays(rng: np.random.Generator, n: int, low: float, high: float) -> oracle.Array:
    angle = rng.uniform(-math.pi, math.pi, n)
    return np.column_stack([rng.uniform(low, high, (n, 2)), np.cos(angle), np.sin(angle)])


def random_walls(rng: np.random.Generator) -> oracle.Array:
    count = int(rng.integers(1, 30))
    walls = rng.uniform(-6.0, 6.0, (count, 4))
    walls[::3, 2] = walls[::3, 0]  # upright ones
    walls[1::3, 3] = walls[1::3, 1]  # level ones
    return np.where(rng.random((count, 1)) < 0.3, np.round(walls), walls)  # on the lines between cells


def random_grid(rng: np.random.Generator) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.bool_]], float]:
    shape = (int(rng.integers(1, 40)), int(rng.integers(1, 40)))
    return rng.random(shape) < rng.uniform(0.0, 0.2), float(rng.uniform(0.05, 0.4))


@given(seeds, st.sampled_from([0.1, 0.25, 0.5, 2.0]))
@settings(max_examples=60, deadline=None)
def test_a_ray_among_walls_ends_where_trying_every_wall_says(seed: int, cell_m: float) -> None:
    rng = np.random.default_rng(seed)
    walls, rays = random_walls(rng), random_rays(rng, 100, -8.0, 8.0)
    discs = np.column_stack([rng.uniform(-6.0, 6.0, (5, 2)), rng.uniform(0.1, 0.5, 5)])
    found, _ = World.from_walls(walls, cell_m).cast(rays, 8.0, discs)
    np.testing.assert_allclose(found, oracle.cast(rays, walls, NONE, discs, 8.0), rtol=0.0, atol=1e-9)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_a_ray_on_a_grid_ends_where_trying_every_solid_cell_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    solid, cell_m = random_grid(rng)
    rays = random_rays(rng, 100, -1.0, 6.0)
    found, cosine = World.from_grid(solid, cell_m, (0.3, -0.2)).cast(rays, 5.0)
    boxes = oracle.squares(solid, cell_m, (0.3, -0.2))
    np.testing.assert_allclose(found, oracle.cast(rays, NONE, boxes, NO_DISCS, 5.0), rtol=0.0, atol=1e-9)
    assert np.all(cosine == 1.0)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_walls_and_solid_cells_live_in_one_world(seed: int) -> None:
    rng = np.random.default_rng(seed)
    solid = rng.random((24, 24)) < 0.05
    walls, rays = np.clip(random_walls(rng), -5.9, 5.9), random_rays(rng, 60, -6.0, 6.0)
    found, _ = World.from_grid(solid, 0.5, (-6.0, -6.0), walls).cast(rays, 9.0)
    boxes = oracle.squares(solid, 0.5, (-6.0, -6.0))
    np.testing.assert_allclose(found, oracle.cast(rays, walls, boxes, NO_DISCS, 9.0), rtol=0.0, atol=1e-9)


@given(st.floats(-1.4, 1.4), st.floats(0.1, 7.0))
@settings(deadline=None)
def test_a_wall_at_an_angle_is_at_its_distance_over_the_cosine(angle: float, distance_m: float) -> None:
    world = World.from_walls([[distance_m, -100.0, distance_m, 100.0]], cell_m=1.0)
    found, cosine = world.cast([[0.0, 0.0, math.cos(angle), math.sin(angle)]], 1000.0)
    assert found[0] == pytest.approx(distance_m / math.cos(angle), abs=1e-9)
    assert cosine[0] == pytest.approx(math.cos(angle), abs=1e-12)


def test_rays_along_the_axes_and_along_the_lines_between_cells_are_cast_too() -> None:
    world = World.from_grid(np.pad(np.zeros((8, 8)), 1, constant_values=1), 1.0, (-1.0, -1.0))
    rays = [[4.0, 4.0, dx, dy] for dx, dy in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))]
    assert world.cast(rays, 50.0)[0].tolist() == [4.0, 4.0, 4.0, 4.0]


def test_a_ray_that_meets_nothing_in_reach_sees_infinitely_far() -> None:
    world = World.from_walls([[5.0, -1.0, 5.0, 1.0]])
    assert world.cast([[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, -1.0, 0.0]], 4.999)[0].tolist() == [
        math.inf,
        math.inf,
    ]


def test_a_ray_from_inside_a_solid_cell_or_a_person_has_no_length() -> None:
    world = World.from_grid([[1, 0, 0]], 1.0, (0.0, 0.0))
    rays = [[0.5, 0.5, 1.0, 0.0], [2.5, 0.5, 0.0, 1.0]]
    assert world.cast(rays, 5.0, np.array([[2.6, 0.5, 0.25]]))[0].tolist() == [0.0, 0.0]


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_gap_around_the_car_is_the_one_found_edge_by_edge(seed: int) -> None:
    rng = np.random.default_rng(seed)
    solid, walls = rng.random((20, 20)) < 0.04, random_walls(rng)[:6]
    clipped = np.clip(walls, -1.9, 2.9)
    world = World.from_grid(solid, 0.25, (-2.0, -2.0), clipped)
    boxes = oracle.squares(solid, 0.25, (-2.0, -2.0))
    for _ in range(3):
        pose = (*rng.uniform(-2.2, 3.2, 2).tolist(), float(rng.uniform(-4.0, 4.0)))
        expected = oracle.gap(pose, OUTLINE, clipped, boxes, 1.0)
        assert world.clearance(pose, OUTLINE) == pytest.approx(expected, abs=1e-9)


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_the_gap_around_a_point_is_the_gap_around_a_car_without_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    solid, cell_m = random_grid(rng)
    walls = rng.uniform([0.0, 0.0] * 2, [solid.shape[1] * cell_m, solid.shape[0] * cell_m] * 2, (4, 4))
    world = World.from_grid(solid, cell_m, (0.0, 0.0), walls)
    for x_m, y_m in rng.uniform(-0.5, 4.0, (8, 2)):
        expected = world.clearance((x_m, y_m, 0.3), (0.0, 0.0, 0.0))
        assert world.point_clearance(x_m, y_m) == pytest.approx(expected, abs=1e-9)


@given(seeds, st.floats(-3.1, 3.1), st.floats(-50.0, 50.0), st.floats(-50.0, 50.0))
@settings(max_examples=30, deadline=None)
def test_a_world_turned_and_shifted_shows_the_same_distances(
    seed: int, turn: float, x_m: float, y_m: float
) -> None:
    rng = np.random.default_rng(seed)
    walls, rays = random_walls(rng), random_rays(rng, 40, -6.0, 6.0)
    spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    there = ((walls.reshape(-1, 2) @ spin) + (x_m, y_m)).reshape(-1, 4)
    moved = np.hstack([rays[:, :2] @ spin + (x_m, y_m), rays[:, 2:] @ spin])
    here = World.from_walls(walls).cast(rays, 30.0)[0]
    both = np.isfinite(here)  # a ray past the very end of a wall may change sides of it
    found = World.from_walls(there).cast(moved, 30.0)[0]
    assert np.mean(np.isclose(found[both], here[both], rtol=0.0, atol=1e-9)) >= 0.95


@pytest.mark.parametrize(
    ("walls", "said"),
    [
        ([[0.0, 1.0, 2.0]], "shape"),
        ([[0.0, 0.0, 1.0, math.nan]], r"walls\[0\]"),
        ([[0, 0, 1e9, 1e9]], "cells"),
    ],
)
def test_impossible_walls_are_refused(walls: list[list[float]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        World.from_walls(walls)


def test_an_impossible_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="rows and columns"):
        World.from_grid([1, 0], 0.05, (0.0, 0.0))
    with pytest.raises(ValueError, match="resolution_m"):
        World.from_grid([[1, 0]], 0.0, (0.0, 0.0))
    with pytest.raises(ValueError, match="leaves the grid"):
        World.from_grid([[1, 0]], 0.05, (0.0, 0.0), [[0.0, 0.0, 1.0, 0.0]])
