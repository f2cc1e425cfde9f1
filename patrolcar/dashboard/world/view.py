"""What really is in a simulated world at one moment: plain values that travel as one line of JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, NamedTuple


class FaultView(NamedTuple):
    """A fault that is at work; ``left_s`` is None when it stays."""

    kind: str
    left_s: float | None


class Line(NamedTuple):
    """What went over the line since the last picture, and how late the world was at worst."""

    heard: int  # bytes of the host
    said: int
    late_s: float


@dataclass(frozen=True, slots=True)
class WorldView:
    """One moment. Places are whole centimetres in the map, one after the other."""

    time_s: float
    pose: tuple[float, float, float]
    speed_mps: float
    turn_radps: float
    wheels_mps: tuple[float, float]  # of the rims, left and right
    distance_m: float
    gap_m: float | None  # from the car to the nearest wall now; None for far
    least_gap_m: float | None  # since the start
    nearest_person_m: float | None  # since the start, while the car moved
    wall_hits: int
    person_hits: int
    standing_touches: int
    fallen: bool
    bumpers: int
    powered: bool  # the controller lets the motors have current
    battery_v: float
    current_a: float
    charge: float
    people: tuple[int, ...]  # x y x y
    moving: tuple[int, ...]  # walls that move and are there: x y x y of both ends
    scan: tuple[int, ...]  # where the lidar's beams ended
    faults: tuple[FaultView, ...]
    line: Line

    @property
    def collisions(self) -> int:
        """How often the car ran into something or somebody."""
        return self.wall_hits + self.person_hits

    def to_bytes(self) -> bytes:
        """Return it as a message."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}  # asdict copies every number
        return json.dumps(values, separators=(",", ":")).encode()


def world_view(message: bytes) -> WorldView:
    """Return what :meth:`WorldView.to_bytes` made."""
    raw: dict[str, Any] = json.loads(message)
    for name in ("pose", "wheels_mps", "people", "moving", "scan"):
        raw[name] = tuple(raw[name])
    raw["faults"] = tuple(FaultView(*fault) for fault in raw["faults"])
    raw["line"] = Line(*raw["line"])
    return WorldView(**raw)
