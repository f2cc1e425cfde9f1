"""Feed the governor: what is seen now, in the frame of the car as it is now, and how old it is."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocol.messages import Distances
from patrolcar.doubts import Doubts
from patrolcar.geometry import Twist2
from patrolcar.governor import Fences, Reason, Senses, Verdict, limit, reach_m
from patrolcar.kernels import seen_hits
from patrolcar.pilot.position import Position
from patrolcar.site import Site
from patrolcar.state import CarState
from patrolcar.vehicle import Vehicle

COVERED_HALF_RAD: Final = math.radians(40.0)  # off the direction of motion; the sector the reflex uses, too
REPEAT_AFTER_NS: Final = 5_000_000_000  # the same reason is told again only after it was quiet so long
_SILENT: Final = frozenset({Reason.NEAR, Reason.SLOW_ZONE, Reason.LIMITS})  # everyday: shown, never an event


class Shield:
    """The governor of one car on one site."""

    def __init__(self, site: Site, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        self._fences = Fences.of(site.zones)
        self._reach_m = reach_m(vehicle)
        self._told_ns: dict[Reason, int] = {}
        self.doubts = Doubts()
        self._newest_ranges: Distances | None = None
        self._ranges_m: NDArray[np.float64] = np.empty(0)

    def verdict(self, wanted: Twist2, car: CarState, position: Position, now_ns: int) -> Verdict:
        """Return how much of the wanted motion is allowed."""
        return limit(
            wanted, car.odometry.twist, self._senses(car, position, now_ns), self._fences, self._vehicle
        )

    def is_news(self, reason: Reason, now_ns: int) -> bool:
        """Whether a reason deserves a line in the event list."""
        before_ns = self._told_ns.get(reason)
        self._told_ns[reason] = now_ns
        return reason not in _SILENT and (before_ns is None or now_ns - before_ns > REPEAT_AFTER_NS)

    @staticmethod
    def sentence(reason: Reason) -> str:
        """Return a reason in words."""
        return reason.sentence

    def _is_covered(self, bearing_rad: float) -> bool:
        """Whether the lidar cannot see along a bearing in ``base_link``."""
        lidar = self._vehicle.lidar
        return lidar is not None and self.doubts.covered_towards(
            bearing_rad - lidar.mount.yaw_rad, COVERED_HALF_RAD
        )

    def _senses(self, car: CarState, position: Position, now_ns: int) -> Senses:
        if car.ranges_m is not self._newest_ranges:
            self._newest_ranges = car.ranges_m
            self._ranges_m = _sonars(car, len(self._vehicle.sonars))
        ages_s = np.empty(len(self._ranges_m))
        ages_s.fill(car.age_s("RANGES", now_ns))
        doubts = self.doubts
        is_covered = doubts.covered_sectors > 0
        return Senses(
            car.age_s("WHEELS", now_ns),
            seen_hits(car.sweep.points_odom, car.odometry.pose_odom, self._reach_m),
            car.age_s("SCAN", now_ns),
            self._ranges_m,
            ages_s,
            position.pose_map,
            doubts.lidar_is_stuck,
            is_covered and self._is_covered(0.0),
            is_covered and self._is_covered(math.pi),
            doubts.is_sonar_stuck(len(self._vehicle.sonars)),
        )


def _sonars(car: CarState, count: int) -> NDArray[np.float64]:
    """Return the newest distances of the sonars that the vehicle has; none before the first RANGES."""
    return np.empty(0) if car.ranges_m is None else car.ranges_m[:count].astype(np.float64)
