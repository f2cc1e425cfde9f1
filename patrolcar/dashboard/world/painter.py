"""The simulated world as cells: the building, and what moves in it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from patrolcar.dashboard.camera import Camera
from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.map_painter import FAR_M, NAME_CELLS, places, write_name
from patrolcar.dashboard.raster import Raster
from patrolcar.dashboard.site_layer import along
from patrolcar.dashboard.site_painter import SitePainter, outline_of
from patrolcar.dashboard.world.view import WorldView
from patrolcar.geometry import Pose2
from patrolcar.pilot.welcome import CarView, SiteView

_OUTLINED_M: Final = 0.06  # metres per dot from which the outline of the car is drawn
_FLAT: Final = 4
"""Whole numbers of one wall: x and y of both ends."""


class WorldPainter(SitePainter):
    """What really is."""

    def __init__(self, site: SiteView, car: CarView) -> None:
        super().__init__(site)
        self._car = car

    def cells(self, seen: WorldView | None, glyphs: Glyphs, columns: int, rows: int) -> NDArray[np.uint32]:
        """Return the picture for a widget of this size."""
        camera = self._aimed(None if seen is None else seen.pose[:2], columns, rows)
        raster = self._background(camera)
        if seen is not None:
            self._remember(*seen.pose[:2])
            self._draw_trail(raster, camera)
            scan = places(seen.scan)
            raster.add_points(camera, scan[:, 0], scan[:, 1], Ink.SCAN)
            _draw_moving(raster, camera, seen.moving)
            self._draw_names(raster, camera, glyphs)
            for x_m, y_m in places(seen.people):
                raster.force_letters(glyphs.person, *camera.cell(x_m, y_m), Ink.PERSON)
            self._draw_car(raster, camera, seen, glyphs)
        return raster.cells(braille=glyphs.braille)

    def _draw_names(self, raster: Raster, camera: Camera, glyphs: Glyphs) -> None:
        marks = [(mark.name, camera.cell(mark.x_m, mark.y_m)) for mark in self._site.places]
        for _, at in marks:
            raster.force_letters(glyphs.place, *at, Ink.PLACE)
        if camera.metres_per_dot <= FAR_M:
            for name, at in marks:
                write_name(raster, name, at, Ink.LABEL, NAME_CELLS, may_hide_walls=False)

    def _draw_car(self, raster: Raster, camera: Camera, seen: WorldView, glyphs: Glyphs) -> None:
        pose = Pose2(*seen.pose)
        if camera.metres_per_dot < _OUTLINED_M:
            outline = along(pose.carry(outline_of(self._car)), camera.metres_per_dot)
            raster.add_points(camera, outline[:, 0], outline[:, 1], Ink.LABEL)
        arrow = glyphs.arrows[round(pose.yaw_rad / (math.pi / 4.0)) % 8]
        raster.force_letters(arrow, *camera.cell(pose.x_m, pose.y_m), Ink.CAR)


def _draw_moving(raster: Raster, camera: Camera, flat: tuple[int, ...]) -> None:
    for first in range(0, len(flat) - _FLAT + 1, _FLAT):
        wall = along(places(flat[first : first + _FLAT]), camera.metres_per_dot)
        raster.add_points(camera, wall[:, 0], wall[:, 1], Ink.DOOR)
