"""The tests of the governor can fail: without it the car hits what it does not hit with it."""

from __future__ import annotations

import dataclasses

import pytest
from branching import Job, results
from patrol import Aftermath, plan
from unguarded import Watchers, let_look

from patrolcar.pilot import Pilot
from patrolcar.vehicle import Vehicle
from sim.faults import Fault

SITUATIONS = (
    ("by hand", Fault("thing appears", 0.0)),
    ("by hand", Fault("somebody steps out", 0.0)),
    ("by hand", Fault("somebody crosses", 0.0, values=(("mps", 0.5),))),
    ("straight", Fault("thing appears", 0.0)),
)


def test_in_the_same_situations_the_governor_hits_nothing_and_nobody_hits_everything() -> None:
    jobs = [
        Job("room", phase, 1, who, fault, 4.0)
        for phase, fault in SITUATIONS
        for who in (Watchers.GOVERNOR, Watchers.NOBODY)
    ]
    collided = {}
    for job, found in results(jobs):
        assert isinstance(found, Aftermath), found
        collided[job.phase, job.fault.kind, job.watchers] = found.collisions > 0
    assert collided == {
        (job.phase, job.fault.kind, job.watchers): job.watchers is Watchers.NOBODY for job in jobs
    }


def test_what_a_row_finds_does_not_depend_on_the_others() -> None:
    jobs = [Job("room", "by hand", 1, Watchers.ALL, fault, 2.0) for _, fault in SITUATIONS[:3]]
    together, alone = dict(results(jobs)), dict(results(jobs[1:2]))
    found = together[jobs[1]]
    assert isinstance(found, Aftermath)
    again = alone[jobs[1]]
    assert isinstance(again, Aftermath)
    assert dataclasses.asdict(found) == dataclasses.asdict(again)


def test_no_real_link_can_be_driven_without_a_governor() -> None:
    class SerialPort:
        """A link that is not simulated."""

        name = "/dev/ttyUSB0"

        def read(self, now_ns: int) -> bytes:
            del now_ns
            return b""

        def write(self, data: bytes) -> None:
            """Send nowhere."""

        def close(self) -> None:
            """Hold nothing."""

        def fileno(self) -> int | None:
            return None

    pilot = Pilot(plan().site, Vehicle(), None, session=1, seed=1)
    shield = pilot.shield
    with pytest.raises(TypeError, match="only a simulated car"):
        let_look(Watchers.NOBODY, pilot, SerialPort())
    assert pilot.shield is shield
