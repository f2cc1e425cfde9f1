"""What is known about the car at one moment, folded from its messages once per tick."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from firmware_protocol.clock import ClockFit
from firmware_protocol.messages import (
    SPEC_OF,
    Capability,
    Din,
    Distances,
    Env,
    Event,
    Hello,
    Imu,
    Line,
    LinkStats,
    Message,
    Odom,
    Power,
    Quantity,
    Ranges,
    Scan,
    Status,
    Tag,
    Text,
    Wheels,
)
from patrolcar.geometry import Points
from patrolcar.kernels import Rule, fold, place_piece
from patrolcar.odometry import Odometry
from patrolcar.timebase import Timebase
from patrolcar.vehicle import Lidar, Vehicle

_NEVER_NS: Final = -math.inf
MOST_IMUS: Final = 20  # that wait for WHEELS
MOST_READINGS: Final = 64  # of different environment sensors; what one car can have
_NS_PER_S: Final = 1e9


class Sweep(NamedTuple):
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
        beams = piece.beams_per_turn
        same = len(self.points_odom) == beams
        points = self.points_odom.copy() if same else np.full((beams, 2), np.nan)
        count = place_piece(piece, odometry, lidar.mount, lidar.range_min_m, lidar.range_max_m, points)
        if count == 0:
            return self
        is_whole = piece.first + count == beams
        return Sweep(points, piece.turn, piece.stamp_us, self.turns_whole + is_whole)


class Reading(NamedTuple):
    """What an environment sensor measured, as people say it."""

    what: str
    value: float
    unit: str


class _Scale(NamedTuple):
    unit: str
    factor: float  # the value in this unit for one on the wire


_SCALES: Final[Mapping[int, _Scale]] = MappingProxyType(
    {
        Quantity.TEMPERATURE: _Scale("°C", 0.001),
        Quantity.HUMIDITY: _Scale("%", 0.001),
        Quantity.PRESSURE: _Scale("Pa", 1.0),
        Quantity.LIGHT: _Scale("lx", 0.001),
        Quantity.GAS: _Scale("ppm", 0.001),
        Quantity.SMOKE: _Scale("%", 0.1),
        Quantity.FLAME: _Scale("%", 0.1),
        Quantity.SOUND: _Scale("dB", 0.001),
        Quantity.CO2: _Scale("ppm", 0.001),
        Quantity.DUST: _Scale("µg/m³", 0.001),
    }
)


def reading_of(env: Env) -> Reading:
    """Return what an ENV tells; a quantity of a newer firmware keeps its number and has no unit."""
    scale = _SCALES.get(env.quantity)
    if scale is None:
        return Reading(f"quantity {env.quantity}", float(env.value), "")
    return Reading(Quantity(env.quantity).name.lower(), env.value * scale.factor, scale.unit)


_Fields: TypeAlias = list[Any]  # of the CarState to be
_NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})


class CarState(NamedTuple):
    """The newest of everything, with the host time it came."""

    odometry: Odometry = Odometry()
    sweep: Sweep = Sweep.empty(0)
    ranges_m: Distances | None = None
    hello: Hello | None = None
    status: Status | None = None
    power: Power | None = None
    wheels: Wheels | None = None
    odom: Odom | None = None
    link_stats: LinkStats | None = None
    line: Line | None = None
    din: Din | None = None
    environment: Mapping[tuple[int, int], Reading] = _NOTHING  # by quantity and place
    tags: Mapping[int, Tag] = _NOTHING  # the newest of each reader
    timebase: Timebase | None = None
    arrived_ns: Mapping[str, int] = _NOTHING
    pending_imus: tuple[Imu, ...] = ()

    def age_s(self, kind: str, now_ns: int) -> float:
        """Return the seconds since the newest message of a kind, by its wire name; inf without one."""
        return (now_ns - self.arrived_ns.get(kind, _NEVER_NS)) / _NS_PER_S

    @property
    def capabilities(self) -> Capability:
        """What the car has and can do, as its HELLO says; nothing before that."""
        return Capability(0) if self.hello is None else Capability(self.hello.capabilities)

    def updated(
        self, messages: Sequence[Message], vehicle: Vehicle, now_ns: int, fit: ClockFit | None = None
    ) -> CarState:
        """Return the state after the messages of one tick; ``fit`` is the controller's clock when known."""
        if not messages:
            return self
        fields: _Fields = [*self]
        arrived_ns = {**self.arrived_ns}
        fold(messages, _RULES, fields, arrived_ns, now_ns, vehicle)
        fields[_ARRIVED] = arrived_ns
        if len(fields[_IMUS]) > MOST_IMUS:
            fields[_IMUS] = fields[_IMUS][-MOST_IMUS:]
        if fit is None or self.timebase is None or self.timebase.fit is not fit:
            has_greeted = fields[_HELLO] is not self.hello  # then the stamps before it may be another boot's
            news = None if has_greeted or fields[_WHEELS] is self.wheels else fields[_WHEELS]
            fields[_TIMEBASE] = _timed(fields[_TIMEBASE], news, now_ns, fit)
        return CarState._make(fields)


