"""Lamps, servos and rates: what is asked reaches the controller, what cannot be is a sentence and no byte."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware_protocol.messages import SPEC_OF, Capability, Din, Imu
from patrolcar.modes import Mode
from patrolcar.pilot import intents as ask
from patrolcar.pilot.intents import Intent
from patrolcar.runtime.plan import core_of, plan_from_disk
from patrolcar.runtime.virtual import VirtualRun
from patrolcar.sites import DEMO_SITE, demo_folder
from sim.car import NOMINAL, SimulatedCar
from sim.link import SimulatedLink
from sim.world.walls import World

WORLD = World.from_walls(((-5, -5, 5, -5), (5, -5, 5, 5), (5, 5, -5, 5), (-5, 5, -5, -5)))
FITTED = NOMINAL.controller.capabilities | Capability.OUTPUTS | Capability.SERVOS | Capability.DIGITAL_INPUTS


def connected(capabilities: Capability = FITTED) -> VirtualRun:
    """Return a core whose car is found and disarmed."""
    settings = replace(NOMINAL, controller=replace(NOMINAL.controller, capabilities=capabilities))
    link = SimulatedLink(SimulatedCar(WORLD, settings), "sim")
    plan = plan_from_disk(None, demo_folder() / DEMO_SITE)
    run = VirtualRun(core_of(plan, lambda: link, "sim", session=1, seed=1, record=None))
    assert run.until(lambda: run.core.pilot.mode is Mode.DISARMED and din_of(run) is not None, 5.0)
    return run


def din_of(run: VirtualRun) -> Din | None:
    return run.core.pilot.car.din


def lasting(run: VirtualRun, duration_s: float) -> None:
    run.until(lambda: False, duration_s)


def test_a_lamp_is_dimmed_and_goes_off_when_its_time_is_over() -> None:
    run = connected()
    run.turn(ask.SwitchOutput("me", 2, 0.5, 1.0))
    lasting(run, 0.5)
    found = din_of(run)
    assert found is not None
    assert list(found.levels) == [0, 0, 128, 0, 0, 0, 0, 0]
    lasting(run, 1.0)
    found = din_of(run)
    assert found is not None
    assert not any(found.levels)


def test_a_servo_turns_where_it_is_told_but_not_while_stop_is_latched() -> None:
    run = connected()
    run.turn(ask.TurnServo("me", 1, -0.5))
    lasting(run, 0.5)
    found = din_of(run)
    assert found is not None
    assert found.angles_rad[1] == pytest.approx(-0.5, abs=1e-3)
    run.turn(ask.StopCar("me"))
    lasting(run, 0.5)
    run.turn(ask.TurnServo("me", 1, 0.5))
    lasting(run, 0.5)
    found = din_of(run)
    assert found is not None
    assert found.angles_rad[1] == pytest.approx(-0.5, abs=1e-3)


@pytest.mark.parametrize(("rate_hz", "count"), [(0.0, 0), (10.0, 20), (100.0, 200)])
def test_a_stream_comes_as_often_as_it_was_asked_for(rate_hz: float, count: int) -> None:
    run = connected()
    run.turn(ask.SetStream("me", SPEC_OF[Imu].id, rate_hz))
    lasting(run, 0.5)
    arrived_ns = set()
    for _ in range(100):  # 2 s
        run.turn()
        arrived_ns.add(run.core.pilot.car.arrived_ns.get("IMU"))
    assert len(arrived_ns) - 1 == pytest.approx(min(count, 100), abs=2)  # a turn of the host is 20 ms


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (ask.SwitchOutput("me", 8, 1.0, 0.0), "the outputs are 0 to 7"),
        (ask.SwitchOutput("me", 0.5, 1.0, 0.0), "the outputs are 0 to 7"),
        (ask.SwitchOutput("me", 0, 1.01, 0.0), "expected 0 (off) to 1"),
        (ask.SwitchOutput("me", 0, 1.0, 65.6), "65.6 s"),
        (ask.SwitchOutput("me", 0, 1.0, -1.0), "-1 s"),
        (ask.TurnServo("me", 4, 0.0), "the servos are 0 to 3"),
        (ask.TurnServo("me", 0, 1.6), "1.571 at most"),
        (ask.SetStream("me", 999, 1.0), "no message"),
        (ask.SetStream("me", SPEC_OF[Imu].id, 0.05), "0.1 to 100"),
        (ask.SetStream("me", SPEC_OF[Imu].id, 1000.0), "0.1 to 100"),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_is_sent(wish: Intent, words: str) -> None:
    run = connected()
    before = run.core.pilot.car.din
    events = run.turn(wish)
    assert [event.text for event in events if words in event.text]
    lasting(run, 0.3)
    after = run.core.pilot.car.din
    assert before is not None
    assert after is not None
    assert (after.levels, after.angles_rad) == (before.levels, before.angles_rad)


def test_a_car_without_them_says_so() -> None:
    run = connected(FITTED & ~(Capability.OUTPUTS | Capability.SERVOS))
    for wish, words in (
        (ask.SwitchOutput("me", 0, 1.0, 0.0), "no outputs"),
        (ask.TurnServo("me", 0, 0.1), "no servos"),
    ):
        assert any(words in event.text for event in run.turn(wish))


def test_a_line_that_is_too_slow_for_a_stream_is_told() -> None:
    settings = replace(NOMINAL.controller, capabilities=FITTED, line_bytes_per_s=9_216)
    link = SimulatedLink(SimulatedCar(WORLD, replace(NOMINAL, controller=settings)), "sim")
    plan = plan_from_disk(None, demo_folder() / DEMO_SITE)
    run = VirtualRun(core_of(plan, lambda: link, "sim", session=1, seed=1, record=None))
    assert run.until(lambda: run.core.pilot.mode is Mode.DISARMED, 5.0)
    events = list(run.turn(ask.SetStream("me", SPEC_OF[Imu].id, 100.0)))
    for _ in range(50):
        events += run.turn()
    assert any("the line is too slow" in event.text for event in events)
