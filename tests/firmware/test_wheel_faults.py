"""Motors, encoders and wheels that fail are found in time and named; healthy ones are never accused.

Times and distances are those of the hazard table: a dead encoder within 250 ms, a wheel that does not follow
within 300 ms, a stall within 600 ms of full effort, a runaway within 250 ms, a reversed encoder within 10 cm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from car import Car, config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textbook import wheels_used

from firmware_protocol.controller_layout import WHEELS
from firmware_protocol.messages import Capability, Cause, Chassis, Command, EventCode, State

ALL_CHASSIS = tuple(Chassis)
WITHOUT_IMU = Capability.BUMPERS
SPEEDS_MPS = (0.15, 0.3, 0.55, -0.4)


class Wish(NamedTuple):
    """What the host asks for a while."""

    vx_mps: float
    vy_mps: float
    wz_radps: float
    duration_ms: int


class Found(NamedTuple):
    """What stopped a car, how long after the fault, and what it did until it stood."""

    cause: Cause
    after_ms: int
    way_m: float
    most_duty: float


def _until_stopped(car: Car, vx_mps: float, wz_radps: float = 0.0, *, most_ms: int = 3000) -> Found:
    """Drive on until the controller stops by itself, and then for half a second."""
    after_ms, way_m, most_duty = 0, 0.0, 0.0
    while car.status.state == State.ARMED and after_ms < most_ms:
        car.drive(10, vx_mps, wz_radps)
        after_ms += 10
        way_m += 0.01 * abs(car.body.vx_mps)
        most_duty = max(most_duty, 0.001 * max(map(abs, car.outputs.duty_permille)))
    cause = Cause(car.status.cause)
    for _ in range(50):
        car.step()
        way_m += 0.01 * abs(car.body.vx_mps)
    return Found(cause, after_ms, way_m, most_duty)


def _driving(vx_mps: float, wz_radps: float = 0.0, **changes: float) -> Car:
    car = Car(config(**changes)).armed()
    car.drive(1500, vx_mps, wz_radps)
    assert car.status.state == State.ARMED
    return car


class TestEncoder:
    @pytest.mark.parametrize("chassis", ALL_CHASSIS)
    @pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
    def test_a_dead_encoder_is_found_within_250_ms(self, chassis: Chassis, speed_mps: float) -> None:
        for wheel in range(wheels_used(chassis)):
            car = _driving(speed_mps, chassis=chassis)
            car.encoder_gains[wheel] = 0.0
            found = _until_stopped(car, speed_mps)
            assert found.cause == Cause.ENCODER_DEAD
            assert found.after_ms <= 250

    @pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
    def test_without_a_gyro_the_other_wheel_tells(self, speed_mps: float) -> None:
        car = _driving(speed_mps, capabilities=WITHOUT_IMU)
        car.encoder_gains[1] = 0.0
        found = _until_stopped(car, speed_mps)
        assert found.cause == Cause.ENCODER_DEAD
        assert found.after_ms <= 250

    def test_an_encoder_that_is_dead_from_the_start_is_found_too(self) -> None:
        car = Car()
        car.encoder_gains[0] = 0.0
        found = _until_stopped(car.armed(), 0.3)
        assert found.cause == Cause.ENCODER_DEAD
        assert found.after_ms <= 500  # the wheels must turn first

    @pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
    @pytest.mark.parametrize("dead", [(0,), (0, 1)])
    def test_no_dead_encoder_opens_the_throttle(self, speed_mps: float, dead: tuple[int, ...]) -> None:
        car = _driving(speed_mps)
        for wheel in dead:
            car.encoder_gains[wheel] = 0.0
        found = _until_stopped(car, speed_mps)
        highest = car.settings.stall_duty + car.settings.deadband + 0.05
        assert found.most_duty <= max(highest, car.settings.kff * abs(speed_mps) + 0.15)

    @pytest.mark.parametrize("speed_mps", [0.3, 0.55, -0.4])
    def test_both_encoders_dead_at_once_look_like_a_stall(self, speed_mps: float) -> None:
        car = _driving(speed_mps)
        car.encoder_gains[:] = [0.0] * WHEELS
        found = _until_stopped(car, speed_mps)
        assert found.cause == Cause.STALL
        assert found.after_ms <= 650

    @pytest.mark.parametrize("chassis", ALL_CHASSIS)
    @pytest.mark.parametrize("reversed_wheels", [(0,), (1,), (0, 1)])
    @pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
    def test_a_reversed_encoder_stops_the_car_within_ten_centimetres(
        self, chassis: Chassis, reversed_wheels: tuple[int, ...], speed_mps: float
    ) -> None:
        car = Car(config(chassis=chassis))
        for wheel in reversed_wheels:
            car.encoder_gains[wheel] = -1.0
        found = _until_stopped(car.armed(), speed_mps)
        assert found.cause == Cause.ENCODER_SIGN
        assert found.way_m <= 0.10

    def test_a_reversed_motor_is_the_same(self) -> None:
        car = Car()
        car.motor_gains[1] = -1.0
        found = _until_stopped(car.armed(), 0.4)
        assert found.cause == Cause.ENCODER_SIGN
        assert found.way_m <= 0.10


class TestWheel:
    @pytest.mark.parametrize("chassis", ALL_CHASSIS)
    @pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
    def test_a_dead_motor_is_found_within_300_ms(self, chassis: Chassis, speed_mps: float) -> None:
        for wheel in range(wheels_used(chassis)):
            car = _driving(speed_mps, chassis=chassis)
            car.motor_gains[wheel] = 0.0
            found = _until_stopped(car, speed_mps)
            assert found.cause == Cause.WHEEL_MISMATCH
            assert found.after_ms <= 300

    @pytest.mark.parametrize("wheel", [0, 1])
    def test_one_blocked_wheel_is_not_taken_for_a_dead_encoder(self, wheel: int) -> None:
        car = _driving(0.3)
        car.blocked = {wheel}
        assert _until_stopped(car, 0.3).cause == Cause.WHEEL_MISMATCH

    @pytest.mark.parametrize("chassis", ALL_CHASSIS)
    @pytest.mark.parametrize("speed_mps", [0.3, 0.6, -0.3])
    def test_a_stalled_car_stops_within_600_ms_of_full_effort(
        self, chassis: Chassis, speed_mps: float
    ) -> None:
        car = _driving(speed_mps, chassis=chassis)
        car.blocked = set(range(WHEELS))
        effort_ms = 0
        while car.status.state == State.ARMED:
            car.drive(10, speed_mps)
            effort_ms += 10 if abs(car.outputs.duty_permille[0]) > 500 else 0
            assert effort_ms <= 600
        assert car.status.cause == Cause.STALL

    @pytest.mark.parametrize("speed_mps", [0.03, 0.05])
    def test_a_car_held_at_creeping_speed_may_wait_but_never_pulls_hard(self, speed_mps: float) -> None:
        car = _driving(0.0)
        car.blocked = set(range(WHEELS))
        found = _until_stopped(car, speed_mps, most_ms=20_000)
        assert found.cause == Cause.STALL
        assert found.most_duty <= car.settings.stall_duty + car.settings.deadband + 0.05

    def test_a_short_hold_is_forgiven(self) -> None:
        car = _driving(0.3)
        for _ in range(5):
            car.blocked = set(range(WHEELS))
            car.drive(300, 0.3)
            car.blocked = set()
            car.drive(700, 0.3)
        assert car.status.state == State.ARMED


class TestRunaway:
    @pytest.mark.parametrize("chassis", ALL_CHASSIS)
    @pytest.mark.parametrize("duty", [0.3, 1.0, -1.0])
    def test_a_motor_that_is_stuck_on_is_cut_within_250_ms(self, chassis: Chassis, duty: float) -> None:
        car = Car(config(chassis=chassis)).armed()
        car.drive(100)
        car.stuck_on = {0: duty}
        found = _until_stopped(car, 0.0)
        assert found.cause == Cause.RUNAWAY
        assert found.after_ms <= 250 + 30  # the wheel has to get going
        assert not car.outputs.enable

    def test_also_when_another_fault_was_seen_first(self) -> None:
        car = _driving(-0.4)
        car.stuck_on = {0: 1.0}
        first = _until_stopped(car, -0.4, most_ms=500)
        assert first.cause != Cause.RUNAWAY
        assert [event.argument for event in car.events(EventCode.STOP_LATCHED)] == [
            first.cause,
            Cause.RUNAWAY,
        ]
        assert (car.status.cause, car.status.stop_count) == (Cause.RUNAWAY, 1)
        assert not car.outputs.enable

    def test_a_disarmed_car_may_be_pushed(self) -> None:
        car = Car()
        car.run(200)
        for _ in range(100):
            car.speeds_mps[:] = [0.5] * WHEELS
            car.step()
        assert (car.status.state, car.status.cause) == (State.DISARMED, Cause.NONE)


class TestYaw:
    @pytest.mark.parametrize("chassis", ALL_CHASSIS)
    def test_swapped_sides_are_found_at_the_first_turn(self, chassis: Chassis) -> None:
        car = Car(config(chassis=chassis))
        car.turn_gain = -1.0
        car.armed()
        found = _until_stopped(car, 0.3 if chassis == Chassis.ACKERMANN else 0.0, 1.2)
        assert found.cause == Cause.YAW_MISMATCH
        assert found.after_ms <= 1000

    def test_a_car_that_turns_although_its_wheels_do_not_say_so_stops(self) -> None:
        car = _driving(0.4)
        car.imu_is_told = False
        car.inputs.gyro_500urad[2] = 2000  # 1 rad/s
        found = _until_stopped(car, 0.4)
        assert found.cause == Cause.YAW_MISMATCH
        assert found.after_ms <= 350

    @pytest.mark.parametrize("grip", [0.5, 0.65])
    def test_a_skid_steered_car_slides_when_it_turns(self, grip: float) -> None:
        car = Car(config(chassis=Chassis.SKID))
        car.turn_gain = grip
        car.armed().drive(3000, 0.2, 2.0)
        assert car.status.state == State.ARMED


class TestEffect:
    def test_brake_short_circuits_the_motors_for_half_a_second(self) -> None:
        car = _driving(0.5)
        car.motor_gains[0] = 0.0
        _until_stopped_now(car)
        shorted_ms = 0
        while car.outputs.enable:
            assert list(car.outputs.duty_permille) == [0, 0, 0, 0]
            car.step()
            shorted_ms += 10
        assert 490 <= shorted_ms <= 1500
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.WHEEL_MISMATCH)

    def test_nothing_moves_after_the_stop_until_it_is_cleared_and_armed(self) -> None:
        car = _driving(0.5)
        car.motor_gains[0] = 0.0
        _until_stopped(car, 0.5)
        car.motor_gains[0] = 1.0
        car.drive(500, 0.5)
        assert not car.outputs.enable
        assert car.command(Command.ARM).result != 0
        assert car.command(Command.CLEAR_STOP, car.status.stop_count).result == 0
        assert car.command(Command.ARM).result == 0
        car.drive(500, 0.5)
        assert car.body.vx_mps > 0.2


def _until_stopped_now(car: Car) -> None:
    while car.status.state == State.ARMED:
        car.drive(10, 0.5)


@st.composite
def healthy_cars(draw: st.DrawFn, chassis: Chassis) -> Car:
    """Cars as they come, and all of them well.

    Motors, gears, ramps and encoders differ, wheel by wheel; the controller believes in a dead band of 0.05
    and 1 m/s at full duty, and finds up to 0.15, and 0.72 to 1.38 m/s.
    """
    car = Car(
        config(
            chassis=chassis,
            accel_mps2=draw(st.sampled_from([0.3, 0.8, 3.0, 10.0])),
            decel_mps2=draw(st.sampled_from([0.5, 1.2, 3.0, 10.0])),
            kp=draw(st.sampled_from([1.0, 2.0])),
            ki=draw(st.sampled_from([2.0, 5.0])),
            metres_per_tick=draw(st.sampled_from([0.00013, 0.0005, 0.002])),
            capabilities=draw(st.sampled_from([Capability.IMU | Capability.BUMPERS, WITHOUT_IMU])),
        )
    )
    car.motor_gains = draw(st.lists(st.floats(0.9, 1.1), min_size=WHEELS, max_size=WHEELS))
    car.dead_band = draw(st.floats(0.0, 0.15))
    car.lag_s = draw(st.floats(0.03, 0.12))
    car.no_load_mps = draw(st.floats(0.8, 1.25))
    car.tilt_rad = draw(st.floats(-0.1, 0.1))
    if chassis == Chassis.SKID:
        car.turn_gain = draw(st.floats(0.5, 1.0))
    return car


wishes = st.lists(
    st.builds(
        Wish,
        st.sampled_from([-0.6, -0.3, -0.03, 0.0, 0.03, 0.1, 0.3, 0.6]),
        st.sampled_from([-0.3, 0.0, 0.0, 0.3]),
        st.sampled_from([-3.0, -1.0, 0.0, 0.0, 0.3, 3.0]),
        st.integers(1, 45).map(lambda steps: 20 * steps),
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize("chassis", ALL_CHASSIS)
def test_no_healthy_car_is_ever_accused(chassis: Chassis) -> None:
    @given(healthy_cars(chassis), wishes, st.booleans())
    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    def drive_about(car: Car, asked: list[Wish], near: bool) -> None:
        car.run(500)  # coarse encoders need time to know that they stand
        car.armed()
        for turn, wish in enumerate(asked):
            car.put_ranges(100 if near and turn % 3 == 1 else 3000, range(8))
            car.drive(wish.duration_ms, wish.vx_mps, wish.wz_radps, vy_mps=wish.vy_mps)
            assert car.status.state == State.ARMED, Cause(car.status.cause).name
        car.run(400)  # the lease ends, the wheels stop
        assert car.status.state == State.ARMED, Cause(car.status.cause).name

    check: Callable[[], None] = drive_about
    check()


def start_after(stood_us: int) -> list[list[int]]:
    """Return the duties with which a stuck car with coarse encoders tries to start after so long."""
    car = Car(config(metres_per_tick=0.01))
    for _ in range(2):
        car.run(20)
        car.inputs.now_us = (car.inputs.now_us + stood_us // 2) % 2**32
    car.armed()
    car.blocked = {0, 1}
    duties = []
    for _ in range(40):
        car.drive(10, 0.5)
        duties.append(list(car.outputs.duty_permille))
    return duties


@pytest.mark.parametrize("short_ms", range(180, 500, 80))
def test_a_wheel_that_stood_until_its_clock_wrapped_is_not_taken_for_one_that_just_counted(
    short_ms: int,
) -> None:
    assert start_after(2**32 - 1000 * short_ms) == start_after(60_000_000)
