"""A lidar that stands still."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from sim.sensors.lidar import Lidar, LidarParameters
from sim.world.walls import World

PERIOD_US = 10_000


def turns_of(
    world: World, pose: tuple[float, float, float], parameters: LidarParameters, turns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the distances before noise, and the wire codes of every turn, shape (turns, beams)."""
    lidar, place = Lidar(parameters, 7, PERIOD_US), (ctypes.c_double * 3)(*pose)
    codes = []
    at, steps = ctypes.addressof(place), parameters.turn_us // PERIOD_US
    for step in range(turns * steps):
        lidar.step(step, (world.address, 0, 0), at, at)
        if step % steps == steps - 1:
            codes.append(lidar.codes[: parameters.beams].astype(np.float64))
    return lidar.distance_m.copy(), np.array(codes)
