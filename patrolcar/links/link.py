"""What every link is, whatever carries its bytes."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Link(Protocol):
    """Anything that carries bytes to a controller and back."""

    @property
    def name(self) -> str:
        """What a person calls it: a port, an address, a simulated site."""

    def fileno(self) -> int | None:
        """Return what to wait on for bytes, None when there is nothing to wait on."""

    def read(self, now_ns: int) -> bytes:
        """Return what has come since the last call, without waiting; LinkError when the line is gone."""

    def write(self, data: bytes) -> None:
        """Send, without waiting; unsent older data gives way. LinkError when the line is gone."""

    def close(self) -> None:
        """Let go of it; never fails."""
