from __future__ import annotations

import heapq
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from patrolcar.errors import CommandError
from patrolcar.kernels import Floats, GridSearch, Refusal, distance_transform
from patrolcar.kernels.binding import calls
from patrolcar.kernels.search import Stretch, path_reached

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "movingai"
ROOT2 = math.sqrt(2.0)

grids = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(
    lambda shape: arrays(np.bool_, shape, elements=st.sampled_from([False, False, False, True]))
)


def priced(blocked: NDArray[np.bool_], price: float = 1.0) -> Floats:
    return np.where(blocked, np.float32(np.inf), np.float32(price))


def search_on(cost: Floats) -> GridSearch:
    return GridSearch(*cost.shape)


def steps_from(cost: Floats, row: int, column: int) -> list[tuple[int, int, float]]:
    """Neighbours and step costs: a diagonal needs both cells beside it free."""

    def is_free(r: int, c: int) -> bool:
        return 0 <= r < cost.shape[0] and 0 <= c < cost.shape[1] and bool(np.isfinite(cost[r, c]))

    found = []
    for dr, dc in ((a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)):
        if is_free(row + dr, column + dc) and is_free(row + dr, column) and is_free(row, column + dc):
            mean = 0.5 * (float(cost[row, column]) + float(cost[row + dr, column + dc]))
            found.append((row + dr, column + dc, mean * math.hypot(dr, dc)))
    return found


def dijkstra(cost: Floats, start: tuple[int, int]) -> NDArray[np.float64]:
    """The oracle: cheapest cost from ``start`` to every cell."""
    best = np.full(cost.shape, np.inf)
    if not np.isfinite(cost[start]):
        return best
    best[start] = 0.0
    queue = [(0.0, start)]
    while queue:
        reached, cell = heapq.heappop(queue)
        if reached > best[cell]:
            continue
        for row, column, step in steps_from(cost, *cell):
            if reached + step < best[row, column] - 1e-12:
                best[row, column] = reached + step
                heapq.heappush(queue, (reached + step, (row, column)))
    return best


def draw_cost(blocked: NDArray[np.bool_], data: st.DataObject) -> Floats:
    """Return what each cell costs to cross, inf where it is blocked."""
    prices = data.draw(arrays(np.float32, blocked.shape, elements=st.floats(1.0, 8.0, width=32)))
    return np.where(blocked, np.float32(np.inf), prices)


def draw_two(blocked: NDArray[np.bool_], data: st.DataObject) -> tuple[int, int]:
    return data.draw(st.integers(0, blocked.size - 1)), data.draw(st.integers(0, blocked.size - 1))


@given(grids)
def test_distances_are_those_of_looking_at_every_blocked_cell(blocked: NDArray[np.bool_]) -> None:
    rows, columns = np.nonzero(blocked)
    y, x = np.mgrid[: blocked.shape[0], : blocked.shape[1]]
    expected = np.full(blocked.shape, np.inf)
    if rows.size:
        expected = np.sqrt(((y[..., None] - rows) ** 2 + (x[..., None] - columns) ** 2).min(axis=-1)) * 0.05
    assert (distance_transform(blocked, 0.05) == expected.astype(np.float32)).all()


def test_a_grid_too_large_for_exact_squares_is_refused() -> None:
    with pytest.raises(CommandError, match="too large"):
        distance_transform(np.zeros((1, 20_000), dtype=np.bool_), 0.05)


@settings(deadline=None)
@given(grids, st.data())
def test_astar_finds_the_cheapest_way_or_rightly_none(
    blocked: NDArray[np.bool_], data: st.DataObject
) -> None:
    cost = draw_cost(blocked, data)
    start, goal = draw_two(blocked, data)
    found = search_on(cost).astar(cost, start, goal)
    best = dijkstra(cost, divmod(start, cost.shape[1]))[divmod(goal, cost.shape[1])]
    if isinstance(found, Refusal):
        assert (found is Refusal.START_BLOCKED) == bool(blocked.flat[start])
        assert (found is Refusal.GOAL_BLOCKED) == bool(blocked.flat[goal] and not blocked.flat[start])
        assert np.isinf(best)
        return
    way, total = found
    assert total == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert (way[0], way[-1]) == (start, goal)
    walked = 0.0
    for here, there in zip(way.tolist(), way.tolist()[1:], strict=False):
        steps = {r * cost.shape[1] + c: step for r, c, step in steps_from(cost, *divmod(here, cost.shape[1]))}
        walked += steps[there]
    assert walked == pytest.approx(total, abs=1e-9)


