"""Chance for the simulator: one independent stream per name, drawn in blocks of rows.

A stream depends on the mission's seed and its own name only. Adding a sensor or a fault therefore never
shifts the numbers that the others draw. Row ``step % BLOCK`` belongs to the control period ``step``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from zlib import crc32

import numpy as np

from sim.native import Array

BLOCK = 128


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator called ``name`` of the mission with this seed."""
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=(crc32(name.encode()),)))


def chance_of(generator: np.random.Generator) -> int:
    """Return the address by which kernels draw from a generator; valid while the generator lives."""
    return generator.bit_generator.ctypes.bit_generator.value or 0


def skipping(generator: np.random.Generator) -> Callable[[int], object]:
    """Return what leaves out so many draws of a :func:`stream`: much faster than to draw them."""
    return cast("np.random.PCG64", generator.bit_generator).advance


class Noise:
    """A block of standard normals, and of uniforms, for one sensor; its addresses never change."""

    def __init__(self, generator: np.random.Generator, normals: int, uniforms: int = 0) -> None:
        self._generator = generator
        self._normals: Array = np.empty((BLOCK, normals))
        self._uniforms: Array = np.empty((BLOCK, uniforms))
        self._block = -1
        self.normals_at: int = self._normals.ctypes.data
        self.uniforms_at: int = self._uniforms.ctypes.data

    def row(self, step: int) -> int:
        """Return the row of a step; the first step of a new block draws that block."""
        block, row = divmod(step, BLOCK)
        if block != self._block:
            self._block = block
            self.draw()
        return row

    def normal(self, step: int) -> float:
        """Return the first normal of a step."""
        return float(self._normals[self.row(step), 0])

    def uniform(self, step: int) -> float:
        """Return the first uniform of a step."""
        return float(self._uniforms[self.row(step), 0])

    def draw(self) -> None:
        """Draw the next block."""
        if self._normals.size:
            self._generator.standard_normal(out=self._normals)
        if self._uniforms.size:
            self._generator.random(out=self._uniforms)
