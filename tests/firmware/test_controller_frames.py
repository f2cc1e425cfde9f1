"""Frames: the decoder in C and the one in Python are twins, whatever happens to the bytes."""

from __future__ import annotations

import ctypes
import zlib

from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.framing import LONGEST_BLOCK, FrameDecoder, Reject, frame_of
from firmware_protocol.messages import SPECS, Spec
from firmware_protocol.native import library

Delivered = list[tuple[int, int, bytes]]

_SPECS = list(SPECS.values())
_LONGEST = max(_SPECS, key=lambda spec: spec.size)
_STOP = SPECS[0x11]
_ODOM = SPECS[0x20]


class NativeDecoder:
    """pcp_decoder_t, with the face of FrameDecoder."""

    def __init__(self) -> None:
        self._library = library()
        self._library.pcp_host_decoder_size.restype = ctypes.c_size_t
        self._library.pcp_host_decoder_feed.restype = ctypes.c_size_t
        self._memory = ctypes.create_string_buffer(
            self._library.pcp_host_decoder_size(ctypes.c_uint8(LONGEST_BLOCK))
        )
        self._library.pcp_host_decoder_init(self._memory, ctypes.c_uint8(LONGEST_BLOCK))

    def feed(self, data: bytes) -> Delivered:
        """Return id, sequence number and payload of each delivered frame."""
        room = ctypes.create_string_buffer(len(data) + 300)
        arguments = data, ctypes.c_size_t(len(data)), room, ctypes.c_size_t(len(room))
        written = self._library.pcp_host_decoder_feed(self._memory, *arguments)
        left = room.raw[:written]
        frames: Delivered = []
        while left:
            end = 3 + left[0]
            frames.append((left[1], left[2], left[3:end]))
            left = left[end:]
        return frames

    @property
    def counts(self) -> tuple[int, ...]:
        """Frames, the four rejects, lost, rescued."""
        counts = (ctypes.c_uint32 * 7)()
        self._library.pcp_host_decoder_counts(self._memory, counts)
        return tuple(counts)


def _python_counts(decoder: FrameDecoder) -> tuple[int, ...]:
    rejects = [decoder.rejects[reason] for reason in (Reject.BAD_CRC, Reject.BAD_LENGTH, Reject.BAD_COBS)]
    unknown = decoder.rejects[Reject.UNKNOWN]
    return (decoder.frames, *rejects, unknown, decoder.lost % 65536, decoder.rescued)


def _both(*pieces: bytes) -> Delivered:
    """Feed both twins, check that they agree, and return what they delivered."""
    in_c, in_python = NativeDecoder(), FrameDecoder()
    from_c, from_python = [], []
    for piece in pieces:
        from_c += in_c.feed(piece)
        from_python += [(frame.spec.id, frame.seq, frame.payload) for frame in in_python.feed(piece)]
    assert from_c == from_python
    assert in_c.counts == _python_counts(in_python)
    return from_c


def _counts(*pieces: bytes) -> tuple[int, ...]:
    _both(*pieces)
    decoder = NativeDecoder()
    for piece in pieces:
        decoder.feed(piece)
    return decoder.counts


def _frame(spec: Spec, seq: int, fill: int = 7) -> bytes:
    return frame_of(spec.id, seq, bytes([fill]) * spec.size, spec.seed)


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    spec = draw(st.sampled_from(_SPECS))
    payload = draw(st.binary(min_size=spec.size, max_size=spec.size))
    return frame_of(spec.id, draw(st.integers(0, 255)), payload, spec.seed)


@st.composite
def damaged_streams(draw: st.DrawFn) -> bytes:
    """Frames one after the other, with bytes dropped, flipped, doubled and zeroed."""
    wire = bytearray(b"".join(draw(st.lists(frames(), min_size=1, max_size=8))))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(wire) - 1))
        match draw(st.sampled_from(["drop", "flip", "double", "zero", "delimiter"])):
            case "drop" if len(wire) > 1:
                del wire[at]
            case "double":
                wire.insert(at, wire[at])
            case "zero":
                wire[at] = 0
            case "delimiter":
                end = wire.find(0, at)
                wire[end if end >= 0 else at] = draw(st.integers(1, 255))
            case _:
                wire[at] ^= 1 << draw(st.integers(0, 7))
    return bytes(wire) + b"\0"


class TestBothTwins:
    @given(damaged_streams(), st.integers(1, 40))
    def test_they_deliver_and_count_the_same_from_a_damaged_stream(self, wire: bytes, cut: int) -> None:
        _both(*[wire[at : at + cut] for at in range(0, len(wire), cut)])

    @given(st.binary(max_size=700), st.booleans())
    def test_they_deliver_and_count_the_same_from_noise(self, noise: bytes, ones: bool) -> None:
        _both(noise.replace(b"\0", b"\1") if ones else noise, b"\0")

    @given(st.lists(frames(), max_size=6), st.binary(min_size=1, max_size=400))
    def test_they_find_the_same_frame_behind_an_overrun(self, sent: list[bytes], noise: bytes) -> None:
        _both((noise * 3).replace(b"\0", b"\1"), b"".join(sent), b"\0")


