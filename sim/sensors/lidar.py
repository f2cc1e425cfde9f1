"""A 2-D lidar that turns while the car drives: every beam is cast from where the car is at its own time.

Modelled on an LD19: sigma 10 mm, 10 turns per second, now and then a beam without echo.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np

from sim.native import LidarStruct, kernels, steps
from sim.noise import Noise, stream

PIECE_BEAMS = 90
MAX_BEAMS = 10_000
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


class Lidar:
    """Casts the beams that are due, and hands out pieces of the turn as soon as they are whole."""

    def __init__(self, parameters: LidarParameters, seed: int, period_us: int) -> None:
        if not (0 < parameters.beams <= MAX_BEAMS and parameters.turn_us >= period_us):
            message = (
                f"lidar: {parameters.beams} beams in {parameters.turn_us} us, "
                f"expected 1 to {MAX_BEAMS} beams in {period_us} us or more"
            )
            raise ValueError(message)
        self.beams = parameters.beams
        pieces_per_turn = -(-parameters.beams // PIECE_BEAMS)
        self.distance_m = np.full(parameters.beams, np.inf)
        self.codes = np.full(pieces_per_turn * PIECE_BEAMS, _BROKEN, dtype=np.uint16)
        bearing_rad = parameters.mount[2] + 2.0 * np.pi / parameters.beams * np.arange(parameters.beams)
        self._ways = np.stack([np.cos(bearing_rad), np.sin(bearing_rad)], axis=1)
        row_beams = -(-period_us * parameters.beams // parameters.turn_us)
        self.noise = Noise(stream(seed, "lidar"), row_beams, row_beams)
        self.struct = LidarStruct(
            mount=(ctypes.c_double * 3)(*parameters.mount),
            range_min_m=parameters.range_min_m,
            range_max_m=parameters.range_max_m,
            sigma_m=parameters.sigma_m,
            dropout=parameters.dropout,
            distance_m=self.distance_m.ctypes.data,
            codes=self.codes.ctypes.data,
            ways=self._ways.ctypes.data,
            noise=self.noise.normals_at,
            chance=self.noise.uniforms_at,
            whole_at=min(PIECE_BEAMS, parameters.beams),
            beams=parameters.beams,
            beam_us=round(parameters.turn_us / parameters.beams),
            turn_us=parameters.turn_us,
            period_us=period_us,
            row_beams=row_beams,
        )
        self.address = ctypes.addressof(self.struct)
        self._next_scan = steps().next_scan

    def step(self, step: int, around: tuple[int, int, int], from_pose: int, to_pose: int) -> None:
        """Cast the beams of one control period.

        Args:
            step: Number of the control period.
            around: Address of the world, number of discs, address of the discs.
            from_pose: Address of the pose at the beginning.
            to_pose: Address of the pose at the end.

        """
        kernels().sim_lidar_step(self.address, *around, from_pose, to_pose, step, self.noise.row(step))

    def next_scan(self, booted_us: int, scan: int) -> bool:
        """Write the next piece of a turn that is whole to a ``ScanStruct``; return whether there was one.

        Args:
            booted_us: When the controller booted that is told; a piece that began before is left out.
            scan: Address of the struct.

        """
        return bool(self._next_scan(self.address, booted_us, scan))
