"""Mecanum and Ackermann cars drive as the textbook says, and the pose is where their wheels went."""

from __future__ import annotations

import math

import pytest
from car import FRONT, REAR, SIDE_LEFT, SIDE_RIGHT, Car, Refused, config
from hypothesis import given, settings
from hypothesis import strategies as st
from textbook import Body, rims_of, steering_rad, wheels_used

from firmware_protocol.messages import Cause, Chassis, Odom, StatusFlag, Wheels

TRACK_M, WHEELBASE_M, MOST_STEER_RAD = 0.2, 0.26, 0.436
SETTLED_MS = 2500


def _car(chassis: Chassis, **changes: float) -> Car:
    return Car(config(chassis=chassis, wheelbase_m=WHEELBASE_M, **changes))


def _rims(chassis: Chassis, body: Body) -> list[float]:
    return rims_of(chassis, body, TRACK_M, WHEELBASE_M)


def _steer_rad(car: Car) -> float:
    steer_mrad: int = car.outputs.steer_mrad
    return 0.001 * steer_mrad


class TestEveryChassis:
    @pytest.mark.parametrize("chassis", tuple(Chassis))
    @given(st.floats(-0.25, 0.25), st.floats(-0.1, 0.1), st.floats(-1.0, 1.0))
    @settings(max_examples=12, deadline=None)
    def test_the_wheels_settle_where_the_textbook_has_them(
        self, chassis: Chassis, vx_mps: float, vy_mps: float, wz_radps: float
    ) -> None:
        body = Body(vx_mps, vy_mps if chassis == Chassis.MECANUM else 0.0, wz_radps)
        if chassis == Chassis.ACKERMANN:
            if abs(vx_mps) < 0.03:
                return
            angle_rad = steering_rad(vx_mps, wz_radps, WHEELBASE_M, MOST_STEER_RAD)
            body = body._replace(wz_radps=vx_mps * math.tan(angle_rad) / WHEELBASE_M)
        car = _car(chassis).armed()
        car.drive(SETTLED_MS, vx_mps, wz_radps, vy_mps=vy_mps)
        used = wheels_used(chassis)
        assert car.speeds_mps[:used] == pytest.approx(_rims(chassis, body), abs=0.012)
        assert car.speeds_mps[used:] == [0.0] * (4 - used)

    @pytest.mark.parametrize("chassis", tuple(Chassis))
    def test_a_step_of_speed_is_answered_without_much_overshoot(self, chassis: Chassis) -> None:
        car = _car(chassis).armed()
        fastest_mps, risen_ms = 0.0, 0
        for elapsed_ms in range(20, 2000, 20):
            car.drive(20, 0.5)
            fastest_mps = max(fastest_mps, car.body.vx_mps)
            risen_ms = risen_ms or (elapsed_ms if car.body.vx_mps >= 0.45 else 0)
        ramp_ms = 1000 * 0.45 / car.settings.accel_mps2
        assert risen_ms == pytest.approx(ramp_ms, abs=60)
        assert fastest_mps <= 0.5 * 1.08
        assert car.body.vx_mps == pytest.approx(0.5, abs=0.01)

    @pytest.mark.parametrize("chassis", [4, 255])
    def test_a_chassis_that_does_not_exist_is_refused(self, chassis: int) -> None:
        with pytest.raises(Refused) as refused:
            Car(config(chassis=chassis))
        assert refused.value.args == (-201,)

    def test_only_mecanum_drives_sideways(self) -> None:
        for chassis in (Chassis.DIFFERENTIAL, Chassis.SKID, Chassis.ACKERMANN):
            car = _car(chassis).armed()
            car.drive(500, vy_mps=0.4)
            assert car.speeds_mps == [0.0] * 4


