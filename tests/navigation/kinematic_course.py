"""A course drawn by hand and a car without a motor model: enough to prove that the Navigator arrives.

Walls are segments, furniture and people are discs. The car follows twists with limited accelerations, one
step (50 ms) late. ``Course.overlap_m`` is how deep the outline is inside something.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import ZERO_TWIST, Points, Pose2, Twist2
from patrolcar.navigation import Guidance, GuidanceState, Navigator
from patrolcar.site import FREE, OCCUPIED, OccupancyGrid, Site, Zone
from patrolcar.vehicle import Vehicle

STEP_NS = 50_000_000
RESOLUTION_M = 0.05
Disc = tuple[float, float, float]
Segment = tuple[float, float, float, float]


def box(x: float, y: float, width: float, height: float) -> list[Segment]:
    """Return the four walls of a rectangle."""
    right, top = x + width, y + height
    return [(x, y, right, y), (right, y, right, top), (right, top, x, top), (x, top, x, y)]


def sampled(walls: Sequence[Segment], step_m: float) -> Points:
    """Return points along the walls."""
    pieces = []
    for x1, y1, x2, y2 in walls:
        count = max(math.ceil(math.hypot(x2 - x1, y2 - y1) / step_m), 1) + 1
        pieces.append(np.column_stack((np.linspace(x1, x2, count), np.linspace(y1, y2, count))))
    return np.vstack(pieces)


def drawn_site(
    walls: Sequence[Segment],
    width_m: float,
    height_m: float,
    zones: tuple[Zone, ...] = (),
    start: Pose2 = Pose2(),
) -> Site:
    """Return a site whose grid holds the walls."""
    rows, columns = round(height_m / RESOLUTION_M), round(width_m / RESOLUTION_M)
    cells = np.full((rows, columns), FREE, dtype=np.uint8)
    at = np.floor(sampled(walls, RESOLUTION_M / 5) / RESOLUTION_M).astype(int)
    cells[at[:, 1].clip(0, rows - 1), at[:, 0].clip(0, columns - 1)] = OCCUPIED
    grid = OccupancyGrid(cells, RESOLUTION_M, 0.0, 0.0)
    return Site("drawn", grid, np.array(walls, dtype=float), {}, zones, (), start, {})


def nobody(_time_s: float) -> list[Disc]:
    """No discs at all."""
    return []


@dataclass
class Course:
    """Walls, things that may move, and one car."""

    walls: Sequence[Segment]
    pose: Pose2
    discs: Callable[[float], list[Disc]] = nobody
    vehicle: Vehicle = field(default_factory=Vehicle)
    beams: int = 180
    seed: int = 0

    def __post_init__(self) -> None:
        self.twist = ZERO_TWIST
        self.now_ns = 0
        self.deepest_m = -math.inf
        self.trace: list[Pose2] = []
        self._under_way = ZERO_TWIST
        self._segments = np.array(self.walls, dtype=float)
        self._points = sampled(self.walls, 0.02)
        self._rng = np.random.default_rng(self.seed)

    @property
    def time_s(self) -> float:
        return self.now_ns * 1e-9

    def scan(self) -> Points:
        """Return hit points in ``map``, with 1 cm of noise; beams that see nothing are left out."""
        angles = self.pose.yaw_rad + np.linspace(-math.pi, math.pi, self.beams, endpoint=False)
        ranges = cast(self.pose, angles, self._segments, self.discs(self.time_s))
        ranges += self._rng.normal(0.0, 0.01, ranges.size)
        seen = ranges < 8.0
        ranges, angles = ranges[seen], angles[seen]
        return np.column_stack(
            (self.pose.x_m + ranges * np.cos(angles), self.pose.y_m + ranges * np.sin(angles))
        )

    def drive(self, wanted: Twist2) -> None:
        """Let one step pass; ``wanted`` reaches the wheels in the next one."""
        limits, seconds = self.vehicle.limits, STEP_NS * 1e-9
        speed = toward(self.twist.vx_mps, self._under_way.vx_mps, limits.brake_mps2 * seconds)
        rate = toward(self.twist.wz_radps, self._under_way.wz_radps, limits.turn_accel_radps2 * seconds)
        self._under_way = wanted
        self.twist = Twist2(speed, 0.0, rate)
        middle = self.pose.yaw_rad + 0.5 * rate * seconds
        self.pose = Pose2(
            self.pose.x_m + speed * math.cos(middle) * seconds,
            self.pose.y_m + speed * math.sin(middle) * seconds,
            self.pose.yaw_rad + rate * seconds,
        )
        self.now_ns += STEP_NS
        self.trace.append(self.pose)
        self.deepest_m = max(self.deepest_m, self.overlap_m())

    def overlap_m(self) -> float:
        """Return how deep the outline is in a wall or disc; below 0 it is the free distance."""
        outline, inverse = self.vehicle.footprint, self.pose.inverse()
        near = self._points[np.abs(self._points - (self.pose.x_m, self.pose.y_m)).max(axis=1) < 1.0]
        deepest = depth(inverse.carry(near), outline.front_m, outline.rear_m, outline.half_width_m)
        for x, y, radius in self.discs(self.time_s):
            centre = inverse.carry(np.array([[x, y]]))
            deepest = max(
                deepest, depth(centre, outline.front_m, outline.rear_m, outline.half_width_m) + radius
            )
        return deepest


def toward(value: float, target: float, most: float) -> float:
    return value + min(max(target - value, -most), most)


def depth(points: Points, front_m: float, rear_m: float, half_width_m: float) -> float:
    if points.shape[0] == 0:
        return -math.inf
    across = np.maximum(points[:, 0] - front_m, -rear_m - points[:, 0])
    down = np.abs(points[:, 1]) - half_width_m
    outside = np.hypot(across.clip(0.0), down.clip(0.0))
    gaps = np.where(outside > 0.0, outside, np.maximum(across, down))
    return -float(gaps.min())


def cast(
    pose: Pose2, angles: NDArray[np.float64], walls: NDArray[np.float64], discs: Sequence[Disc]
) -> NDArray[np.float64]:
    """Return the range of each ray; ``inf`` where it meets nothing."""
    along = np.column_stack((np.cos(angles), np.sin(angles)))
    start = walls[:, :2] - (pose.x_m, pose.y_m)
    edge = walls[:, 2:] - walls[:, :2]
    cross = along[:, None, 0] * edge[None, :, 1] - along[:, None, 1] * edge[None, :, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = (start[None, :, 0] * edge[None, :, 1] - start[None, :, 1] * edge[None, :, 0]) / cross
        part = (start[None, :, 0] * along[:, None, 1] - start[None, :, 1] * along[:, None, 0]) / cross
    hit = (reach > 0.0) & (part >= 0.0) & (part <= 1.0)
    ranges: NDArray[np.float64] = np.where(hit, reach, np.inf).min(axis=1)
    for x, y, radius in discs:
        dx, dy = x - pose.x_m, y - pose.y_m
        middle = along[:, 0] * dx + along[:, 1] * dy
        square = radius**2 - (dx**2 + dy**2 - middle**2)
        touch = (square >= 0.0) & (middle > 0.0)
        ranges = np.where(touch, np.minimum(ranges, middle - np.sqrt(square.clip(0.0))), ranges)
    return ranges


def driven(course: Course, navigator: Navigator, limit_s: float, speed_mps: float = 0.6) -> Guidance:
    """Let the navigator drive until it has arrived, or until ``limit_s`` has passed; scans come at 10 Hz."""
    guidance = None
    end_ns = course.now_ns + int(limit_s * 1e9)
    while course.now_ns < end_ns:
        scan = course.scan() if course.now_ns // STEP_NS % 2 == 0 else None
        guidance = navigator.step(course.pose, course.twist, scan, course.now_ns, speed_mps)
        if guidance.state is GuidanceState.ARRIVED:
            break
        course.drive(guidance.twist)
    assert guidance is not None
    return guidance
