"""Many mutants: which ones, what became of them, and what that says."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .mutant import Address, Mutant
from .survivors import survivors, unlisted
from .targets import TARGETS, mutants_of
from .trial import Court, Verdict

_NOTICED = {Verdict.KILLED, Verdict.TIMEOUT}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the mutants of a campaign."""

    verdicts: tuple[tuple[Mutant, Verdict], ...]

    @property
    def survived(self) -> list[Mutant]:
        """Those that no test noticed."""
        return [mutant for mutant, verdict in self.verdicts if verdict is Verdict.SURVIVED]

    @property
    def unlisted(self) -> list[Address]:
        """Survivors without a reason."""
        return unlisted(self.survived)

    @property
    def stale(self) -> list[Address]:
        """Listed survivors that were killed."""
        killed = {mutant.address for mutant, verdict in self.verdicts if verdict in _NOTICED}
        return [each.address for each in survivors() if each.address in killed]

    def figures(self) -> dict[str, object]:
        """Return the counts, in all and by file."""
        by_file = {
            file: self._counts(file) for file in dict.fromkeys(m.address.file for m, _ in self.verdicts)
        }
        return {
            **self._counts(""),
            "unlisted": len(self.unlisted),
            "stale": [" | ".join(map(str, each)) for each in self.stale],
            "files": by_file,
        }

    def _counts(self, file: str) -> dict[str, int]:
        counts = Counter(v for mutant, v in self.verdicts if mutant.address.file.startswith(file))
        real = sum(counts[v] for v in (Verdict.KILLED, Verdict.TIMEOUT, Verdict.SURVIVED))
        return {"mutants": real, **{verdict.value: counts[verdict] for verdict in Verdict}}


def run(files: Sequence[str], sample: int, seed: int, *, quiet: bool) -> Outcome:
    """Judge all mutants of the files, or a sample of them; the same seed gives the same sample."""
    mutants = {file: mutants_of(file) for file in files}
    if sample:
        mutants = sampled(mutants, sample, seed)
    verdicts: list[tuple[Mutant, Verdict]] = []
    with tempfile.TemporaryDirectory() as folder:
        court = Court(Path(folder))
        for file, some in mutants.items():
            for mutant, verdict in court.judged(some, TARGETS[file]) if some else ():
                verdicts.append((mutant, verdict))
                if not quiet:
                    print(
                        f"{len(verdicts):5} {verdict.value:10} {' | '.join(map(str, mutant.address))}",
                        file=sys.stderr,
                    )
    return Outcome(tuple(verdicts))


def sampled(mutants: dict[str, list[Mutant]], count: int, seed: int) -> dict[str, list[Mutant]]:
    """Return so many of them, spread over the files by chance, each file's in its order."""
    every = [mutant for some in mutants.values() for mutant in some]
    chosen = set(np.random.default_rng(seed).permutation(len(every))[:count].tolist())
    kept = {mutant.address for index, mutant in enumerate(every) if index in chosen}
    return {file: [mutant for mutant in some if mutant.address in kept] for file, some in mutants.items()}
