"""Where the car is on the map: odometry between scans, localisation at every whole scan."""

from __future__ import annotations

from typing import Final

import numpy as np

from patrolcar.geometry import Points, Pose2
from patrolcar.kernels import carried_hits, composed, seen_hits, thinned
from patrolcar.localization import Estimate, Health, Localizer
from patrolcar.site import Site
from patrolcar.state import CarState
from patrolcar.vehicle import Vehicle

BEAMS_USED: Final = 40
FEWEST_HITS: Final = 10
FEWEST_SCANS: Final = 3
_NO_POINTS: Final = np.empty((0, 2))


class Position:
    """The transform from ``odom`` to ``map`` and what it rests on.

    Args:
        site: The map, and where the car starts on it.
        vehicle: Without a lidar the pose is dead reckoning from the start.
        seed: Start of the particles' chance.

    """

    def __init__(self, site: Site, vehicle: Vehicle, seed: int) -> None:
        self.pose_map: Pose2 | None = None
        self.hits_base: Points = _NO_POINTS
        self.hits_map: Points = _NO_POINTS
        self.scans = 0
        self.estimate = Estimate(site.start, Health.OK, 0.0, 1.0)
        self._has_lidar = vehicle.lidar is not None
        self._localizer = Localizer(site.grid, site.start, np.random.default_rng(seed))
        self._map_from_odom = site.start
        self._fix_from_odom = Pose2()
        self._whole_turns = 0

    @property
    def is_lost(self) -> bool:
        """Whether the localisation says that it does not know."""
        return self.estimate.health is Health.LOST

    @property
    def scans_enough(self) -> bool:
        """Whether the pose rests on a few scans, or there is no lidar to wait for."""
        return self.scans >= FEWEST_SCANS or not self._has_lidar

    def update(self, car: CarState) -> None:
        """Take in the newest state of the car."""
        if car.odometry.stamp_us is None:
            return
        odom = car.odometry.pose_odom
        if self._has_lidar and car.sweep.turns_whole != self._whole_turns:
            self._whole_turns = car.sweep.turns_whole
            self._fix(odom, seen_hits(car.sweep.points_odom, odom))
        self.pose_map = composed(self._map_from_odom, odom)

    def relocate(self, pose_map: Pose2) -> None:
        """Believe a person who says where the car is."""
        if self.pose_map is not None:
            odom = self._map_from_odom.inverse() @ self.pose_map
            self._fix_from_odom = odom.inverse()
        self._localizer.relocate(pose_map)
        self._map_from_odom = pose_map @ self._fix_from_odom
        self.pose_map = pose_map
        self.estimate = self._localizer.estimate

    def _fix(self, odom: Pose2, hits_base: Points) -> None:
        """Correct the pose with one whole scan."""
        self._localizer.move(self._fix_from_odom @ odom)
        self._fix_from_odom = odom.inverse()
        self.hits_base = hits_base
        if len(hits_base) >= FEWEST_HITS:
            self._localizer.correct(thinned(hits_base, BEAMS_USED))
        self.estimate = self._localizer.estimate
        self._map_from_odom = self.estimate.pose_map @ self._fix_from_odom
        self.hits_map = carried_hits(hits_base, self.estimate.pose_map)
        self.scans += 1