@given(grids, st.data())
def test_the_flood_reaches_what_a_way_can_reach(blocked: NDArray[np.bool_], data: st.DataObject) -> None:
    cost = priced(blocked)
    start, _ = draw_two(blocked, data)
    reached = search_on(cost).reached_from(cost, start)
    assert (reached == np.isfinite(dijkstra(cost, divmod(start, cost.shape[1])))).all()


def touched(start: tuple[int, int], end: tuple[int, int]) -> set[tuple[int, int]]:
    """Cells whose closed square the straight line between two centres touches."""
    (r0, c0), (r1, c1) = start, end
    found = set()
    for row in range(min(r0, r1), max(r0, r1) + 1):
        for column in range(min(c0, c1), max(c0, c1) + 1):
            # the line's offset from the four corners changes sign, or is 0, on a touched square (integers)
            offsets = [
                (2 * (column - c0) + dx) * (r1 - r0) - (2 * (row - r0) + dy) * (c1 - c0)
                for dx in (-1, 1)
                for dy in (-1, 1)
            ]
            if min(offsets) <= 0 <= max(offsets):
                found.add((row, column))
    return found


@given(grids, st.data())
def test_a_line_of_sight_touches_only_free_cells(blocked: NDArray[np.bool_], data: st.DataObject) -> None:
    cost = priced(blocked)
    start, end = draw_two(blocked, data)
    places = divmod(start, cost.shape[1]), divmod(end, cost.shape[1])
    line = search_on(cost).line_cost(cost, start, end)
    if any(blocked[cell] for cell in touched(*places)):
        assert line == math.inf
    else:
        assert line == pytest.approx(math.dist(*places))


@given(grids, st.data())
def test_a_line_costs_the_same_both_ways(blocked: NDArray[np.bool_], data: st.DataObject) -> None:
    cost = draw_cost(blocked, data)
    start, end = draw_two(blocked, data)
    search = search_on(cost)
    there, back = search.line_cost(cost, start, end), search.line_cost(cost, end, start)
    assert there == pytest.approx(back) or (np.isinf(there) and np.isinf(back))


@settings(deadline=None)
@given(grids, st.data())
def test_a_shortened_way_is_in_sight_and_no_dearer(blocked: NDArray[np.bool_], data: st.DataObject) -> None:
    cost = priced(blocked)
    start, goal = draw_two(blocked, data)
    search = search_on(cost)
    found = search.astar(cost, start, goal)
    if isinstance(found, Refusal):
        return
    way, total = found
    kept = search.shortened(cost, way)
    assert set(kept.tolist()) <= set(way.tolist())
    assert (kept[0], kept[-1]) == (start, goal)
    pieces = list(zip(kept.tolist(), kept.tolist()[1:], strict=False))
    assert sum(search.line_cost(cost, a, b) for a, b in pieces) <= total + 1e-6


def marching(cost: Floats, seed: tuple[int, int]) -> NDArray[np.float64]:
    """The oracle: first-order fast marching, written plainly."""
    rows, columns = cost.shape
    value = np.full(cost.shape, np.inf)
    settled = np.zeros(cost.shape, dtype=np.bool_)
    queue = [(0.0, seed)]
    while queue:
        key, (row, column) = heapq.heappop(queue)
        if settled[row, column]:
            continue
        settled[row, column] = True
        value[row, column] = key
        for r, c in ((row, column + 1), (row, column - 1), (row + 1, column), (row - 1, column)):
            if not (0 <= r < rows and 0 <= c < columns) or settled[r, c] or not np.isfinite(cost[r, c]):
                continue
            sides = [
                min(
                    (value[a, b] for a, b in pair if 0 <= a < rows and 0 <= b < columns and settled[a, b]),
                    default=math.inf,
                )
                for pair in (((r, c + 1), (r, c - 1)), ((r + 1, c), (r - 1, c)))
            ]
            price, gap = float(cost[r, c]), abs(sides[0] - sides[1])
            new = (
                0.5 * (sum(sides) + math.sqrt(2.0 * price**2 - gap**2)) if gap < price else min(sides) + price
            )
            heapq.heappush(queue, (new, (r, c)))
    return value


