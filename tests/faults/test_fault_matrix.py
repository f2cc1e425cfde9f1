"""Every row of the fault matrix, in every phase of a patrol: the car does what the row says.

``pytest -m faults`` runs them all; ``FAULT_REPORT=file.json`` writes down what happened.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from matrix import Row, broken_promises, rows
from patrol import Aftermath, aftermath
from table import README, table, with_table

from sim.faults import KINDS

SECONDS = 12.0
SEEDS = range(1, 1 + int(os.environ.get("FAULT_SEEDS", "1")))
MATRIX = rows()

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def ledger() -> Iterator[list[tuple[Row, int, Aftermath, list[str]]]]:
    """Collect every run; written down at the end when somebody wants it."""
    runs: list[tuple[Row, int, Aftermath, list[str]]] = []
    yield runs
    if "FAULT_REPORT" in os.environ:
        Path(os.environ["FAULT_REPORT"]).write_text(json.dumps(_report(runs), indent=1), encoding="utf-8")


def _report(runs: list[tuple[Row, int, Aftermath, list[str]]]) -> dict[str, object]:
    return {
        "rows": len({str(row) for row, *_ in runs}),
        "faults": len({row.fault.kind for row, *_ in runs}),
        "runs": len(runs),
        "collisions": sum(found.collisions for _, _, found, _ in runs),
        "late_stops": sum(any("ms, expected" in text for text in wrong) for *_, wrong in runs),
        "silent_failures": sum(
            any("never said" in text or "sentence" in text for text in wrong) for *_, wrong in runs
        ),
        "broken": [f"{row} seed {seed}: {text}" for row, seed, _, wrong in runs for text in wrong],
        "families": dict(Counter(KINDS[row.fault.kind].family for row, *_ in runs)),
    }


@pytest.mark.parametrize("row", MATRIX, ids=str)
def test_the_car_does_what_the_row_says(
    row: Row, ledger: list[tuple[Row, int, Aftermath, list[str]]]
) -> None:
    wrong = []
    for seed in SEEDS:
        found = aftermath(row.fault, row.phase, seed, SECONDS)
        broken = broken_promises(row.expect, found, SECONDS)
        ledger.append((row, seed, found, broken))
        wrong += [f"seed {seed}: {text}; {found}" for text in broken]
    assert not wrong, "\n".join(wrong)


def test_every_kind_of_fault_has_a_row() -> None:
    assert {row.fault.kind for row in MATRIX} == set(KINDS)


def test_no_row_is_there_twice() -> None:
    names = Counter(str(row) for row in MATRIX)
    assert [name for name, count in names.items() if count > 1] == []


def test_the_table_of_the_readme_is_the_matrix() -> None:
    text = README.read_text(encoding="utf-8")
    assert table() in text
    assert with_table(text) == text
