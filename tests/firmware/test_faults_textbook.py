"""When the controller finds fault with a wheel: step by step as wheel_watch.py has it, to the microsecond.

The wheels do what the test says and not what their motors do; the speed loops pass on what they are told.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pytest
from car import Car, config
from textbook import Body, rims_of, wheels_used
from wheel_watch import (
    PERIOD_US,
    STALL_MS,
    TRACK_M,
    WHEEL_MS,
    WHEELBASE_M,
    YAW_SHARE,
    Bench,
    Lasting,
    Moment,
)

from firmware_protocol.messages import Cause, Chassis, Command, EventCode, State


def stories(rng: np.random.Generator, chassis: Chassis) -> list[Moment]:
    """Return the moments of a drive in which something goes wrong, mostly by what is just tolerated."""
    n = wheels_used(chassis)
    moments: list[Moment] = []
    for _ in range(6):
        vx = float(rng.choice([0.0, 0.0, 0.1, 0.14, 0.16, 0.4, -0.3, 0.5]))
        wanted = Body(vx, 0.0, float(rng.choice([0.0, 0.0, 0.73, -1.37])))
        should: Any = np.array(rims_of(chassis, wanted, TRACK_M, WHEELBASE_M))
        moments += [Moment(wanted, should)] * 25
        wrong: Any = should * rng.choice([1.0, 1.0, 0.0, 0.5, 0.75, 1.3, -0.1, -0.5], n)
        wrong = wrong + rng.choice([0.0, 0.0, 0.03, 0.048, 0.054, 0.1, -0.12], n)
        gyro = None if rng.random() < 0.3 else float(rng.choice([0.0, 0.33, 0.37, -1.0, 2.0]))
        elapsed_us = int(rng.choice([10_000, 10_000, 20_000, 50_000]))
        moments += [Moment(wanted, wrong, gyro, elapsed_us)] * int(rng.integers(2, 40))
    return moments


@pytest.mark.parametrize("chassis", YAW_SHARE)
@pytest.mark.parametrize("has_gyro", [True, False])
def test_every_step_is_that_of_the_textbook(chassis: Chassis, has_gyro: bool) -> None:
    seen: set[Cause] = set()
    for seed in range(20):
        rng = np.random.default_rng(seed)
        bench = Bench(chassis, float(rng.choice([0.0002, 0.0002, 0.002])), has_gyro=has_gyro)
        for moment in stories(rng, chassis):
            found = bench.step(moment)
            seen |= found
            if found:
                break
    assert seen >= {Cause.WHEEL_MISMATCH, Cause.ENCODER_DEAD}


STRAIGHT: Final = Body(0.4, 0.0, 0.0)
STILL: Final = Body(0.0, 0.0, 0.0)


def to_the_limit(
    bench: Bench, moment: Moment, lasting: Lasting, patience_us: int, first_us: int = PERIOD_US
) -> None:
    """Let something go on until it is a fault: not a microsecond earlier, and not later."""
    while lasting.held_us is None:
        bench.step(moment)
    bench.step(moment._replace(elapsed_us=first_us))
    while patience_us - lasting.held_us > PERIOD_US:
        assert not bench.step(moment)
    assert not bench.step(moment._replace(elapsed_us=patience_us - lasting.held_us - 1))
    assert bench.step(moment._replace(elapsed_us=1))


@pytest.mark.parametrize("tick_m", [0.0002, 0.001])
class TestPatience:
    """To the microsecond: the time of the parameter, and that of two slow counts."""

    @staticmethod
    def driving(tick_m: float, wanted: Body = STRAIGHT) -> Bench:
        """Return a car on its way."""
        bench = Bench(Chassis.DIFFERENTIAL, tick_m)
        for _ in range(60):
            bench.step(Moment(wanted, (wanted.vx_mps, wanted.vx_mps)))
        return bench

    def test_of_a_stall(self, tick_m: float) -> None:
        bench = self.driving(tick_m)
        limit_us = 1000 * STALL_MS + bench.textbook.counting_us
        lasting = bench.textbook.wheels[0].stalled
        to_the_limit(bench, Moment(STRAIGHT, (0.0, 0.0)), lasting, limit_us, first_us=50_000)

    def test_of_a_dead_encoder(self, tick_m: float) -> None:
        bench = self.driving(tick_m)
        silent = Moment(STRAIGHT, (0.4, 0.0), turning_radps=0.0)
        to_the_limit(
            bench, silent, bench.textbook.wheels[1].dead, 1000 * WHEEL_MS + bench.textbook.counting_us
        )

    def test_of_a_weak_wheel(self, tick_m: float) -> None:
        bench = self.driving(tick_m)
        weak = Moment(STRAIGHT, (0.1, 0.4))
        to_the_limit(
            bench, weak, bench.textbook.wheels[0].astray, 1000 * WHEEL_MS + bench.textbook.counting_us
        )

    def test_of_a_motor_that_does_not_obey(self, tick_m: float) -> None:
        bench = self.driving(tick_m, STILL)
        lasting = bench.textbook.wheels[0].runaway
        to_the_limit(
            bench, Moment(STILL, (0.3, 0.3)), lasting, 1000 * WHEEL_MS + 50_000 + bench.textbook.counting_us
        )

    def test_of_a_car_that_turns_otherwise(self, tick_m: float) -> None:
        bench = self.driving(tick_m)
        lasting = bench.textbook.yaw
        to_the_limit(bench, Moment(STRAIGHT, (0.4, 0.4), turning_radps=1.0), lasting, 2000 * WHEEL_MS)


class TestMeasure:
    @pytest.mark.parametrize("rim_mps", [0.01334, 0.02668])
    @pytest.mark.parametrize("wanted_mps", [0.29, 0.31, -0.31])
    def test_of_a_stall(self, rim_mps: float, wanted_mps: float) -> None:
        bench = Bench(Chassis.DIFFERENTIAL)
        slow = Moment(Body(wanted_mps, 0.0, 0.0), (rim_mps, rim_mps))
        assert {cause for _ in range(35) for cause in bench.step(slow)} <= {Cause.STALL, Cause.ENCODER_SIGN}

    @pytest.mark.parametrize(("wanted_mps", "is_found"), [(0.1, False), (0.16, True)])
    def test_of_a_dead_encoder(self, wanted_mps: float, is_found: bool) -> None:
        bench = Bench(Chassis.DIFFERENTIAL)
        silent = Moment(Body(wanted_mps, 0.0, 0.0), (wanted_mps, 0.0), turning_radps=0.0)
        while not (found := bench.step(silent)) and bench.textbook.wheels[1].uncounted_us < 500_000:
            pass
        assert (Cause.ENCODER_DEAD in found) is is_found

    def test_of_an_encoder_that_is_wired_the_wrong_way_round(self) -> None:
        bench = Bench(Chassis.DIFFERENTIAL, slew_per_s=2.0)
        for _ in range(60):
            bench.step(Moment(STRAIGHT, (0.4, 0.4)))
        back, steps = Body(-0.15, 0.0, 0.0), 1
        while not bench.step(Moment(back, (0.4, 0.4))) and steps < 200:
            steps += 1  # it rolls on, but first because its motors still pull that way
        assert 30 < steps < 60

    @pytest.mark.parametrize("forward", [1.0, -1.0])
    def test_of_two_short_ways_against_the_command(self, forward: float) -> None:
        bench = Bench(Chassis.DIFFERENTIAL)
        wanted = Body(forward * 0.4, 0.0, 0.0)
        for rim_mps in (-0.1, 0.0, -0.1):
            for _ in range(14):  # 14 mm, while 20 are a fault
                assert not bench.step(Moment(wanted, (forward * rim_mps, forward * rim_mps)))

    @pytest.mark.parametrize(("grip", "state"), [(0.3, State.ARMED), (0.0, State.STOPPED)])
    def test_of_a_steered_car_that_slides(self, grip: float, state: State) -> None:
        car = Car(config(chassis=Chassis.ACKERMANN))
        car.turn_gain = grip
        car.armed().drive(2000, 0.4, 1.0)
        assert car.status.state == state

    @pytest.mark.parametrize("rim_mps", [0.0467, 0.0534])
    @pytest.mark.parametrize("kept", [0.78, 0.82, 1.0])
    def test_of_a_motor_that_does_not_obey(self, rim_mps: float, kept: float) -> None:
        bench = Bench(Chassis.DIFFERENTIAL)
        for _ in range(40):
            bench.step(Moment(STRAIGHT, (0.4, 0.4)))
        for turn in range(12):  # the motor runs on, and slows down by a fifth in each turn, or not quite
            rolling = max(rim_mps, 0.9 * kept**turn) if kept < 1.0 else rim_mps
            for _ in range(6):
                if bench.step(Moment(STILL, (rolling, rolling))):
                    return


@pytest.mark.parametrize(
    ("begins_with", "rims_mps"),
    [(STRAIGHT, [0.4] * 8 + [0.14, 0.4, 0.4] * 12), (STILL, [0.0] * 8 + [0.6, -0.3, 0.0] * 15)],
)
def test_a_wheel_that_slows_down_once_and_runs_on_is_given_its_time_anew(
    begins_with: Body, rims_mps: list[float]
) -> None:
    bench = Bench(Chassis.DIFFERENTIAL)
    for _ in range(20):
        bench.step(Moment(begins_with, (begins_with.vx_mps, begins_with.vx_mps)))
    assert any(bench.step(Moment(STILL, (rim_mps, rim_mps))) == {Cause.RUNAWAY} for rim_mps in rims_mps)


def test_a_motor_that_does_not_obey_is_found_each_time() -> None:
    car = Car().armed()
    for _ in range(2):
        car.drive(200)
        assert car.status.state == State.ARMED
        car.stuck_on = {0: 1.0}
        car.drive(600)
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.RUNAWAY)
        car.stuck_on = {}
        car.run(1500)
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == 0
        assert car.command(Command.ARM).result == 0


def test_a_stopped_car_without_power_may_be_pushed() -> None:
    car = Car().armed().stopped()
    car.run(1500)
    for _ in range(100):
        car.speeds_mps[:] = [0.5] * 4
        car.step()
    assert (car.status.state, car.status.cause, car.status.stop_count) == (State.STOPPED, Cause.HOST_STOP, 1)
    assert len(car.events(EventCode.STOP_LATCHED)) == 1
