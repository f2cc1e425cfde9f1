"""How far a place is from all fences at once is the least of how far it is from each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.errors import CommandError
from patrolcar.geometry import Points
from patrolcar.kernels import fence_depths, polygon_depth
from patrolcar.kernels.binding import calls

coordinates = st.floats(-5.0, 5.0)
corners = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=7)
fences = st.lists(corners.map(lambda each: np.array(each, np.float64)), max_size=3).map(tuple)


@given(fences, fences, coordinates, coordinates)
def test_the_nearest_of_each_kind_counts(
    inside: tuple[Points, ...], outside: tuple[Points, ...], x_m: float, y_m: float
) -> None:
    inner_m = min((polygon_depth(each, x_m, y_m) for each in inside), default=math.inf)
    outer_m = min((-polygon_depth(each, x_m, y_m) for each in outside), default=math.inf)
    assert fence_depths(x_m, y_m, inside, outside) == (inner_m, outer_m)


def test_what_is_no_place_or_no_polygon_is_refused() -> None:
    square = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    with pytest.raises(CommandError, match="float64"):
        fence_depths(0.0, 0.0, (square, square.astype(np.float32)), ())
    with pytest.raises(CommandError, match="takes 3 arguments, not 2"):
        calls().fence_depths(0.0, 0.0)
    for wrong in ((0.0, 0.0, "one", square), (0.0, 0.0, "one"), ("here", 0.0, 1, square)):
        with pytest.raises(TypeError):
            calls().fence_depths(*wrong)
