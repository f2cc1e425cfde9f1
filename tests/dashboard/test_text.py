"""Text from outside cannot do anything to a terminal, and always fits."""

from __future__ import annotations

import doctest
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from patrolcar.dashboard import text as text_module
from patrolcar.dashboard.connection import harmless
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import ascii_only, fit, fit_line, line_width, plain, spread, wrapped_text
from patrolcar.dashboard.views import mission, pad
from patrolcar.pilot.snapshot import EventView

anything = st.text(st.characters(), max_size=60)
printable = anything.map(plain)


@given(anything)
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    assert all(unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029" for c in plain(text))


@given(anything)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jdock", "dock"),
        ("\x1b]52;c;aGFjaw==\x07dock", "dock"),
        ("\x1b]0;title\x1b\\dock", "dock"),
        ("\x9b31mdock", "dock"),
        ("do\u202eck", "dock"),
        ("do\ud800ck", "dock"),
        ("a\r\nb\tc", "a  b c"),
        ("[bold red]dock[/]", "[bold red]dock[/]"),
        ("会议室", "会议室"),
    ],
)
def test_this_is_shown_as(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(printable, st.integers(0, 40))
def test_a_text_fits_exactly(text: str, cells: int) -> None:
    assert cell_len(fit(text, cells)) == cells


@given(st.lists(printable, max_size=5), st.lists(printable, max_size=3), st.integers(0, 90))
def test_a_line_fits_exactly(left: list[str], right: list[str], cells: int) -> None:
    first = tuple((text, Ink.PLAIN) for text in left)
    second = tuple((text, Ink.DIM) for text in right)
    assert line_width(fit_line(first, cells)) == cells
    assert line_width(spread(first, second, cells)) == cells


@given(printable, st.integers(2, 40))
def test_wrapped_rows_are_never_too_wide(text: str, cells: int) -> None:
    assert all(cell_len(row) <= cells for row in wrapped_text(text, cells))


@given(printable)
def test_ascii_keeps_the_width(text: str) -> None:
    assert ascii_only(text).isascii()
    assert len(ascii_only(text)) == cell_len(text)


def test_every_text_of_the_core_is_cleaned_at_the_door() -> None:
    event = EventView(1, "INFO", "mission\x1b[31m", "\x1b]52;c;x\x07here")
    assert harmless(event) == EventView(1, "INFO", "mission", "here")


@pytest.mark.parametrize("module", [text_module, mission, pad])
def test_the_examples_in_the_docstrings_are_true(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # parametrize loses the type
