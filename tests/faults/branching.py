"""Many ways on from one moment: a patrol is driven to a phase once, and every row goes on from there.

Each row runs in a copy of the process that drove there (fork), so nothing is driven twice, copies are equal
to the last bit, and all cores work. It is a program of its own, ``python branching.py``, because only a
process without threads may be copied safely: jobs come in, results go out, both pickled.
"""

from __future__ import annotations

import os
import pickle
import select
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from patrol import Aftermath, Patrol
from unguarded import Watchers

from sim.faults import Fault

_CHUNK: Final = 65536


class Job(NamedTuple):
    """What is to be found out.

    Attributes:
        site: One of ``patrol.SITES``.
        phase: One of ``patrol.PHASES``.
        seed: Of every chance.
        watchers: Who looks where the car drives.
        fault: What goes wrong, and how long it lasts.
        seconds: How long to watch.

    """

    site: str
    phase: str
    seed: int
    watchers: Watchers
    fault: Fault
    seconds: float


Result = Aftermath | str
"""What happened, or the traceback of what went wrong in our own program."""


def results(jobs: Sequence[Job]) -> Iterator[tuple[Job, Result]]:
    """Yield what came out of each job, in the order in which it becomes known."""
    command = [sys.executable, str(Path(__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        with worker.stdin as questions:
            pickle.dump(list(jobs), questions)
        for _ in jobs:
            yield pickle.load(worker.stdout)  # noqa: S301  (from our own program)


def _work(jobs: Sequence[Job], answers: BinaryIO) -> None:
    """Do all jobs, as many at a time as there are cores."""
    copies = _Copies(answers, os.cpu_count() or 1)
    for (site, phase, seed), same in groupby(sorted(jobs, key=_trunk), key=_trunk):
        patrol = Patrol(seed, site=site)
        patrol.until(phase)
        for job in same:
            copies.start(job, patrol)
    copies.finish()


def _trunk(job: Job) -> tuple[str, str, int]:
    return job.site, job.phase, job.seed


class _Copies:
    """The processes at work."""

    def __init__(self, answers: BinaryIO, most: int) -> None:
        self._answers = answers
        self._most = most
        self._working: dict[int, tuple[int, Job, list[bytes]]] = {}

    def start(self, job: Job, patrol: Patrol) -> None:
        """Let a copy of this process go on with the patrol; waits while all cores are busy."""
        while len(self._working) >= self._most:
            self._listen()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            with os.fdopen(writing, "wb") as out:
                pickle.dump(_went(job, patrol), out)
            os._exit(0)
        os.close(writing)
        self._working[reading] = (child, job, [])

    def finish(self) -> None:
        """Wait for all."""
        while self._working:
            self._listen()

    def _listen(self) -> None:
        for reading in select.select(list(self._working), [], [])[0]:
            child, job, pieces = self._working[reading]
            piece = os.read(reading, _CHUNK)
            pieces.append(piece)
            if not piece:
                del self._working[reading]
                os.close(reading)
                os.waitpid(child, 0)
                said = b"".join(pieces)
                found: Result = pickle.loads(said) if said else "the process died"  # noqa: S301  (our own)
                pickle.dump((job, found), self._answers)
                self._answers.flush()


def _went(job: Job, patrol: Patrol) -> Result:
    try:
        patrol.let_look(job.watchers)
        patrol.inject(job.fault)
        return patrol.watch(job.seconds)
    except Exception:  # noqa: BLE001  (it is told to the test, which fails with it)
        return traceback.format_exc()


if __name__ == "__main__":
    _work(pickle.load(sys.stdin.buffer), sys.stdout.buffer)  # noqa: S301  (from the tests)
