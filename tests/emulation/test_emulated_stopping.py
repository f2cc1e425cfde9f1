"""STOP, the protections and what arming asks for, in the ARM code."""

from __future__ import annotations

import pytest
from emulated_host import Boards, Hosts

from firmware_protocol.messages import ArmCheck, Cause, Command, EventCode, Result, State, Status, StatusFlag
from firmware_protocol.session import Answered
from patrolcar.timebase import elapsed_us


def test_stop_in_motion_latches_and_the_wheels_stand_within_the_ramp(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards()).connected().armed().moving(0.4)
    host.link.write(host.session.stop(1))
    host.until(lambda: host.status.state == State.STOPPED and host.stands, "the car is stopped")
    stopped_us = host.events(EventCode.STOP_LATCHED)[-1].stamp_us
    assert elapsed_us(host.odom.stamp_us, stopped_us) < 900_000  # 0.4 m/s at 1.2 m/s2, and 100 ms to be sure
    assert (host.status.cause, host.status.stop_source) == (Cause.HOST_STOP, 1)
    host.live(300)  # the host still wishes to drive
    assert host.duties == [0.0] * 4
    assert host.stands


def test_a_stop_outlives_the_connection_and_the_session(boards: Boards, hosts: Hosts) -> None:
    board = boards()
    first = hosts(board, 1).connected().armed().moving()
    first.link.write(first.session.stop(0))
    first.until(lambda: first.status.state == State.STOPPED, "the car is stopped")
    first.close()
    second = hosts(board, 2).connected()
    second.until(lambda: second.stands, "the car stands")
    assert second.status.state == State.STOPPED
    assert second.asked(Command.ARM) == Answered(Command.ARM, Result.DENIED, ArmCheck.STOP_LATCHED)


def test_only_the_right_number_clears_a_stop_and_clearing_moves_nothing(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards()).connected().armed().moving()
    host.link.write(host.session.stop(0))
    host.until(lambda: host.status.state == State.STOPPED and host.stands, "the car is stopped")
    number = host.status.stop_count
    assert host.asked(Command.CLEAR_STOP, number + 1).result == Result.BAD_ARGUMENT
    assert host.status.state == State.STOPPED
    assert host.asked(Command.CLEAR_STOP, number).result == Result.OK
    host.until(lambda: host.status.state == State.DISARMED, "the stop is cleared")
    x_m = host.odom.x_m
    host.live(300)  # the old wish still comes
    assert host.odom.x_m == x_m
    host.wish = None
    host.armed()


def test_a_stop_needs_no_session(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards())
    host.until(lambda: host.last(Status), "telemetry flows")
    host.link.write(host.session.stop(2))
    host.until(lambda: host.status.state == State.STOPPED, "the car is stopped")
    assert host.status.stop_source == 2


def test_a_bumper_stops_the_car_and_stays_in_charge_while_it_is_pressed(boards: Boards, hosts: Hosts) -> None:
    board = boards()
    host = hosts(board).connected().armed().moving()
    board.bench("B")
    host.until(lambda: host.status.state == State.STOPPED and host.stands, "the car is stopped")
    assert (host.status.cause, host.status.bumpers) == (Cause.BUMPER, 1)
    assert host.asked(Command.CLEAR_STOP, host.status.stop_count).result == Result.DENIED
    board.bench("b")
    host.until(lambda: host.status.bumpers == 0, "the bumper is free")
    assert host.asked(Command.CLEAR_STOP, host.status.stop_count).result == Result.OK


def test_something_near_in_front_holds_the_car_and_lets_it_back_away(boards: Boards, hosts: Hosts) -> None:
    board = boards()
    host = hosts(board).connected().armed().moving()
    board.bench("N")
    host.until(lambda: host.status.cause == Cause.NEAR_RANGE and host.stands, "the car is held")
    assert host.status.state == State.ARMED
    assert host.status.flags & StatusFlag.REFLEX_FRONT
    host.moving(-0.2)


def test_a_control_loop_that_comes_late_while_driving_stops_the_car(boards: Boards, hosts: Hosts) -> None:
    board = boards()
    host = hosts(board).connected().armed().moving()
    board.bench("L")
    host.until(lambda: host.status.state == State.STOPPED, "the car is stopped")
    assert host.status.cause == Cause.OVERRUN


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("B", ArmCheck.BUMPER_PRESSED),
        ("V", ArmCheck.UNDERVOLTAGE),
        ("R", ArmCheck.RANGES_SILENT),
    ],
)
def test_a_car_with_a_fault_is_not_armed_and_without_it_is(
    fault: str, check: ArmCheck, boards: Boards, hosts: Hosts
) -> None:
    board = boards()
    host = hosts(board).connected()
    host.until(lambda: host.stands, "the wheels stand")
    board.bench(fault)
    host.until(lambda: host.status.arm_checks == check, "the fault is seen")
    assert host.asked(Command.ARM) == Answered(Command.ARM, Result.DENIED, check)
    board.bench(fault.lower())
    host.until(lambda: host.status.arm_checks == 0, "the fault is gone")
    host.armed()
