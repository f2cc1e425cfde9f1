"""The help overlay: the keys of this screen, then those of every screen."""

from __future__ import annotations

from patrolcar.dashboard.frame import Page
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.keymap import ENTRIES
from patrolcar.dashboard.text import Line


def help_rows(page: Page) -> list[Line]:
    """Return a line for every key that works on the screen."""
    return [
        ((f" {entry.shown:<22}", Ink.KEY), (entry.says, Ink.PLAIN))
        for entry in ENTRIES
        if page in entry.pages
    ]
