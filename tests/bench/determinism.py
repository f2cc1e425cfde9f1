"""Do the same missions give the same bytes, however many processes and whichever library drives them?

A thousand short missions, each with its own seed, people, a bad line and faults that happen or not, are
driven in one process, in two processes of loky, and on a local Dask cluster with two workers. Every row is
compared with that of the first pass, all its columns but the CPU time; ``trace`` is the hash of every byte
the host sent and when. ``differing_hashes`` counts rows whose hash is another, ``differing_rows`` rows that
differ at all. ``DETERMINISM_MISSIONS=50`` drives fewer.
"""

from __future__ import annotations

import importlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from sim.campaign.case import Case
from sim.campaign.row import CRASHED, Row
from sim.campaign.workers import rows
from sim.faults import Fault
from sim.line import LineParameters

MISSIONS: Final = 1000
WORKERS: Final = 2
FILES: Final = {
    "room.yaml": """
site: Room
rooms: {hall: [0, 0, 5, 4]}
start: [1, 1, 0]
places: {window: [3.2, 2.2]}
people: {guest: {route: [[2.4, 3.4], [2.4, 0.6]], speed_mps: 0.9, pause_s: 1}}
""",
    "round.yaml": "mission: Short\nsite: room.yaml\nreturn_home: false\nvisits: [window]\n",
}
FAULTS: Final = (
    Fault("bursts", 1.0, 2.0, 0.5),
    Fault("lidar patchy", 2.0, 2.0, 0.5),
    Fault("host unheard", 3.0, 0.15, 0.3),
    Fault("somebody crosses", 3.0, None, 0.3, (("mps", 0.8),)),
)


def short_case() -> Case:
    """Return the mission: some six seconds, with chance in everything."""
    return Case(
        "Short",
        "round.yaml",
        tuple(sorted((name, text.encode()) for name, text in FILES.items())),
        line=LineParameters(baud=460_800, loss=2e-4, jitter_s=0.002),
        limit_s=60.0,
        faults=FAULTS,
    )


def measure() -> dict[str, object]:
    """Return the counts."""
    return compared(int(os.environ.get("DETERMINISM_MISSIONS", MISSIONS)))


def compared(missions: int) -> dict[str, object]:
    """Return how many rows differ between the ways of driving them."""
    case, seeds = short_case(), range(1, missions + 1)
    first, first_s = _timed(lambda: rows(case, seeds, jobs=1))
    loky, loky_s = _timed(lambda: rows(case, seeds, jobs=WORKERS))
    distributed = importlib.import_module("distributed")
    with distributed.LocalCluster(
        n_workers=WORKERS, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        dask, dask_s = _timed(lambda: rows(case, seeds, jobs=1, cluster=cluster.scheduler_address))
    differing = [compared_rows(first, other) for other in (loky, dask)]
    return {
        "missions": missions,
        "differing_hashes": sum(hashes for hashes, _ in differing),
        "differing_rows": sum(whole for _, whole in differing),
        "different_hashes": len({row.trace for row in first}),
        "crashed": sum(row.ending == CRASHED for row in first),
        "endings": dict(Counter(row.ending for row in first)),
        "simulated_s": round(sum(row.sim_s or 0.0 for row in first)),
        "wall_s": {"one process": first_s, "two of loky": loky_s, "two of Dask": dask_s},
    }


def compared_rows(first: Sequence[Row], other: Sequence[Row]) -> tuple[int, int]:
    """Return how many hashes differ, and how many rows differ in anything but the CPU time."""
    pairs = list(zip(sorted(first), sorted(other), strict=True))
    hashes = sum(a.trace != b.trace for a, b in pairs)
    return hashes, sum(a._replace(cpu_s=None) != b._replace(cpu_s=None) for a, b in pairs)


def _timed(drive: Callable[[], Iterable[Row]]) -> tuple[list[Row], float]:
    start = time.monotonic()
    return list(drive()), round(time.monotonic() - start, 1)
