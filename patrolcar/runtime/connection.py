"""The one owner of the port: opens it, loses it, opens it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from patrolcar.errors import LinkError
from patrolcar.links import Link

RETRY_EVERY_NS: Final = 200_000_000
SILENT_AFTER_NS: Final = 5_000_000_000  # some converters stop delivering until they are opened again
LONGEST_SILENCE_NS: Final = 60_000_000_000


class Connection:
    """A link that comes back.

    A port that is open but says nothing is opened again after 5 s, then after 10, 20, 40 and every 60 s:
    seldom enough for a board that opening resets and that takes long to start.

    Args:
        opener: Opens the link; raises LinkError.
        name: What a person calls it while it is not open.

    """

    def __init__(self, opener: Callable[[], Link], name: str) -> None:
        self.name = name
        self._opener = opener
        self._link: Link | None = None
        self._retry_ns = 0
        self._heard_ns = 0
        self._patience_ns = SILENT_AFTER_NS
        self._sentence = ""  # the last trouble told, until bytes come again
        self._untold: str | None = None  # a loss that write() met and read() has to tell

    def fileno(self) -> int | None:
        """Return what to wait on, None while there is nothing."""
        return self._link.fileno() if self._link else None

    def read(self, now_ns: int) -> tuple[bytes, str | None]:
        """Return what came, and why the port was lost or could not be opened when that is news."""
        if self._untold is not None:
            untold, self._untold = self._untold, None
            return b"", untold
        try:
            return self._received(now_ns), None
        except LinkError as error:
            return b"", self._failed(str(error), now_ns)

    def write(self, data: bytes, now_ns: int) -> None:
        """Send; a port that is gone is noticed at the next read."""
        if self._link is None:
            return
        try:
            self._link.write(data)
        except LinkError as error:
            self._untold = self._failed(str(error), now_ns)

    def close(self) -> None:
        """Let go of the port."""
        if self._link:
            self._link.close()
            self._link = None

    def _received(self, now_ns: int) -> bytes:
        if self._link is None:
            if now_ns < self._retry_ns:
                return b""
            self._link = self._opener()
            self.name, self._heard_ns = self._link.name, now_ns
        data = self._link.read(now_ns)
        if data:
            self._heard_ns, self._patience_ns, self._sentence = now_ns, SILENT_AFTER_NS, ""
        elif now_ns - self._heard_ns > self._patience_ns:
            self._patience_ns = min(2 * self._patience_ns, LONGEST_SILENCE_NS)
            message = f"{self.name}: open but silent; opening it again from time to time, is the car powered?"
            raise LinkError(message)
        return data

    def _failed(self, sentence: str, now_ns: int) -> str | None:
        self.close()
        self._retry_ns = now_ns + RETRY_EVERY_NS
        news = sentence if sentence != self._sentence else None
        self._sentence = sentence
        return news
