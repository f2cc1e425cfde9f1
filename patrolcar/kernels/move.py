"""Where the car is: one step of the odometry, and where it was when each beam of the lidar was taken."""

from __future__ import annotations

from typing import Any, TypeVar

from patrolcar.geometry import Points, Pose2
from patrolcar.kernels.binding import calls

_Odometry = TypeVar("_Odometry", bound=tuple[Any, ...])


def composed(outer: Pose2, inner: Pose2) -> Pose2:
    """Return ``outer @ inner`` (the same to the last bit), for what does it in every turn."""
    pose: Pose2 = calls().composed(outer, inner)
    return pose


def odometry_step(
    odometry: _Odometry,
    wheels: tuple[Any, ...],
    imus: tuple[Any, ...],
    track_m: float,
    metres_per_tick: float,
) -> _Odometry:
    """Return the odometry after one WHEELS message and the IMU messages since the one before.

    Args:
        odometry: An ``Odometry`` that has a stamp; read by the places of its fields, as are the messages.
        wheels: A ``Wheels``; only its first two wheels are read.
        imus: ``Imu`` of any age; those 100 ms older than the wheels are left out.
        track_m: Between the wheels.
        metres_per_tick: Rim travel per encoder count.

    """
    moved: _Odometry = calls().odometry_step(odometry, wheels, imus, track_m, metres_per_tick)
    return moved


def place_piece(
    scan: tuple[Any, ...],
    odometry: tuple[Any, ...],
    mount: tuple[float, float, float],
    range_min_m: float,
    range_max_m: float,
    places: Points,
) -> int:
    """Write where the beams of a piece of a lidar turn ended; return how many of them belong to the turn.

    Each beam is placed at the pose of its own moment on the arc that the car drives.

    Args:
        scan: A ``Scan``; its first beam goes to the row of its number.
        odometry: An ``Odometry``; without a stamp, the first beam counts as taken at its pose.
        mount: x, y and yaw of the lidar in ``base_link``.
        range_min_m: What is nearer counts as nothing.
        range_max_m: And what is farther.
        places: Shape (beams in a turn, 2), in the odom frame; nan where a beam saw nothing.

    """
    count: int = calls().place_piece(scan, odometry, mount, range_min_m, range_max_m, places)
    return count
