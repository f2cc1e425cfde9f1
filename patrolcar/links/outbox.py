"""What waits to be sent: at most the rest of one write and the newest write after it."""

from __future__ import annotations

from collections.abc import Callable


class Outbox:
    """A slot, not a queue.

    A write that has begun is finished, because half a frame helps nobody; behind it only the newest
    write waits. So a line that stalls and comes back never replays old commands.

    Args:
        send: Sends a prefix of the bytes without waiting and returns how many; raises OSError.

    """

    def __init__(self, send: Callable[[bytes], int]) -> None:
        self.replaced = 0  # writes that gave way to newer ones
        self._send = send
        self._begun = b""
        self._newest = b""

    def put(self, data: bytes) -> None:
        """Send ``data`` now, or keep it as the newest."""
        if not data:
            self.flush()
            return
        if self._newest:
            self.replaced += 1
        self._newest = data
        self.flush()

    def flush(self) -> None:
        """Send what the line takes now."""
        if self._begun:
            self._begun = self._begun[self._send(self._begun) :]
        if not self._begun and self._newest:
            self._begun, self._newest = self._newest, b""
            self._begun = self._begun[self._send(self._begun) :]
