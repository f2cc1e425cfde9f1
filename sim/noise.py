"""Chance for the simulator: one independent stream per name, drawn in blocks.

A stream depends on the mission's seed and its own name only. Adding a sensor or a fault therefore never
shifts the numbers that the others draw.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np

from sim.native import Array

BLOCK = 128


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator called ``name`` of the mission with this seed."""
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(crc32(name.encode()),)))


class Noise:
    """Rows of standard normals (and uniforms) for a sensor's kernel, refilled every ``BLOCK`` rows."""

    def __init__(self, generator: np.random.Generator, normals: int, uniforms: int = 0) -> None:
        self._generator = generator
        self._block: Array = np.empty((BLOCK, normals))
        self._chances: Array = np.empty((BLOCK, max(uniforms, 1)))
        self._row_bytes = normals * 8
        self._chance_bytes = uniforms * 8
        self._first = self._block.ctypes.data
        self._first_chance = self._chances.ctypes.data
        self._used = BLOCK

    def row(self) -> tuple[int, int]:
        """Return the addresses of the next row of normals and of uniforms; valid until the next call."""
        used = self._used
        if used == BLOCK:
            self._generator.standard_normal(out=self._block)
            if self._chance_bytes:
                self._generator.random(out=self._chances)
            used = 0
        self._used = used + 1
        return self._first + used * self._row_bytes, self._first_chance + used * self._chance_bytes
