"""Wheels grip until friction gives no more; then they spin, lock or drift, as Coulomb says."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from sim_rig import Rig

from firmware_protocol.messages import Chassis
from sim.vehicle.chassis import ChassisParameters
from sim.vehicle.motor import JGA25_370
from sim.world.floor import Floor, Patch
from sim.world.walls import World

G = 9.80665
FAR = [[-1000.0, 1000.0, -999.0, 1000.0]]
ICE = ChassisParameters(friction=0.05)


def square(x: float, y: float, half_m: float) -> tuple[tuple[float, float], ...]:
    return (
        (x - half_m, y - half_m),
        (x + half_m, y - half_m),
        (x + half_m, y + half_m),
        (x - half_m, y + half_m),
    )


def on_floor(*patches: Patch, chassis: ChassisParameters | None = None, yaw: float = 0.0) -> Rig:
    return Rig(World.from_walls(FAR, 50.0, Floor(patches)), (0.0, 0.0, yaw), chassis)


def test_on_ice_the_car_speeds_up_no_faster_than_friction_pulls() -> None:
    rig = Rig(chassis=ICE)
    rig.drive(1000, 1000, 50)
    assert rig.body.speed_mps == pytest.approx(0.05 * G * 0.5, rel=1e-9)
    assert rig.pose[0] == pytest.approx(0.5 * 0.05 * G * 0.25, rel=1e-9)
    assert rig.car.wheels.speed_radps[0] * 0.0325 > 2.0 * rig.body.speed_mps  # they spin


def test_spinning_wheels_are_caught_up_by_the_car_and_grip_again() -> None:
    rig = Rig(chassis=ICE)
    rig.drive(300, 300, 50)
    assert rig.car.wheels.sliding[0]
    rig.drive(300, 300, 400)
    assert not rig.car.wheels.sliding[0]
    grips = Rig()
    grips.drive(300, 300, 450)
    assert rig.body.speed_mps == pytest.approx(grips.body.speed_mps, rel=1e-3)


def test_the_way_to_a_stand_on_ice_is_the_speed_squared_over_twice_mu_g() -> None:
    """Both motors short-circuited: the wheels lock and the car slides."""
    rig = Rig(chassis=replace(ICE, friction=0.02))
    rig.drive(300, 300, 1000)
    speed, start = rig.body.speed_mps, rig.pose[0]
    rig.drive(0, 0, 1000)
    assert rig.body.speed_mps == 0.0
    assert rig.pose[0] - start == pytest.approx(speed**2 / (2.0 * 0.02 * G), rel=0.02)


def test_what_wheels_and_car_lose_is_what_friction_takes() -> None:
    """A spinning wheel that is switched off: its momentum and the car's only move between them."""
    motor = replace(JGA25_370, coulomb_nm=0.0, stiction_nm=0.0, viscous_nms=1e-12)
    rig = Rig(chassis=ICE, motors=(motor,) * 4)
    rig.drive(1000, 1000, 20)
    own, share = motor.own_inertia_kgm2, motor.inertia_kgm2 - motor.own_inertia_kgm2

    def momentum() -> float:
        wheels = rig.car.wheels
        return float(own * wheels.speed_radps[0] + share * wheels.floor_mps[0] / 0.0325)

    before = momentum()
    rig.switch(on=False)
    rig.drive(0, 0, 300)
    assert not rig.car.wheels.sliding[0]
    assert momentum() == pytest.approx(before, rel=1e-6)


def test_one_wheel_on_ice_pulls_the_car_to_its_side() -> None:
    ice_left = Patch(((-50.0, 0.02), (50.0, 0.02), (50.0, 5.0), (-50.0, 5.0)), friction=0.05)
    rig = on_floor(ice_left)
    rig.drive(600, 600, 30)
    assert rig.body.turned_rad > 0.0
    assert rig.car.wheels.sliding[0]
    assert not rig.car.wheels.sliding[1]


