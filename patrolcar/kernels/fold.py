"""The messages of a turn taken in, each by the rule of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from patrolcar.kernels.binding import calls


class Rule(NamedTuple):
    """What a kind of message changes."""

    name: str
    """On the wire."""
    at: int
    """The place among the fields that holds the newest; -1 for none."""
    meaning: Callable[[list[Any], Any, Any], None] | None
    """What else it changes: called with the fields, the message and the context."""
    gathers: bool = False
    """Whether the place holds a tuple, of those that came so far."""


def fold(
    messages: Sequence[Any],
    rules: Mapping[type[Any], Rule],
    fields: list[Any],
    arrived_ns: dict[str, int],
    now_ns: int,
    context: object,
) -> None:
    """Take in messages, in their order.

    Args:
        messages: Of any kinds that have a rule; each stays as it is.
        rules: A ``dict``, by kind.
        fields: Written.
        arrived_ns: Written: when the newest of each name came.
        now_ns: When these came.
        context: Handed on to the meanings.

    Raises:
        KeyError: There is no rule for a message; those before it have been taken in.

    """
    calls().fold(messages, rules, fields, arrived_ns, now_ns, context)
