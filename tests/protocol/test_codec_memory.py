"""The host's codec in C gives back what it takes, and forgets half a frame when it is told to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from firmware_protocol.codec import MessageDecoder, MessageEncoder
from firmware_protocol.messages import Heartbeat

MANY = 100_000
PAGE_BYTES = 4096
NOISE = bytes(range(256)) * 4


def resident_bytes() -> int:
    """Return how much memory this process has now."""
    return PAGE_BYTES * int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


def test_half_a_frame_of_a_connection_that_is_gone_is_forgotten() -> None:
    frame = MessageEncoder().encode(Heartbeat(7, 1))
    for half in range(1, len(frame) - 1):
        decoder = MessageDecoder(to_controller=True)
        assert decoder.feed(frame[:half]) == []
        decoder.drop_partial()
        assert decoder.feed(frame) == [Heartbeat(7, 1)]
        assert (decoder.rescued, decoder.rejects.total()) == (0, 0)


def test_codecs_that_are_gone_leave_no_memory_behind() -> None:
    def make() -> None:
        MessageDecoder()
        MessageEncoder()

    assert growth(make) < 8_000_000  # so many of either are 28 MB and more


def test_frames_messages_and_counts_leave_no_objects_behind() -> None:
    decoder, encoder = MessageDecoder(to_controller=True), MessageEncoder()

    def talk() -> None:
        assert decoder.feed(encoder.encode(Heartbeat(7, 1)))
        decoder.feed(NOISE[:100])
        assert decoder.frames > 0

    talk()
    before = sys.getallocatedblocks()
    growth(talk)
    assert sys.getallocatedblocks() - before < MANY / 10


def growth(do: Callable[[], None]) -> int:
    """Do it many times; return the bytes that this process has more then."""
    for _ in range(100):
        do()
    before = resident_bytes()
    for _ in range(MANY):
        do()
    return resident_bytes() - before
