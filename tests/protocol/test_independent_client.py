"""A client written from WIRE.md alone drives the simulated car.

It shares no code with the repository: layouts, numbers and seeds are read from the text of
``firmware_protocol/WIRE.md``, and its bytes go over TCP to the simulator. What this file can do,
the author of another firmware or another host can do with the same document.
"""

import contextlib
import hashlib
import hmac
import json
import re
import select
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import pytest

ROOT: Final = Path(__file__).parents[2]
WIRE: Final = (ROOT / "firmware_protocol" / "WIRE.md").read_text(encoding="utf-8")
GOLDEN: Final = json.loads((ROOT / "firmware_protocol" / "vectors" / "messages.json").read_text("utf-8"))

PATIENCE_S: Final = 10.0  # no wait is longer
TURN_S: Final = 0.02  # DRIVE at 50 Hz
TURNS_PER_HEARTBEAT: Final = 5  # HEARTBEAT at 10 Hz
TURNS_PER_REPEAT: Final = 10  # HELLO_REQUEST every 200 ms; a CMD again within 25 ms to 1 s
MAGIC: Final = 0x52414350
SESSION: Final = 4711
OTHER_SESSION: Final = 4712
LEASE_MS: Final = 300
VX_MMPS: Final = 200
# A guess: WIRE.md calls the ramp "the car's deceleration" and gives neither a number nor a place to read it.
RAMP_US: Final = 500_000

Values: TypeAlias = dict[str, Any]
LETTERS: Final = {"u8": "B", "u16": "H", "u32": "I", "i16": "h", "i32": "i", "range_mm": "H"}


# What the document says, read from its tables.


class Field(NamedTuple):
    name: str
    kind: str
    length: int | None  # None for a single number
    layout: struct.Struct


@dataclass(frozen=True, slots=True)
class Message:
    """One section of WIRE.md: a message, its layout and the seed of its checksum."""

    name: str
    id: int
    seed: int
    schema_text: str
    fields: tuple[Field, ...]

    @property
    def size(self) -> int:
        return sum(field.layout.size for field in self.fields)

    def pack(self, values: Values) -> bytes:
        return b"".join(
            field.layout.pack(*([values[field.name]] if field.length is None else values[field.name]))
            for field in self.fields
        )

    def unpack(self, payload: bytes) -> Values:
        values: Values = {}
        at = 0
        for field in self.fields:
            numbers = field.layout.unpack_from(payload, at)
            values[field.name] = numbers[0] if field.length is None else list(numbers)
            at += field.layout.size
        return values


def message_of(section: str) -> Message:
    """Return the message that a ``### 0x..`` section describes; its sums must be right."""
    head = re.match(r"### 0x(\w\w) (\w+)\n", section)
    size = re.search(r"(\d+) bytes\)$", section, re.MULTILINE)
    seed = re.search(r"^CRC seed `0x(\w+)`(?:, from `(.+)`)?", section, re.MULTILINE)
    assert head is not None
    assert size is not None
    assert seed is not None
    fields = []
    at = 0
    for offset, name, kind, length in re.findall(
        r"^\| (\d+) \| `(\w+)` \| (\w+)(?:\[(\d+)\])? \|", section, re.MULTILINE
    ):
        assert int(offset) == at, f"{head[2]}.{name}"
        layout = struct.Struct(f"<{length}{LETTERS[kind]}")
        fields.append(Field(name, kind, int(length) if length else None, layout))
        at += layout.size
    assert at == int(size[1]), head[2]
    return Message(head[2], int(head[1], 16), int(seed[1], 16), seed[2] or "", tuple(fields))


def numbers_of(enumeration: str) -> dict[str, int]:
    """Return the numbers of a table under "Enumerations and flags", by name."""
    section = WIRE.split(f"\n### {enumeration}\n")[1].split("\n### ")[0]
    return {name: int(number) for number, name in re.findall(r"^\| (\d+) \| (\w+) \|", section, re.MULTILINE)}


