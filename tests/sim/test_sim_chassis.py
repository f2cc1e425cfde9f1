"""Each chassis goes where its wheels must take it, by formulas that the kernels do not use."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_rig import PERIOD_S, Rig

from firmware_protocol.messages import Chassis
from sim.vehicle.chassis import ChassisParameters, SteeringParameters
from sim.vehicle.motor import MotorParameters
from sim.vehicle.wheels import contacts, effective_track_m, least_squares, rolling

IDEAL = MotorParameters(
    # a motor that no torque slows down: its wheel keeps the speed that a test gives it
    resistance_ohm=1e9, volt_s_per_rad=1.0, nm_per_amp=1.0, inertia_kgm2=1e9, own_inertia_kgm2=1e9,
    coulomb_nm=0.0, stiction_nm=0.0, viscous_nms=1e-9, dead_duty=0.0,
)  # fmt: skip
speeds = st.floats(-0.6, 0.6)
turns = st.one_of(st.just(0.0), st.floats(0.01, 2.0), st.floats(-2.0, -0.01))  # between, the circle is vast


def rig_of(kind: Chassis, **changes: Any) -> Rig:
    return Rig(chassis=ChassisParameters(kind=kind, friction=1e6, **changes), motors=(IDEAL,) * 4)


def circle(vx: float, vy: float, wz: float, seconds: float) -> tuple[float, float, float]:
    """Return the pose after constant velocities in the frame of the car, from the circle they make."""
    if wz == 0.0:
        return vx * seconds, vy * seconds, 0.0
    middle = complex(-vy, vx) / wz  # where the car turns around
    at = middle - middle * complex(math.cos(wz * seconds), math.sin(wz * seconds))
    return at.real, at.imag, math.remainder(wz * seconds, math.tau)


def assert_pose(rig: Rig, expected: tuple[float, float, float]) -> None:
    assert rig.pose[:2] == pytest.approx(expected[:2], abs=1e-9)
    assert math.remainder(rig.pose[2] - expected[2], math.tau) == pytest.approx(0.0, abs=1e-9)


@given(speeds, turns)
@settings(max_examples=20, deadline=None)
def test_a_differential_car_drives_the_circle_of_its_twist(v: float, w: float) -> None:
    rig = rig_of(Chassis.DIFFERENTIAL)
    rig.roll([v - 0.1 * w, v + 0.1 * w], 500)
    assert_pose(rig, circle(v, 0.0, w, 5.0))


@given(speeds, speeds, turns)
@settings(max_examples=20, deadline=None)
def test_a_mecanum_car_drives_the_circle_of_its_twist(vx: float, vy: float, wz: float) -> None:
    """The textbook's wheel speeds: vx -+ vy -+ (half track + half wheelbase) wz."""
    rig = rig_of(Chassis.MECANUM, track_m=0.218, wheelbase_m=0.17, lateral_efficiency=1.0)
    arm = 0.5 * (0.218 + 0.17) * wz
    rig.roll([vx - vy - arm, vx + vy + arm, vx + vy - arm, vx - vy + arm], 500)
    assert_pose(rig, circle(vx, vy, wz, 5.0))


def test_rollers_leave_only_a_share_of_a_motion_to_the_side() -> None:
    rig = rig_of(Chassis.MECANUM, lateral_efficiency=0.85)
    rig.roll([-0.3, 0.3, 0.3, -0.3], 100)
    assert_pose(rig, (0.0, 0.85 * 0.3, 0.0))


@given(st.lists(speeds, min_size=4, max_size=4))
@settings(max_examples=50, deadline=None)
def test_no_other_motion_suits_contradicting_mecanum_wheels_better(rims: list[float]) -> None:
    rows = rolling(Chassis.MECANUM, contacts(Chassis.MECANUM, 0.2, 0.3))
    best = least_squares(rows) @ rims
    error = np.sum((rows @ best - rims) ** 2)
    for nudge in np.vstack([np.eye(3), -np.eye(3)]) * 1e-3:
        assert np.sum((rows @ (best + nudge) - rims) ** 2) > error


@given(speeds, st.one_of(st.just(0.0), st.floats(0.01, 0.5)))
@settings(max_examples=20, deadline=None)
def test_an_ackermann_car_drives_the_circle_around_the_point_where_its_axles_meet(
    v: float, steer: float
) -> None:
    wheelbase, turn = 0.143, math.tan(round(1000.0 * steer) / 1000.0) / 0.143
    rig = rig_of(
        Chassis.ACKERMANN, wheelbase_m=wheelbase, steering=SteeringParameters(1e9, 0.0), track_m=0.155
    )
    rig.roll([0.0, 0.0], 1, round(1000.0 * steer))  # the servo is there before the car moves
    rig.roll([v * (1.0 - 0.0775 * turn), v * (1.0 + 0.0775 * turn)], 500, round(1000.0 * steer))
    assert_pose(rig, circle(v, 0.0, v * turn, 5.0))


def skid_balance(half_base: float, half_track: float, rims: tuple[float, float], wz: float) -> float:
    """Return the moment that the four Coulomb contacts of a skid car feel at a turn rate."""
    moment = 0.0
    for x in (half_base, -half_base):
        for y, rim in ((half_track, rims[0]), (-half_track, rims[1])):
            along, across = 0.5 * sum(rims) - wz * y - rim, wz * x
            slide = math.hypot(along, across)
            moment += (y * along - x * across) / slide if slide > 0.0 else 0.0
    return moment


