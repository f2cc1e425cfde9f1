"""The figures of ``python -m tests.bench fidelity`` stay within what the simulator promises."""

from __future__ import annotations

from bench.fidelity import allan_errors, measure
from bench.goals import missed


def test_it_is_as_near_as_promised() -> None:
    assert missed("fidelity", measure()) == []


def test_another_hour_has_the_same_allan_deviation() -> None:
    assert max(allan_errors(seed=11)) < 0.10
