"""The shortest order to visit places in.

Up to nine places the answer is exact (dynamic programming over subsets: Held and Karp 1962, "A
dynamic programming approach to sequencing problems"). Above that: nearest neighbour from several
places, then 2-opt and Or-opt until neither helps (Croes 1958; Or 1976). No chance is involved: the
same distances give the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MAX_EXACT = 9
_MAX_STARTS = 12
_LONGEST_MOVE = 3
_GAIN = 1e-9
_NO_WAY_M = 1e7  # stands for inf, so that sums still compare

Distances = NDArray[np.float64]
"""Driving distances in metres, shape (n + 1, n + 1), symmetric; ``inf`` where there is no way.

Index 0 is the start (home); index ``i + 1`` is visit ``i``.
"""


def length_m(distances: Distances, order: Sequence[int], loops: int, *, return_home: bool) -> float:
    """Return the way of a whole mission: from the start, ``loops`` times round, and home."""
    stops = [index + 1 for index in order]
    lap = sum(float(distances[a, b]) for a, b in pairwise(stops))
    way = float(distances[0, stops[0]]) + loops * lap
    if loops > 1:
        way += (loops - 1) * float(distances[stops[-1], stops[0]])
    return way + (float(distances[stops[-1], 0]) if return_home else 0.0)


def shortest_order(distances: Distances, loops: int, *, return_home: bool) -> tuple[int, ...]:
    """Return indices of the visits, each once, in the order that makes ``length_m`` small."""
    count = len(distances) - 1
    between = np.minimum(np.where(np.isfinite(distances), distances, _NO_WAY_M), _NO_WAY_M)
    if count <= 1:
        return tuple(range(count))
    if count <= MAX_EXACT:
        return _exact(between, loops, return_home=return_home)
    tour = _good_tour(_closed(between, loops, return_home=return_home))
    found, listed = _opened(tour, between, loops, return_home=return_home), tuple(range(count))
    lengths = [length_m(between, order, loops, return_home=return_home) for order in (found, listed)]
    return found if lengths[0] <= lengths[1] else listed


def _exact(between: Distances, loops: int, *, return_home: bool) -> tuple[int, ...]:
    """Return the best order of at most ``MAX_EXACT`` visits: best path for each first and last."""
    count = len(between) - 1
    lap = between[1:, 1:]
    best, best_length = tuple(range(count)), np.inf
    for first in range(count):
        length, before = _paths_from(first, lap)
        for last in range(count):
            if last == first:
                continue
            total = between[0, first + 1] + loops * length[-1, last] + (loops - 1) * lap[last, first]
            total += between[last + 1, 0] if return_home else 0.0
            if total < best_length - _GAIN:
                best, best_length = _traced(before, last), total
    return best


def _paths_from(first: int, lap: Distances) -> tuple[Distances, NDArray[np.int_]]:
    """Return, for each set of visits and last visit, the shortest path from ``first`` and its step before."""
    count = len(lap)
    length = np.full((1 << count, count), np.inf)
    before = np.full((1 << count, count), -1)
    length[1 << first, first] = 0.0
    for group in range(1 << count):
        if not group >> first & 1:
            continue
        for last in range(count):
            if group >> last & 1 and last != first:
                ways = length[group ^ 1 << last] + lap[:, last]
                before[group, last] = int(ways.argmin())
                length[group, last] = ways[before[group, last]]
    return length, before


def _traced(before: NDArray[np.int_], last: int) -> tuple[int, ...]:
    group, order = len(before) - 1, [last]
    while (previous := int(before[group, order[-1]])) >= 0:
        group ^= 1 << order[-1]
        order.append(previous)
    return tuple(reversed(order))


def _closed(between: Distances, loops: int, *, return_home: bool) -> Distances:
    """Return the distances of the closed tour that stands for the mission.

    Several loops: a ring of the visits. One loop and home: a ring with the start. One loop that ends
    anywhere: a ring in which coming back to the start is free.
    """
    if loops > 1:
        return between[1:, 1:]
    if return_home:
        return between
    count = len(between)
    ring = np.zeros((count + 1, count + 1))  # the last index is "anywhere": free, and next to the start
    ring[:count, :count] = between
    ring[0, count] = ring[count, 0] = -_NO_WAY_M
    return ring


def _opened(tour: list[int], between: Distances, loops: int, *, return_home: bool) -> tuple[int, ...]:
    """Return the visits of a closed tour, cut and turned where the whole mission is shortest."""
    count = len(between) - 1
    if loops > 1:
        rings = [tour, tour[::-1]]
        cuts = [ring[at:] + ring[:at] for ring in rings for at in range(count)]
    else:
        at = tour.index(0)
        cut = [stop - 1 for stop in tour[at + 1 :] + tour[:at] if 0 < stop <= count]
        cuts = [cut, cut[::-1]]

    ways = [(length_m(between, order, loops, return_home=return_home), order) for order in cuts]
    return tuple(min(ways)[1])


def _good_tour(ring: Distances) -> list[int]:
    """Return the best closed tour found from several beginnings."""
    count = len(ring)
    starts = range(0, count, max(1, count // _MAX_STARTS))
    tours = [_improved(_nearest_neighbour(ring, start), ring) for start in starts]
    return min(tours, key=lambda tour: (round(_ring_length(tour, ring), 6), tour))


def _nearest_neighbour(ring: Distances, start: int) -> NDArray[np.int_]:
    count = len(ring)
    tour, open_ways = [start], ring.copy()
    open_ways[:, start] = np.inf
    while len(tour) < count:
        tour.append(int(open_ways[tour[-1]].argmin()))
        open_ways[:, tour[-1]] = np.inf
    return np.array(tour)


def _improved(tour: NDArray[np.int_], ring: Distances) -> list[int]:
    while True:
        better = _two_opt(tour, ring)
        if better is None:
            better = _or_opt(tour, ring)
        if better is None:
            return [int(stop) for stop in tour]
        tour = better


def _two_opt(tour: NDArray[np.int_], ring: Distances) -> NDArray[np.int_] | None:
    """Return the tour with the best piece turned round, or None when no turn shortens it."""
    after = np.roll(tour, -1)
    here = ring[tour, after]
    change = ring[np.ix_(tour, tour)] + ring[np.ix_(after, after)] - here[:, None] - here[None, :]
    change[np.tril_indices(len(tour))] = 0.0
    best = int(change.argmin())
    if change.flat[best] >= -_GAIN:
        return None
    low, high = divmod(best, len(tour))
    better = tour.copy()
    better[low + 1 : high + 1] = tour[low + 1 : high + 1][::-1]
    return better


def _or_opt(tour: NDArray[np.int_], ring: Distances) -> NDArray[np.int_] | None:
    """Return the tour with a piece of up to three stops moved, or None when no move shortens it."""
    count = len(tour)
    for size in range(1, min(_LONGEST_MOVE, count - 3) + 1):
        for at in range(count):
            turned = np.roll(tour, -at)
            piece, rest = turned[:size], turned[size:]
            saved = ring[rest[-1], piece[0]] + ring[piece[-1], rest[0]] - ring[rest[-1], rest[0]]
            gaps = ring[rest[:-1], rest[1:]]
            straight = ring[rest[:-1], piece[0]] + ring[piece[-1], rest[1:]] - gaps
            reverse = ring[rest[:-1], piece[-1]] + ring[piece[0], rest[1:]] - gaps
            cost = np.minimum(straight, reverse)
            best = int(cost.argmin())
            if cost[best] < saved - _GAIN:
                moved = piece if straight[best] <= reverse[best] else piece[::-1]
                return np.concatenate([rest[: best + 1], moved, rest[best + 1 :]])
    return None


def _ring_length(tour: list[int], ring: Distances) -> float:
    return float(ring[tour, [*tour[1:], tour[0]]].sum())
