"""Parameters as a person knows them: names, numbers in units, ranges.

A value on the wire is 32 bits; here it is a number in the unit of its row in :data:`PARAMETERS`.
"""

from __future__ import annotations

import difflib
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from firmware_protocol.messages import PARAMETERS, Parameter, ParameterType

PARAMETER_NAMED: Final[Mapping[str, Parameter]] = MappingProxyType(
    {parameter.name: parameter for parameter in PARAMETERS}
)


def to_wire(parameter: Parameter, value: float) -> int:
    """Return the 32 bits of a value; it must be in the range of its type."""
    if parameter.type is ParameterType.F32:
        return int.from_bytes(struct.pack("<f", value), "little")
    return round(value) % 2**32


def from_wire(parameter: Parameter, bits: int) -> float:
    """Return the value of 32 bits, in the unit of the parameter."""
    if parameter.type is ParameterType.F32:
        return float(struct.unpack("<f", bits.to_bytes(4, "little"))[0])
    is_negative = parameter.type is ParameterType.I16 and bits >= 2**31
    return bits - 2**32 if is_negative else bits


def shown(parameter: Parameter, bits: int) -> str:
    """Return the shortest decimal number that gives these bits again, without its unit.

    >>> shown(PARAMETER_NAMED["track"], to_wire(PARAMETER_NAMED["track"], 0.17))
    '0.17'
    """
    value = from_wire(parameter, bits)
    if parameter.type is not ParameterType.F32:
        return str(value)
    return next(
        f"{short:.9g}"
        for digits in range(1, 10)  # nine digits tell every single apart
        if to_wire(parameter, short := float(f"{value:.{digits}g}")) == bits
    )


def unit_of(parameter: Parameter) -> str:
    """Return the unit as it follows a number: a space and its name, nothing for pure numbers."""
    return "" if parameter.unit == "1" else f" {parameter.unit}"


def range_of(parameter: Parameter) -> str:
    """Return the range with its unit."""
    return f"{parameter.low:g} to {parameter.high:g}{unit_of(parameter)}"


@dataclass(frozen=True, slots=True)
class Values:
    """One value for every parameter, as 32 bits each, in the order of the table."""

    bits: tuple[int, ...]

    @property
    def hash(self) -> int:
        """The hash by which HELLO and APPLY_PARAMETERS name these values."""
        return zlib.crc32(struct.pack(f"<{len(self.bits)}I", *self.bits))

    def of(self, parameter: Parameter) -> int:
        """Return the bits of one parameter."""
        return self.bits[parameter.number]

    def changed(self, wishes: Sequence[Wish]) -> Values:
        """Return the values after wishes."""
        bits = list(self.bits)
        for wish in wishes:
            bits[wish.parameter.number] = wish.bits
        return Values(tuple(bits))


OWN_VALUES: Final = Values(tuple(to_wire(parameter, parameter.default) for parameter in PARAMETERS))


class Wish(NamedTuple):
    """One parameter and what it should become."""

    parameter: Parameter
    bits: int


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not come true; ``sentence`` says what, why and what to do."""

    sentence: str


def parameter_named(name: str) -> Parameter | Failed:
    """Return the parameter of a name."""
    if name in PARAMETER_NAMED:
        return PARAMETER_NAMED[name]
    near = difflib.get_close_matches(name, PARAMETER_NAMED, 1)
    hint = f"did you mean {near[0]}?" if near else "`patrolcar param list` names them all"
    return Failed(f"{name}: no parameter has this name; {hint}")


def wish_of(text: str) -> Wish | Failed:
    """Return the wish that ``name=number`` tells.

    >>> wish_of("reflex=20").sentence
    'reflex: 20 mm is outside its range, 30 to 2000 mm'
    """
    name, is_told, number = text.partition("=")
    parameter = parameter_named(name.strip())
    if isinstance(parameter, Failed):
        return parameter
    if not is_told:
        return Failed(f"{name}: to which value? Write {name}=NUMBER; its range is {range_of(parameter)}")
    value = _number(number)
    is_whole = value is not None and (parameter.type is ParameterType.F32 or value.is_integer())
    if value is None or not is_whole:
        kind = "number" if parameter.type is ParameterType.F32 else "whole number"
        return Failed(f"{name}: {number.strip()!r} is not a {kind}; its range is {range_of(parameter)}")
    return _within_range(parameter, value)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _within_range(parameter: Parameter, value: float) -> Wish | Failed:
    if not parameter.low <= value <= parameter.high:
        told = f"{value:g}{unit_of(parameter)}"
        return Failed(f"{parameter.name}: {told} is outside its range, {range_of(parameter)}")
    return Wish(parameter, to_wire(parameter, value))
