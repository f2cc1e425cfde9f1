"""The body follows its wheels along exact arcs, and stays out of what it touches."""

from __future__ import annotations

import ctypes
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_host import room
from sim_rig import PERIOD_S, Rig

from firmware_protocol.messages import Chassis
from sim.native import address, kernels
from sim.vehicle.battery import BatteryParameters
from sim.vehicle.chassis import ChassisParameters, Outline, car_struct
from sim.vehicle.motor import JGA25_370
from sim.world.walls import World

duties = st.integers(-1000, 1000)


def arc(start: tuple[float, float, float], travel_m: float, turn_rad: float) -> list[float]:
    """Return the pose after an arc, by the kernel."""
    from_pose, to_pose = (ctypes.c_double * 3)(*start), (ctypes.c_double * 3)()
    motion = (ctypes.c_double * 3)(travel_m, 0.0, turn_rad)
    at = ctypes.addressof
    kernels().sim_arc(at(from_pose), at(motion), at(to_pose))
    return list(to_pose)


@given(st.floats(0.05, 1.0), st.floats(-2.0, 2.0).filter(lambda w: abs(w) > 1e-2))
@settings(max_examples=30, deadline=None)
def test_ten_seconds_on_an_arc_end_on_the_circle(v: float, w: float) -> None:
    pose = (0.0, 0.0, 0.0)
    for _ in range(1000):
        x_m, y_m, yaw = arc(pose, v * PERIOD_S, w * PERIOD_S)
        pose = (x_m, y_m, yaw)
    radius = v / w
    assert pose[0] == pytest.approx(radius * math.sin(10.0 * w), abs=1e-9)
    assert pose[1] == pytest.approx(radius * (1.0 - math.cos(10.0 * w)), abs=1e-9)
    assert math.remainder(pose[2] - 10.0 * w, math.tau) == pytest.approx(0.0, abs=1e-9)


@given(st.floats(-3.0, 3.0), st.floats(-1e-3, 1e-3))
@settings(deadline=None)
def test_an_almost_straight_way_is_no_special_case(yaw: float, turn: float) -> None:
    x, y, _ = arc((1.0, 2.0, yaw), 0.5, turn)
    assert x == pytest.approx(1.0 + 0.5 * math.cos(yaw + 0.5 * turn), abs=1e-7)
    assert y == pytest.approx(2.0 + 0.5 * math.sin(yaw + 0.5 * turn), abs=1e-7)
    straight = arc((1.0, 2.0, yaw), 0.5, 0.0)
    assert math.hypot(x - straight[0], y - straight[1]) <= 0.25 * abs(turn) + 1e-15


@given(duties, duties)
@settings(max_examples=25, deadline=None)
def test_the_body_goes_where_its_wheels_roll(left: int, right: int) -> None:
    """While they grip, heading is the difference of the rims over the track, and the way their mean."""
    chassis = ChassisParameters(friction=50.0)
    rig = Rig(chassis=chassis)
    rig.drive(left, right, 150)
    angle = rig.car.wheels.angle_rad
    turn = chassis.radius_m[0] * (angle[1] - angle[0]) / chassis.track_m
    assert math.remainder(rig.body.pose[2] - turn, math.tau) == pytest.approx(0.0, abs=1e-9)
    rolled = 0.5 * chassis.radius_m[0] * (angle[0] + angle[1])
    if left == right:
        assert rig.body.pose[:] == pytest.approx([rolled, 0.0, 0.0], abs=1e-9)
    if left == -right:
        assert rig.body.pose[:2] == pytest.approx([0.0, 0.0], abs=1e-9)


@given(duties, duties, st.integers(1, 200))
@settings(max_examples=30, deadline=None)
def test_encoders_count_the_whole_steps_of_the_wheels_and_nothing_else(left: int, right: int, n: int) -> None:
    rig = Rig()
    rig.drive(left, right, n)
    angle = rig.car.wheels.angle_rad
    assert rig.ticks[:2] == [math.floor(angle[k] * 1560 / math.tau) for k in range(2)]


