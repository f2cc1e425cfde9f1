"""Both receivers exactly at their limits: the longest block, the shortest body, and bytes of two frames."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import pytest
from fuzz.twins import CONTROLLER_LIMIT, Delivered, NativeReceiver, counts_of

from firmware_protocol.framing import LONGEST_BLOCK, FrameDecoder, cobs_encoded, frame_of
from firmware_protocol.messages import SPEC_OF, Cmd, HostStats, Stop

Heard = tuple[Delivered, dict[str, int]]
FILLER = b"\x55"


def heard_in_c(limit: int, wire: bytes) -> Heard:
    receiver = NativeReceiver(limit)
    return receiver.feed(wire), receiver.counts()


def heard_in_python(limit: int, wire: bytes) -> Heard:
    receiver = FrameDecoder(limit)
    return [(frame.spec.id, frame.seq, frame.payload) for frame in receiver.feed(wire)], counts_of(receiver)


twins = pytest.mark.parametrize("heard", [heard_in_c, heard_in_python])
Receiver = Callable[[int, bytes], Heard]
STOP = SPEC_OF[Stop]


@twins
@pytest.mark.parametrize("limit", [LONGEST_BLOCK, CONTROLLER_LIMIT])
@pytest.mark.parametrize(("over", "found"), [(-1, 1), (0, 1), (1, 0)])
def test_a_frame_before_noise_is_found_while_the_whole_block_was_kept(
    heard: Receiver, limit: int, over: int, found: int
) -> None:
    frame = frame_of(STOP.id, 7, b"\x01", STOP.seed)[:-1]
    delivered, counts = heard(limit, frame + FILLER * (limit + over - len(frame)) + b"\0")
    assert delivered == [(STOP.id, 7, b"\x01")] * found
    assert (counts["rescued"], counts["bad_length"] + counts["bad_cobs"]) == (found, 1 - found)


@twins
@pytest.mark.parametrize(("size", "reason"), [(5, "bad_length"), (6, "unknown")])
def test_a_body_has_at_least_id_number_and_checksum(heard: Receiver, size: int, reason: str) -> None:
    delivered, counts = heard(LONGEST_BLOCK, cobs_encoded(b"\xfe" * size) + b"\0")
    assert delivered == []
    assert counts[reason] == 1


def overlapping() -> tuple[bytes, bytes]:
    """Return a frame and what makes its last seven bytes the first ones of a second frame."""
    first, second = SPEC_OF[HostStats], SPEC_OF[Cmd]
    for number in range(1, 256):
        start = bytes((second.size + 7, second.id, number))  # of the second: COBS code, id, sequence number
        one = frame_of(first.id, 1, FILLER * (first.size - 3) + start, first.seed)[:-1]
        body = one[-6:] + FILLER * (second.size - 4)
        other = body[6:] + crc32(body, second.seed).to_bytes(4, "little")
        if one[0] == len(one) and 0 not in other:
            return one, other
    message = "no pair without a zero"
    raise AssertionError(message)


@twins
def test_two_frames_never_share_a_byte(heard: Receiver) -> None:
    one, other = overlapping()
    assert len(heard(LONGEST_BLOCK, one[-7:] + other + b"\0")[0]) == 1  # each alone is a frame
    assert len(heard(LONGEST_BLOCK, one + b"\0")[0]) == 1
    delivered, counts = heard(LONGEST_BLOCK, one + other + b"\0")
    assert [message_id for message_id, _, _ in delivered] == [SPEC_OF[HostStats].id]
    assert counts["rescued"] == 1


def test_a_host_that_names_no_limit_keeps_254_bytes() -> None:
    frame = frame_of(STOP.id, 7, b"\x01", STOP.seed)[:-1]
    receivers = [FrameDecoder(), FrameDecoder()]
    found = [
        receiver.feed(frame.ljust(n, FILLER) + b"\0")
        for receiver, n in zip(receivers, (254, 255), strict=True)
    ]
    assert [len(frames) for frames in found] == [1, 0]
