"""What the ARM code does when it goes wrong itself."""

from __future__ import annotations

import pytest
from emulated_host import Boards, Hosts

from firmware_protocol.messages import LinkStats, Severity, Text


@pytest.mark.parametrize("name", ["pil-f405", "pil-f103"])
def test_a_stack_overflow_switches_the_motors_off_and_ends_the_control_loop(
    name: str, boards: Boards, hosts: Hosts
) -> None:
    board = boards(name)
    host = hosts(board).connected().armed().moving()
    board.bench("O", timeout_s=10)  # what answers is the fault handler, after the motors are off
    host.wish = None
    host.until(host.lost, "the host has heard nothing for long enough; on a board the watchdog restarts it")


def test_a_board_without_crystal_says_so(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards("stm32f103")).connected()

    def told() -> bool:
        return any(
            b"no crystal" in text.text and text.severity == Severity.CAUTION for text in host.every(Text)
        )

    host.until(told, "it says so")


def test_a_sound_line_counts_no_faults(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards()).connected()
    host.until(lambda: (seen := host.last(LinkStats)) and seen.frames > 0, "it counts frames")
    seen = host.last(LinkStats)
    assert seen is not None
    assert (seen.overruns, seen.line_errors, seen.breaks) == (0, 0, 0)
