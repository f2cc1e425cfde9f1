"""A map_server map as a site: no places, and a start where there is most room."""

from __future__ import annotations

from pathlib import PurePosixPath
from types import MappingProxyType

import numpy as np

from patrolcar.config.folder import Folder, Tally
from patrolcar.config.problems import BadFileError, Problem
from patrolcar.geometry import Pose2
from patrolcar.kernels import distance_transform
from patrolcar.site.grid import FREE, OccupancyGrid
from patrolcar.site.map_file import read_map
from patrolcar.site.model import Site


def read_bare_map(folder: Folder, name: str) -> Site:
    """Return the map ``name`` out of ``folder`` as a site; BadFileError with every mistake."""
    tally = Tally(folder)
    grid = read_map(tally, name).grid
    if not (grid.cells == FREE).any():
        text = "no cell of the map is free; check negate, occupied_thresh and free_thresh"
        raise BadFileError([Problem(folder.title(name), 0, 0, "", text)])
    return Site(
        name=PurePosixPath(name).stem,
        grid=grid,
        walls=np.empty((0, 4)),
        places=MappingProxyType({}),
        zones=(),
        people=(),
        start=roomiest(grid),
        files=MappingProxyType(dict(tally.files)),
    )


def roomiest(grid: OccupancyGrid) -> Pose2:
    """Return the middle of the cell that is farthest from everything not free; the first of equals."""
    rim = np.pad(grid.cells != FREE, 1, constant_values=True)  # off the map is not free either
    room_m = distance_transform(rim, grid.resolution_m)[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(room_m)), room_m.shape)
    return Pose2(*grid.centre_of(int(row), int(column)))
