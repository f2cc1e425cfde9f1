"""Particles keep the cosine and sine of their yaw; what they say is what NumPy says of the poses alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolcar.errors import CommandError
from patrolcar.geometry import Pose2, wrapped
from patrolcar.kernels import FloatGrid, ParticleCloud
from patrolcar.kernels.binding import calls

SIGMA = (0.05, 0.02, 0.1)
seeds = st.integers(0, 2**32 - 1)


def match_of(rng: np.random.Generator) -> FloatGrid:
    return FloatGrid(rng.uniform(-3.0, 0.0, (40, 40)).astype(np.float32), 0.1, -2.0, -2.0)


@settings(deadline=None)
@given(seeds, st.integers(1, 150), st.integers(0, 5))
def test_a_cloud_that_lives_is_that_of_the_poses_it_shows(seed: int, count: int, turns: int) -> None:
    rng = np.random.default_rng(seed)
    cloud, match = ParticleCloud(count), match_of(rng)
    cloud.place(rng.uniform(-3.0, 3.0, (count, 3)))
    for _ in range(turns):
        before, normals = cloud.poses.copy(), rng.standard_normal((count, 3))
        delta = Pose2(*rng.uniform(-0.5, 0.5, 3))
        cloud.move(delta, normals, SIGMA)
        steps = (np.array(delta) + normals * SIGMA).tolist()
        moved = [Pose2(*pose) @ Pose2(*step) for pose, step in zip(before.tolist(), steps, strict=True)]
        assert cloud.poses[:, :2] == pytest.approx(np.array(moved)[:, :2])
        assert cloud.poses[:, 2] == pytest.approx(before[:, 2] + np.array(steps)[:, 2])
        cloud.weigh(rng.uniform(-1.0, 1.0, (9, 2)), match, -3.0)
        cloud.resample(rng.random())
    weights = rng.random(count)
    cloud.weights[:] = weights / weights.sum()
    pose, spread_m, spread_rad = cloud.mean()
    x, y, yaw = cloud.poses.T
    means = [np.average(part, weights=weights) for part in (x, y, np.cos(yaw), np.sin(yaw))]
    away = (x - means[0]) ** 2 + (y - means[1]) ** 2
    assert (pose.x_m, pose.y_m) == pytest.approx(means[:2])
    assert wrapped(pose.yaw_rad - math.atan2(means[3], means[2])) == pytest.approx(0.0, abs=1e-6)
    assert spread_m == pytest.approx(math.sqrt(np.average(away, weights=weights)), abs=1e-6)
    length = min(math.hypot(means[2], means[3]), 1.0)
    assert spread_rad == pytest.approx(math.sqrt(-2.0 * math.log(length)), rel=1e-3, abs=1e-6)


def test_weighing_by_the_poses_shown_gives_the_same_weights_to_the_last_bit() -> None:
    rng = np.random.default_rng(3)
    match, ends = match_of(rng), rng.uniform(-1.0, 1.0, (40, 2))
    cloud, fresh = ParticleCloud(300), ParticleCloud(300)
    cloud.move(Pose2(0.2, 0.1, 0.3), rng.standard_normal((300, 3)), SIGMA)
    cloud.resample(0.25)
    fresh.place(cloud.poses)
    assert cloud.weigh(ends, match, -3.0) == fresh.weigh(ends, match, -3.0)
    assert (cloud.weights == fresh.weights).all()
    assert cloud.mean() == fresh.mean()


def test_rows_that_are_no_particles_are_refused() -> None:
    poses, weights, normals = np.zeros((4, 3)), np.zeros(4), np.zeros((4, 3))
    with pytest.raises(CommandError, match="5 numbers"):
        calls().particles_face(poses)
    with pytest.raises(CommandError, match="5 numbers"):
        calls().particles_move(poses, normals, 0.0, 0.0, 0.0, *SIGMA)
    with pytest.raises(CommandError, match="5 numbers"):
        calls().particles_weigh(poses, weights, poses, match_of(np.random.default_rng(1)).at, -3.0)
    with pytest.raises(CommandError, match="5 numbers"):
        calls().particles_resample(np.zeros((4, 5)), weights, poses, 0.0)
    with pytest.raises(CommandError, match="5 numbers"):
        calls().particles_mean(poses, weights)
