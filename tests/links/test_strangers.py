"""What talks on a line is named when it can be told, and not when it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.framing import FrameEncoder
from firmware_protocol.messages import MAGIC, MAJOR, MINOR, SCHEMA, SPEC_OF, Hello, HelloRequest
from patrolcar.links.greeting import ASK_EVERY_NS, QUIET_NS, STUBBORN_NS, Greeting, Voice
from patrolcar.links.strangers import MOST_SHOWN, is_text, sample, stranger_in

MS = 1_000_000
# worked frames of each protocol: two in a row are enough
MAVLINK_2 = bytes.fromhex("fd09000000010100000000000000020351040354ab")
MAVLINK_1 = bytes.fromhex("fe0900010100000000000203510403c1d2")
ROSMASTER = bytes.fromhex("fffb 0a 0a 0000 0000 0000 7b") + bytes([(0x0A + 0x0A + 0x7B) & 0xFF])
WHEELTEC = bytes.fromhex("7b 00 00c8 0000 0000 0010 0020 4190 0000 0000 0000 2ee0") + bytes([0x05, 0x7D])
HIWONDER = bytes.fromhex("aa55 00 03 04 401f")


def crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        for bit in range(8):
            mixed = (crc ^ (byte >> bit)) & 1
            crc = (crc >> 1) ^ (0x8C if mixed else 0)
    return crc


def bcc(frame: bytes) -> bytes:
    check = 0
    for byte in frame[:22]:
        check ^= byte
    return frame[:22] + bytes([check, 0x7D])


FRAMES = {
    "MAVLink 2": MAVLINK_2,
    "MAVLink 1": MAVLINK_1,
    "Rosmaster": ROSMASTER,
    "WHEELTEC": bcc(WHEELTEC),
    "Hiwonder": HIWONDER + bytes([crc8(HIWONDER[2:])]),
}


@pytest.mark.parametrize("name", FRAMES)
@given(cut=st.integers(0, 23), copies=st.integers(6, 12))
def test_a_known_protocol_is_named_wherever_we_begin_to_listen(name: str, cut: int, copies: int) -> None:
    assert name in stranger_in((FRAMES[name] * copies)[cut:])


@given(st.binary(max_size=300))
def test_any_bytes_can_be_looked_at(noise: bytes) -> None:
    assert isinstance(stranger_in(noise), str)
    assert sample(noise).isprintable()
    assert len(sample(noise)) <= 4 * MOST_SHOWN + 3


def test_noise_is_hardly_ever_taken_for_a_protocol_or_for_text() -> None:
    rng = np.random.default_rng(1)
    heard = [rng.bytes(1000) for _ in range(400)]
    assert sum(bool(stranger_in(noise)) for noise in heard) <= 40  # MAVLink has no check we could make
    assert not any(map(is_text, heard))


@pytest.mark.parametrize("text", [b"[boot] ready\r\n", b"AT\rATZ\rAT+CGMI\r", b"login: \x1b[0m"])
def test_logs_modem_commands_and_prompts_are_text(text: bytes) -> None:
    assert is_text(text)


def hello(session: int = 0, schema: int = SCHEMA) -> bytes:
    message = Hello(MAGIC, MAJOR, MINOR, schema, 5, session, b"\0\1\0", 0, 1, 0, 247, bytes(12))
    return FrameEncoder().encode(SPEC_OF[Hello], message)


def asked(greeting: Greeting, until_ns: int, line: bytes = b"") -> bytes:
    """Run a greeting on a line that says ``line`` every 10 ms; return what it sent."""
    sent = b""
    for now_ns in range(0, until_ns, 10 * MS):
        sent += greeting.poll(now_ns)
        greeting.receive(line, now_ns)
    return sent


def test_asking_never_takes_the_car() -> None:
    greeting = Greeting()
    sent = asked(greeting, 1000 * MS)
    requests = FrameEncoder()
    wanted = HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, 0)
    count = (1000 * MS - QUIET_NS) // ASK_EVERY_NS + 1
    assert sent == b"".join(requests.encode(SPEC_OF[HelloRequest], wanted) for _ in range(count))


@given(st.binary(min_size=5, max_size=30).filter(lambda noise: 0 not in noise))
def test_a_line_that_makes_no_sense_is_asked_late_or_never(noise: bytes) -> None:
    assert asked(Greeting(insist=False), 1000 * MS, noise) == b""
    assert asked(Greeting(), STUBBORN_NS, noise) == b""
    assert asked(Greeting(), STUBBORN_NS + 20 * MS, noise) != b""


@pytest.mark.parametrize(
    ("line", "voice"),
    [
        (b"", Voice.SILENCE),
        (b"hello world\r\n", Voice.TEXT),
        (bytes(range(128, 256)), Voice.GARBAGE),
        (FRAMES["WHEELTEC"] * 3, Voice.STRANGER),
        (hello(), Voice.CAR),
        (hello(schema=1), Voice.CAR),
    ],
)
def test_every_kind_of_voice_has_a_sentence(line: bytes, voice: Voice) -> None:
    greeting = Greeting()
    greeting.receive(line, 0)
    assert greeting.voice is voice
    assert greeting.sentence()


def test_our_own_echo_is_no_car() -> None:
    greeting = Greeting()
    greeting.receive(asked(greeting, 500 * MS), 500 * MS)
    assert greeting.voice is Voice.ECHO


def test_the_round_trip_is_from_the_question_to_its_answer() -> None:
    greeting = Greeting()
    asked(greeting, QUIET_NS + 10 * MS)
    greeting.receive(hello(), QUIET_NS + 12 * MS)
    greeting.receive(hello(), QUIET_NS + 40 * MS)  # nobody asked for this one
    assert greeting.round_trips_ns == [12 * MS]
