"""A figure that is missing, or beyond its limit, is told."""

from __future__ import annotations

import math

import pytest

from bench.goals import GOALS, missed


@pytest.mark.parametrize("name", list(GOALS))
def test_figures_on_their_limits_reach_every_goal_and_missing_ones_none(name: str) -> None:
    at_the_limit = {
        key: goal.least if math.isfinite(goal.least) else goal.most for key, goal in GOALS[name].items()
    }
    assert missed(name, at_the_limit) == []
    assert len(missed(name, {})) == len(missed(name, dict.fromkeys(GOALS[name]))) == len(GOALS[name])


@pytest.mark.parametrize(
    ("name", "key", "figure"),
    [
        ("wire", "decode_ratio_pymavlink", 4.99),
        ("wire", "false_frames", 1),
        ("firmware", "codec_flash_bytes_m3", 1025),
        ("firmware", "pil_golden_equal", False),
    ],
)
def test_a_figure_beyond_its_limit_is_told_with_both(name: str, key: str, figure: float) -> None:
    told = [sentence for sentence in missed(name, {key: figure}) if key in sentence]
    assert len(told) == 1
    assert f"{key} is {figure}" in told[0]
