"""The kinds of values that files hold, each with the words of its error.

A field reads the text of a ``Scalar`` itself, so nothing is guessed: ``no`` is a fine name and a
bad number, 101 is both, ``0,5`` is told apart from 0.5.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, NoReturn, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from patrolcar.config.node import Scalar
from patrolcar.config.problems import listed, nearest, shown

Choice = TypeVar("Choice", bound=StrEnum)

OUR_ERROR = "patrolcar"
"""Type of the errors whose message is already written for a person."""

MAX_NAME = 64

_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+", re.ASCII)


class FileModel(BaseModel):
    """Part of a file: unknown keys are mistakes, and the result does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def refuse(text: str) -> NoReturn:
    """Raise the error of a validator; ``text`` is shown as it is."""
    raise PydanticCustomError(OUR_ERROR, "{text}", {"text": text})


def number(meaning: str, low: float, high: float) -> BeforeValidator:
    """Return the reader of a finite number from ``low`` to ``high``, limits included."""
    expected = f"{meaning}, {low:g} to {high:g}"

    def read(value: object) -> float:
        text = _scalar(value, expected, _NUMBER, "number")
        found = float(text)
        if not (math.isfinite(found) and low <= found <= high):
            refuse(f"{_clipped(text)} is out of range ({expected})")
        return found

    return BeforeValidator(read)


def whole(meaning: str, low: int, high: int) -> BeforeValidator:
    """Return the reader of a whole number from ``low`` to ``high``, limits included."""
    expected = f"{meaning}, {low} to {high}"

    def read(value: object) -> int:
        text = _scalar(value, expected, _WHOLE, "whole number")
        found = int(text)
        if not low <= found <= high:
            refuse(f"{_clipped(text)} is out of range ({expected})")
        return found

    return BeforeValidator(read)


def text(meaning: str, longest: int = MAX_NAME) -> BeforeValidator:
    """Return the reader of one printable line, 1 to ``longest`` characters, any language."""
    expected = f"{meaning}, 1 to {longest} characters on one line"

    def read(value: object) -> str:
        if isinstance(value, str):
            return checked_line(value, expected, longest)
        if not isinstance(value, Scalar):
            refuse(f"{_kind(value)} is not a text ({expected})")
        return checked_line(value.text, expected, longest)

    return BeforeValidator(read)


def checked_line(value: str, expected: str, longest: int = MAX_NAME) -> str:
    """Return ``value`` when a terminal can show it on one line; else ``refuse``."""
    if not 0 < len(value) <= longest:
        refuse(f"{shown(value)} has {len(value)} characters ({expected})")
    if not value.isprintable() or value != value.strip():
        refuse(f"{shown(value)} holds invisible characters or spaces at its ends ({expected})")
    return value


def choice(kinds: type[Choice]) -> BeforeValidator:
    """Return the reader of one word out of an enumeration."""
    words = [kind.value for kind in kinds]

    def read(value: object) -> Choice:
        return kinds(_word(value, words))

    return BeforeValidator(read)


def one_of(words: Iterable[str]) -> BeforeValidator:
    """Return the reader of one word out of a list, such as the keys of a table."""
    known = list(words)

    def read(value: object) -> str:
        return _word(value, known)

    return BeforeValidator(read)


def _word(value: object, words: Sequence[str]) -> str:
    if not isinstance(value, Scalar):
        refuse(f"{_kind(value)} is not one of the words {listed(words)}")
    if value.text not in words:
        hint = nearest(value.text, words)
        refuse(f"{shown(value.text)} is not one of {listed(words)}{hint and '; ' + hint}")
    return value.text


def yes_no(meaning: str) -> BeforeValidator:
    """Return the reader of ``true`` or ``false``; ``yes``, ``on`` and 1 are asked to be clearer."""

    def read(value: object) -> bool:
        if isinstance(value, Scalar) and not value.quoted and value.text in {"true", "false"}:
            return value.text == "true"
        found = shown(value.text) if isinstance(value, Scalar) else _kind(value)
        refuse(f"{found} is neither true nor false ({meaning})")

    return BeforeValidator(read)


def row(meaning: str, shortest: int, longest: int) -> BeforeValidator:
    """Return the check that a list has the right length; its items are read by their own fields."""

    def read(value: object) -> object:
        if not isinstance(value, list):
            refuse(f"{_kind(value)} is not a list ({meaning})")
        if not shortest <= len(value) <= longest:
            refuse(f"a list of {len(value)} values is not {meaning}")
        return value

    return BeforeValidator(read)


def _scalar(value: object, expected: str, form: re.Pattern[str], kind: str) -> str:
    if not isinstance(value, Scalar):
        refuse(f"{_kind(value)} is not a {kind} ({expected})")
    if value.quoted and form.fullmatch(value.text):
        refuse(f"{shown(value.text)} is text because of its quotes; remove them ({expected})")
    if not form.fullmatch(value.text):
        comma = "; write the decimal point as a point" if _COMMA.fullmatch(value.text) else ""
        zeros = "; remove the zero in front" if re.fullmatch(r"[-+]?0[0-9]+", value.text) else ""
        refuse(f"{shown(value.text)} is not a {kind} ({expected}){comma}{zeros}")
    return value.text


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a group of keys"
    return shown(value.text) if isinstance(value, Scalar) else shown(str(value))


def _clipped(number_text: str) -> str:
    return number_text if len(number_text) <= MAX_NAME // 2 else number_text[: MAX_NAME // 2] + "..."


Coordinate = Annotated[float, number("metres in the map", -10_000.0, 10_000.0)]
HeadingDeg = Annotated[float, number("degrees, 0 along x, 90 along y", -360.0, 360.0)]
LengthM = Annotated[float, number("metres", 0.01, 10_000.0)]
SpeedMps = Annotated[float, number("metres per second", 0.05, 2.0)]
Name = Annotated[str, text("a name")]
FileName = Annotated[str, text("a file name in the same folder or below", 200)]
Point = Annotated[list[Coordinate], row("[x, y] in metres", 2, 2)]
