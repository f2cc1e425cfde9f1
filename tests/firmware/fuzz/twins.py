"""The receivers in C and the one in Python hear the same damaged stream; everything they say is compared.

The controller's receiver is compared twice, with memory for any frame and with a controller's own; the host's
codec by the messages it makes, and by the frames it makes of sound and of spoiled messages.
"""

from __future__ import annotations

import ctypes
import random
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from firmware_protocol.codec import MessageDecoder
from firmware_protocol.framing import LONGEST_BLOCK, Frame, FrameDecoder, Reject, frame_of
from firmware_protocol.messages import SPECS, Message, Spec
from firmware_protocol.native import library

from .spoiled import encoding_difference

Delivered = list[tuple[int, int, bytes]]

COUNTS = ("frames", "bad_crc", "bad_length", "bad_cobs", "unknown", "lost", "rescued")
_SPECS = list(SPECS.values())
_LIBRARY = library()
_LIBRARY.pcp_host_decoder_size.restype = ctypes.c_size_t
_LIBRARY.pcp_host_decoder_feed.restype = ctypes.c_size_t
_LIBRARY.pcp_frame_encode.restype = ctypes.c_size_t
_LIBRARY.pcp_host_decoder_limit.restype = ctypes.c_uint8
CONTROLLER_LIMIT: int = _LIBRARY.pcp_host_decoder_limit()
LIMITS = (LONGEST_BLOCK, CONTROLLER_LIMIT)


class NativeReceiver:
    """pcp_decoder_t, with the face of FrameDecoder."""

    def __init__(self, limit: int = LONGEST_BLOCK) -> None:
        self._memory = ctypes.create_string_buffer(_LIBRARY.pcp_host_decoder_size(ctypes.c_uint8(limit)))
        _LIBRARY.pcp_host_decoder_init(self._memory, ctypes.c_uint8(limit))

    def feed(self, data: bytes) -> Delivered:
        """Return id, sequence number and payload of each delivered frame."""
        room = ctypes.create_string_buffer(len(data) + 300)
        arguments = data, ctypes.c_size_t(len(data)), room, ctypes.c_size_t(len(room))
        written = _LIBRARY.pcp_host_decoder_feed(self._memory, *arguments)
        left = room.raw[:written]
        frames: Delivered = []
        while left:
            end = 3 + left[0]
            frames.append((left[1], left[2], left[3:end]))
            left = left[end:]
        return frames

    def counts(self) -> dict[str, int]:
        """What it counted, by the names of COUNTS."""
        counts = (ctypes.c_uint32 * len(COUNTS))()
        _LIBRARY.pcp_host_decoder_counts(self._memory, counts)
        return dict(zip(COUNTS, counts, strict=True))


def totals_of(decoder: FrameDecoder | MessageDecoder) -> dict[str, int]:
    """What a receiver of the host counted, by the names of COUNTS."""
    rejects = {reason.value: decoder.rejects[reason] for reason in Reject}
    totals = {"frames": decoder.frames, **rejects, "lost": decoder.lost, "rescued": decoder.rescued}
    return {name: totals[name] for name in COUNTS}


def counts_of(decoder: FrameDecoder) -> dict[str, int]:
    """What the receiver in Python counted, as wide as in the controller."""
    return {
        name: total % (2**32 if name == "frames" else 2**16) for name, total in totals_of(decoder).items()
    }


def is_same(ours: Message, theirs: Message) -> bool:
    """Whether two messages are equal to the last bit and type; broken distances are equal too."""
    return type(ours) is type(theirs) and all(map(_is_same_value, ours, theirs))


def _is_same_value(ours: object, theirs: object) -> bool:
    if isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        return ours.dtype == theirs.dtype and np.array_equal(ours, theirs, equal_nan=True)
    return repr(ours) == repr(theirs)


def native_frame(spec: Spec, seq: int, payload: bytes) -> bytes:
    """Return the frame that the encoder in C makes."""
    room = ctypes.create_string_buffer(256)
    size, seed = ctypes.c_size_t(len(payload)), ctypes.c_uint32(spec.seed)
    written = _LIBRARY.pcp_frame_encode(spec.id, seq, payload, size, seed, room)
    return room.raw[:written]


@dataclass(slots=True)
class Comparison:
    """What the twins agreed on, and the first case in which they did not."""

    cases: int = 0
    wire_bytes: int = 0
    overruns: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    finding: str = ""


