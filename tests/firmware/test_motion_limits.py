"""Measured speeds and rest at their limits, and what is left of a motion whose power was cut."""

from __future__ import annotations

import numpy as np
import pytest
from car import SESSION, Car, config
from textbook import wheels_used

from firmware_protocol.messages import ArmCheck, Chassis, Cmd, Command, Drive, Odom, StatusFlag, Wheels

PERIOD_US = 10_000


def step_after(car: Car, elapsed_us: int) -> None:
    """Let the next step come so long after the last one; only the test moves the counters."""
    car.inputs.now_us = (car.inputs.now_us - PERIOD_US + elapsed_us) % 2**32
    car.step_without_wheels()


class TestMeasuring:
    @pytest.mark.parametrize("chassis", Chassis)
    def test_the_speed_is_that_over_the_last_three_steps(self, chassis: Chassis) -> None:
        rng = np.random.default_rng(chassis)
        counts = np.array([2**31 - 100, -(2**31) + 60, 5, -5])
        car = Car(config(chassis=chassis, metres_per_tick=0.0005), start_us=2**32 - 200_000)
        car.inputs.ticks[:] = counts.tolist()
        past, times = [counts], [0]
        car.step_without_wheels()
        for _ in range(60):
            counts = counts + rng.integers(-40, 60, 4)
            elapsed_us = int(rng.choice([10_000, 20_000, 7_777]))
            past, times = [*past, counts][-4:], [*times, times[-1] + elapsed_us][-4:]
            car.inputs.ticks[:] = ((counts + 2**31) % 2**32 - 2**31).tolist()
            heard = len(car.all_of(Wheels))
            step_after(car, elapsed_us)
            if len(car.all_of(Wheels)) > heard:
                speeds = (past[-1] - past[0]) * 0.0005 / (1e-6 * (times[-1] - times[0]))
                used = wheels_used(chassis)
                assert car.latest(Wheels).speed_mps[:used] == pytest.approx(speeds[:used], abs=0.00051)

    def test_while_the_clock_stands_nothing_is_fast(self) -> None:
        car = Car()
        car.run(100)
        for _ in range(8):
            car.inputs.ticks[0] += 30
            car.inputs.ticks[1] += 30
            step_after(car, 0)
        assert car.latest(Wheels).speed_mps == (0.0, 0.0, 0.0, 0.0)

    @pytest.mark.parametrize("chassis", Chassis)
    def test_counters_that_do_not_begin_at_zero_are_no_motion(self, chassis: Chassis) -> None:
        for first in (1, -1, 50_000, -(2**31), 2**31 - 1):
            car = Car(config(chassis=chassis, metres_per_tick=0.0005), start_us=2**32 - 10_000)
            car.inputs.ticks[:] = [first] * 4
            for _ in range(12):
                car.step_without_wheels()
                assert [odom.vx_mps for odom in car.all_of(Odom)[-1:]] in ([], [0.0])
                assert [odom.wz_radps for odom in car.all_of(Odom)[-1:]] in ([], [0.0])
            for wheel in range(wheels_used(chassis)):
                assert not car.status.arm_checks & ArmCheck.WHEELS_MOVING
                car.inputs.ticks[wheel] = (first + 1 + 2**31) % 2**32 - 2**31  # as one count is none
                car.step_without_wheels()
            assert not car.status.arm_checks & ArmCheck.WHEELS_MOVING


