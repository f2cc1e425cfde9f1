"""Bytes of terminals, with and without key releases, become the right keys."""

from __future__ import annotations

import pytest
from textual._xterm_parser import XTermParser

from patrolcar.dashboard.terminal import KeyboardFlags, KeyUp, ReleaseParser, parser_works, tapping_driver


def heard(text: str) -> list[tuple[str, str]]:
    return [(type(each).__name__, getattr(each, "key", "")) for each in ReleaseParser().feed(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w", ("Key", "w")),
        (" ", ("Key", "space")),
        ("\x1b[A", ("Key", "up")),
        ("\x1b[24~", ("Key", "f12")),
        ("\x03", ("Key", "ctrl+c")),
        ("\x18", ("Key", "ctrl+x")),
        ("\x1b[119;;119u", ("Key", "w")),
        ("\x1b[119;1:1;119u", ("Key", "w")),
        ("\x1b[119;1:2;119u", ("Key", "w")),
        ("\x1b[119;1:3u", ("KeyUp", "w")),
        ("\x1b[119;2:3u", ("KeyUp", "w")),
        ("\x1b[97;2:1;65u", ("Key", "A")),
        ("\x1b[32;1:1;32u", ("Key", "space")),
        ("\x1b[1;1:1A", ("Key", "up")),
        ("\x1b[1;1:3A", ("KeyUp", "up")),
        ("\x1b[1;2:1A", ("Key", "shift+up")),
        ("\x1b[24;1:1~", ("Key", "f12")),
        ("\x1b[120;5:1u", ("Key", "ctrl+x")),
        ("\x1b[99;5:1u", ("Key", "ctrl+c")),
        ("\x1b[13;1:1u", ("Key", "enter")),
        ("\x1b[27;1:3u", ("KeyUp", "escape")),
        ("\x1b[57441;1:1u", ("Key", "left_shift")),
        ("\x1b[?27u", ("KeyboardFlags", "")),
        ("\x1b[I", ("AppFocus", "")),
        ("\x1b[O", ("AppBlur", "")),
    ],
)
def test_this_sequence_is_this_key(text: str, expected: tuple[str, str]) -> None:
    assert heard(text) == [expected]


def test_a_sequence_cut_anywhere_is_still_whole() -> None:
    text = "\x1b[119;1:1;119u\x1b[119;1:3u \x1b[?27u"
    for cut in range(1, len(text)):
        parser = ReleaseParser()
        messages = [*parser.feed(text[:cut]), *parser.feed(text[cut:])]
        assert [type(each).__name__ for each in messages] == ["Key", "KeyUp", "Key", "KeyboardFlags"]


def test_two_keys_at_once_are_let_go_one_by_one() -> None:
    text = "\x1b[119;1:1;119u\x1b[100;1:1;100u\x1b[119;1:3u\x1b[100;1:3u"
    assert heard(text) == [("Key", "w"), ("Key", "d"), ("KeyUp", "w"), ("KeyUp", "d")]


@pytest.mark.parametrize(("flags", "releases"), [(0, False), (25, False), (27, True), (2, True)])
def test_the_terminal_itself_says_whether_it_tells_releases(flags: int, releases: bool) -> None:
    (message,) = ReleaseParser().feed(f"\x1b[?{flags}u")
    assert isinstance(message, KeyboardFlags)
    assert message.has_releases is releases


def test_our_driver_is_used_with_the_textual_that_is_installed() -> None:
    assert parser_works()
    assert tapping_driver() is not None


def test_a_parser_that_does_not_fit_is_found_out() -> None:
    assert not parser_works(XTermParser)


def test_a_release_is_no_key_press() -> None:
    (message,) = ReleaseParser().feed("\x1b[119;1:3u")
    assert isinstance(message, KeyUp)
