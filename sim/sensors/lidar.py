"""A 2-D lidar that turns while the car drives: every beam is cast from where the car is at its own time.

Modelled on an LD19: sigma 10 mm, 10 turns per second, now and then a beam without echo.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.native import LidarStruct, kernels
from sim.noise import Noise, stream

PIECE_BEAMS = 90
_BROKEN = 0xFFFD


@dataclass(frozen=True, slots=True)
class LidarParameters:
    """Where the lidar sits (x, y, yaw in ``base_link``) and what it can see."""

    mount: tuple[float, float, float] = (0.05, 0.0, 0.0)
    beams: int = 360
    turn_us: int = 100_000
    range_min_m: float = 0.05
    range_max_m: float = 8.0
    sigma_m: float = 0.010
    dropout: float = 0.005


class Piece(NamedTuple):
    """A part of a turn that is ready to be sent."""

    stamp_us: int  # when its first beam was taken
    turn: int
    first: int
    codes: int  # address of PIECE_BEAMS wire codes


class Lidar:
    """Casts the beams that are due, and hands out pieces of the turn as soon as they are whole."""

    def __init__(self, parameters: LidarParameters, seed: int, period_us: int) -> None:
        if not 0 < parameters.beams <= 10_000:  # noqa: PLR2004  (the sanity limit of this model)
            message = f"lidar.beams is {parameters.beams}, expected 1 to 10000"
            raise ValueError(message)
        self._parameters = parameters
        self.beams = parameters.beams
        self.beam_us = round(parameters.turn_us / parameters.beams)
        self._struct = LidarStruct(
            (ctypes.c_double * 3)(*parameters.mount), parameters.range_max_m, parameters.beams
        )
        self._address = ctypes.addressof(self._struct)
        pieces = -(-parameters.beams // PIECE_BEAMS)
        self.distance_m = np.full(parameters.beams, np.inf)
        self.codes = np.full(pieces * PIECE_BEAMS, _BROKEN, dtype=np.uint16)
        self._distances, self._codes_at = self.distance_m.ctypes.data, self.codes.ctypes.data
        self._per_step = -(-period_us * parameters.beams // parameters.turn_us)
        self._noise = Noise(stream(seed, "lidar"), self._per_step, self._per_step)
        self._period_us = period_us
        self._spacing = parameters.turn_us / (parameters.beams * period_us)
        self._cast_beams = 0
        self._sent_pieces = 0
        self._pieces_per_turn = pieces
        self._sweep, self._to_codes = kernels().sim_lidar_sweep, kernels().sim_range_codes

    def sweep(self, from_us: int, around: tuple[int, int, int], from_pose: int, to_pose: int) -> None:
        """Cast the beams of one control period.

        Args:
            from_us: Simulated time at which the period began; the lidar started at 0.
            around: Address of the world, number of discs, address of the discs.
            from_pose: Address of the pose at the beginning.
            to_pose: Address of the pose at the end.

        """
        settings, beams, turn_us = self._parameters, self._parameters.beams, self._parameters.turn_us
        until = -(-(from_us + self._period_us) * beams // turn_us)  # beams taken before the end
        normals, chances = self._noise.row()
        while self._cast_beams < until:
            first = self._cast_beams % beams
            n = min(until - self._cast_beams, beams - first)
            start = (self._cast_beams * turn_us / beams - from_us) / self._period_us
            distances = self._distances + 8 * first
            self._sweep(
                self._address, *around, from_pose, to_pose, first, n, start, self._spacing, distances
            )  # fmt: skip
            self._to_codes(
                n, distances, settings.sigma_m, normals, settings.dropout, chances, settings.range_min_m,
                self._codes_at + 2 * first,
            )  # fmt: skip
            self._cast_beams += n
            normals, chances = normals + 8 * n, chances + 8 * n

    def finished(self) -> Iterator[Piece]:
        """Yield every piece that has become whole since the last call."""
        beams, per_turn = self._parameters.beams, self._pieces_per_turn
        while True:
            turn, piece = divmod(self._sent_pieces, per_turn)
            first = piece * PIECE_BEAMS
            if self._cast_beams < turn * beams + min(first + PIECE_BEAMS, beams):
                return
            self._sent_pieces += 1
            stamp_us = (turn * beams + first) * self._parameters.turn_us // beams
            yield Piece(stamp_us, turn & 0xFF, first, self._codes_at + 2 * first)
