"""When the host's end of the link speaks, how long it waits, and what it says: exactly as WIRE.md has it."""

from __future__ import annotations

import pytest
from other_end import BOOT, MS, OURS, UID, Controller, connected, hello

from firmware_protocol.framing import FrameEncoder
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    SPEC_OF,
    Alive,
    Capability,
    Cmd,
    Command,
    Drive,
    Heartbeat,
    HelloRequest,
    Message,
    Resp,
    Result,
    Stop,
)
from firmware_protocol.seal import LAST_COUNTER
from firmware_protocol.session import (
    Answered,
    GaveUp,
    LinkLost,
    LinkState,
    LinkUp,
    Refused,
    RoundTrip,
    Session,
)


def test_it_says_hello_every_200_ms_from_the_first_moment() -> None:
    far = Controller(Session(OURS))
    for now_ms in range(1001):
        far.polls(now_ms)
    assert [at_ms for at_ms, _ in far.heard] == [0, 200, 400, 600, 800, 1000]
    assert {message for _, message in far.heard} == {HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, OURS)}
    assert far.session.sentence == "looking for the controller"


def test_its_heart_beats_every_100_ms_with_the_count_of_its_loop() -> None:
    far = connected()
    far.heard.clear()
    for now_ms in range(1, 402):
        far.polls(now_ms, loop_count=2**32 - 2 + now_ms)
    beats = [(at_ms, beat) for at_ms, beat in far.heard if isinstance(beat, Heartbeat)]
    assert [at_ms for at_ms, _ in beats] == [1, 101, 201, 301, 401]
    assert beats[0][1] == Heartbeat(OURS, 2**32 - 1)
    assert beats[1][1] == Heartbeat(OURS, 99)


def test_the_first_poll_of_a_link_beats_even_at_time_zero() -> None:
    far = Controller(Session(OURS))
    far.says(0, hello(OURS))
    assert Heartbeat(OURS, 3) in far.polls(0, loop_count=3)


def test_half_a_second_of_silence_is_a_lost_link_and_the_reason_says_so() -> None:
    far = connected()
    assert far.says(501) == []
    (lost,) = far.says(501.000001)
    assert lost == LinkLost("nothing received for 0.5 s: is the controller powered?")
    assert far.session.sentence == "nothing received for 0.5 s: is the controller powered?"
    assert far.session.hello is None


def test_silence_alone_loses_nothing_that_was_not_there() -> None:
    far = Controller(Session(OURS))
    assert far.says(10_000) == []
    assert far.session.number == OURS


def test_a_message_does_not_hide_that_the_link_went_down_in_the_same_moment() -> None:
    far = connected()
    events = far.says(2, hello(0), hello(OURS + 1))
    assert [type(event) for event in events] == [LinkLost, LinkUp]
    assert far.session.number == OURS + 1


def test_an_unanswered_command_waits_100_ms_at_first_and_twice_as_long_each_time_up_to_a_second() -> None:
    far = connected()
    far.session.command(Command.ARM)
    for now_ms in range(10, 4000):
        far.session.heard_ns = now_ms * MS
        far.polls(now_ms)
        if far.events[-1:] == [GaveUp(Command.ARM)]:
            break
    assert [at_ms for at_ms, _ in far.commands()] == [10, 110, 310, 710, 1510]
    assert now_ms == 2510  # the last one waits a second, not 1.6
    assert {cmd for _, cmd in far.commands()} == {Cmd(OURS, 1, Command.ARM, 0)}
    far.session.heard_ns = 6000 * MS
    assert not any(isinstance(message, Cmd) for message in far.polls(6000))  # given up is given up


def test_an_answer_to_a_repeated_command_measures_nothing() -> None:
    far = connected()
    far.session.command(Command.ARM)
    far.polls(10)
    far.polls(110)
    assert far.answer(115) == [Answered(Command.ARM, Result.OK, 0)]
    assert far.session.round_trip == RoundTrip()


def test_the_waiting_time_follows_measured_round_trips_as_rfc_6298_has_it() -> None:
    trip = RoundTrip()
    assert (trip.smooth_ns, trip.deviation_ns, trip.timeout_ns) == (0, 0, 100 * MS)
    trip = trip.with_sample(80 * MS)
    assert trip == RoundTrip(80 * MS, 40 * MS)
    assert trip.timeout_ns == 240 * MS  # smooth + 4 deviations
    trip = trip.with_sample(160 * MS)
    assert trip == RoundTrip(90 * MS, 50 * MS)  # an eighth and a quarter of the way
    assert trip.timeout_ns == 290 * MS
    trip = trip.with_sample(50 * MS)
    assert trip == RoundTrip(85 * MS, 47_500_000)
    assert RoundTrip().with_sample(1 * MS).timeout_ns == 25 * MS
    assert RoundTrip().with_sample(900 * MS).timeout_ns == 1000 * MS
    assert RoundTrip(30 * MS, 0).timeout_ns == 30 * MS


