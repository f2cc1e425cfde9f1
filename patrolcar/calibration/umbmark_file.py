"""Read what somebody wrote down about square drives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from patrolcar.calibration.umbmark import Place, Square
from patrolcar.config.fields import Coordinate, FileModel, Point, number, row
from patrolcar.config.validate import Checker
from patrolcar.config.yaml_reader import read_yaml
from patrolcar.errors import ConfigError

SideM = Annotated[float, number("metres of one side of the square", 0.3, 20.0)]
TrackM = Annotated[float, number("metres between the wheel centres", 0.05, 1.0)]
PerTick = Annotated[float, number("metres of rim for one encoder count", 0.000001, 0.05)]
WayM = Annotated[float, number("metres of a straight drive", 0.3, 100.0)]
Places = Annotated[list[Point], row("one [x, y] for each drive, 1 to 20 drives", 1, 20)]


class StraightEntry(FileModel):
    """A straight drive: what the car believed it drove, and the tape."""

    believed_m: WayM = Field(description="what ODOM said, metres")
    measured_m: WayM = Field(description="what the tape said, metres")


class UmbmarkFile(FileModel):
    """The whole file."""

    side_m: SideM = Field(description="side of the square, metres")
    track_m: TrackM = Field(description="the car's parameter track")
    metres_per_tick: PerTick = Field(description="the car's parameter metres_per_tick")
    clockwise: Places = Field(description="[[x, y], ...], where it ended when it turned right")
    anticlockwise: Places = Field(description="[[x, y], ...], where it ended when it turned left")
    straight: StraightEntry | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What was driven and measured; the square is as long as the wheels really rolled.

    Attributes:
        square: The drive.
        clockwise: End places in the frame of the start: x as the car looked, y to its left.
        anticlockwise: The same for the other way round.
        metres_per_tick: The real one: the believed one times the scale of the straight drive.

    """

    square: Square
    clockwise: tuple[Place, ...]
    anticlockwise: tuple[Place, ...]
    metres_per_tick: float


def load_umbmark(path: Path) -> Measured:
    """Return what the file says.

    Raises:
        ConfigError: With every mistake and its place.

    """
    check = Checker(read_yaml(path))
    said = check.header(UmbmarkFile)
    check.finish()
    if said is None:  # finish() has raised
        raise ConfigError(check.title)
    scale = said.straight.measured_m / said.straight.believed_m if said.straight else 1.0
    return Measured(
        Square(scale * said.side_m, scale * said.track_m),
        _places(said.clockwise),
        _places(said.anticlockwise),
        scale * said.metres_per_tick,
    )


def _places(points: list[list[Coordinate]]) -> tuple[Place, ...]:
    return tuple((point[0], point[1]) for point in points)
