"""Drive one seed of a case in virtual time, and say how it went."""

from __future__ import annotations

import json
import math
import time
import traceback
from functools import lru_cache
from typing import NamedTuple

from patrolcar.geometry import Pose2
from patrolcar.report import Report, report
from patrolcar.runtime.journey import Watch
from patrolcar.runtime.plan import Plan, core_of, plan_from_files
from patrolcar.runtime.virtual import VirtualRun
from sim.campaign.case import Case
from sim.campaign.stage import staged
from sim.car import Truth
from sim.picture import Track
from sim.world.moving import present

SESSIONS = 65535
LOOK_EVERY_TURNS = 25
CRASHED = "crashed"


class Row(NamedTuple):
    """How one seed went. What a crashed mission did not reach is None.

    ``cpu_s`` is the only column that differs from run to run.
    """

    seed: int
    ending: str  # done, failed, no_car, link_lost, stopped, too_long, or crashed: our mistake
    why: str
    sim_s: float | None = None
    cpu_s: float | None = None
    distance_m: float | None = None
    laps: int | None = None
    visits: int | None = None
    missed: int | None = None
    worst_idle_s: float | None = None
    mean_idle_s: float | None = None
    collisions: int | None = None  # with walls or people, the car moving
    touched: int | None = None  # somebody touched the standing car
    min_clearance_m: float | None = None
    nearest_person_m: float | None = None
    safety_stops: int | None = None
    worst_pose_error_m: float | None = None
    mean_pose_error_m: float | None = None
    charge_used: float | None = None  # share of the battery's charge
    frames: int | None = None
    frames_lost: int | None = None
    blocks_rejected: int | None = None
    trace: str | None = None  # hash of every byte sent, and when
    drawn: str | None = None  # what the seed drew where the scenario says that things vary, as JSON

    @property
    def is_good(self) -> bool:
        """Whether the mission ended as it should, and nothing was hit."""
        return self.ending == "done" and self.collisions == 0


def driven(case: Case, seed: int, track: Track | None = None) -> Row:
    """Drive one seed; a mistake of ours becomes a row, too, and never an exception.

    Args:
        case: What is driven.
        seed: Start of every chance.
        track: Where the way is noted, for a drawing.

    """
    start_s = time.process_time()
    try:
        row = _driven(case, seed, track)
    except Exception as error:  # noqa: BLE001  (one broken mission must not end a thousand others)
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Row(seed, CRASHED, f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})")
    return row._replace(cpu_s=round(time.process_time() - start_s, 3))


@lru_cache(maxsize=2)
def plan_of(case: Case) -> Plan:
    """Return the plan of a case; a worker reads its files once."""
    return plan_from_files(dict(case.files), case.mission, is_mission=True)


def _driven(case: Case, seed: int, track: Track | None) -> Row:
    plan = plan_of(case)
    car, link, drawn = staged(case, plan.site, seed)
    full = car.truth.charge
    core = core_of(plan, lambda: link, link.name, session=seed % SESSIONS + 1, seed=seed, record=None)
    virtual, watch, errors = VirtualRun(core), Watch(core.pilot, case.limit_s), PoseErrors()
    turns = 0
    while watch.ending is None:
        intent = watch.look(virtual.now_ns)
        for event in virtual.turn(*([intent] if intent else [])):
            watch.heard(event)
        turns += 1
        if track is not None:
            truth = car.truth
            moving = present(car.movers)
            track.look(virtual.now_ns / 1e9, truth.pose, car.people_xy.tolist(), truth.collisions, moving)
        if turns % LOOK_EVERY_TURNS == 0:
            errors.look(core.pilot.pose_map, car.truth.pose)
    core.end()
    patrol = core.pilot.autopilot.patrol
    written = None if patrol is None else report(patrol, plan.site.name, virtual.now_ns, distance_m=0.0)
    row = _row(seed, watch, virtual, car.truth, full, written, errors)
    return row._replace(drawn=json.dumps(dict(drawn)) if drawn else None)


class PoseErrors:
    """How far the host's idea of the pose was from the truth."""

    def __init__(self) -> None:
        self.worst_m = self._sum_m = 0.0
        self._count = 0

    def look(self, believed: Pose2 | None, true: tuple[float, float, float]) -> None:
        """Compare once; a host that has no idea is not compared."""
        if believed is None:
            return
        error_m = math.hypot(believed.x_m - true[0], believed.y_m - true[1])
        self.worst_m, self._sum_m = max(self.worst_m, error_m), self._sum_m + error_m
        self._count += 1

    @property
    def mean_m(self) -> float:
        """The mean error."""
        return self._sum_m / max(self._count, 1)


def _row(
    seed: int,
    watch: Watch,
    virtual: VirtualRun,
    truth: Truth,
    full: float,
    written: Report | None,
    errors: PoseErrors,
) -> Row:
    decoder = virtual.core.pilot.session.decoder
    return Row(
        seed=seed,
        ending=watch.ending.name.lower() if watch.ending else CRASHED,
        why=watch.why,
        sim_s=round(virtual.now_ns / 1e9, 3),
        distance_m=round(truth.distance_m, 3),
        laps=written.laps if written else 0,
        visits=written.visits if written else 0,
        missed=written.missed if written else 0,
        worst_idle_s=round(written.worst_idle_s, 2) if written else None,
        mean_idle_s=round(written.mean_idle_s, 2) if written else None,
        collisions=truth.collisions,
        touched=truth.collisions_standing,
        min_clearance_m=_finite(truth.min_clearance_m),
        nearest_person_m=_finite(truth.min_person_m),
        safety_stops=virtual.core.pilot.stops,
        worst_pose_error_m=round(errors.worst_m, 4),
        mean_pose_error_m=round(errors.mean_m, 4),
        charge_used=round(full - truth.charge, 6),
        frames=decoder.frames,
        frames_lost=decoder.lost,
        blocks_rejected=decoder.rejects.total(),
        trace=virtual.trace.hexdigest()[:16],
    )


def _finite(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
