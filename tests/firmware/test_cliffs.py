"""Nothing drives over an edge that is seen, and away from it the car may go."""

from __future__ import annotations

import pytest
from car import Car, config
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import Cause, Chassis, Command, Result, State

FRONT_BITS, REAR_BITS = range(4), range(4, 8)


def _driving(vx_mps: float, wz_radps: float = 0.0, chassis: Chassis = Chassis.DIFFERENTIAL) -> Car:
    car = Car(config(chassis=chassis)).armed()
    car.drive(1000, vx_mps, wz_radps)
    return car


def _stopped_at_edge(bit: int, vx_mps: float) -> Car:
    car = _driving(vx_mps)
    car.inputs.cliffs = 1 << bit
    car.drive(600, vx_mps)
    assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.CLIFF)
    return car


class TestEdge:
    @pytest.mark.parametrize(
        ("bit", "vx_mps"), [*((bit, 0.5) for bit in FRONT_BITS), *((bit, -0.4) for bit in REAR_BITS)]
    )
    def test_it_stops_within_20_ms_of_the_first_sample(self, bit: int, vx_mps: float) -> None:
        car = _driving(vx_mps)
        car.inputs.cliffs = 1 << bit
        car.drive(20, vx_mps)
        assert (car.status.state, car.status.cause, car.status.cliffs) == (
            State.STOPPED,
            Cause.CLIFF,
            1 << bit,
        )

    @pytest.mark.parametrize("speed_mps", [0.2, 0.4, 0.6])
    def test_it_brakes_as_hard_as_at_a_bumper(self, speed_mps: float) -> None:
        car = _driving(speed_mps)
        car.inputs.cliffs = 1
        way_m = 0.0
        for _ in range(100):
            car.drive(10, speed_mps)
            way_m += 0.01 * car.body.vx_mps
        ramp_m = speed_mps**2 / (2 * 3 * car.settings.decel_mps2)
        assert way_m <= ramp_m + speed_mps * 0.06
        assert car.is_at_rest

    def test_one_sample_is_not_believed(self) -> None:
        car = _driving(0.4)
        for _ in range(20):
            car.inputs.cliffs = 3
            car.drive(10, 0.4)
            car.inputs.cliffs = 0
            car.drive(10, 0.4)
        assert car.status.state == State.ARMED

    @given(st.lists(st.booleans(), max_size=40))
    @settings(max_examples=40)
    def test_an_edge_comes_and_goes_with_the_second_sample_in_a_row(self, samples: list[bool]) -> None:
        car = Car()
        car.run(100)
        before = edge = False
        for sample in samples:
            car.inputs.cliffs = int(sample)
            car.step()
            edge = sample if sample is before else edge
            before = sample
            assert car.status.cliffs == edge

    def test_a_turn_on_the_spot_at_an_edge_stops_too(self) -> None:
        car = _driving(0.0, 1.0)
        car.inputs.cliffs = 1
        car.drive(30, 0.0, 1.0)
        assert car.status.cause == Cause.CLIFF

    @pytest.mark.parametrize(("bits", "vx_mps"), [(0x0F, -0.3), (0xF0, 0.3)])
    def test_driving_away_from_an_edge_goes_on(self, bits: int, vx_mps: float) -> None:
        car = _driving(vx_mps)
        car.inputs.cliffs = bits
        car.drive(500, vx_mps)
        assert car.status.state == State.ARMED
        assert car.body.vx_mps == pytest.approx(vx_mps, abs=0.02)

    def test_a_standing_armed_car_at_an_edge_is_not_stopped(self) -> None:
        car = _driving(0.0)
        car.inputs.cliffs = 1
        car.drive(500)
        assert (car.status.state, car.status.cause) == (State.ARMED, Cause.NONE)


class TestAfterwards:
    @pytest.mark.parametrize(("bit", "vx_mps"), [(0, 0.4), (5, -0.4)])
    def test_cleared_and_armed_it_backs_away_but_never_goes_on(self, bit: int, vx_mps: float) -> None:
        car = _stopped_at_edge(bit, vx_mps)
        car.run(500)
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == Result.OK
        assert car.command(Command.ARM).result == Result.OK
        car.drive(500, vx_mps)
        assert car.is_at_rest
        assert (car.status.state, car.status.cause) == (State.ARMED, Cause.CLIFF)
        car.drive(800, -vx_mps)
        assert car.body.vx_mps == pytest.approx(-vx_mps, abs=0.03)
        car.inputs.cliffs = 0
        car.drive(1500, vx_mps)
        assert car.body.vx_mps == pytest.approx(vx_mps, abs=0.03)

    @pytest.mark.parametrize("chassis", tuple(Chassis))
    @given(st.integers(1, 255), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(-2.0, 2.0))
    @settings(max_examples=20, deadline=None)
    def test_whatever_is_asked_nothing_moves_but_away_from_the_edge(
        self, chassis: Chassis, cliffs: int, vx_mps: float, vy_mps: float, wz_radps: float
    ) -> None:
        car = Car(config(chassis=chassis))
        car.inputs.cliffs = cliffs
        car.armed().drive(400, vx_mps, wz_radps, vy_mps=vy_mps)
        front, rear = cliffs & 0x0F, cliffs & 0xF0
        may_move = not (front and rear) and (vx_mps < 0 if front else vx_mps > 0)
        if not may_move:
            assert car.is_at_rest
        assert car.body.vx_mps <= 0.001 if front else car.body.vx_mps >= -0.001
        assert car.status.state == State.ARMED


@pytest.mark.parametrize("cliffs", [0x01, 0x10])
def test_at_an_edge_ahead_or_behind_it_does_not_turn_on_the_spot(cliffs: int) -> None:
    car = Car(config(chassis=Chassis.MECANUM)).armed()
    car.inputs.cliffs = cliffs
    car.idle(50)
    car.drive(300, 0.0, 1.0)
    assert car.speeds_mps == [0.0] * 4


@pytest.mark.parametrize("vy_mps", [0.3, -0.3])
def test_a_sliding_car_does_not_slide_into_what_is_beside_it(vy_mps: float) -> None:
    car = Car(config(chassis=Chassis.MECANUM)).armed()
    car.put_ranges(50, range(8))
    car.idle(50)
    car.drive(300, 0.0, vy_mps=vy_mps)
    assert car.speeds_mps == [0.0] * 4