MESSAGES: Final = {
    message.name: message
    for message in map(message_of, re.findall(r"^### 0x.*?(?=^##)", WIRE, re.MULTILINE | re.DOTALL))
}
BY_ID: Final = {message.id: message for message in MESSAGES.values()}
VERSION: Final = re.findall(r"^Protocol (\d+)\.(\d+), schema hash `0x(\w+)`", WIRE, re.MULTILINE)[0]
MAJOR, MINOR, SCHEMA = int(VERSION[0]), int(VERSION[1]), int(VERSION[2], 16)
STATE: Final = numbers_of("State")
CAUSE: Final = numbers_of("Cause")
COMMAND: Final = numbers_of("Command")
RESULT: Final = numbers_of("Result")
EVENT_CODE: Final = numbers_of("EventCode")
DATED: Final = 1 << numbers_of("DriveFlag")["DATED"]
KEY_REQUIRED: Final = 1 << numbers_of("Capability")["KEY_REQUIRED"]
MOVING: Final = 1 << numbers_of("StatusFlag")["MOVING"]


# Frames.


class Heard(NamedTuple):
    name: str
    seq: int
    values: Values


def stuffed(body: bytes) -> bytes:
    """Return ``body`` as COBS; ours have at most 253 bytes, so every run fits its length byte."""
    return b"".join(bytes([len(run) + 1]) + run for run in body.split(b"\0"))


def unstuffed(block: bytes) -> bytes | None:
    """Return what is inside a COBS block, None for a block that is not COBS."""
    runs = []
    at = 0
    while at < len(block):
        end = at + block[at]
        if end > len(block):
            return None
        runs.append(block[at + 1 : end])
        at = end
    return b"\0".join(runs)


def frame_of(name: str, seq: int, values: Values) -> bytes:
    message = MESSAGES[name]
    body = bytes([message.id, seq]) + message.pack(values)
    return stuffed(body + zlib.crc32(body, message.seed).to_bytes(4, "little")) + b"\0"


def heard_in(block: bytes) -> Heard | None:
    """Return what the bytes between two zeros say, None when they are not a sound frame."""
    frame = unstuffed(block)
    if frame is None or len(frame) < 6 or frame[0] not in BY_ID:
        return None
    message, body, crc = BY_ID[frame[0]], frame[:-4], int.from_bytes(frame[-4:], "little")
    if len(body) != message.size + 2 or zlib.crc32(body, message.seed) != crc:
        return None
    return Heard(message.name, frame[1], message.unpack(body[2:]))


def elapsed_us(since: int, until: int) -> int:
    """Return the time between two controller stamps, which wrap."""
    return (until - since) % 2**32


# The client.


def nothing() -> None:
    """Send nothing in a turn but what keeps the session alive."""


