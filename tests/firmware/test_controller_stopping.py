"""The car stops: when its lease runs out, when anybody says STOP, and when the host falls silent."""

from __future__ import annotations

import pytest
from car import SESSION, Car, config
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import (
    Cause,
    Cmd,
    Command,
    Drive,
    EventCode,
    Heartbeat,
    Odom,
    Result,
    State,
    StatusFlag,
    Stop,
)


def _until_rest_ms(car: Car, limit_ms: int = 3000) -> int:
    for elapsed_ms in range(0, limit_ms, 10):
        if abs(car.speed_mps) < 0.005:
            return elapsed_ms
        car.step()
    pytest.fail(f"still moving after {limit_ms} ms")


class TestLease:
    @given(st.integers(100, 500), st.floats(0.1, 0.6))
    @settings(max_examples=25)
    def test_a_car_without_fresh_orders_stands_after_lease_and_ramp(
        self, lease_ms: int, speed_mps: float
    ) -> None:
        car = Car().armed()
        car.drive(1000, speed_mps, lease_ms=lease_ms)
        ramp_ms = 1000.0 * speed_mps / car.settings.decel_mps2
        settling_ms = 200  # of the speed loop and the motor
        assert _until_rest_ms(car) <= lease_ms + ramp_ms + settling_ms

    def test_a_driving_car_keeps_its_speed_until_the_lease_runs_out_and_not_longer(self) -> None:
        car = Car().armed()
        car.drive(1500, 0.4, lease_ms=300)  # the newest DRIVE is 10 ms old now
        car.run(280)
        assert car.speed_mps == pytest.approx(0.4, abs=0.01)
        car.run(60)
        assert car.speed_mps < 0.38

    def test_the_ramp_is_the_configured_one(self) -> None:
        car = Car().armed()
        car.drive(1500, 0.6, lease_ms=100)
        car.run(190)
        before_mps = car.speed_mps
        car.run(200)
        assert before_mps - car.speed_mps == pytest.approx(0.2 * car.settings.decel_mps2, rel=0.15)

    def test_a_fresh_order_is_obeyed_again_without_arming(self) -> None:
        car = Car().armed()
        car.drive(600, 0.3, lease_ms=100)
        car.run(300)
        car.drive(800, 0.3)
        assert car.speed_mps == pytest.approx(0.3, abs=0.03)

    def test_each_expiry_is_one_event(self) -> None:
        car = Car().armed()
        for _ in range(3):
            car.drive(200, 0.2, lease_ms=100)
            car.run(400)
        assert len(car.events(EventCode.LEASE_EXPIRED)) == 3

    def test_status_tells_what_is_left_of_the_lease_and_why_the_car_slows(self) -> None:
        car = Car().armed()
        car.drive(500, 0.4, lease_ms=500)
        assert car.status.flags & StatusFlag.LEASE_VALID
        assert 400 <= car.status.lease_left_ms <= 500
        car.run(550)
        assert car.status.cause == Cause.LEASE_EXPIRED
        assert car.status.flags == StatusFlag.SLOWING | StatusFlag.MOVING
        assert car.status.lease_left_ms == 0

    def test_a_lease_survives_the_wrap_of_the_clock(self) -> None:
        car = Car(start_us=2**32 - 1_200_000).armed()
        car.drive(2000, 0.3)
        assert car.speed_mps == pytest.approx(0.3, abs=0.03)
        assert not car.events(EventCode.LEASE_EXPIRED)

    def test_a_stream_of_stale_orders_does_not_keep_the_car_moving(self) -> None:
        car = Car().armed()
        car.drive(600, 0.4)
        for _ in range(100):
            car.run(10, Drive(SESSION, 1, 500, 0.4, 0.0, 0.0))
        assert car.is_at_rest


