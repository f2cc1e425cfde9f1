"""Write everything that follows from protocol.yaml.

``python -m firmware_protocol.generate`` writes messages.py, pcp_messages.h, the tables of WIRE.md
and the golden vectors; ``--check`` writes nothing and fails when something would change.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from firmware_protocol.catalog import SCALARS, Catalog, Field, Message, Names, load

HERE = Path(__file__).resolve().parent
NOTE = "Generated from protocol.yaml by generate.py; edit that file instead."
_TABLES = re.compile(r"(<!-- generated: begin -->\n).*?(<!-- generated: end -->)", re.DOTALL)


# ---------------------------------------------------------------- Python


def _python_names(names: Names) -> str:
    kind = "IntFlag" if names.is_flags else "IntEnum"
    rows = "\n".join(f"    {key} = {value}" for key, value in names.values.items())
    return f'class {names.name}({kind}):\n    """{names.text}"""\n\n{rows}\n'


def _python_type(field: Field) -> str:
    if field.kind == "range_mm":
        return "Distances"
    scalar = "int" if field.scale is None else "float"
    if field.count and field.base == "u8":
        return "bytes"
    return f"tuple[{scalar}, ...]" if field.count else scalar


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
        return f'_RANGE_M[np.frombuffer({names[0]}, "<u2")]'
    scaled = names if field.scale is None else [f"{name} * {field.scale!r}" for name in names]
    return scaled[0] if len(names) == 1 else f"({', '.join(scaled)})"


def _to_wire(field: Field) -> str:
    name = f"self.{field.host}"
    if field.kind == "range_mm":
        return f"_range_codes({name}, {field.count})"
    is_array = field.count and field.base != "u8"
    if field.scale is None:
        return f"*{name}" if is_array else name
    wrap = " % 65536" if field.wire == "yaw_turn16" else ""
    if is_array:
        return f"*[round(value / {field.scale!r}) for value in {name}]"
    return f"round({name} / {field.scale!r}){wrap}"


def _is_plain(message: Message) -> bool:
    """Whether the host's values are the wire's values, one by one."""
    return all(
        field.scale is None and field.kind != "range_mm" and (not field.count or field.base == "u8")
        for field in message.fields
    )


def _python_message(message: Message) -> str:
    constant = f"_{message.name}"
    fields = "\n".join(f"    {field.host}: {_python_type(field)}" for field in message.fields)
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
        f"{m.class_name}, {m.class_name}.unpack),"
        for m in catalog.messages
    )
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


_ALL = (
{specs}
)
SPECS: Mapping[int, Spec] = MappingProxyType({{spec.id: spec for spec in _ALL}})
SPEC_OF: Mapping[type[Message], Spec] = MappingProxyType({{spec.kind: spec for spec in _ALL}})
'''


# ---------------------------------------------------------------- C


def _c_type(field: Field) -> str:
    return f"{'u' if field.base[0] == 'u' else ''}int{field.base[1:]}_t"


def _c_struct(message: Message) -> str:
    rows = "\n".join(
        f"    {_c_type(f)} {f.wire}{f'[{f.count}]' if f.count else ''}; /* {f.text} */"
        for f in message.fields
    )
    return f"/* {message.text} */\ntypedef struct {{\n{rows}\n}} pcp_{message.name.lower()}_t;\n"


def _c_move(message: Message, *, pack: bool) -> str:
    lines, offset = [], 0
    for field in message.fields:
        bits, step = field.base[1:], int(field.base[1:]) // 8
        value = f"m->{field.wire}" + ("[i]" if field.count else "")
        at = f"p + {offset}" + (f" + {step} * i" if field.count else "")
        if pack:
            move = f"pcp_put{bits}({at}, (uint{bits}_t){value});"
        else:
            move = f"{value} = ({_c_type(field)})pcp_get{bits}({at});"
        loop = f"for (size_t i = 0; i < {field.count}; i++) " if field.count else ""
        lines.append(f"    {loop}{move}")
        offset += field.size
    return "\n".join(lines)


def _c_codec(message: Message) -> str:
    name = message.name.lower()
    return (
        f"static inline size_t pcp_{name}_pack(const pcp_{name}_t *m, uint8_t *p)\n{{\n"
        f"{_c_move(message, pack=True)}\n    return PCP_SIZE_{message.name};\n}}\n\n"
        f"static inline void pcp_{name}_unpack(pcp_{name}_t *m, const uint8_t *p)\n{{\n"
        f"{_c_move(message, pack=False)}\n}}\n"
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _c_names(names: Names) -> str:
    snake = _snake(names.name)
    rows = "\n".join(f"    PCP_{snake.upper()}_{key} = {value}," for key, value in names.values.items())
    return f"/* {names.text} */\ntypedef enum {{\n{rows}\n}} pcp_{snake}_t;\n"


def c_header(catalog: Catalog) -> str:
    """Return the text of pcp_messages.h."""
    ids = "\n".join(f"    PCP_ID_{m.name} = {m.id:#04x}," for m in catalog.messages)
    sizes = "\n".join(f"    PCP_SIZE_{m.name} = {m.size}," for m in catalog.messages)
    seeds = "\n".join(f"#define PCP_SEED_{m.name} {m.seed:#010x}u" for m in catalog.messages)
    cases = "\n".join(
        f"    case PCP_ID_{m.name}:\n        *size = PCP_SIZE_{m.name};\n        *seed = PCP_SEED_{m.name};\n"
        f"        *to_controller = {str(m.to_controller).lower()};\n        return true;"
        for m in catalog.messages
    )
    lengths = sorted({m.size + 7 for m in catalog.messages})
    codes = "\n".join(
        f"#define PCP_RANGE_{key.upper()} {value:#06x}u" for key, value in catalog.range_codes.items()
    )
    parts = [
        f"/* Every message of PCP/1. {NOTE} */",
        "#ifndef PCP_MESSAGES_H\n#define PCP_MESSAGES_H\n",
        "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n",
        f"#define PCP_MAJOR {catalog.major}\n#define PCP_MINOR {catalog.minor}",
        f"#define PCP_SCHEMA {catalog.schema:#010x}u\n#define PCP_MAGIC 0x52414350u",
        "#define PCP_MAX_PAYLOAD 247\n",
        codes + "\n",
        f"enum {{\n{ids}\n}};\n\nenum {{\n{sizes}\n}};\n\n{seeds}\n",
        "/* Every length an encoded frame can have, without its delimiter, ascending. */",
        f"#define PCP_WIRE_LENGTHS {{{', '.join(map(str, lengths))}}}",
        f"#define PCP_WIRE_LENGTH_COUNT {len(lengths)}\n",
        *map(_c_names, catalog.names),
        *map(_c_struct, catalog.messages),
        _C_BYTES,
        *map(_c_codec, catalog.messages),
        "/* Whether the id exists; if so, its payload size, its CRC seed and its direction. */",
        "static inline bool pcp_message_known(",
        "    uint8_t id, uint8_t *size, uint32_t *seed, bool *to_controller)",
        f"{{\n    switch (id) {{\n{cases}\n    default:\n        return false;\n    }}\n}}\n",
        "#endif",
    ]
    return "\n".join(parts) + "\n"


_C_BYTES = """\
static inline void pcp_put8(uint8_t *p, uint8_t v) { p[0] = v; }
static inline void pcp_put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v & 0xFFu);
    p[1] = (uint8_t)(v >> 8);
}
static inline void pcp_put32(uint8_t *p, uint32_t v)
{
    pcp_put16(p, (uint16_t)(v & 0xFFFFu));
    pcp_put16(p + 2, (uint16_t)(v >> 16));
}
static inline uint8_t pcp_get8(const uint8_t *p) { return p[0]; }
static inline uint16_t pcp_get16(const uint8_t *p) { return (uint16_t)(p[0] | (p[1] << 8)); }
static inline uint32_t pcp_get32(const uint8_t *p)
{
    return (uint32_t)pcp_get16(p) | ((uint32_t)pcp_get16(p + 2) << 16);
}
"""


# ---------------------------------------------------------------- WIRE.md


def _wire_message(message: Message) -> str:
    way = "host → controller" if message.to_controller else "controller → host"
    rate = f", {message.rate_hz} Hz" if message.rate_hz else ""
    head = f"### {message.id:#04x} {message.name}\n\n{message.text} ({way}{rate}, {message.size} bytes)\n"
    rows = ["| offset | field | type | scale | meaning |", "|---:|---|---|---|---|"]
    offset = 0
    for field in message.fields:
        scale = "" if field.scale is None else f"{field.host} = value × {field.scale:g}"
        enum = f" ([{field.enum}](#{field.enum.lower()}))" if field.enum else ""
        rows.append(f"| {offset} | `{field.wire}` | {field.type_text} | {scale} | {field.text}{enum} |")
        offset += field.size
    seed = f"\nCRC seed `{message.seed:#010x}`" + (
        ": readable by every version.\n" if message.readable_by_all else f", from `{message.canonical}`.\n"
    )
    return head + "\n" + "\n".join(rows) + "\n" + seed


def _wire_names_table(names: Names) -> str:
    column = "bit" if names.is_flags else "value"
    rows = "\n".join(
        f"| {value.bit_length() - 1 if names.is_flags else value} | {key} | {names.meanings[key]} |"
        for key, value in names.values.items()
    )
    return f"### {names.name}\n\n{names.text}\n\n| {column} | name | meaning |\n|---:|---|---|\n{rows}\n"


def wire_tables(catalog: Catalog) -> str:
    """Return the generated part of WIRE.md."""
    overview = "\n".join(
        f"| {m.id:#04x} | {m.name} | {'→' if m.to_controller else '←'} | {m.size} | {m.rate_hz or ''} |"
        for m in catalog.messages
    )
    return (
        f"Protocol {catalog.major}.{catalog.minor}, schema hash `{catalog.schema:#010x}`.\n\n"
        "| id | message | to controller → / to host ← | payload bytes | Hz |\n|---|---|---|---:|---:|\n"
        f"{overview}\n\n" + "\n".join(map(_wire_message, catalog.messages)) + "\n"
        "## Enumerations and flags\n\n" + "\n".join(map(_wire_names_table, catalog.names))
    )


# ---------------------------------------------------------------- vectors


def _wire_value(field: Field, case: str) -> int | list[int]:
    low, high = field.wire_range
    start = sum(field.wire.encode())  # so that neighbouring fields differ
    middle = [
        low + (start + 37 * index) * 2654435761 % (high - low + 1) for index in range(max(field.count, 1))
    ]
    chosen = {"minimum": [low] * len(middle), "maximum": [high] * len(middle), "mixed": middle}[case]
    return chosen if field.count else chosen[0]


def _payload(message: Message, values: dict[str, int | list[int]]) -> bytes:
    out = bytearray()
    for field in message.fields:
        value = values[field.wire]
        width = field.size // max(field.count, 1)
        for one in value if isinstance(value, list) else [value]:
            out += one.to_bytes(width, "little", signed=field.base[0] == "i")
    return bytes(out)


def vectors(catalog: Catalog) -> str:
    """Return golden frames as JSON: every message at its minimum, its maximum and in between."""
    from firmware_protocol.framing import frame_of  # noqa: PLC0415  (framing reads the generated messages.py)

    rows = []
    for message in catalog.messages:
        for seq, case in enumerate(("minimum", "maximum", "mixed")):
            values = {field.wire: _wire_value(field, case) for field in message.fields}
            payload = _payload(message, values)
            frame = frame_of(message.id, seq, payload, message.seed)
            rows.append(
                {
                    "message": message.name,
                    "case": case,
                    "id": message.id,
                    "seq": seq,
                    "seed": message.seed,
                    "values": values,
                    "payload": payload.hex(),
                    "frame": frame.hex(),
                }
            )
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"


# ---------------------------------------------------------------- all


def _write(path: Path, text: str, *, check: bool) -> bool:
    """Write the file unless it is the same already; return whether it differed."""
    same = path.exists() and path.read_text(encoding="utf-8") == text
    if not same and not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return not same


def generate(*, check: bool = False) -> list[Path]:
    """Bring every generated file up to date; return those that differed."""
    catalog = load()
    wire = HERE / "WIRE.md"
    wire_text = wire.read_text(encoding="utf-8")
    tables = _TABLES.sub(lambda match: match[1] + wire_tables(catalog) + match[2], wire_text)
    todo = [
        (HERE / "messages.py", python_module(catalog)),
        (HERE / "firmware/include/pcp_messages.h", c_header(catalog)),
        (wire, tables),
    ]
    changed = [path for path, text in todo if _write(path, text, check=check)]
    golden = HERE / "vectors/messages.json"
    if _write(golden, vectors(catalog), check=check):
        changed.append(golden)
    return changed


if __name__ == "__main__":
    differing = generate(check="--check" in sys.argv[1:])
    for file in differing:
        sys.stdout.write(f"{file.relative_to(HERE.parent)}\n")
    sys.exit(1 if differing and "--check" in sys.argv[1:] else 0)
