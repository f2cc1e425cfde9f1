"""Read maps in the format of ROS map_server: a YAML file and a PGM or PNG picture.

Shade to state as in nav2_map_server, mode trinary: ``p = 1 - shade`` (``shade`` with negate 1);
``p > occupied_thresh`` is occupied, ``p < free_thresh`` is free, the rest unknown. Other than there,
transparency is not averaged into the shade: a pixel that is less than half solid is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from patrolcar.config.fields import Coordinate, FileModel, FileName, choice, number, refuse, row
from patrolcar.config.folder import MAX_IMAGE_BYTES, DiskFolder, Folder, SubFolder
from patrolcar.config.node import Scalar
from patrolcar.config.problems import shown
from patrolcar.config.validate import Checker
from patrolcar.config.yaml_reader import read_document
from patrolcar.errors import ConfigError
from patrolcar.site.grid import FREE, OCCUPIED, UNKNOWN, OccupancyGrid
from patrolcar.site.pgm import read_pgm
from patrolcar.site.picture import Picture
from patrolcar.site.png import SIGNATURE, read_png


class Mode(StrEnum):
    """How shades become states; masks (scale, raw) are not building maps."""

    TRINARY = "trinary"


def _flag(value: object) -> bool:
    if isinstance(value, Scalar) and not value.quoted and value.text.lower() in {"0", "1", "true", "false"}:
        return value.text.lower() in {"1", "true"}
    found = shown(value.text) if isinstance(value, Scalar) else "this"
    return refuse(f"{found} is not 0 (black is occupied) or 1 (white is occupied)")


def _yaw(value: object) -> float:
    if isinstance(value, Scalar) and not value.quoted:
        try:
            if float(value.text) == 0.0:
                return 0.0
        except ValueError:
            pass
    return refuse("a turned map is not read here; turn the picture and write 0")


Threshold = Annotated[float, number("probability of being occupied", 0.0, 1.0)]
Yaw = Annotated[float, BeforeValidator(_yaw)]


class MapHeader(FileModel):
    """The YAML part of a map."""

    image: FileName = Field(description="the picture's file name")
    resolution: Annotated[float, number("metres per pixel", 0.01, 10.0)] = Field(
        description="metres per pixel"
    )
    origin: Annotated[
        tuple[Coordinate, Coordinate, Yaw], row("[x, y, yaw] of the lower left pixel", 3, 3)
    ] = Field(description="[x, y, 0]")
    negate: Annotated[bool, BeforeValidator(_flag)] = False
    occupied_thresh: Threshold = Field(description="0.65")
    free_thresh: Threshold = Field(description="0.196")
    mode: Annotated[Mode, choice(Mode)] = Mode.TRINARY


@dataclass(frozen=True, slots=True, eq=False)
class MapFile:
    """A map and the picture's file name, relative to the folder that was read from."""

    grid: OccupancyGrid
    image: str


def load_map(path: Path) -> MapFile:
    """Return the map at ``path``; BadFileError with every mistake."""
    return read_map(DiskFolder(path.parent), path.name)


def read_map(folder: Folder, name: str) -> MapFile:
    """Return a map out of ``folder``; its picture lies in the same folder as its YAML, or below."""
    check = Checker(read_document(folder, name))
    header = check.header(MapHeader)
    inner = str(PurePosixPath(name).parent)
    picture = _picture(SubFolder(folder, inner), check)
    if header and header.free_thresh > header.occupied_thresh:
        check.add(
            ("free_thresh",), f"{header.free_thresh:g} is above occupied_thresh ({header.occupied_thresh:g})"
        )
    check.finish()
    if header is None or picture is None:  # finish() has raised
        raise ConfigError(check.title)
    grid = OccupancyGrid(states(picture, header), header.resolution, header.origin[0], header.origin[1])
    return MapFile(grid, str(PurePosixPath(inner) / header.image))


def states(picture: Picture, header: MapHeader) -> NDArray[np.uint8]:
    """Return the cells of a picture, lowest row first."""
    shade = np.arange(picture.white + 1) / picture.white
    occupancy = shade if header.negate else 1.0 - shade
    table = np.full(occupancy.shape, UNKNOWN, np.uint8)
    table[occupancy < header.free_thresh] = FREE
    table[occupancy > header.occupied_thresh] = OCCUPIED
    cells = table[picture.shades]
    if picture.opaque is not None:
        cells[~picture.opaque] = UNKNOWN
    return cells[::-1]


def _picture(folder: Folder, check: Checker) -> Picture | None:
    node = check.root.child("image")
    if node is None or not isinstance(node.content, Scalar) or node.content.is_empty:
        return None  # said by the header
    try:
        return read_picture(folder, node.content.text)
    except ConfigError as error:
        check.add(("image",), str(error))
        return None


def read_picture(folder: Folder, name: str) -> Picture:
    """Return the PGM or PNG picture ``name``; ConfigError."""
    content = folder.read(name, MAX_IMAGE_BYTES)
    try:
        if content.startswith(SIGNATURE):
            return read_png(content)
        if content[:2] in {b"P5", b"P2"}:
            return read_pgm(content)
    except ConfigError as error:
        text = f"{shown(name)} {error}"
        raise ConfigError(text) from error
    text = f"{shown(name)} is neither PGM nor PNG; convert it"
    raise ConfigError(text)
