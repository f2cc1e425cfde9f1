"""What the pilot shows to people: plain values, cheap to make, one JSON object on the control socket."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

PROTOCOL = 1
"""Version of the control socket; a client of another version is told so."""


@dataclass(frozen=True, slots=True)
class LinkView:
    """The line to the controller."""

    state: str = "SEARCHING"  # SEARCHING, UP, FOREIGN, INCOMPATIBLE
    sentence: str = ""
    port: str = ""
    target: str = ""  # HARDWARE, SIMULATOR, EMULATOR
    firmware: str = ""
    age_s: float | None = None  # since the last whole frame
    round_trip_ms: float = 0.0
    frames: int = 0
    lost: int = 0
    rejected: int = 0
    controller_frames: int = 0  # counted by the controller since its boot
    controller_rejected: int = 0
    controller_lost: int = 0
    loss_here: float = 0.0  # share of the car's frames lost in the last second, 0 to 1
    loss_there: float = 0.0  # share of the host's frames
    fitted: tuple[str, ...] = ()  # what the car has and can do


@dataclass(frozen=True, slots=True)
class BatteryView:
    """The battery."""

    voltage_v: float
    current_a: float
    charge_percent: int | None


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One place of the mission."""

    name: str
    state: str  # PENDING, CURRENT, DONE, SKIPPED
    idleness_s: float | None
    visits: int


@dataclass(frozen=True, slots=True)
class MissionView:
    """How far the mission is."""

    name: str
    state: str  # READY, RUNNING, HOLD, DONE, FAILED
    activity: str  # a short sentence: "to lobby, 4.1 m", "waiting 3 s at lobby"
    lap: int  # 1 for the first
    laps: int
    index: int
    progress: float  # 0 to 1 over all laps
    remaining_m: float
    places: tuple[PlaceView, ...]


@dataclass(frozen=True, slots=True)
class PersonView:
    """Something seen that is not on the map, in the map frame."""

    x_m: float
    y_m: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a dashboard draws. Distances in metres, map frame; ``None`` is unknown."""

    now_ns: int
    mode: str  # OFFLINE, DISARMED, MANUAL, PATROL, HOLD, STOPPED
    controller: str  # DISARMED, ARMED, STOPPED, or "" when unknown
    cause: str  # why the car stands: a sentence, "" when nothing does
    remedy: str  # what to do about it, "" when nothing
    link: LinkView
    pose: tuple[float, float, float] | None  # x, y, yaw
    health: str  # OK, UNSTABLE, LOST
    spread_m: float
    speed: tuple[float, float, float]  # measured vx, vy, wz
    wanted: tuple[float, float, float]  # before the governor
    allowed: tuple[float, float, float]  # after it: what was sent
    reasons: tuple[str, ...]  # why the governor slowed or stopped the car: short sentences
    clearance_m: float | None  # free distance along the way, None for far
    ranges_m: tuple[float | None, ...]  # None saw nothing, -1 broken, 0 too close
    bumpers: int
    battery: BatteryView | None
    duty: tuple[float, ...]
    wheel_mps: tuple[float, ...]
    stop_count: int
    holder: str | None  # client that holds the control lease
    scan: tuple[int, ...] | None  # x0, y0, x1, y1 ... in centimetres, map frame; None: as before
    path: tuple[int, ...]  # as scan
    people: tuple[PersonView, ...]
    mission: MissionView | None
    distance_m: float
    recording: str | None  # file being written
    loop_late_ms: float  # how late the core's loop ran lately, at worst

    def to_json(self) -> dict[str, Any]:
        """Return the snapshot as a JSON object."""
        return asdict(self)


def snapshot_from_json(raw: dict[str, Any]) -> Snapshot:
    """Return the snapshot a core of the same :data:`PROTOCOL` wrote."""
    values = dict(raw)
    values["link"] = LinkView(**{**raw["link"], "fitted": tuple(raw["link"]["fitted"])})
    values["battery"] = BatteryView(**raw["battery"]) if raw["battery"] else None
    values["people"] = tuple(PersonView(**person) for person in raw["people"])
    if raw["mission"]:
        places = tuple(PlaceView(**place) for place in raw["mission"]["places"])
        values["mission"] = MissionView(**{**raw["mission"], "places": places})
    for name in ("speed", "wanted", "allowed", "reasons", "ranges_m", "duty", "wheel_mps", "path"):
        values[name] = tuple(raw[name])
    for name in ("pose", "scan"):
        values[name] = None if raw[name] is None else tuple(raw[name])
    return Snapshot(**values)


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened, for the event list."""

    now_ns: int
    severity: str  # INFO, CAUTION, WARNING
    source: str  # controller, link, governor, mission, localisation, operator
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return the event as a JSON object."""
        return asdict(self)
