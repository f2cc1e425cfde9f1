"""How often the car tells what: as asked, never more than the line carries, and never silent."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from car import SESSION, Car, config
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import (
    SPEC_OF,
    Alive,
    Capability,
    Command,
    Din,
    Env,
    Event,
    Imu,
    Line,
    LinkStats,
    Message,
    Odom,
    Power,
    Quantity,
    Ranges,
    Resp,
    Result,
    Scan,
    Status,
    Tag,
    TagKind,
    Text,
    Wheels,
)

WIRE = Path(__file__).parents[2] / "firmware_protocol/WIRE.md"
OVERHEAD = 8
EVERYTHING = int(
    Capability.IMU
    | Capability.LIDAR
    | Capability.ENVIRONMENT
    | Capability.DIGITAL_INPUTS
    | Capability.TAG_READER
    | Capability.BUMPERS
)
STREAMS: tuple[type[Message], ...] = (
    Status, Din, Odom, Wheels, Imu, Ranges, Power, Alive, LinkStats, Line, Env, Scan,
)  # fmt: skip
AT_ONCE: dict[type[Message], int] = {Env: 8}
UNENDING = (Status, Alive, LinkStats)


def stream(kind: type[Message], period_ms: int) -> int:
    """Return the argument of SET_STREAM."""
    return SPEC_OF[kind].id + 256 * period_ms


def asked(car: Car, kind: type[Message], period_ms: int) -> Resp:
    """Ask for a period."""
    return car.command(Command.SET_STREAM, stream(kind, period_ms))


def rate(kind: type[Message], period_ms: int) -> int:
    """Return the bytes per second of one stream."""
    return -(-1000 * AT_ONCE.get(kind, 1) * (SPEC_OF[kind].size + OVERHEAD) // period_ms)


def usual(*kinds: type[Message]) -> int:
    """Return the bytes per second of streams at the rates of the protocol."""
    return sum(rate(kind, 1000 // SPEC_OF[kind].rate_hz) for kind in kinds)


def owned(**changes: float) -> Car:
    """Return a car with everything fitted, and an owner."""
    car = Car(config(**({"capabilities": EVERYTHING, "line_mask": 0xFF} | changes)))
    car.run(500)
    car.open_session()
    return car


def heard_in(car: Car, duration_ms: int, kind: type[Message]) -> int:
    """Return how many messages of a kind come."""
    car.heard.clear()
    car.idle(duration_ms)
    return len(car.all_of(kind))


class TestAsking:
    @pytest.mark.parametrize("period_ms", [10, 50, 100, 1000])
    def test_a_stream_has_the_period_that_was_asked_for(self, period_ms: int) -> None:
        car = owned()
        assert asked(car, Odom, period_ms).result == Result.OK
        assert heard_in(car, 5000, Odom) == 5000 // period_ms

    def test_a_period_between_two_control_turns_is_rounded_up(self) -> None:
        car = owned()
        assert asked(car, Odom, 41).result == Result.OK
        assert heard_in(car, 5000, Odom) == 100

    def test_a_stream_can_be_switched_off_and_on_again(self) -> None:
        car = owned()
        assert asked(car, Imu, 0).result == Result.OK
        assert heard_in(car, 1000, Imu) == 0
        assert asked(car, Imu, 20).result == Result.OK
        assert heard_in(car, 1000, Imu) == 50

    @pytest.mark.parametrize("kind", UNENDING)
    def test_what_tells_that_the_car_lives_cannot_be_switched_off_or_made_rare(
        self, kind: type[Message]
    ) -> None:
        car = owned()
        assert asked(car, kind, 0).result == Result.BAD_ARGUMENT
        assert asked(car, kind, 20_000).result == Result.BAD_ARGUMENT
        assert heard_in(car, 2000, kind) == 2 * SPEC_OF[kind].rate_hz

    @pytest.mark.parametrize(
        "argument", [stream(Odom, 9), stream(Imu, 10_001), stream(Scan, 50), -1, 0, 0x11 + 2560]
    )
    def test_what_no_stream_can_do_is_refused(self, argument: int) -> None:
        answer = owned().command(Command.SET_STREAM, argument)
        assert answer.result == Result.BAD_ARGUMENT
        assert answer.detail == usual(*STREAMS)

    def test_a_stream_of_a_sensor_that_is_not_fitted_is_refused(self) -> None:
        assert asked(owned(capabilities=0), Imu, 100).result == Result.BAD_ARGUMENT

    def test_the_lidar_is_sent_whole_or_not_at_all(self) -> None:
        car = owned()
        piece = Scan(5, 7, 90, 360, 277, np.ones(90, np.float32))
        assert asked(car, Scan, 0).result == Result.OK
        car.scan(piece)
        car.idle(50)
        assert car.all_of(Scan) == []
        assert asked(car, Scan, 25).result == Result.OK
        car.scan(piece)
        car.idle(50)
        assert len(car.all_of(Scan)) == 1

    def test_a_new_owner_finds_the_usual_rates(self) -> None:
        car = owned()
        asked(car, Odom, 1000)
        car.open_session(SESSION + 1)
        car.heard.clear()
        car.run(1000)
        assert len(car.all_of(Odom)) == 50


def wire_table() -> list[tuple[str, int, int, int, bool]]:
    """Return the streams of WIRE.md: name, usual, shortest and longest period, whether it may be off."""
    text = WIRE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z_]+) \| (\d+)[^|]*\| (\d+) \| (\d+) \| (yes|no) \|", text, re.MULTILINE)
    return [(name, int(usual), int(low), int(high), off == "yes") for name, usual, low, high, off in rows]


class TestTheSpecification:
    def test_it_lists_every_stream(self) -> None:
        assert {row[0] for row in wire_table()} == {SPEC_OF[kind].name for kind in STREAMS}

    @pytest.mark.parametrize(("name", "usual_ms", "shortest_ms", "longest_ms", "may_be_off"), wire_table())
    def test_what_it_says_of_a_stream_is_what_the_controller_does(
        self, name: str, usual_ms: int, shortest_ms: int, longest_ms: int, may_be_off: bool
    ) -> None:
        (kind,) = [kind for kind in STREAMS if SPEC_OF[kind].name == name]
        car = owned()
        assert asked(car, kind, usual_ms).detail == usual(*STREAMS)
        for period_ms, is_allowed in (
            (0, may_be_off),
            (shortest_ms - 1, False),
            (shortest_ms, True),
            (longest_ms, True),
            (longest_ms + 1, False),
        ):
            expected = Result.OK if is_allowed else Result.BAD_ARGUMENT
            assert asked(car, kind, period_ms).result == expected, period_ms


class TestTheBudget:
    def test_the_answer_says_what_all_streams_need(self) -> None:
        car = owned()
        answer = asked(car, Imu, 20)
        assert answer.detail == usual(*STREAMS) - rate(Imu, 10) + rate(Imu, 20)

    def test_more_than_four_fifths_of_the_line_is_refused_and_changes_nothing(self) -> None:
        needed = usual(*STREAMS)
        car = owned(line_bytes_per_s=needed * 10 // 8 + 2)
        answer = asked(car, Odom, 10)
        assert (answer.result, answer.detail) == (
            Result.OVER_BUDGET,
            needed + rate(Odom, 10) - rate(Odom, 20),
        )
        assert heard_in(car, 1000, Odom) == 50

    def test_less_is_taken_even_when_it_is_still_too_much(self) -> None:
        car = owned(line_bytes_per_s=100)
        assert asked(car, Odom, 100).result == Result.OK
        assert asked(car, Odom, 50).result == Result.OVER_BUDGET

    def test_a_line_of_115200_baud_carries_everything_but_the_lidar(self) -> None:
        car = owned(line_bytes_per_s=11_520)
        car.scan(Scan(5, 7, 90, 360, 277, np.ones(90, np.float32)))
        car.heard.clear()
        car.idle(2000)
        for kind in (Status, Odom, Wheels, Imu, Ranges, Power, Alive, LinkStats, Line, Din):
            assert len(car.all_of(kind)) == 2 * SPEC_OF[kind].rate_hz, kind
        assert car.all_of(Scan) == []

    def test_a_slow_line_thins_what_the_host_needs_least(self) -> None:
        car = Car(config(line_bytes_per_s=5760))
        car.run(1000)
        car.heard.clear()
        car.run(2000)
        rates_hz = [len(car.all_of(kind)) // 2 for kind in (Imu, Wheels, Odom, Ranges, Status)]
        assert rates_hz == [50, 25, 25, 20, 10]

    @settings(max_examples=40, deadline=None)
    @given(
        st.integers(2_500, 60_000),
        st.lists(st.tuples(st.sampled_from(STREAMS), st.sampled_from([0, 10, 20, 25, 50, 100, 500, 5000]))),
    )
    def test_whatever_is_asked_the_line_is_never_full(
        self, line_bytes_per_s: int, wishes: list[tuple[type[Message], int]]
    ) -> None:
        car = owned(line_bytes_per_s=line_bytes_per_s)
        for kind, period_ms in wishes:
            asked(car, kind, period_ms)
        detail = asked(car, Odom, 9).detail
        assert detail <= max(line_bytes_per_s * 8 // 10, 3_200)  # the slowest rates of the boot
        car.heard.clear()
        car.run(2000)
        sent = sum(SPEC_OF[type(said)].size + OVERHEAD for said in car.heard)
        assert sent <= 2 * detail + 900  # the status and the events of a host that falls silent


class TestNewSensors:
    def test_the_line_sensor_tells_the_cells_that_exist(self) -> None:
        car = Car(config(line_mask=0b00011111))
        car.inputs.line_levels[:] = [0, 64, 128, 192, 255, 7, 7, 7]
        car.run(1000)
        line = car.latest(Line)
        assert (line.fitted, list(line.levels)) == (0b00011111, [0, 64, 128, 192, 255, 0, 0, 0])
        assert len(car.all_of(Line)) == 50

    def test_a_car_without_one_sends_no_line(self) -> None:
        car = Car()
        car.run(1000)
        assert not car.all_of(Line)
        assert not car.all_of(Din)

    def test_a_change_of_an_input_is_told_in_the_same_step(self) -> None:
        car = owned()
        car.idle(1000)
        car.inputs.digital_inputs = 0x8001
        (din,) = [said for said in car.step() if isinstance(said, Din)]
        assert din.inputs == 0x8001

    def test_a_bouncing_switch_does_not_fill_the_line_and_its_last_state_is_told(self) -> None:
        car = owned()
        car.idle(1000)
        car.heard.clear()
        for turn in range(100):
            car.inputs.digital_inputs = turn % 2
            car.step()
        assert len(car.all_of(Din)) <= 55
        car.run(30)
        assert car.latest(Din).inputs == 1

    def test_readings_leave_once_a_second_each_newest_first_in_their_own_unit(self) -> None:
        car = owned()
        for turn in range(400):
            car.env(Quantity.TEMPERATURE, 0, 21_000 + turn)
            car.env(Quantity.TEMPERATURE, 1, -40_000)
            car.env(Quantity.PRESSURE, 0, 101_325)
            car.step()
        readings = car.all_of(Env)
        assert len(readings) in (12, 13, 15)
        assert {(env.quantity, env.place) for env in readings} == {(0, 0), (0, 1), (2, 0)}
        inside = [env.value for env in readings if (env.quantity, env.place) == (0, 0)]
        assert inside == sorted(inside)
        assert inside[-1] > 21_250

    def test_a_reading_that_does_not_come_again_is_not_repeated(self) -> None:
        car = owned()
        car.env(Quantity.LIGHT, 0, 5)
        car.idle(5000)
        assert len(car.all_of(Env)) == 1

    def test_more_sensors_than_fit_hurt_nobody(self) -> None:
        car = owned()
        for quantity in range(20):
            car.env(quantity, 0, quantity)
        car.idle(1500)
        assert {env.quantity for env in car.all_of(Env)} == set(range(8))

    def test_a_tag_is_told_at_once_and_every_200_ms_while_it_is_there(self) -> None:
        car = owned()
        car.tag(TagKind.RFID, 1, b"\x01\x02\x03\x04")
        (tag,) = [said for said in car.step() if isinstance(said, Tag)]
        assert (tag.kind, tag.reader, tag.size, bytes(tag.tag)) == (0, 1, 4, b"\x01\x02\x03\x04" + bytes(6))
        car.heard.clear()
        for _ in range(100):
            car.tag(TagKind.RFID, 1, b"\x01\x02\x03\x04")
            car.step()
        assert len(car.all_of(Tag)) == 5
        car.heard.clear()
        car.idle(1000)
        assert car.all_of(Tag) == []

    def test_two_tags_that_take_turns_do_not_fill_the_line(self) -> None:
        car = owned()
        car.heard.clear()
        for turn in range(100):
            car.tag(TagKind.RFID, 0, bytes([turn % 2]))
            car.step()
        assert {bytes(tag.tag[:1]) for tag in car.all_of(Tag)} == {b"\0", b"\1"}
        assert len(car.all_of(Tag)) <= 20

    @pytest.mark.parametrize(("reader", "tag"), [(2, b"1"), (255, b"1"), (0, b"12345678901")])
    def test_a_tag_of_no_reader_or_too_long_is_not_told(self, reader: int, tag: bytes) -> None:
        car = owned()
        car.tag(TagKind.RFID, reader, tag)
        car.idle(500)
        assert car.all_of(Tag) == []


class TestText:
    def test_the_firmware_introduces_itself_once_after_boot(self) -> None:
        car = owned()
        car.idle(5000)
        said = [bytes(text.text[: text.size]).decode() for text in car.all_of(Text)]
        assert said[0] == "firmware 0.1.0"
        assert (
            " ".join(said[1:]).replace(" fitted:", "")
            == "fitted: IMU ranges lidar bumpers line climate inputs tags"
        )
        assert all(len(line.encode()) <= 48 for line in said)

    def test_a_line_too_slow_for_the_lidar_is_told(self) -> None:
        car = owned(line_bytes_per_s=11_520)
        assert any("too slow for the lidar" in bytes(text.text).decode() for text in car.all_of(Text))

    @given(st.text(max_size=60))
    def test_a_long_line_is_cut_between_two_characters(self, line: str) -> None:
        car = owned()
        car.heard.clear()
        line = line.replace("\0", "").encode("utf-8", "replace").decode()
        car.text(line, 1)
        car.step()
        (text,) = car.all_of(Text)
        said = bytes(text.text[: text.size]).decode()  # whole characters only
        assert line.startswith(said)
        assert len(line.encode()) <= 48 or text.size >= 45
        assert bytes(text.text[text.size :]) == bytes(48 - text.size)
        assert text.severity == 1


class TestLinkStats:
    def test_what_the_port_counted_is_passed_on(self) -> None:
        car = owned()
        car.inputs.uart_overruns, car.inputs.uart_errors, car.inputs.uart_breaks = 3, 65535, 2
        car.idle(1100)
        stats = car.latest(LinkStats)
        assert (stats.overruns, stats.line_errors, stats.breaks) == (3, 65535, 2)

    def test_the_most_that_ever_waited_is_told(self) -> None:
        car = owned()
        car.idle(1100)
        quiet = car.latest(LinkStats).tx_most
        car.tx_capacity = 0
        car.idle(500)
        car.tx_capacity = 4096
        car.idle(1100)
        assert 0 < quiet < car.latest(LinkStats).tx_most <= 2048
        assert car.all_of(Event)
