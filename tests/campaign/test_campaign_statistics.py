"""What a campaign concludes is what the textbooks conclude."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.campaign.statistics import holm, mcnemar, poisson_at_most, poisson_rate, quantile, sign_test, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 1000, 0.0, 0.003827),  # the rule behind "0 failures of 1000 mean at most 0.38 %"
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_shares_have_wilsons_interval(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson(successes, trials)
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (100, 81.36, 121.63)],
)
def test_rates_have_garwoods_exact_interval(events: int, low: float, high: float) -> None:
    found = poisson_rate(events, 1.0)
    assert found.low == pytest.approx(low, rel=1e-3, abs=1e-9)
    assert found.high == pytest.approx(high, rel=1e-3)


@given(st.integers(0, 300), st.floats(0.1, 1e4))
def test_the_bounds_of_a_rate_leave_the_tails_they_promise(events: int, exposure: float) -> None:
    found = poisson_rate(events, exposure)
    assert poisson_at_most(events, found.high * exposure) == pytest.approx(0.025, rel=1e-6)
    if events:
        assert 1 - poisson_at_most(events - 1, found.low * exposure) == pytest.approx(0.025, rel=1e-6)
    assert found.low <= found.estimate <= found.high


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_share_lies_inside_its_interval(successes: int, trials: int) -> None:
    successes = min(successes, trials)
    found = wilson(successes, trials)
    assert 0.0 <= found.low <= found.estimate <= found.high <= 1.0


def test_nothing_is_concluded_from_nothing() -> None:
    assert wilson(0, 0)[1:] == (0.0, 1.0)
    assert poisson_rate(0, 0.0)[1:] == (0.0, math.inf)
    assert mcnemar(0, 0) == 1.0
    assert math.isnan(quantile([], 0.5))


@pytest.mark.parametrize(
    ("first", "second", "p"), [(0, 5, 0.0625), (0, 6, 0.03125), (1, 9, 0.021484), (5, 5, 1.0)]
)
def test_pairs_that_differ_are_judged_by_the_binomial(first: int, second: int, p: float) -> None:
    assert mcnemar(first, second) == pytest.approx(p, rel=1e-4)
    assert mcnemar(second, first) == mcnemar(first, second)
    assert sign_test([-1.0] * first + [0.0] * 7 + [2.0] * second) == mcnemar(first, second)


def test_asking_many_questions_makes_each_answer_weaker() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), max_size=12))
def test_adjusting_never_makes_an_answer_stronger_nor_changes_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(after >= before for before, after in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    assert [adjusted[index] for index in order] == sorted(adjusted)


def test_a_quantile_lies_between_its_neighbours() -> None:
    assert [quantile([4.0, 1.0, 3.0, 2.0], share) for share in (0.0, 0.5, 1.0)] == [1.0, 2.5, 4.0]
