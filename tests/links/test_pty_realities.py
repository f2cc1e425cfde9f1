"""How ports really behave when they are pulled, stalled, shared or misnamed, over real pseudo-terminals.

Each test is one of the measured behaviours of pyserial 3.5 and of the Linux tty layer: what our link makes of
it, and where it is short enough, that pyserial itself still does what made us work around it.
"""

from __future__ import annotations

import os
import termios
import threading
import tty
from collections.abc import Callable
from typing import Any

import pytest
import serial
from terminals import plug

from patrolcar.errors import LinkError
from patrolcar.links import open_link
from patrolcar.links.serial_port import SerialLink

__all__ = ["plug"]

Plug = Callable[[], Any]
WAIT_S = 20.0


def opened(path: str) -> SerialLink:
    link = open_link(path)
    assert isinstance(link, SerialLink)
    return link


def in_time(call: Callable[[], None]) -> None:
    """Fail, not hang, when ``call`` never returns."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    assert not thread.is_alive(), "it waits for ever"


def test_what_came_before_the_cable_was_pulled_is_delivered_or_the_loss_is_told(plug: Plug) -> None:
    terminal = plug()
    link = opened(terminal.path)
    terminal.says(b"abc")
    assert link.read(0) == b"abc"
    terminal.unplug()
    for _ in range(3):
        with pytest.raises(LinkError, match="gone"):
            link.read(0)
    link.close()


def test_pyserial_calls_a_pulled_port_open_and_fails_in_three_kinds(plug: Plug) -> None:
    terminal = plug()
    port = serial.Serial(terminal.path, timeout=0)
    terminal.unplug()
    assert port.is_open
    with pytest.raises(serial.SerialException):
        port.read(10)
    with pytest.raises(OSError, match="Input/output") as plain:
        _ = port.in_waiting
    assert not isinstance(plain.value, serial.SerialException)
    with pytest.raises(termios.error):
        port.reset_input_buffer()
    port.close()
    with pytest.raises(TypeError):
        _ = port.in_waiting


def test_every_call_of_a_pulled_port_is_a_link_error_and_closing_is_quiet(plug: Plug) -> None:
    terminal = plug()
    link = opened(terminal.path)
    terminal.unplug()
    with pytest.raises(LinkError, match="gone"):
        link.write(b"x")
    link.close()
    link.close()
    assert link.fileno() is None
    for call in (lambda: link.read(0), lambda: link.write(b"x")):
        with pytest.raises(LinkError, match="gone"):
            call()


def test_closing_from_another_thread_while_reading_is_a_link_error_at_worst(plug: Plug) -> None:
    terminal = plug()
    link = opened(terminal.path)
    unexpected: list[Exception] = []

    def read_on() -> None:
        try:
            while True:
                link.read(0)
        except LinkError:
            pass
        except Exception as error:  # noqa: BLE001  (this is what must not happen)
            unexpected.append(error)

    reader = threading.Thread(target=read_on, daemon=True)
    reader.start()
    link.close()
    reader.join(WAIT_S)
    assert not reader.is_alive()
    assert unexpected == []


def test_a_peer_that_never_reads_delays_neither_writing_nor_closing(plug: Plug) -> None:
    terminal = plug()
    link = opened(terminal.path)

    def drive_for_long() -> None:
        for _ in range(5000):
            link.write(b"x" * 24)
        link.close()

    in_time(drive_for_long)


def test_after_a_stall_the_newest_write_comes_and_what_was_replaced_never_does(plug: Plug) -> None:
    terminal = plug()
    link = opened(terminal.path)
    writes = [b"%06d|" % number for number in range(20_000)]
    for data in writes:
        link.write(data)
    line = b""
    for _ in range(2_000):  # the kernel hands over in its own time; on a busy machine not at once
        line += terminal.heard_within(0.01)
        if line.endswith(writes[-1]):
            break
        link.write(b"")  # what waits may go now
    link.close()
    numbers = [int(word) for word in line.split(b"|")[:-1]]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 19_999
    assert len(numbers) < 10_000  # the kernel's buffer, and not one more


def test_a_byte_at_a_time_is_delivered_as_it_drips(plug: Plug) -> None:
    terminal = plug()
    link = opened(terminal.path)
    for byte in range(256):
        terminal.says(bytes([byte]))
        assert link.read(0) == bytes([byte])
        assert link.read(0) == b""
    link.close()


def test_the_line_carries_every_byte_as_it_is_though_it_was_a_terminal_before(plug: Plug) -> None:
    terminal = plug()
    other = os.open(terminal.path, os.O_RDWR | os.O_NOCTTY)
    modes = termios.tcgetattr(other)
    modes[tty.LFLAG] |= termios.ICANON | termios.ECHO | termios.ISIG
    modes[tty.IFLAG] |= termios.ICRNL | termios.IXON
    modes[tty.OFLAG] |= termios.OPOST | termios.ONLCR
    termios.tcsetattr(other, termios.TCSANOW, modes)
    os.close(other)
    link = opened(terminal.path)
    everything = bytes(range(256))
    terminal.says(everything)
    assert link.read(0) == everything
    link.write(everything)
    assert terminal.heard_within(WAIT_S) == everything
    link.close()


def test_the_port_is_ours_alone_and_is_free_again_afterwards(plug: Plug) -> None:
    terminal = plug()
    link = opened(terminal.path)
    with pytest.raises(LinkError, match="another program has it open"):
        open_link(terminal.path)
    if os.geteuid() != 0:  # root may open what is exclusive
        with pytest.raises(OSError, match="busy"):
            os.open(terminal.path, os.O_RDWR | os.O_NOCTTY)
    link.close()
    opened(terminal.path).close()


def test_leaving_a_port_does_not_drop_its_control_lines(plug: Plug) -> None:
    terminal = plug()
    link = opened(terminal.path)
    number = link.fileno()
    assert number is not None
    assert not termios.tcgetattr(number)[tty.CFLAG] & termios.HUPCL
    link.close()


def test_a_baud_rate_is_set_and_another_one_too(plug: Plug) -> None:
    terminal = plug()
    for baud, code in ((115_200, termios.B115200), (921_600, termios.B921600)):
        link = opened(f"{terminal.path}?baud={baud}&dtr=on&rts=off")
        number = link.fileno()
        assert number is not None
        assert termios.tcgetattr(number)[tty.OSPEED] == code
        link.close()


def test_a_stop_written_just_before_closing_arrives(plug: Plug) -> None:
    terminal = plug()
    link = opened(terminal.path)
    link.write(b"STOP")
    link.close()
    assert terminal.heard_within(WAIT_S) == b"STOP"
