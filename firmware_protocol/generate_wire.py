"""The catalogue as the tables of WIRE.md."""

from __future__ import annotations

from firmware_protocol.catalog import Catalog, Message, Names


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
    extra = [column for column in (names.remedies, names.effects) if column]
    titles = ["bit" if names.is_flags else "value", "name", "meaning", "what to do", "effect"][
        : 3 + len(extra)
    ]
    rows = "\n".join(
        f"| {value.bit_length() - 1 if names.is_flags else value} | {key} | {names.meanings[key]} |"
        + "".join(f" {column[key]} |" for column in extra)
        for key, value in names.values.items()
    )
    head = f"| {' | '.join(titles)} |\n|---:{'|---' * (len(titles) - 1)}|"
    return f"### {names.name}\n\n{names.text}\n\n{head}\n{rows}\n"


def _wire_parameters(catalog: Catalog) -> str:
    rows = "\n".join(
        f"| {index} | `{row.name}` | {row.type} | {row.unit} | {row.low:.9g} to {row.high:.9g} "
        f"| {row.default:.9g} | {'yes' if row.is_safety else ''} | {row.text} |"
        for index, row in enumerate(catalog.parameters)
    )
    return (
        f"## Parameter table\n\nTable hash `{catalog.parameter_table:#010x}`.\n\n"
        "| index | name | type | unit | range | own value | protection | meaning |\n"
        f"|---:|---|---|---|---|---:|---|---|\n{rows}\n"
    )


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
        "## Enumerations and flags\n\n"
        + "\n".join(map(_wire_names_table, catalog.names))
        + "\n"
        + _wire_parameters(catalog)
    )
