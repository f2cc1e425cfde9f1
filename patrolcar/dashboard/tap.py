"""Who hears keys and mouse before the screen does."""

from __future__ import annotations

from typing import Protocol

from textual import events
from textual.message import Message


class Tap(Protocol):
    """Who hears the hand, in whatever thread its news comes in."""

    def key_down(self, key: str) -> None:
        """Take a press or a repeat."""

    def key_up(self, key: str) -> None:
        """Take a release."""

    def let_go(self) -> None:
        """Take the release of a mouse button."""

    def interrupt(self) -> None:
        """Take the loss of the focus."""


def hear(tap: Tap, message: Message) -> None:
    """Tell the tap about a message from the terminal."""
    if isinstance(message, events.Key):
        tap.key_down(message.key)
    elif isinstance(message, events.MouseUp):
        tap.let_go()
    elif isinstance(message, events.AppBlur):
        tap.interrupt()
