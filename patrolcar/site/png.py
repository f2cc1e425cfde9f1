"""Read PNG pictures: grey, colour and palette, 1 to 8 bits, with or without transparency.

Small on purpose: a map needs no gamma, no interlacing and no 16 bits. The size is checked before
memory is asked for, and never more is unpacked than the header allows.
Source: PNG specification, second edition (W3C 2003), sections 4 to 9.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from patrolcar.errors import ConfigError
from patrolcar.site.picture import Picture, check_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_CHANNELS = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGBA: 4}
_SOLID = 128  # half transparent counts as solid
_SUB, _UP, _AVERAGE, _PAETH = 1, 2, 3, 4

Bytes = NDArray[np.uint8]


@dataclass(slots=True)
class _Chunks:
    """What the file holds, before unpacking."""

    width: int = 0
    height: int = 0
    depth: int = 0
    colour: int = 0
    palette: bytes = b""
    transparency: bytes = b""
    packed: list[bytes] = field(default_factory=list)

    @property
    def channels(self) -> int:
        return _CHANNELS[self.colour]

    @property
    def row_bytes(self) -> int:
        return (self.width * self.channels * self.depth + 7) // 8


def read_png(content: bytes) -> Picture:
    """Return the picture; ConfigError when the file is damaged or of a kind maps do not use."""
    chunks = _chunks(content)
    rows = _unfiltered(_unpacked(chunks), chunks)
    pixels = _pixels(rows, chunks)
    if chunks.colour == _PALETTE:
        return _through_palette(pixels[:, :, 0], chunks)
    if chunks.colour == _GREY:
        white = (1 << chunks.depth) - 1
        return Picture(pixels[:, :, 0].astype(np.uint16), white)
    colours = pixels[:, :, :3] if chunks.colour in {_RGB, _RGBA} else pixels[:, :, :1]
    opaque = pixels[:, :, -1] >= _SOLID if chunks.colour in {_GREY_ALPHA, _RGBA} else None
    return Picture(colours.sum(axis=2, dtype=np.uint16), 255 * colours.shape[2], opaque)


def _chunks(content: bytes) -> _Chunks:
    if not content.startswith(SIGNATURE):
        _refuse("is not a PNG picture")
    found, at = _Chunks(), len(SIGNATURE)
    while True:
        if at + 12 > len(content):
            _refuse("ends in the middle of a chunk; the file is damaged")
        length, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        checksum = content[at + 8 + length : at + 12 + length]
        if len(checksum) != 4 or zlib.crc32(kind + body) != int.from_bytes(checksum, "big"):  # noqa: PLR2004 - CRC-32
            _refuse(f"chunk {kind!r} is cut short or its checksum is wrong; the file is damaged")
        if (kind == b"IHDR") != (at == len(SIGNATURE)):
            _refuse("the header IHDR must come first, once")
        if kind == b"IEND":
            return found
        _take(found, kind, body)
        at += 12 + length


def _take(found: _Chunks, kind: bytes, body: bytes) -> None:
    if kind == b"IHDR":
        _take_header(found, body)
    elif kind == b"PLTE":
        found.palette = body
    elif kind == b"tRNS":
        found.transparency = body
    elif kind == b"IDAT":
        found.packed.append(body)
    elif kind[:1].isupper():
        _refuse(f"chunk {kind!r} is required to show this picture and not known here; save it as a plain PNG")


def _take_header(found: _Chunks, body: bytes) -> None:
    if len(body) != 13:  # noqa: PLR2004 - size of IHDR
        _refuse("the header has the wrong length; the file is damaged")
    found.width, found.height, found.depth, found.colour, packing, filtering, interlace = struct.unpack(
        ">IIBBBBB", body
    )
    check_size(found.width, found.height)
    allowed = {_GREY: (1, 2, 4, 8), _PALETTE: (1, 2, 4, 8)}.get(found.colour, (8,))
    if found.colour not in _CHANNELS or found.depth not in allowed:
        kind = f"colour type {found.colour} with {found.depth} bits"
        _refuse(f"{kind} is not read here; save it with 8 bits per channel")
    if packing or filtering or interlace:
        _refuse("interlaced or specially packed pictures are not read here; save it without interlacing")


def _unpacked(chunks: _Chunks) -> Bytes:
    """Return the filtered rows, shape (height, 1 + row_bytes)."""
    expected = chunks.height * (1 + chunks.row_bytes)
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(b"".join(chunks.packed), expected + 1)
    except zlib.error as error:
        _refuse(f"the pixels cannot be unpacked ({error}); the file is damaged")
    if len(data) != expected:
        more = "more" if len(data) > expected else "fewer"
        _refuse(f"holds {more} pixels than its header says; the file is damaged")
    return np.frombuffer(data, np.uint8).reshape(chunks.height, 1 + chunks.row_bytes)


def _unfiltered(filtered: Bytes, chunks: _Chunks) -> Bytes:
    """Undo the row filters; returns shape (height, row_bytes).

    A byte needs its left, upper and upper left neighbour, so all bytes on one slanted line (row +
    column constant) can be done at once, each row with its own filter.
    """
    kinds, raw = filtered[:, 0], filtered[:, 1:]
    if int(kinds.max()) > _PAETH:
        _refuse(f"row filter {int(kinds.max())} does not exist; the file is damaged")
    if not kinds.any():
        return raw
    step = max(1, chunks.channels * chunks.depth // 8)
    height, width = raw.shape[0], raw.shape[1] // step
    done = np.zeros((height + 1, width + 1, step), np.int16)  # one row and column of zeros around
    flat, source = done.reshape(-1, step), raw.reshape(height, width, step).astype(np.int16)
    todo = source.reshape(-1, step)
    for slant in range(height + width - 1):
        first, last = max(0, slant - width + 1), min(height, slant + 1)
        count = last - first
        here = (first + 1) * (width + 1) + slant - first + 1
        left, up = _along(flat, here - 1, width, count), _along(flat, here - width - 1, width, count)
        corner = _along(flat, here - width - 2, width, count)
        value = _along(todo, first * width + slant - first, width - 1, count)
        kind = kinds[first:last, None]
        _along(flat, here, width, count)[:] = (value + _predicted(kind, left, up, corner)) & 0xFF
    return done[1:, 1:].astype(np.uint8).reshape(height, -1)


def _along(flat: NDArray[np.int16], start: int, stride: int, count: int) -> NDArray[np.int16]:
    """Return every ``stride``-th entry as a view; a stride of 0 happens for one column only."""
    return flat[start : start + max(1, stride) * (count - 1) + 1 : max(1, stride)]


def _predicted(
    kind: Bytes, left: NDArray[np.int16], up: NDArray[np.int16], corner: NDArray[np.int16]
) -> NDArray[np.int16]:
    """Return what each filter subtracted (PNG section 9)."""
    guess = left + up - corner
    from_left, from_up, from_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    paeth = np.where(
        (from_left <= from_up) & (from_left <= from_corner),
        left,
        np.where(from_up <= from_corner, up, corner),
    )
    guessed: NDArray[np.int16] = np.select(
        [kind == _SUB, kind == _UP, kind == _AVERAGE, kind == _PAETH],
        [left, up, (left + up) // 2, paeth],
        np.int16(0),
    )
    return guessed


def _pixels(rows: Bytes, chunks: _Chunks) -> Bytes:
    """Return shape (height, width, channels)."""
    if chunks.depth < 8:  # noqa: PLR2004 - bits of a byte
        bits = np.unpackbits(rows, axis=1).reshape(chunks.height, -1, chunks.depth)
        weights = 1 << np.arange(chunks.depth - 1, -1, -1, dtype=np.uint8)
        values: Bytes = (bits * weights).sum(axis=2, dtype=np.uint8)
        return values[:, : chunks.width, None]
    return rows.reshape(chunks.height, chunks.width, chunks.channels)


def _through_palette(indices: Bytes, chunks: _Chunks) -> Picture:
    colours = np.frombuffer(chunks.palette, np.uint8)
    if not colours.size or colours.size % 3 or int(indices.max()) >= colours.size // 3:
        _refuse("a pixel names a colour that the palette does not have; the file is damaged")
    shades = colours.reshape(-1, 3).sum(axis=1, dtype=np.uint16)
    alpha = np.full(shades.size, 255, np.uint8)
    given = np.frombuffer(chunks.transparency, np.uint8)[: shades.size]
    alpha[: given.size] = given
    opaque = (alpha >= _SOLID)[indices] if given.size else None
    return Picture(shades[indices], 3 * 255, opaque)


def _refuse(text: str) -> NoReturn:
    raise ConfigError(text)
