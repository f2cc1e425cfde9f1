"""A campaign as one web page that needs nothing else: no network, no scripts, plots as drawings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from sim.campaign.row import Row
from sim.campaign.statistics import Interval
from sim.campaign.summary import METRICS, Metric, Question, Summary, values

WIDTH, HEIGHT, BINS = 320, 150, 24
_MARGIN: Final = 28
_MOST_SEEDS: Final = 200

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
       color: #1c2733; background: #fff }
h1 { margin-bottom: 0 } .verdict { font-size: 1.25rem } .good { color: #0a6b3d } .bad { color: #b3261e }
table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .2rem .8rem .2rem 0; text-align: left }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
tr { border-bottom: 1px solid #e3e8ee } code { background: #f2f5f8; padding: .1rem .3rem; border-radius: 3px }
figure { display: inline-block; margin: 0 1rem 1rem 0 } figcaption { font-size: .9rem }
svg text { font: 11px system-ui, sans-serif; fill: #55636f }
@media (prefers-color-scheme: dark) {
  body { background: #11181f; color: #dde5ec } code { background: #1f2a34 } tr { border-color: #2b3843 }
  .good { color: #5fd39a } .bad { color: #ff8a80 } svg text { fill: #9fb0bf } }
"""


def page(title: str, told: Summary, rows: Sequence[Row], questions: Sequence[Question], again: str) -> str:
    """Return the page.

    Args:
        title: Name of what was repeated.
        told: What the rows show.
        rows: One per seed.
        questions: The comparison with a baseline; empty without one.
        again: Command that drives one seed again; ``{seed}`` stands for its number.

    """
    parts = [_verdict(told), _endings(told)]
    if questions:
        parts.append(_comparison(questions))
    parts.append("<h2>Distributions</h2>")
    parts += [_figure(metric, rows) for metric in METRICS]
    parts.append(_failures(told, rows, again))
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def _verdict(told: Summary) -> str:
    bad = len(told.bad_seeds)
    kind = "bad" if bad else "good"
    good = told.good
    rate = told.collisions_per_km
    return (
        f'<p class="verdict {kind}">{told.missions - bad} of {told.missions} missions went well</p>'
        f"<p>With 95 % confidence {_percent(good.low)} to {_percent(good.high)} of such missions do. "
        f"{told.collisions} collisions in {told.distance_km:.2f} km: at most {rate.high:.3g} per km. "
        f"{told.simulated_h:.1f} h were simulated. Standing, the car was touched {told.touched} times.</p>"
    )


def _endings(told: Summary) -> str:
    rows = "".join(
        f'<tr><td>{escape(ending.replace("_", " "))}</td><td class="n">{count}</td></tr>'
        for ending, count in sorted(told.endings.items(), key=lambda item: -item[1])
    )
    return f'<table><tr><th>how they ended</th><th class="n">missions</th></tr>{rows}</table>'


def _comparison(questions: Sequence[Question]) -> str:
    rows = "".join(
        f'<tr><td class="{"bad" if question.is_worse else ""}">{escape(question.title)}</td>'
        f'<td class="n">{_short(question.before)}</td><td class="n">{_short(question.after)}</td>'
        f'<td class="n">{question.p_value:.3g}</td><td>{"worse" if question.is_worse else ""}</td></tr>'
        for question in questions
    )
    return (
        "<h2>Against the baseline</h2><p>Seed by seed; exact tests, adjusted by Holm for the number of "
        'questions.</p><table><tr><th>what</th><th class="n">before</th><th class="n">after</th>'
        f'<th class="n">p</th><th></th></tr>{rows}</table>'
    )


def _figure(metric: Metric, rows: Sequence[Row]) -> str:
    known = values(rows, metric.column)
    if not known:
        return ""
    unit = f", {metric.unit}" if metric.unit else ""
    caption = f"{metric.title}{unit}: {_short(min(known))} to {_short(max(known))}"
    return f"<figure>{histogram(known)}<figcaption>{escape(caption)}</figcaption></figure>"


def histogram(known: Sequence[float]) -> str:
    """Return a drawing of how often values fall into bins of equal width."""
    low, high = min(known), max(known)
    width = (high - low) / BINS or 1.0
    counts = [0] * BINS
    for value in known:
        counts[min(int((value - low) / width), BINS - 1)] += 1
    step, most = (WIDTH - 2 * _MARGIN) / BINS, max(counts)
    tall = HEIGHT - 2 * _MARGIN
    bars = "".join(
        f'<rect x="{_MARGIN + index * step:.1f}" y="{HEIGHT - _MARGIN - tall * count / most:.1f}" '
        f'width="{step - 1:.1f}" height="{tall * count / most:.1f}" fill="#4a86c5"/>'
        for index, count in enumerate(counts)
        if count
    )
    base = HEIGHT - _MARGIN
    axis = f'<path d="M{_MARGIN} {base}H{WIDTH - _MARGIN}" stroke="#8a97a3" fill="none"/>'
    labels = (
        f'<text x="{_MARGIN}" y="{base + 14}">{_short(low)}</text>'
        f'<text x="{WIDTH - _MARGIN}" y="{base + 14}" text-anchor="end">{_short(high)}</text>'
        f'<text x="{_MARGIN}" y="{_MARGIN - 6}">{most}</text>'
    )
    return f'<svg width="{WIDTH}" height="{HEIGHT}" role="img">{bars}{axis}{labels}</svg>'


def _failures(told: Summary, rows: Sequence[Row], again: str) -> str:
    bad = [row for row in rows if row.seed in set(told.bad_seeds)]
    if not bad:
        return "<h2>What went wrong</h2><p>Nothing.</p>"
    lines = "".join(
        f'<tr><td class="n">{row.seed}</td><td>{escape(row.ending.replace("_", " "))}</td>'
        f'<td class="n">{row.collisions if row.collisions is not None else ""}</td>'
        f"<td>{escape(row.why)}</td><td><code>{escape(again.format(seed=row.seed))}</code></td></tr>"
        for row in bad[:_MOST_SEEDS]
    )
    more = f"<p>and {len(bad) - _MOST_SEEDS} more</p>" if len(bad) > _MOST_SEEDS else ""
    return (
        '<h2>What went wrong</h2><table><tr><th class="n">seed</th><th>ending</th>'
        f'<th class="n">collisions</th><th>why</th><th>once more</th></tr>{lines}</table>{more}'
    )


def share_text(interval: Interval) -> str:
    """Return ``99.2 % (97.1 to 99.8)``."""
    return f"{_percent(interval.estimate)} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f} %"


def _short(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4g}"
