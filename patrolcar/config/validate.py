"""Turn what a file says into values, entry by entry, and collect every mistake on the way.

One bad entry never hides the others: whatever can be read is read, and the caller goes on to
check its meaning, so that a person sees the mistakes of both kinds at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from patrolcar.config.fields import OUR_ERROR, checked_line
from patrolcar.config.node import Node
from patrolcar.config.problems import BadFileError, Problem, key_path, listed, nearest, shown
from patrolcar.config.yaml_reader import Document

Value = TypeVar("Value")
Model = TypeVar("Model", bound=BaseModel)
Key = TypeVar("Key", str, int)

Path = tuple[str | int, ...]

MAX_ENTRIES = 2000
"""Entries of one section; far above any building, and small enough to check in a moment."""


@dataclass(frozen=True, slots=True)
class Located(Generic[Value]):
    """A value that was read, and where it stands in the file."""

    value: Value
    path: Path

    @property
    def key(self) -> str:
        """The last part of the path: the name of an entry."""
        return str(self.path[-1])


@dataclass(frozen=True, slots=True)
class Kind(Generic[Value]):
    """What an entry must look like; ``model`` is set when it is a mapping of known keys."""

    adapter: TypeAdapter[Value]
    model: type[BaseModel] | None = None


def entry_of(model: type[Model]) -> Kind[Model]:
    """Return the kind of entry that ``model`` describes."""
    return Kind(TypeAdapter(model), model)


class Checker:
    """Reads parts of one file; every mistake goes to ``problems``."""

    def __init__(self, document: Document) -> None:
        """Take what the file says."""
        self.title, self.root = document.title, document.root
        self.problems: list[Problem] = list(document.problems)

    def add(self, path: Path, text: str, *, at_key: bool = False) -> None:
        """Note a mistake at ``path``, or at the deepest part of it that exists."""
        node, _ = self.root.follow(path)
        line, column = (node.key_line, node.key_column) if at_key else (node.line, node.column)
        self.problems.append(Problem(self.title, line, column, "".join(key_path(path)), text))

    def finish(self) -> None:
        """Raise BadFileError when there were mistakes."""
        if self.problems:
            raise BadFileError(self.problems)

    def says(self, key: str) -> bool:
        """Whether the file has this key at its top, with something written after it."""
        node = self.root.child(key)
        return node is not None and node.plain() is not None

    def header(self, model: type[Model], path: Path = ()) -> Model | None:
        """Read the mapping at ``path``; keys that cannot be read are left out if the model allows."""
        node, _ = self.root.follow(path)
        raw = node.plain()
        if not isinstance(raw, dict):
            self.add(path, f"keys and values are expected here ({listed(_keys_of(model))})")
            return None
        given = {key: value for key, value in raw.items() if value is not None or key not in _keys_of(model)}
        try:
            return model.model_validate(given)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=True, include_input=False)
            self._note(details, path, model)
        try:
            bad = {detail["loc"][0] for detail in details if detail["loc"]}
            return model.model_validate({key: value for key, value in given.items() if key not in bad})
        except ValidationError:
            return None

    def value(self, kind: Kind[Value], path: Path) -> Located[Value] | None:
        """Read the value at ``path``; None after a mistake."""
        node, _ = self.root.follow(path)
        try:
            return Located(kind.adapter.validate_python(node.plain()), path)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=True, include_input=False)
            self._note(details, path, kind.model)
            return None

    def items(self, section: str, kind: Kind[Value]) -> list[Located[Value]]:
        """Read the list ``section``; an absent one is empty."""
        node = self._section(section)
        if node is None:
            return []
        if not isinstance(node.content, tuple):
            self.add((section,), "a list is expected here: one line for each, starting with a dash")
            return []
        found = (
            self.value(kind, (section, index)) for index in self._first(section, range(len(node.content)))
        )
        return [each for each in found if each is not None]

    def named(self, section: str, kind: Kind[Value]) -> list[Located[Value]]:
        """Read the mapping of names ``section``; an absent one is empty."""
        node = self._section(section)
        if node is None:
            return []
        if not isinstance(node.content, Mapping):
            self.add((section,), "names are expected here, each followed by a colon and its value")
            return []
        names = [name for name in self._first(section, node.keys()) if self._name_is_good(section, name)]
        found = (self.value(kind, (section, name)) for name in names)
        return [each for each in found if each is not None]

    def _first(self, section: str, keys: Sequence[Key]) -> Sequence[Key]:
        """Return the first ``MAX_ENTRIES`` of ``keys``, and note a section that has more."""
        if len(keys) > MAX_ENTRIES:
            self.add((section, keys[MAX_ENTRIES]), f"more than {MAX_ENTRIES} {section}; split the file")
        return keys[:MAX_ENTRIES]

    def _section(self, section: str) -> Node | None:
        return self.root.child(section) if self.says(section) else None

    def _name_is_good(self, section: str, name: str) -> bool:
        try:
            checked_line(name, "a name, 1 to 64 characters on one line")
        except PydanticCustomError as error:
            self.add((section, name), error.message(), at_key=True)
            return False
        return True

    def _note(self, details: Iterable[ErrorDetails], path: Path, model: type[BaseModel] | None) -> None:
        for detail in details:
            inner = tuple(part for part in detail["loc"] if part != "[key]")
            at_key = detail["type"] == "extra_forbidden"
            self.add((*path, *inner), _wording(detail, model, self._siblings((*path, *inner))), at_key=at_key)

    def _siblings(self, path: Path) -> tuple[str, ...]:
        return self.root.follow(path[:-1])[0].keys()


def _wording(detail: ErrorDetails, model: type[BaseModel] | None, siblings: tuple[str, ...]) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    if detail["type"] == OUR_ERROR:
        return str(context["text"])
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        return _unknown_key(name, model, siblings)
    if detail["type"] == "missing":
        return f"missing; write {_expected(name, model)}"
    if detail["type"] in {"list_type", "tuple_type"}:
        return "a list is expected here, in square brackets or with dashes"
    if detail["type"] in {"dict_type", "model_type", "model_attributes_type"}:
        return "keys and values are expected here"
    return detail["msg"]


def _unknown_key(name: str, model: type[BaseModel] | None, siblings: tuple[str, ...]) -> str:
    known = _keys_of(model) if model else []
    hint = nearest(name, [key for key in known if key not in siblings])
    return f"unknown key{hint and '; ' + hint} (known here: {listed(known)})"


def _expected(name: str, model: type[BaseModel] | None) -> str:
    for key, field in (model.model_fields if model else {}).items():
        if name in {key, field.alias}:
            return f"{name}: {field.description or '...'}"
    return f"{shown(name)} here"


def _keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or key for key, field in model.model_fields.items()]