class TestSilentHost:
    def test_a_silent_host_disarms_the_car_after_it_has_stopped(self) -> None:
        car = Car(config(host_silent_ms=600)).armed()
        car.drive(1000, 0.6, lease_ms=500)
        while car.status.state == State.ARMED:
            car.step()
        assert abs(car.speed_mps) < 0.01
        assert (car.status.state, car.status.cause) == (State.DISARMED, Cause.HOST_SILENT)
        assert [event.argument for event in car.events(EventCode.DISARMED)] == [Cause.HOST_SILENT]

    def test_a_standing_car_is_disarmed_when_the_time_is_over(self) -> None:
        car = Car().armed()
        car.idle(900)  # the last heartbeat is 100 ms old
        car.run(880)
        assert car.status.state == State.ARMED
        car.run(40)
        assert car.status.state == State.DISARMED

    def test_a_car_that_never_stands_is_disarmed_all_the_same(self) -> None:
        car = Car(config(host_silent_ms=500)).armed()
        for _ in range(205):
            car.speeds_mps[:] = [0.04] * 4
            car.step()
        assert car.status.state == State.DISARMED

    def test_heartbeats_keep_a_standing_car_armed(self) -> None:
        car = Car().armed()
        car.idle(3000)
        assert car.status.state == State.ARMED

    def test_a_heartbeat_whose_loop_stands_still_does_not(self) -> None:
        car = Car().armed()
        for _ in range(30):
            car.run(100, Heartbeat(SESSION, 5))
        assert car.status.state == State.DISARMED

    def test_a_heartbeat_alone_never_keeps_the_car_moving(self) -> None:
        car = Car().armed()
        car.drive(600, 0.4)
        car.idle(1200)
        assert car.is_at_rest
        assert car.status.state == State.ARMED


class TestStop:
    def test_stop_from_anyone_latches_in_every_state(self) -> None:
        booted, armed, moving = Car(), Car().armed(), Car().armed()
        booted.run(50)
        moving.drive(600, 0.5)
        for car in (booted, armed, moving):
            car.run(10, Stop(0))
            assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.HOST_STOP)

    def test_a_moving_car_is_braked_along_the_ramp_and_then_switched_off(self) -> None:
        car = Car().armed()
        car.drive(1000, 0.6)
        car.stopped()
        assert car.outputs.enable
        assert _until_rest_ms(car) <= 1000 * 0.6 / car.settings.decel_mps2 + 200
        car.run(200)
        assert not car.outputs.enable

    def test_a_car_that_cannot_be_braked_is_switched_off_after_one_and_a_half_seconds(self) -> None:
        car = Car().armed()
        car.drive(600, 0.5)
        car.stopped()
        enabled_ms = 0
        while car.outputs.enable and enabled_ms < 3000:
            car.speeds_mps[:] = [0.04] * 4  # too slow for a runaway
            car.step()
            enabled_ms += 10
        assert 1480 <= enabled_ms <= 1500

    def test_the_same_stop_three_times_is_one_stop(self) -> None:
        car = Car().armed()
        car.run(10, Stop(1), Stop(1), Stop(1))
        car.run(100, Stop(2))
        assert (car.status.stop_count, car.status.stop_source) == (1, 2)
        assert len(car.events(EventCode.STOP_LATCHED)) == 1

    def test_nothing_that_drives_moves_a_stopped_car(self) -> None:
        car = Car().armed().stopped()
        car.run(50)
        assert car.command(Command.ARM).result == Result.DENIED
        car.drive(500, 0.5)
        assert car.is_at_rest
        assert car.command(Command.DISARM).result == Result.OK
        assert car.status.state == State.STOPPED

    def test_a_new_session_does_not_clear_it(self) -> None:
        car = Car().armed().stopped()
        car.open_session(99)
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.HOST_STOP)

    def test_a_break_on_the_line_is_a_stop(self) -> None:
        car = Car().armed()
        car.line_break()
        car.step()
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.HOST_STOP)


