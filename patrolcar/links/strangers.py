"""Name what talks on a line when it is not our controller: text, or another protocol people know.

Each protocol is told by whole frames whose own check fits, so that noise is seldom taken for one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import xor
from typing import Final, NamedTuple

ENOUGH: Final = 2  # frames in a row or in all, before a protocol is believed
MOST_SHOWN: Final = 48
_TEXT_SHARE: Final = 0.95
_LEAST_TEXT: Final = 8
_MAVLINK_2: Final = b"\xfd"
_MAVLINK_1: Final = b"\xfe"
_LEAST_ROSMASTER: Final = 5
_WHEELTEC: Final = 24
_PRINTABLE: Final = frozenset(b"\t\r\n\x1b") | frozenset(range(0x20, 0x7F))


class Stranger(NamedTuple):
    """A protocol and how long its frame is at a place in a stream; 0 when no sound frame begins there."""

    name: str
    frame_at: Callable[[bytes, int], int]


def _mavlink_2(data: bytes, at: int) -> int:
    """Return the length by the header; the check needs MAVLink's tables, so the next frame must follow."""
    header = data[at : at + 3]
    if len(header) < 3 or header[:1] != _MAVLINK_2:  # noqa: PLR2004  (sync, length, flags)
        return 0
    signature = 13 if header[2] & 1 else 0
    length = header[1] + 12 + signature
    return length if data[at + length : at + length + 1] == _MAVLINK_2 else 0


def _mavlink_1(data: bytes, at: int) -> int:
    header = data[at : at + 2]
    if len(header) < 2 or header[:1] != _MAVLINK_1:  # noqa: PLR2004  (sync, length)
        return 0
    length = header[1] + 8
    return length if data[at + length : at + length + 1] == _MAVLINK_1 else 0


def _rosmaster(data: bytes, at: int) -> int:
    frame = (
        data[at : at + 2 + data[at + 2]] if data[at : at + 2] == b"\xff\xfb" and at + 2 < len(data) else b""
    )
    is_whole = len(frame) >= _LEAST_ROSMASTER and len(frame) == frame[2] + 2
    return len(frame) if is_whole and sum(frame[2:-1]) & 0xFF == frame[-1] else 0


def _wheeltec(data: bytes, at: int) -> int:
    frame = data[at : at + _WHEELTEC]
    if len(frame) < _WHEELTEC or (frame[:1], frame[-1:]) != (b"\x7b", b"\x7d"):
        return 0
    return _WHEELTEC if reduce(xor, frame[:-2]) == frame[-2] else 0


def _hiwonder(data: bytes, at: int) -> int:
    if data[at : at + 2] != b"\xaa\x55" or at + 3 >= len(data):
        return 0
    length = data[at + 3] + 5
    frame = data[at : at + length]
    return length if len(frame) == length and _crc8(frame[2:-1]) == frame[-1] else 0


def _crc8(data: bytes) -> int:
    """Return CRC-8/MAXIM."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc


STRANGERS: Final = (
    Stranger("MAVLink 2 (a flight controller)", _mavlink_2),
    Stranger("MAVLink 1 (a flight controller)", _mavlink_1),
    Stranger("a Yahboom Rosmaster board (frames FF FB)", _rosmaster),
    Stranger("a WHEELTEC board (frames 7B ... 7D)", _wheeltec),
    Stranger("a Hiwonder board (frames AA 55)", _hiwonder),
)


def stranger_in(data: bytes) -> str:
    """Return the name of the protocol that ``data`` is, "" for none we know."""
    return next((each.name for each in STRANGERS if _frames(data, each.frame_at) >= ENOUGH), "")


def is_text(data: bytes) -> bool:
    """Whether ``data`` reads as text: a log, a shell, the prompt of a boot loader, a modem command."""
    return len(data) >= _LEAST_TEXT and sum(byte in _PRINTABLE for byte in data) >= _TEXT_SHARE * len(data)


def sample(data: bytes) -> str:
    """Return the end of ``data``, where it is whole; what is not a letter or a sign is escaped."""
    shown = data[-MOST_SHOWN:]
    return ("..." if len(data) > MOST_SHOWN else "") + repr(shown)[2:-1]


def _frames(data: bytes, frame_at: Callable[[bytes, int], int]) -> int:
    count = at = 0
    while at < len(data):
        length = frame_at(data, at)
        count += length > 0
        at += length or 1
    return count
