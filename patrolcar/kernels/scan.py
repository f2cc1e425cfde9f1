"""Places that the lidar hit, seen from one frame or another, and which beams are broken."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points, Pose2
from patrolcar.kernels.binding import calls


def carried_hits(points: Points, frame: Pose2) -> Points:
    """Return the points that are not nan, given in ``frame``, in the outer frame."""
    out = np.empty(points.shape)
    count = calls().carry_hits(points, out, *frame)
    return out[:count]


def seen_hits(points: Points, frame: Pose2, within_m: float = math.inf) -> Points:
    """Return the points that are not nan, as seen from ``frame``: in it; both are given in the same frame.

    What is farther from it than ``within_m`` is left out.
    """
    out = np.empty(points.shape)
    count = calls().seen_hits(points, out, *frame, within_m)
    return out[:count]


def thinned(points: Points, count: int) -> Points:
    """Return at most ``count`` of the points, evenly from the first to the last."""
    out = np.empty((min(count, len(points)), 2))
    calls().thin(points, out)
    return out


def judge_sectors(
    ranges_m: NDArray[np.float32],
    first: int,
    beams_per_turn: int,
    covered: NDArray[np.bool_],
    *,
    fewest: int,
    share: float,
) -> tuple[int, int]:
    """Judge the sectors that a piece shows; return the counts of finite beams and of covered sectors.

    Args:
        ranges_m: The piece, shape (N,).
        first: Number of its first beam; what lies past the end of the turn is left out.
        beams_per_turn: Beams in a whole turn.
        covered: One per sector, counter-clockwise; written for every sector of which the piece shows
            ``fewest`` beams or more.
        fewest: At least 1.
        share: From this share of broken (nan) beams a sector is covered.

    """
    found: tuple[int, int] = calls().judge_sectors(ranges_m, covered, first, beams_per_turn, fewest, share)
    return found


def judge_repeats(
    distances_m: NDArray[np.float32],
    fresh: int,
    pose: Pose2,
    moved_m: float,
    turned_rad: float,
    memory: NDArray[np.float64],
) -> int:
    """Judge whether sensors repeat a distance from another place; return the bits of those that do.

    Args:
        distances_m: Shape (N,), at most 32; one that is not finite is no repetition, and forgotten.
        fresh: The bits of those that measured; the others said nothing.
        pose: Where the car is.
        moved_m: Farther than this is another place.
        turned_rad: So is another heading.
        memory: Shape (N, 5), written: what each said (at first nan), the pose it said that from first, and 1
            when it has repeated itself since.

    """
    repeating: int = calls().judge_repeats(distances_m, memory, fresh, *pose, moved_m, turned_rad)
    return repeating


def nearest_row(points: Points, first: int, end: int, place: tuple[float, float]) -> tuple[int, float]:
    """Return which of the rows from ``first`` to before ``end`` is nearest to a place, and how far it is."""
    found: tuple[int, float] = calls().nearest(points, first, end, *place)
    return found
