"""What waits to be sent: at most the rest of one write and the newest write after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from firmware_protocol.framing import cobs_decoded
from firmware_protocol.messages import SPEC_OF, Stop

_STOP_ID: Final = SPEC_OF[Stop].id


class Outbox:
    """A slot, not a queue.

    A write that has begun is finished, because half a frame helps nobody; behind it only the newest
    write waits. So a line that stalls and comes back never replays old commands. Only STOP never gives
    way: it goes before the write that replaced its own.

    Args:
        send: Sends a prefix of the bytes without waiting and returns how many; raises OSError.

    """

    def __init__(self, send: Callable[[bytes], int]) -> None:
        self.replaced = 0  # writes that gave way to newer ones
        self._send = send
        self._begun = b""
        self._newest = b""

    @property
    def waiting(self) -> int:
        """Bytes that were not handed to the line yet."""
        return len(self._begun) + len(self._newest)

    def put(self, data: bytes) -> None:
        """Send ``data`` now, or keep it as the newest."""
        if data and self._newest:
            self.replaced += 1
            data = kept_stop(self._newest, data) + data
        self._newest = data or self._newest
        self.flush()

    def flush(self) -> None:
        """Send what the line takes now."""
        if self._begun:
            self._begun = self._begun[self._send(self._begun) :]
        if not self._begun and self._newest:
            self._begun, self._newest = self._newest, b""
            self._begun = self._begun[self._send(self._begun) :]


def kept_stop(replaced: bytes, newer: bytes) -> bytes:
    """Return the STOP frames of a replaced write, nothing when the newer write has STOP itself."""
    return b"" if _stops(newer) else b"".join(frame + b"\0" for frame in _stops(replaced))


def _stops(data: bytes) -> list[bytes]:
    return [block for block in data.split(b"\0") if (cobs_decoded(block) or b"\0")[0] == _STOP_ID]
