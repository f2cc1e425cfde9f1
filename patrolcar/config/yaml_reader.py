"""Read a small, harmless part of YAML, and know where everything stands.

Values are lists, mappings with text keys, and text. Refused, because each has hung, crashed or
silently changed a program before: anchors, aliases, merge keys, tags, a key given twice, several
documents, deep nesting, big files. Measured attacks: a file of eight lines hangs ``yaml.safe_load``
for ever; ``speed: 0.2`` twice takes the last one without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import yaml

from patrolcar.config.folder import MAX_SITE_BYTES, MAX_YAML_BYTES, DiskFolder, Folder
from patrolcar.config.node import Node, Scalar
from patrolcar.config.problems import BadFileError, Problem, shown
from patrolcar.errors import ConfigError

MAX_DEPTH = 16
MAX_NODES = 10_000
MAX_SITE_NODES = 100_000
"""A corner of a wall takes three values, so a large building needs more than other files."""

_LOOK = "look here and just above for a missing quote, bracket or space"

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """What one file says; ``problems`` are the mistakes that did not keep it from being read."""

    title: str
    root: Node
    problems: tuple[Problem, ...]


def read_yaml(path: Path) -> Document:
    """Return what the file says; BadFileError with line and column when it is not plain YAML."""
    return read_document(DiskFolder(path.parent), path.name)


def read_document(folder: Folder, name: str) -> Document:
    """Return what a small file of ``folder`` says: 64 KiB, 10,000 values."""
    return parse_document(_content(folder, name, MAX_YAML_BYTES), folder.title(name))


def read_site_document(folder: Folder, name: str) -> Document:
    """Return what a site file says: 1 MiB, 100,000 values."""
    return parse_document(_content(folder, name, MAX_SITE_BYTES), folder.title(name), MAX_SITE_NODES)


def parse_document(content: bytes, title: str, max_nodes: int = MAX_NODES) -> Document:
    """Return what these bytes say; ``title`` is the file's name in messages."""
    return _Reader(_decoded(content, title), title, max_nodes).document()


def _content(folder: Folder, name: str, limit: int) -> bytes:
    try:
        return folder.read(name, limit)
    except ConfigError as error:
        raise BadFileError([Problem(folder.title(name), 0, 0, "", str(error))]) from error


def _decoded(content: bytes, title: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        text = f"byte 0x{content[error.start]:02x} is not UTF-8 text; save the file as UTF-8"
        raise BadFileError([Problem(title, line, column, "", text)]) from error


class _Reader:
    """One pass over the events of the parser; recursion is bounded by ``MAX_DEPTH``."""

    def __init__(self, text: str, title: str, max_nodes: int) -> None:
        self._title = title
        self._events = self._checked_events(text)
        self._nodes, self._max_nodes = 0, max_nodes
        self._problems: list[Problem] = []

    def document(self) -> Document:
        next(self._events)  # stream start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self._refuse(None, "the file is empty")
        root = self._node(next(self._events), 0)
        next(self._events)  # document end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse(after, "a second document starts here; one file holds one")
        return Document(self._title, root, tuple(self._problems))

    def _checked_events(self, text: str) -> Iterator[yaml.Event]:
        try:
            for event in yaml.parse(text, Loader=_Loader):
                self._refuse_cleverness(event)
                yield event
        except yaml.reader.ReaderError as error:
            before = text[: error.position]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            raise BadFileError([Problem(self._title, line, column, "", _bad_character(error))]) from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            said = f"not YAML: {error.problem or error.context}; {_LOOK}"
            raise BadFileError([Problem(self._title, line, column, "", said)]) from error
        except yaml.YAMLError as error:
            raise BadFileError([Problem(self._title, 0, 0, "", f"not YAML: {error}")]) from error

    def _refuse_cleverness(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"alias *{event.anchor}: write the value out instead")
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor:
            self._refuse(event, f"anchor &{anchor}: names for values are not used here; remove it")
        if tag:
            self._refuse(event, f"tag {shown(str(tag))}: types are known here; remove it")

    def _node(self, event: yaml.Event, depth: int, key: yaml.Event | None = None) -> Node:
        self._nodes += 1
        if self._nodes > self._max_nodes:
            self._refuse(event, f"more than {self._max_nodes} values in one file; split it")
        if depth > MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        content: Scalar | tuple[Node, ...] | dict[str, Node]
        if isinstance(event, yaml.ScalarEvent):
            content = Scalar(event.value, quoted=not event.implicit[0])
        elif isinstance(event, yaml.SequenceStartEvent):
            content = tuple(self._items(depth))
        else:
            content = self._entries(depth)
        line, column = _where(event)
        return Node(content, line, column, *_where(key or event))

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self._refuse(
                    key, "a list or mapping stands where a key is expected; write a word and a colon"
                )
            name = str(key.value)
            if name == "<<" and key.implicit[0]:
                self._refuse(key, "merge key <<: write the values out instead")
            node = self._node(next(self._events), depth + 1, key)
            if name in entries:
                twice = f"given twice; the first is in line {entries[name].key_line}; remove or rename one"
                self._problems.append(Problem(self._title, *_where(key), shown(name), twice))
            else:
                entries[name] = node
        return entries

    def _refuse(self, event: yaml.Event | None, text: str) -> NoReturn:
        line, column = _where(event) if event else (1, 1)
        raise BadFileError([Problem(self._title, line, column, "", text)])


def _where(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _bad_character(error: yaml.reader.ReaderError) -> str:
    code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "\0")
    return f"character U+{code:04X} is not allowed in YAML; remove it"
