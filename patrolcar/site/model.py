"""What is known about one building before the car moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points, Pose2
from patrolcar.site.grid import OccupancyGrid


class ZoneKind(StrEnum):
    """What a zone asks of the car."""

    KEEPOUT = "keepout"
    """Never drive in here."""
    SLOW = "slow"
    """Drive at most ``speed_mps`` in here."""
    GEOFENCE = "geofence"
    """Never drive out of here."""


@dataclass(frozen=True, slots=True)
class Place:
    """A named goal in ``map``. Without a heading the car may arrive facing any way (yaw is 0)."""

    name: str
    pose: Pose2
    has_heading: bool


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """A named area; ``polygon`` has at least three corners, in either sense of rotation.

    ``speed_mps`` is set for slow zones only.
    """

    name: str
    kind: ZoneKind
    polygon: Points
    speed_mps: float | None


@dataclass(frozen=True, slots=True)
class PersonRoute:
    """How one person walks: straight from stop to stop, then from the last to the first, for ever.

    Only the simulator uses it. Every straight piece is free of walls, the last one too.
    """

    name: str
    stops: tuple[tuple[float, float], ...]
    speed_mps: float
    pause_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A building: the grid for planning, walls for drawing and rays, and the names in it.

    ``walls`` has shape (N, 4), x1 y1 x2 y2 in metres; it is empty for a site made from a grid map.
    ``files`` holds every file the site came from by name relative to the site file's folder.
    """

    name: str
    grid: OccupancyGrid
    walls: NDArray[np.float64]
    places: Mapping[str, Place]
    zones: tuple[Zone, ...]
    people: tuple[PersonRoute, ...]
    start: Pose2
    files: Mapping[str, bytes]
