from __future__ import annotations

import math

import numpy as np
import pytest
from driving_rules import RULES
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from patrolcar.errors import CommandError
from patrolcar.geometry import Points, Pose2
from patrolcar.kernels import (
    FloatGrid,
    LiveMemory,
    LocalWindow,
    Motion,
    ParticleCloud,
    Rollouts,
    arc_clearance,
    clearance_cost,
    polygon_depth,
    rim_speed,
)
from patrolcar.kernels.binding import calls
from patrolcar.kernels.rollout import descend

FRONT, REAR, HALF = 0.16, 0.12, 0.12
coordinates = st.floats(-1.5, 1.5)
places = st.tuples(coordinates, coordinates)
wide_turns = st.builds(
    lambda power, left: (1.0 if left else -1.0) * 10.0**power, st.floats(-6.5, -1.0), st.booleans()
)


def is_inside(x: float, y: float) -> bool:
    return -REAR < x < FRONT and abs(y) < HALF


def driven(x: float, y: float, v: float, w: float, time_s: float) -> tuple[float, float]:
    """Return where a standing point is, seen from the car after ``time_s`` of the twist."""
    turn = w * time_s
    if abs(w) > 1e-9:
        car = Pose2(v / w * math.sin(turn), v / w * (1.0 - math.cos(turn)), turn)
    else:
        car = Pose2(v * time_s, 0.0, 0.0)
    at = car.inverse().carry(np.array([[x, y]]))[0]
    return float(at[0]), float(at[1])


@settings(deadline=None, max_examples=150)
@given(places, st.floats(-0.6, 0.6), st.floats(-1.8, 1.8))
def test_the_free_arc_is_free_and_ends_at_a_touch(place: tuple[float, float], v: float, w: float) -> None:
    assume(not is_inside(*place))
    assume(abs(v) > 0.05 or abs(w) > 0.1)
    w = 0.0 if abs(w) < 0.01 else w
    free_m = arc_clearance(np.array([place]), v, w, FRONT, REAR, HALF)
    rim = rim_speed(v, w, FRONT, REAR, HALF)
    until_s = min(free_m / rim, 4.0, 2.0 * math.pi / abs(w) if w else 4.0)
    for part in np.linspace(0.0, 0.999, 60):
        x, y = driven(*place, v, w, until_s * part)
        assert not is_inside(x * 1.0000001, y * 1.0000001) or math.isclose(part, 0.0)
    if free_m / rim < 4.0:
        x, y = driven(*place, v, w, free_m / rim)
        off = max(x - FRONT, -REAR - x, abs(y) - HALF)
        assert off == pytest.approx(0.0, abs=1e-6)


@given(st.lists(places, max_size=40), st.floats(-0.6, 0.6), st.floats(-1.8, 1.8) | wide_turns)
def test_many_points_are_as_far_as_the_nearest(points: list[tuple[float, float]], v: float, w: float) -> None:
    each = [arc_clearance(np.array([point]), v, w, FRONT, REAR, HALF) for point in points]
    together = arc_clearance(np.array(points, dtype=float).reshape(-1, 2), v, w, FRONT, REAR, HALF)
    assert together == min(each, default=math.inf)


@given(st.lists(places, max_size=8), st.floats(-0.6, 0.6), st.floats(-1.8, 1.8), st.floats(0.1, 2.0))
def test_a_horizon_changes_nothing_nearer_than_it(
    points: list[tuple[float, float]], v: float, w: float, horizon: float
) -> None:
    array = np.array(points, dtype=float).reshape(-1, 2)
    whole = arc_clearance(array, v, w, FRONT, REAR, HALF)
    cut = arc_clearance(array, v, w, FRONT, REAR, HALF, horizon)
    assert cut == whole if whole <= horizon else cut >= whole


@given(st.floats(0.01, 0.6), st.floats(-1.8, 1.8))
def test_what_is_left_and_right_is_the_same_mirrored(v: float, w: float) -> None:
    points = np.array([(0.5, 0.1), (0.3, 0.6), (-0.4, -0.2)])
    one = arc_clearance(points, v, w, FRONT, REAR, HALF)
    assert arc_clearance(points * (1.0, -1.0), v, -w, FRONT, REAR, HALF) == pytest.approx(one)


def test_a_car_that_does_not_move_hits_nothing() -> None:
    assert arc_clearance(np.array([(0.17, 0.0)]), 0.0, 0.0, FRONT, REAR, HALF) == math.inf


