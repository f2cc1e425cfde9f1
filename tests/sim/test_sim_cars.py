"""Every car of the table does, through the real controller, what it is told.

The simulator's kinematics and the firmware's were derived apart from each other; here they meet.
"""

from __future__ import annotations

import math

import pytest
from sim_host import Host, room

from firmware_protocol.messages import Capability, Chassis, Hello, Odom, State, Status, Wheels
from sim.car import SimulatedCar
from sim.vehicle.cars import CARS
from sim.world.walls import World

HALL = World.from_walls(room(20.0, 20.0))
START = (10.0, 10.0, 0.0)
SETTLE_S, DRIVE_S = 2.0, 3.0
names = pytest.mark.parametrize("name", list(CARS))


def host_of(name: str) -> Host:
    host = Host(SimulatedCar(HALL, CARS[name], start=START, seed=3))
    host.arm()
    assert host.last(Status).state == State.ARMED
    return host


def driven(name: str, vx: float, vy: float, wz: float) -> tuple[Host, tuple[float, float, float]]:
    """Return a host after the drive, and the motion of its steady part in the frame of its beginning."""
    host = host_of(name)
    host.run(SETTLE_S, (vx, wz), vy)
    before = host.car.truth.pose
    host.run(DRIVE_S, (vx, wz), vy)
    after = host.car.truth.pose
    dx, dy = after[0] - before[0], after[1] - before[1]
    cos, sin = math.cos(before[2]), math.sin(before[2])
    assert host.car.truth.collisions == 0
    return host, (cos * dx + sin * dy, cos * dy - sin * dx, math.remainder(after[2] - before[2], math.tau))


def assert_odometry(host: Host) -> None:
    """Odometry ends where the car is, but for 1.5 % of the way; a servo in its dead band costs some more."""
    truth, odom = host.car.truth, host.last(Odom)
    chassis = host.car.parameters.chassis
    believes = chassis.kind is Chassis.ACKERMANN
    turned = chassis.steering.dead_band_rad / chassis.wheelbase_m * truth.distance_m if believes else 0.0
    off_m = 0.015 * max(truth.distance_m, 0.1) + 0.5 * turned * truth.distance_m
    assert odom.x_m == pytest.approx(truth.pose[0] - START[0], abs=off_m)
    assert odom.y_m == pytest.approx(truth.pose[1] - START[1], abs=off_m)
    assert math.remainder(odom.yaw_rad - truth.pose[2], math.tau) == pytest.approx(0.0, abs=0.03 + turned)


@names
def test_it_says_what_it_is(name: str) -> None:
    hello = host_of(name).last(Hello)
    assert hello.chassis == CARS[name].chassis.kind
    steers = bool(Capability(hello.capabilities) & Capability.STEERING)
    assert steers == (CARS[name].chassis.kind is Chassis.ACKERMANN)


@names
@pytest.mark.parametrize("speed", [0.3, -0.15])
def test_straight_ahead_and_back_is_straight(name: str, speed: float) -> None:
    host, (dx, dy, turn) = driven(name, speed, 0.0, 0.0)
    assert dx == pytest.approx(speed * DRIVE_S, rel=0.02)
    assert dy == pytest.approx(0.0, abs=0.01)
    assert turn == pytest.approx(0.0, abs=0.02)
    assert_odometry(host)


@names
def test_a_bend_is_the_circle_of_its_twist(name: str) -> None:
    v, w = 0.3, 0.4
    host, (dx, dy, turn) = driven(name, v, 0.0, w)
    angle = w * DRIVE_S
    assert turn == pytest.approx(angle, rel=0.06)  # a servo stops within its dead band, a weak motor lags
    assert dx == pytest.approx(v / w * math.sin(angle), rel=0.05)
    assert dy == pytest.approx(v / w * (1.0 - math.cos(angle)), rel=0.08)
    assert_odometry(host)


@names
def test_who_can_turn_on_the_spot_does_and_who_cannot_stays(name: str) -> None:
    host, (dx, dy, turn) = driven(name, 0.0, 0.0, 0.6)
    can = CARS[name].chassis.kind is not Chassis.ACKERMANN
    assert turn == pytest.approx(0.6 * DRIVE_S if can else 0.0, rel=0.06, abs=1e-9)
    assert math.hypot(dx, dy) < 0.01
    assert_odometry(host)


@names
def test_only_a_mecanum_car_goes_sideways_and_odometry_overrates_that_by_its_rollers(name: str) -> None:
    host, (dx, dy, turn) = driven(name, 0.0, 0.25, 0.0)
    chassis = CARS[name].chassis
    share = chassis.lateral_efficiency if chassis.kind is Chassis.MECANUM else 0.0
    assert dy == pytest.approx(share * 0.25 * DRIVE_S, rel=0.02, abs=1e-9)
    assert dx == pytest.approx(0.0, abs=0.01)
    assert turn == pytest.approx(0.0, abs=0.01)
    told = host.last(Odom).y_m
    assert share * told == pytest.approx(host.car.truth.pose[1] - START[1], rel=0.02, abs=2e-3)


@pytest.mark.parametrize(
    "name", [name for name, car in CARS.items() if car.chassis.kind is Chassis.ACKERMANN]
)
def test_the_front_wheels_look_where_the_bend_asks(name: str) -> None:
    host, _ = driven(name, 0.3, 0.0, 0.3)
    expected = math.atan(0.3 / 0.3 * CARS[name].chassis.wheelbase_m)
    assert host.last(Wheels).steer_rad == pytest.approx(expected, abs=0.02)


@names
def test_a_host_that_falls_silent_leaves_every_car_standing(name: str) -> None:
    host = host_of(name)
    host.run(1.5, (0.3, 0.0))
    for _ in range(100):
        host.car.step(b"")
    assert host.car.truth.speed_mps == pytest.approx(0.0, abs=1e-3)
