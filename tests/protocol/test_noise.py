"""What noise on the line costs: only the frames it touched. The three profiles of the reference measurement.

A frame is intact when each of its bytes, the delimiter too, arrived unchanged. All intact frames arrive,
nothing that was not sent arrives, and the receivers in C and in Python agree to the last counter: with memory
for every frame, with a controller's own memory, and in the codec of the host.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from typing import NamedTuple

import numpy as np
import pytest

from firmware_protocol.codec import MessageDecoder
from firmware_protocol.framing import LONGEST_BLOCK, OVERHEAD, FrameDecoder, Reject, frame_of
from firmware_protocol.messages import SPEC_OF, SPECS, Spec
from firmware_protocol.native import library

FRAMES = 2000
ALL = tuple(SPECS.values())
INBOUND = tuple(spec for spec in ALL if spec.to_controller)
CONTROLLER_LIMIT = max(spec.size for spec in INBOUND) + OVERHEAD + 1
REJECTS = (Reject.BAD_CRC, Reject.BAD_LENGTH, Reject.BAD_COBS, Reject.UNKNOWN)
PROFILES = {
    "flips 1e-4": (1e-4, 0.0),
    "drops 1e-3": (0.0, 1e-3),
    "flips 1e-3 and drops 2e-3": (1e-3, 2e-3),
}

Frame = tuple[int, int, bytes]


class Received(NamedTuple):
    """What came out, and frames, the four rejects, lost, rescued."""

    frames: list[Frame]
    counts: tuple[int, ...]


def sent_frames(rng: np.random.Generator, specs: tuple[Spec, ...] = ALL) -> list[Frame]:
    """Return frames of these messages with random payloads."""
    return [
        ((spec := specs[int(rng.integers(len(specs)))]).id, number % 256, rng.bytes(spec.size))
        for number in range(FRAMES)
    ]


def damaged(
    wires: list[bytes], flips_per_bit: float, drops_per_byte: float, rng: np.random.Generator
) -> tuple[bytes, list[bool]]:
    """Return the stream after independent flips and drops, and which frames stayed intact."""
    wire = np.frombuffer(b"".join(wires), np.uint8)
    flips = np.packbits(rng.random((len(wire), 8)) < flips_per_bit, axis=1)[:, 0]
    kept = rng.random(len(wire)) >= drops_per_byte
    owner = np.repeat(np.arange(len(wires)), [len(one) for one in wires])
    touched = np.bincount(owner, (flips != 0) | ~kept, len(wires))
    return (wire ^ flips)[kept].tobytes(), (touched == 0).tolist()


def wires_of(sent: list[Frame]) -> list[bytes]:
    return [frame_of(frame_id, seq, payload, SPECS[frame_id].seed) for frame_id, seq, payload in sent]


def in_chunks(wire: bytes) -> list[bytes]:
    return [wire[at : at + 256] for at in range(0, len(wire), 256)]


def in_python(wire: bytes, limit: int = LONGEST_BLOCK) -> Received:
    decoder = FrameDecoder(limit)
    found = [(f.spec.id, f.seq, f.payload) for chunk in in_chunks(wire) for f in decoder.feed(chunk)]
    rejects = [decoder.rejects[reason] for reason in REJECTS]
    return Received(found, (decoder.frames, *rejects, decoder.lost % 65536, decoder.rescued))


def in_codec(wire: bytes, *, to_controller: bool) -> tuple[list[tuple[int, bytes]], tuple[int, ...]]:
    """Return ids and payloads, packed again, and the counts."""
    decoder = MessageDecoder(to_controller=to_controller)
    found = [message for chunk in in_chunks(wire) for message in decoder.feed(chunk)]
    rejects = [decoder.rejects[reason] for reason in REJECTS]
    counts = (decoder.frames, *rejects, decoder.lost % 65536, decoder.rescued)
    return [(SPEC_OF[type(message)].id, message.pack()) for message in found], counts


def in_c(wire: bytes, limit: int = LONGEST_BLOCK) -> Received:
    native = library()
    native.pcp_host_decoder_size.restype = native.pcp_host_decoder_feed.restype = ctypes.c_size_t
    memory = ctypes.create_string_buffer(native.pcp_host_decoder_size(ctypes.c_uint8(limit)))
    room = ctypes.create_string_buffer(len(wire) + 300)
    native.pcp_host_decoder_init(memory, ctypes.c_uint8(limit))
    size, capacity = ctypes.c_size_t(len(wire)), ctypes.c_size_t(len(room))
    native.pcp_host_decoder_feed(memory, wire, size, room, capacity)
    counts = (ctypes.c_uint32 * 7)()
    native.pcp_host_decoder_counts(memory, counts)
    left = memoryview(room.raw)
    found: list[Frame] = []
    while len(found) < counts[0]:
        end = 3 + left[0]
        found.append((left[1], left[2], bytes(left[3:end])))
        left = left[end:]
    return Received(found, tuple(counts))


@pytest.mark.parametrize(
    ("specs", "limit"), [(ALL, LONGEST_BLOCK), (INBOUND, CONTROLLER_LIMIT)], ids=["any memory", "controller"]
)
@pytest.mark.parametrize("profile", PROFILES)
def test_noise_costs_only_the_frames_it_touched(profile: str, specs: tuple[Spec, ...], limit: int) -> None:
    rng = np.random.default_rng(31)
    sent = sent_frames(rng, specs)
    wire, is_intact = damaged(wires_of(sent), *PROFILES[profile], rng)
    received = in_python(wire, limit)
    intact = Counter(frame for frame, whole in zip(sent, is_intact, strict=True) if whole)
    arrived = Counter(received.frames)
    recovered = (intact & arrived).total() / intact.total()
    false_frames = (arrived - Counter(sent)).total()
    print(
        f"{profile}: {intact.total()} intact, recovered {recovered}, false {false_frames}, {received.counts}"
    )
    assert 0 < intact.total() < FRAMES
    assert recovered == 1.0
    assert false_frames == 0
    assert in_c(wire, limit) == received


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("to_controller", [False, True])
def test_the_codec_makes_of_a_noisy_line_what_its_twin_makes(profile: str, to_controller: bool) -> None:
    rng = np.random.default_rng(33)
    wire, _ = damaged(wires_of(sent_frames(rng)), *PROFILES[profile], rng)
    received = in_python(wire)
    wanted = [
        (frame_id, SPECS[frame_id].unpack(payload).pack())
        for frame_id, _, payload in received.frames
        if SPECS[frame_id].to_controller == to_controller
    ]
    assert len(wanted) > FRAMES / 4
    assert in_codec(wire, to_controller=to_controller) == (wanted, received.counts)


def test_a_quiet_line_loses_nothing() -> None:
    sent = sent_frames(np.random.default_rng(32))
    wire = b"".join(wires_of(sent))
    assert in_python(wire) == Received(sent, (FRAMES, 0, 0, 0, 0, 0, 0)) == in_c(wire)
