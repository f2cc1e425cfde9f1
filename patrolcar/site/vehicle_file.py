"""Read a vehicle file: outline, limits, wheels and sensors of one car.

Everything but the name may be left out; what is left out is as on the simulator's car.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

from pydantic import Field

from patrolcar.config.fields import FileModel, HeadingDeg, Name, number, row, whole
from patrolcar.config.folder import DiskFolder, Folder
from patrolcar.config.node import Scalar
from patrolcar.config.validate import Checker
from patrolcar.config.yaml_reader import read_document
from patrolcar.errors import ConfigError
from patrolcar.geometry import Pose2, wrapped
from patrolcar.vehicle import DEFAULT_SONARS, Footprint, Lidar, Limits, Vehicle

MAX_SONARS = 16

_CAR = Vehicle()
_FOOTPRINT, _LIMITS, _LIDAR = _CAR.footprint, _CAR.limits, Lidar()

SideM = Annotated[float, number("metres from the middle of the drive axle", 0.01, 1.0)]
OffsetM = Annotated[float, number("metres from the middle of the drive axle", -1.0, 1.0)]
RangeM = Annotated[float, number("metres", 0.1, 100.0)]
Mount = Annotated[tuple[OffsetM, OffsetM, HeadingDeg], row("[x, y, heading_deg], x forward, y left", 3, 3)]


class FootprintEntry(FileModel):
    """The outline."""

    front_m: SideM = _FOOTPRINT.front_m
    rear_m: SideM = _FOOTPRINT.rear_m
    half_width_m: SideM = _FOOTPRINT.half_width_m


class LimitsEntry(FileModel):
    """The fastest the car may be asked to move."""

    speed_mps: Annotated[float, number("metres per second", 0.05, 2.0)] = _LIMITS.speed_mps
    reverse_mps: Annotated[float, number("metres per second", 0.0, 2.0)] = _LIMITS.reverse_mps
    turn_radps: Annotated[float, number("radians per second", 0.1, 10.0)] = _LIMITS.turn_radps
    accel_mps2: Annotated[float, number("metres per second squared", 0.05, 10.0)] = _LIMITS.accel_mps2
    brake_mps2: Annotated[float, number("metres per second squared", 0.05, 10.0)] = _LIMITS.brake_mps2
    turn_accel_radps2: Annotated[float, number("radians per second squared", 0.1, 50.0)] = (
        _LIMITS.turn_accel_radps2
    )


class LidarEntry(FileModel):
    """A 2-D lidar."""

    mount: Mount = (_LIDAR.mount.x_m, _LIDAR.mount.y_m, math.degrees(_LIDAR.mount.yaw_rad))
    range_max_m: RangeM = _LIDAR.range_max_m
    range_min_m: Annotated[float, number("metres", 0.0, 5.0)] = _LIDAR.range_min_m


class VehicleHeader(FileModel):
    """A vehicle file; its groups are read one by one elsewhere."""

    name: Name = Field(alias="vehicle", description="what to call this car")
    footprint: object = None
    limits: object = None
    lidar: object = None
    sonars: (
        Annotated[list[Mount], row("a list of up to 16 mounts [x, y, heading_deg]", 0, MAX_SONARS)] | None
    ) = None
    sonar_range_max_m: RangeM = _CAR.sonar_range_max_m
    track_m: Annotated[float, number("metres between the wheel centres", 0.05, 1.0)] = _CAR.track_m
    wheel_radius_m: Annotated[float, number("metres", 0.005, 0.5)] = _CAR.wheel_radius_m
    ticks_per_turn: Annotated[int, whole("encoder counts per turn of the wheel", 4, 1_000_000)] = (
        _CAR.ticks_per_turn
    )


def load_vehicle(path: Path) -> Vehicle:
    """Return the vehicle at ``path``; BadFileError with every mistake."""
    return read_vehicle(DiskFolder(path.parent), path.name)


def read_vehicle(folder: Folder, name: str) -> Vehicle:
    """Return the vehicle ``name`` out of ``folder``; BadFileError with every mistake."""
    check = Checker(read_document(folder, name))
    header = check.header(VehicleHeader)
    footprint = (
        FootprintEntry() if not check.says("footprint") else check.header(FootprintEntry, ("footprint",))
    )
    limits = LimitsEntry() if not check.says("limits") else check.header(LimitsEntry, ("limits",))
    lidar = _lidar(check)
    check.finish()
    if header is None or footprint is None or limits is None:  # finish() has raised
        raise ConfigError(check.title)
    sonars = DEFAULT_SONARS if header.sonars is None else tuple(_pose(mount) for mount in header.sonars)
    return Vehicle(
        name=header.name,
        footprint=Footprint(**footprint.model_dump()),
        limits=Limits(**limits.model_dump()),
        lidar=lidar,
        sonars=sonars,
        sonar_range_max_m=header.sonar_range_max_m,
        track_m=header.track_m,
        wheel_radius_m=header.wheel_radius_m,
        ticks_per_turn=header.ticks_per_turn,
    )


def _lidar(check: Checker) -> Lidar | None:
    """Return the lidar; a car without one says ``lidar: none``."""
    node = check.root.child("lidar")
    if node is None or not check.says("lidar"):
        return Lidar()
    if isinstance(node.content, Scalar) and node.content.text == "none":
        return None
    entry = check.header(LidarEntry, ("lidar",))
    if entry is None:
        return None
    if entry.range_min_m >= entry.range_max_m:
        check.add(
            ("lidar", "range_min_m"),
            f"{entry.range_min_m:g} is not below range_max_m ({entry.range_max_m:g})",
        )
    return Lidar(_pose(entry.mount), entry.range_max_m, entry.range_min_m)


def _pose(mount: tuple[float, float, float]) -> Pose2:
    return Pose2(mount[0], mount[1], wrapped(math.radians(mount[2])))