def test_a_measured_round_trip_is_used_for_the_next_command() -> None:
    far = connected()
    far.session.command(Command.ARM)
    far.polls(10)
    far.answer(20)
    assert far.session.round_trip == RoundTrip(10 * MS, 5 * MS)
    far.session.command(Command.DISARM)
    far.polls(30)
    far.polls(59.999999)
    assert len(far.commands()) == 2
    far.polls(60)
    assert [at_ms for at_ms, _ in far.commands()] == [10, 30, 60]


def test_transactions_count_from_1_to_255_and_start_again_at_1() -> None:
    far = connected()
    numbers = []
    for turn in range(257):
        now_ms = 2 + turn
        far.session.command(Command.RESET_ODOMETRY)
        far.polls(now_ms)
        numbers.append(far.commands()[-1][1].transaction)
        far.answer(now_ms)
    assert numbers == [*range(1, 256), 1, 2]


def test_an_answer_is_known_by_its_session_and_its_number() -> None:
    far = connected()
    far.session.command(Command.ARM)
    far.polls(2)
    assert far.says(3, Resp(OURS + 1, 1, Command.ARM, Result.OK, 0)) == []
    assert far.says(4, Resp(OURS, 2, Command.ARM, Result.OK, 0)) == []
    assert far.says(5, Resp(OURS, 1, Command.ARM, 200, 7)) == [Answered(Command.ARM, Result.UNSUPPORTED, 7)]


def test_four_wishes_wait_at_most_and_the_same_one_waits_once() -> None:
    far = connected()
    for stop_count in (1, 2, 2, 3, 4, 5, 6):
        far.session.command(Command.CLEAR_STOP, stop_count)
    arguments = []
    for now_ms in range(2, 20):
        far.polls(now_ms)
        if far.commands():
            arguments.append(far.commands()[-1][1].argument)
            far.answer(now_ms)
    assert list(dict.fromkeys(arguments)) == [1, 2, 3, 4]
    assert len(far.commands()) == 4


def test_disarm_goes_first_ends_every_wish_to_arm_and_finds_room_in_a_full_queue() -> None:
    far = connected()
    for stop_count in (1, 2, 3):
        far.session.command(Command.CLEAR_STOP, stop_count)
    far.session.command(Command.ARM)
    far.session.command(Command.DISARM)
    far.polls(2)
    far.answer(3)
    for now_ms in range(4, 10):
        far.polls(now_ms)
        far.answer(now_ms)
    asked = [cmd.command for _, cmd in far.commands()]
    assert asked == [Command.DISARM, *[Command.CLEAR_STOP] * 3]


@pytest.mark.parametrize("ender", ["disarm", "stop"])
def test_an_arm_that_is_on_its_way_is_not_repeated_after_disarm_or_stop(ender: str) -> None:
    far = connected()
    far.session.command(Command.ARM)
    far.polls(2)
    if ender == "stop":
        assert far.hears(far.session.stop(4)) == [Stop(4)] * 3
    else:
        far.session.command(Command.DISARM)
    for now_ms in range(3, 400):
        far.polls(now_ms)
    assert sum(cmd.command == Command.ARM for _, cmd in far.commands()) == 1


def test_another_command_on_its_way_outlives_a_stop() -> None:
    far = connected()
    far.session.command(Command.RESET_ODOMETRY)
    far.polls(2)
    far.session.stop(0)
    far.polls(102)
    assert [at_ms for at_ms, _ in far.commands()] == [2, 102]


def test_nothing_waits_for_a_car_that_is_not_ours_or_not_ours_any_more() -> None:
    far = Controller(Session(OURS))
    far.session.command(Command.ARM)
    far.says(0, hello(OURS))
    far.polls(1)
    assert far.commands() == []
    far.session.command(Command.ARM)
    far.session.command(Command.RESET_ODOMETRY)
    far.polls(2)
    far.says(3, hello(0))
    far.says(4, hello(OURS + 1))
    for now_ms in range(5, 300):
        far.polls(now_ms)
    assert [at_ms for at_ms, _ in far.commands()] == [2]


def test_a_command_has_the_argument_0_unless_told_otherwise() -> None:
    far = connected()
    far.session.command(Command.ARM)
    far.polls(2)
    assert far.commands()[0][1].argument == 0


def test_the_first_drive_of_every_session_has_number_1() -> None:
    far = connected()
    assert far.hears(far.session.drive(0.1, 0.0, 0.2, 200)) == [Drive(OURS, 1, 200, 0.1, 0.0, 0.2)]
    far.session.drive(0.1, 0.0, 0.0, 200)
    far.says(2, hello(0))
    far.says(3, hello(OURS + 1))
    assert far.hears(far.session.drive(0.1, 0.0, 0.0, 200)) == [Drive(OURS + 1, 1, 200, 0.1, 0.0, 0.0)]


