"""What a YAML file says, before anybody decides what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value exactly as written.

    It stays text until a field that expects a number reads it: so ``no`` never becomes false,
    ``1:30`` never 90, and a room may be called 017.
    """

    text: str
    quoted: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written (or YAML's words for nothing)."""
        return not self.quoted and self.text in {"", "~", "null"}


Content: TypeAlias = "Scalar | tuple[Node, ...] | Mapping[str, Node]"


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands; lines and columns count from 1.

    ``key_line`` and ``key_column`` are where its key stands, for entries of a mapping.
    """

    content: Content
    line: int
    column: int
    key_line: int
    key_column: int

    def child(self, part: str | int) -> Node | None:
        """Return the entry of a mapping or the item of a list, or None."""
        if isinstance(self.content, Mapping):
            return self.content.get(part) if isinstance(part, str) else None
        if isinstance(self.content, tuple) and isinstance(part, int) and 0 <= part < len(self.content):
            return self.content[part]
        return None

    def follow(self, path: Sequence[str | int]) -> tuple[Node, tuple[str | int, ...]]:
        """Return the deepest node along ``path``, and how much of the path led there."""
        node = self
        for depth, part in enumerate(path):
            below = node.child(part)
            if below is None:
                return node, tuple(path[:depth])
            node = below
        return node, tuple(path)

    def keys(self) -> tuple[str, ...]:
        """Return the keys of a mapping; nothing for anything else."""
        return tuple(self.content) if isinstance(self.content, Mapping) else ()

    def plain(self) -> object:
        """Return dicts, lists and scalars for the models; an empty value is None."""
        if isinstance(self.content, Mapping):
            return {key: node.plain() for key, node in self.content.items()}
        if isinstance(self.content, tuple):
            return [node.plain() for node in self.content]
        return None if self.content.is_empty else self.content
