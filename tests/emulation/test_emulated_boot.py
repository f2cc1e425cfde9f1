"""What the ARM code does when power comes, and when a host says hello."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

import pytest
from emulated_host import Boards, Hosts

from firmware_protocol.messages import (
    SCHEMA,
    ArmCheck,
    Command,
    EventCode,
    Hello,
    Imu,
    Power,
    ResetCause,
    Result,
    State,
    TargetKind,
)
from patrolcar.timebase import elapsed_us


@pytest.mark.parametrize("name", ["pil-f405", "pil-f103"])
def test_it_boots_disarmed_says_hello_three_times_and_waits_for_nobody(
    name: str, boards: Boards, hosts: Hosts
) -> None:
    board = boards(name, held=True)
    host = hosts(board)
    board.go()
    host.until(lambda: len(host.every(Hello)) >= 3 and host.last(Power), "it has said hello three times")
    first = host.every(Hello)[0]
    assert (first.session, first.schema, first.target) == (0, SCHEMA, TargetKind.EMULATOR)
    assert host.status.state == State.DISARMED
    assert [event.argument for event in host.events(EventCode.BOOTED)] == [ResetCause.POWER_ON]


def test_the_ordinary_host_opens_a_session_through_the_ordinary_link(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards(), 4711).connected()
    assert host.session.hello is not None
    assert host.session.hello.session == 4711
    assert [event.argument for event in host.events(EventCode.SESSION_OPENED)] == [4711]


def test_a_control_turn_is_10_ms_of_the_controllers_time(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards()).connected()
    host.live(500)
    stamps = [imu.stamp_us for imu in host.every(Imu)]
    turns_us = [elapsed_us(later, earlier) for earlier, later in pairwise(stamps)]
    assert median(turns_us) == pytest.approx(10_000, abs=100)


@pytest.mark.parametrize("name", ["stm32f405", "stm32f103"])
def test_the_boards_own_image_runs_without_crystal_and_does_not_arm_without_a_battery(
    name: str, boards: Boards, hosts: Hosts
) -> None:
    host = hosts(boards(name)).connected()
    assert host.session.hello is not None
    assert host.session.hello.target == TargetKind.HARDWARE
    answer = host.asked(Command.ARM)
    assert answer.result == Result.DENIED
    assert answer.detail & ArmCheck.BATTERY_SENSOR  # no converter: 0 V is no reading
    host.live(500)
    assert host.status.state == State.DISARMED
    assert host.duties == [0.0] * 4