def test_our_own_frames_coming_back_are_no_sign_of_life() -> None:
    far = connected()
    echo = Heartbeat(OURS, 1)
    far.says(400, echo)
    assert far.session.heard_ns == 1 * MS
    assert [type(event) for event in far.says(502, echo)] == [LinkLost]


def test_a_lost_port_ends_the_session_once_and_forgets_half_a_frame() -> None:
    far = connected()
    half = FrameEncoder().encode(SPEC_OF[Stop], Stop(0))[:4]
    far.session.receive(half, 2 * MS)
    assert far.session.disconnected("unplugged") == [LinkLost("unplugged")]
    assert far.session.disconnected("unplugged") == []
    assert far.session.number == OURS + 1
    assert far.session.sentence == "unplugged"
    assert far.says(3, hello(OURS + 1)) == [LinkUp(hello(OURS + 1))]
    assert far.session.sentence == "connected"
    assert not far.session.decoder.rejects
    assert not far.session.decoder.rescued


def test_a_port_lost_while_looking_is_no_lost_session() -> None:
    far = Controller(Session(OURS))
    assert far.session.disconnected("unplugged") == []
    assert far.session.number == OURS


def test_losing_a_car_that_was_only_watched_is_no_lost_link() -> None:
    far = Controller(Session(OURS))
    far.says(0, hello(44))
    assert far.session.sentence == "another host (session 44) owns the car"
    assert far.says(600) == []
    assert far.session.state is LinkState.SEARCHING


@pytest.mark.parametrize(
    ("sign", "sentence"),
    [
        (hello(0), "the controller restarted"),
        (hello(44), "another host took the car"),
        (Alive(1, BOOT + 1, OURS, 0), "the controller restarted"),
        (Alive(1, BOOT, 44, 0), "the controller ended the session"),
    ],
)
def test_each_end_of_a_session_has_its_own_sentence(sign: Message, sentence: str) -> None:
    far = connected()
    assert far.says(2, sign)[0] == LinkLost(sentence)
    assert far.session.number == OURS + 1


def test_signs_that_the_session_goes_on_end_nothing() -> None:
    far = connected()
    assert far.says(2, hello(OURS), Alive(1, BOOT, OURS, 0), Resp(OURS, 3, 1, 0, 0)) == []
    assert far.session.state is LinkState.UP


def test_a_free_car_is_asked_for_and_not_taken_for_somebody_elses() -> None:
    far = Controller(Session(OURS))
    assert far.says(0, hello(0), Alive(1, BOOT, 0, 0)) == []
    assert far.session.state is LinkState.SEARCHING


def test_the_last_session_of_our_own_is_not_called_another_host() -> None:
    far = connected()
    far.says(2, hello(0))
    (refused,) = far.says(3, hello(OURS))
    assert isinstance(refused, Refused)
    assert "our last session" in refused.reason
    assert far.session.sentence == refused.reason
    (other,) = Controller(Session(OURS)).says(0, hello(44))
    assert other == Refused("another host (session 44) owns the car")


def test_a_car_with_another_chip_is_refused_and_ends_the_session() -> None:
    far = connected()
    lost, refused = far.says(2, hello(OURS, uid=bytes(12)))
    assert isinstance(lost, LinkLost)
    assert isinstance(refused, Refused)
    assert bytes(12).hex() in refused.reason
    assert UID.hex() in refused.reason
    assert far.session.state is LinkState.FOREIGN
    assert far.says(3, hello(far.session.number)) == [LinkUp(hello(far.session.number))]


def test_another_version_ends_the_session_and_is_told_once() -> None:
    far = connected()
    first = far.says(2, hello(OURS, major=MAJOR + 1))
    assert [type(event) for event in first] == [LinkLost, Refused]
    assert far.says(3, hello(OURS, major=MAJOR + 1)) == []
    assert far.session.state is LinkState.INCOMPATIBLE
    assert far.session.drive(0.1, 0.0, 0.0, 200) == b""


def test_a_keyed_session_whose_counter_is_used_up_sends_no_motion_and_does_not_fail() -> None:
    far = Controller(Session(OURS, bytes(32)))
    keyed = hello(0)._replace(capabilities=Capability.KEY_REQUIRED, seal_counter=LAST_COUNTER - 3)
    far.polls(0)
    far.says(1, keyed)
    far.polls(2)  # the sealed request takes a counter
    far.says(3, keyed._replace(session=OURS))
    assert far.session.state is LinkState.UP
    sealed = [far.session.drive(0.1, 0.0, 0.0, 200) for _ in range(3)]
    assert [bool(frame) for frame in sealed] == [True, True, False]
    far.session.command(Command.ARM)
    assert not any(isinstance(message, Cmd) for message in far.polls(4))
    assert far.hears(far.session.stop(0)) == [Stop(0)] * 3  # STOP needs no seal
