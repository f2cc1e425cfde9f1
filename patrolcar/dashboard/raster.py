"""Dots, inks and letters on a grid of cells, and the rows of it that changed."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from patrolcar.dashboard.camera import DOTS_ACROSS, DOTS_DOWN, Camera
from patrolcar.dashboard.ink import Ink

FLOOR: Final = len(Ink)
"""Added to an ink: the cell has free floor."""
INK_SHIFT: Final = 21
"""A cell is ``code point | ink << 21``; code point 0 is the second half of a wide character."""
LETTER_MASK: Final = (1 << INK_SHIFT) - 1

_BRAILLE: Final = 0x2800
# Unicode block Braille Patterns: bit of each dot, four rows of two
_BITS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint32)
_ASCII_OF: Final = {
    Ink.WALL: "#",
    Ink.KEEPOUT: "x",
    Ink.SLOW: ":",
    Ink.FENCE: "=",
    Ink.TRAIL: ",",
    Ink.PATH: "+",
    Ink.SCAN: "*",
    Ink.CAR: "o",
    Ink.DOOR: "%",
}
_LETTERS_OF_INKS: Final = np.array([ord(_ASCII_OF.get(ink, " ")) for ink in Ink], np.uint32)


class Raster:
    """A picture being drawn: later dots take over a cell's ink, letters take over the cell."""

    def __init__(self, columns: int, rows: int) -> None:
        self.canvas = np.zeros((rows * DOTS_DOWN, columns * DOTS_ACROSS), np.bool_)
        self.inks = np.zeros((rows, columns), np.uint32)
        self.floor = np.zeros((rows, columns), np.bool_)
        self.letters = np.zeros((rows, columns), np.uint32)
        self._taken = np.zeros((rows, columns), np.bool_)

    def copy(self) -> Raster:
        """Return a picture to draw on without changing this one."""
        rows, columns = self.inks.shape
        twin = Raster(columns, rows)
        twin.canvas[:] = self.canvas
        twin.inks[:] = self.inks
        twin.floor[:] = self.floor
        return twin

    def add_mask(self, mask: NDArray[np.bool_], ink: Ink) -> None:
        """Draw every dot of the mask, which has the shape of the canvas."""
        self.canvas |= mask
        self.inks[any_in_cell(mask)] = ink

    def add_points(
        self, camera: Camera, x_m: NDArray[np.float64], y_m: NDArray[np.float64], ink: Ink
    ) -> None:
        """Draw a dot at each place that is in the picture."""
        across, down = camera.dots(x_m, y_m)
        height, width = self.canvas.shape
        inside = (across >= 0) & (across < width) & (down >= 0) & (down < height)
        across, down = across[inside], down[inside]
        self.canvas[down, across] = True
        self.inks[down // DOTS_DOWN, across // DOTS_ACROSS] = ink

    def add_letters(self, text: str, column: int, row: int, ink: Ink, *, hides_walls: bool) -> bool:
        """Write text over the cells; return False, and write nothing, where it does not fit."""
        rows, columns = self.inks.shape
        width = cell_len(text)
        if not (0 <= row < rows and column >= 0 and column + width <= columns):
            return False
        if self._taken[row, column : column + width].any():
            return False
        if not hides_walls and (self.inks[row, column : column + width] == Ink.WALL).any():
            return False
        self._write(text, column, row, ink)
        return True

    def force_letters(self, text: str, column: int, row: int, ink: Ink) -> None:
        """Write a text of single cells over whatever is there, as far as it is in the picture."""
        rows, columns = self.inks.shape
        if not 0 <= row < rows:
            return
        for offset, letter in enumerate(text):
            if 0 <= column + offset < columns:
                self._clear_wide(column + offset, row)
                self._write(letter, column + offset, row, ink)

    def cells(self, *, braille: bool) -> NDArray[np.uint32]:
        """Return the finished grid, shape (rows, columns); see :data:`INK_SHIFT`."""
        rows, columns = self.inks.shape
        dots = self.canvas.reshape(rows, DOTS_DOWN, columns, DOTS_ACROSS)
        if braille:
            bits = np.einsum("rdca,da->rc", dots.astype(np.uint32), _BITS)
            letters = np.where(bits > 0, bits + _BRAILLE, ord(" "))
        else:
            letters = np.where(dots.any(axis=(1, 3)), _LETTERS_OF_INKS[self.inks], ord(" "))
        letters = np.where(self._taken, self.letters, letters)
        inks = self.inks + np.where(self.floor, np.uint32(FLOOR), np.uint32(0))
        cells: NDArray[np.uint32] = (letters | (inks << INK_SHIFT)).astype(np.uint32)
        return cells

    def _write(self, text: str, column: int, row: int, ink: Ink) -> None:
        for letter in text:
            width = cell_len(letter)
            if width == 0:
                continue
            self.letters[row, column : column + width] = 0
            self.letters[row, column] = ord(letter)
            self._taken[row, column : column + width] = True
            self.inks[row, column : column + width] = ink
            column += width

    def _clear_wide(self, column: int, row: int) -> None:
        if not self._taken[row, column]:
            return
        if self.letters[row, column] == 0 and column > 0:
            self.letters[row, column - 1] = ord(" ")
        if (
            column + 1 < self.letters.shape[1]
            and self._taken[row, column + 1]
            and self.letters[row, column + 1] == 0
        ):
            self.letters[row, column + 1] = ord(" ")


def changed_span(old: NDArray[np.uint32], new: NDArray[np.uint32]) -> tuple[int, int] | None:
    """Return first and one-past-last changed column of a row, ``None`` when nothing changed."""
    where = np.flatnonzero(old != new)
    return (int(where[0]), int(where[-1]) + 1) if len(where) else None


def runs(row: NDArray[np.uint32]) -> list[tuple[str, int]]:
    """Return the row as pieces of text of one ink each (inks above :data:`FLOOR` are on floor)."""
    inks = row >> INK_SHIFT
    edges = [0, *(np.flatnonzero(inks[1:] != inks[:-1]) + 1).tolist(), len(row)]
    text = (row & LETTER_MASK).astype("<u4").tobytes().decode("utf-32-le")
    return [
        (text[begin:end].replace("\0", ""), int(inks[begin]))
        for begin, end in itertools.pairwise(edges)
        if end > begin
    ]


def text_of_cells(cells: NDArray[np.uint32]) -> str:
    """Return what a person sees, without inks."""
    return "\n".join("".join(text for text, _ in runs(row)).rstrip() for row in cells)


def any_in_cell(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which cells have a dot, shape (rows, columns)."""
    height, width = mask.shape
    blocks = mask.reshape(height // DOTS_DOWN, DOTS_DOWN, width // DOTS_ACROSS, DOTS_ACROSS)
    return np.asarray(blocks.any(axis=(1, 3)))
