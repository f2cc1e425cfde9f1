"""What a campaign shows: shares and rates with their intervals, and whether it is worse than before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

from sim.campaign.row import Row
from sim.campaign.statistics import Interval, holm, mcnemar, poisson_rate, quantile, sign_test, wilson

SIGNIFICANT: Final = 0.05
QUANTILES: Final = (0.05, 0.5, 0.95)


class Metric(NamedTuple):
    """A column whose distribution is of interest, and which way is worse."""

    column: str
    title: str
    unit: str
    more_is_worse: bool


METRICS: Final = (
    Metric("sim_s", "duration", "s", True),
    Metric("distance_m", "distance", "m", True),
    Metric("worst_idle_s", "longest wait of a place", "s", True),
    Metric("mean_idle_s", "mean wait", "s", True),
    Metric("min_clearance_m", "smallest gap to what stands", "m", False),
    Metric("nearest_person_m", "smallest gap to a person", "m", False),
    Metric("worst_pose_error_m", "largest pose error", "m", True),
    Metric("mean_pose_error_m", "mean pose error", "m", True),
    Metric("charge_used", "charge used", "", True),
    Metric("safety_stops", "safety stops", "", True),
)


@dataclass(frozen=True, slots=True)
class Summary:
    """One campaign."""

    missions: int
    endings: dict[str, int]
    good: Interval  # share that ended as they should without a collision
    collisions: int
    touched: int
    collisions_per_km: Interval
    distance_km: float
    simulated_h: float
    quantiles: dict[str, tuple[float, ...]]  # per metric, at QUANTILES
    bad_seeds: tuple[int, ...]

    def to_json(self) -> dict[str, object]:
        """Return a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Question:
    """One comparison with the baseline, over the seeds that both have."""

    title: str
    before: float
    after: float
    p_value: float  # adjusted for all questions
    is_worse: bool


def summary(rows: Sequence[Row]) -> Summary:
    """Return what these rows show."""
    distance_km = sum(row.distance_m or 0.0 for row in rows) / 1000.0
    collisions = sum(row.collisions or 0 for row in rows)
    return Summary(
        missions=len(rows),
        endings=dict(Counter(row.ending for row in rows)),
        good=wilson(sum(row.is_good for row in rows), len(rows)),
        collisions=collisions,
        touched=sum(row.touched or 0 for row in rows),
        collisions_per_km=poisson_rate(collisions, distance_km),
        distance_km=distance_km,
        simulated_h=sum(row.sim_s or 0.0 for row in rows) / 3600.0,
        quantiles={
            metric.column: tuple(quantile(values(rows, metric.column), share) for share in QUANTILES)
            for metric in METRICS
        },
        bad_seeds=tuple(row.seed for row in rows if not row.is_good),
    )


def values(rows: Sequence[Row], column: str) -> list[float]:
    """Return what is known of a column."""
    found = (getattr(row, column) for row in rows)
    return [float(value) for value in found if value is not None]


def compared(before: Sequence[Row], after: Sequence[Row]) -> list[Question]:
    """Return whether anything became worse, seed by seed; seeds that only one side has are left out."""
    old = {row.seed: row for row in before}
    pairs = [(old[row.seed], row) for row in after if row.seed in old]
    lost = sum(a.is_good and not b.is_good for a, b in pairs)
    won = sum(b.is_good and not a.is_good for a, b in pairs)
    share = [sum(row.is_good for row in side) / max(len(pairs), 1) for side in zip(*pairs, strict=True)] or [
        0,
        0,
    ]
    found = [("good missions", share[0], share[1], mcnemar(lost, won), lost > won)]
    found += [_leaning(metric, pairs) for metric in METRICS]
    adjusted = holm([p_value for _, _, _, p_value, _ in found])
    return [
        Question(title, old_value, new_value, p_value, worse and p_value < SIGNIFICANT)
        for (title, old_value, new_value, _, worse), p_value in zip(found, adjusted, strict=True)
    ]


def _leaning(metric: Metric, pairs: Sequence[tuple[Row, Row]]) -> tuple[str, float, float, float, bool]:
    """Return title, medians, p-value and whether the pairs lean to the worse side."""
    both = [(getattr(a, metric.column), getattr(b, metric.column)) for a, b in pairs]
    known = [(float(a), float(b)) for a, b in both if a is not None and b is not None]
    rises = [b - a for a, b in known]
    more = sum(rise > 0 for rise in rises) > sum(rise < 0 for rise in rises)
    fewer = sum(rise > 0 for rise in rises) < sum(rise < 0 for rise in rises)
    medians = (quantile([a for a, _ in known], 0.5), quantile([b for _, b in known], 0.5))
    return metric.title, *medians, sign_test(rises), more if metric.more_is_worse else fewer