@settings(deadline=None)
@given(grids, st.data())
def test_cost_to_go_is_that_of_a_plain_march(blocked: NDArray[np.bool_], data: st.DataObject) -> None:
    cost = draw_cost(blocked, data)
    seed, _ = draw_two(blocked, data)
    out = np.empty_like(cost)
    search_on(cost).cost_to_go(cost, np.array([seed], dtype=np.int32), np.zeros(1), out)
    place = divmod(seed, cost.shape[1])
    expected = marching(cost, place) if not blocked.flat[seed] else np.full(cost.shape, np.inf)
    assert np.allclose(out, expected, rtol=1e-5)


def test_cost_to_go_measures_true_lengths_in_the_open() -> None:
    cost = priced(np.zeros((81, 81), dtype=np.bool_))
    out = np.empty_like(cost)
    search_on(cost).cost_to_go(cost, np.array([40 * 81 + 40], dtype=np.int32), np.zeros(1), out)
    y, x = np.mgrid[-40:41, -40:41]
    far = np.hypot(x, y) > 20.0
    assert (np.abs(out / np.maximum(np.hypot(x, y), 1.0) - 1.0)[far] < 0.05).all()


def test_cost_to_go_stops_behind_the_cell_asked_for() -> None:
    cost = priced(np.zeros((1, 50), dtype=np.bool_))
    out = np.empty_like(cost)
    search_on(cost).cost_to_go(cost, np.array([0], dtype=np.int32), np.zeros(1), out, stop=10, beyond=5.0)
    assert np.isfinite(out[0, :16]).all()
    assert np.isinf(out[0, 16:]).all()


@settings(deadline=None)
@given(grids, st.data())
def test_cost_to_go_that_stops_early_is_the_same_up_to_there(
    blocked: NDArray[np.bool_], data: st.DataObject
) -> None:
    cost = draw_cost(blocked, data)
    seeds = np.array(data.draw(st.lists(st.integers(0, blocked.size - 1), max_size=9)), dtype=np.int32)
    values = np.array([data.draw(st.floats(0.0, 3.0)) for _ in seeds])
    stop, beyond = data.draw(st.integers(0, blocked.size - 1)), data.draw(st.floats(0.0, 20.0))
    whole, part = np.empty_like(cost), np.empty_like(cost)
    search_on(cost).cost_to_go(cost, seeds, values, whole)
    search_on(cost).cost_to_go(cost, seeds, values, part, stop=stop, beyond=beyond)
    last = float(whole.flat[stop]) + beyond
    assert (part == np.where(whole.astype(np.float64) <= last, whole, np.float32(np.inf))).all()


def test_a_search_with_memory_for_a_smaller_grid_is_refused_before_c_writes() -> None:
    cost = priced(np.zeros((20, 20), dtype=np.bool_))
    seeds, values, out = np.zeros(1, dtype=np.int32), np.zeros(1), np.empty_like(cost)
    room = np.empty(calls().march_room(20, 20), dtype=np.uint8)
    calls().cost_to_go(cost, seeds, values, room, out, -1, 1.0)
    with pytest.raises(CommandError, match="too short"):
        calls().cost_to_go(cost, seeds, values, room[:-1].copy(), out, -1, 1.0)
    with pytest.raises(CommandError, match="too short"):
        GridSearch(20, 19).reached_from(cost, 0)
    with pytest.raises(CommandError, match="too short"):
        search_on(cost).cost_to_go(cost, seeds, values, out[1:].copy())
    with pytest.raises(CommandError, match="2 dimensions"):
        search_on(cost).cost_to_go(cost.ravel(), seeds, values, out)


