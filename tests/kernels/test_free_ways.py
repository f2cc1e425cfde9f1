"""The free ways of a car with sonars are those between the points of a few lines of Python."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.errors import CommandError
from patrolcar.kernels import arc_clearance, free_ways

FRONT_M, REAR_M = 0.16, 0.12
SPECIAL_M = [0.0, 0.2, 0.4, math.inf, -math.inf, math.nan]
coordinates = st.floats(-1.5, 1.5)
speeds = st.one_of(st.just(0.0), st.floats(-0.6, 0.6))


@given(
    points=st.lists(st.tuples(coordinates, coordinates), max_size=6),
    mounts=st.lists(st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(-4, 4)), max_size=40),
    ranges_m=st.lists(st.one_of(st.floats(0.0, 3.0), st.sampled_from(SPECIAL_M)), max_size=40),
    ages_s=st.lists(st.sampled_from([-0.1, 0.0, 0.5, 0.6, math.inf, math.nan]), max_size=40),
    motion=st.tuples(speeds, speeds),
    widths_m=st.tuples(st.floats(0.05, 0.5), st.floats(0.05, 0.5)),
    horizon_m=st.sampled_from([0.4, 1.4, math.inf]),
)
def test_a_fresh_echo_within_the_horizon_is_a_point_and_a_blind_sonar_touches(
    points: list[tuple[float, float]],
    mounts: list[tuple[float, float, float]],
    ranges_m: list[float],
    ages_s: list[float],
    motion: tuple[float, float],
    widths_m: tuple[float, float],
    horizon_m: float,
) -> None:
    there = list(points)
    for (x_m, y_m, yaw_rad), range_m, age_s in zip(mounts, ranges_m, ages_s, strict=False):
        if age_s <= 0.5 and not range_m > horizon_m:
            reach_m = range_m if math.isfinite(range_m) else 0.0
            there.append((x_m + reach_m * math.cos(yaw_rad), y_m + reach_m * math.sin(yaw_rad)))
    found = free_ways(
        np.array(points, float).reshape(-1, 2),
        np.array(mounts, float).reshape(-1, 3),
        np.array(ranges_m, float),
        np.array(ages_s, float),
        *motion,
        FRONT_M,
        REAR_M,
        *widths_m,
        horizon_m,
        0.5,
    )
    everything = np.array(there, float).reshape(-1, 2)
    for free_m, width_m in zip(found, widths_m, strict=True):
        assert free_m == arc_clearance(everything, *motion, FRONT_M, REAR_M, width_m, horizon_m)


def test_what_is_no_array_of_doubles_is_refused() -> None:
    none, three = np.empty(0), np.empty((0, 3))
    with pytest.raises(CommandError, match="float64"):
        free_ways(np.zeros((4, 4))[:, :2], three, none, none, 0.1, 0.0, FRONT_M, REAR_M, 0.1, 0.2, 1.0, 0.5)
