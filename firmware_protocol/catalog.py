"""Read protocol.yaml into checked values: what every generated file is made from."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SOURCE = Path(__file__).resolve().parent / "protocol.yaml"
MAX_PAYLOAD = 247
SEALED_BIT = 0x80
SCALARS = {"u8": "B", "u16": "H", "u32": "I", "i8": "b", "i16": "h", "i32": "i"}
_TYPE = re.compile(r"(u8|u16|u32|i8|i16|i32|range_mm)(?:\[(\d+)\])?")


NOTE = "Generated from protocol.yaml by generate.py; edit that file instead."


def snake(name: str) -> str:
    """Return ``ArmCheck`` as ``arm_check``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its wire name and type, and its name and scale on the host."""

    wire: str
    kind: str
    count: int  # 0 for a scalar
    host: str
    scale: float | None
    text: str
    enum: str | None = None
    default: int | None = None  # in Python, when nobody says

    @property
    def base(self) -> str:
        """The integer type on the wire."""
        return "u16" if self.kind == "range_mm" else self.kind

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return int(self.base[1:]) // 8 * max(self.count, 1)

    @property
    def type_text(self) -> str:
        """The type as protocol.yaml writes it."""
        return f"{self.kind}[{self.count}]" if self.count else self.kind

    @property
    def wire_range(self) -> tuple[int, int]:
        """Smallest and largest wire value."""
        bits = int(self.base[1:])
        return (0, 2**bits - 1) if self.base[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

    @property
    def canonical(self) -> str:
        """The text whose change makes two schemas different."""
        scale = "" if self.scale is None else f"*{self.scale!r}"
        return f"{self.wire} {self.type_text}{scale}"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the catalogue."""

    name: str
    id: int
    to_controller: bool
    rate_hz: int
    text: str
    fields: tuple[Field, ...]
    readable_by_all: bool
    sealed: bool = False  # whether it also exists as SEALED_name

    @property
    def size(self) -> int:
        """Bytes of payload."""
        return sum(field.size for field in self.fields)

    @property
    def canonical(self) -> str:
        """The text the seed is computed from."""
        return f"{self.name}:" + ",".join(field.canonical for field in self.fields)

    @property
    def seed(self) -> int:
        """Start value of the CRC: 0 for the handshake, else the hash of the schema."""
        return 0 if self.readable_by_all else zlib.crc32(self.canonical.encode())

    @property
    def class_name(self) -> str:
        """The name of its Python class."""
        return "".join(part.capitalize() for part in self.name.split("_"))


@dataclass(frozen=True, slots=True)
class Names:
    """An enumeration, or the bits of a flag field."""

    name: str
    text: str
    values: dict[str, int]
    meanings: dict[str, str]
    is_flags: bool
    remedies: dict[str, str]  # what a person does about it; empty for most
    effects: dict[str, str]  # of a Cause: what it does to the car


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of the controller that can be set without a compiler."""

    name: str
    type: str  # F32, U16, I16 or U32
    unit: str
    low: float
    high: float
    default: float
    field: str  # of pcp_config_t
    is_safety: bool
    text: str

    @property
    def canonical(self) -> str:
        """The text whose change makes two tables different."""
        numbers = " ".join(f"{number:.9g}" for number in (self.low, self.high, self.default))
        return f"{self.name} {self.type} {self.unit} {numbers}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole protocol."""

    major: int
    minor: int
    range_codes: dict[str, int]
    names: tuple[Names, ...]
    messages: tuple[Message, ...]
    parameters: tuple[Parameter, ...]

    @property
    def parameter_table(self) -> int:
        """One number for the whole parameter table, compared in HELLO."""
        return zlib.crc32("\n".join(row.canonical for row in self.parameters).encode())

    @property
    def schema(self) -> int:
        """One number for all messages together, compared in HELLO."""
        return zlib.crc32("\n".join(message.canonical for message in self.messages).encode())


def _field(name: str, raw: dict[str, Any]) -> Field:
    match = _TYPE.fullmatch(raw["type"])
    if match is None:
        message = f"protocol.yaml: field {name}: unknown type {raw['type']!r}"
        raise ValueError(message)
    return Field(
        wire=name,
        kind=match[1],
        count=int(match[2] or 0),
        host=raw.get("host", name),
        scale=raw.get("scale"),
        text=raw["text"],
        enum=raw.get("enum") or raw.get("flags"),
        default=raw.get("default"),
    )


def _enum(name: str, body: dict[str, Any]) -> Names:
    rows = body["values"]
    return Names(
        name=name,
        text=body["text"],
        values={key: row[0] for key, row in rows.items()},
        meanings={key: row[1] for key, row in rows.items()},
        is_flags=False,
        remedies={key: row[2] for key, row in rows.items() if len(row) > 2},  # noqa: PLR2004  (columns of the file)
        effects={key: row[3] for key, row in rows.items() if len(row) > 3},  # noqa: PLR2004
    )


def _flags(name: str, body: dict[str, Any]) -> Names:
    rows = {key: row if isinstance(row, list) else [row] for key, row in body["bits"].items()}
    return Names(
        name=name,
        text=body["text"],
        values={key: 1 << index for index, key in enumerate(rows)},
        meanings={key: row[0] for key, row in rows.items()},
        is_flags=True,
        remedies={key: row[1] for key, row in rows.items() if len(row) > 1},
        effects={},
    )


def _message(raw: dict[str, Any]) -> Message:
    message = Message(
        name=raw["name"],
        id=raw["id"],
        to_controller={"host_to_controller": True, "controller_to_host": False}[raw["direction"]],
        rate_hz=raw.get("rate_hz", 0),
        text=raw["text"],
        fields=tuple(_field(name, field) for name, field in raw["fields"].items()),
        readable_by_all="seed" in raw,
        sealed=raw.get("sealed", False),
    )
    if message.size > MAX_PAYLOAD:
        text = f"protocol.yaml: {message.name} has {message.size} bytes, {MAX_PAYLOAD} fit one frame"
        raise ValueError(text)
    return message


def _sealed(message: Message) -> Message:
    """Return the form of a message that carries a counter and a tag."""
    text = f"{message.name} for a line that needs a key, see section 9."
    fields = (
        Field("payload", "u8", message.size, "payload", None, f"payload of {message.name}"),
        Field("counter", "u32", 0, "counter", None, "larger than that of every sealed message before it"),
        Field("tag", "u8", 8, "tag", None, "the first bytes of the HMAC-SHA256"),
    )
    return Message(f"SEALED_{message.name}", message.id | SEALED_BIT, True, 0, text, fields, False)


def _parameter(name: str, raw: dict[str, Any]) -> Parameter:
    low, high = raw["range"]
    return Parameter(
        name=name,
        type=raw["type"],
        unit=raw["unit"],
        low=low,
        high=high,
        default=raw["default"],
        field=raw["field"],
        is_safety=raw.get("safety", False),
        text=raw["text"],
    )


def load(path: Path = SOURCE) -> Catalog:
    """Read the protocol description.

    Raises:
        ValueError: A field type is unknown or a message does not fit one frame.

    """
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    enums = [_enum(name, body) for name, body in raw["enums"].items()]
    flags = [_flags(name, body) for name, body in raw["flags"].items()]
    messages = [_message(message) for message in raw["messages"]]
    return Catalog(
        major=raw["protocol"]["major"],
        minor=raw["protocol"]["minor"],
        range_codes=dict(raw["range_codes"]),
        names=(*enums, *flags),
        messages=(*messages, *(_sealed(message) for message in messages if message.sealed)),
        parameters=tuple(_parameter(name, row) for name, row in raw["parameters"].items()),
    )
