"""The ramp, the measured speeds and rest, step by step as the textbook of this file has them.

The speed loops of these cars pass on what they are told: duty is DUTY_PER_MPS times the target of the wheel.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pytest
from car import NOTHING_SEEN, SESSION, Car, config
from textbook import Body, rims_of, wheels_used

from firmware_protocol.messages import (
    Capability,
    Chassis,
    Drive,
    State,
    Stop,
)

PERIOD_US: Final = 10_000
DUTY_PER_MPS: Final = 17.0
FASTEST_MPS: Final = 0.05
TRACK_M, WHEELBASE_M = 0.2, 0.16
STILL: Final = Body(0.0, 0.0, 0.0)
LOOKING_MRAD: Final = (0, 3142, 1571, -1571)  # at Near's directions


def step_after(car: Car, elapsed_us: int) -> None:
    """Let the next step come so long after the last one; only the test moves the counters."""
    car.inputs.now_us = (car.inputs.now_us - PERIOD_US + elapsed_us) % 2**32
    car.step_without_wheels()


class Near(NamedTuple):
    """Where something is near."""

    front: bool = False
    rear: bool = False
    left: bool = False
    right: bool = False

    def forbidden(self, body: Body) -> list[str]:
        """Return the parts of a motion that lead there."""
        forward = (self.front and body.vx_mps > 0.0) or (self.rear and body.vx_mps < 0.0)
        aside = (self.left and body.vy_mps > 0.0) or (self.right and body.vy_mps < 0.0)
        return ["vx_mps"] * int(forward) + ["vy_mps"] * int(aside)


class Textbook:
    """A ramp that is the same share of the way for every wheel, in double precision."""

    def __init__(self, chassis: Chassis, accel_mps2: float, decel_mps2: float) -> None:
        self._chassis, self._accel_mps2, self._decel_mps2 = chassis, accel_mps2, decel_mps2
        self.set = STILL

    def rims(self, body: Body) -> np.ndarray:
        """Return the speeds of the rims."""
        return np.array(rims_of(self._chassis, body, TRACK_M, WHEELBASE_M))

    def step(self, wanted: Body, near: Near, elapsed_s: float) -> None:
        """Go on towards what is wanted, past what is near."""
        elapsed_s = min(elapsed_s, 0.02)
        wanted = wanted._replace(**dict.fromkeys(near.forbidden(wanted), 0.0))
        wanted = Body(*(np.array(wanted) * FASTEST_MPS / max(FASTEST_MPS, *np.abs(self.rims(wanted)))))
        for axis in near.forbidden(self.set):
            now_mps = getattr(self.set, axis)
            left_mps = max(abs(now_mps) - 3.0 * self._decel_mps2 * elapsed_s, 0.0)
            self.set = self.set._replace(**{axis: math.copysign(left_mps, now_mps)})
            wanted = wanted._replace(**{axis: getattr(self.set, axis)})
        share = 1.0
        now, then = self.rims(self.set), self.rims(wanted)
        for now_mps, way_mps in zip(now, then - now, strict=True):
            step_mps = (self._decel_mps2 if way_mps * now_mps < 0.0 else self._accel_mps2) * elapsed_s
            share = min(share, step_mps / abs(way_mps)) if way_mps else share
        self.set = Body(*(np.array(self.set) + share * (np.array(wanted) - np.array(self.set))))


def ramp_car(chassis: Chassis, **changes: float) -> Car:
    """Return an armed car on a bench, whose wheels stand whatever their motors do."""
    values = {"kff": DUTY_PER_MPS, "kp": 0.0, "ki": 0.0, "deadband": 0.0, "duty_slew_per_s": 100.0}
    limits = {"max_speed_mps": FASTEST_MPS, "max_turn_radps": 3.0, "stall_duty": 0.9, "metres_per_tick": 0.05}
    size = {
        "track_m": TRACK_M,
        "wheelbase_m": WHEELBASE_M,
        "capabilities": Capability.BUMPERS,
        "host_silent_ms": 2000,
    }
    made = config(chassis=chassis, range_mask=0b1111, **{**values, **limits, **size, **changes})
    made.range_bearing_mrad[:4] = LOOKING_MRAD
    car = Car(made)
    car.run(1100)  # so coarse an encoder needs long to know that it stands
    return car.armed()


class Bench:
    """A car and its textbook."""

    def __init__(self, chassis: Chassis, accel_mps2: float = 0.5, decel_mps2: float = 0.3) -> None:
        self.car = ramp_car(chassis, accel_mps2=accel_mps2, decel_mps2=decel_mps2)
        self.textbook = Textbook(chassis, accel_mps2, decel_mps2)
        self._count = 0

    def drive(self, wanted: Body) -> None:
        """Let the host want something else."""
        self._count += 1
        self.car.send(Drive(SESSION, self._count, 500, *wanted))

    def compare(self) -> None:
        """Hold the duties beside the speeds of the textbook."""
        wanted = 1000.0 * DUTY_PER_MPS * self.textbook.rims(self.textbook.set)
        found = list(self.car.outputs.duty_permille)[: len(wanted)]
        assert found == pytest.approx(wanted, abs=0.6)

    def put(self, near: Near) -> None:
        """Put something there, or take it away; the second reading is believed."""
        for sensor, is_near in enumerate(near):
            self.car.put_ranges(100 if is_near else NOTHING_SEEN, [sensor])


@pytest.mark.parametrize("chassis", [Chassis.DIFFERENTIAL, Chassis.SKID, Chassis.MECANUM])
@pytest.mark.parametrize("seed", range(10))
def test_every_step_of_the_ramp_is_that_of_the_textbook(chassis: Chassis, seed: int) -> None:
    rng = np.random.default_rng(seed)
    bench = Bench(chassis, float(rng.choice([0.2, 0.5, 3.0])), float(rng.choice([0.3, 0.7, 2.0])))
    near = believed = Near()
    for turn in range(14):  # odd numbers: where a wheel's speed cancels to 0, rounding says whether it brakes
        forward, turning = (
            rng.choice([0.05, 0.049, -0.05, -0.031, 0.022, 0.0]),
            rng.choice([0.0, 0.0, 0.31, -0.23, 0.97]),
        )
        aside = rng.choice([0.0, 0.0, 0.033, -0.041]) if chassis == Chassis.MECANUM else 0.0
        wanted = Body(float(forward), float(aside), float(turning))
        if turn % 3 == 2:
            near = Near(*(bool(rng.random() < 0.4) for _ in range(4)))
            bench.put(near)
        for step in range(int(rng.integers(2, 12))):
            bench.drive(wanted)
            elapsed_us = int(rng.choice([10_000, 10_000, 9_000, 15_000, 20_000, 30_000]))
            step_after(bench.car, elapsed_us)
            believed = near if step else believed
            bench.textbook.step(wanted, believed, 1e-6 * elapsed_us)
            bench.compare()
    assert bench.car.status.state == State.ARMED


@pytest.mark.parametrize("chassis", [Chassis.DIFFERENTIAL, Chassis.MECANUM])
@pytest.mark.parametrize(("what", "times"), [("bumper", 3.0), ("edge", 3.0), ("host", 1.0), ("silence", 1.0)])
def test_a_bumper_and_an_edge_brake_three_times_as_hard_as_a_host(
    chassis: Chassis, what: str, times: float
) -> None:
    car = ramp_car(chassis, accel_mps2=3.0, decel_mps2=0.3, metres_per_tick=0.0001)

    def roll() -> int:
        for wheel in range(wheels_used(chassis)):
            car.inputs.ticks[wheel] += 5
        step_after(car, PERIOD_US)
        return int(car.outputs.duty_permille[0])

    for count in range(20):
        car.send(Drive(SESSION, count + 1, 500, FASTEST_MPS, 0.0, 0.0))
        roll()
    car.inputs.bumpers = int(what == "bumper")
    car.inputs.cliffs = int(what == "edge")
    if what == "host":
        car.send(Stop(0))
    duties = [roll() for _ in range(80)]
    falls = [before - after for before, after in pairwise(duties) if before > after]
    assert falls[:4] == pytest.approx([1000.0 * DUTY_PER_MPS * times * 0.3 * 0.01] * 4, abs=1.0)
    assert duties[-1] == 0


@pytest.mark.parametrize("chassis", [Chassis.DIFFERENTIAL, Chassis.SKID])
def test_a_wheel_is_blind_until_it_counts_again(chassis: Chassis) -> None:
    rng = np.random.default_rng(7)
    tick_m = 0.0005
    car = ramp_car(chassis, metres_per_tick=tick_m, stall_duty=0.1, stall_ms=2000, accel_mps2=10.0)
    car.inputs.ticks[:] = [0] * 4
    waited_us = [0] * 4
    car.drive(10, FASTEST_MPS)
    for step in range(120):
        if step % 10 == 0:
            car.send(Drive(SESSION, 100 + step, 500, FASTEST_MPS, 0.0, 0.0))
        counts = [int(rng.random() < 0.15) for _ in range(4)]
        elapsed_us = int(rng.choice([10_000, 9_000, 12_000]))
        for wheel in range(wheels_used(chassis)):
            car.inputs.ticks[wheel] += counts[wheel]
            waited_us[wheel] = 0 if counts[wheel] else waited_us[wheel] + elapsed_us
        step_after(car, elapsed_us)
        for wheel in range(wheels_used(chassis)) if step > 20 else ():
            is_blind = 1e-6 * waited_us[wheel] * FASTEST_MPS >= 4.0 * tick_m
            assert car.outputs.duty_permille[wheel] == pytest.approx(150 if is_blind else 850, abs=1)


def test_the_rear_wheels_turn_as_the_front_wheels_stand_in_every_step() -> None:
    car = ramp_car(Chassis.ACKERMANN, accel_mps2=0.3, decel_mps2=0.3)
    for count in range(90):
        turning = (0.1, -0.15, 0.0, 0.25)[count // 20 % 4]
        car.put_ranges(100 if count in {30, 31, 70, 71} else NOTHING_SEEN, [0])
        car.send(Drive(SESSION, count + 1, 500, 0.04, 0.0, turning))
        step_after(car, PERIOD_US)
        left_mps, right_mps = (duty / 1000.0 / DUTY_PER_MPS for duty in list(car.outputs.duty_permille)[:2])
        steer_rad = 0.001 * (car.outputs.steer_mrad - car.settings.steer_trim_mrad)
        curve_radps = (left_mps + right_mps) / 2.0 * math.tan(steer_rad) / WHEELBASE_M
        assert (right_mps - left_mps) / TRACK_M == pytest.approx(curve_radps, abs=0.0015)
