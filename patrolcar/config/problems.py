"""Mistakes in files, collected so that a person sees all of them at once.

A line reads ``file:line:column: key.path: what was found, what is expected, what to do``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from typing_extensions import override

from patrolcar.errors import ConfigError

MAX_SHOWN = 50
"""Lines of one error text; a file with a thousand mistakes has one mistake a thousand times."""

_MAX_VALUE = 40
_MAX_LISTED = 14


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``line`` and ``column`` count from 1; 0 means the file as a whole."""

    file: str
    line: int
    column: int
    key: str
    text: str

    @override
    def __str__(self) -> str:
        """Return the line a person reads."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return ": ".join(part for part in (place, self.key, self.text) if part)


class BadFileError(ConfigError):
    """A file, or several, cannot be used; ``problems`` holds every mistake found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in the order of the file, each once."""
        self.problems = tuple(dict.fromkeys(sorted(problems, key=_position)))
        lines = [str(problem) for problem in self.problems[:MAX_SHOWN]]
        if len(self.problems) > MAX_SHOWN:
            lines.append(f"and {len(self.problems) - MAX_SHOWN} more mistakes")
        super().__init__("\n".join(lines))


def _position(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column


def shown(value: str) -> str:
    """Return text from a file, quoted, short, and unable to move a terminal's cursor."""
    short = value if len(value) <= _MAX_VALUE else value[: _MAX_VALUE - 3] + "..."
    return '"' + "".join(map(_visible, short)) + '"'


def _visible(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")


def listed(names: Iterable[str]) -> str:
    """Return names separated by commas, the first fourteen of them."""
    every = list(names)
    more = f" and {len(every) - _MAX_LISTED} more" if len(every) > _MAX_LISTED else ""
    return ", ".join(every[:_MAX_LISTED]) + more


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean x?`` when one of ``known`` looks like ``word``, else an empty text."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower()[:64], by_lower, n=1, cutoff=0.6)
    return f"did you mean {by_lower[close[0]]}?" if close else ""


def key_path(parts: Iterable[str | int]) -> Iterator[str]:
    """Yield the pieces of ``walls[3].line`` for ``("walls", 3, "line")``; join them with nothing."""
    for number, part in enumerate(parts):
        if isinstance(part, int):
            yield f"[{part}]"
        else:
            dot = "." if number else ""
            yield dot + (part if part.isprintable() and len(part) <= _MAX_VALUE else shown(part))
