"""Pictures that maps are made of, whatever format they came in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrolcar.errors import ConfigError
from patrolcar.site.grid import MAX_CELLS


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Shades of shape (rows, columns), row 0 on top; 0 is black and ``white`` is white.

    ``opaque`` says which pixels are at least half solid; None means all.
    """

    shades: NDArray[np.uint16]
    white: int
    opaque: NDArray[np.bool_] | None = None


def check_size(width: int, height: int) -> None:
    """Refuse a picture that is empty or too large, before any memory is asked for; ConfigError."""
    if width < 1 or height < 1:
        text = f"the header says {width} x {height} pixels; a map needs at least one"
        raise ConfigError(text)
    if width * height > MAX_CELLS:
        text = f"the header says {width} x {height} pixels; the most is {MAX_CELLS} (4096 x 4096)"
        raise ConfigError(text)
