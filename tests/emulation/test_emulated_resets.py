"""A controller that starts anew while the car drives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from emulated_host import Boards, EmulatedHost, Hosts

from firmware_protocol.messages import Alive, EventCode, Odom, State
from firmware_protocol.session import LinkUp
from sim.qemu import Emulator


@pytest.mark.parametrize("reset", [Emulator.reset, Emulator.restart])
def test_after_a_reset_in_motion_the_car_is_disarmed_whatever_the_old_session_sends(
    reset: Callable[[Emulator], None], boards: Boards, hosts: Hosts
) -> None:
    board = boards()
    host = hosts(board).connected().armed().moving()
    assert host.session.hello is not None
    boot_id = host.session.hello.boot_id
    stale = host.session.drive(0.5, 0.0, 0.0, 500)
    reset(board)
    host.seen.clear()
    host.until(host.lost, "the host knows that the session is over")
    host.link.write(stale)
    host.until(lambda: sum(isinstance(event, LinkUp) for event in host.news) == 2, "a new session is open")
    host.live(500)  # the wish is still there
    assert host.session.hello.boot_id != boot_id
    assert host.status.state == State.DISARMED
    assert not host.events(EventCode.ARMED)
    assert host.duties == [0.0] * 4
    host.wish = None
    host.armed()


def test_every_boot_has_another_number(boards: Boards, hosts: Hosts) -> None:
    board = boards()
    host = hosts(board).connected()
    host.until(partial(knows_boots, host, 1), "it is alive")
    for boots in range(2, 5):
        board.reset()
        host.until(partial(knows_boots, host, boots), "it is alive with another number")


def knows_boots(host: EmulatedHost, boots: int) -> bool:
    return len({alive.boot_id for alive in host.every(Alive)}) == boots


def test_a_reset_begins_the_odometry_at_zero(boards: Boards, hosts: Hosts) -> None:
    board = boards()
    host = hosts(board).connected().armed().moving()
    host.until(lambda: host.odom.x_m > 0.1, "it has moved")
    host.wish = None
    board.reset()
    host.until(lambda: host.odom.x_m == 0.0, "it starts at zero")
    assert host.every(Odom)[-1].drive_count == 0
