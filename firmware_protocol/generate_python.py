"""The catalogue as messages.py."""

from __future__ import annotations

from firmware_protocol.catalog import NOTE, SCALARS, Catalog, Field, Message, Names, snake


def _python_names(names: Names) -> str:
    kind = "IntFlag" if names.is_flags else "IntEnum"
    rows = "\n".join(f"    {key} = {value}" for key, value in names.values.items())
    return f'class {names.name}({kind}):\n    """{names.text}"""\n\n{rows}\n'


def _python_explained(catalog: Catalog) -> str:
    """Return the tables of sentences: what each code means, what to do about it, what it does."""
    rows = []
    for names in catalog.names:
        if names.remedies:
            body = "".join(
                f"        {names.name}.{key}: Explained({text!r}, {names.remedies[key]!r}"
                + (f", Effect.{names.effects[key]}" if names.effects else "")
                + "),\n"
                for key, text in names.meanings.items()
            )
            name = f"{snake(names.name).upper()}S"
            rows.append(f"{name}: Mapping[int, Explained] = MappingProxyType(\n    {{\n{body}    }}\n)")
    return "\n".join(rows)


def _python_parameters(catalog: Catalog) -> str:
    return "\n".join(
        f'    Parameter({index}, "{row.name}", ParameterType.{row.type}, "{row.unit}", "{row.field}", '
        f"{row.low!r}, {row.high!r}, {row.default!r}, {row.is_safety}, {row.text!r}),"
        for index, row in enumerate(catalog.parameters)
    )


def _python_type(field: Field) -> str:
    if field.kind == "range_mm":
        return "Distances"
    scalar = "int" if field.scale is None else "float"
    if field.count and field.base == "u8":
        return "bytes"
    return f"tuple[{scalar}, ...]" if field.count else scalar


def _python_default(field: Field) -> str:
    if field.default is None:
        return ""
    return f" = {field.default if field.scale is None else float(field.default)}"


def _struct_format(message: Message) -> str:
    def one(field: Field) -> str:
        if field.kind == "range_mm":
            return f"{field.size}s"
        if field.count and field.base == "u8":
            return f"{field.count}s"
        return SCALARS[field.base] * max(field.count, 1)

    return "<" + "".join(map(one, message.fields))


def _wire_names(field: Field) -> list[str]:
    """Return the names that one field unpacks into."""
    if field.kind == "range_mm" or not field.count or field.base == "u8":
        return [field.wire]
    return [f"{field.wire}_{index}" for index in range(field.count)]


def _to_host(field: Field) -> str:
    names = _wire_names(field)
    if field.kind == "range_mm":
        return f"_RANGE_M.take(np.frombuffer({names[0]}, _CODE))"
    scaled = names if field.scale is None else [f"{name} * {field.scale!r}" for name in names]
    return scaled[0] if len(names) == 1 else f"({', '.join(scaled)})"


def _to_wire(field: Field) -> str:
    name = f"self.{field.host}"
    if field.kind == "range_mm":
        return f"_range_codes({name}, {field.count})"
    is_array = field.count and field.base != "u8"
    if field.scale is None:
        return f"*{name}" if is_array else name
    wrap = " % 65536" if _wraps(field) else ""
    if is_array:
        return f"*[round(value / {field.scale!r}) for value in {name}]"
    return f"round({name} / {field.scale!r}){wrap}"


def _is_plain(message: Message) -> bool:
    """Whether the host's values are the wire's values, one by one."""
    return all(
        field.scale is None and field.kind != "range_mm" and (not field.count or field.base == "u8")
        for field in message.fields
    )


def _wraps(field: Field) -> bool:
    """Whether a value past the end starts again at 0: an angle in parts of a turn."""
    return field.wire == "yaw_turn16"


def _columns(message: Message) -> str:
    """Return how the codec in C converts the message."""
    rows = []
    for field in message.fields:
        code = "s" if field.count and field.base == "u8" else SCALARS[field.base]
        code = "r" if field.kind == "range_mm" else code
        rows.append(f'Column("{code}", {field.count}, {field.scale!r}, {_wraps(field)})')
    return "(" + "".join(f"{row}, " for row in rows) + ")"


def _python_message(message: Message) -> str:
    constant = f"_{message.name}"
    fields = "\n".join(
        f"    {field.host}: {_python_type(field)}{_python_default(field)}" for field in message.fields
    )
    texts = "\n".join(
        f"        {field.host}: {field.text[0].upper()}{field.text[1:]}." for field in message.fields
    )
    unpacked = ", ".join(name for field in message.fields for name in _wire_names(field))
    values = ",\n            ".join(map(_to_host, message.fields))
    packed = ",\n                ".join(map(_to_wire, message.fields))
    packing = f"{constant}.pack(\n                {packed},\n            )"
    unpacking = (
        f"        ({unpacked},) = {constant}.unpack(payload)\n"
        f"        return {message.class_name}(\n            {values},\n        )"
    )
    if _is_plain(message):
        packing = f"{constant}.pack(*self)"
        unpacking = f"        return tuple.__new__({message.class_name}, {constant}.unpack(payload))"
    return f'''
{constant} = Struct("{_struct_format(message)}")


class {message.class_name}(NamedTuple):
    """{message.text}

    Attributes:
{texts}

    """

{fields}

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return {packing}
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> {message.class_name}:
        """Return the message in a payload of exactly {message.size} bytes."""
{unpacking}
'''