class Client:
    """A host in a few lines: it beats in turns of 20 ms, and remembers all it hears."""

    def __init__(self, port: int, key: bytes | None = None) -> None:
        self.heard: list[Heard] = []
        self.key = key
        self.boot_id = self.counter = 0  # of the seals; known from the first HELLO
        self.damaged = 0
        self.count = 0
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self._partial = b""
        self._seq = 0
        self._turns = 0
        self._transaction = 0
        self._owns_car = False

    def close(self) -> None:
        self._socket.close()

    def send(self, name: str, **values: int) -> None:
        if self.key is not None and f"SEALED_{name}" in MESSAGES:
            self.send_sealed(name, values, self.key)
        else:
            self.send_open(name, **values)

    def send_sealed(self, name: str, values: Values, key: bytes) -> None:
        """Seal it as section 9 says."""
        sealed = MESSAGES[f"SEALED_{name}"]
        self.counter += 1
        payload, counter = MESSAGES[name].pack(values), self.counter.to_bytes(4, "little")
        text = self.boot_id.to_bytes(4, "little") + bytes([sealed.id]) + payload + counter
        tag = hmac.new(key, text, hashlib.sha256).digest()[:8]
        self.send_open(sealed.name, payload=list(payload), counter=self.counter, tag=list(tag))

    def send_open(self, name: str, **values: int | list[int]) -> None:
        self._socket.sendall(frame_of(name, self._seq, values))
        self._seq = (self._seq + 1) % 256

    def hello(self, session: int = SESSION) -> None:
        self.send("HELLO_REQUEST", magic=MAGIC, major=MAJOR, minor=MINOR, schema=SCHEMA, session=session)

    def drive(self) -> None:
        self.count = (self.count + 1) % 65536
        self.drive_as(SESSION, self.count, VX_MMPS)

    def drive_as(self, session: int, count: int, vx_mmps: int, *, made_us: int | None = None) -> None:
        self.send(
            "DRIVE",
            session=session,
            count=count,
            lease_ms=LEASE_MS,
            vx_mmps=vx_mmps,
            vy_mmps=0,
            wz_mradps=0,
            flags=0 if made_us is None else DATED,
            made_us=made_us or 0,
        )

    def turn(self) -> list[Heard]:
        """Listen for 20 ms and return what came."""
        if self._owns_car and self._turns % TURNS_PER_HEARTBEAT == 0:
            self.send("HEARTBEAT", session=SESSION, loop_count=self._turns)
        self._turns += 1
        before = len(self.heard)
        end_s = time.monotonic() + TURN_S
        while (left_s := end_s - time.monotonic()) > 0:
            if select.select([self._socket], [], [], left_s)[0]:
                self._take(self._socket.recv(4096))
        return self.heard[before:]

    def turns(self, count: int, each_turn: Callable[[], None] = nothing) -> list[Heard]:
        before = len(self.heard)
        for _ in range(count):
            each_turn()
            self.turn()
        return self.heard[before:]

    def until(
        self,
        name: str,
        is_wanted: Callable[[Values], bool] = bool,
        each_turn: Callable[[], None] = nothing,
    ) -> Values:
        """Return the first message of this name that is wanted; fail when none comes in time."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            each_turn()
            for heard in self.turn():
                if heard.name == name and is_wanted(heard.values):
                    return heard.values
        last = next((heard for heard in reversed(self.heard) if heard.name == name), None)
        pytest.fail(f"no such {name} in {PATIENCE_S} s; the last one is {last}")

    def every(self, repeat: Callable[[], None]) -> Callable[[], None]:
        """Return what to do each turn so that ``repeat`` happens now and then every 200 ms."""
        first = self._turns

        def each_turn() -> None:
            if (self._turns - first) % TURNS_PER_REPEAT == 0:
                repeat()

        return each_turn

    def ask(self, command: str, argument: int = 0, session: int = SESSION) -> int:
        """Send a CMD until it is answered and return the result."""
        self._transaction = self._transaction % 255 + 1
        transaction = self._transaction

        def repeat() -> None:
            self.send(
                "CMD",
                session=session,
                transaction=transaction,
                command=COMMAND[command],
                argument=argument,
            )

        resp = self.until("RESP", lambda resp: resp["transaction"] == transaction, self.every(repeat))
        assert resp["session"] == session
        assert resp["command"] == COMMAND[command]
        return int(resp["result"])

    def open_session(self) -> Values:
        """Say hello until the controller names our session; a HELLO with 0 comes from its boot."""
        hello = self.until("HELLO", lambda hello: hello["session"] == SESSION, self.every(self.hello))
        self._owns_car = True
        return hello

    def learn_to_seal(self) -> None:
        """Ask openly first: the answer opens nothing, but names the boot and the last counter."""
        hello = self.until("HELLO", each_turn=self.every(self.open_hello))
        assert hello["session"] == 0
        assert hello["capabilities"] & KEY_REQUIRED
        self.boot_id, self.counter = hello["boot_id"], hello["seal_counter"]

    def open_hello(self) -> None:
        self.send_open("HELLO_REQUEST", magic=MAGIC, major=MAJOR, minor=MINOR, schema=SCHEMA, session=SESSION)

    def clock_ahead_us(self) -> int:
        """Return the controller's time less ours, from the quickest of five answers."""
        best = (PATIENCE_S, 0)
        for cookie in range(40_000, 40_005):
            asked_s = time.monotonic()
            self.send("TIME_REQUEST", cookie=cookie)
            heard = self.until("TIME", lambda told, cookie=cookie: told["cookie"] == cookie)  # type: ignore[misc]
            round_trip_s = time.monotonic() - asked_s
            middle_us = round(1e6 * (asked_s + round_trip_s / 2))
            best = min(best, (round_trip_s, (heard["received_us"] - middle_us) % 2**32))
        return best[1]

    def arm(self) -> None:
        self.open_session()
        self.until("STATUS", lambda status: status["arm_checks"] == 0)
        assert self.ask("ARM") == RESULT["OK"]

    def drive_until_fast(self) -> Values:
        """Drive until the car is nearly as fast as asked for."""
        return self.until("ODOM", lambda odom: odom["vx_mmps"] > 0.9 * VX_MMPS, self.drive)

    def _take(self, data: bytes) -> None:
        assert data, "the simulator closed the line"
        *blocks, self._partial = (self._partial + data).split(b"\0")
        for block in filter(None, blocks):
            heard = heard_in(block)
            if heard is None:
                self.damaged += 1
            else:
                self.heard.append(heard)


