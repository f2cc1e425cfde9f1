"""A terminal driver that hears key releases, and hands every key to the controls before the screen sees it.

Textual 8 asks terminals for Kitty's keyboard protocol without event types, and its parser fails on them;
this one adds them (https://sw.kovidgoyal.net/kitty/keyboard-protocol/, progressive enhancement 2). It leans
on private modules of Textual, so :func:`tapping_driver` tests it first, and the stock driver has to do
when the test fails.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any, Final, cast

from textual import constants, events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys
from textual.message import Message
from typing_extensions import override

from patrolcar.dashboard.tap import Tap, hear

ASK_FOR_RELEASES: Final = "\x1b[=2;2u\x1b[?u"
"""Add event types to the flags that Textual pushed, then ask which hold: only terminals that can, answer."""

_EVENT_TYPES: Final = 2
_REPEAT_OR_RELEASE: Final = re.compile(
    r"\x1b\[(?P<code>\d*)(?::[\d:]*)?;(?P<modifiers>\d*):(?P<event>\d)"
    r"(?P<text>;[\d:]*)?(?P<end>[u~ABCDEFHPQRS])"
)
_FLAGS: Final = re.compile(r"\x1b\[\?(\d+)u")
_RELEASE: Final = "3"
_CHUNK: Final = 4096
_POLL_S: Final = 0.1


class KeyUp(Message):
    """A key was let go. It has Textual's name of the key, without modifiers."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class KeyboardFlags(Message):
    """The terminal's answer: which parts of the keyboard protocol are on."""

    def __init__(self, flags: int) -> None:
        super().__init__()
        self.key = ""  # the parser looks at the name of everything it finds
        self.has_releases = bool(flags & _EVENT_TYPES)


class ReleaseParser(XTermParser):
    """Textual's parser, made to understand event types."""

    @override
    def _sequence_to_key_events(
        self,
        sequence: str,
        alt: bool = False,
    ) -> Iterable[events.Key]:
        if flags := _FLAGS.fullmatch(sequence):
            return [cast("events.Key", KeyboardFlags(int(flags[1])))]
        match = _REPEAT_OR_RELEASE.fullmatch(sequence)
        if match is None:
            return super()._sequence_to_key_events(sequence, alt)
        if match["event"] == _RELEASE:
            bare = super()._sequence_to_key_events(f"\x1b[{match['code']};1{match['end']}")
            ups = [KeyUp(key.key) for key in bare if key.key != Keys.Ignore]
            return cast("list[events.Key]", ups) or [events.Key(Keys.Ignore, sequence)]
        stripped = f"\x1b[{match['code']};{match['modifiers']}{match['text'] or ''}{match['end']}"
        return super()._sequence_to_key_events(stripped, alt)


class TappingDriver(LinuxDriver):
    """The driver for Linux and macOS terminals, with our parser, and keys tapped in its input thread."""

    _is_lost = False

    def lose(self) -> None:
        """Give the terminal up: from now on writing does nothing, and nobody waits for what was written.

        Without this a terminal that is closed or stalled would hold up the end of the program for ever:
        Textual's queue of 30 writes is full, and its loop waits in it. Safe in a signal handler.
        """
        if not self._is_lost:
            self._is_lost = True
            Thread(target=self._drain, name="patrolcar-drain", daemon=True).start()

    def _drain(self) -> None:
        writer = self._writer_thread
        while writer is not None:
            writer._queue.get()  # noqa: SLF001 (Textual offers no way to give up)

    @override
    def write(self, data: str) -> None:
        """Write to the terminal, unless it is lost."""
        if not self._is_lost:
            super().write(data)

    @override
    def close(self) -> None:
        """End the writer, without waiting for a terminal that takes nothing."""
        writer = self._writer_thread
        if writer is None or self._is_lost:
            return
        writer._queue.put(None)  # noqa: SLF001 (its own stop() would wait for a stalled terminal for ever)
        while writer.is_alive() and not self._is_lost:
            writer.join(_POLL_S)

    @override
    def start_application_mode(self) -> None:
        """Take the terminal, and ask it to report key releases."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual left it untyped
        if self._writer_thread is not None and not constants.DISABLE_KITTY_KEY:
            self.write(ASK_FOR_RELEASES)
            self.flush()

    @override
    def process_message(self, message: Message) -> None:
        """Let the tap hear a key in this thread, then hand it to Textual."""
        app = cast("Any", self._app)
        tap: Tap = app.controls
        if isinstance(message, KeyboardFlags):
            app.controls.releases = message.has_releases
            return
        if isinstance(message, KeyUp):
            tap.key_up(message.key)
            return
        hear(tap, message)
        super().process_message(message)

    @override
    def run_input_thread(self) -> None:
        """Read keys until the terminal is lost or the driver ends."""
        parser = ReleaseParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_POLL_S):
                    data = _read(self.fileno)
                    if not data:
                        os.kill(os.getpid(), signal.SIGHUP)  # not every way to lose a terminal sends it
                        return
                    text = decode(
                        data
                    )  # empty in the middle of a character, which the parser takes for the end
                    for message in parser.feed(text) if text else ():
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        try:
            list(parser.feed(""))
        except (EOFError, ParseError):
            return


def _read(fileno: int) -> bytes:
    try:
        return os.read(fileno, _CHUNK)
    except OSError:  # EIO: the other end of a pseudo-terminal is closed
        return b""


def parser_works(make: Callable[[], XTermParser] = ReleaseParser) -> bool:
    """Return whether the parser still fits the Textual that is installed."""
    try:
        heard = list(make().feed("w\x1b[119;1:1;119u\x1b[119;1:2;119u\x1b[119;1:3u\x1b[1;1:3A\x1b[?27u "))
    except (ValueError, TypeError, AttributeError, KeyError):
        return False
    return [(type(each).__name__, getattr(each, "key", None)) for each in heard] == [
        ("Key", "w"),
        ("Key", "w"),
        ("Key", "w"),
        ("KeyUp", "w"),
        ("KeyUp", "up"),
        ("KeyboardFlags", ""),
        ("Key", "space"),
    ]


def tapping_driver() -> type[Driver] | None:
    """Return the driver class, or ``None`` when this Textual is one that it does not fit."""
    return TappingDriver if parser_works() else None
