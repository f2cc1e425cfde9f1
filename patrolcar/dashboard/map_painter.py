"""The map as cells: what stands still is kept, what moves is drawn over it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from patrolcar.dashboard.camera import Camera
from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.raster import Raster
from patrolcar.dashboard.site_layer import along
from patrolcar.dashboard.site_painter import SitePainter, outline_of
from patrolcar.dashboard.text import fit
from patrolcar.dashboard.views.mission import current_place
from patrolcar.geometry import Points, Pose2
from patrolcar.pilot.snapshot import PersonView, Snapshot
from patrolcar.pilot.welcome import Welcome

_CLOSE_M: Final = 0.06  # metres per dot from which the outline of the car is drawn
NAME_CELLS: Final = (16, 10, 6)  # lengths that are tried
_FAR_NAME_CELLS: Final = (8, 5)
FAR_M: Final = 0.25  # metres per dot from which names must not hide the walls
_CENTIMETRES: Final = 100.0


class MapPainter(SitePainter):
    """What the core says of the site, the car and the mission."""

    def __init__(self, welcome: Welcome) -> None:
        super().__init__(welcome.site)
        self._welcome = welcome

    def cells(self, frame: Frame, columns: int, rows: int) -> NDArray[np.uint32]:
        """Return the picture for a widget of this size; see :func:`patrolcar.dashboard.raster.runs`."""
        snapshot = frame.snapshot
        place = None if snapshot is None or snapshot.pose is None else snapshot.pose[:2]
        camera = self._aimed(place, columns, rows)
        raster = self._background(camera)
        if place is not None:
            self._remember(*place)
        if snapshot is not None:
            self._draw_lines(raster, camera, snapshot)
            self._draw_people(raster, camera, snapshot.people, frame.glyphs)
        self._draw_places(raster, camera, frame)
        if snapshot is not None and snapshot.pose is not None:
            self._draw_car(raster, camera, Pose2(*snapshot.pose), frame)
        return raster.cells(braille=frame.glyphs.braille)

    def _draw_lines(self, raster: Raster, camera: Camera, snapshot: Snapshot) -> None:
        self._draw_trail(raster, camera)
        path = along(places(snapshot.path), camera.metres_per_dot)
        raster.add_points(camera, path[:, 0], path[:, 1], Ink.PATH)
        scan = places(snapshot.scan or ())
        raster.add_points(camera, scan[:, 0], scan[:, 1], Ink.SCAN)

    def _draw_people(
        self, raster: Raster, camera: Camera, people: tuple[PersonView, ...], glyphs: Glyphs
    ) -> None:
        for person in people:
            raster.force_letters(glyphs.person, *camera.cell(person.x_m, person.y_m), Ink.PERSON)

    def _draw_places(self, raster: Raster, camera: Camera, frame: Frame) -> None:
        mission = None if frame.snapshot is None else frame.snapshot.mission
        current = current_place(mission)
        marks = sorted(self._welcome.site.places, key=lambda place: place.name != current)
        for mark in marks:
            is_goal = mark.name == current
            glyph = frame.glyphs.goal if is_goal else frame.glyphs.place
            raster.force_letters(glyph, *camera.cell(mark.x_m, mark.y_m), Ink.GOAL if is_goal else Ink.PLACE)
        for mark in marks:
            is_goal = mark.name == current
            at = camera.cell(mark.x_m, mark.y_m)
            if is_goal:
                write_name(raster, mark.name, at, Ink.GOAL, NAME_CELLS[:1], may_hide_walls=True)
            else:
                is_far = camera.metres_per_dot > FAR_M
                lengths = _FAR_NAME_CELLS if is_far else NAME_CELLS
                write_name(raster, mark.name, at, Ink.LABEL, lengths, may_hide_walls=not is_far)

    def _draw_car(self, raster: Raster, camera: Camera, pose: Pose2, frame: Frame) -> None:
        if camera.metres_per_dot < _CLOSE_M:
            outline = along(pose.carry(outline_of(self._welcome.car)), camera.metres_per_dot)
            raster.add_points(camera, outline[:, 0], outline[:, 1], frame.car_ink(Ink.LABEL))
        heading = round(pose.yaw_rad / (math.pi / 4.0)) % 8
        arrow = frame.glyphs.arrows[heading]
        raster.force_letters(arrow, *camera.cell(pose.x_m, pose.y_m), frame.car_ink(Ink.CAR))


def write_name(
    raster: Raster,
    name: str,
    at: tuple[int, int],
    ink: Ink,
    lengths: Sequence[int],
    *,
    may_hide_walls: bool,
) -> None:
    """Write a name beside its mark, best where it hides no wall, shortened when need be, or not at all."""
    column, row = at
    for hides_walls in (False, True)[: 1 + may_hide_walls]:
        for cells in lengths:
            text = fit(name, min(cells, cell_len(name)))
            width = cell_len(text)
            middle = column - width // 2
            spots = ((column + 1, row), (column - width, row), (middle, row + 1), (middle, row - 1))
            if any(raster.add_letters(text, x, y, ink, hides_walls=hides_walls) for x, y in spots):
                return


def places(centimetres: tuple[int, ...]) -> Points:
    """Return the places of a flat list of whole centimetres, shape (N, 2)."""
    usable = len(centimetres) // 2 * 2
    return np.array(centimetres[:usable], np.float64).reshape(-1, 2) / _CENTIMETRES
