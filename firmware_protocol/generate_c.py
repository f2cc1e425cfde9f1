"""The catalogue as pcp_messages.h."""

from __future__ import annotations

from firmware_protocol.catalog import NOTE, Catalog, Field, Message, Names, Parameter, snake


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


def _c_names(names: Names) -> str:
    name = snake(names.name)
    rows = "\n".join(f"    PCP_{name.upper()}_{key} = {value}," for key, value in names.values.items())
    return f"/* {names.text} */\ntypedef enum {{\n{rows}\n}} pcp_{name}_t;\n"


def _c_causes(catalog: Catalog) -> str:
    """Return the effect of each cause, in their order, as the initialiser of an array."""
    (causes,) = (names for names in catalog.names if names.effects)
    effects = ", ".join(f"PCP_EFFECT_{causes.effects[key]}" for key in causes.values)
    return f"/* What each cause does to the car, in their order. */\n#define PCP_EFFECTS {{{effects}}}\n"


def _c_number(row: Parameter, value: float) -> str:
    if row.type != "F32":
        return str(int(value))
    text = f"{value:.9g}"
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def _c_parameters(catalog: Catalog) -> str:
    """Return the parameter table as a macro that is given a macro for its rows."""
    rows = " \\\n".join(
        f"    ROW({row.type}, {row.field}, {_c_number(row, row.low)}, {_c_number(row, row.high)}, "
        f"{_c_number(row, row.default)})"
        for row in catalog.parameters
    )
    indices = "\n".join(f"    PCP_PARAM_{row.name.upper()}," for row in catalog.parameters)
    return (
        "/* Parameters: type, field of pcp_config_t, lowest, highest, the firmware's own value. */\n"
        f"#define PCP_PARAMETER_ROWS(ROW) \\\n{rows}\n\n"
        f"#define PCP_PARAMETER_TABLE {catalog.parameter_table:#010x}u\n"
        f"enum {{\n{indices}\n    PCP_PARAMETERS\n}};\n"
    )


def _c_rows(catalog: Catalog) -> str:
    """Return the declaration of the table that receivers and senders look messages up in."""
    return (
        "/* What a receiver and a sender must know of a message. */\n"
        "typedef struct {\n    uint32_t seed; /* start value of the CRC-32 */\n    uint8_t id;\n"
        "    uint8_t size; /* of the payload */\n    bool to_controller;\n} pcp_message_t;\n\n"
        "/* Every message, the shortest first: so are encoded lengths tried in a damaged block. */\n"
        f"enum {{ PCP_MESSAGE_COUNT = {len(catalog.messages)} }};\n"
        "extern const pcp_message_t PCP_MESSAGES[PCP_MESSAGE_COUNT];\n"
    )


def c_table(catalog: Catalog) -> str:
    """Return the text of pcp_messages.c."""
    rows = "\n".join(
        f"    {{PCP_SEED_{m.name}, PCP_ID_{m.name}, PCP_SIZE_{m.name}, {str(m.to_controller).lower()}}},"
        for m in sorted(catalog.messages, key=lambda message: (message.size, message.id))
    )
    return (
        f'/* The table of all messages. {NOTE} */\n#include "pcp_messages.h"\n\n'
        f"const pcp_message_t PCP_MESSAGES[PCP_MESSAGE_COUNT] = {{\n{rows}\n}};\n"
    )


def c_header(catalog: Catalog) -> str:
    """Return the text of pcp_messages.h."""
    ids = "\n".join(f"    PCP_ID_{m.name} = {m.id:#04x}," for m in catalog.messages)
    sizes = "\n".join(f"    PCP_SIZE_{m.name} = {m.size}," for m in catalog.messages)
    seeds = "\n".join(f"#define PCP_SEED_{m.name} {m.seed:#010x}u" for m in catalog.messages)
    codes = "\n".join(
        f"#define PCP_RANGE_{key.upper()} {value:#06x}u" for key, value in catalog.range_codes.items()
    )
    parts = [
        f"/* Every message of PCP/1. {NOTE} */",
        "#ifndef PCP_MESSAGES_H\n#define PCP_MESSAGES_H\n",
        "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n",
        f"#define PCP_MAJOR {catalog.major}\n#define PCP_MINOR {catalog.minor}",
        f"#define PCP_SCHEMA {catalog.schema:#010x}u\n#define PCP_MAGIC 0x52414350u",
        "#define PCP_MAX_PAYLOAD 247",
        "/* Longest payload that a controller is sent. */",
        f"#define PCP_MAX_PAYLOAD_IN {max(m.size for m in catalog.messages if m.to_controller)}\n",
        codes + "\n",
        f"enum {{\n{ids}\n}};\n\nenum {{\n{sizes}\n}};\n\n{seeds}\n",
        _c_rows(catalog),
        *map(_c_names, catalog.names),
        _c_causes(catalog),
        _c_parameters(catalog),
        *map(_c_struct, catalog.messages),
        _C_BYTES,
        *map(_c_codec, catalog.messages),
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