def test_a_wheel_that_is_larger_than_believed_takes_the_car_farther() -> None:
    rig = Rig(chassis=ChassisParameters(radius_m=(0.0325 * 1.01,) * 2))
    rig.drive(400, 400, 200)
    assert rig.body.pose[0] == pytest.approx(1.01 * 0.0325 * rig.car.wheels.angle_rad[0], abs=1e-9)


def test_a_slipping_wheel_turns_the_car_though_both_count_the_same() -> None:
    rig = Rig(chassis=ChassisParameters(slip=(0.1, 0.0)))
    rig.drive(400, 400, 100)
    assert rig.ticks[0] == rig.ticks[1]
    assert rig.body.pose[2] > 0.1


def test_straight_on_four_wheels_drive_like_two() -> None:
    two, four = Rig(), Rig(chassis=ChassisParameters(kind=Chassis.SKID))
    two.car.battery.resistance_ohm = four.car.battery.resistance_ohm = 0.0
    two.car.battery.rc_ohm = four.car.battery.rc_ohm = 0.0
    two.drive(500, 500, 50)
    four.drive(500, 500, 50)
    assert list(four.ticks) == [two.ticks[0], two.ticks[1]] * 2
    assert four.body.pose[:] == pytest.approx(two.body.pose[:], abs=1e-4)


def test_driving_hard_makes_the_battery_sag() -> None:
    rig = Rig()
    rested_v = rig.car.battery.terminal_v
    rig.drive(1000, 1000, 1)
    assert rested_v - rig.car.battery.terminal_v > 0.5
    assert rig.car.battery.current_a > 4.0


def test_a_bridge_that_is_off_lets_the_car_roll_out_without_current() -> None:
    rig = Rig()
    rig.drive(500, 500, 100)
    rig.switch(on=False)
    rig.drive(500, 500, 1)
    assert rig.body.speed_mps > 0.3
    assert rig.car.battery.current_a == rig.car.battery.idle_a
    rig.drive(500, 500, 300)
    assert rig.body.speed_mps == 0.0


class TestAtAWall:
    """One metre ahead of the front bumper there is a wall."""

    def rig(self, yaw: float = 0.0) -> Rig:
        return Rig(World.from_walls([[1.16, -3.0, 1.16, 3.0]]), (0.0, 0.0, yaw))

    def test_the_car_stops_at_the_wall_and_its_wheels_go_on(self) -> None:
        rig = self.rig()
        rig.drive(500, 500, 400)
        assert rig.body.pose[0] == pytest.approx(1.0, abs=1e-5)
        assert rig.body.pose[0] < 1.0
        before = rig.ticks[0]
        rig.drive(500, 500, 100)
        assert rig.ticks[0] > before + 500
        assert rig.body.speed_mps == 0.0

    def test_one_long_push_is_one_collision(self) -> None:
        rig = self.rig()
        rig.drive(500, 500, 600)
        assert rig.body.wall_hits == 1
        assert rig.body.clearance_m == pytest.approx(0.0, abs=1e-5)

    def test_coming_back_after_leaving_is_another_collision(self) -> None:
        rig = self.rig()
        rig.drive(500, 500, 400)
        rig.drive(-500, -500, 100)
        assert rig.body.pose[0] < 0.9
        assert rig.bumpers.value == 0
        rig.drive(500, 500, 400)
        assert rig.body.wall_hits == 2

    def test_the_front_bumpers_are_pressed_at_the_front_and_the_rear_ones_behind(self) -> None:
        ahead, behind = self.rig(), self.rig(yaw=math.pi)
        ahead.drive(500, 500, 400)
        behind.drive(-500, -500, 500)
        assert ahead.bumpers.value & 0x0F
        assert not ahead.bumpers.value & 0xF0
        assert behind.bumpers.value & 0xF0
        assert not behind.bumpers.value & 0x0F

    def test_a_wall_at_the_left_corner_presses_the_leftmost_bumper(self) -> None:
        rig = self.rig(yaw=-0.5)  # looking right: the left corner arrives first
        rig.drive(500, 500, 400)
        assert rig.bumpers.value == 0b0001

    def test_wheels_that_grind_at_a_wall_draw_more_current(self) -> None:
        rig, free = self.rig(), Rig()
        rig.drive(500, 500, 500)
        free.drive(500, 500, 500)
        assert rig.car.battery.current_a > 1.5 * free.car.battery.current_a