class TestMecanum:
    @given(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6), st.floats(-3.0, 3.0))
    @settings(max_examples=15, deadline=None)
    def test_wheels_at_their_limit_keep_the_direction(
        self, vx_mps: float, vy_mps: float, wz_radps: float
    ) -> None:
        car = _car(Chassis.MECANUM).armed()
        car.drive(SETTLED_MS, vx_mps, wz_radps, vy_mps=vy_mps)
        rims = _rims(Chassis.MECANUM, Body(vx_mps, vy_mps, wz_radps))
        share = min(1.0, car.settings.max_speed_mps / max(0.001, *map(abs, rims)))
        assert car.speeds_mps == pytest.approx([share * rim for rim in rims], abs=0.02)

    @given(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0))
    @settings(max_examples=25, deadline=None)
    def test_a_straight_way_in_any_direction_is_where_it_ends(self, x_m: float, y_m: float) -> None:
        car = _car(Chassis.MECANUM)
        car.roll(_rims(Chassis.MECANUM, Body(x_m, y_m, 0.0)), steps=200)
        assert car.pose[:2] == pytest.approx((x_m, y_m), abs=0.002)
        assert math.remainder(car.pose[2], 2 * math.pi) == pytest.approx(0.0, abs=0.002)

    @given(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5), st.floats(-6.0, 6.0))
    @settings(max_examples=25, deadline=None)
    def test_a_constant_twist_ends_where_its_integral_does(
        self, forward_m: float, leftward_m: float, turned_rad: float
    ) -> None:
        car = _car(Chassis.MECANUM)
        car.roll(_rims(Chassis.MECANUM, Body(forward_m, leftward_m, turned_rad)), steps=400)
        sine, versine = (
            (math.sin(turned_rad) / turned_rad, (1.0 - math.cos(turned_rad)) / turned_rad)
            if abs(turned_rad) > 1e-6
            else (1.0, 0.0)
        )
        x_m = sine * forward_m - versine * leftward_m
        y_m = versine * forward_m + sine * leftward_m
        assert car.pose[:2] == pytest.approx((x_m, y_m), abs=0.003)
        assert math.remainder(car.pose[2] - turned_rad, 2 * math.pi) == pytest.approx(0.0, abs=0.002)

    def test_the_measured_twist_has_a_sideways_part(self) -> None:
        car = _car(Chassis.MECANUM).armed()
        car.drive(SETTLED_MS, 0.1, vy_mps=-0.25)
        odom = car.latest(Odom)
        assert (odom.vx_mps, odom.vy_mps) == pytest.approx((0.1, -0.25), abs=0.012)

    @pytest.mark.parametrize(("sensor", "sign"), [(SIDE_LEFT, 1), (SIDE_RIGHT, -1)])
    def test_something_near_aside_stops_the_motion_towards_it_and_no_other(
        self, sensor: int, sign: int
    ) -> None:
        car = _car(Chassis.MECANUM).armed()
        car.drive(1000, 0.2, vy_mps=0.3 * sign)
        car.put_ranges(100, [sensor])
        car.drive(800, 0.2, vy_mps=0.3 * sign)
        assert car.body.vy_mps == pytest.approx(0.0, abs=0.01)
        assert car.body.vx_mps == pytest.approx(0.2, abs=0.02)
        assert car.status.cause == Cause.NEAR_RANGE
        car.drive(1000, 0.2, vy_mps=-0.3 * sign)
        assert car.body.vy_mps == pytest.approx(-0.3 * sign, abs=0.02)
        assert car.status.cause == Cause.NONE

    @given(st.floats(-math.pi, math.pi), st.floats(-math.pi, math.pi))
    @settings(max_examples=40, deadline=None)
    def test_wherever_a_sensor_looks_nothing_drives_straight_at_what_it_sees(
        self, bearing_rad: float, aside_rad: float
    ) -> None:
        made = config(chassis=Chassis.MECANUM, range_mask=1)
        made.range_bearing_mrad[0] = round(1000 * bearing_rad)
        car = Car(made)
        car.put_ranges(50, [0])
        car.armed()
        for heading_rad in (bearing_rad, bearing_rad + 0.1 * math.copysign(1.0, aside_rad)):
            car.drive(600, 0.3 * math.cos(heading_rad), vy_mps=0.3 * math.sin(heading_rad))
            towards_mps = car.body.vx_mps * math.cos(bearing_rad) + car.body.vy_mps * math.sin(bearing_rad)
            assert towards_mps < 0.3 * 0.75

    def test_the_flags_of_front_and_rear_are_as_for_every_car(self) -> None:
        car = _car(Chassis.MECANUM)
        car.put_ranges(50, [FRONT, REAR])
        car.run(50)
        both = StatusFlag.REFLEX_FRONT | StatusFlag.REFLEX_REAR
        assert car.status.flags & both == both


