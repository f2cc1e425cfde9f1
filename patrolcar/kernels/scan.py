"""Beams of a lidar that turns while the car drives, as places in the plane."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points, Pose2
from patrolcar.kernels.binding import CSweep, address, kernels


def place_beams(ranges_m: NDArray[np.float32], sweep: CSweep, places: Points) -> None:
    """Write where each beam ended into ``places``, shape (N, 2); nan where it saw nothing usable.

    Args:
        ranges_m: Shape (N,); outside the sweep's limits counts as nothing.
        sweep: The pose and motion of the car at the first beam, and where the lidar sits.
        places: Written, in the frame of the sweep's pose.

    """
    kernels().pk_place_beams(
        address(ranges_m, np.float32), len(ranges_m), ctypes.byref(sweep), address(places, np.float64)
    )


def carried_hits(points: Points, frame: Pose2) -> Points:
    """Return the points that are not nan, given in ``frame``, in the outer frame."""
    out = np.empty(points.shape)
    count = kernels().pk_carry_hits(
        address(points, np.float64),
        len(points),
        frame.x_m,
        frame.y_m,
        frame.yaw_rad,
        address(out, np.float64),
    )
    return out[:count]
