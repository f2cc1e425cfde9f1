"""What somebody who watches a simulated car tells, and that it costs the car nothing."""

from __future__ import annotations

import socket
from dataclasses import replace
from math import hypot

from patrolcar.dashboard.world.view import Line, world_view
from sim.car import NOMINAL, SimulatedCar
from sim.faults import Fault
from sim.link import SimulatedLink
from sim.witness import Witness, beam_ends, seen
from sim.world.moving import Appearing, box
from sim.world.people import Temperament
from sim.world.walls import World

HALL = ((0, 0, 6, 0), (6, 0, 6, 4), (6, 4, 0, 4), (0, 4, 0, 0))
START = (1.0, 2.0, 0.0)
NOTHING = Line(0, 0, 0.0)


def car(**more: object) -> SimulatedCar:
    return SimulatedCar(World.from_walls(HALL), start=START, seed=1, **more)  # type: ignore[arg-type]  # passed on


def test_the_pose_the_gap_and_the_battery_are_those_of_the_truth() -> None:
    watched = car()
    watched.step(b"")
    view = seen(watched, None, NOTHING)
    assert view.pose == watched.truth.pose
    assert view.gap_m is not None
    assert abs(view.gap_m - (1.0 - 0.12)) < 1e-9  # from the rear to the wall at x = 0
    assert view.battery_v == watched.truth.battery_v
    assert view.collisions == 0
    assert view.nearest_person_m is None


def test_beams_end_on_the_walls() -> None:
    quiet = replace(NOMINAL.lidar, sigma_m=0.0, dropout=0.0)  # type: ignore[type-var]  # it is fitted
    watched = car(parameters=replace(NOMINAL, lidar=quiet))
    for _ in range(12):
        watched.step(b"")
    ends = beam_ends(watched)
    assert len(ends) == 360
    off = [min(abs(x), abs(x - 6), abs(y), abs(y - 4)) for x, y in ends.tolist()]
    assert max(off) < 0.001  # wire codes are millimetres


def test_a_thing_that_comes_is_seen_when_it_is_there_and_not_before() -> None:
    watched = car(moving=[Appearing(box(4.0, 2.0, 0.2), 0.3)])
    before = seen(watched, None, NOTHING).moving
    for _ in range(50):
        watched.step(b"")
    after = seen(watched, None, NOTHING).moving
    assert before == ()
    assert len(after) % 4 == 0
    assert all(hypot(x - 400, y - 200) < 30 for x, y in zip(after[::2], after[1::2], strict=True))


def test_faults_at_work_are_told_with_what_is_left_of_them() -> None:
    watched = car()
    link = SimulatedLink(watched, "sim", faults=[Fault("lidar off", 0.1, 0.2), Fault("late", 0.2)])
    told = []
    for _ in range(40):
        link.step(b"")
        told.append(tuple(fault.kind for fault in seen(watched, link.faults, NOTHING).faults))
    assert list(dict.fromkeys(told)) == [(), ("lidar off",), ("lidar off", "late"), ("late",)]
    assert seen(watched, link.faults, NOTHING).faults[0].left_s is None


def test_pictures_that_nobody_takes_are_dropped_and_a_witness_goes_with_its_listener() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    watched = car(temperaments=[Temperament()])
    witness = Witness(watched, None, theirs)
    with theirs:
        for _ in range(1000):
            witness.look(Line(1, 2, 0.0))
        assert not witness.is_gone
        assert world_view(ours.recv(1 << 20)).line == Line(1, 2, 0.0)
        ours.close()
        witness.look(NOTHING)
        assert witness.is_gone