@pytest.mark.parametrize("cell", [-1, 25, 2**31 - 1])
def test_a_cell_off_the_grid_is_refused(cell: int) -> None:
    cost = priced(np.zeros((5, 5), dtype=np.bool_))
    out, values = np.empty_like(cost), np.zeros(1)
    with pytest.raises(CommandError, match=f"no cell {cell}"):
        search_on(cost).cost_to_go(cost, np.array([cell], dtype=np.int32), values, out)
    with pytest.raises(CommandError, match=f"no cell {cell}"):
        search_on(cost).reached_from(cost, cell)
    if cell >= 0:
        with pytest.raises(CommandError, match=f"no cell {cell}"):
            search_on(cost).cost_to_go(cost, np.zeros(1, dtype=np.int32), values, out, stop=cell)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_the_flood_finds_its_way_through_a_maze(rows: int, columns: int, seed: int) -> None:
    blocked = np.random.default_rng(seed).random((rows, columns)) < 0.4
    blocked[0, 0] = False
    expected = np.zeros_like(blocked)
    expected[0, 0] = True
    for _ in range(blocked.size):
        grown = expected.copy()
        grown[1:] |= expected[:-1]
        grown[:-1] |= expected[1:]
        grown[:, 1:] |= expected[:, :-1]
        grown[:, :-1] |= expected[:, 1:]
        grown &= ~blocked
        if (grown == expected).all():
            break
        expected = grown
    assert (search_on(priced(blocked)).reached_from(priced(blocked), 0) == expected).all()


def test_a_search_used_again_and_again_forgets_the_last_time() -> None:
    cost = priced(np.zeros((5, 5), dtype=np.bool_))
    search = search_on(cost)
    search._epoch = (1 << 24) - 3
    for _ in range(6):
        found = search.astar(cost, 0, 24)
        assert not isinstance(found, Refusal)
        assert found[1] == pytest.approx(4 * ROOT2)


def loaded(name: str) -> tuple[NDArray[np.bool_], list[tuple[int, int, int, int, float]]]:
    lines = (DATA / f"{name}.map").read_text().splitlines()
    free = np.array([[cell in ".GS" for cell in line] for line in lines[4:] if line])
    queries = [line.split() for line in (DATA / f"{name}.map.scen").read_text().splitlines()[1:] if line]
    return free, [(int(q[4]), int(q[5]), int(q[6]), int(q[7]), float(q[8])) for q in queries]


@pytest.mark.parametrize(
    "name", ["dao/brc202d", "bg512/AR0011SR", "rooms/8room_001", "mazes/maze512-8-1", "cities/Berlin_1_512"]
)
def test_ways_are_as_long_as_the_benchmark_says(name: str) -> None:
    if not (DATA / f"{name}.map").exists():
        pytest.skip(f"{DATA / name}.map is not there: the MovingAI maps are not part of the repository")
    free, queries = loaded(name)
    cost, search = priced(~free), GridSearch(*free.shape)
    for x0, y0, x1, y1, optimum in queries[:: max(1, len(queries) // 15)]:
        found = search.astar(cost, y0 * free.shape[1] + x0, y1 * free.shape[1] + x1)
        assert not isinstance(found, Refusal)
        assert found[1] == pytest.approx(optimum, rel=1e-3, abs=1e-6)


@settings(deadline=None)
@given(
    arrays(np.bool_, (12, 12)),
    arrays(np.float64, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(-1.0, 4.0)),
    st.integers(0, 3),
    st.data(),
)
def test_a_path_is_followed_through_what_was_reached_up_to_the_rim(
    reached: NDArray[np.bool_], path: NDArray[np.float64], rim: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(path) - 1))
    corner, step = (0.25, -0.5), 0.25  # exact in binary
    ahead = (path[first:] - corner) / step
    inside = ((ahead >= rim) & (ahead < 12 - rim)).all(axis=1)
    rows = max(1, inside.size if inside.all() else int(inside.argmin()))
    cells = ahead[:rows].clip(0, 11).astype(int)
    is_open = reached[cells[:, 1], cells[:, 0]]
    found = path_reached(reached, corner, step, rim, path, first)
    assert found.rows == rows
    assert found.first_closed == (rows if is_open.all() else int(is_open.argmin()))
    assert found.last_open == max(np.flatnonzero(is_open).tolist(), default=0)
    assert isinstance(found, Stretch)
