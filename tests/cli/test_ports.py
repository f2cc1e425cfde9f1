"""What the list of ports promises."""

from __future__ import annotations

import json
import os
import pty
import tty
from collections.abc import Callable, Iterator

import pytest

from firmware_protocol.framing import FrameEncoder
from firmware_protocol.messages import MAGIC, MAJOR, MINOR, SCHEMA, SPEC_OF, Hello
from patrolcar.cli import Exit, main, ports
from patrolcar.errors import LinkError
from patrolcar.links import open_link
from patrolcar.links.link import Link
from patrolcar.links.probing import PROBE_NS, greet, the_car
from patrolcar.links.serial_address import serial_address
from patrolcar.links.usb_ports import Port


@pytest.fixture
def silent() -> Iterator[list[str]]:
    """Ports at which nobody says anything."""
    ends = [pty.openpty() for _ in range(6)]
    for _, slave in ends:
        tty.setraw(slave)
    yield [os.ttyname(slave) for _, slave in ends]
    for end in ends:
        for number in end:
            os.close(number)


def test_a_board_is_named_and_known_boards_come_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    car = Port("/dev/ttyUSB3", 0x0403, 0x6001, "A50285BI", "1-2", "/dev/serial/by-id/usb-FTDI_A50285BI-if00")
    monkeypatch.setattr(ports, "listed_ports", lambda: [Port("/dev/ttyS0"), car])
    assert main(["ports"]) == Exit.DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["/dev/ttyUSB3", "0403:6001", "FT232", "USB-serial", "converter", "A50285BI"]
    assert lines[2].strip() == car.stable_name
    assert lines[3].startswith("/dev/ttyS0")
    assert main(["ports", "--json"]) == Exit.DONE
    first = json.loads(capsys.readouterr().out)["ports"][0]
    assert first["stable_name"] == car.stable_name
    assert first["answer"] is None
    assert first["is_car"] is False


def test_no_port_at_all_is_no_car_and_says_what_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ports, "listed_ports", list)
    assert main(["ports"]) == Exit.NO_CAR
    assert "patrolcar doctor" in capsys.readouterr().out


class Clock:
    """A clock that shows how long was waited for, and goes on by itself."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        self.now_ns += 10_000_000
        return self.now_ns


def test_many_ports_are_asked_in_the_time_of_one(silent: list[str]) -> None:
    clock = Clock()
    results = greet(silent, open_link, clock)
    assert len(results) == len(silent)
    assert clock.now_ns <= PROBE_NS + 20_000_000


class Talking:
    """A link that says one thing, then hangs up."""

    def __init__(self, name: str, words: bytes) -> None:
        self.name, self._words = name, words

    def fileno(self) -> int | None:
        return None

    def read(self, now_ns: int) -> bytes:
        del now_ns
        if not self._words:
            message = f"{self.name}: the port is gone"
            raise LinkError(message)
        words, self._words = self._words, b""
        return words

    def write(self, data: bytes) -> None:
        del data

    def close(self) -> None:
        self._words = b""


def choosing(*cars: str) -> Callable[[str], Link]:
    message = Hello(MAGIC, MAJOR, MINOR, SCHEMA, 5, 0, b"\0\1\0", 0, 1, 0, 247, bytes(12))

    def opens(address: str) -> Link:
        path = serial_address(address).target
        return Talking(path, FrameEncoder().encode(SPEC_OF[Hello], message) if path in cars else b"login: ")

    return opens


def test_auto_is_the_one_port_where_a_car_answers_and_never_a_guess() -> None:
    there = [Port(f"/dev/ttyUSB{number}") for number in range(3)]
    address = serial_address("auto?baud=115200")
    assert the_car(address, there, choosing("/dev/ttyUSB1"), Clock()) == "/dev/ttyUSB1"
    with pytest.raises(LinkError, match="2 cars answer") as several:
        the_car(address, there, choosing("/dev/ttyUSB0", "/dev/ttyUSB2"), Clock())
    assert all(port.device in str(several.value) for port in there)
    with pytest.raises(LinkError, match="no car answers"):
        the_car(address, there, choosing(), Clock())
    with pytest.raises(LinkError, match="no serial port"):
        the_car(address, [], choosing(), Clock())


def test_a_probe_says_what_each_port_said(silent: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ports", *silent, "no-such-port", "--json"]) == Exit.DONE
    answers = {port["device"]: port["answer"] for port in json.loads(capsys.readouterr().out)["ports"]}
    assert all(answers[path] == "silent" for path in silent)
    assert "cable plugged in" in answers["no-such-port"]
