"""A row of cells that see how bright the floor is: follow a painted line."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np

from sim.native import LineStruct
from sim.noise import Noise, stream

MOST_CELLS = 8


@dataclass(frozen=True, slots=True)
class LineParameters:
    """A row across the car, ``ahead_m`` in front of ``base_link``, left to right.

    ``spot_m`` is the radius of what a cell sees; ``gain_sigma`` is how unlike the cells are, ``sigma`` the
    noise of one reading in levels of 0 to 255.
    """

    cells: int = 8
    ahead_m: float = 0.12
    pitch_m: float = 0.009
    spot_m: float = 0.003
    gain_sigma: float = 0.04
    sigma: float = 2.0

    def __post_init__(self) -> None:
        """Refuse more cells than the protocol carries."""
        if not 0 < self.cells <= MOST_CELLS:
            message = f"a line sensor has 1 to {MOST_CELLS} cells, found {self.cells}"
            raise ValueError(message)


class Line:
    """One line sensor."""

    def __init__(self, parameters: LineParameters, seed: int) -> None:
        generator = stream(seed, "line")
        gain = 1.0 + parameters.gain_sigma * generator.standard_normal(MOST_CELLS)
        self.noise = Noise(generator, MOST_CELLS)
        self.struct = LineStruct(
            gain=(ctypes.c_double * MOST_CELLS)(*np.maximum(gain, 0.0)),
            spot_m=parameters.spot_m,
            sigma=parameters.sigma,
            noise=self.noise.normals_at,
            cells=parameters.cells,
        )
        for cell in range(parameters.cells):
            left_m = (0.5 * (parameters.cells - 1) - cell) * parameters.pitch_m
            self.struct.at_m[cell][:] = parameters.ahead_m, left_m
        self.address = ctypes.addressof(self.struct)
