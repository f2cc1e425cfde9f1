"""Exact contact of the rectangle of the car with points, and depths inside polygons."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points
from patrolcar.kernels.binding import calls


def arc_clearance(
    points: Points,
    vx_mps: float,
    wz_radps: float,
    front_m: float,
    rear_m: float,
    half_width_m: float,
    horizon_m: float = math.inf,
) -> float:
    """Return how far the rectangle can drive along the arc of the twist before it touches a point.

    Measured as travel of its fastest corner (see ``rim_speed``), so that turning on the spot has a length
    too. ``inf`` when nothing is in the way or nothing moves. A point already inside counts as 0 when the
    motion drives deeper into it, and not at all when the motion leaves it. ``nan`` counts as touching.

    Args:
        points: In ``base_link``, shape (N, 2).
        vx_mps: Forward speed; only its ratio to the turn rate matters, and the signs.
        wz_radps: Turn rate.
        front_m: From ``base_link`` to the front edge.
        rear_m: From ``base_link`` to the rear edge, positive.
        half_width_m: From ``base_link`` to each side.
        horizon_m: Contacts farther away are of no interest and may be left out; saves time.

    """
    free_m: float = calls().arc_clearance(points, vx_mps, wz_radps, front_m, rear_m, half_width_m, horizon_m)
    return free_m


def free_ways(
    points: Points,
    mounts: NDArray[np.float64],
    ranges_m: NDArray[np.float64],
    ages_s: NDArray[np.float64],
    vx_mps: float,
    wz_radps: float,
    front_m: float,
    rear_m: float,
    half_width_m: float,
    wider_m: float,
    horizon_m: float,
    stale_s: float,
) -> tuple[float, float]:
    """Return the free ways (see ``arc_clearance``) between points and before sonars, for two half widths.

    Args:
        points: In ``base_link``, shape (N, 2).
        mounts: x, y and yaw of each sonar, shape (M, 3).
        ranges_m: One per sonar, REP-117; nan and -inf count as touching.
        ages_s: One per sonar.
        vx_mps: As for ``arc_clearance``, and so on to ``rear_m``.
        wz_radps: Turn rate.
        front_m: From ``base_link`` to the front edge.
        rear_m: From ``base_link`` to the rear edge, positive.
        half_width_m: From ``base_link`` to each side, for the first of the ways.
        wider_m: The same for the second.
        horizon_m: Contacts farther away may be left out; echoes of sonars from farther away are.
        stale_s: Older readings of sonars are left out.

    """
    free_m: tuple[float, float] = calls().free_ways(
        points,
        mounts,
        ranges_m,
        ages_s,
        vx_mps,
        wz_radps,
        front_m,
        rear_m,
        half_width_m,
        wider_m,
        horizon_m,
        stale_s,
    )
    return free_m


def rim_speed(vx_mps: float, wz_radps: float, front_m: float, rear_m: float, half_width_m: float) -> float:
    """Return the speed of the corner that moves fastest; ``|vx|`` on a straight line."""
    speed_mps: float = calls().rim_speed(vx_mps, wz_radps, front_m, rear_m, half_width_m)
    return speed_mps


def polygon_depth(polygon: Points, x_m: float, y_m: float) -> float:
    """Return the distance from a place to the rim of a polygon of shape (N, 2): negative outside."""
    depth_m: float = calls().polygon_depth(polygon, x_m, y_m)
    return depth_m


def fence_depths(
    x_m: float, y_m: float, inside: tuple[Points, ...], outside: tuple[Points, ...]
) -> tuple[float, float]:
    """Return how far a place is from leaving one polygon of ``inside`` and from entering one of ``outside``.

    Below 0 when it has, ``inf`` without any; each polygon has shape (N, 2).
    """
    depths: tuple[float, float] = calls().fence_depths(x_m, y_m, len(inside), *inside, *outside)
    return depths
