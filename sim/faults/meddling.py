"""Somebody on the line who sends what is sound by itself: old commands, out of order, or senseless ones."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from typing_extensions import override

from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import SPEC_OF, Cmd, Command, Drive, Message
from sim.faults.effect import Effect
from sim.faults.target import Target

_FASTEST_MPS, _FASTEST_RADPS = 32.0, 32.0  # near the ends of their fields
_MOST_MS = 65535
_COUNTS = 65536
_OTHER = 0x5555


@dataclass
class Meddler(Effect):
    """Makes something else of what the host sends."""

    def sent(self, data: bytes) -> bytes:
        """Return what goes on to the controller in place of ``data``."""
        return data

    @override
    def begin(self, target: Target) -> None:
        target.uplink.meddler = self.sent

    @override
    def end(self, target: Target) -> None:
        target.uplink.meddler = None


@dataclass
class Replayed(Meddler):
    """After every piece comes, once more, the piece that was sent ``pieces`` before it."""

    pieces: int = 50
    _past: deque[bytes] = field(default_factory=deque, init=False)

    @override
    def sent(self, data: bytes) -> bytes:
        self._past.append(data)
        return data + self._past.popleft() if len(self._past) > self.pieces else data


@dataclass
class Overtaken(Meddler):
    """Of the last ``pieces`` any one comes next; none is lost."""

    pieces: int = 5
    _waiting: list[bytes] = field(default_factory=list, init=False)
    _chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0), init=False)

    @override
    def begin(self, target: Target) -> None:
        super().begin(target)
        self._chance = target.noise

    @override
    def sent(self, data: bytes) -> bytes:
        self._waiting.append(data)
        if len(self._waiting) < self.pieces:
            return b""
        return self._waiting.pop(int(self._chance.integers(len(self._waiting))))


@dataclass
class Forged(Meddler):
    """After every DRIVE come two with its session and impossible leases, and a command of nobody."""

    _heard: FrameDecoder = field(default_factory=FrameDecoder, init=False)
    _encoder: FrameEncoder = field(default_factory=FrameEncoder, init=False)

    @override
    def sent(self, data: bytes) -> bytes:
        said = [frame.spec.unpack(frame.payload) for frame in self._heard.feed(data)]
        forged = [each for drive in said if isinstance(drive, Drive) for each in _senseless(drive)]
        return data + b"".join(self._encoder.encode(SPEC_OF[type(each)], each) for each in forged)


def _senseless(drive: Drive) -> list[Message]:
    following = (drive.number + 1) % _COUNTS
    return [
        Drive(drive.session, following, 0, _FASTEST_MPS, 0.0, -_FASTEST_RADPS),
        Drive(drive.session, following, _MOST_MS, -_FASTEST_MPS, _FASTEST_MPS, _FASTEST_RADPS),
        Cmd(drive.session ^ _OTHER, 1, Command.CLEAR_STOP, 0),
        Cmd(drive.session, 1, max(Command) + 1, 0),
    ]