class TestAckermann:
    @given(st.sampled_from([-0.4, -0.1, 0.1, 0.4]), st.integers(-2500, 2500))
    @settings(max_examples=25, deadline=None)
    def test_the_front_wheels_take_the_angle_of_the_curve(self, vx_mps: float, wz_mradps: int) -> None:
        wz_radps = 0.001 * wz_mradps
        car = _car(Chassis.ACKERMANN).armed()
        car.drive(1500, vx_mps, wz_radps)
        wanted_rad = steering_rad(vx_mps, wz_radps, WHEELBASE_M, MOST_STEER_RAD)
        assert _steer_rad(car) == pytest.approx(wanted_rad, abs=0.0011)

    def test_reverse_with_the_wheel_to_the_left_turns_clockwise(self) -> None:
        car = _car(Chassis.ACKERMANN).armed()
        car.drive(1500, -0.3, -0.3)
        assert _steer_rad(car) > 0.1
        assert car.body.wz_radps == pytest.approx(-0.3, abs=0.03)

    def test_it_does_not_turn_on_the_spot(self) -> None:
        car = _car(Chassis.ACKERMANN).armed()
        car.drive(1000, 0.0, 2.0)
        assert car.speeds_mps == [0.0] * 4

    def test_the_angle_never_passes_its_limit_nor_its_rate(self) -> None:
        car = _car(Chassis.ACKERMANN, steer_rate_mradps=1000, max_steer_mrad=300).armed()
        before_rad = _steer_rad(car)
        for step in range(200):
            car.drive(10, 0.3, 3.0 if step < 100 else -3.0)
            assert abs(_steer_rad(car)) <= 0.3
            assert abs(_steer_rad(car) - before_rad) <= 0.010 + 0.0011
            before_rad = _steer_rad(car)
        assert before_rad == pytest.approx(-0.3, abs=0.0011)

    def test_the_rear_wheels_follow_the_front_wheels_and_not_the_wish(self) -> None:
        car = _car(Chassis.ACKERMANN, steer_rate_mradps=500).armed()
        car.drive(1500, 0.3)
        for _ in range(60):
            car.drive(10, 0.3, 1.0)
        allowed_radps = car.body.vx_mps * math.tan(_steer_rad(car)) / WHEELBASE_M
        assert _steer_rad(car) < steering_rad(0.3, 1.0, WHEELBASE_M, MOST_STEER_RAD) - 0.05
        assert car.body.wz_radps == pytest.approx(allowed_radps, abs=0.06)

    def test_trim_is_added_at_the_servo_alone(self) -> None:
        car = _car(Chassis.ACKERMANN, steer_trim_mrad=-40).armed()
        car.drive(1500, 0.3)
        assert car.outputs.steer_mrad == -40
        assert car.latest(Wheels).steer_rad == 0.0
        assert car.body.wz_radps == pytest.approx(0.0, abs=0.01)

    def test_it_stops_along_its_curve_and_then_stands_straight(self) -> None:
        car = _car(Chassis.ACKERMANN).armed()
        car.drive(1500, 0.4, 0.5)
        curve_rad = _steer_rad(car)
        car.run(300)  # the lease ends after 200 ms
        assert _steer_rad(car) == pytest.approx(curve_rad, abs=0.002)
        assert car.body.vx_mps > 0.05
        car.run(700)
        assert _steer_rad(car) == 0.0
        assert car.is_at_rest

    @pytest.mark.parametrize("forward", [1, -1])
    def test_until_it_has_changed_direction_it_stays_on_its_curve(self, forward: int) -> None:
        car = _car(Chassis.ACKERMANN).armed()
        car.drive(1500, 0.4 * forward, 0.5)
        curve_rad = _steer_rad(car)
        rolled = 0
        while car.body.vx_mps * forward > 0.1:
            car.drive(10, -0.4 * forward, 0.5)
            assert _steer_rad(car) == pytest.approx(curve_rad, abs=0.002)
            rolled += 1
        assert rolled > 5
        car.drive(1500, -0.4 * forward, 0.5)
        assert _steer_rad(car) == pytest.approx(-curve_rad, abs=0.002)

    def test_wheels_that_are_held_do_not_make_it_stand_straight_before_it_has_braked(self) -> None:
        car = _car(Chassis.ACKERMANN).armed()
        car.blocked = {0, 1, 2, 3}
        car.drive(400, 0.4, 0.5)
        curve_rad = _steer_rad(car)
        car.drive(20, 0.0, 0.0)
        assert abs(curve_rad) > 0.1
        assert _steer_rad(car) == pytest.approx(curve_rad, abs=0.002)
        car.drive(1500, 0.0, 0.0)
        assert _steer_rad(car) == 0.0

    def test_the_pose_comes_from_the_rear_wheels(self) -> None:
        car = _car(Chassis.ACKERMANN)
        car.roll([0.9 * math.pi / 2, 1.1 * math.pi / 2], steps=300)
        assert car.pose == pytest.approx((1.0, 1.0, math.pi / 2), abs=0.003)

    def test_other_cars_do_not_steer(self) -> None:
        car = _car(Chassis.DIFFERENTIAL, steer_trim_mrad=50).armed()
        car.drive(500, 0.3, 1.0)
        assert car.outputs.steer_mrad == 0
