from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from patrolcar.geometry import Points, Pose2, wrapped
from patrolcar.localization import Estimate, Health, Localizer
from patrolcar.pilot.position import BEAMS_USED
from patrolcar.site import FREE, OCCUPIED, OccupancyGrid

STEP_M = 0.05
START = Pose2(1.5, 1.5, 0.0)
Disc = tuple[float, float, float]


def floor() -> OccupancyGrid:
    """Two rooms and a corridor, 10 m x 6 m, with a cupboard and a pillar so that no two walls look alike."""
    cells = np.full((120, 200), FREE, dtype=np.uint8)
    cells[[0, 1, -2, -1], :] = OCCUPIED
    cells[:, [0, 1, -2, -1]] = OCCUPIED
    cells[60:62, :60] = OCCUPIED
    cells[60:62, 80:150] = OCCUPIED
    cells[0:36, 110:112] = OCCUPIED
    cells[54:60, 110:112] = OCCUPIED
    cells[2:12, 40:56] = OCCUPIED
    cells[90:96, 120:126] = OCCUPIED
    return OccupancyGrid(cells, STEP_M, 0.0, 0.0)


GRID = floor()


def beams(
    pose: Pose2,
    count: int = BEAMS_USED,
    people: tuple[Disc, ...] = (),
    noise: np.random.Generator | None = None,
) -> Points:
    """Return beam ends in base_link by marching through the cells; those beyond 8 m are left out."""
    angles = np.linspace(-math.pi, math.pi, count, endpoint=False)
    ranges = np.array([marched(pose, pose.yaw_rad + angle, people) for angle in angles])
    if noise is not None:
        ranges += noise.normal(0.0, 0.01, count)
    seen = ranges < 8.0
    ranges, angles = ranges[seen], angles[seen]
    return np.column_stack((ranges * np.cos(angles), ranges * np.sin(angles)))


def marched(pose: Pose2, direction: float, people: tuple[Disc, ...]) -> float:
    steps: NDArray[np.float64] = np.arange(0.0, 8.5, 0.02)
    x, y = pose.x_m + steps * math.cos(direction), pose.y_m + steps * math.sin(direction)
    rows, columns = GRID.cells.shape
    hit = (
        GRID.cells[(y / STEP_M).astype(int).clip(0, rows - 1), (x / STEP_M).astype(int).clip(0, columns - 1)]
        == OCCUPIED
    )
    for disc_x, disc_y, radius in people:
        hit |= (x - disc_x) ** 2 + (y - disc_y) ** 2 < radius**2
    return float(steps[hit.argmax()]) if hit.any() else math.inf


def round_trip() -> list[Pose2]:
    """Poses, 5 cm apart, of a loop through both rooms and back along the corridor."""
    corners = [
        (1.5, 1.5),
        (4.8, 2.3),
        (7.5, 2.3),
        (8.5, 3.8),
        (8.5, 5.2),
        (5.0, 4.0),
        (3.5, 3.9),
        (3.5, 2.4),
        (1.5, 1.5),
    ]
    poses = [START]
    for (x1, y1), (x2, y2) in itertools.pairwise(corners):
        heading = math.atan2(y2 - y1, x2 - x1)
        turn = wrapped(heading - poses[-1].yaw_rad)
        turns = max(math.ceil(abs(turn) / 0.1), 1)
        poses += [Pose2(x1, y1, poses[-1].yaw_rad + turn * part / turns) for part in range(1, turns + 1)]
        count = math.ceil(math.hypot(x2 - x1, y2 - y1) / 0.05)
        poses += [
            Pose2(x1 + (x2 - x1) * k / count, y1 + (y2 - y1) * k / count, heading)
            for k in range(1, count + 1)
        ]
    return poses


