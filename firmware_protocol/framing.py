"""Find frames in a byte stream, and build them.

``COBS( id | seq | payload | crc32 ) 00``: zero never occurs inside a frame, so after any damage the
next zero byte starts a clean one. The CRC starts from the message's schema hash, so a frame of
another schema never passes. Worked bytes and the resync rule: WIRE.md.

This is the definition to read. What the host runs is codec.py, in C; the tests hold the two, and
the receiver of the controller (pcp_decoder.c), equal frame by frame and counter by counter.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import NamedTuple
from zlib import crc32

from firmware_protocol.messages import SPECS, Message, Spec

DELIMITER = 0
OVERHEAD = 6  # id, seq, CRC
LONGEST_BLOCK = 254  # one COBS block of 253 bytes of body, and its code byte
WIRE_LENGTHS = tuple(sorted({spec.size + OVERHEAD + 1 for spec in SPECS.values()}))
_CRC_OF_SOUND = 0x2144DF1C  # CRC-32 of anything followed by its own CRC-32, whatever the seed
_SPEC_OF_ID = [SPECS.get(message_id) for message_id in range(256)]
_BYTE = [bytes([value]) for value in range(256)]


class Reject(StrEnum):
    """Why a delimited block was not a frame."""

    BAD_COBS = "bad_cobs"
    BAD_LENGTH = "bad_length"
    BAD_CRC = "bad_crc"
    UNKNOWN = "unknown"


class Frame(NamedTuple):
    """One sound frame."""

    spec: Spec
    seq: int
    payload: bytes


def cobs_encoded(body: bytes) -> bytes:
    """Return ``body`` (at most 253 bytes) without zeros, one byte longer.

    Source: Cheshire, Baker (1999), "Consistent Overhead Byte Stuffing".
    """
    block = bytearray(1) + body
    at = 0
    for run in body.split(b"\0"):
        code = len(run) + 1
        block[at] = code  # where the zero before this run is
        at += code
    return bytes(block)


def cobs_decoded(block: bytes) -> bytes | bytearray | None:
    """Return the body of a block, or None when the block is not COBS."""
    if DELIMITER in block or not block:
        return None
    at, end = block[0], len(block)
    if at == end:
        return block[1:]  # most short frames hold no zero
    body = bytearray(block)
    while at < end:
        body[at] = 0
        at += block[at]
    return body[1:] if at == end else None


def frame_of(message_id: int, seq: int, payload: bytes, seed: int) -> bytes:
    """Return a frame with its delimiter."""
    body = _BYTE[message_id] + _BYTE[seq] + payload
    return cobs_encoded(body + crc32(body, seed).to_bytes(4, "little")) + b"\0"


def _checked(block: bytes) -> Frame | Reject:
    """Return the frame that is exactly this block, or why there is none."""
    body = cobs_decoded(block)
    if body is None:
        return Reject.BAD_COBS
    if len(body) < OVERHEAD:
        return Reject.BAD_LENGTH
    spec = _SPEC_OF_ID[body[0]]
    if spec is None:
        return Reject.UNKNOWN
    if len(body) != spec.size + OVERHEAD:
        return Reject.BAD_LENGTH
    if crc32(body, spec.seed) != _CRC_OF_SOUND:
        return Reject.BAD_CRC
    return Frame(spec, body[1], bytes(body[2:-4]))


class FrameDecoder:
    """Turn bytes, in pieces of any size, into frames.

    Damage never raises. A block that is no frame is searched for one whole frame at each end (a
    delimiter was lost or flipped); what is left is counted in ``rejects``, and the next frame is
    unharmed. Memory is bounded by one block: of a longer one the last bytes are kept.

    Args:
        limit: Longest block to keep, 1 to 254 bytes. A receiver whose memory is shorter takes only
            shorter frames: that of a controller has room for what is sent to controllers.

    """

    def __init__(self, limit: int = LONGEST_BLOCK) -> None:
        self.frames = 0
        self.lost = 0
        self.rescued = 0
        self.rejects: Counter[Reject] = Counter()
        self._limit = limit
        self._partial = b""
        self._last_seq: int | None = None

    def feed(self, data: bytes) -> list[Frame]:
        """Return each whole, checked frame that ``data`` completes."""
        pieces = data.split(b"\0")
        pieces[0] = self._partial + pieces[0]
        self._partial = pieces.pop()[-self._limit - 1 :]  # one byte more, so that an overrun is noticed
        frames: list[Frame] = []
        for block in pieces:
            if not block:
                continue
            found = _checked(block) if len(block) <= self._limit else Reject.BAD_LENGTH
            if isinstance(found, Frame):
                frames.append(found)
            else:
                frames += self._salvaged(block, found)
        if frames:
            self._count(frames)
        return frames

    def drop_partial(self) -> None:
        """Forget a frame that began on a connection that is gone."""
        self._partial = b""

    def _salvaged(self, block: bytes, reason: Reject) -> list[Frame]:
        """Return the frames at the ends of a damaged block; count it when it holds none."""
        is_whole = len(block) <= self._limit
        lengths = [length for length in WIRE_LENGTHS if length < len(block) and length <= self._limit]
        frames = _rescued(block, lengths if is_whole else [], lengths)
        if not frames:
            self.rejects[reason] += 1
        self.rescued += len(frames)
        return frames

    def _count(self, frames: list[Frame]) -> None:
        """Count frames, and the gaps between their numbers."""
        last = frames[0].seq - 1 if self._last_seq is None else self._last_seq
        for frame in frames:
            self.lost += (frame.seq - last - 1) % 256
            last = frame.seq
        self._last_seq = last
        self.frames += len(frames)


def _rescued(block: bytes, head_lengths: list[int], tail_lengths: list[int]) -> list[Frame]:
    """Return the whole frames at the ends of a damaged block, at known frame lengths only.

    The one at the end matters most: its own bytes and delimiter are whole, damage before it hid it.
    An overrun block has lost its start, so it is searched at the end only.
    """
    heads = ((n, f) for n in head_lengths if isinstance(f := _checked(block[:n]), Frame))
    tails = ((n, f) for n in tail_lengths if isinstance(f := _checked(block[-n:]), Frame))
    head, tail = next(heads, None), next(tails, None)
    found = [] if head is None else [head[1]]
    if tail is not None and (head is None or head[0] + tail[0] <= len(block)):
        found.append(tail[1])
    return found


class FrameEncoder:
    """Number outgoing frames; receivers count gaps as lost."""

    def __init__(self) -> None:
        self._seq = 0

    def encode(self, spec: Spec, message: Message) -> bytes:
        """Return ``message`` as a frame; ValueError when a value does not fit."""
        frame = frame_of(spec.id, self._seq, message.pack(), spec.seed)
        self._seq = (self._seq + 1) % 256
        return frame
