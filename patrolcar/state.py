"""What is known about the car at one moment, folded from its messages once per tick."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from firmware_protocol.messages import (
    Event,
    Hello,
    Imu,
    LinkStats,
    Message,
    Odom,
    Power,
    Ranges,
    Scan,
    Status,
    Wheels,
)
from patrolcar.geometry import Points
from patrolcar.odometry import Odometry
from patrolcar.timebase import Timebase, elapsed_us
from patrolcar.vehicle import Lidar, Vehicle

NEVER_S: Final = math.inf
_NS_PER_S: Final = 1e9


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """The newest echo of every lidar beam, and where it lies in the odom frame.

    Beams are placed at the pose of their own moment, so a turning car does not shear its scan.
    """

    points_odom: Points  # shape (beams, 2); nan where a beam saw nothing usable
    turn: int
    stamp_us: int
    turns_whole: int = 0  # grows when a turn is complete

    @classmethod
    def empty(cls, beams: int) -> Sweep:
        """Return a sweep that has seen nothing yet."""
        return cls(np.full((beams, 2), np.nan), -1, 0)

    def with_piece(self, piece: Scan, odometry: Odometry, lidar: Lidar) -> Sweep:
        """Return the sweep after one more piece of a turn."""
        count = min(len(piece.ranges_m), piece.beams_per_turn - piece.first)
        if count <= 0:
            return self
        points = self.points_odom if len(self.points_odom) == piece.beams_per_turn else None
        points = np.full((piece.beams_per_turn, 2), np.nan) if points is None else points.copy()
        points[piece.first : piece.first + count] = _placed(piece, count, odometry, lidar)
        whole = piece.first + count == piece.beams_per_turn
        return Sweep(points, piece.turn, piece.stamp_us, self.turns_whole + whole)

    @property
    def hits_odom(self) -> Points:
        """The usable echoes, shape (N, 2)."""
        return self.points_odom[~np.isnan(self.points_odom[:, 0])]


def _placed(piece: Scan, count: int, odometry: Odometry, lidar: Lidar) -> Points:
    """Return the odom-frame echo of each beam, at the pose of that beam's moment."""
    ranges_m = np.asarray(piece.ranges_m[:count], dtype=np.float64)
    usable = (ranges_m >= lidar.range_min_m) & (ranges_m <= lidar.range_max_m)  # false for inf and nan
    ranges_m = np.where(usable, ranges_m, np.nan)
    start = odometry.pose_at(piece.stamp_us)
    dt_s = np.arange(count) * (piece.beam_us * 1e-6)
    yaw = start.yaw_rad + odometry.twist.wz_radps * dt_s
    travel_m = odometry.twist.vx_mps * dt_s
    middle = 0.5 * (yaw + start.yaw_rad)
    mount = lidar.mount
    bearing = yaw + mount.yaw_rad + (2.0 * np.pi / piece.beams_per_turn) * (piece.first + np.arange(count))
    cos, sin = np.cos(yaw), np.sin(yaw)
    x = start.x_m + travel_m * np.cos(middle) + cos * mount.x_m - sin * mount.y_m + ranges_m * np.cos(bearing)
    y = start.y_m + travel_m * np.sin(middle) + sin * mount.x_m + cos * mount.y_m + ranges_m * np.sin(bearing)
    return np.column_stack((x, y))


@dataclass(frozen=True, slots=True, eq=False)
class CarState:
    """The newest of everything, with the host time it came."""

    odometry: Odometry = Odometry()
    sweep: Sweep = field(default_factory=lambda: Sweep.empty(0))
    ranges_m: Ranges | None = None
    hello: Hello | None = None
    status: Status | None = None
    power: Power | None = None
    wheels: Wheels | None = None
    odom: Odom | None = None
    link_stats: LinkStats | None = None
    timebase: Timebase | None = None
    arrived_ns: dict[str, int] = field(default_factory=dict)
    pending_imus: tuple[Imu, ...] = ()

    def age_s(self, kind: str, now_ns: int) -> float:
        """Return the seconds since the newest message of a kind ("ODOM", "SCAN", ...); inf when there was none."""
        arrived = self.arrived_ns.get(kind)
        return NEVER_S if arrived is None else (now_ns - arrived) / _NS_PER_S

    def updated(self, messages: Sequence[Message], vehicle: Vehicle, now_ns: int) -> CarState:
        """Return the state after the messages of one tick."""
        if not messages:
            return self
        fold = _Fold(self, vehicle, now_ns)
        for message in messages:
            fold.take(message)
        return fold.result()


class _Fold:
    """Collects the changes of one tick, so that one new CarState is made, not one per message."""

    def __init__(self, state: CarState, vehicle: Vehicle, now_ns: int) -> None:
        self._state = state
        self._vehicle = vehicle
        self._now_ns = now_ns
        self._newest: dict[str, Message] = {}
        self._arrived = dict(state.arrived_ns)
        self._odometry = state.odometry
        self._sweep = state.sweep
        self._imus = list(state.pending_imus)
        self._timebase = state.timebase

    def take(self, message: Message) -> None:
        """Fold in one message."""
        name = _FIELD_OF.get(type(message))
        if name is not None:
            self._newest[name] = message
        self._arrived[type(message).__name__.upper()] = self._now_ns
        if isinstance(message, Imu):
            self._imus.append(message)
        elif isinstance(message, Wheels):
            self._drove(message)
        elif isinstance(message, Scan) and self._vehicle.lidar is not None:
            self._sweep = self._sweep.with_piece(message, self._odometry, self._vehicle.lidar)
        elif isinstance(message, Hello) and message.session == 0:
            self._imus.clear()
            self._timebase = None

    def _drove(self, wheels: Wheels) -> None:
        vehicle = self._vehicle
        imus = tuple(imu for imu in self._imus if elapsed_us(wheels.stamp_us, imu.stamp_us) < 100_000)
        self._odometry = self._odometry.advanced(wheels, imus, vehicle.track_m, vehicle.metres_per_tick)
        self._imus.clear()
        if self._timebase is None:
            self._timebase = Timebase.first(wheels.stamp_us, self._now_ns)
        else:
            self._timebase = self._timebase.updated(wheels.stamp_us, self._now_ns)

    def result(self) -> CarState:
        """Return the new state."""
        ranges = self._newest.pop("ranges", None)
        changes: dict[str, object] = dict(self._newest)
        if ranges is not None:
            changes["ranges_m"] = ranges.ranges_m  # type: ignore[union-attr]  # filed under "ranges" by its type
        return replace(
            self._state,
            odometry=self._odometry,
            sweep=self._sweep,
            timebase=self._timebase,
            arrived_ns=self._arrived,
            pending_imus=tuple(self._imus[-20:]),
            **changes,  # type: ignore[arg-type]  # each field is filed by the type of its message
        )


_FIELD_OF: Final[dict[type[Message], str]] = {
    Hello: "hello",
    Status: "status",
    Power: "power",
    Wheels: "wheels",
    Odom: "odom",
    LinkStats: "link_stats",
}


def events_of(messages: Sequence[Message]) -> list[Event]:
    """Return the controller's events among the messages."""
    return [message for message in messages if isinstance(message, Event)]
