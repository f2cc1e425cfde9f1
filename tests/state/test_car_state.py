"""What the small sensors told is kept, newest first, known or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.messages import Din, Env, Line, Message, Quantity, Severity, Tag, TagKind, Text
from patrolcar.pilot.sentences import said
from patrolcar.state import CarState, Reading, reading_of, texts_of
from patrolcar.vehicle import Vehicle

RFID = Tag(1, TagKind.RFID, 0, 4, b"\x01\x02\x03\x04" + bytes(6))


def told(*messages: Message, state: CarState | None = None) -> CarState:
    """Return the state after messages."""
    return (state or CarState()).updated(messages, Vehicle(), 5_000_000_000)


def line_of(text: bytes) -> Text:
    """Return a TEXT."""
    return Text(0, Severity.INFO, len(text), text.ljust(48, b"\0"))


class TestSmallSensors:
    def test_the_line_sensor_and_the_inputs_are_the_newest(self) -> None:
        line, din = Line(1, 0xFF, bytes(8)), Din(1, 3, bytes(8), (0.0, 0.0, 0.0, 0.5))
        state = told(line, din, line._replace(stamp_us=2))
        assert state.line == line._replace(stamp_us=2)
        assert state.din == din
        assert state.age_s("DIN", 6_000_000_000) == 1.0

    def test_each_environment_sensor_keeps_its_newest_reading(self) -> None:
        state = told(Env(1, Quantity.TEMPERATURE, 0, 21_500), Env(1, Quantity.TEMPERATURE, 1, -3000))
        state = told(
            Env(2, Quantity.TEMPERATURE, 0, 22_000), Env(2, Quantity.PRESSURE, 0, 101_325), state=state
        )
        assert state.environment == {
            (Quantity.TEMPERATURE, 0): Reading("temperature", 22.0, "°C"),
            (Quantity.TEMPERATURE, 1): Reading("temperature", -3.0, "°C"),
            (Quantity.PRESSURE, 0): Reading("pressure", 101_325.0, "Pa"),
        }

    @pytest.mark.parametrize("quantity", Quantity)
    def test_every_quantity_of_the_protocol_has_a_unit(self, quantity: Quantity) -> None:
        reading = reading_of(Env(0, quantity, 0, 1000))
        assert reading.unit
        assert 0.0 < reading.value <= 1000.0

    def test_a_quantity_of_a_newer_firmware_is_kept_by_its_number(self) -> None:
        assert told(Env(1, 77, 2, -5)).environment == {(77, 2): Reading("quantity 77", -5.0, "")}

    def test_no_flood_of_sensors_grows_the_state_without_bound(self) -> None:
        state = told(*(Env(0, number % 256, number // 256, 1) for number in range(1000)))
        assert len(state.environment) == 64
        assert told(Env(0, 0, 0, 9), state=state).environment[0, 0].value == pytest.approx(0.009)

    def test_each_reader_keeps_its_newest_tag(self) -> None:
        other = RFID._replace(reader=1, kind=TagKind.BEACON)
        newer = RFID._replace(stamp_us=2)
        assert told(RFID, other, newer).tags == {0: newer, 1: other}


class TestText:
    def test_a_line_of_the_firmware_is_found_among_the_messages(self) -> None:
        assert texts_of([RFID, line_of(b"hello")]) == [line_of(b"hello")]

    def test_only_the_bytes_that_count_are_shown(self) -> None:
        assert said(line_of(b"ready")) == "ready"
        assert said(Text(0, 0, 3, b"readyXXX".ljust(48, b"\0"))) == "rea"

    def test_bytes_that_are_no_text_are_shown_as_such(self) -> None:
        assert said(line_of(b"\xff\xfeok")) == "\ufffd\ufffdok"

    @given(st.binary(max_size=48))
    def test_nothing_that_a_terminal_would_obey_is_shown(self, raw: bytes) -> None:
        assert said(line_of(raw)).isprintable()

    def test_an_escape_sequence_does_not_reach_the_terminal(self) -> None:
        assert said(line_of(b"\x1b[2Jgone")) == "[2Jgone"
