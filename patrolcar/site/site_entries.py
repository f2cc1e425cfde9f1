"""What each entry of a site file must look like."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from pydantic import Field, TypeAdapter

from patrolcar.config.fields import (
    Coordinate,
    FileModel,
    FileName,
    LengthM,
    Name,
    Point,
    SpeedMps,
    choice,
    number,
    row,
)
from patrolcar.config.validate import Checker, Kind, Located, entry_of
from patrolcar.geometry import Pose2, wrapped
from patrolcar.site.model import Zone, ZoneKind
from patrolcar.site.polygons import area_m2
from patrolcar.site.walls import rectangle

MAX_CORNERS = 1000
DRAWN = ("rooms", "walls", "doors", "furniture", "pillars", "bounds")
"""Sections of a building drawn by hand; they exclude ``map``."""

_MIN_AREA_M2 = 0.01

Rectangle = Annotated[
    tuple[Coordinate, Coordinate, LengthM, LengthM], row("[x, y, width, height] in metres", 4, 4)
]
Outline = Annotated[list[Point], row("a list of 3 or more corners [x, y]", 3, MAX_CORNERS)]
Polyline = Annotated[list[Point], row("a list of 2 or more corners [x, y]", 2, MAX_CORNERS)]
DoorWidth = Annotated[float, number("width of the door in metres", 0.3, 20.0)]
Door = Annotated[tuple[Coordinate, Coordinate, DoorWidth], row("[x, y, width] in metres", 3, 3)]
Pillar = Annotated[tuple[Coordinate, Coordinate, LengthM], row("[x, y, radius] in metres", 3, 3)]
Spot = Annotated[list[Coordinate], row("[x, y] or [x, y, heading_deg]", 2, 3)]


class SiteHeader(FileModel):
    """The top of a site file; the sections are read entry by entry elsewhere."""

    name: Name = Field(alias="site", description="the name of the building")
    start: Spot | None = None
    map: FileName | None = None
    bounds: Rectangle | None = None
    rooms: object = None
    walls: object = None
    doors: object = None
    furniture: object = None
    pillars: object = None
    places: object = None
    zones: object = None
    people: object = None


class ZoneEntry(FileModel):
    """An area: a box or a polygon."""

    kind: Annotated[ZoneKind, choice(ZoneKind)] = Field(description="keepout, slow or geofence")
    box: Rectangle | None = None
    polygon: Outline | None = None
    speed_mps: SpeedMps | None = None


class PersonEntry(FileModel):
    """Somebody who walks from stop to stop."""

    route: Annotated[list[Point], row("a list of 2 or more stops [x, y]", 2, MAX_CORNERS)] = Field(
        description="[[x, y], [x, y]]"
    )
    speed_mps: Annotated[float, number("metres per second", 0.1, 2.5)] = 1.0
    pause_s: Annotated[float, number("seconds at each stop", 0.0, 3600.0)] = 2.0


RECTANGLE: Kind[tuple[float, float, float, float]] = Kind(TypeAdapter(Rectangle))
POLYLINE: Kind[list[list[float]]] = Kind(TypeAdapter(Polyline))
DOOR: Kind[tuple[float, float, float]] = Kind(TypeAdapter(Door))
PILLAR: Kind[tuple[float, float, float]] = Kind(TypeAdapter(Pillar))
PLACE: Kind[list[float]] = Kind(TypeAdapter(Spot))
ZONE = entry_of(ZoneEntry)
PERSON = entry_of(PersonEntry)


def pose_of(spot: list[float]) -> Pose2:
    """Return the pose that ``[x, y]`` or ``[x, y, heading_deg]`` means."""
    x, y, heading_deg = (*spot, 0.0)[:3]
    return Pose2(x, y, wrapped(math.radians(heading_deg)))


def zone_of(check: Checker, entry: Located[ZoneEntry]) -> Zone | None:
    """Return the zone, or None after noting what is wrong with it."""
    written, before = entry.value, len(check.problems)
    if (written.box is None) == (written.polygon is None):
        check.add(
            entry.path, "an area is needed: either box: [x, y, width, height] or polygon: [[x, y], ...]"
        )
        return None
    if written.kind is ZoneKind.SLOW and written.speed_mps is None:
        check.add(entry.path, "a slow zone needs speed_mps, for example speed_mps: 0.2")
    if written.kind is not ZoneKind.SLOW and written.speed_mps is not None:
        check.add((*entry.path, "speed_mps"), f"only a slow zone has a speed; this is a {written.kind} zone")
    corners = rectangle(*written.box) if written.box else (written.polygon or [])
    polygon = np.array(corners, np.float64)
    polygon.setflags(write=False)
    if area_m2(polygon) < _MIN_AREA_M2:
        check.add((*entry.path, "polygon"), "the corners enclose no area; give them in order around it")
    if len(check.problems) > before:
        return None
    return Zone(entry.key, written.kind, polygon, written.speed_mps)
