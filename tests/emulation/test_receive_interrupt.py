"""The receive interrupt of the boards against faults that no emulator shows: overrun, framing, BREAK.

The driver is compiled for this machine with a status and a data register in memory.
"""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from emulated_host import lacks

from firmware_protocol.boards import FIRMWARE
from firmware_protocol.build_native import compiler

FRAMING, NOISE, OVERRUN, IDLE, RECEIVED = 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5
RING = 512

REGISTERS = """
#include "stm32.h"
extern pcp_stm32_usart_t registers;
#define PCP_USART1 (&registers)
"""
BENCH = """
#include "port.h"
#include "registers.h"
pcp_stm32_usart_t registers;
void pcp_chip_pin(pcp_gpio_t port, unsigned pin, pcp_pin_mode_t mode, unsigned function)
{
    (void)port; (void)pin; (void)mode; (void)function;
}
"""


class Usart(ctypes.Structure):
    """The first two registers."""

    _fields_ = (("sr", ctypes.c_uint32), ("dr", ctypes.c_uint32))


class Counts(ctypes.Structure):
    """pcp_uart_counts_t."""

    _fields_ = tuple((name, ctypes.c_uint32) for name in ("overruns", "noise", "full", "breaks"))


class Line:
    """The receiver of a board, fed with status and data."""

    def __init__(self, library: Path) -> None:
        self._native = ctypes.CDLL(str(library))
        self._native.pcp_uart_counts.restype = ctypes.POINTER(Counts)
        self._native.pcp_uart_took_break.restype = ctypes.c_bool
        self._native.pcp_uart_read.restype = ctypes.c_size_t
        self._usart = Usart.in_dll(self._native, "registers")

    def interrupts(self, events: Iterable[tuple[int, int]]) -> None:
        """Let the interrupt happen with each status and data."""
        for self._usart.sr, self._usart.dr in events:
            self._native.pcp_usart1_handler()

    def received(self) -> bytes:
        """Take what the main loop would take."""
        piece = ctypes.create_string_buffer(2 * RING)
        size = self._native.pcp_uart_read(piece, ctypes.c_size_t(len(piece)))
        return piece.raw[:size]

    def took_break(self) -> bool:
        """Ask for a BREAK, once."""
        return bool(self._native.pcp_uart_took_break())

    @property
    def counts(self) -> Counts:
        """What was counted."""
        found: Counts = self._native.pcp_uart_counts().contents
        return found


@pytest.fixture
def line(tmp_path: Path) -> Line:
    command = compiler()
    if command is None:
        lacks("no C compiler: apt-get install gcc")
    (tmp_path / "registers.h").write_text(REGISTERS, encoding="ascii")
    (tmp_path / "bench.c").write_text(BENCH, encoding="ascii")
    ports = FIRMWARE / "ports" / "cortex_m"
    folders = [f"-I{folder}" for folder in (tmp_path, FIRMWARE / "include", ports)]
    flags = ["-std=c11", "-O2", "-fPIC", "-shared", "-Wno-int-to-pointer-cast", *folders]
    files = [str(ports / "uart.c"), str(tmp_path / "bench.c")]
    subprocess.run([*command, *flags, *files, "-o", str(tmp_path / "line.so")], check=True)
    return Line(tmp_path / "line.so")


def test_bytes_arrive_in_order(line: Line) -> None:
    line.interrupts((RECEIVED, byte) for byte in b"patrol")
    assert line.received() == b"patrol"
    assert line.received() == b""


def test_an_overrun_loses_the_later_byte_and_keeps_the_one_that_was_there(line: Line) -> None:
    line.interrupts([(RECEIVED | OVERRUN, 0x41), (RECEIVED, 0x43)])
    assert line.received() == b"AC"
    assert line.counts.overruns == 1
    assert not line.took_break()


def test_an_overrun_right_after_a_byte_was_fetched_does_not_deliver_it_twice(line: Line) -> None:
    line.interrupts([(RECEIVED, 0x41), (OVERRUN, 0x41), (RECEIVED, 0x42)])
    assert line.received() == b"AB"
    assert line.counts.overruns == 1


def test_a_line_held_low_is_a_break_once(line: Line) -> None:
    line.interrupts([(RECEIVED | FRAMING, 0)])
    assert line.counts.breaks == 1
    assert line.took_break()
    assert not line.took_break()


def test_breaks_that_nobody_asked_about_are_one_break_and_are_all_counted(line: Line) -> None:
    line.interrupts([(RECEIVED | FRAMING, 0)] * 3)
    assert line.took_break()
    assert not line.took_break()
    line.interrupts([(RECEIVED | FRAMING, 0)])
    assert line.took_break()
    assert line.counts.breaks == 4


def test_a_framing_error_with_bits_in_it_is_noise_and_no_break(line: Line) -> None:
    line.interrupts([(RECEIVED | FRAMING, 0x80), (RECEIVED | NOISE, 0)])
    assert line.counts.noise == 2
    assert not line.took_break()


def test_an_idle_line_is_no_byte_and_costs_none(line: Line) -> None:
    line.interrupts([(IDLE, 0x55), (RECEIVED | IDLE, 0x56), (IDLE, 0x56)])
    assert line.received() == b"\x56"


def test_a_full_ring_keeps_what_came_first_and_counts_the_rest(line: Line) -> None:
    line.interrupts((RECEIVED, i % 251) for i in range(RING + 10))
    assert line.received() == bytes(i % 251 for i in range(RING))
    assert line.counts.full == 10
