"""Doors swing and things come and go, and neither hurts anybody."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
import sim_oracle as oracle
from sim_host import Host, room

from firmware_protocol.messages import Cause, State, Status
from sim.car import NOMINAL, SimulatedCar
from sim.sensors.sonar import SonarParameters
from sim.world.moving import Appearing, Door, box
from sim.world.people import CALM, CURIOUS, DISTRACTED, FRIGHTENED, HURRIED, Temperament
from sim.world.surfaces import GLASS, PLASTER, Surfaces
from sim.world.walls import World

SPLIT = [*room(20.0, 10.0), [10.0, 0.0, 10.0, 4.5], [10.0, 5.5, 10.0, 10.0]]  # two rooms and a doorway
door = partial(Door, (10.0, 4.5), (10.0, 5.5))  # in the doorway
HALL = World.from_walls(SPLIT)
START = (6.0, 5.0, 0.0)
SIZE = (0.16, 0.12, 0.12)
BLIND = replace(
    NOMINAL,
    sonars=SonarParameters(mounts=((0.0, 0.0, math.pi),)),
    controller=replace(NOMINAL.controller, range_bearings_rad=(math.pi - 0.001,)),
)


@dataclass(frozen=True, slots=True)
class Walk:
    """A route."""

    stops: tuple[tuple[float, float], ...]
    speed_mps: float = 1.0
    pause_s: float = 0.2


def ahead(car: SimulatedCar) -> float:
    """Return how far one sees from the car's start along x."""
    return float(car.world.cast([[6.0, 5.0, 1.0, 0.0]], 30.0)[0][0])


def live(car: SimulatedCar, seconds: float) -> None:
    for _ in range(round(seconds * 100)):
        car.step(b"")


class TestDoors:
    """A door in the doorway, four metres ahead."""

    def test_it_opens_and_closes_at_its_times(self) -> None:
        car = SimulatedCar(HALL, start=START, moving=[door(open_s=((2.0, 6.0),))])
        seen = []
        for _ in range(10):
            live(car, 1.0)
            seen.append(ahead(car))
        assert seen[0] == pytest.approx(4.0)
        assert seen[4] == pytest.approx(14.0)
        assert seen[9] == pytest.approx(4.0)

    def test_while_it_swings_every_ray_ends_where_the_door_is(self) -> None:
        car = SimulatedCar(HALL, start=START, moving=[door(open_s=((0.0, 9.0),))])
        bearings = np.linspace(-0.5, 0.5, 101)
        rays = np.column_stack([np.full(101, 6.0), np.full(101, 5.0), np.cos(bearings), np.sin(bearings)])
        for period in range(30):
            live(car, 0.05)
            turned = min(math.pi / 2, math.pi / 2 * (period + 1) / 30)
            leaf = [10.0, 4.5, 10.0 - math.sin(turned), 4.5 + math.cos(turned)]
            expected = oracle.cast(rays, np.array([*SPLIT, leaf]), np.empty((0, 4)), np.empty((0, 3)), 30.0)
            np.testing.assert_allclose(car.world.cast(rays, 30.0)[0], expected, atol=1e-9)

    def test_it_opens_for_a_person_who_comes_and_lets_them_through(self) -> None:
        walk = Walk(((14.0, 5.0), (7.0, 5.0)), pause_s=0.0)
        car = SimulatedCar(HALL, start=(3.0, 2.0, 0.0), people=[walk], moving=[door(opens_within_m=2.0)])
        passed = False
        for _ in range(2500):
            car.step(b"")
            passed = passed or float(car.people_xy[0, 0]) < 9.0
        assert passed

    def test_whoever_holds_it_shut_keeps_it_so_until_it_is_let_go(self) -> None:
        car = SimulatedCar(HALL, start=START, moving=[door(open_s=((0.0, 99.0),))])
        live(car, 2.0)
        assert car.movers is not None
        car.movers.keep(0, 0)
        live(car, 2.0)
        assert ahead(car) == pytest.approx(4.0)
        car.movers.release(0)
        live(car, 2.0)
        assert ahead(car) == pytest.approx(14.0)
        with pytest.raises(ValueError, match="found number 1"):
            car.movers.keep(1, 0)

    def test_it_does_not_close_on_the_car(self) -> None:
        with pytest.raises(ValueError, match="stand in a wall"):
            SimulatedCar(HALL, start=(10.0, 5.0, 0.0), moving=[door()])  # it begins closed
        car = SimulatedCar(
            HALL, start=(9.2, 5.0, 0.0), moving=[door(open_s=((0.0, 4.0),), swing_rad=-math.pi / 2)]
        )
        live(car, 2.0)
        car.displace(0.8, 0.0, 0.0)  # into the doorway
        live(car, 8.0)
        assert car.world.clearance(car.truth.pose, SIZE) > 0.0
        car.displace(-0.8, 0.0, 0.0)
        live(car, 2.0)
        assert ahead(car) == pytest.approx(4.0)  # now it could close

    def test_the_car_stops_before_a_door_that_closes_ahead(self) -> None:
        car = SimulatedCar(HALL, start=START, moving=[door(open_s=((0.0, 6.0),))])
        host = Host(car)
        host.arm()
        host.run(14.0, (0.4, 0.0))
        assert car.truth.collisions == 0
        assert host.last(Status).cause == Cause.NEAR_RANGE
        assert car.truth.pose[0] < 9.9

    def test_two_cars_in_one_world_have_doors_of_their_own(self) -> None:
        with_door = SimulatedCar(HALL, start=START, moving=[door()])
        without = SimulatedCar(HALL, start=START)
        assert ahead(with_door) == pytest.approx(4.0)
        assert ahead(without) == pytest.approx(14.0)

    def test_a_door_of_glass_in_a_world_of_plaster(self) -> None:
        world = World.from_walls(SPLIT, surfaces=Surfaces([PLASTER] * len(SPLIT)))
        car = SimulatedCar(world, start=START, moving=[door(material=GLASS)])
        live(car, 2.0)
        assert car._lidar is not None
        beams = car._lidar.distance_m[[5, -5, 6, -6]]  # past the door's middle, through the pane
        assert (beams > 5.0).any()

    def test_a_door_outside_of_the_world_is_refused(self) -> None:
        with pytest.raises(ValueError, match="leaves the world"):
            SimulatedCar(HALL, start=START, moving=[Door((90.0, 0.0), (91.0, 0.0))])