class TestTheDecoder:
    @given(st.lists(frames(), max_size=8), st.integers(1, 40))
    def test_every_frame_sent_arrives_however_the_stream_is_cut(self, sent: list[bytes], cut: int) -> None:
        wire = b"".join(sent)
        assert len(_both(*[wire[at : at + cut] for at in range(0, len(wire), cut)])) == len(sent)

    @given(st.binary(max_size=600))
    def test_every_delimited_block_is_delivered_or_counted_once(self, noise: bytes) -> None:
        frames_seen, bad_crc, bad_length, bad_cobs, unknown, _, rescued = _counts(noise, b"\0")
        blocks = [block for block in noise.split(b"\0") if block]
        whole = frames_seen - rescued
        assert whole + bad_crc + bad_length + bad_cobs + unknown <= len(blocks)
        assert bad_crc + bad_length + bad_cobs + unknown + frames_seen >= len(blocks)

    def test_both_frames_survive_a_lost_delimiter_between_them(self) -> None:
        glued = _frame(_STOP, 1)[:-1] + _frame(_ODOM, 2)
        assert [(frame_id, seq) for frame_id, seq, _ in _both(glued)] == [(_STOP.id, 1), (_ODOM.id, 2)]

    def test_both_frames_survive_a_flipped_delimiter_between_them(self) -> None:
        glued = _frame(_STOP, 1)[:-1] + b"\x40" + _frame(_ODOM, 2)
        assert [(frame_id, seq) for frame_id, seq, _ in _both(glued)] == [(_STOP.id, 1), (_ODOM.id, 2)]

    def test_a_frame_behind_a_cut_one_survives(self) -> None:
        assert len(_both(_frame(_ODOM, 1)[:9] + _frame(_STOP, 2))) == 1

    def test_the_last_of_two_glued_longest_frames_survives_although_the_block_is_an_overrun(self) -> None:
        glued = _frame(_LONGEST, 1)[:-1] + _frame(_LONGEST, 2)
        assert [seq for _, seq, _ in _both(glued)] == [2]

    def test_rescued_frames_do_not_also_count_as_rejects(self) -> None:
        assert _counts(_frame(_STOP, 1)[:-1] + _frame(_ODOM, 2)) == (2, 0, 0, 0, 0, 0, 2)

    def test_a_flipped_bit_of_the_payload_is_a_bad_crc(self) -> None:
        wire = bytearray(_frame(_ODOM, 1))
        wire[5] ^= 0x10
        assert _counts(bytes(wire)) == (0, 1, 0, 0, 0, 0, 0)

    def test_a_frame_of_another_schema_is_a_bad_crc(self) -> None:
        assert _counts(frame_of(_STOP.id, 0, b"\1", _STOP.seed ^ 1)) == (0, 1, 0, 0, 0, 0, 0)

    def test_a_known_message_of_another_length_is_a_bad_length(self) -> None:
        assert _counts(frame_of(_STOP.id, 0, b"\1\1", _STOP.seed)) == (0, 0, 1, 0, 0, 0, 0)

    def test_a_block_too_short_for_any_frame_is_a_bad_length(self) -> None:
        assert _counts(b"\x01\0\x03\x11\x11\0") == (0, 0, 2, 0, 0, 0, 0)

    def test_an_id_that_nobody_knows_is_unknown(self) -> None:
        assert _counts(frame_of(0xEE, 0, b"\1", 0)) == (0, 0, 0, 0, 1, 0, 0)

    def test_a_code_that_points_past_the_end_is_bad_cobs(self) -> None:
        assert _counts(b"\x09\x11\x11\0") == (0, 0, 0, 1, 0, 0, 0)

    def test_empty_blocks_are_not_counted(self) -> None:
        assert _counts(b"\0\0\0") == (0, 0, 0, 0, 0, 0, 0)

    def test_a_wire_of_ones_is_one_reject_and_the_next_frame_is_unharmed(self) -> None:
        assert _counts(b"\x55" * 100_000 + b"\0" + _frame(_STOP, 0)) == (1, 0, 1, 0, 0, 0, 0)

    def test_gaps_in_the_sequence_are_counted_across_its_wrap(self) -> None:
        assert _counts(_frame(_STOP, 254) + _frame(_STOP, 255) + _frame(_STOP, 3))[5] == 3


class TestTheEncoder:
    @given(st.binary(max_size=500), st.integers(0, 2**32 - 1))
    def test_the_checksum_is_that_of_zlib_with_any_seed(self, data: bytes, seed: int) -> None:
        native = library().pcp_crc32
        native.restype = ctypes.c_uint32
        assert native(data, ctypes.c_size_t(len(data)), ctypes.c_uint32(seed)) == zlib.crc32(data, seed)

    @given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=247), st.integers(0, 2**32 - 1))
    def test_a_frame_is_the_same_bytes_from_both_twins(
        self, message_id: int, seq: int, payload: bytes, seed: int
    ) -> None:
        room = ctypes.create_string_buffer(256)
        native = library().pcp_frame_encode
        native.restype = ctypes.c_size_t
        written = native(message_id, seq, payload, ctypes.c_size_t(len(payload)), ctypes.c_uint32(seed), room)
        assert room.raw[:written] == frame_of(message_id, seq, payload, seed)

    def test_a_payload_longer_than_any_frame_is_refused(self) -> None:
        room = ctypes.create_string_buffer(300)
        native = library().pcp_frame_encode
        native.restype = ctypes.c_size_t
        assert native(1, 1, bytes(248), ctypes.c_size_t(248), ctypes.c_uint32(0), room) == 0
        assert native(1, 1, bytes(247), ctypes.c_size_t(247), ctypes.c_uint32(0), room) == 255
