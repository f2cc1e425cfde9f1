"""What the compiled kernels say about scans is what a few lines of NumPy say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from patrolcar.errors import CommandError
from patrolcar.geometry import Points, Pose2, wrapped
from patrolcar.kernels import (
    FloatGrid,
    LiveMemory,
    LocalWindow,
    ParticleCloud,
    carried_hits,
    count_fits,
    judge_repeats,
    judge_sectors,
    nearest_row,
    seen_hits,
    thinned,
)
from patrolcar.kernels.binding import calls

SECTORS, SHARE = 24, 0.6
seeds = st.integers(0, 2**32 - 1)
poses = st.builds(Pose2, st.floats(-3, 3), st.floats(-3, 3), st.floats(-4, 4))


def scattered(seed: int, count: int, reach_m: float = 3.0) -> Points:
    return np.random.default_rng(seed).uniform(-reach_m, reach_m, (count, 2))


def beams_of(seed: int, count: int) -> NDArray[np.float32]:
    generator = np.random.default_rng(seed)
    kinds = generator.choice([1.0, np.nan, np.inf, -np.inf], count, p=[0.3, 0.5, 0.1, 0.1])
    return kinds.astype(np.float32)


def judged_by_numpy(
    beams: NDArray[np.float32], first: int, per_turn: int, covered: NDArray[np.bool_], fewest: int
) -> NDArray[np.bool_]:
    sector = (first + np.arange(len(beams))) * SECTORS // per_turn
    seen = np.bincount(sector, minlength=SECTORS)
    broken = np.bincount(sector, np.isnan(beams), SECTORS)
    return np.where(seen >= fewest, broken >= SHARE * seen, covered)


@given(seeds, st.integers(0, 700), st.integers(1, 720), st.integers(0, 90), st.integers(1, 20))
def test_sectors_are_judged_as_numpy_judges_them(
    seed: int, first: int, per_turn: int, count: int, fewest: int
) -> None:
    beams = beams_of(seed, max(min(count, per_turn - first), 0))
    covered = np.random.default_rng(seed).random(SECTORS) < 0.5
    expected = judged_by_numpy(beams, first, per_turn, covered, fewest)
    found = judge_sectors(beams, first, per_turn, covered, fewest=fewest, share=SHARE)
    assert covered.tolist() == expected.tolist()
    assert found == (int(np.isfinite(beams).sum()), int(expected.sum()))


@given(st.integers(0, 100), st.integers(0, 100))
def test_beams_past_the_end_of_the_turn_are_not_judged(first: int, per_turn: int) -> None:
    covered = np.zeros(SECTORS, bool)
    broken = np.full(200, np.nan, np.float32)
    judge_sectors(broken, first, per_turn, covered, fewest=1, share=SHARE)
    ends = [SECTORS * beam // per_turn for beam in range(first, per_turn)]
    assert sorted(set(ends)) == np.flatnonzero(covered).tolist()


@given(seeds, st.integers(0, 400), st.integers(1, 80))
def test_points_are_thinned_evenly_from_the_first_to_the_last(seed: int, count: int, wanted: int) -> None:
    points = scattered(seed, count)
    left = thinned(points, wanted)
    chosen = [at * (count - 1) // max(len(left) - 1, 1) for at in range(min(wanted, count))]
    assert left.tolist() == points[chosen].tolist()


@given(seeds, st.integers(1, 60), st.integers(0, 59), st.integers(1, 40), poses)
def test_the_nearest_row_is_the_one_numpy_finds(
    seed: int, count: int, first: int, more: int, place: Pose2
) -> None:
    points, first = scattered(seed, count), min(first, count - 1)
    row, away_m = nearest_row(points, first, first + more, (place.x_m, place.y_m))
    away = np.hypot(*(points[first : first + more] - (place.x_m, place.y_m)).T)
    assert row == first + int(away.argmin())
    assert away_m == pytest.approx(away.min())


@given(seeds, st.integers(0, 6), st.integers(1, 30), st.integers(0, 29), poses)
def test_what_is_remembered_near_a_way_is_found(
    seed: int, count: int, length: int, first: int, place: Pose2
) -> None:
    memory, way = LiveMemory(8), scattered(seed, length)
    memory.seen[:] = 0.0  # what lies behind the last row is no memory
    memory.count = count
    memory.seen[:count, :2] = scattered(seed + 1, count)
    looked_at = np.vstack(((place.x_m, place.y_m), way[first : first + 20 : 4]))
    apart = np.abs(memory.points[:, None, :2] - looked_at[None, :, :]).max(axis=2)
    expected = bool((apart < 0.7).any())
    assert memory.is_near((place.x_m, place.y_m), way, first, first + 20, 4, 0.7) is expected


@given(seeds, st.integers(0, 60), poses)
@settings(max_examples=60)
def test_as_many_ends_fit_as_numpy_counts(seed: int, count: int, pose: Pose2) -> None:
    fits = np.random.default_rng(seed).random((30, 40)) < 0.5
    ends, side_m, corner = scattered(seed, count), 0.125, (-2.0, -1.5)
    at = (pose.carry(ends) - corner) / side_m
    on_map = ((at >= 0.0) & (at < (40, 30))).all(axis=1)
    cells = at[on_map].astype(int)
    assert count_fits(fits, (side_m, *corner), pose, ends) == int(fits[cells[:, 1], cells[:, 0]].sum())


@given(seeds, st.integers(1, 130), st.integers(1, 150), st.sampled_from([1.0, 1e3, 1e12]))
@settings(max_examples=40)
def test_particles_weigh_what_numpy_says(seed: int, count: int, particles: int, far: float) -> None:
    generator, side_m, corner, floor = np.random.default_rng(seed), 0.125, (-2.0, -1.5), -0.9
    log_match = generator.uniform(-0.9, 0.0, (30, 40)).astype(np.float32)
    cloud, ends = ParticleCloud(particles), scattered(seed, count)
    cloud.place(generator.uniform(-2.0, 2.0, (particles, 3)))
    cloud.poses[0, :2] *= far  # off the map, or so far away that no number of a cell is left
    fit = np.full((particles, count), floor)
    for row, pose in enumerate(cloud.poses.tolist()):
        at = (Pose2(*pose).carry(ends) - corner) / side_m
        on_map = ((at >= 0.0) & (at < (40, 30))).all(axis=1)
        cells = at[on_map].astype(int)
        fit[row, on_map] = log_match[cells[:, 1], cells[:, 0]]
    weights = np.exp(fit.sum(axis=1) - fit.sum(axis=1).max())
    weights /= weights.sum()
    effective = cloud.weigh(ends, FloatGrid(log_match, side_m, *corner), floor)
    assert cloud.weights == pytest.approx(weights, rel=1e-9)
    assert effective == pytest.approx(1.0 / (weights**2).sum())


@given(seeds, st.integers(0, 50), poses)
def test_hits_are_carried_and_what_hit_nothing_is_left_out(seed: int, count: int, pose: Pose2) -> None:
    points = scattered(seed, count)
    points[::3] = np.nan
    kept = points[~np.isnan(points[:, 0])]
    assert carried_hits(points, pose).tolist() == pose.carry(kept).tolist()
    assert seen_hits(points, pose).tolist() == pose.inverse().carry(kept).tolist()
    away_m = np.hypot(kept[:, 0] - pose.x_m, kept[:, 1] - pose.y_m)
    for within_m in (0.0, 1.5, 3.0, math.inf):
        assume(not np.isclose(away_m, within_m, atol=1e-9).any())
        near = kept[away_m <= within_m]
        assert seen_hits(points, pose, within_m).tolist() == pose.inverse().carry(near).tolist()


said = st.sampled_from([0.5, 0.501, math.inf, -math.inf, math.nan])
turns_of_sonars = st.lists(
    st.tuples(st.lists(said, min_size=3, max_size=3), st.integers(0, 15), poses), max_size=12
)


@given(turns_of_sonars)
def test_who_repeats_a_distance_from_another_place_is_who_the_definition_names(
    turns: list[tuple[list[float], int, Pose2]],
) -> None:
    memory = np.full((3, 5), np.nan)
    since: list[tuple[float, Pose2, bool] | None] = [None] * 3
    for distances_m, fresh, pose in turns:
        for place, distance_m in enumerate(np.array(distances_m, np.float32).tolist()):
            before = since[place]
            if not math.isfinite(distance_m):
                since[place] = None
            elif fresh >> place & 1 and (before is None or before[0] != distance_m):
                since[place] = distance_m, pose, False
            elif fresh >> place & 1 and before is not None:
                dx, dy = pose.x_m - before[1].x_m, pose.y_m - before[1].y_m
                moved = dx * dx + dy * dy > 0.3 * 0.3
                turned = abs(wrapped(pose.yaw_rad - before[1].yaw_rad)) > 0.15
                since[place] = *before[:2], before[2] or moved or turned
        lies = [each is not None and each[2] for each in since]
        told = judge_repeats(np.array(distances_m, np.float32), fresh, pose, 0.3, 0.15, memory)
        assert told == sum(1 << place for place, lie in enumerate(lies) if lie)


def test_of_more_sensors_than_there_are_bits_only_those_with_a_bit_are_judged() -> None:
    memory = np.full((40, 5), np.nan)
    distances_m = np.ones(40, np.float32)
    judge_repeats(distances_m, 2**31 - 1, Pose2(), 0.3, 0.15, memory)
    assert judge_repeats(distances_m, 2**31 - 1, Pose2(1.0), 0.3, 0.15, memory) == 2**31 - 1
    assert np.isnan(memory[32:]).all()


class TestWhatIsRefused:
    def test_another_number_of_arguments(self) -> None:
        with pytest.raises(CommandError, match="takes 5 arguments, not 2"):
            calls().rim_speed(1.0, 2.0)

    def test_what_is_no_number(self) -> None:
        with pytest.raises(TypeError):
            calls().rim_speed(1.0, 2.0, "3", 4.0, 5.0)

    def test_an_address_that_is_no_number(self) -> None:
        with pytest.raises(TypeError):
            calls().sample("grid", 0.0, 0.0)

    @pytest.mark.parametrize("array", [[1.0, 2.0], np.float64(1.0), np.zeros(4, "<i8"), np.zeros(4, ">f8")])
    def test_what_is_no_array_of_doubles(self, array: object) -> None:
        with pytest.raises(CommandError, match="float64"):
            calls().polygon_depth(array, 0.0, 0.0)

    def test_an_array_that_may_not_be_written(self) -> None:
        points = np.zeros((4, 2))
        points.setflags(write=False)
        with pytest.raises(CommandError, match="to write in"):
            calls().thin(np.zeros((9, 2)), points)
        assert calls().thin(points, np.zeros((2, 2)))

    def test_what_was_lent_before_the_refusal_is_given_back(self) -> None:
        points = np.zeros((4, 2))
        with pytest.raises(CommandError):
            calls().thin(points, None)
        points.resize((5, 2))  # NumPy refuses this while the memory is lent
        assert points.shape == (5, 2)

    def test_points_without_a_second_column(self) -> None:
        window = LocalWindow(8, 0.1)
        with pytest.raises(CommandError, match="2 or more"):
            window.fill(np.zeros((4, 1)))
        with pytest.raises(CommandError, match="2 or more"):
            window.fill(np.zeros(4))
        with pytest.raises(CommandError, match="takes 7 arguments"):
            calls().window_fill(window.grid.cells)
