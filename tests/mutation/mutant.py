"""One wrong token, and an address for it that outlives edits elsewhere in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Change(NamedTuple):
    """Characters ``start`` to ``end`` of a source become ``after``."""

    start: int
    end: int
    after: str


class Address(NamedTuple):
    """Where a mutant is, in words of the source: no line numbers."""

    file: str  # relative to the root of the repository
    line: str  # the line it begins in, without indentation
    change: str  # "before -> after"
    nth: int  # among those that are otherwise called the same, from 1 on


class Mutant(NamedTuple):
    """One change with its address."""

    address: Address
    change: Change

    def applied(self, source: str) -> str:
        """Return the source with the mistake in it."""
        return source[: self.change.start] + self.change.after + source[self.change.end :]


def addressed(file: str, source: str, changes: Iterable[Change]) -> Iterator[Mutant]:
    """Give each change its address; changes that change nothing are left out."""
    seen: Counter[tuple[str, str]] = Counter()
    for change in sorted(set(changes)):
        before = source[change.start : change.end]
        if before == change.after:
            continue
        name = (line_at(source, change.start), f"{folded(before)} -> {folded(change.after)}")
        seen[name] += 1
        yield Mutant(Address(file, *name, seen[name]), change)


def line_at(source: str, position: int) -> str:
    """Return the line around a position, without indentation."""
    begin = source.rfind("\n", 0, position) + 1
    end = source.find("\n", position)
    return source[begin : end if end >= 0 else len(source)].strip()


def folded(text: str) -> str:
    """Return a piece of source on one line."""
    return " ".join(text.split()) or "nothing"
