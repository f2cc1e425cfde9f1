"""Everything a car may carry reaches the host, and does not disturb what it carried before."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from sim_host import Host, room

from firmware_protocol.messages import (
    Cause,
    Din,
    Env,
    Imu,
    Line,
    Power,
    Quantity,
    Ranges,
    Scan,
    State,
    Status,
    Tag,
    TagKind,
)
from sim.car import NOMINAL, SimulatedCar
from sim.fittings import FittingParameters
from sim.sensors.charger import ChargerParameters
from sim.sensors.cliff import CliffParameters
from sim.sensors.environment import PER_UNIT, EnvironmentParameters
from sim.sensors.infrared import InfraredParameters
from sim.sensors.line import LineParameters
from sim.sensors.tag_reader import TagReaderParameters
from sim.vehicle.cars import fitted
from sim.world import things
from sim.world.floor import Floor, Patch, Stripe, painted
from sim.world.things import NOTHING, USUAL, Source, Switch, Things
from sim.world.walls import World

START = (4.0, 5.0, 0.0)
STEP_DOWN = Patch(((6.0, 0.0), (20.0, 0.0), (20.0, 10.0), (6.0, 10.0)), hole=True)


def host_of(
    fittings: FittingParameters,
    floor: Floor | None = None,
    around: Things = NOTHING,
    extra: tuple[Any, ...] = (),
) -> Host:
    world = World.from_walls([*room(20.0, 10.0), *extra], floor=floor, things=around)
    return Host(SimulatedCar(world, fitted(NOMINAL, fittings), start=START, seed=2))


class TestCliffs:
    """A flight of stairs two metres ahead."""

    def test_with_cliff_sensors_the_car_stops_at_the_edge(self) -> None:
        host = host_of(
            FittingParameters(cliffs=CliffParameters({0: (0.25, 0.1), 3: (0.25, -0.1)})), Floor([STEP_DOWN])
        )
        host.arm()
        host.run(8.0, (0.3, 0.0))
        status = host.last(Status)
        assert (status.state, status.cause) == (State.STOPPED, Cause.CLIFF)
        assert status.cliffs == 0b1001
        assert not host.car.truth.fallen
        assert 1.6 < host.car.truth.pose[0] - START[0] < 2.0

    def test_without_them_it_falls(self) -> None:
        host = host_of(FittingParameters(), Floor([STEP_DOWN]))
        host.arm()
        host.run(8.0, (0.3, 0.0))
        assert host.car.truth.fallen


def test_the_line_below_reaches_the_host() -> None:
    host = host_of(
        FittingParameters(line=LineParameters()), Floor(paint=painted([Stripe(((0.0, 5.0), (9.0, 5.0)))]))
    )
    host.run(1.0)
    line = host.last(Line)
    assert line.fitted == 0xFF
    assert max(line.levels[3:5]) < 60
    assert min(line.levels[0], line.levels[7]) > 120


def test_infrared_and_sonars_share_ranges() -> None:
    wall = ((4.56, 4.0, 4.56, 6.0),)
    host = host_of(FittingParameters(infrared=InfraredParameters()), extra=wall)
    host.run(1.0)
    assert host.last(Ranges).ranges_m[7] == pytest.approx(0.40, abs=0.02)
    assert host.last(Ranges).ranges_m[1] == pytest.approx(0.40 / math.cos(0.3 - math.radians(10.0)), rel=0.05)


class TestDock:
    """The car starts in its dock."""

    def test_in_the_dock_it_charges_says_so_and_does_not_arm(self) -> None:
        host = host_of(FittingParameters(charger=ChargerParameters()), around=Things(docks=(START,)))
        host.run(1.0)
        power = host.last(Power)
        assert power.charger == 1
        assert power.current_a < -0.8
        host.arm()
        assert host.last(Status).state == State.DISARMED
        before = host.car.truth.charge
        host.run(20.0)
        assert host.car.truth.charge > before

    def test_beside_it_it_does_not(self) -> None:
        host = host_of(
            FittingParameters(charger=ChargerParameters()), around=Things(docks=((4.1, 5.0, 0.0),))
        )
        host.run(1.0)
        assert host.last(Power).charger == 0


class TestTags:
    """Cards on the floor, and a printed mark on a wall."""

    def test_a_card_is_read_while_the_car_is_over_it_and_nowhere_else(self) -> None:
        card = things.Tag(b"\x01\x02\x03\x04", 4.5, 5.0)
        host = host_of(
            FittingParameters(readers=(TagReaderParameters(misses=0.0),)), around=Things(tags=(card,))
        )
        host.arm()
        places = []
        for _ in range(300):
            host.run(0.02, (0.3, 0.0))
            places += [host.car.truth.pose[0]] * len(host.all_of(Tag))
            host.heard.clear()
        assert places
        assert all(4.5 - 0.12 < place < 4.5 + 0.12 for place in places)

    def test_what_is_read_is_what_the_card_says(self) -> None:
        card = things.Tag(b"\xde\xad\xbe\xef\x00", 4.0, 5.05)
        host = host_of(FittingParameters(readers=(TagReaderParameters(),)), around=Things(tags=(card,)))
        host.run(2.0)
        tag = host.last(Tag)
        assert (tag.kind, tag.size, bytes(tag.tag[:5])) == (TagKind.RFID, 5, b"\xde\xad\xbe\xef\x00")

    def test_a_reader_that_always_misses_reads_nothing(self) -> None:
        card = things.Tag(b"\x01", 4.0, 5.0)
        blind = FittingParameters(readers=(TagReaderParameters(misses=1.0),))
        host = host_of(blind, around=Things(tags=(card,)))
        host.run(2.0)
        assert host.all_of(Tag) == []

    @pytest.mark.parametrize(
        ("mark", "lux", "wall", "read"),
        [
            ((6.0, 5.0), 300.0, (), True),
            ((2.0, 5.0), 300.0, (), False),  # behind the camera
            ((6.0, 5.0), 2.0, (), False),  # in the dark
            ((6.0, 5.0), 300.0, ((5.0, 4.0, 5.0, 6.0),), False),  # behind a wall
        ],
    )
    def test_a_camera_needs_a_view_and_light(
        self, mark: tuple[float, float], lux: float, wall: tuple[Any, ...], *, read: bool
    ) -> None:
        tag = things.Tag(b"\x07\x00\x00\x00", *mark, kind=TagKind.VISUAL, reach_m=3.0)
        camera = TagReaderParameters(TagKind.VISUAL, half_angle_rad=0.5, least_lux=10.0)
        usual = {**USUAL, Quantity.LIGHT: lux}
        host = host_of(
            FittingParameters(readers=(camera,)), around=Things(tags=(tag,), usual=usual), extra=wall
        )
        host.run(2.0)
        assert bool(host.all_of(Tag)) == read


class TestEnvironment:
    """Fields that sources spread."""

    def value(
        self, sensor: EnvironmentParameters, around: Things, seconds: float = 3.0, extra: tuple[Any, ...] = ()
    ) -> float:
        host = host_of(FittingParameters(environment=(sensor,)), around=around, extra=extra)
        host.run(seconds)
        reading = host.last(Env)
        assert reading.quantity == sensor.quantity
        return reading.value / PER_UNIT[sensor.quantity]

    @pytest.mark.parametrize("quantity", list(Quantity))
    def test_in_an_empty_office_every_sensor_says_what_is_usual(self, quantity: Quantity) -> None:
        assert self.value(EnvironmentParameters(quantity), NOTHING) == pytest.approx(
            USUAL[quantity], abs=1e-3
        )

    def test_a_leak_smells_as_its_distance_says(self) -> None:
        leak = Source(Quantity.GAS, 5.0, 5.0, 2000.0, spread_m=1.5)
        expected = 100.0 + 2000.0 * math.exp(-0.5 * (1.0 / 1.5) ** 2)
        assert self.value(EnvironmentParameters(Quantity.GAS), Things(sources=(leak,))) == pytest.approx(
            expected, abs=1.0
        )

    def test_a_slow_sensor_follows_with_its_time_constant(self) -> None:
        smoke = Source(Quantity.SMOKE, 4.0, 5.0, 1.0, from_s=1.0)
        slow = EnvironmentParameters(Quantity.SMOKE, lag_s=10.0)
        assert self.value(slow, Things(sources=(smoke,)), 11.0) == pytest.approx(
            1.0 - math.exp(-1.0), abs=0.04
        )

    def test_a_flame_is_not_seen_through_a_wall_but_its_warmth_is_felt(self) -> None:
        fire = Things(
            sources=(
                Source(Quantity.FLAME, 6.0, 5.0, 1.0, 3.0),
                Source(Quantity.TEMPERATURE, 6.0, 5.0, 30.0, 3.0),
            )
        )
        wall = ((5.0, 3.0, 5.0, 7.0),)
        flame, warmth = EnvironmentParameters(Quantity.FLAME), EnvironmentParameters(Quantity.TEMPERATURE)
        assert self.value(flame, fire) > 0.7
        assert self.value(flame, fire, extra=wall) == 0.0
        assert self.value(warmth, fire, extra=wall) > 40.0


def test_switches_are_on_in_their_place_and_at_their_time() -> None:
    mat, button = Switch(3, 4.5, 5.0, 0.2), Switch(0, from_s=1.0, to_s=2.0)
    host = host_of(FittingParameters(inputs=0b1001), around=Things(switches=(mat, button)))
    host.run(0.9)
    assert host.last(Din).inputs == 0
    host.run(0.5)
    assert host.last(Din).inputs == 0b0001
    host.run(1.0)
    host.arm()
    host.run(1.7, (0.3, 0.0))
    assert host.last(Din).inputs == 0b1000


def everything() -> FittingParameters:
    return FittingParameters(
        cliffs=CliffParameters(),
        line=LineParameters(),
        charger=ChargerParameters(),
        readers=(TagReaderParameters(),),
        environment=(
            EnvironmentParameters(Quantity.GAS, sigma=5.0),
            EnvironmentParameters(Quantity.TEMPERATURE),
        ),
        inputs=0xFF,
    )


def test_more_sensors_do_not_change_the_noise_of_the_others() -> None:
    bare, full = host_of(FittingParameters()), host_of(everything())
    for host in (bare, full):
        host.arm()
        host.run(2.0, (0.3, 0.5))
    assert full.all_of(Imu)[-100:] == bare.all_of(Imu)[-100:]
    for kind in (Scan, Ranges):
        seen = [[message.ranges_m.tobytes() for message in host.all_of(kind)][-20:] for host in (bare, full)]  # type: ignore[attr-defined]
        assert seen[0] == seen[1]


def test_every_sensor_alone_says_the_same_as_among_the_others() -> None:
    gas = EnvironmentParameters(Quantity.GAS, sigma=5.0)
    alone, full = host_of(FittingParameters(environment=(gas,))), host_of(everything())
    readings = []
    for host in (alone, full):
        host.run(5.0)
        readings.append([env.value for env in host.all_of(Env) if env.quantity == Quantity.GAS])
    assert readings[0] == readings[1]
    assert len(set(readings[0])) > 3


def test_a_tag_that_no_message_carries_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 10 bytes"):
        replace(things.Tag(b"\x01", 0.0, 0.0), number=b"")
