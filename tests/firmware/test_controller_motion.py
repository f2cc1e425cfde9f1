"""The wheels turn as fast as they should, and the pose is where the wheels went."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from car import Car, config
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.controller_layout import WHEELS
from firmware_protocol.messages import Chassis, Odom, Wheels

SLOW_STEPS_TO_SETTLE_MS = 2500


def _turn_radps(car: Car) -> float:
    track_m: float = car.settings.track_m
    return (car.speeds_mps[1] - car.speeds_mps[0]) / track_m


class TestSpeedLoop:
    @pytest.mark.parametrize("speed_mps", [-0.6, -0.2, 0.05, 0.1, 0.3, 0.6])
    def test_it_settles_on_the_wanted_speed(self, speed_mps: float) -> None:
        car = Car().armed()
        car.drive(SLOW_STEPS_TO_SETTLE_MS, speed_mps)
        assert car.speed_mps == pytest.approx(speed_mps, abs=0.01)

    @pytest.mark.parametrize("no_load_mps", [0.75, 1.0, 1.6])
    def test_it_settles_although_the_motor_is_weaker_or_stronger_than_thought(
        self, no_load_mps: float
    ) -> None:
        car = Car()
        car.no_load_mps = no_load_mps
        car.dead_band = 0.12
        car.armed().drive(SLOW_STEPS_TO_SETTLE_MS, 0.4)
        assert car.speed_mps == pytest.approx(0.4, abs=0.015)

    def test_it_does_not_overshoot_much(self) -> None:
        car = Car().armed()
        fastest_mps = 0.0
        for _ in range(150):
            car.drive(20, 0.5)
            fastest_mps = max(fastest_mps, car.speed_mps)
        assert fastest_mps < 0.5 * 1.1

    def test_a_blocked_wheel_does_not_wind_it_up(self) -> None:
        car = Car().armed()
        car.blocked = {0, 1}
        car.drive(450, 0.6)
        car.blocked = set()
        overshoot_ms = 0
        for _ in range(60):
            car.drive(20, 0.6)
            overshoot_ms += 20 if car.speed_mps > 0.66 else 0
        assert overshoot_ms <= 500

    def test_a_car_that_should_stand_gets_no_duty(self) -> None:
        car = Car().armed()
        car.drive(800, 0.5)
        car.drive(1200, 0.0)
        assert car.outputs.enable
        assert list(car.outputs.duty_permille) == [0, 0, 0, 0]

    def test_a_car_pushed_while_it_should_stand_resists(self) -> None:
        car = Car().armed()
        for _ in range(7):
            car.speeds_mps[:] = [0.2] * WHEELS
            car.drive(20, 0.0)
        assert all(duty < 0 for duty in list(car.outputs.duty_permille)[:2])

    def test_the_speed_is_measured_from_the_second_step_on(self) -> None:
        car = Car(start_us=123_456_789)
        for counts in (0, 100, 200, 300):
            car.inputs.ticks[0] = counts
            car.step_without_wheels()
        expected_mps = 100 * car.settings.metres_per_tick / 0.01
        speeds_mps = [wheels.speed_mps[0] for wheels in car.all_of(Wheels)]
        assert speeds_mps == pytest.approx([expected_mps] * 2, abs=0.001)

    def test_the_measured_speed_is_that_of_the_wheels(self) -> None:
        car = Car().armed()
        car.drive(2000, 0.3, 1.0)
        wheels, odom = car.latest(Wheels), car.latest(Odom)
        assert wheels.speed_mps[:2] == pytest.approx(car.speeds_mps[:2], abs=0.01)
        assert odom.vx_mps == pytest.approx(0.3, abs=0.01)
        assert odom.wz_radps == pytest.approx(1.0, abs=0.06)
        assert odom.vy_mps == 0.0


class TestRamp:
    def test_the_car_speeds_up_along_the_configured_ramp(self) -> None:
        car = Car().armed()
        car.drive(200, 0.6)
        before_mps = car.speed_mps
        car.drive(300, 0.6)
        assert car.speed_mps - before_mps == pytest.approx(0.3 * car.settings.accel_mps2, rel=0.1)

    @given(st.floats(0.1, 0.6), st.floats(-2.5, 2.5))
    @settings(max_examples=20)
    def test_speeding_up_keeps_the_curvature(self, vx_mps: float, wz_radps: float) -> None:
        car = Car().armed()
        for _ in range(15):
            car.drive(40, vx_mps, wz_radps)
            if car.speed_mps > 0.08:
                assert _turn_radps(car) / car.speed_mps == pytest.approx(wz_radps / vx_mps, rel=0.15, abs=0.3)

    def test_wheels_at_their_limit_keep_the_curvature(self) -> None:
        car = Car().armed()
        car.drive(SLOW_STEPS_TO_SETTLE_MS, 0.6, 3.0)
        assert max(car.speeds_mps) == pytest.approx(car.settings.max_speed_mps, abs=0.01)
        assert _turn_radps(car) / car.speed_mps == pytest.approx(3.0 / 0.6, rel=0.03)

    @pytest.mark.parametrize(("vx_mps", "wz_radps"), [(32.0, 0.0), (-32.0, 0.0), (0.0, 32.0), (0.0, -32.0)])
    def test_no_order_exceeds_the_limits(self, vx_mps: float, wz_radps: float) -> None:
        car = Car().armed()
        for _ in range(100):
            car.drive(20, vx_mps, wz_radps)
            assert max(map(abs, car.speeds_mps)) < 1.1 * car.settings.max_speed_mps
            assert abs(_turn_radps(car)) < 1.1 * car.settings.max_turn_radps
        assert abs(car.speed_mps) == pytest.approx(min(abs(vx_mps), 0.6), abs=0.02)
        assert abs(_turn_radps(car)) == pytest.approx(min(abs(wz_radps), 3.0), abs=0.15)

    def test_reversing_goes_through_zero_along_both_ramps(self) -> None:
        car = Car().armed()
        car.drive(1500, 0.5)
        speeds = []
        for _ in range(120):
            car.drive(10, -0.5)
            speeds.append(car.speed_mps)
        assert speeds[-1] == pytest.approx(-0.5, abs=0.03)
        steepest = max(before - after for before, after in pairwise(speeds))
        assert steepest < 0.01 * 2.5 * car.settings.decel_mps2


class TestSkid:
    def test_both_wheels_of_a_side_turn_alike(self) -> None:
        car = Car(config(chassis=Chassis.SKID)).armed()
        car.drive(2000, 0.3, 1.0)
        assert car.speeds_mps == pytest.approx([0.2, 0.4, 0.2, 0.4], abs=0.02)
        assert car.latest(Odom).wz_radps == pytest.approx(1.0, abs=0.1)

    def test_the_pose_is_that_of_all_four_wheels(self) -> None:
        car = Car(config(chassis=Chassis.SKID))
        car.roll([1.0, 1.0, 1.4, 1.4], steps=200)
        assert car.pose == pytest.approx((1.2, 0.0, 0.0), abs=0.001)

    def test_a_differential_car_leaves_the_other_motors_alone(self) -> None:
        car = Car().armed()
        car.drive(1000, 0.4, 1.0)
        assert list(car.outputs.duty_permille)[2:] == [0, 0]


class TestOdometry:
    @given(st.floats(-20.0, 20.0))
    @settings(max_examples=30)
    def test_straight_on_is_straight(self, length_m: float) -> None:
        car = Car()
        car.roll([length_m, length_m], steps=300)
        assert car.pose == pytest.approx((length_m, 0.0, 0.0), abs=0.001)

    @given(st.floats(0.1, 2.0), st.floats(-7.0, 7.0))
    @settings(max_examples=50)
    def test_an_arc_ends_where_geometry_says(self, radius_m: float, angle_rad: float) -> None:
        car = Car()
        half = car.settings.track_m / 2
        car.roll([angle_rad * (radius_m - half), angle_rad * (radius_m + half)], steps=300)
        x_m, y_m, yaw_rad = car.pose
        assert x_m == pytest.approx(radius_m * math.sin(angle_rad), abs=0.002)
        assert y_m == pytest.approx(radius_m * (1.0 - math.cos(angle_rad)), abs=0.002)
        assert math.remainder(yaw_rad - angle_rad, 2 * math.pi) == pytest.approx(0.0, abs=0.002)

    @given(st.integers(-60, 60))
    @settings(max_examples=15)
    def test_a_spin_of_whole_turns_ends_where_it_began(self, turns: int) -> None:
        car = Car()
        way_m = math.pi * car.settings.track_m * turns
        car.roll([-way_m, way_m], steps=400)
        x_m, y_m, yaw_rad = car.pose
        assert (x_m, y_m) == pytest.approx((0.0, 0.0), abs=0.001)
        assert math.remainder(yaw_rad, 2 * math.pi) == pytest.approx(0.0, abs=0.003)

    def test_big_steps_along_a_circle_stay_on_it(self) -> None:
        car = Car()
        half = car.settings.track_m / 2
        car.roll([math.pi * (1.0 - half), math.pi * (1.0 + half)], steps=9)  # 20 degrees each
        assert car.pose[:2] == pytest.approx((0.0, 2.0), abs=0.001)

    def test_hundreds_of_laps_do_not_drift(self) -> None:
        car = Car()
        half, counts = car.settings.track_m / 2, 160  # per step; the same arc again and again
        radius_m = half * 3.0
        arc_rad = counts * car.settings.metres_per_tick / (radius_m - half)
        steps = 20_000
        car.run(20)
        for _ in range(steps):
            car.inputs.ticks[0] += counts
            car.inputs.ticks[1] += 2 * counts
            car.step_without_wheels()
        car.step_without_wheels()
        angle_rad = steps * arc_rad
        assert angle_rad > 300 * 2 * math.pi
        assert car.pose[0] == pytest.approx(radius_m * math.sin(angle_rad), abs=0.002)
        assert car.pose[1] == pytest.approx(radius_m * (1 - math.cos(angle_rad)), abs=0.002)

    def test_counters_that_wrap_are_no_motion(self) -> None:
        car = Car()
        car.inputs.ticks[:] = [2**31 - 100] * WHEELS
        for _ in range(5):
            car.step_without_wheels()
        for wheel in range(WHEELS):
            car.inputs.ticks[wheel] = -(2**31) + 100
        for _ in range(5):
            car.step_without_wheels()
        assert car.pose[0] == pytest.approx(200 * car.settings.metres_per_tick, abs=0.001)

    def test_a_counter_that_jumps_is_no_motion(self) -> None:
        car = Car()
        car.run(50)
        for jump in (2**30, -(2**30), 2**31 - 1, 10_000, 0):
            car.inputs.ticks[0] = jump
            car.step_without_wheels()
        car.run(20)
        assert car.pose == (0.0, 0.0, 0.0)