def python_module(catalog: Catalog) -> str:
    """Return the text of messages.py."""
    codes = catalog.range_codes
    names = "\n\n".join(map(_python_names, catalog.names))
    messages = "\n".join(map(_python_message, catalog.messages))
    specs = "\n".join(
        f'    Spec({m.id:#04x}, "{m.name}", {m.size}, {m.seed:#010x}, {m.to_controller}, {m.rate_hz}, '
        f"{m.class_name}, {m.class_name}.unpack, {_columns(m)}),"
        for m in catalog.messages
    )
    explained, parameters = _python_explained(catalog), _python_parameters(catalog)
    union = " | ".join(message.class_name for message in catalog.messages)
    return f'''"""Every message of PCP/1 as a value, in SI units. {NOTE}"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum, IntFlag
from struct import Struct
from struct import error as StructError
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

MAJOR = {catalog.major}
MINOR = {catalog.minor}
SCHEMA = {catalog.schema:#010x}
MAGIC = 0x52414350

Distances: TypeAlias = NDArray[np.float32]
"""Distances in metres; +inf saw nothing, -inf too close to measure, nan broken (REP-117)."""

_NOTHING = {codes["nothing_seen"]:#06x}
_TOO_CLOSE = {codes["too_close"]:#06x}
_BROKEN = {codes["broken"]:#06x}
_CODE = np.dtype("<u2")
_RANGE_M = (np.arange(65536) * 0.001).astype(np.float32)
_RANGE_M[[_NOTHING, _TOO_CLOSE, _BROKEN]] = np.inf, -np.inf, np.nan
_RANGE_M.setflags(write=False)


def _range_codes(ranges_m: Distances, count: int) -> bytes:
    """Return distances as wire bytes; what lies past the longest distance is nothing seen."""
    if ranges_m.shape != (count,):
        message = f"{{count}} ranges expected, found an array of shape {{ranges_m.shape}}"
        raise ValueError(message)
    metres = np.where(np.isfinite(ranges_m), ranges_m, 0.0).astype(np.float64)
    millimetres = np.round(metres * 1000.0)
    codes = np.where(millimetres >= _BROKEN, _NOTHING, np.maximum(millimetres, 0.0)).astype("<u2")
    codes[ranges_m == np.inf] = _NOTHING
    codes[ranges_m == -np.inf] = _TOO_CLOSE
    codes[np.isnan(ranges_m)] = _BROKEN
    return codes.tobytes()


def _does_not_fit(message: object, error: Exception) -> str:
    return f"{{message!r}} does not fit its frame: {{error}}"


{names}
{messages}

Message: TypeAlias = (
    {union}
)


class Explained(NamedTuple):
    """A code in words: what it means, what a person does about it, what it does to the car."""

    text: str
    remedy: str
    effect: Effect = Effect.NOTHING


{explained}


class Parameter(NamedTuple):
    """One value of the controller that can be set without a compiler."""

    number: int  # its index on the wire
    name: str
    type: ParameterType
    unit: str
    field: str  # of pcp_config_t
    low: float
    high: float
    default: float
    is_safety: bool
    text: str


PARAMETER_TABLE = {catalog.parameter_table:#010x}
PARAMETERS = (
{parameters}
)


class Column(NamedTuple):
    """How one field lies in a payload.

    Attributes:
        code: B H I b h i as in ``struct``, s for bytes, r for distances (``_RANGE_M`` by u16).
        length: Of an array; 0 for a single value.
        scale: The host's value is the wire's times this; None for a plain integer.
        wraps: Whether a value past the end starts again at 0.

    """

    code: str
    length: int
    scale: float | None
    wraps: bool


class Spec(NamedTuple):
    """What the codec must know about one message."""

    id: int
    name: str
    size: int
    seed: int
    to_controller: bool
    rate_hz: int
    kind: type[Message]
    unpack: Callable[[bytes], Message]
    columns: tuple[Column, ...]


_ALL = (
{specs}
)
SPECS: Mapping[int, Spec] = MappingProxyType({{spec.id: spec for spec in _ALL}})
SPEC_OF: Mapping[type[Message], Spec] = MappingProxyType({{spec.kind: spec for spec in _ALL}})
'''