@given(duties, duties, st.floats(-3.1, 3.1), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_no_drive_whatever_brings_the_outline_into_a_wall(
    left: int, right: int, yaw: float, seed: int
) -> None:
    solid = np.random.default_rng(seed).random((40, 40)) < 0.05
    solid[17:24, 17:24] = False
    world = World.from_grid(solid, 0.1, (-2.05, -2.05), np.array(room(3.8, 3.8)) - 1.9)
    rig = Rig(world, (0.0, 0.0, yaw))
    outline = Outline()
    for _ in range(12):
        rig.drive(left, right, 25)
        pose = (rig.body.pose[0], rig.body.pose[1], rig.body.pose[2])
        gap_m = world.clearance(pose, (outline.front_m, outline.rear_m, outline.half_width_m))
        assert gap_m > 0.0
        assert rig.body.clearance_m <= gap_m
        assert (rig.body.wall_hits == 0) <= (rig.body.clearance_m > 0.0)


@given(st.floats(-3.1, 3.1), st.integers(100, 900), st.integers(100, 900))
@settings(max_examples=20, deadline=None)
def test_the_least_clearance_is_the_least_of_all_steps(yaw: float, left: int, right: int) -> None:
    """The kernel looks only when the gap may have become smaller; that must never lose a minimum."""
    world = World.from_walls(room(3.0, 3.0))
    rig, outline, least = Rig(world, (1.5, 1.5, yaw)), Outline(), 1.0
    for _ in range(150):
        rig.drive(left, right, 1)
        pose = (rig.body.pose[0], rig.body.pose[1], rig.body.pose[2])
        gap_m = world.clearance(pose, (outline.front_m, outline.rear_m, outline.half_width_m))
        least = min(least, gap_m)
    assert rig.body.clearance_m == pytest.approx(least, abs=1e-12)


class TestAPersonInTheWay:
    """Somebody stands half a metre ahead."""

    def test_the_car_stops_at_a_person_and_that_counts_as_a_person_hit(self) -> None:
        rig = Rig(discs=((0.91, 0.0, 0.25),))
        rig.drive(500, 500, 300)
        assert rig.body.pose[0] == pytest.approx(0.5, abs=1e-4)
        assert (rig.body.person_hits, rig.body.wall_hits, rig.body.standing_touches) == (1, 0, 0)
        assert rig.bumpers.value & 0x0F

    def test_the_car_can_back_away_from_a_person(self) -> None:
        rig = Rig(discs=((0.91, 0.0, 0.25),))
        rig.drive(500, 500, 300)
        rig.drive(-500, -500, 100)
        assert rig.body.pose[0] < 0.3
        assert rig.bumpers.value == 0

    def test_somebody_who_touches_the_standing_car_is_counted_apart(self) -> None:
        rig = Rig(discs=((2.0, 0.0, 0.25),))
        rig.discs[0, 0] = 0.409
        rig.drive(0, 0, 10)
        assert (rig.body.person_hits, rig.body.standing_touches) == (0, 1)

    def test_the_least_gap_to_people_counts_while_the_car_moves(self) -> None:
        rig = Rig(discs=((0.5, 0.5, 0.25),))
        rig.drive(0, 0, 10)
        assert rig.body.person_m == math.inf
        rig.drive(500, 500, 300)
        assert rig.body.person_m == pytest.approx(0.13, abs=1e-3)


def test_a_car_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="one_motor"):
        ChassisParameters(one_motor=True)
    with pytest.raises(ValueError, match="lateral_efficiency"):
        ChassisParameters(lateral_efficiency=0.0)
    with pytest.raises(ValueError, match="track"):
        replace(ChassisParameters(), track_m=0.0)
    with pytest.raises(ValueError, match="motors"):
        car_struct(ChassisParameters(), (JGA25_370,), BatteryParameters(), (0.0, 0.0, 0.0))


def test_the_body_struct_lies_where_its_address_says() -> None:
    rig = Rig()
    assert address(rig.car, "body") == ctypes.addressof(rig.car.body)
