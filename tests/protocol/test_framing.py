"""What a frame promises: it arrives whole, or it is counted; damage never spreads."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.framing import (
    LONGEST_BLOCK,
    WIRE_LENGTHS,
    FrameDecoder,
    FrameEncoder,
    Reject,
    cobs_decoded,
    cobs_encoded,
    frame_of,
)
from firmware_protocol.messages import SPEC_OF, SPECS, Drive, Heartbeat, Message, Scan, Spec, Stop

INBOUND = tuple(spec for spec in SPECS.values() if spec.to_controller)
ROOM = max(spec.size for spec in INBOUND) + 7  # what a controller has

specs = st.sampled_from(sorted(SPECS.values(), key=lambda spec: spec.id))


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    spec = draw(specs)
    payload = draw(st.binary(min_size=spec.size, max_size=spec.size))
    return frame_of(spec.id, draw(st.integers(0, 255)), payload, spec.seed)


def cut(wire: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(wire[at : at + size])
        at += size
    return [*pieces, wire[at:]]


def received(decoder: FrameDecoder, *pieces: bytes) -> list[bytes]:
    return [
        frame_of(f.spec.id, f.seq, f.payload, f.spec.seed) for piece in pieces for f in decoder.feed(piece)
    ]


def test_a_stop_on_the_wire_is_these_bytes() -> None:
    frame = FrameEncoder().encode(SPEC_OF[Stop], Stop(0))
    seed = SPEC_OF[Stop].seed
    crc = zlib.crc32(b"\x11\x00\x00", seed).to_bytes(4, "little")
    assert crc.count(0) == 0
    assert frame == b"\x02\x11\x01\x05" + crc + b"\x00"


@given(st.binary(max_size=253))
def test_cobs_removes_every_zero_for_one_byte_and_gives_the_body_back(body: bytes) -> None:
    block = cobs_encoded(body)
    assert 0 not in block
    assert len(block) == len(body) + 1
    assert cobs_decoded(block) == body


@pytest.mark.parametrize("block", [b"", b"\0", b"\1\0", b"\2\1\0", b"\3\1", b"\2\1\2"])
def test_what_is_no_cobs_has_no_body(block: bytes) -> None:
    assert cobs_decoded(block) is None


@given(st.lists(frames(), max_size=12), st.lists(st.integers(0, 300), max_size=20))
def test_every_frame_sent_arrives_however_the_stream_is_cut(sent: list[bytes], sizes: list[int]) -> None:
    decoder = FrameDecoder()
    assert received(decoder, *cut(b"".join(sent), sizes)) == sent
    assert decoder.rejects.total() == 0


@given(st.binary(max_size=1500), st.lists(st.integers(0, 300), max_size=10))
def test_any_bytes_are_survived_and_every_block_is_delivered_or_counted(
    noise: bytes, sizes: list[int]
) -> None:
    decoder = FrameDecoder()
    for piece in cut(noise + b"\0", sizes):
        decoder.feed(piece)
    blocks = [block for block in noise.split(b"\0") if block]
    assert decoder.rejects.total() + decoder.frames >= len(blocks)
    assert decoder.rejects.total() <= len(blocks)


@given(frames(), st.data())
def test_a_frame_with_up_to_three_flipped_bits_is_never_read_as_another(
    frame: bytes, data: st.DataObject
) -> None:
    flips = data.draw(st.sets(st.integers(0, 8 * len(frame) - 9), min_size=1, max_size=3))
    damaged = bytearray(frame)
    for bit in flips:
        damaged[bit // 8] ^= 1 << bit % 8
    assert frame not in received(FrameDecoder(), bytes(damaged))


@given(frames(), frames(), st.integers(1, 255))
def test_a_damaged_delimiter_costs_neither_of_the_frames_beside_it(a: bytes, b: bytes, wrong: int) -> None:
    decoder = FrameDecoder()
    merged = a[:-1] + bytes([wrong]) + b
    arrived = received(decoder, merged)
    assert b in arrived
    if len(merged) - 1 <= LONGEST_BLOCK:
        assert arrived == [a, b]
        assert decoder.rescued == 2


@given(st.binary(min_size=1, max_size=900).map(lambda noise: noise.replace(b"\0", b"\1")), frames())
def test_a_whole_frame_is_found_behind_any_length_of_noise(noise: bytes, frame: bytes) -> None:
    assert received(FrameDecoder(), noise + frame)[-1:] == [frame]


@given(
    st.lists(st.sampled_from(INBOUND), min_size=1, max_size=6), st.binary(max_size=200), st.integers(1, 99)
)
def test_a_small_receiver_takes_every_frame_meant_for_it_behind_any_noise(
    specs: list[Spec], noise: bytes, cut_at: int
) -> None:
    sent = [frame_of(spec.id, number, bytes(spec.size), spec.seed) for number, spec in enumerate(specs)]
    wire = noise.replace(b"\0", b"\1") + b"".join(sent)
    decoder = FrameDecoder(ROOM)
    assert received(decoder, wire[:cut_at], wire[cut_at:])[-len(sent) :] == sent


def test_the_longest_frame_that_fits_a_receiver_is_found_behind_one_byte_of_noise() -> None:
    spec = max(INBOUND, key=lambda spec: spec.size)
    frame = frame_of(spec.id, 0, bytes(spec.size), spec.seed)
    assert len(frame) - 1 == ROOM
    decoder = FrameDecoder(ROOM)
    assert received(decoder, b"\x55" + frame) == [frame]
    assert (decoder.rescued, decoder.rejects.total()) == (1, 0)


def test_a_frame_longer_than_a_receiver_has_room_for_is_a_bad_length() -> None:
    spec = SPEC_OF[Scan]
    decoder = FrameDecoder(ROOM)
    assert received(decoder, frame_of(spec.id, 0, bytes(spec.size), spec.seed)) == []
    assert decoder.rejects == {Reject.BAD_LENGTH: 1}


def test_half_a_frame_of_a_connection_that_is_gone_is_forgotten() -> None:
    frame = FrameEncoder().encode(SPEC_OF[Stop], Stop(0))
    decoder = FrameDecoder()
    decoder.feed(frame[:-3])
    decoder.drop_partial()
    assert received(decoder, frame) == [frame]
    assert (decoder.rescued, decoder.rejects.total()) == (0, 0)


def test_a_cut_wire_does_not_grow_the_memory() -> None:
    decoder = FrameDecoder()
    for _ in range(1000):
        decoder.feed(b"\x55" * 1000)
    assert len(decoder._partial) == LONGEST_BLOCK + 1
    decoder.feed(b"\0")
    assert decoder.rejects == {Reject.BAD_LENGTH: 1}


def test_each_kind_of_damage_has_its_own_counter() -> None:
    good = FrameEncoder().encode(SPEC_OF[Stop], Stop(0))
    broken_crc = bytearray(good)
    broken_crc[-2] ^= 0xFF if broken_crc[-2] != 0xFF else 0x0F
    cases = {
        bytes(broken_crc): Reject.BAD_CRC,
        cobs_encoded(b"\x11\x00") + b"\0": Reject.BAD_LENGTH,
        cobs_encoded(b"\x11" + bytes(20)) + b"\0": Reject.BAD_LENGTH,
        cobs_encoded(b"\x7f" + b"\x01" * 10) + b"\0": Reject.UNKNOWN,
        b"\x09\x01\x02\0": Reject.BAD_COBS,
    }
    for wire, reason in cases.items():
        decoder = FrameDecoder()
        assert decoder.feed(wire) == []
        assert decoder.rejects == {reason: 1}


def test_a_frame_of_another_schema_never_passes() -> None:
    spec = SPEC_OF[Drive]
    decoder = FrameDecoder()
    decoder.feed(frame_of(spec.id, 0, bytes(spec.size), spec.seed ^ 1))
    assert decoder.rejects == {Reject.BAD_CRC: 1}


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_lost_frames_are_counted_by_their_numbers(gaps: list[int]) -> None:
    encoder, decoder = FrameEncoder(), FrameDecoder()
    beat: Message = Heartbeat(1, 2)
    decoder.feed(encoder.encode(SPEC_OF[Heartbeat], beat))
    for gap in gaps:
        for _ in range(gap):
            encoder.encode(SPEC_OF[Heartbeat], beat)
        decoder.feed(encoder.encode(SPEC_OF[Heartbeat], beat))
    assert decoder.lost == sum(gaps)


def test_every_message_fits_one_block() -> None:
    assert max(WIRE_LENGTHS) <= LONGEST_BLOCK
    assert SPEC_OF[Scan].size + 7 in WIRE_LENGTHS
