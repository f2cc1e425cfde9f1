"""What a linked image of the firmware holds.

ELF of 32 bits, little-endian: Tool Interface Standard, 1995.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

FLASH_START: Final = 0x08000000
_IDENTITY_AT: Final = 4 * (1 + 15 + 41)  # behind the vectors of ports/cortex_m/startup.c
_IDENTITY_MARK: Final = b"PCAR:"
_IDENTITY_END: Final = _IDENTITY_AT + 64

_LARGEST_FLASH: Final = 2 * 1024 * 1024
_LOADED: Final = 1
_NO_BITS: Final = 8
_WRITABLE: Final = 1
_ALLOCATED: Final = 2


class NotAnImageError(Exception):
    """The bytes are no ELF file of 32 bits."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of an image: ``text`` is code and constants, ``bss`` holds the stack too."""

    text: int
    data: int
    bss: int

    @property
    def flash(self) -> int:
        """What it needs of the flash."""
        return self.text + self.data

    @property
    def ram(self) -> int:
        """What it needs of the RAM, stack included."""
        return self.data + self.bss


def sizes_of(elf: bytes) -> Sizes:
    """Return the sizes of a linked image."""
    text = data = bss = 0
    for section in _sections(elf):
        if not section.flags & _ALLOCATED:
            continue
        if section.kind == _NO_BITS:
            bss += section.size
        elif section.flags & _WRITABLE:
            data += section.size
        else:
            text += section.size
    return Sizes(text, data, bss)


def is_elf(image: bytes) -> bool:
    """Tell whether an image is an ELF file, and not the bare bytes of a flash."""
    return image.startswith(b"\x7fELF")


def flash_bytes(elf: bytes) -> bytes:
    """Return what has to stand in the flash, from its start on; gaps are zero.

    Raises:
        NotAnImageError: The file is cut, or of another kind, or not for this flash.

    """
    image = bytearray()
    for offset, address, size in _loaded(elf):
        at = address - FLASH_START
        if at + size > _LARGEST_FLASH or offset + size > len(elf):
            message = "its parts do not lie in the flash of a small chip"
            raise NotAnImageError(message)
        image.extend(bytes(max(0, at + size - len(image))))
        image[at : at + size] = elf[offset : offset + size]
    return bytes(image)


def identity_of(flash: bytes) -> str | None:
    """Return for which board the bytes of a flash were built, or None when it is no image of ours."""
    mark, found, rest = flash[_IDENTITY_AT:_IDENTITY_END].partition(_IDENTITY_MARK)
    if mark or not found:
        return None
    return rest.partition(b"\0")[0].decode("ascii", errors="replace")


class _Section(NamedTuple):
    kind: int
    flags: int
    size: int


def _loaded(elf: bytes) -> Iterator[tuple[int, int, int]]:
    """Offset in the file, address and size of each part that lies in the flash."""
    for kind, offset, _, address, size in _rows(elf, "<28xI10xHH", "<5I"):
        if kind == _LOADED and size > 0 and address >= FLASH_START:
            yield offset, address, size


def _sections(elf: bytes) -> Iterator[_Section]:
    for _, kind, flags, _, _, size in _rows(elf, "<32xI10xHH", "<6I"):
        yield _Section(kind, flags, size)


def _rows(elf: bytes, header: str, row: str) -> Iterator[tuple[int, ...]]:
    """Yield the rows of the table that the header of the file names."""
    if elf[:5] != b"\x7fELF\x01":
        message = "it is no ELF file of 32 bits"
        raise NotAnImageError(message)
    try:
        start, entry_size, count = struct.unpack_from(header, elf)
        for i in range(count):
            yield struct.unpack_from(row, elf, start + i * entry_size)
    except struct.error as error:
        message = "the ELF file is cut"
        raise NotAnImageError(message) from error