def test_turning_on_the_spot_sweeps_the_corners() -> None:
    corner = math.hypot(FRONT, HALF)
    assert rim_speed(0.0, 1.0, FRONT, REAR, HALF) == pytest.approx(corner)
    assert arc_clearance(np.array([(corner + 0.01, 0.0)]), 0.0, 1.0, FRONT, REAR, HALF) == math.inf
    assert arc_clearance(np.array([(corner - 0.01, 0.0)]), 0.0, 1.0, FRONT, REAR, HALF) < 0.2


@given(coordinates, coordinates)
def test_depth_in_a_square_is_the_way_to_its_rim(x: float, y: float) -> None:
    square = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    inside = min(1.0 - abs(x), 1.0 - abs(y))
    outside = -math.hypot(max(abs(x) - 1.0, 0.0), max(abs(y) - 1.0, 0.0))
    expected = inside if inside >= 0.0 else outside
    assert polygon_depth(square, x, y) == pytest.approx(expected, abs=1e-12)
    assert polygon_depth(square[::-1].copy(), x, y) == pytest.approx(expected, abs=1e-12)


def open_floor(metres: float = 6.0, value: float = 5.0) -> FloatGrid:
    cells = round(metres / 0.05)
    return FloatGrid(np.full((cells, cells), value, dtype=np.float32), 0.05, -metres / 2, -metres / 2)


