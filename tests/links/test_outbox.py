"""STOP never gives way to what is newer; everything else does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import SPEC_OF, Heartbeat, Stop
from patrolcar.links.outbox import Outbox

room_and_words = st.lists(st.tuples(st.sampled_from(["wish", "stop"]), st.integers(0, 40)), max_size=60)


class Line:
    """A line that takes only so much."""

    def __init__(self) -> None:
        self.carried = bytearray()
        self.room = 0

    def take(self, data: bytes) -> int:
        taken = min(self.room, len(data))
        self.carried += data[:taken]
        self.room -= taken
        return taken


def wish_of(encoder: FrameEncoder, turn: int) -> bytes:
    return encoder.encode(SPEC_OF[Heartbeat], Heartbeat(7, turn))


def stop_of(encoder: FrameEncoder) -> bytes:
    return b"".join(encoder.encode(SPEC_OF[Stop], Stop(0)) for _ in range(3))


@given(room_and_words)
def test_however_the_line_stalls_the_last_stop_arrives_whole_and_little_waits(
    story: list[tuple[str, int]],
) -> None:
    line, encoder = Line(), FrameEncoder()
    outbox = Outbox(line.take)
    last_stop_at, longest = None, 0
    for count, (word, room) in enumerate(story):
        line.room += room
        outbox.put(stop_of(encoder) if word == "stop" else wish_of(encoder, count))
        longest = max(longest, outbox.waiting)
        last_stop_at = count if word == "stop" else last_stop_at
    line.room = 10_000
    outbox.flush()
    outbox.flush()
    frames = [frame.spec.unpack(frame.payload) for frame in FrameDecoder().feed(bytes(line.carried))]
    stops = [place for place, message in enumerate(frames) if isinstance(message, Stop)]
    assert (last_stop_at is None) == (not stops)
    if last_stop_at is not None:
        later = [m for m in frames[: stops[-1]] if isinstance(m, Heartbeat) and m.loop_count > last_stop_at]
        assert later == []  # nothing that was wanted after it goes before it
    assert outbox.waiting == 0
    assert longest <= 2 * (27 + 14)  # one write begun, one behind it, each with a kept STOP at most


def test_a_stop_that_has_not_begun_goes_before_the_wish_that_replaces_its_write() -> None:
    line, encoder = Line(), FrameEncoder()
    outbox = Outbox(line.take)
    line.room = 5
    begun, stop, newest = wish_of(encoder, 1), stop_of(encoder), wish_of(encoder, 2)
    for data in (begun, stop, newest):
        outbox.put(data)
    line.room = 1000
    outbox.flush()
    outbox.flush()
    assert bytes(line.carried) == begun + stop + newest
    assert outbox.replaced == 1