def drifted(delta: Pose2, noise: np.random.Generator) -> Pose2:
    """Odometry with 3 % too long ways, a yaw that drifts 1 degree per metre, and noise."""
    way = math.hypot(delta.x_m, delta.y_m)
    return Pose2(
        delta.x_m * 1.03 + noise.normal(0.0, 0.03 * way),
        delta.y_m,
        delta.yaw_rad * 1.02 + 0.017 * way + noise.normal(0.0, 0.01 * abs(delta.yaw_rad)),
    )


def followed(seed: int, people: tuple[Disc, ...] = ()) -> tuple[list[float], list[Estimate]]:
    """Drive the loop; return the distance from the truth at each step and the estimates."""
    noise = np.random.default_rng(seed)
    localizer = Localizer(GRID, START, np.random.default_rng(seed + 100))
    errors, estimates = [], []
    poses = round_trip()
    for before, after in itertools.pairwise(poses):
        localizer.move(drifted(after.seen_from(before), noise))
        localizer.correct(beams(after, people=people, noise=noise))
        estimate = localizer.estimate
        estimates.append(estimate)
        errors.append(estimate.pose_map.distance_m(after))
    return errors, estimates


@pytest.mark.parametrize("seed", range(3))
def test_a_noisy_loop_stays_within_10_cm(seed: int) -> None:
    errors, estimates = followed(seed)
    assert max(errors) < 0.10
    assert np.sqrt(np.mean(np.square(errors))) < 0.05
    assert {estimate.health for estimate in estimates} == {Health.OK}


def test_odometry_alone_would_have_gone_astray() -> None:
    noise = np.random.default_rng(0)
    pose, poses = START, round_trip()
    for before, after in itertools.pairwise(poses):
        pose = pose @ drifted(after.seen_from(before), noise)
    assert pose.distance_m(poses[-1]) > 0.5


def test_people_who_are_not_on_the_map_do_not_mislead_it() -> None:
    people = ((2.5, 2.6, 0.3), (5.0, 1.6, 0.25), (7.0, 3.2, 0.3), (4.2, 3.3, 0.25))
    errors, estimates = followed(4, people)
    assert max(errors) < 0.12
    assert Health.LOST not in {estimate.health for estimate in estimates}


def test_the_same_chance_gives_the_same_poses() -> None:
    assert followed(7)[0][:60] == followed(7)[0][:60]


def test_a_kidnapped_car_is_noticed_even_at_rest() -> None:
    localizer = Localizer(GRID, START, np.random.default_rng(1))
    noise = np.random.default_rng(2)
    healths = []
    for pose in [START] * 30 + [Pose2(8.3, 4.6, 2.0)] * 30:
        localizer.correct(beams(pose, noise=noise))
        healths.append(localizer.estimate.health)
    assert set(healths[:30]) == {Health.OK}
    assert healths[-1] is not Health.OK, "not noticed within 3 s"


def test_a_car_that_is_set_down_again_by_hand_is_well_again() -> None:
    localizer = Localizer(GRID, Pose2(8.3, 4.6, 2.0), np.random.default_rng(1))
    for _ in range(60):
        localizer.correct(beams(START))
    astray = localizer.estimate.health
    localizer.relocate(START)
    for _ in range(60):
        localizer.correct(beams(START))
    assert (astray, localizer.estimate.health) == (Health.LOST, Health.OK)
    assert localizer.estimate.pose_map.distance_m(START) < 0.1


def test_between_scans_the_pose_follows_the_wheels_at_once() -> None:
    localizer = Localizer(GRID, START, np.random.default_rng(1))
    before = localizer.estimate.pose_map
    for _ in range(5):
        localizer.move(Pose2(0.02, 0.0, 0.01))
    moved = localizer.estimate.pose_map.seen_from(before)
    assert moved.x_m == pytest.approx(0.1, abs=1e-3)
    assert moved.yaw_rad == pytest.approx(0.05)


def test_a_scan_that_hits_nothing_changes_nothing() -> None:
    localizer = Localizer(GRID, START, np.random.default_rng(1))
    before = localizer.estimate
    localizer.correct(np.empty((0, 2)))
    assert localizer.estimate == before
