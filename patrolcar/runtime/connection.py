"""The one owner of the port: opens it, loses it, opens it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from patrolcar.errors import LinkError
from patrolcar.links import Link

RETRY_EVERY_NS: Final = 1_000_000_000


class Connection:
    """A link that comes back.

    Args:
        opener: Opens the link; raises LinkError.
        name: What a person calls it while it is not open.

    """

    def __init__(self, opener: Callable[[], Link], name: str) -> None:
        self.name = name
        self._opener = opener
        self._link: Link | None = None
        self._retry_ns = 0
        self._sentence = ""  # why it is closed, once told
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
            if self._link is None and now_ns >= self._retry_ns:
                self._link = self._opener()
                self.name, self._sentence = self._link.name, ""
            return (self._link.read(now_ns) if self._link else b""), None
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

    def _failed(self, sentence: str, now_ns: int) -> str | None:
        self.close()
        self._retry_ns = now_ns + RETRY_EVERY_NS
        news = sentence if sentence != self._sentence else None
        self._sentence = sentence
        return news
