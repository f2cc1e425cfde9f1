"""Lines of styled text as plain values: what the views return and the widgets draw.

Text from outside (names in files, sentences of the core) is made harmless by :func:`plain`: a terminal must
never see a control character, an escape sequence or a change of writing direction hidden in a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from rich.cells import cell_len, set_cell_size

from patrolcar.dashboard.ink import Ink

Span: TypeAlias = tuple[str, Ink]
"""A piece of text in one ink."""

Line: TypeAlias = tuple[Span, ...]
"""One row of the screen, from left to right."""

EMPTY: Final[Line] = ()

# ECMA-48: CSI sequences, OSC/DCS/APC/PM/SOS strings up to their end, and two-byte escapes.
_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]).*?(?:\x1b\\|\x07|\x9c|$)"
    r"|\x1b[ -/]*[0-~]?",
    re.DOTALL,
)
# Control, format (direction, zero width), surrogate, private use, unassigned, ends of lines and paragraphs
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    r"""Return the text without anything a terminal would obey.

    >>> plain("dock\x1b[2J\x1b]52;c;aGk=\x07 [bold]A[/]")
    'dock [bold]A[/]'
    """
    if text.isascii() and text.isprintable():
        return text
    kept = _ESCAPES.sub("", text)
    return "".join(" " if c in "\t\n\r" else c for c in kept if c in "\t\n\r" or _is_safe(c))


@lru_cache(maxsize=4096)
def ascii_only(text: str) -> str:
    """Return the text for a terminal that knows only ASCII: ``?`` for each cell of anything else."""
    return text if text.isascii() else "".join(c if c.isascii() else "?" * cell_len(c) for c in text)


def fit(text: str, cells: int) -> str:
    """Return the text in exactly ``cells`` cells: filled with spaces, or cut with a mark at the end.

    >>> fit("reception", 6), fit("会议室", 5), fit("a", 3)
    ('recep~', '会议~', 'a  ')
    """
    if cells <= 0:
        return ""
    if cell_len(text) <= cells:
        return set_cell_size(text, cells)
    return set_cell_size(text, cells - 1) + "~"


def line_width(line: Line) -> int:
    """Return how many cells the line takes."""
    return sum(cell_len(text) for text, _ in line)


def fit_line(line: Line, cells: int) -> Line:
    """Return the line in exactly ``cells`` cells."""
    spans: list[Span] = []
    left = cells
    for text, ink in line:
        size = cell_len(text)
        if size > left:
            spans.append((fit(text, left), ink))
            left = 0
            break
        spans.append((text, ink))
        left -= size
    if left > 0:
        spans.append((" " * left, Ink.PLAIN))
    return tuple(spans)


def spread(left: Line, right: Line, cells: int) -> Line:
    """Return a line with ``left`` at its left edge and ``right`` at its right edge; the left one is cut."""
    return fit_line(left, max(cells - line_width(right), 0)) + fit_line(right, min(line_width(right), cells))


def joined(pieces: Iterable[Line], gap: Span) -> Line:
    """Return the pieces that are not empty, with ``gap`` between them."""
    spans: list[Span] = []
    for piece in pieces:
        if piece:
            if spans:
                spans.append(gap)
            spans.extend(piece)
    return tuple(spans)


def wrapped_text(text: str, cells: int) -> list[str]:
    """Return the text in rows of at most ``cells`` cells, broken at spaces, or anywhere in a long word."""
    rows: list[str] = []
    row = ""
    for word in text.split():
        wider = f"{row} {word}" if row else word
        if cell_len(wider) <= cells:
            row = wider
            continue
        if row:
            rows.append(row)
        row = word
        while cell_len(row) > cells:
            piece = set_cell_size(row, cells).rstrip()
            rows.append(piece)
            row = row[len(piece) :]
    return [*rows, row] if row else rows


def text_of(lines: Sequence[Line]) -> str:
    """Return what a person reads, without inks."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def _is_safe(character: str) -> bool:
    return unicodedata.category(character) not in _UNSAFE