class TestAppearing:
    """A box in the way."""

    def test_it_is_there_for_its_time_only(self) -> None:
        thing = Appearing(box(8.0, 5.0, 0.2), from_s=1.0, to_s=3.0)
        car = SimulatedCar(HALL, start=START, moving=[thing])
        seen = []
        for _ in range(4):
            seen.append(ahead(car))
            live(car, 1.02)
        assert seen == pytest.approx([14.0, 1.8, 1.8, 14.0])

    def test_it_waits_until_the_place_is_free(self) -> None:
        car = SimulatedCar(HALL, start=START, moving=[Appearing(box(6.0, 5.0, 0.3), from_s=0.5)])
        live(car, 2.0)
        assert ahead(car) == pytest.approx(14.0)
        car.displace(3.0, 0.0, 0.0)
        live(car, 0.1)
        assert car.world.cast([[4.0, 5.0, 1.0, 0.0]], 30.0)[0][0] == pytest.approx(1.7)

    def test_the_car_drives_up_to_it_and_does_not_touch_it(self) -> None:
        car = SimulatedCar(HALL, start=START, moving=[Appearing(box(7.5, 5.0, 0.2), from_s=2.0)])
        host = Host(car)
        host.arm()
        host.run(8.0, (0.4, 0.0))
        assert car.truth.collisions == 0
        assert car.truth.pose[0] < 7.2
        assert host.last(Status).state == State.ARMED

    def test_one_that_comes_too_near_is_hit_and_counted(self) -> None:
        """Gaps are measured anew when a wall has moved, though the car believed itself in the open."""
        thing = Appearing(box(7.0, 5.0, 0.1), from_s=2.3)
        car = SimulatedCar(HALL, BLIND, start=START, moving=[thing])
        host = Host(car)
        host.arm()
        host.run(4.0, (0.5, 0.0))
        assert car.truth.collisions_wall == 1
        assert car.truth.pose[0] == pytest.approx(6.9 - SIZE[0], abs=1e-4)


def closest(temperament: Temperament, seconds: float = 25.0) -> float:
    """Return how near somebody comes who walks past the standing car at 1.2 m."""
    walk = Walk(((2.0, 6.3), (10.0, 6.3)), pause_s=0.0)
    world = World.from_walls(room(20.0, 10.0))
    car = SimulatedCar(world, start=(6.0, 5.0, 0.0), people=[walk], temperaments=[temperament])
    least = math.inf
    for _ in range(round(seconds * 20)):
        live(car, 0.05)
        least = min(least, math.dist(car.people_xy[0], (6.0, 5.0)))
    assert car.truth.collisions_standing == 0
    return least


class TestTemperaments:
    """People are not alike."""

    def test_the_curious_come_near_and_the_frightened_keep_away(self) -> None:
        curious, calm, frightened = closest(CURIOUS), closest(CALM), closest(FRIGHTENED)
        assert curious < calm - 0.1
        assert frightened > calm + 0.1

    def test_the_hurried_walk_farther_in_the_same_time(self) -> None:
        ways = []
        for temperament in (CALM, HURRIED):
            walk = Walk(((1.0, 8.0), (19.0, 8.0)))
            car = SimulatedCar(
                World.from_walls(room(20.0, 10.0)), start=START, people=[walk], temperaments=[temperament]
            )
            live(car, 12.0)
            ways.append(float(car.people_xy[0, 0]))
        assert ways[1] > 1.25 * ways[0]

    @pytest.mark.parametrize("temperament", [CALM, HURRIED, DISTRACTED, CURIOUS, FRIGHTENED])
    def test_nobody_walks_into_the_standing_car(self, temperament: Temperament) -> None:
        walks = [Walk(((2.0, 5.0), (10.0, 5.0)), pause_s=0.0), Walk(((6.0, 2.0), (6.0, 8.0)), pause_s=0.0)]
        world = World.from_walls(room(20.0, 10.0))
        car = SimulatedCar(world, start=START, people=walks, temperaments=[temperament], seed=3)
        live(car, 40.0)
        assert (car.truth.collisions, car.truth.collisions_standing) == (0, 0)
