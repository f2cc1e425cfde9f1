"""What the core tells a client once, when it connects: the map, the places, the car."""

from __future__ import annotations

import base64
import zlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patrolcar.pilot.snapshot import PROTOCOL
from patrolcar.site import Site
from patrolcar.vehicle import Vehicle


@dataclass(frozen=True, slots=True)
class PlaceMark:
    """A named place on the map."""

    name: str
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class ZoneMark:
    """A zone on the map."""

    name: str
    kind: str  # keepout, slow, geofence
    polygon: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class SiteView:
    """The map as a dashboard draws it."""

    name: str
    cells: NDArray[np.uint8]  # (rows, columns), row 0 lowest; 0 free, 1 occupied, 2 unknown
    resolution_m: float
    origin_x_m: float
    origin_y_m: float
    places: tuple[PlaceMark, ...]
    zones: tuple[ZoneMark, ...]


@dataclass(frozen=True, slots=True)
class CarView:
    """The car as a dashboard draws it."""

    name: str
    front_m: float
    rear_m: float
    half_width_m: float
    sonars: tuple[tuple[float, float, float], ...]  # x, y, yaw in base_link
    speed_mps: float
    reverse_mps: float
    turn_radps: float


@dataclass(frozen=True, slots=True, eq=False)
class Welcome:
    """The first line of the core to every client."""

    protocol: int
    client: str  # the name this client goes by
    site: SiteView
    car: CarView


def welcome(client: str, site: Site, vehicle: Vehicle) -> Welcome:
    """Return the welcome for a client."""
    grid = site.grid
    places = tuple(PlaceMark(p.name, p.pose.x_m, p.pose.y_m) for p in site.places.values())
    zones = tuple(
        ZoneMark(zone.name, str(zone.kind), tuple((float(x), float(y)) for x, y in zone.polygon))
        for zone in site.zones
    )
    outline, limits = vehicle.footprint, vehicle.limits
    return Welcome(
        protocol=PROTOCOL,
        client=client,
        site=SiteView(
            site.name, grid.cells, grid.resolution_m, grid.origin_x_m, grid.origin_y_m, places, zones
        ),
        car=CarView(
            name=vehicle.name,
            front_m=outline.front_m,
            rear_m=outline.rear_m,
            half_width_m=outline.half_width_m,
            sonars=tuple((sonar.x_m, sonar.y_m, sonar.yaw_rad) for sonar in vehicle.sonars),
            speed_mps=limits.speed_mps,
            reverse_mps=limits.reverse_mps,
            turn_radps=limits.turn_radps,
        ),
    )


def welcome_to_json(hello: Welcome) -> dict[str, Any]:
    """Return the welcome as a JSON object; the map is packed."""
    site = hello.site
    packed = base64.b64encode(zlib.compress(site.cells.tobytes(), 6)).decode()
    return {
        "protocol": hello.protocol,
        "client": hello.client,
        "car": asdict(hello.car),
        "site": {
            "name": site.name,
            "shape": list(site.cells.shape),
            "cells": packed,
            "resolution_m": site.resolution_m,
            "origin_x_m": site.origin_x_m,
            "origin_y_m": site.origin_y_m,
            "places": [asdict(place) for place in site.places],
            "zones": [asdict(zone) for zone in site.zones],
        },
    }


def welcome_from_json(raw: dict[str, Any]) -> Welcome:
    """Return the welcome a core of the same protocol sent."""
    site, car = raw["site"], raw["car"]
    rows, columns = site["shape"]
    cells = np.frombuffer(zlib.decompress(base64.b64decode(site["cells"])), np.uint8)
    return Welcome(
        protocol=raw["protocol"],
        client=raw["client"],
        site=SiteView(
            name=site["name"],
            cells=cells.reshape(rows, columns),
            resolution_m=site["resolution_m"],
            origin_x_m=site["origin_x_m"],
            origin_y_m=site["origin_y_m"],
            places=tuple(PlaceMark(**place) for place in site["places"]),
            zones=tuple(
                ZoneMark(zone["name"], zone["kind"], tuple((x, y) for x, y in zone["polygon"]))
                for zone in site["zones"]
            ),
        ),
        car=CarView(**{**car, "sonars": tuple((x, y, yaw) for x, y, yaw in car["sonars"])}),
    )