@given(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_sampling_a_plane_returns_the_plane(x: float, y: float) -> None:
    at = -1.0 + 0.1 * (np.arange(20) + 0.5)
    grid = FloatGrid((at[None, :] + 2.0 * at[:, None]).astype(np.float32), 0.1, -1.0, -1.0)
    assert grid.sample(x, y) == pytest.approx(x + 2.0 * y, abs=1e-5)


def test_sampling_outside_and_among_walls_says_so() -> None:
    grid = FloatGrid(np.array([[1.0, np.inf], [np.inf, np.inf]], dtype=np.float32), 1.0, 0.0, 0.0)
    assert math.isnan(grid.sample(-0.1, 0.5))
    assert grid.sample(0.9, 0.9) == 1.0
    assert math.isnan(grid.sample(1.6, 1.6))


@given(place=st.tuples(*2 * [st.floats(-5.0, 5.0)]))
def test_a_window_that_was_laid_nowhere_holds_no_place(place: tuple[float, float]) -> None:
    window = LocalWindow(60, 0.05)
    assert not window.holds(*place, 0.3)
    window.centre_on(*place, open_floor())
    assert window.holds(*place, 0.3)


@settings(deadline=None)
@given(st.lists(places, max_size=10))
def test_a_window_holds_the_distance_to_the_nearest_seen_point(points: list[tuple[float, float]]) -> None:
    window = LocalWindow(64, 0.05)
    window.centre_on(0.0, 0.0, open_floor(value=0.7))
    array = np.array(points, dtype=float).reshape(-1, 2)
    assert window.fill(array) == len(points)
    for x, y in ((0.0, 0.0), (0.31, -0.4), (-1.0, 1.0)):
        nearest = min((math.hypot(x - px, y - py) for px, py in points), default=math.inf)
        assert window.grid.sample(x, y) == pytest.approx(min(max(nearest - 0.035, 0.0), 0.7), abs=0.06)


def remember(memory: LiveMemory, points: list[tuple[float, float]], now_s: float) -> None:
    array = np.array(points, dtype=float).reshape(-1, 2)
    memory.update(array, open_floor(), (0.0, 0.0), apart_m=0.2, now_s=now_s, keep_s=1.0, hidden_s=9.0)


def nearest_and_farthest(memory: LiveMemory) -> tuple[float, float]:
    return float(memory.points[:, 0].min()), float(memory.points[:, 0].max())


def test_what_is_hidden_is_remembered_longer_than_what_is_in_view() -> None:
    memory = LiveMemory()
    remember(memory, [(2.0, 0.0)], 0.0)
    for tenth in range(1, 80):
        remember(memory, [(1.0, 0.0)], 0.1 * tenth)
    assert nearest_and_farthest(memory) == (1.0, 2.0)
    assert memory.count <= 13
    remember(memory, [(1.0, 0.0)], 9.2)
    assert nearest_and_farthest(memory) == (1.0, 1.0)


def test_where_no_beam_comes_back_memory_fades_soon() -> None:
    memory = LiveMemory()
    remember(memory, [(2.0, 0.0)], 0.0)
    remember(memory, [(-2.0, 0.0)], 0.9)
    assert memory.count == 2
    remember(memory, [], 1.1)
    assert nearest_and_farthest(memory) == (-2.0, -2.0)


def test_what_is_seen_through_is_forgotten_at_once() -> None:
    memory = LiveMemory()
    remember(memory, [(1.0, 0.0)], 0.0)
    remember(memory, [(2.5, math.tan(0.001 * k)) for k in range(-2, 3)], 0.1)
    assert nearest_and_farthest(memory) == (2.5, 2.5)


seams = st.sampled_from([0.0, 0.5 * math.pi, math.pi, -0.5 * math.pi])


@given(st.floats(-math.pi, math.pi) | seams, st.floats(-0.01, 0.01))
def test_what_is_seen_through_is_forgotten_in_every_direction(turn: float, beside: float) -> None:
    memory = LiveMemory()
    remember(memory, [(math.cos(turn), math.sin(turn))], 0.0)
    remember(memory, [(2.5 * math.cos(turn + beside), 2.5 * math.sin(turn + beside))], 0.1)
    assert np.hypot(*memory.points[:, :2].T) == pytest.approx([2.5])


def test_a_profile_that_is_too_short_is_refused() -> None:
    memory, profile = np.empty((4, 3)), np.empty(515, dtype=np.float32)
    numbers = (0.2, 0.0, 0.0, 0.0, 1.0, 9.0)
    with pytest.raises(CommandError, match="516 bins"):
        calls().remember(memory, np.zeros((1, 2)), profile, 0, open_floor().at, *numbers)


def test_walls_of_the_map_are_not_remembered() -> None:
    memory = LiveMemory()
    beside = open_floor(value=0.1)
    seen = np.array([(1.0, 0.0)])
    memory.update(seen, beside, (0.0, 0.0), apart_m=0.2, now_s=0.0, keep_s=1.0, hidden_s=9.0)
    assert memory.count == 0


def test_memory_never_outgrows_its_room() -> None:
    memory = LiveMemory(room=10)
    remember(memory, [(2.0, 0.01 * k) for k in range(50)], 0.0)
    assert memory.count == 10


@given(st.floats(0.0, 2.0), st.floats(0.0, 2.0))
def test_more_clearance_is_never_dearer(one: float, other: float) -> None:
    low, high = sorted((one, other))
    clearance = np.array([low, high], dtype=np.float32)
    out = np.empty(2, dtype=np.float32)
    clearance_cost(clearance, solid_m=0.05, need_m=0.14, prefer_m=0.8, weight=3.0, tight=40.0, out=out)
    assert out[0] >= out[1] >= 1.0


def test_an_array_of_the_wrong_kind_is_refused_before_c_reads_it() -> None:
    with pytest.raises(CommandError, match="float64"):
        arc_clearance(np.zeros((2, 2), dtype=np.float32), 0.1, 0.0, FRONT, REAR, HALF)
    with pytest.raises(CommandError, match="strides"):
        polygon_depth(np.zeros((4, 4))[:, :2], 0.0, 0.0)


RIM = np.array(
    [(FRONT, HALF), (-REAR, HALF), (-REAR, -HALF), (FRONT, -HALF), (FRONT, 0.0), (0.02, HALF), (0.02, -HALF)]
)


def field_to(x: float, y: float) -> FloatGrid:
    at = -3.0 + 0.1 * (np.arange(60) + 0.5)
    away = np.hypot(at[None, :] - x, at[:, None] - y) / 0.1
    return FloatGrid(away.astype(np.float32), 0.1, -3.0, -3.0)


def chosen(clearance: FloatGrid, candidates: list[tuple[float, float]], v: float = 0.0) -> int | None:
    motion = Motion(0.0, 0.0, 0.0, v, 0.0, v, 0.0)
    choice = Rollouts(RULES, RIM).choose(clearance, field_to(2.0, 0.0), motion, np.array(candidates))
    return None if choice is None else choice.index


def walled(points: Points) -> FloatGrid:
    window = LocalWindow(100, 0.05)
    window.centre_on(0.0, 0.0, open_floor())
    window.fill(points)
    return window.grid


def test_in_the_open_it_drives_straight_and_fast_to_the_goal() -> None:
    assert chosen(open_floor(), [(0.1, 0.0), (0.6, 0.0), (0.6, 0.8), (0.6, -0.8), (0.0, 0.0)]) == 1


def test_it_goes_round_what_is_in_the_way() -> None:
    wall = walled(np.column_stack((np.full(30, 0.5), np.linspace(-0.8, -0.02, 30))))
    right = [(0.3, -0.5), (0.3, -0.9)]
    left = [(0.3, 0.5), (0.3, 0.9)]
    best = chosen(wall, [(0.5, 0.0), *right, *left, (0.0, 0.0)])
    assert best in {3, 4}


def test_it_stops_when_every_way_ends_too_soon() -> None:
    wall = walled(np.column_stack((np.full(60, 0.45), np.linspace(-1.5, 1.5, 60))))
    assert chosen(wall, [(0.6, 0.0), (0.6, 0.5), (0.6, -0.5)], v=0.6) is None
    assert chosen(wall, [(0.6, 0.0), (0.0, 0.0)], v=0.6) == 1


def test_a_car_in_a_tight_place_may_leave_it() -> None:
    wall = walled(np.column_stack((np.full(60, 0.19), np.linspace(-1.5, 1.5, 60))))
    assert chosen(wall, [(0.1, 0.0), (-0.1, 0.0)]) == 1


def test_following_the_field_leads_to_the_goal() -> None:
    followed, x, y = descend(field_to(2.0, 0.5), 0.0, 0.0, 3.0, 0.05)
    assert (x, y) == pytest.approx((2.0, 0.5), abs=0.1)
    assert followed == pytest.approx(math.hypot(2.0, 0.5), abs=0.15)


def test_particles_move_as_poses_do() -> None:
    cloud = ParticleCloud(2)
    cloud.place(np.array([(1.0, 2.0, 0.5), (0.0, 0.0, -1.0)]))
    delta = Pose2(0.3, 0.1, 0.2)
    cloud.move(delta, np.zeros((2, 3)), (0.1, 0.1, 0.1))
    for moved, start in zip(cloud.poses, ((1.0, 2.0, 0.5), (0.0, 0.0, -1.0)), strict=True):
        expected = Pose2(*start) @ delta
        assert moved.tolist() == pytest.approx([expected.x_m, expected.y_m, expected.yaw_rad])


@pytest.mark.parametrize("seed", range(8))
def test_weights_are_the_products_of_the_matches(seed: int) -> None:
    rng = np.random.default_rng(seed)
    match = FloatGrid(rng.uniform(-3.0, 0.0, (40, 40)).astype(np.float32), 0.1, -2.0, -2.0)
    poses, ends = rng.uniform(-2.5, 2.5, (6, 3)), rng.uniform(-1.5, 1.5, (seed, 2))
    cloud = ParticleCloud(6)
    cloud.place(poses)
    effective = cloud.weigh(ends, match, -3.0)
    logs = []
    for pose in poses.tolist():
        at = np.floor((Pose2(*pose).carry(ends) + 2.0) / 0.1).astype(int)
        inside = ((at >= 0) & (at < 40)).all(axis=1)
        logs.append(match.cells[at[inside, 1], at[inside, 0]].sum() - 3.0 * (~inside).sum())
    expected = np.exp(np.array(logs) - max(logs))
    expected /= expected.sum()
    assert cloud.weights == pytest.approx(expected, abs=1e-5)
    assert effective == pytest.approx(1.0 / (expected**2).sum(), rel=1e-3)


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=20), st.floats(0.0, 0.999))
def test_resampling_keeps_each_particle_as_often_as_its_weight_says(
    weights: list[float], offset: float
) -> None:
    assume(sum(weights) > 1e-3)
    share = np.array(weights) / sum(weights)
    cloud = ParticleCloud(len(weights))
    cloud.place(np.column_stack((np.arange(len(weights)), np.zeros(len(weights)), np.zeros(len(weights)))))
    cloud.weights[:] = share
    cloud.resample(offset)
    counts = np.bincount(cloud.poses[:, 0].astype(int), minlength=len(weights))
    assert (np.abs(counts - share * len(weights)) < 1.0 + 1e-6).all()
    assert cloud.weights.sum() == pytest.approx(1.0)


def test_the_mean_of_headings_goes_the_short_way_round() -> None:
    cloud = ParticleCloud(2)
    cloud.place(np.array([(0.0, 0.0, 3.1), (2.0, 0.0, -3.1)]))
    pose, spread, yaw_spread = cloud.mean()
    assert abs(pose.yaw_rad) == pytest.approx(math.pi)
    assert pose.x_m == pytest.approx(1.0)
    assert spread == pytest.approx(1.0)
    assert yaw_spread < 0.1