@pytest.fixture
def car() -> Iterator[Client]:
    """Yield a client on the line to a simulated car of its own."""
    with simulated() as client:
        yield client


@contextlib.contextmanager
def simulated(*options: str, key: bytes | None = None) -> Iterator[Client]:
    """Start a simulated car and connect to it."""
    command = [sys.executable, "-m", "patrolcar", "sim", "--tcp", "0", "--people", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as simulator:
        try:
            client = Client(port_of(simulator), key)
            try:
                yield client
            finally:
                client.close()
        finally:
            simulator.terminate()
            try:
                simulator.wait(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                simulator.kill()


def port_of(simulator: subprocess.Popen[str]) -> int:
    """Return the port from the simulator's first line, ``socket://127.0.0.1:PORT``."""
    assert simulator.stdout is not None
    assert select.select([simulator.stdout], [], [], PATIENCE_S)[0], "the simulator names no port"
    line = simulator.stdout.readline()
    assert line.startswith("socket://127.0.0.1:"), line
    return int(line.rsplit(":", 1)[1])


# The document.


def test_the_document_describes_every_message_of_the_golden_frames() -> None:
    assert sorted(MESSAGES) == sorted({row["message"] for row in GOLDEN})


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row['message']}-{row['case']}")
def test_a_golden_frame_says_its_values_and_the_values_make_the_frame(row: Values) -> None:
    frame = bytes.fromhex(row["frame"])
    assert frame.index(0) == len(frame) - 1
    assert heard_in(frame[:-1]) == Heard(row["message"], row["seq"], row["values"])
    assert frame_of(row["message"], row["seq"], row["values"]) == frame


@pytest.mark.parametrize("message", MESSAGES.values(), ids=lambda message: message.name)
def test_a_checksum_starts_from_the_crc_of_the_schema_text_and_the_text_tells_the_table(
    message: Message,
) -> None:
    if message.name in {"HELLO_REQUEST", "HELLO"}:
        assert (message.seed, message.schema_text) == (0, "")
        return
    table = ",".join(
        f"{field.name} {field.kind}" + (f"[{field.length}]" if field.length else "")
        for field in message.fields
    )
    assert re.sub(r"\*[^,]+", "", message.schema_text) == f"{message.name}:{table}"
    assert message.seed == zlib.crc32(message.schema_text.encode())


# The car.


def test_the_car_arms_drives_stops_and_stays_where_it_is_after_the_stop_is_cleared(car: Client) -> None:
    hello = car.open_session()
    assert (hello["magic"], hello["major"], hello["schema"]) == (MAGIC, MAJOR, SCHEMA)

    car.arm()
    start = car.until("ODOM")
    there = car.until("ODOM", lambda odom: odom["x_mm"] > start["x_mm"] + 100, car.drive)
    assert there["vx_mmps"] > 100
    assert there["drive_count"] > start["drive_count"]

    for _ in range(3):
        car.send("STOP", reason=2)
        car.turn()
    stopped = car.until("STATUS", lambda status: status["state"] == STATE["STOPPED"], car.drive)
    assert (stopped["cause"], stopped["stop_source"]) == (CAUSE["HOST_STOP"], 2)
    car.until("ODOM", lambda odom: odom["vx_mmps"] == 0, car.drive)
    car.until("STATUS", lambda status: not status["flags"] & MOVING, car.drive)

    assert car.ask("CLEAR_STOP", stopped["stop_count"] + 1) != RESULT["OK"]
    assert car.until("STATUS")["state"] == STATE["STOPPED"]
    assert car.ask("CLEAR_STOP", stopped["stop_count"]) == RESULT["OK"]
    car.until("STATUS", lambda status: status["state"] == STATE["DISARMED"])

    parked = car.until("ODOM")
    later = [heard.values for heard in car.turns(20, car.drive) if heard.name == "ODOM"]
    assert later
    assert {(odom["x_mm"], odom["vx_mmps"]) for odom in later} == {(parked["x_mm"], 0)}
    assert car.damaged == 0


def test_the_car_stops_by_itself_within_the_lease_and_the_ramp_when_drive_stops_coming(car: Client) -> None:
    car.arm()
    car.drive_until_fast()
    last = car.count
    car.until("ODOM", lambda odom: odom["drive_count"] == last)
    car.until("ODOM", lambda odom: odom["vx_mmps"] == 0)
    car.turns(5)

    odometry = [heard.values for heard in car.heard if heard.name == "ODOM"]
    first = next(i for i, odom in enumerate(odometry) if odom["drive_count"] == last)
    # The last DRIVE came between these two stamps.
    after, before = odometry[first - 1]["stamp_us"], odometry[first]["stamp_us"]
    coasting = odometry[first:]
    lease_us = LEASE_MS * 1000
    on_lease = [odom for odom in coasting if elapsed_us(after, odom["stamp_us"]) < lease_us]
    overdue = [odom for odom in coasting if elapsed_us(before, odom["stamp_us"]) > lease_us + RAMP_US]
    assert min(odom["vx_mmps"] for odom in on_lease) > 0.8 * VX_MMPS
    assert all(odom["vx_mmps"] == 0 for odom in overdue)
    stop = next(odom for odom in coasting if odom["vx_mmps"] == 0)
    assert elapsed_us(before, stop["stamp_us"]) <= lease_us + RAMP_US

    expired = [
        heard.values
        for heard in car.heard
        if heard.name == "EVENT" and heard.values["code"] == EVENT_CODE["LEASE_EXPIRED"]
    ]
    assert expired
    lasted_us = elapsed_us(after, expired[-1]["stamp_us"])
    assert lease_us <= lasted_us <= elapsed_us(after, before) + lease_us + 20_000

    status = car.until("STATUS")
    assert (status["state"], status["cause"]) == (STATE["ARMED"], CAUSE["LEASE_EXPIRED"])
    car.drive_until_fast()


def test_the_car_does_not_obey_a_session_that_does_not_own_it(car: Client) -> None:
    car.arm()
    start = car.until("ODOM")

    def intrude() -> None:
        car.count += 1
        car.drive_as(OTHER_SESSION, car.count, VX_MMPS)

    later = [heard.values for heard in car.turns(20, intrude) if heard.name == "ODOM"]
    assert later
    assert {(odom["x_mm"], odom["drive_count"]) for odom in later} == {(start["x_mm"], start["drive_count"])}
    assert car.ask("DISARM", session=OTHER_SESSION) == RESULT["WRONG_SESSION"]
    car.hello(OTHER_SESSION)
    assert car.until("HELLO")["session"] == SESSION
    assert car.until("STATUS")["state"] == STATE["ARMED"]

    car.drive_until_fast()
    assert car.until("LINK_STATS", each_turn=car.drive)["refused"] >= 20


def test_the_car_does_not_obey_a_count_that_is_not_newer_and_stops_although_such_drives_come(
    car: Client,
) -> None:
    car.arm()
    car.drive_until_fast()
    last = car.count
    car.until("ODOM", lambda odom: odom["drive_count"] == last)

    def repeat_the_past() -> None:
        for count in (last, last - 1, last + 32768):
            car.drive_as(SESSION, count % 65536, -VX_MMPS)

    before = len(car.heard)
    car.until("ODOM", lambda odom: odom["vx_mmps"] == 0, repeat_the_past)
    car.turns(10, repeat_the_past)
    odometry = [heard.values for heard in car.heard[before:] if heard.name == "ODOM"]
    assert {odom["drive_count"] for odom in odometry} == {last}
    assert min(odom["vx_mmps"] for odom in odometry) == 0

    newest = (last + 32767) % 65536
    car.drive_as(SESSION, newest, VX_MMPS)
    car.until("ODOM", lambda odom: odom["drive_count"] == newest)


def test_the_car_obeys_a_drive_dated_by_its_own_clock_and_not_one_that_is_older_than_its_lease(
    car: Client,
) -> None:
    car.arm()
    ahead_us = car.clock_ahead_us()

    def stamp_us() -> int:
        return (round(1e6 * time.monotonic()) + ahead_us) % 2**32

    def drive_dated() -> None:
        car.count += 1
        car.drive_as(SESSION, car.count, VX_MMPS, made_us=stamp_us())

    car.until("ODOM", lambda odom: odom["vx_mmps"] > 0.9 * VX_MMPS, drive_dated)
    last = car.count
    car.until("ODOM", lambda odom: odom["drive_count"] == last)

    def drive_late() -> None:
        car.count += 1
        late_us = (stamp_us() - 1000 * LEASE_MS - 1000) % 2**32
        car.drive_as(SESSION, car.count, VX_MMPS, made_us=late_us)

    before = len(car.heard)
    car.until("ODOM", lambda odom: odom["vx_mmps"] == 0, drive_late)
    odometry = [heard.values for heard in car.heard[before:] if heard.name == "ODOM"]
    assert {odom["drive_count"] for odom in odometry} == {last}


def test_an_event_comes_again_until_it_is_acknowledged(car: Client) -> None:
    car.open_session()
    opened = car.until("EVENT", lambda event: event["code"] == EVENT_CODE["SESSION_OPENED"])
    for _ in range(2):
        car.until("EVENT", lambda event: event["event_count"] == opened["event_count"])
    car.send("EVENT_ACK", session=SESSION, event_count=opened["event_count"])
    car.turns(5)
    assert not [heard for heard in car.turns(25) if heard.name == "EVENT"]


def test_a_car_with_a_key_is_driven_by_seals_alone(tmp_path: Path) -> None:
    key, file = bytes(range(100, 132)), tmp_path / "car.key"
    file.write_text(key.hex(), encoding="ascii")
    file.chmod(0o600)
    with simulated("--key", str(file), key=key) as car:
        car.learn_to_seal()
        car.arm()
        car.drive_until_fast()
        last = car.count
        car.until("ODOM", lambda odom: odom["drive_count"] == last)

        car.key = None  # from now on openly
        before = len(car.heard)
        car.until("ODOM", lambda odom: odom["vx_mmps"] == 0, car.drive)
        odometry = [heard.values for heard in car.heard[before:] if heard.name == "ODOM"]
        assert {odom["drive_count"] for odom in odometry} == {last}

        car.send("STOP", reason=0)
        car.until("STATUS", lambda status: status["state"] == STATE["STOPPED"])