class TestRest:
    @pytest.mark.parametrize(
        ("tick_m", "rest_us"), [(0.0001, 100_000), (0.0005, 100_000), (0.003, 300_000), (0.02, 1_000_000)]
    )
    @pytest.mark.parametrize("counts", [2, -2])
    def test_it_is_at_rest_after_two_slow_counts_would_have_come(
        self, tick_m: float, rest_us: int, counts: int
    ) -> None:
        car = Car(config(metres_per_tick=tick_m), start_us=2**32 - 150_000)
        car.inputs.ticks[:] = [2**31 - 1, -5, 0, 0]
        for wheel in (0, 1, 0, 1):
            car.inputs.ticks[wheel] = (car.inputs.ticks[wheel] + counts + 2**31) % 2**32 - 2**31
            car.step_without_wheels()
            assert car.status.arm_checks & ArmCheck.WHEELS_MOVING
            for _ in range(rest_us // 20_000 - 1):
                step_after(car, 20_000)
                assert car.status.arm_checks & ArmCheck.WHEELS_MOVING
            rounds = (
                rest_us == 300_000
            )  # two counts of 3 mm at 0.02 m/s are that in single precision, or almost
            step_after(car, 19_990 if rounds else 19_999)
            assert car.status.arm_checks & ArmCheck.WHEELS_MOVING
            step_after(car, 20 if rounds else 1)
            assert not car.status.arm_checks & ArmCheck.WHEELS_MOVING

    @pytest.mark.parametrize("wheel", [0, 1])
    def test_a_wheel_that_stands_on_an_edge_is_at_rest(self, wheel: int) -> None:
        car = Car(config(metres_per_tick=0.0005))
        car.inputs.ticks[wheel] = 1000
        for _ in range(20):
            car.step_without_wheels()
        for at in (1001, 1000, 999, 1000, 1001):
            car.inputs.ticks[wheel] = at
            car.step_without_wheels()
            assert not car.status.arm_checks & ArmCheck.WHEELS_MOVING

    @pytest.mark.parametrize(("chassis", "wheel"), [(Chassis.SKID, 2), (Chassis.MECANUM, 3)])
    def test_every_driven_wheel_is_watched_and_no_other(self, chassis: Chassis, wheel: int) -> None:
        for used in (True, False):
            car = Car(config(chassis=chassis if used else Chassis.DIFFERENTIAL))
            car.run(200)
            car.inputs.ticks[wheel] += 50
            car.step_without_wheels()
            assert bool(car.status.arm_checks & ArmCheck.WHEELS_MOVING) is used


class TestPowerThatWasCut:
    @staticmethod
    def cut(car: Car) -> None:
        """Tilt a car until it has no power, and put it back on its wheels."""
        car.tilt_rad = 1.0
        while car.outputs.enable:
            car.step()
        car.blocked = set()
        car.tilt_rad = 0.0
        car.run(1500)

    @staticmethod
    def start(car: Car) -> list[list[int]]:
        """Arm a car, and drive it from the very first step on; return the duties."""
        car.send(Cmd(SESSION, 200, Command.ARM, 0), Drive(SESSION, 1000, 500, 0.3, 0.0, 0.0))
        duties = []
        for _ in range(10):
            car.step()
            duties.append(list(car.outputs.duty_permille))
        return duties

    @pytest.mark.parametrize("chassis", [Chassis.DIFFERENTIAL, Chassis.MECANUM])
    def test_it_leaves_nothing_behind_for_the_next_start(self, chassis: Chassis) -> None:
        fresh = Car(config(chassis=chassis))
        fresh.run(300)
        fresh.open_session()
        used = Car(config(chassis=chassis)).armed()
        used.blocked = {0, 1, 2, 3}
        used.drive(300, 0.4)
        self.cut(used)
        assert used.command(Command.CLEAR_STOP, used.status.stop_count).result == 0
        used.run(300)
        duties = self.start(used)
        assert duties == self.start(fresh)
        assert all(
            0 < duty < 100 for duty in duties[0][: wheels_used(chassis)]
        )  # as slowly as the ramp begins

    def test_a_car_without_power_is_not_slowing_down(self) -> None:
        car = Car()
        car.run(300)
        assert not car.status.flags & StatusFlag.SLOWING
        car.armed().drive(1000, 0.5)
        car.run(250)
        assert car.status.flags & StatusFlag.SLOWING
        self.cut(car)
        assert not car.status.flags & StatusFlag.SLOWING
