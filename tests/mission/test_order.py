"""The order of visits: exact when small, good when large, the same every time."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from patrolcar.mission.order import MAX_EXACT, length_m, shortest_order

coordinates = st.integers(0, 50)
towns = st.tuples(coordinates, coordinates)


def distances(places: list[tuple[int, int]]) -> NDArray[np.float64]:
    points = np.array(places, np.float64)
    return np.asarray(np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)))


def field(rows: int, columns: int, gap: int = 5) -> list[tuple[int, int]]:
    return [(gap * column, gap * row) for row in range(rows) for column in range(columns)]


@settings(deadline=None, max_examples=60)
@given(places=st.lists(towns, min_size=2, max_size=6), loops=st.integers(1, 3), home=st.booleans())
def test_up_to_nine_places_no_other_order_is_shorter(
    *, places: list[tuple[int, int]], loops: int, home: bool
) -> None:
    table = distances(places)
    order = shortest_order(table, loops, return_home=home)
    best = min(
        length_m(table, other, loops, return_home=home) for other in permutations(range(len(places) - 1))
    )
    assert length_m(table, order, loops, return_home=home) == pytest.approx(best)


@settings(deadline=None, max_examples=30)
@given(places=st.lists(towns, min_size=11, max_size=25), loops=st.integers(1, 2), home=st.booleans())
def test_every_visit_is_made_once_and_never_by_a_longer_way_than_listed(
    *, places: list[tuple[int, int]], loops: int, home: bool
) -> None:
    table = distances(places)
    order = shortest_order(table, loops, return_home=home)
    assert sorted(order) == list(range(len(places) - 1))
    assert order == shortest_order(table, loops, return_home=home)
    listed = length_m(table, range(len(places) - 1), loops, return_home=home)
    assert length_m(table, order, loops, return_home=home) <= listed + 1e-6


@pytest.mark.parametrize("size", [4, 6, 8])
def test_on_a_chessboard_of_even_size_the_round_trip_is_the_shortest_there_is(size: int) -> None:
    table = distances(field(size, size))
    order = shortest_order(table, 1, return_home=True)
    assert length_m(table, order, 1, return_home=True) == pytest.approx(5 * size * size, rel=0.03)


def test_ten_places_and_nine_places_are_both_exact_on_a_ring() -> None:
    for count in (MAX_EXACT, MAX_EXACT + 1):
        angles = np.linspace(0.0, 2.0 * np.pi, count + 1, endpoint=False)
        ring = [(int(1000 * np.cos(angle)), int(1000 * np.sin(angle))) for angle in angles]
        order = shortest_order(distances(ring), 1, return_home=True)
        assert order in {tuple(range(count)), tuple(reversed(range(count)))}


def test_without_going_home_the_way_ends_far_from_the_start() -> None:
    line = [(x, 0) for x in range(13)]
    assert shortest_order(distances(line), 1, return_home=False) == tuple(range(12))


def test_a_place_without_a_way_does_not_break_the_order_of_the_others() -> None:
    table = distances([(0, 0), (1, 0), (2, 0), (3, 0)])
    table[2, :] = table[:, 2] = np.inf
    assert sorted(shortest_order(table, 1, return_home=True)) == [0, 1, 2]


@pytest.mark.parametrize("count", [0, 1])
def test_one_visit_or_none_needs_no_thought(count: int) -> None:
    assert shortest_order(np.zeros((count + 1, count + 1)), 1, return_home=True) == tuple(range(count))
