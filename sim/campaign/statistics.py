"""What may be concluded from counts: intervals and tests that are exact, or say which they are.

Everything here is a formula of a few lines, so that nothing heavier than the standard library is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Final, NamedTuple

CONFIDENCE: Final = 0.95
_HALVINGS: Final = 200


class Interval(NamedTuple):
    """An estimate and its bounds."""

    estimate: float
    low: float
    high: float


def wilson(successes: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the score interval of a share (Wilson 1927); nothing is known without trials.

    Args:
        successes: How often it happened.
        trials: How often it could have.
        confidence: Of the two-sided interval, 0 to 1.

    """
    if trials == 0:
        return Interval(math.nan, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / trials
    scale = 1.0 / (1.0 + z * z / trials)
    middle = scale * (share + z * z / (2 * trials))
    half = scale * z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low = 0.0 if successes == 0 else max(middle - half, 0.0)
    high = 1.0 if successes == trials else min(middle + half, 1.0)
    return Interval(share, low, high)


def poisson_rate(events: int, exposure: float, confidence: float = CONFIDENCE) -> Interval:
    """Return the exact interval of a rate (Garwood 1936): events per unit of exposure.

    Args:
        events: How many were counted.
        exposure: Over how much: kilometres, hours.
        confidence: Of the two-sided interval, 0 to 1.

    """
    if exposure <= 0.0:
        return Interval(math.nan, 0.0, math.inf)
    tail = (1.0 - confidence) / 2
    top = events + 10.0 * math.sqrt(events + 1.0) + 20.0
    high = _root(lambda mean: poisson_at_most(events, mean) - tail, 0.0, top)
    low = 0.0
    if events:
        low = _root(lambda mean: tail - (1.0 - poisson_at_most(events - 1, mean)), 0.0, top)
    return Interval(events / exposure, low / exposure, high / exposure)


def poisson_at_most(events: int, mean: float) -> float:
    """Return the probability of at most ``events`` when ``mean`` are expected."""
    if mean <= 0.0:
        return 1.0
    logs = (count * math.log(mean) - mean - math.lgamma(count + 1) for count in range(events + 1))
    return min(math.fsum(map(math.exp, logs)), 1.0)


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p-value for pairs that differ (McNemar 1947, binomial form).

    Args:
        only_first: Pairs of which only the first did it.
        only_second: Pairs of which only the second did it.

    """
    trials = only_first + only_second
    least = min(only_first, only_second)
    tail = sum(math.comb(trials, count) for count in range(least + 1))
    return min(2 * tail / (1 << trials), 1.0)


def sign_test(differences: Sequence[float]) -> float:
    """Return the exact two-sided p-value that paired differences lean to neither side; zeros are left out."""
    return mcnemar(sum(value < 0 for value in differences), sum(value > 0 for value in differences))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for having asked all these questions (Holm 1979), in the same order."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min((len(p_values) - rank) * p_values[index], 1.0))
        adjusted[index] = largest
    return adjusted


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of them lie, between neighbours in proportion; nan for none."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function that falls from positive to negative crosses zero."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if falling(middle) > 0.0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