def test_a_bend_taken_too_fast_carries_the_car_outwards() -> None:
    """What turns the velocity is friction: its direction changes by no more than mu g / v."""
    rig = Rig(chassis=replace(ICE, friction=0.03))
    rig.drive(400, 400, 400)
    speed = rig.body.speed_mps
    rig.drive(200, 500, 100)
    turn = rig.body.turned_rad / 0.01
    assert turn * speed > 0.03 * G
    assert rig.body.aside_mps < -0.01  # to the right of where it looks: outwards
    course = math.atan2(rig.body.aside_mps, rig.body.speed_mps) + rig.pose[2]
    assert course < rig.pose[2]
    rig.drive(200, 200, 200)
    assert rig.body.aside_mps == 0.0


def test_a_bend_that_friction_can_hold_has_no_drift() -> None:
    rig = Rig()
    rig.drive(200, 300, 300)
    assert rig.body.aside_m == 0.0


def test_a_carpet_swallows_its_share_of_the_travel_and_only_there() -> None:
    carpet = Patch(square(1.0, 0.0, 0.5), slip=0.2)
    rig = on_floor(carpet)
    rig.drive(400, 400, 600)
    rolled = 0.0325 * rig.car.wheels.angle_rad[0]
    assert rig.pose[0] > 1.5
    assert rolled - rig.pose[0] == pytest.approx(1.0 / 0.8 - 1.0, abs=0.01)


class TestRamps:
    """Five per cent up along x."""

    RAMP = Patch(square(0.0, 0.0, 500.0), grade=(0.05, 0.0))
    BITE = 0.05 / math.sqrt(1.0 + 0.05**2) * G

    def test_up_costs_as_much_current_more_as_down_saves(self) -> None:
        drawn = []
        for yaw in (0.0, 0.5 * math.pi, math.pi):
            rig = on_floor(self.RAMP, yaw=yaw)
            rig.drive(300, 300, 500)
            drawn.append(rig.car.wheels.current_a[0] - rig.car.wheels.speed_radps[0] * 4e-4 / 0.33)
        torque = 1.2 * self.BITE * 0.0325
        assert drawn[0] - drawn[1] == pytest.approx(torque / 0.33, rel=1e-4)
        assert drawn[1] - drawn[2] == pytest.approx(torque / 0.33, rel=1e-4)

    def test_static_friction_holds_the_car_on_a_gentle_ramp_and_not_on_a_steep_one(self) -> None:
        gentle, steep = on_floor(self.RAMP), on_floor(replace(self.RAMP, grade=(0.2, 0.0)))
        for rig in (gentle, steep):
            rig.switch(on=False)
            rig.drive(0, 0, 100)
        assert gentle.pose[0] == 0.0
        assert steep.pose[0] < -0.1


def test_a_wheel_over_an_edge_ends_the_drive() -> None:
    rig = on_floor(Patch(square(1.5, 0.0, 0.5), hole=True))
    rig.drive(400, 400, 600)
    assert rig.body.fallen
    assert rig.pose[0] == pytest.approx(1.0, abs=0.01)
    assert rig.body.speed_mps == 0.0


def test_a_bridge_over_a_hole_carries_the_car() -> None:
    hole, bridge = Patch(square(1.5, 0.0, 0.5), hole=True), Patch(square(1.5, 0.0, 0.6), hole=False)
    rig = on_floor(hole, bridge)
    rig.drive(400, 400, 600)
    assert not rig.body.fallen


@pytest.mark.parametrize("kind", list(Chassis))
def test_no_chassis_speeds_up_faster_than_friction_pulls(kind: Chassis) -> None:
    chassis = ChassisParameters(kind=kind, friction=0.1)
    rig = Rig(chassis=chassis, motors=(JGA25_370.carrying(0.6, 0.0325),) * 4)
    rig.drive(1000, 1000, 30)
    assert rig.body.speed_mps == pytest.approx(0.1 * G * 0.3, rel=1e-9)


def test_a_patch_that_cannot_be_is_refused() -> None:
    for wrong in ({"friction": 0.0}, {"slip": 1.0}, {"grade": (2.0, 0.0)}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Patch(square(0.0, 0.0, 1.0), **wrong)
    with pytest.raises(ValueError, match="outline"):
        Patch(((0.0, 0.0), (1.0, 0.0)))
