"""Every row of the fault matrix, in every phase of a patrol: the car does what the row says.

``pytest -m faults`` runs them all; ``FAULT_REPORT=file.json`` writes down what happened.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from branching import Job, Result, results
from matrix import Row, broken_promises, rows
from patrol import Aftermath
from table import README, table, with_table
from unguarded import Watchers

from sim.faults import KINDS

SEEDS = range(1, 1 + int(os.environ.get("FAULT_SEEDS", "1")))
MATRIX = rows()
PROOFS = [row for row in MATRIX if row.is_proof]
CONTROLS = (Watchers.GOVERNOR, Watchers.NOBODY)
SHARE = 0.5  # of the situations in which a car that does not look must hit something

pytestmark = pytest.mark.faults


class Ledger:
    """Every run, driven when the first of them is asked for, and what was wrong with it."""

    def __init__(self, chosen: Sequence[Row]) -> None:
        jobs = [row.job(seed) for row in chosen for seed in SEEDS]
        proofs = [row for row in chosen if row.is_proof]
        jobs += [row.control(who, seed) for row in proofs for who in CONTROLS for seed in SEEDS]
        self._coming = results(jobs)
        self._known: dict[Job, Result] = {}
        self.judged: list[tuple[Row, int, Aftermath, list[str]]] = []

    def found(self, job: Job) -> Aftermath:
        """Return what came out of a job."""
        while job not in self._known:
            done, result = next(self._coming)
            self._known[done] = result
        result = self._known[job]
        assert isinstance(result, Aftermath), result
        return result

    def collided(self, watchers: Watchers) -> list[bool]:
        """Return for each proof whether the car hit something while only these looked."""
        return [self.found(row.control(watchers, seed)).collisions > 0 for row in PROOFS for seed in SEEDS]

    def report(self) -> dict[str, object]:
        """Return the figures."""
        runs = self.judged
        control = self.collided(Watchers.NOBODY)
        return {
            "rows": len({str(row) for row, *_ in runs}),
            "faults": len({row.fault.kind for row, *_ in runs}),
            "runs": len(runs),
            "collisions": sum(found.collisions for _, _, found, _ in runs),
            "late_stops": sum(any("ms, expected" in text for text in wrong) for *_, wrong in runs),
            "silent_failures": sum(
                any("never said" in text or "sentence" in text for text in wrong) for *_, wrong in runs
            ),
            "control_runs": len(control),
            "control_collided_share": round(sum(control) / len(control), 3),
            "governor_only_collisions": sum(self.collided(Watchers.GOVERNOR)),
            "broken": [f"{row} seed {seed}: {text}" for row, seed, _, wrong in runs for text in wrong],
            "families": dict(Counter(KINDS[row.fault.kind].family for row, *_ in runs)),
        }


@pytest.fixture(scope="module")
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Drive what is asked for in this session; written down at the end when somebody wants it."""
    asked = [item.callspec.params.get("row") for item in request.session.items if hasattr(item, "callspec")]
    chosen = [row for row in asked if isinstance(row, Row)]
    whole = any(item.name.startswith("test_without") for item in request.session.items)
    ledger = Ledger([*chosen, *(row for row in PROOFS if whole and row not in chosen)])
    yield ledger
    if "FAULT_REPORT" in os.environ:
        Path(os.environ["FAULT_REPORT"]).write_text(json.dumps(ledger.report(), indent=1), encoding="utf-8")


@pytest.mark.parametrize("row", MATRIX, ids=str)
def test_the_car_does_what_the_row_says(row: Row, ledger: Ledger) -> None:
    wrong = []
    for seed in SEEDS:
        found = ledger.found(row.job(seed))
        broken = broken_promises(row.expect, found, row.seconds)
        ledger.judged.append((row, seed, found, broken))
        wrong += [f"seed {seed}: {text}; {found}" for text in broken]
    assert not wrong, "\n".join(wrong)


def test_without_its_governor_the_car_hits_most_of_what_comes_into_its_way(ledger: Ledger) -> None:
    hit = ledger.collided(Watchers.NOBODY)
    assert sum(hit) >= SHARE * len(hit), [str(row) for row, one in zip(PROOFS, hit, strict=False) if not one]


def test_the_governor_alone_hits_nothing_in_the_same_situations(ledger: Ledger) -> None:
    hit = ledger.collided(Watchers.GOVERNOR)
    assert [str(row) for row, one in zip(PROOFS, hit, strict=False) if one] == []


def test_every_kind_of_fault_has_a_row() -> None:
    assert {row.fault.kind for row in MATRIX} == set(KINDS)


def test_no_row_is_there_twice() -> None:
    names = Counter(str(row) for row in MATRIX)
    assert [name for name, count in names.items() if count > 1] == []


def test_the_table_of_the_readme_is_the_matrix() -> None:
    text = README.read_text(encoding="utf-8")
    assert table() in text
    assert with_table(text) == text
