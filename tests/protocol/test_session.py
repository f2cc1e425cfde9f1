"""What the host's end of the link promises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    SPEC_OF,
    Alive,
    Cmd,
    Command,
    Hello,
    HelloRequest,
    Message,
    Power,
    Resp,
    Result,
    Status,
    Stop,
)
from firmware_protocol.session import (
    SILENT_AFTER_NS,
    TRIES,
    Answered,
    GaveUp,
    LinkEvent,
    LinkLost,
    LinkState,
    LinkUp,
    Refused,
    RoundTrip,
    Session,
)

MS = 1_000_000


class FarEnd:
    """Frames as a controller would send them, and what the host sent it."""

    def __init__(self) -> None:
        self._encoder = FrameEncoder()
        self._decoder = FrameDecoder()

    def says(self, *messages: Message) -> bytes:
        return b"".join(self._encoder.encode(SPEC_OF[type(message)], message) for message in messages)

    def hears(self, wire: bytes) -> list[Message]:
        return [frame.spec.unpack(frame.payload) for frame in self._decoder.feed(wire)]


def hello(
    session: int, *, boot_id: int = 5, major: int = MAJOR, schema: int = SCHEMA, magic: int = MAGIC
) -> Hello:
    return Hello(magic, major, MINOR, schema, boot_id, session, b"\0\1\0", 0, 1, 0, 247, bytes(12))


def connected(session: Session, far: FarEnd) -> None:
    session.poll(0, 0)
    _, events = session.receive(far.says(hello(session.number)), 1 * MS)
    assert [type(event) for event in events] == [LinkUp]


def test_the_host_asks_until_it_is_answered_and_then_asks_no_more() -> None:
    session, far = Session(9), FarEnd()
    asked = [session.poll(0, now * MS)[0] for now in range(0, 1000, 20)]
    requests = far.hears(b"".join(asked))
    assert requests == [HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, 9)] * 5
    _, events = session.receive(far.says(hello(9)), 1000 * MS)
    assert events == [LinkUp(hello(9))]
    after = far.hears(session.poll(0, 1200 * MS)[0])
    assert not any(isinstance(message, HelloRequest) for message in after)


def test_nothing_but_hello_and_stop_is_sent_before_the_car_is_ours() -> None:
    session, far = Session(9), FarEnd()
    session.command(Command.ARM)
    assert session.drive(0.5, 0.0, 0.0, 200) == b""
    assert {type(message) for message in far.hears(session.poll(0, 0)[0])} == {HelloRequest}
    assert far.hears(session.stop(0)) == [Stop(0)] * 3


def test_a_restarted_controller_ends_the_session_and_the_next_one_has_another_number() -> None:
    for sign in (hello(0, boot_id=6), Alive(10, 6, 0, 1), Alive(10, 5, 0, 1)):
        session, far = Session(9), FarEnd()
        connected(session, far)
        _, events = session.receive(far.says(sign), 2 * MS)
        assert [type(event) for event in events] == [LinkLost]
        assert session.state is LinkState.SEARCHING
        assert session.number == 10
        assert session.drive(0.5, 0.0, 0.0, 200) == b""


def test_silence_ends_the_session_after_half_a_second_and_not_before() -> None:
    session, far = Session(65535), FarEnd()
    connected(session, far)
    assert session.receive(b"", 1 * MS + SILENT_AFTER_NS) == ([], [])
    _, events = session.receive(b"", 1 * MS + SILENT_AFTER_NS + 1)
    assert [type(event) for event in events] == [LinkLost]
    assert session.number == 1


def test_a_car_that_belongs_to_somebody_else_is_watched_and_not_driven() -> None:
    session, far = Session(9), FarEnd()
    messages, events = session.receive(far.says(hello(44), Alive(1, 5, 44, 3)), 0)
    assert [type(event) for event in events] == [Refused]
    assert Alive(1, 5, 44, 3) in messages
    assert session.drive(0.1, 0.0, 0.0, 200) == b""
    assert session.receive(far.says(hello(44)), 1)[1] == []


def test_telemetry_is_given_on_in_order_whatever_comes_between() -> None:
    far, session = FarEnd(), Session(9)
    said: list[Message] = [Status(0, 0, 0, 0, 0, 0, 0, 0), hello(9), Power(12.0, 0.5, 90), Alive(0, 5, 9, 0)]
    messages, events = session.receive(far.says(*said, said[0]), 0)
    assert messages == [*said, said[0]]
    assert events == [LinkUp(hello(9))]


def test_each_mismatch_has_its_own_sentence() -> None:
    cases = {
        hello(9, major=MAJOR + 1): "host software",
        hello(9, major=MAJOR - 1): "firmware",
        hello(9, schema=SCHEMA ^ 1): "same version",
        hello(9, magic=0): "something else",
    }
    for answer, words in cases.items():
        session = Session(9)
        _, events = session.receive(FarEnd().says(answer), 0)
        (refused,) = events
        assert isinstance(refused, Refused)
        assert words in refused.reason
        assert session.state is LinkState.INCOMPATIBLE


def test_an_unanswered_command_is_sent_five_times_with_one_number_and_given_up() -> None:
    session, far = Session(9), FarEnd()
    connected(session, far)
    session.command(Command.ARM)
    sent: list[Message] = []
    events: list[LinkEvent] = []
    for now in range(2, 6000, 5):
        session.heard_ns = now * MS  # telemetry keeps coming
        wire, more = session.poll(0, now * MS)
        sent += [message for message in far.hears(wire) if isinstance(message, Cmd)]
        events += more
    assert len(sent) == TRIES
    assert len(set(sent)) == 1
    assert events == [GaveUp(Command.ARM)]


def test_commands_wait_for_each_other_and_an_answer_is_told_once() -> None:
    session, far = Session(9), FarEnd()
    connected(session, far)
    session.command(Command.ARM)
    session.command(Command.RESET_ODOMETRY)
    (first,) = [m for m in far.hears(session.poll(0, 2 * MS)[0]) if isinstance(m, Cmd)]
    answer = Resp(9, first.transaction, Command.ARM, Result.DENIED, 3)
    assert session.receive(far.says(answer, answer), 8 * MS)[1] == [Answered(Command.ARM, Result.DENIED, 3)]
    (second,) = [m for m in far.hears(session.poll(0, 9 * MS)[0]) if isinstance(m, Cmd)]
    assert second.command == Command.RESET_ODOMETRY
    assert second.transaction != first.transaction
    assert session.round_trip.smooth_ns == 6 * MS


@given(st.lists(st.integers(1, 3_000_000_000), min_size=1, max_size=50))
def test_the_waiting_time_stays_between_its_limits(samples: list[int]) -> None:
    trip = RoundTrip()
    for sample in samples:
        trip = trip.with_sample(sample)
        assert 25 * MS <= trip.timeout_ns <= 1000 * MS


@given(st.lists(st.binary(max_size=80), max_size=30))
def test_any_bytes_leave_the_session_able_to_connect(noise: list[bytes]) -> None:
    session, far = Session(9), FarEnd()
    for now, piece in enumerate(noise):
        session.receive(piece, now * MS)
        session.poll(now, now * MS)
    _, events = session.receive(b"\0" + far.says(hello(session.number)), 100 * MS)
    assert session.state is LinkState.UP
    assert any(isinstance(event, LinkUp) for event in events)


def test_drive_counts_grow_by_one_and_wrap() -> None:
    session, far = Session(9), FarEnd()
    connected(session, far)
    counts = [far.hears(session.drive(0.0, 0.0, 0.0, 200))[0] for _ in range(65540)]
    numbers = [getattr(message, "number", None) for message in counts]
    assert numbers[:2] == [1, 2]
    assert numbers[65534:65537] == [65535, 0, 1]