@given(st.floats(0.05, 0.3), st.floats(0.05, 0.3), st.floats(-0.5, 0.5), st.floats(0.02, 0.5))
@settings(max_examples=50, deadline=None)
def test_a_skid_car_turns_where_the_friction_of_its_wheels_balances(
    half_base: float, half_track: float, left: float, apart: float
) -> None:
    rims = (left, left + apart)
    wz = apart / effective_track_m(2.0 * half_track, 2.0 * half_base)
    assert skid_balance(half_base, half_track, rims, wz) == pytest.approx(0.0, abs=1e-9)
    assert (
        skid_balance(half_base, half_track, rims, 0.9 * wz)
        * skid_balance(half_base, half_track, rims, 1.1 * wz)
        < 0.0
    )


def test_a_skid_car_turns_by_its_effective_track() -> None:
    rig = rig_of(Chassis.SKID, track_m=0.2, wheelbase_m=0.15)
    rig.roll([-0.1, 0.1, -0.1, 0.1], 100)
    assert_pose(rig, (0.0, 0.0, 0.2 / (0.2 * (1.0 + 0.75**2))))


def test_turning_on_the_spot_costs_a_skid_car_more_current_than_driving_straight() -> None:
    straight, spin = (Rig(chassis=ChassisParameters(kind=Chassis.SKID)) for _ in range(2))
    straight.drive(300, 300, 100)
    spin.drive(-300, 300, 100)
    assert spin.car.battery.current_a > 1.5 * straight.car.battery.current_a


def test_wheels_that_agree_do_not_scrub() -> None:
    mecanum = rig_of(Chassis.MECANUM, lateral_efficiency=1.0)
    mecanum.roll([-0.3, 0.3, 0.3, -0.3], 50)
    assert list(mecanum.car.wheels.scrub_nm) == pytest.approx([0.0] * 4, abs=1e-12)


class TestSteering:
    """A hobby servo."""

    def angle_after(self, seconds: float, command_mrad: int, steering: SteeringParameters) -> float:
        rig = rig_of(Chassis.ACKERMANN, steering=steering)
        rig.roll([0.0, 0.0], round(seconds / PERIOD_S), command_mrad)
        angle: float = rig.car.steering.angle_rad
        return angle

    def test_it_turns_at_its_rate_and_stops_at_the_command(self) -> None:
        servo = SteeringParameters(rate_radps=2.0)
        assert self.angle_after(0.1, 400, servo) == pytest.approx(0.2)
        assert self.angle_after(0.3, 400, servo) == pytest.approx(0.4)

    def test_less_than_the_dead_band_does_not_move_it(self) -> None:
        servo = SteeringParameters(dead_band_rad=0.02)
        assert self.angle_after(1.0, 20, servo) == 0.0
        assert self.angle_after(1.0, 21, servo) == pytest.approx(0.021)

    def test_a_wrong_trim_drives_a_circle_where_a_straight_line_was_meant(self) -> None:
        rig = rig_of(Chassis.ACKERMANN, steering=SteeringParameters(trim_rad=0.05))
        rig.roll([0.3, 0.3], 100)
        assert_pose(rig, circle(0.3, 0.0, 0.3 * math.tan(0.05) / 0.2, 1.0))

    def test_the_linkage_ends_at_its_limit(self) -> None:
        assert self.angle_after(1.0, 700, SteeringParameters(limit_rad=0.5)) == pytest.approx(0.5)

    def test_a_jammed_servo_stays(self) -> None:
        rig = rig_of(Chassis.ACKERMANN)
        rig.roll([0.0, 0.0], 100, 200)
        rig.car.steering.jammed = 1
        stays = rig.car.steering.angle_rad
        rig.roll([0.0, 0.0], 100, -200)
        assert rig.car.steering.angle_rad == stays == pytest.approx(0.2, abs=0.01)  # the dead band


class TestOneMotor:
    """A rear axle with one motor and an open differential."""

    def rig(self) -> Rig:
        chassis = ChassisParameters(kind=Chassis.ACKERMANN, one_motor=True, track_m=0.16)
        return Rig(chassis=chassis)

    def test_the_wheels_share_the_motors_turns_as_the_bend_asks(self) -> None:
        rig = self.rig()
        rig.drive(300, 300, 300, steer_mrad=400)
        speed = rig.car.wheels.speed_radps
        turn = math.tan(rig.car.steering.angle_rad) / 0.2
        assert speed[0] / speed[1] == pytest.approx((1.0 - 0.08 * turn) / (1.0 + 0.08 * turn), rel=1e-5)
        assert 0.5 * (speed[0] + speed[1]) == pytest.approx(speed[2], rel=1e-12)
        assert rig.ticks[0] < rig.ticks[1]

    def test_the_motor_sees_the_mean_of_both_bridges(self) -> None:
        apart, alike = self.rig(), self.rig()
        apart.drive(200, 400, 100)
        alike.drive(300, 300, 100)
        assert apart.pose == pytest.approx(alike.pose, abs=1e-12)
