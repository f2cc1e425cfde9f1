"""What the doctor finds, in made-up computers and on lines where something else than a car talks."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import MAGIC, MAJOR, MINOR, SCHEMA, SPEC_OF, Hello, HelloRequest, Message
from patrolcar.cli import Exit, main
from patrolcar.cli.checkup import host_checks, port_checks
from patrolcar.cli.checkup.finding import Level
from patrolcar.cli.checkup.machine import Machine, Node, User
from patrolcar.cli.doctor import examine
from patrolcar.links.usb_ports import Port

CAR = Port("/dev/ttyUSB0", 0x1A86, 0x7523, "", "1-2")
NODE = Node(0, 20, "dialout", 0o660, 188, 0, 4711, is_character_device=True)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    for folder in ("proc", "sys", "udev", "rules"):
        (tmp_path / folder).mkdir()
    return Machine(
        proc=tmp_path / "proc",
        sys=tmp_path / "sys",
        udev_state=tmp_path / "udev",
        udev_rules=(tmp_path / "rules",),
        user=User(1000, "ann", frozenset({20, 1000})),
        python=(3, 12, 1),
        system="Linux 6.1 aarch64",
        list_ports=lambda: [CAR],
        node_at=lambda path: NODE if path == CAR.device else None,
        load_library=lambda: None,
    )


def running(machine: Machine, pid: int, name: str, *, opened: str = "") -> None:
    folder = machine.proc / str(pid)
    (folder / "fd").mkdir(parents=True)
    (folder / "comm").write_text(name + "\n")
    (folder / "cmdline").write_bytes(f"{name}\0--flag".encode())
    if opened:
        (folder / "fd" / "3").symlink_to(opened)


def plugged_in(machine: Machine, usb_id: str, *, tty_name: str = "") -> None:
    vid, pid = usb_id.split(":")
    folder = machine.sys / "bus/usb/devices/1-2"
    (folder / "1-2:1.0" / tty_name).mkdir(parents=True)
    (folder / "idVendor").write_text(vid + "\n")
    (folder / "idProduct").write_text(pid + "\n")


def test_the_computer_itself_is_judged(machine: Machine) -> None:
    def broken() -> object:
        message = "/lib/libpatrolcar.so: the compiled part of patrolcar cannot be loaded (wrong ELF class)"
        raise ImportError(message)

    assert host_checks.python(machine).level is Level.OK
    assert host_checks.python(replace(machine, python=(3, 10, 9))).level is Level.PROBLEM
    assert host_checks.system(replace(machine, system="Darwin 23")).level is Level.WARNING
    assert host_checks.compiled_part(machine).level is Level.OK
    found = host_checks.compiled_part(replace(machine, load_library=broken))
    assert found.level is Level.PROBLEM
    assert "wrong ELF class" in found.found


@pytest.mark.parametrize(
    ("user", "mode", "level", "remedy"),
    [
        (User(1000, "ann", frozenset({20})), 0o660, Level.OK, ""),
        (User(0, "root", frozenset({0})), 0o600, Level.OK, ""),
        (User(1000, "ann", frozenset({1000})), 0o666, Level.OK, ""),
        (User(1000, "ann", frozenset({1000})), 0o660, Level.PROBLEM, "usermod -aG dialout ann"),
        (User(1000, "ann", frozenset({20})), 0o640, Level.PROBLEM, "chmod 660"),
    ],
)
def test_rights_are_those_of_the_device_and_its_own_group(
    machine: Machine, user: User, mode: int, level: Level, remedy: str
) -> None:
    here = replace(machine, user=user, node_at=lambda _: NODE._replace(mode=mode))
    found = port_checks.permission(here, CAR)
    assert found is not None
    assert found.level is level
    assert remedy in found.remedy


def test_who_holds_the_port_is_named(machine: Machine) -> None:
    running(machine, 7, "bash")
    assert port_checks.holder(machine, CAR) == (Level.OK, "no other program has it open", "")
    running(machine, 42, "minicom", opened=CAR.device)
    found = port_checks.holder(machine, CAR)
    assert found is not None
    assert found.level is Level.PROBLEM
    assert "minicom (pid 42)" in found.found
    assert "bash" not in found.found


def test_another_users_program_is_found_by_its_lock(machine: Machine) -> None:
    running(machine, 42, "klippy")
    (machine.proc / "locks").write_text("1: FLOCK  ADVISORY  WRITE 42 00:05:4711 0 EOF\n")
    found = port_checks.holder(machine, CAR)
    assert found is not None
    assert "klippy (pid 42)" in found.found


def test_modem_manager_is_told_from_one_that_leaves_the_car_alone(machine: Machine, tmp_path: Path) -> None:
    assert port_checks.modem_manager(machine, CAR) == (Level.OK, "not running", "")
    running(machine, 9, "ModemManager")
    found = port_checks.modem_manager(machine, CAR)
    assert found is not None
    assert found.level is Level.WARNING
    rule = 'ATTRS{idVendor}=="1a86", ATTRS{idProduct}=="7523", ENV{ID_MM_DEVICE_IGNORE}="1"'
    assert rule in found.remedy
    (tmp_path / "rules/60-patrolcar.rules").write_text(rule + "\n")
    after = port_checks.modem_manager(machine, CAR)
    assert after is not None
    assert after.level is Level.OK
    (tmp_path / "rules/60-patrolcar.rules").unlink()
    (tmp_path / "udev/c188:0").write_text("E:ID_MM_DEVICE_IGNORE=1\n")
    assert port_checks.modem_manager(machine, CAR) == after


def test_brltty_that_took_the_converter_away_is_accused(machine: Machine, tmp_path: Path) -> None:
    plugged_in(machine, "1a86:7523")
    running(machine, 11, "brltty")
    found = port_checks.brltty(machine, CAR)
    assert found is not None
    assert found.level is Level.PROBLEM
    assert "apt remove brltty" in found.remedy
    gone = replace(machine, node_at=lambda _: None, list_ports=list)
    device = port_checks.device(gone, CAR)
    assert device is not None
    assert "CH340 USB-serial converter is plugged in but has no serial port" in device.remedy
    (tmp_path / "sys/bus/usb/devices/1-2/1-2:1.0/ttyUSB0").mkdir()
    assert port_checks.brltty(machine, CAR) == (Level.OK, "running; it has no rule for this device", "")
    (tmp_path / "rules/85-brltty.rules").write_text(
        'ENV{PRODUCT}=="1a86/7523/*", ENV{BRLTTY_BRAILLE_DRIVER}="bm", RUN+="/usr/lib/brltty/brltty"\n'
    )
    warned = port_checks.brltty(machine, CAR)
    assert warned is not None
    assert warned.level is Level.WARNING


def test_a_board_in_its_boot_loader_is_recognised(machine: Machine) -> None:
    plugged_in(machine, "0483:df11")
    found = port_checks.device(replace(machine, node_at=lambda _: None), CAR)
    assert found is not None
    assert "BOOT0" in found.remedy


@pytest.mark.parametrize(("timer", "level"), [("16", Level.WARNING), ("1", Level.OK), ("x", Level.WARNING)])
def test_a_converter_that_holds_bytes_back_is_told(machine: Machine, timer: str, level: Level) -> None:
    assert port_checks.latency(machine, CAR) is None
    folder = machine.sys / "bus/usb-serial/devices/ttyUSB0"
    folder.mkdir(parents=True)
    (folder / "latency_timer").write_text(timer + "\n")
    found = port_checks.latency(machine, CAR)
    assert found is not None
    assert found.level is level


def test_a_port_that_another_program_holds_is_not_opened(machine: Machine) -> None:
    running(machine, 42, "minicom", opened=CAR.device)
    names = [row.check for row in examine(CAR.device, machine, time.monotonic_ns)]
    assert "in use" in names
    assert "handshake" not in names


# ---------------------------------------------------------------- lines


class Peer:
    """Something at the far end of a pseudo-terminal; ``answers`` says what it sends for what it hears."""

    def __init__(self, answers: Callable[[Peer, bytes], bytes]) -> None:
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        os.close(slave)
        os.set_blocking(self.master, False)
        self.heard: list[Message] = []
        self.encoder = FrameEncoder()
        self._decoder = FrameDecoder()
        self._answers = answers
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._live)
        self._thread.start()

    @property
    def speed(self) -> int:
        return int(termios.tcgetattr(self.master)[tty.OSPEED])

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        os.close(self.master)

    def _live(self) -> None:
        while not self._ended.wait(0.01):
            try:
                received = os.read(self.master, 65536)
            except OSError:  # nothing there, or nobody
                received = b""
            self.heard += [frame.spec.unpack(frame.payload) for frame in self._decoder.feed(received)]
            poll = select.poll()
            poll.register(self.master, select.POLLIN)
            if not any(event & select.POLLHUP for _, event in poll.poll(0)):
                os.write(self.master, self._answers(self, received))


@pytest.fixture
def peer() -> Iterator[Callable[[Callable[[Peer, bytes], bytes]], Peer]]:
    made: list[Peer] = []

    def one(answers: Callable[[Peer, bytes], bytes]) -> Peer:
        made.append(Peer(answers))
        return made[-1]

    yield one
    for each in made:
        each.close()


MakePeer = Callable[[Callable[[Peer, bytes], bytes]], Peer]


def hello(
    peer: Peer, *, session: int = 0, schema: int = SCHEMA, major: int = MAJOR, reset_cause: int = 0
) -> bytes:
    message = Hello(
        MAGIC, major, MINOR, schema, 5, session, b"\0\2\0", 0, 0, reset_cause, 247, b"chip of it.."
    )
    return peer.encoder.encode(SPEC_OF[Hello], message)


def rows_of(link: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    code = main(["doctor", link, "--json"])
    result = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert result["well"] == (code == Exit.DONE)
    return code, {row["check"]: row for row in result["checks"]}


def test_a_line_that_prints_text_is_told_with_a_sample(
    peer: MakePeer, capsys: pytest.CaptureFixture[str]
) -> None:
    board = peer(lambda _, __: b"[boot] hi\r\n")
    code, rows = rows_of(board.path, capsys)
    assert code == Exit.NO_CAR
    assert "[boot] hi\\r\\n" in rows["handshake"]["found"]


def test_a_car_at_another_baud_rate_is_found_and_never_asked_at_a_wrong_one(
    peer: MakePeer, capsys: pytest.CaptureFixture[str]
) -> None:
    speeds: list[int] = []

    def car(peer: Peer, received: bytes) -> bytes:
        if received:
            speeds.append(peer.speed)
        if peer.speed != termios.B921600:
            return b"\xf8\x80\x1e\x07\xc3\x98" * 3
        return hello(peer) if received else b""

    board = peer(car)
    code, rows = rows_of(f"{board.path}?baud=460800", capsys)
    assert code == Exit.NO_CAR
    assert rows["handshake"]["found"] == "it answers at 921600, you asked for 460800"
    assert rows["handshake"]["remedy"] == f"use {board.path}?baud=921600"
    assert set(speeds) <= {termios.B460800, termios.B921600}  # a lower one would look like a break: STOP
    assert rows_of(f"{board.path}?baud=921600", capsys)[0] == Exit.DONE


@pytest.mark.parametrize(
    ("schema", "major", "words"),
    [
        (1, MAJOR, "schema 0x00000001"),
        (SCHEMA, MAJOR - 1, "update the firmware"),
        (1, MAJOR + 1, "host software"),
    ],
)
def test_a_firmware_of_another_version_is_told_which(
    schema: int, major: int, words: str, peer: MakePeer, capsys: pytest.CaptureFixture[str]
) -> None:
    board = peer(lambda it, received: hello(it, schema=schema, major=major) if received else b"")
    code, rows = rows_of(board.path, capsys)
    assert code == Exit.NO_CAR
    assert words in rows["version"]["found"]


def test_a_start_by_the_watchdog_is_a_warning_and_no_more(
    peer: MakePeer, capsys: pytest.CaptureFixture[str]
) -> None:
    board = peer(lambda it, received: hello(it, reset_cause=3) if received else b"")
    code, rows = rows_of(board.path, capsys)
    assert code == Exit.DONE
    assert rows["last start"]["level"] == "warning"


def test_a_lossy_line_is_told_with_its_reasons(peer: MakePeer, capsys: pytest.CaptureFixture[str]) -> None:
    def noisy(it: Peer, received: bytes) -> bytes:
        return (hello(it) if received else b"") + b"\x05\x01\x02\x00\x03\x26\x01\x00"

    _, rows = rows_of(peer(noisy).path, capsys)
    assert rows["quality"]["level"] == "warning"
    assert "bad_cobs" in rows["quality"]["found"]


def test_the_doctor_only_ever_asks_who_is_there(peer: MakePeer, capsys: pytest.CaptureFixture[str]) -> None:
    board = peer(lambda it, received: hello(it, session=77) if received else b"")
    rows_of(board.path, capsys)
    main(["ports", board.path])
    assert len(board.heard) > 5
    assert set(board.heard) == {HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, 0)}


@pytest.mark.parametrize("door", ["--pty", "--tcp"])
def test_a_simulated_car_is_well_and_stays_nobodys(
    door: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--pty", "--link", str(tmp_path / "car")] if door == "--pty" else ["--tcp", "0"]
    command = [sys.executable, "-m", "patrolcar", "sim", *where, "--people", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulator:
        try:
            assert simulator.stdout is not None
            address = simulator.stdout.readline().strip()
            for _ in range(2):
                code, rows = rows_of(address, capsys)
                assert code == Exit.DONE, rows
                assert rows["owner"]["found"] == "nobody owns the car"
                assert "simulator" in rows["handshake"]["found"]
                assert ("load" in rows) == (door == "--pty")
        finally:
            simulator.kill()
    if door == "--pty":
        code, rows = rows_of(address, capsys)
        assert code == Exit.NO_CAR
        assert "does not exist" in rows["device"]["found"]


@pytest.mark.parametrize(
    "link", ["usb://12:34?baud=x", "usb://ffff:ffff", "socket://127.0.0.1:1", "/dev/null", "no-such-port"]
)
def test_an_address_that_leads_nowhere_is_a_row_and_no_traceback(
    link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", link]) == Exit.NO_CAR
    told = capsys.readouterr()
    assert "PROBLEM" in told.out
    assert "to mend first" in told.out
    assert told.err == ""