def _timed(base: Timebase | None, news: Wheels | None, now_ns: int, fit: ClockFit | None) -> Timebase | None:
    """Learn from arrivals when stamps are taken, as long as the controller's clock is not known."""
    if news is not None and (base is None or (fit is None and base.fit is not None)):
        base = Timebase.first(news.stamp_us, now_ns)
    elif news is not None and base is not None and fit is None:
        base = base.updated(news.stamp_us, now_ns)
    return None if base is None else base.with_fit(fit)


_AT: Final[Mapping[str, int]] = {name: at for at, name in enumerate(CarState._fields)}
_ODOMETRY, _SWEEP, _RANGES, _WHEELS = _AT["odometry"], _AT["sweep"], _AT["ranges_m"], _AT["wheels"]
_HELLO, _ENVIRONMENT, _TAGS = _AT["hello"], _AT["environment"], _AT["tags"]
_TIMEBASE, _ARRIVED, _IMUS = _AT["timebase"], _AT["arrived_ns"], _AT["pending_imus"]


def _drove(fields: _Fields, wheels: Wheels, vehicle: Vehicle) -> None:
    """Move on along the arc that the wheels and the gyro tell; no turn rate is used twice."""
    odometry: Odometry = fields[_ODOMETRY]
    fields[_ODOMETRY] = odometry.advanced(wheels, fields[_IMUS], vehicle.track_m, vehicle.metres_per_tick)
    fields[_IMUS] = ()


def _ranged(fields: _Fields, ranges: Ranges, _vehicle: Vehicle) -> None:
    """Keep the distances."""
    fields[_RANGES] = ranges.ranges_m


def _scanned(fields: _Fields, scan: Scan, vehicle: Vehicle) -> None:
    """Place the beams where the car was when they were taken."""
    if vehicle.lidar is not None:
        fields[_SWEEP] = fields[_SWEEP].with_piece(scan, fields[_ODOMETRY], vehicle.lidar)


def _measured(fields: _Fields, env: Env, _vehicle: Vehicle) -> None:
    """Keep a reading, unless there are too many already."""
    known, key = fields[_ENVIRONMENT], (env.quantity, env.place)
    if key in known or len(known) < MOST_READINGS:
        fields[_ENVIRONMENT] = {**known, key: reading_of(env)}


def _read(fields: _Fields, tag: Tag, _vehicle: Vehicle) -> None:
    """Keep the newest tag of a reader."""
    fields[_TAGS] = {**fields[_TAGS], tag.reader: tag}


def _greeted(fields: _Fields, hello: Hello, _vehicle: Vehicle) -> None:
    """Begin anew with the stamps of a controller that nobody owns: it may have started just now."""
    if hello.session == 0:
        fields[_IMUS] = ()
        fields[_TIMEBASE] = None


_AT_OF: Final[Mapping[type[Message], int]] = {
    Hello: _AT["hello"],
    Status: _AT["status"],
    Power: _AT["power"],
    Wheels: _AT["wheels"],
    Odom: _AT["odom"],
    LinkStats: _AT["link_stats"],
    Line: _AT["line"],
    Din: _AT["din"],
    Imu: _IMUS,  # which wait for the next WHEELS
}
_MEANING_OF: Final[Mapping[type[Message], Callable[[_Fields, Any, Any], None]]] = {
    Wheels: _drove,
    Ranges: _ranged,
    Scan: _scanned,
    Env: _measured,
    Tag: _read,
    Hello: _greeted,
}
_RULES: Final[Mapping[type[Message], Rule]] = {
    kind: Rule(spec.name, _AT_OF.get(kind, -1), _MEANING_OF.get(kind), gathers=kind is Imu)
    for kind, spec in SPEC_OF.items()
}


SPOKEN: Final = frozenset({Event, Text})  # what is for people to read


def events_of(messages: Sequence[Message]) -> list[Event]:
    """Return the controller's events among the messages."""
    return [message for message in messages if type(message) is Event]


def texts_of(messages: Sequence[Message]) -> list[Text]:
    """Return what the firmware says to people."""
    return [message for message in messages if type(message) is Text]
