"""Moving, and ceasing to move when the host does not ask any more."""

from __future__ import annotations

import pytest
from emulated_host import LEASE_MS, Boards, Hosts

from firmware_protocol.messages import Cause, EventCode, Odom, State, StatusFlag, Wheels
from patrolcar.timebase import elapsed_us


@pytest.mark.parametrize("name", ["pil-f405", "pil-f103"])
def test_a_leg_straight_on(name: str, boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards(name)).connected().armed().moving(0.4)
    host.until(lambda: host.odom.x_m >= 0.3, "its length is driven")
    assert host.odom.y_m == pytest.approx(0.0, abs=0.01)
    host.wish = (0.0, 0.0)
    host.until(lambda: host.stands, "the car stands")
    assert host.odom.x_m < 0.3 + 0.3  # braking from 0.4 m/s, and what was on its way
    assert host.status.state == State.ARMED


def test_turning_on_the_spot_turns_the_heading_and_leaves_the_place(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards()).connected().armed().moving(0.0, 1.5)
    host.until(lambda: 1.2 < host.odom.yaw_rad < 3.0, "a good part of a turn is done")
    assert abs(host.odom.x_m) < 0.02
    ticks = host.every(Wheels)[-1].ticks
    assert ticks[0] < 0 < ticks[1]


def test_of_a_hundred_wishes_at_once_the_newest_is_obeyed(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards()).connected().armed()
    burst = b"".join(host.session.drive(-0.005 * i, 0.0, 0.0, 500) for i in range(100))
    host.link.write(burst + host.session.drive(0.2, 0.0, 0.0, 500))
    host.until(lambda: host.odom.drive_count == 101, "the newest is obeyed")
    host.until(lambda: host.odom.vx_mps > 0.15, "the car does what it says")
    counts = [odom.drive_count for odom in host.every(Odom)]
    assert counts == sorted(counts)  # an older wish never comes back


def test_without_a_newer_wish_the_lease_ends_the_motion_in_the_controllers_time(
    boards: Boards, hosts: Hosts
) -> None:
    host = hosts(boards()).connected().armed().moving()
    host.wish = None
    host.until(lambda: host.stands and host.events(EventCode.LEASE_EXPIRED), "the car stands")
    expired_us = host.events(EventCode.LEASE_EXPIRED)[-1].stamp_us
    last = host.odom.drive_count
    obeyed = [odom.stamp_us for odom in host.every(Odom) if odom.drive_count == last]
    earlier = [odom.stamp_us for odom in host.every(Odom) if odom.drive_count != last]
    assert elapsed_us(expired_us, obeyed[0]) <= 1000 * LEASE_MS + 12_000  # judged once in 10 ms
    assert elapsed_us(expired_us, earlier[-1]) >= 1000 * LEASE_MS
    assert host.status.state == State.ARMED
    assert host.status.cause == Cause.LEASE_EXPIRED


def test_a_host_that_falls_silent_finds_the_car_disarmed_after_a_second_of_its_time(
    boards: Boards, hosts: Hosts
) -> None:
    host = hosts(boards()).connected().armed().moving()
    host.wish, host.beats = None, False
    host.until(lambda: host.events(EventCode.LEASE_EXPIRED), "the lease is over")
    host.until(lambda: host.events(EventCode.DISARMED), "the car is disarmed")
    disarmed = host.events(EventCode.DISARMED)[-1]
    assert disarmed.argument == Cause.HOST_SILENT
    expired_us = host.events(EventCode.LEASE_EXPIRED)[-1].stamp_us
    assert (
        600_000 < elapsed_us(disarmed.stamp_us, expired_us) < 850_000
    )  # a second after the last sign of life
    host.until(lambda: host.status.state == State.DISARMED, "STATUS says so")
    assert not host.status.flags & StatusFlag.LEASE_VALID
