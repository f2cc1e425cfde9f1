"""A car that comes back under another name is found; another device in its place is left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminals import plug

from patrolcar.errors import LinkError
from patrolcar.links.returning import ReturningPort
from patrolcar.links.serial_address import serial_address
from patrolcar.links.usb_ports import Port, found_again, port_at, stable_name

__all__ = ["plug"]

CH340, FTDI = (0x1A86, 0x7523), (0x0403, 0x6001)
Plug = Callable[[], Any]

ports = st.builds(
    Port,
    device=st.sampled_from([f"/dev/ttyUSB{n}" for n in range(6)]),
    vid=st.sampled_from([CH340[0], FTDI[0]]),
    pid=st.sampled_from([CH340[1], FTDI[1]]),
    serial_number=st.sampled_from(["", "A1", "B2"]),
    location=st.sampled_from(["1-1", "1-2", "2-1:1.0", "2-1:1.1"]),
)


class Sockets:
    """What is plugged into this machine at the moment."""

    def __init__(self, *now: Port) -> None:
        self.now = list(now)

    def __call__(self) -> list[Port]:
        return self.now


def opener(address: str, sockets: Sockets) -> ReturningPort:
    return ReturningPort(serial_address(address), sockets)


def test_a_device_that_returns_under_another_name_is_opened_there(plug: Plug) -> None:
    before, after = plug(), plug()
    sockets = Sockets(Port(before.path, *FTDI, "A1", "1-1"))
    opens = opener(before.path, sockets)
    opens().close()
    sockets.now = [Port(after.path, *FTDI, "A1", "1-2")]
    link = opens()
    link.write(b"here")
    assert after.heard_within(20.0) == b"here"
    assert before.heard() == b""
    link.close()


def test_another_device_under_the_old_name_is_not_opened(plug: Plug) -> None:
    terminal = plug()
    sockets = Sockets(Port(terminal.path, *FTDI, "A1", "1-1"))
    opens = opener(terminal.path, sockets)
    opens().close()
    for stranger in (Port(terminal.path, *CH340, "", "1-1"), Port(terminal.path, *FTDI, "B2", "1-1")):
        sockets.now = [stranger]
        with pytest.raises(LinkError, match="FT232 USB-serial converter 0403:6001 A1 is not plugged in"):
            opens()


def test_a_converter_without_a_number_is_known_by_its_socket_among_its_kind(plug: Plug) -> None:
    one, other = plug(), plug()
    sockets = Sockets(Port(one.path, *CH340, "", "1-1"), Port(other.path, *CH340, "", "1-2"))
    opens = opener(one.path, sockets)
    opens().close()
    sockets.now = [Port(one.path, *CH340, "", "1-2"), Port(other.path, *CH340, "", "1-1")]  # names swapped
    link = opens()
    assert link.name == other.path
    link.close()
    sockets.now = [Port(one.path, *CH340, "", "1-3"), Port(other.path, *CH340, "", "1-4")]
    with pytest.raises(LinkError, match="several devices fit"):
        opens()
    sockets.now = [Port(other.path, *CH340, "", "1-4")]  # alone of its kind: it may have moved
    opens().close()


def test_a_lasting_name_is_kept_as_the_name_of_the_link(plug: Plug, tmp_path: Path) -> None:
    first, second = plug(), plug()
    name = tmp_path / "usb-car-if00"
    name.symlink_to(first.path)
    sockets = Sockets(Port(first.path, *FTDI, "A1", "1-1"))
    opens = opener(str(name), sockets)
    opens().close()
    name.unlink()
    name.symlink_to(second.path)
    sockets.now = [Port(second.path, *FTDI, "A1", "1-1")]
    link = opens()
    assert link.name == str(name)
    link.write(b"x")
    assert second.heard_within(20.0) == b"x"
    link.close()


def test_a_pseudo_terminal_is_known_by_its_path_alone(plug: Plug, tmp_path: Path) -> None:
    first, second = plug(), plug()
    name = tmp_path / "car"
    name.symlink_to(first.path)
    opens = opener(str(name), Sockets())
    opens().close()
    name.unlink()
    with pytest.raises(LinkError, match="cable plugged in"):
        opens()
    name.symlink_to(second.path)
    link = opens()
    link.write(b"x")
    assert second.heard_within(20.0) == b"x"
    link.close()


def test_a_usb_address_opens_the_one_that_fits_and_lists_what_is_there_otherwise(plug: Plug) -> None:
    terminal = plug()
    there = Port(terminal.path, *FTDI, "A1", "1-1")
    link = opener("usb://0403:6001/A1?baud=115200", Sockets(there))()
    assert link.name == terminal.path
    link.close()
    with pytest.raises(LinkError, match=f"there is {terminal.path} "):
        opener("usb://1a86:7523", Sockets(there))()
    with pytest.raises(LinkError, match="no serial port"):
        opener("usb://1a86:7523", Sockets())()
    with pytest.raises(LinkError, match="/dev/b, /dev/c"):
        opener("usb://0403:6001", Sockets(Port("/dev/b", *FTDI, "1"), Port("/dev/c", *FTDI, "2")))()


@given(ports, st.lists(ports, max_size=6))
def test_whatever_is_plugged_in_only_the_same_kind_and_number_is_taken(lost: Port, now: list[Port]) -> None:
    for port in found_again(lost, now):
        assert (port.vid, port.pid, port.serial_number) == (lost.vid, lost.pid, lost.serial_number)
        assert port.location.partition(":")[2] == lost.location.partition(":")[2]


@given(ports, st.lists(ports, max_size=6), ports)
def test_a_device_that_moved_to_no_other_socket_is_told_from_all_others(
    lost: Port, others: list[Port], returned: Port
) -> None:
    again = lost._replace(device=returned.device)
    others = [port for port in others if port.location != lost.location]
    assert found_again(lost, [*others, again]) == [again]


def test_a_port_is_named_by_its_number_or_else_by_its_socket(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    for folder, name in (("by-id", "usb-FTDI_A1-if00"), ("by-path", "pci-usb-0:1")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).symlink_to(device)
    numbered, bare = Port(str(device), *FTDI, "A1"), Port(str(device), *CH340)
    assert stable_name(numbered, tmp_path) == str(tmp_path / "by-id/usb-FTDI_A1-if00")
    assert stable_name(bare, tmp_path) == str(tmp_path / "by-path/pci-usb-0:1")
    assert stable_name(Port("/dev/other"), tmp_path) == stable_name(bare, tmp_path / "none") == ""
    assert port_at(str(tmp_path / "by-path/pci-usb-0:1"), [bare]) is bare
