"""Write everything that follows from protocol.yaml.

``python -m firmware_protocol.generate`` writes messages.py, pcp_messages.h, the tables of WIRE.md
and the golden vectors; ``--check`` writes nothing and fails when something would change.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from firmware_protocol.catalog import Catalog, Field, Message, load
from firmware_protocol.generate_c import c_header, c_table
from firmware_protocol.generate_python import python_module
from firmware_protocol.generate_wire import wire_tables

HERE = Path(__file__).resolve().parent
_TABLES = re.compile(r"(<!-- generated: begin -->\n).*?(<!-- generated: end -->)", re.DOTALL)


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
        (HERE / "firmware/src/pcp_messages.c", c_table(catalog)),
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
