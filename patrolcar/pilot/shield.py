"""Feed the governor: what is seen now, in the frame of the car as it is now, and how old it is."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from patrolcar.doubts import Doubts
from patrolcar.geometry import Twist2
from patrolcar.governor import Fences, Reason, Senses, Verdict, limit
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
        self._told_ns: dict[Reason, int] = {}
        self.doubts = Doubts()

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
        range_age_s = car.age_s("RANGES", now_ns)
        ranges = car.ranges_m if car.ranges_m is not None else np.empty(0, np.float32)
        ranges_m = ranges[: len(self._vehicle.sonars)].astype(np.float64)
        return Senses(
            odometry_age_s=car.age_s("WHEELS", now_ns),
            points_base=car.sweep.hits_seen_from(car.odometry.pose_odom),
            scan_age_s=car.age_s("SCAN", now_ns),
            ranges_m=ranges_m,
            range_ages_s=np.full(len(ranges_m), range_age_s),
            pose_map=position.pose_map,
            scan_is_stuck=self.doubts.lidar_is_stuck,
            covered_ahead=self._is_covered(0.0),
            covered_behind=self._is_covered(math.pi),
            ranges_stuck=self.doubts.is_sonar_stuck(len(self._vehicle.sonars)),
        )
