"""What is saved on a board is there after it starts anew; what cannot be saved is said to have failed."""

from __future__ import annotations

import pytest
from emulated_host import Boards, EmulatedHost, Hosts

from firmware_protocol.framing import FrameEncoder
from firmware_protocol.messages import PARAMETERS, SPEC_OF, Command, EventCode, ParamSet, Result, State
from firmware_protocol.session import LinkUp

UNDERVOLTAGE = [parameter.name for parameter in PARAMETERS].index("undervoltage")


def with_other_values(host: EmulatedHost, undervoltage_mv: int) -> int:
    """Put another undervoltage to use and return the hash of all values in use."""
    host.until(lambda: host.stands, "the wheels stand")
    wanted = ParamSet(host.session.number, UNDERVOLTAGE, undervoltage_mv)
    host.link.write(FrameEncoder().encode(SPEC_OF[ParamSet], wanted))
    staged = host.asked(Command.APPLY_PARAMETERS).detail  # 0 is not their hash: the answer tells it
    signed = staged - 2**32 if staged >= 2**31 else staged
    assert host.asked(Command.APPLY_PARAMETERS, signed).result == Result.OK
    return staged


def used_after(host: EmulatedHost) -> int:
    """Return the hash of the values in use, as the next HELLO tells it."""
    links = sum(isinstance(event, LinkUp) for event in host.news)
    host.until(lambda: sum(isinstance(event, LinkUp) for event in host.news) > links, "it greets anew")
    assert host.session.hello is not None
    return host.session.hello.parameter_values


@pytest.mark.parametrize("name", ["pil-f405", "pil-f103"])
def test_saved_values_are_in_use_after_a_reset(name: str, boards: Boards, hosts: Hosts) -> None:
    board = boards(name)
    host = hosts(board).connected()
    saved = with_other_values(host, 10_500)
    assert host.asked(Command.SAVE_PARAMETERS).result == Result.OK
    with_other_values(host, 11_000)  # in use, but not kept
    board.reset()
    assert used_after(host) == saved
    assert not host.events(EventCode.PARAMETERS_LOST)


def test_values_that_were_not_saved_are_gone_after_a_reset(boards: Boards, hosts: Hosts) -> None:
    board = boards()
    host = hosts(board).connected()
    assert host.session.hello is not None
    own = host.session.hello.parameter_values
    assert with_other_values(host, 10_500) != own
    board.reset()
    assert used_after(host) == own


def test_a_flash_that_keeps_nothing_is_said_to_have_failed(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards("stm32f103")).connected()  # QEMU drops what is written to the flash
    with_other_values(host, 10_500)
    assert host.asked(Command.SAVE_PARAMETERS).result == Result.FAILED
    host.live(300)
    assert host.status.state == State.DISARMED
