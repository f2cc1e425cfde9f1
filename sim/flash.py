"""The flash of a simulated controller: two areas that outlive its power, erased whole, written by the word.

As in the real thing, programming can only turn ones into zeros, a word is programmed once between two erases,
and a cut of the power leaves the word or the area it hits half done. See ``pcp_storage.h``.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_bool, c_uint, c_uint32, c_void_p
from typing import Final

AREAS: Final = 2
AREA_WORDS: Final = 256  # a page of an STM32F103
BLANK: Final = 0xFFFF_FFFF

_PROGRAM = CFUNCTYPE(c_bool, c_void_p, c_uint, c_uint32, c_uint32)
_ERASE = CFUNCTYPE(c_bool, c_void_p, c_uint)
_Area = POINTER(c_uint32)


class FlashStruct(ctypes.Structure):
    """``pcp_flash_t``."""

    _fields_ = (
        ("area", _Area * AREAS),
        ("area_words", c_uint32),
        ("program", _PROGRAM),
        ("erase", _ERASE),
        ("port", c_void_p),
    )


class PowerCut:
    """When the power goes, and what becomes of the word that is being programmed then.

    Args:
        after: Operations (words programmed, areas erased) that still come true.
        keeps: Bits of the torn word that stay ones although they should become zeros; of a torn erase, how
            many words at the start of the area are blank already.

    """

    def __init__(self, after: int, keeps: int = BLANK) -> None:
        self.left, self.keeps = after, keeps

    def strikes(self) -> bool:
        """Count one operation; say whether the power goes in it, or has gone before."""
        self.left -= 1
        return self.left < 0


class SimulatedFlash:
    """Two areas of words. ``address`` is what the firmware is given.

    Args:
        area_words: Size of each area.
        content: What a flash held before, as ``content`` gave it.

    Raises:
        ValueError: ``content`` is of another size.

    """

    def __init__(self, area_words: int = AREA_WORDS, content: bytes = b"") -> None:
        self.cut: PowerCut | None = None
        self.worn = 0  # bits that stay ones although the flash says that it programmed them
        self.erasures = self.programmed = 0
        self._areas = [(c_uint32 * area_words)(*[BLANK] * area_words) for _ in range(AREAS)]
        if content:
            self._restore(content)
        self._struct = FlashStruct(
            (_Area * AREAS)(*(ctypes.cast(area, _Area) for area in self._areas)),
            area_words,
            _PROGRAM(self._program),
            _ERASE(self._erase),
            None,
        )
        self.address = ctypes.addressof(self._struct)

    @property
    def content(self) -> bytes:
        """Both areas, one after the other."""
        return b"".join(bytes(area) for area in self._areas)

    def damage(self, area: int, word: int, mask: int) -> None:
        """Turn over bits, as age or radiation does."""
        self._areas[area][word] ^= mask

    def _restore(self, content: bytes) -> None:
        size = len(content) // AREAS
        if size != ctypes.sizeof(self._areas[0]) or len(content) % AREAS:
            message = f"the saved flash has {len(content)} bytes, not {AREAS * ctypes.sizeof(self._areas[0])}"
            raise ValueError(message)
        for number, area in enumerate(self._areas):
            ctypes.memmove(area, content[number * size : (number + 1) * size], size)

    def _program(self, _port: object, area: int, word: int, value: int) -> bool:
        words = self._areas[area]
        if words[word] != BLANK:
            return False
        self.programmed += 1
        if self.cut is not None and self.cut.strikes():
            if self.cut.left == -1:
                words[word] = value | self.cut.keeps
            return False
        words[word] = value | self.worn
        return True

    def _erase(self, _port: object, area: int) -> bool:
        words = self._areas[area]
        self.erasures += 1
        blank = len(words)
        if self.cut is not None and self.cut.strikes():
            blank = self.cut.keeps % len(words) if self.cut.left == -1 else 0
        for word in range(blank):
            words[word] = BLANK
        return blank == len(words)