class TestClearingStop:
    def test_clearing_never_arms(self) -> None:
        car = Car().armed().stopped()
        assert car.command(Command.CLEAR_STOP, 1).result == Result.OK
        car.drive(300, 0.5)
        assert (car.status.state, car.status.cause) == (State.DISARMED, Cause.NONE)
        assert not car.outputs.enable
        assert len(car.events(EventCode.STOP_CLEARED)) == 1

    @pytest.mark.parametrize("stop_count", [0, 2, -1, 65537])
    def test_only_the_stop_that_was_seen_is_cleared(self, stop_count: int) -> None:
        car = Car().armed().stopped()
        assert car.command(Command.CLEAR_STOP, stop_count).result == Result.BAD_ARGUMENT
        assert car.status.state == State.STOPPED

    def test_another_session_cannot_clear_it(self) -> None:
        car = Car().armed().stopped()
        assert car.command(Command.CLEAR_STOP, 1, session=99).result == Result.WRONG_SESSION
        assert car.status.state == State.STOPPED

    def test_it_is_not_cleared_while_the_wheels_move(self) -> None:
        car = Car().armed()
        car.drive(600, 0.5)
        car.stopped()
        assert car.command(Command.CLEAR_STOP, 1).result == Result.DENIED
        car.run(2000)
        assert car.command(Command.CLEAR_STOP, 1).result == Result.OK

    def test_it_is_not_cleared_while_a_bumper_is_pressed(self) -> None:
        car = Car().armed()
        car.inputs.bumpers = 1
        car.run(300)
        assert car.command(Command.CLEAR_STOP, 1).result == Result.DENIED
        car.inputs.bumpers = 0
        car.run(10)
        assert car.command(Command.CLEAR_STOP, 1).result == Result.OK

    def test_it_is_not_cleared_while_the_battery_is_low(self) -> None:
        car = Car().armed()
        car.inputs.battery_mv = 6000
        car.idle(900)
        assert car.status.cause == Cause.UNDERVOLTAGE
        assert car.command(Command.CLEAR_STOP, 1).result == Result.DENIED
        car.inputs.battery_mv = 7400
        car.idle(600)
        assert car.command(Command.CLEAR_STOP, 1).result == Result.OK

    def test_clearing_twice_is_answered_ok_and_a_later_stop_needs_its_own_number(self) -> None:
        car = Car().armed().stopped()
        car.command(Command.CLEAR_STOP, 1)
        assert car.command(Command.CLEAR_STOP, 1).result == Result.OK
        car.stopped()
        assert car.command(Command.CLEAR_STOP, 1).result == Result.BAD_ARGUMENT
        assert car.command(Command.CLEAR_STOP, 2).result == Result.OK


class TestDisarm:
    def test_disarming_a_moving_car_brakes_it_before_the_motors_are_off(self) -> None:
        car = Car().armed()
        car.drive(800, 0.5)
        car.command(Command.DISARM)
        assert car.status.state == State.DISARMED
        assert car.outputs.enable
        car.run(800)
        assert car.is_at_rest
        assert not car.outputs.enable
        assert [event.argument for event in car.events(EventCode.DISARMED)] == [Cause.NONE]

    def test_orders_sent_while_it_brakes_are_not_obeyed(self) -> None:
        car = Car().armed()
        car.drive(800, 0.5)
        obeyed = car.latest(Odom).drive_count
        car.command(Command.DISARM)
        car.drive(800, 0.5)
        assert car.is_at_rest
        assert car.latest(Odom).drive_count == obeyed


@given(
    st.lists(
        st.sampled_from(["drive", "stop", "clear", "arm", "disarm", "bump", "hush", "wait"]), max_size=30
    )
)
@settings(max_examples=60)
def test_motors_are_on_only_when_armed_or_for_the_braking_that_follows(doings: list[str]) -> None:
    car = Car().armed()
    since_armed_ms = 0
    for number, doing in enumerate(doings, start=2):
        match doing:
            case "drive":
                car.drive(200, 0.5, 1.0)
            case "stop":
                car.send(Stop(0))
            case "clear":
                car.send(Cmd(SESSION, number, Command.CLEAR_STOP, car.status.stop_count))
            case "arm":
                car.send(Cmd(SESSION, number, Command.ARM, 0))
            case "disarm":
                car.send(Cmd(SESSION, number, Command.DISARM, 0))
            case "bump":
                car.inputs.bumpers ^= 1
            case "hush":
                car.run(700)
        for _ in range(10):
            car.step()
            since_armed_ms = 0 if car.status.state == State.ARMED else since_armed_ms + 10
            assert not car.outputs.enable or since_armed_ms <= 1500
            assert car.outputs.enable or list(car.outputs.duty_permille) == [0, 0, 0, 0]
            assert not car.inputs.bumpers or car.status.state != State.ARMED
