"""A session belongs to one car: whatever is plugged in later, another car is not taken for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.framing import FrameEncoder
from firmware_protocol.messages import MAGIC, MAJOR, MINOR, SCHEMA, SPEC_OF, Hello
from firmware_protocol.session import LinkLost, LinkState, LinkUp, Refused, Session

MS = 1_000_000
uids = st.binary(min_size=12, max_size=12)


def hello_of(uid: bytes, session: int, boot_id: int = 1) -> bytes:
    hello = Hello(MAGIC, MAJOR, MINOR, SCHEMA, boot_id, session, b"\0\1\0", 0, 1, 0, 247, uid)
    return FrameEncoder().encode(SPEC_OF[Hello], hello)


@given(first=uids, second=uids, cut=st.booleans())
def test_after_a_loss_only_the_same_car_is_driven_again(first: bytes, second: bytes, cut: bool) -> None:
    session = Session(9)
    _, events = session.receive(hello_of(first, session.number), 1 * MS)
    assert [type(event) for event in events] == [LinkUp]
    if cut:
        assert [type(event) for event in session.disconnected("the cable was pulled")] == [LinkLost]
    _, events = session.receive(hello_of(second, session.number, boot_id=2), 2 * MS)
    is_same = first == second
    assert (session.state is LinkState.UP) == is_same
    assert is_same or session.drive(0.1, 0.0, 0.0, 200) == b""
    assert is_same or Refused(session.sentence) in events
    assert is_same or second.hex() in session.sentence


def test_another_car_is_let_go_when_the_first_one_comes_back() -> None:
    session, first, second = Session(9), b"first car...", b"second car.."
    session.receive(hello_of(first, session.number), 1 * MS)
    session.disconnected("pulled")
    session.receive(hello_of(second, session.number), 2 * MS)
    session.disconnected("pulled again")
    _, events = session.receive(hello_of(first, session.number), 3 * MS)
    assert [type(event) for event in events] == [LinkUp]
    assert session.state is LinkState.UP


def test_a_car_that_was_never_ours_binds_nobody() -> None:
    session = Session(9)
    session.receive(hello_of(b"first car...", 77), 1 * MS)
    _, events = session.receive(hello_of(b"second car..", session.number), 2 * MS)
    assert [type(event) for event in events] == [LinkUp]