def compared(cases: int, seed: int) -> Comparison:
    """Let both twins hear ``cases`` streams; stop at the first difference."""
    rng = random.Random(seed)
    result = Comparison()
    while result.cases < cases and not result.finding:
        wire = _damaged_stream(rng)
        result.finding = _difference(_pieces(rng, wire), result.counts) or encoding_difference(rng)
        result.cases += 1
        result.wire_bytes += len(wire)
        result.overruns += max(map(len, wire.split(b"\0"))) > 254
    return result


def _difference(pieces: list[bytes], totals: Counter[str]) -> str:
    """Return what the twins do not agree on; nothing when they agree."""
    text = ""
    for limit in LIMITS:
        text = text or _receiver_difference(pieces, limit, totals)
    for to_controller in (False, True):
        text = text or _codec_difference(pieces, to_controller=to_controller)
    return text and f"{b''.join(pieces).hex()} in pieces of {len(pieces[0])}: {text}"


def _receiver_difference(pieces: list[bytes], limit: int, totals: Counter[str]) -> str:
    in_c, in_python = NativeReceiver(limit), FrameDecoder(limit)
    for piece in pieces:
        from_c = in_c.feed(piece)
        from_python = [(frame.spec.id, frame.seq, frame.payload) for frame in in_python.feed(piece)]
        if from_c != from_python:
            return f"with {limit} bytes C delivers {from_c}, Python {from_python}"
    counts = in_c.counts()
    if counts != counts_of(in_python):
        return f"with {limit} bytes C counts {counts}, Python {counts_of(in_python)}"
    totals.update(counts)
    return ""


def _codec_difference(pieces: list[bytes], *, to_controller: bool) -> str:
    in_c, in_python = MessageDecoder(to_controller=to_controller), FrameDecoder()
    for piece in pieces:
        from_c = in_c.feed(piece)
        from_python = [*map(message_of, in_python.feed(piece))]
        wanted = [message for message, spec in from_python if spec.to_controller == to_controller]
        if len(from_c) != len(wanted) or not all(map(is_same, from_c, wanted)):
            return f"the codec delivers {from_c}, Python {wanted}"
    if totals_of(in_c) != totals_of(in_python):
        return f"the codec counts {totals_of(in_c)}, Python {totals_of(in_python)}"
    return ""


def message_of(frame: Frame) -> tuple[Message, Spec]:
    """Return the message of a frame, as messages.py unpacks it."""
    return frame.spec.unpack(frame.payload), frame.spec


def _frame(rng: random.Random) -> bytes:
    """Return a random sound frame, after checking that both encoders make the same one."""
    spec = rng.choice(_SPECS)
    payload = rng.choice((rng.randbytes(spec.size), bytes(spec.size), b"\xff" * spec.size))
    seq = rng.randrange(256)
    frame = frame_of(spec.id, seq, payload, spec.seed)
    if native_frame(spec, seq, payload) != frame:
        message = f"{spec.name} {seq} {payload.hex()}: the encoders differ"
        raise AssertionError(message)
    return frame


def _damaged_stream(rng: random.Random) -> bytes:
    """Return frames with bytes lost, flipped, doubled, zeroed and put in, or plain noise."""
    kind = rng.randrange(8)
    if kind == 0:
        return rng.randbytes(rng.randrange(700)) + b"\0"
    if kind == 1:
        return bytes(rng.randrange(1, 256) for _ in range(rng.randrange(1, 600))) + _frame(rng)
    wire = bytearray(b"".join(_frame(rng) for _ in range(rng.randrange(1, 6))))
    for _ in range(rng.randrange(8)):
        _damage(rng, wire)
    return bytes(wire) + b"\0"


def _damage(rng: random.Random, wire: bytearray) -> None:
    at = rng.randrange(len(wire))
    match rng.randrange(7):
        case 0 if len(wire) > 1:
            del wire[at]
        case 1:
            wire.insert(at, wire[at])
        case 2:
            wire[at] = 0
        case 3:
            end = wire.find(0, at)
            wire[end if end >= 0 else at] = rng.randrange(1, 256)
        case 4:
            wire[at:at] = rng.randbytes(rng.randrange(20))
        case 5 if at > 0:
            del wire[at - rng.randrange(min(at, 30)) - 1 : at]
        case _:
            wire[at] ^= 1 << rng.randrange(8)


def _pieces(rng: random.Random, wire: bytes) -> list[bytes]:
    step = rng.choice((7, 64, 2000))
    return [wire[at : at + step] for at in range(0, len(wire), step)]
