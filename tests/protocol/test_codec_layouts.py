"""What the codec converts in C: every kind of field, at its limits; and what it leaves to Python.

The catalogue of these tests has a message with every kind of field but distances, whose ``pack`` only says
that it was asked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from struct import Struct
from typing import Any, Final

import numpy as np
import pytest

from firmware_protocol import codec
from firmware_protocol.codec import MessageDecoder, MessageEncoder
from firmware_protocol.framing import frame_of
from firmware_protocol.messages import SPECS, Column
from firmware_protocol.native import library_for_python

STEP: Final = 0.125  # a scale that no product and no quotient rounds
HELLO: Final = SPECS[0x01]  # as long as the message of these tests
FIELDS: Final = (
    *(Column(code, 0, scale, wraps=False) for code in "BbHhIi" for scale in (None, STEP)),
    *(Column(code, 0, STEP, wraps=True) for code in "BHI"),
    *(
        Column("b", 1, None, wraps=False),
        Column("h", 1, STEP, wraps=False),
        Column("i", 1, None, wraps=False),
    ),
    *(
        Column("B", 3, STEP, wraps=False),
        Column("s", 1, None, wraps=False),
        Column("s", 4, None, wraps=False),
    ),
    Column("b", 0, None, wraps=False),
)
WIRE: Final = Struct("<" + "".join(f"{column.length or ''}{column.code}" for column in FIELDS))
NUMBERS: Final = [at for at, column in enumerate(FIELDS) if column.code != "s" and not column.length]


class AskedError(Exception):
    """Python was asked to convert a message."""


class Everything(tuple[Any, ...]):
    """A message with every kind of field."""

    __slots__ = ()

    def pack(self) -> bytes:
        """Say that Python was asked."""
        raise AskedError


def with_everything(fields: Sequence[Column] = FIELDS) -> codec.Catalogue:
    """Return the catalogue, with our message in the place of HELLO."""
    ours: Any = Everything
    specs = {**SPECS, HELLO.id: HELLO._replace(kind=ours, columns=tuple(fields))}
    return codec.catalogue(library_for_python(), specs.values())


def span(column: Column) -> range:
    """Return the wire integers that a field may have."""
    bits = 8 * Struct(column.code).size
    low = -(1 << bits - 1) if column.code.islower() else 0
    return range(low, low + (1 << bits))


def on_the_wire(choose: Callable[[range], int]) -> list[Any]:
    """Return wire integers of our message: of each number what is chosen from its span."""
    raws: list[Any] = []
    for column in FIELDS:
        if column.code == "s":
            raws.append(bytes(range(200, 200 + column.length)))
        else:
            raws.extend(choose(span(column)) for _ in range(column.length or 1))
    return raws


def as_values(raws: Sequence[Any]) -> Everything:
    """Return our message, as the host has it."""
    left = list(raws)
    values: list[Any] = []
    for column in FIELDS:
        of_field = [left.pop(0) for _ in range(1 if column.code == "s" else column.length or 1)]
        if column.scale is not None:
            of_field = [raw * column.scale for raw in of_field]
        is_array = column.length and column.code != "s"
        values.append(tuple(of_field) if is_array else of_field[0])
    return Everything(values)


def changed(at: int, value: object) -> Everything:
    """Return our message, all 0, with another value in one field."""
    values = list(as_values(on_the_wire(lambda _: 0)))
    values[at] = value
    return Everything(values)


def chosen() -> list[list[Any]]:
    """Return our message at its limits, beside them, around 0, and by chance."""
    rng = np.random.default_rng(1)
    choices: list[Callable[[range], int]] = [
        *(lambda fitting: fitting[0], lambda fitting: fitting[-1], lambda fitting: fitting[1]),
        *(lambda fitting: max(fitting[0], -1), lambda _: 0, lambda _: 1),
        lambda fitting: max(fitting[0], round(-1.0 / STEP)),  # -1 is what a failed conversion gives, too
        *(lambda fitting: int(rng.integers(fitting[0], fitting[-1] + 1)) for _ in range(50)),
    ]
    return [on_the_wire(choose) for choose in choices]


def encoded(message: Everything) -> bytes:
    """Return our message as the first frame; AskedError when Python was asked."""
    ours: Any = message
    return MessageEncoder(messages=with_everything()).encode(ours)


class TestReceiving:
    @pytest.mark.parametrize("raws", chosen())
    def test_every_kind_of_field_is_read_in_c(self, raws: list[Any]) -> None:
        decoder = MessageDecoder(messages=with_everything())
        (message,) = decoder.feed(frame_of(HELLO.id, 0, WIRE.pack(*raws), HELLO.seed))
        assert isinstance(message, tuple)
        assert type(message).__name__ == "Everything"
        assert repr(message) == repr(as_values(raws))  # 0.0 and 0 are equal, not the same


class TestSending:
    @pytest.mark.parametrize("raws", chosen())
    def test_every_kind_of_field_is_written_in_c(self, raws: list[Any]) -> None:
        assert encoded(as_values(raws)) == frame_of(HELLO.id, 0, WIRE.pack(*raws), HELLO.seed)

    def test_a_message_of_one_field_is_written_in_c(self) -> None:
        whole: Any = Everything((bytes(range(HELLO.size)),))
        native = MessageEncoder(messages=with_everything([Column("s", HELLO.size, None, wraps=False)]))
        assert native.encode(whole) == frame_of(HELLO.id, 0, whole[0], HELLO.seed)

    @pytest.mark.parametrize("at", [at for at, column in enumerate(FIELDS) if column.wraps])
    @pytest.mark.parametrize("rounds", [-2, -1, 1, 3, 100_000])
    def test_an_angle_past_its_end_begins_again_in_c(self, at: int, rounds: int) -> None:
        fitting = span(FIELDS[at])
        for raw in (0, 1, 200, fitting[-1]):
            turned = raw + rounds * len(fitting)
            assert encoded(changed(at, turned * STEP)) == encoded(changed(at, raw * STEP))

    @pytest.mark.parametrize("at", NUMBERS)
    def test_a_number_that_does_not_fit_is_left_to_python(self, at: int) -> None:
        column, fitting = FIELDS[at], span(FIELDS[at])
        low, high = fitting[0], fitting[-1]
        past = [] if column.wraps else [low - 1, high + 1, low - (1 << 32), high + (1 << 32)]
        values: list[Any] = [raw * (column.scale or 1) for raw in past] + [10**400, -(10**400), None, "1"]
        if column.scale is None:
            values += [1 << 63, (1 << 63) - 1, -(1 << 63), -(1 << 63) - 1, 1 << 64, (1 << 64) - 1, 2.5]
        else:
            values += [1e300, -1e300, np.inf, -np.inf, np.nan, Decimal(1), Fraction(1), np.float32(0.1)]
        for value in values:
            with pytest.raises(AskedError):
                encoded(changed(at, value))

    @pytest.mark.parametrize("at", [at for at, column in enumerate(FIELDS) if column.length])
    def test_an_array_of_another_length_or_kind_is_left_to_python(self, at: int) -> None:
        column = FIELDS[at]
        is_bytes = column.code == "s"
        sound: Any = b"1" * column.length if is_bytes else (1,) * column.length
        mixed: Any = "1" * column.length if is_bytes else (*sound[1:], "1")
        encoded(changed(at, sound))
        for wrong in (sound[1:], sound * 2, list(sound), mixed, None, 1, Everything(sound)):
            with pytest.raises(AskedError):
                encoded(changed(at, wrong))

    def test_a_message_with_another_number_of_fields_is_left_to_python(self) -> None:
        sound = changed(0, 1)
        for wrong in (sound[:-1], (*sound, 0), ()):
            with pytest.raises(AskedError):
                encoded(Everything(wrong))


class TestMemory:
    def test_nothing_is_kept_of_the_kinds_of_what_is_sent(self) -> None:
        message: Any = as_values(on_the_wire(lambda _: 1))
        encode = MessageEncoder(messages=with_everything()).encode
        shared = (float, int, tuple, bytes, Everything)
        before = [*map(sys.getrefcount, shared)]
        for _ in range(1000):
            encode(message)
        after = [*map(sys.getrefcount, shared)]
        assert max(abs(b - a) for a, b in zip(before, after, strict=True)) < 100
