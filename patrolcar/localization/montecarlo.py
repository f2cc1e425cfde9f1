"""Monte Carlo localisation: particles moved by odometry and weighed by beams.

``move`` only adds up, so it may be called at any rate; the particles move once per correction, with noise in
proportion to the way. A scan that the car has not moved for tells nothing new, and is skipped but for two a
second: a car that somebody carried away must still notice. A scan after a little motion is compared with the
map where odometry puts the car; the particles are weighed after a little more, or at once while they are not
sure: between two scans odometry is better than a scan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from patrolcar.geometry import Points, Pose2
from patrolcar.kernels import ParticleCloud
from patrolcar.localization.health import Health, HealthWatch
from patrolcar.localization.match import match_field
from patrolcar.site import OccupancyGrid

_NEW_M, _NEW_RAD = 0.04, 0.04  # a scan after this much motion tells something new
_FAR_M, _FAR_RAD = 0.08, 0.06  # after this much the particles are weighed
_SURE_M = 0.06  # spread up to which that is soon enough
_SKIP_AT_MOST = 5
_RESAMPLE_BELOW = 0.5  # share of effective particles
_FEW_BEAMS = 5


@dataclass(frozen=True, slots=True)
class MotionNoise:
    """Deviation of odometry: per metre, per radian, and the least per correction."""

    along_per_m: float = 0.08
    side_per_m: float = 0.05
    yaw_per_m: float = 0.06
    yaw_per_rad: float = 0.06
    along_per_rad: float = 0.01
    least_m: float = 0.004
    least_rad: float = 0.003

    def sigma(self, way_m: float, turn_rad: float) -> tuple[float, float, float]:
        """Return the deviations forward (m), sideways (m) and of the yaw (rad)."""
        shift = self.along_per_rad * turn_rad
        return (
            math.hypot(self.along_per_m * way_m, shift, self.least_m),
            math.hypot(self.side_per_m * way_m, shift, self.least_m),
            math.hypot(self.yaw_per_m * way_m, self.yaw_per_rad * turn_rad, self.least_rad),
        )


class Estimate(NamedTuple):
    """Where the car is, and how far to trust it."""

    pose_map: Pose2
    health: Health
    spread_m: float
    """Deviation of the particles around the pose."""
    match: float
    """Share of the beams that end at a wall of the map, averaged over the last scans."""


class Localizer:
    """Particles for one car on one map; deterministic given ``rng``.

    Args:
        grid: The map.
        start: Where the car is at the beginning, within about 0.3 m and 10 degrees.
        rng: Chance.
        particles: How many.
        noise: How odometry errs.

    """

    def __init__(
        self,
        grid: OccupancyGrid,
        start: Pose2,
        rng: np.random.Generator,
        particles: int = 300,
        noise: MotionNoise = MotionNoise(),
    ) -> None:
        self._field = match_field(grid)
        self._rng = rng
        self._noise = noise
        self._cloud = ParticleCloud(particles)
        self._normals = np.empty((particles, 3))
        self.relocate(start)

    def relocate(self, pose: Pose2, spread_m: float = 0.1, spread_rad: float = 0.05) -> None:
        """Start anew around a pose that somebody knows to be right."""
        middle = np.array((pose.x_m, pose.y_m, pose.yaw_rad))
        draws = self._rng.standard_normal((self._cloud.count, 3))
        self._cloud.place(middle + draws * (spread_m, spread_m, spread_rad))
        self._mean = pose
        self._spread_m = spread_m
        self._watch = HealthWatch()
        self._pending = Pose2()
        self._way_m = self._turn_rad = 0.0
        self._looked = 0.0, 0.0
        self._skipped = _SKIP_AT_MOST

    def move(self, delta: Pose2) -> None:
        """Add a motion that odometry measured, given in ``base_link`` at its beginning."""
        self._pending = self._pending @ delta
        self._way_m += math.hypot(delta.x_m, delta.y_m)
        self._turn_rad += abs(delta.yaw_rad)

    def correct(self, hits_base: Points) -> None:
        """Weigh the particles by beam ends in ``base_link``, shape (N, 2).

        Beams that hit nothing are left out. Fewer than 5 say nothing and are ignored.
        """
        is_due = self._skipped >= _SKIP_AT_MOST
        if hits_base.shape[0] < _FEW_BEAMS or not (is_due or self._has_news):
            self._skipped += 1
            return
        self._skipped = 0
        ends = np.ascontiguousarray(hits_base, dtype=np.float64)
        if is_due or self._spread_m > _SURE_M or self._way_m >= _FAR_M or self._turn_rad >= _FAR_RAD:
            self._weigh(ends)
        self._looked = self._way_m, self._turn_rad
        self._watch.update(self._field.share_that_fits(self._mean @ self._pending, ends), self._spread_m)

    @property
    def estimate(self) -> Estimate:
        """The pose by the last correction and the odometry since."""
        pose = self._mean @ self._pending
        return Estimate(pose, self._watch.health, self._spread_m, self._watch.match)

    @property
    def _has_news(self) -> bool:
        """Whether the car has moved since the last scan that was looked at."""
        looked_m, looked_rad = self._looked
        return self._way_m - looked_m >= _NEW_M or self._turn_rad - looked_rad >= _NEW_RAD

    def _weigh(self, ends: Points) -> None:
        """Move the particles, weigh them, and let the good ones live."""
        self._shift_particles()
        effective = self._cloud.weigh(ends, self._field.log_match, self._field.log_floor)
        self._mean, self._spread_m, _ = self._cloud.mean()
        if effective < _RESAMPLE_BELOW * self._cloud.count:
            self._cloud.resample(self._rng.random())

    def _shift_particles(self) -> None:
        self._rng.standard_normal(out=self._normals)
        sigma = self._noise.sigma(self._way_m, self._turn_rad)
        self._cloud.move(self._pending, self._normals, sigma)
        self._pending = Pose2()
        self._way_m = self._turn_rad = 0.0
