"""What is fixed about one car: outline, limits, wheels and where its sensors sit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import Points, Pose2


@dataclass(frozen=True, slots=True)
class Footprint:
    """The outline seen from above: a rectangle around ``base_link`` (the middle of the drive axle)."""

    front_m: float = 0.16
    rear_m: float = 0.12
    half_width_m: float = 0.12
    inscribed_m: float = field(init=False, repr=False, compare=False)
    """Radius around ``base_link`` that is inside the outline at every heading."""

    def __post_init__(self) -> None:
        """Work out what is asked for in every turn."""
        inscribed_m = min(self.front_m, self.rear_m, self.half_width_m)
        object.__setattr__(self, "inscribed_m", inscribed_m)

    @property
    def corners(self) -> Points:
        """Corners in ``base_link``, anticlockwise, shape (4, 2)."""
        x, back, y = self.front_m, -self.rear_m, self.half_width_m
        return np.array([[x, y], [back, y], [back, -y], [x, -y]])

    @property
    def circumscribed_m(self) -> float:
        """Radius around ``base_link`` that holds the outline at every heading."""
        return float(np.hypot(max(self.front_m, self.rear_m), self.half_width_m))


@dataclass(frozen=True, slots=True)
class Limits:
    """The fastest this car may be asked to move."""

    speed_mps: float = 0.6
    reverse_mps: float = 0.2
    turn_radps: float = 1.8
    accel_mps2: float = 0.8
    brake_mps2: float = 1.2
    turn_accel_radps2: float = 4.0


@dataclass(frozen=True, slots=True)
class Lidar:
    """A 2-D lidar; its zero beam looks along the x axis of ``mount``."""

    mount: Pose2 = Pose2(0.05, 0.0, 0.0)
    range_max_m: float = 8.0
    range_min_m: float = 0.05


DEFAULT_SONARS = (
    Pose2(0.15, 0.09, 0.9),
    Pose2(0.16, 0.05, 0.3),
    Pose2(0.16, -0.05, -0.3),
    Pose2(0.15, -0.09, -0.9),
    Pose2(0.0, 0.12, 1.5707963),
    Pose2(0.0, -0.12, -1.5707963),
    Pose2(-0.12, 0.05, 2.8415927),
    Pose2(-0.12, -0.05, -2.8415927),
)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One car, as the host knows it. The defaults describe the car of the simulator."""

    name: str = "patrolcar"
    footprint: Footprint = Footprint()
    limits: Limits = Limits()
    lidar: Lidar | None = Lidar()
    sonars: tuple[Pose2, ...] = field(default=DEFAULT_SONARS)
    sonar_range_max_m: float = 3.0
    track_m: float = 0.20
    wheel_radius_m: float = 0.0325
    ticks_per_turn: int = 1560
    sonar_mounts: NDArray[np.float64] = field(init=False, repr=False, compare=False)
    """x, y and yaw of each sonar in ``base_link``, shape (N, 3)."""
    metres_per_tick: float = field(init=False, repr=False, compare=False)
    """Rim travel per encoder count."""

    def __post_init__(self) -> None:
        """Lay out the sonars for the kernels, and work out what is asked for in every turn."""
        object.__setattr__(self, "sonar_mounts", np.array(self.sonars, np.float64).reshape(-1, 3))
        metres_per_tick = 2.0 * np.pi * self.wheel_radius_m / self.ticks_per_turn
        object.__setattr__(self, "metres_per_tick", metres_per_tick)
