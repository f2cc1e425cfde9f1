"""The map as cells: what stands still is kept, what moves is drawn over it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from patrolcar.dashboard.camera import FIT_LIMIT_M, FOLLOW_M, Camera, fitting
from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.raster import Raster
from patrolcar.dashboard.site_layer import SiteLayer, along
from patrolcar.dashboard.text import fit
from patrolcar.dashboard.views.mission import current_place
from patrolcar.geometry import Points, Pose2
from patrolcar.pilot.snapshot import PersonView, Snapshot
from patrolcar.pilot.welcome import CarView, Welcome

TRAIL_POINTS: Final = 1500
TRAIL_STEP_M: Final = 0.10
_ZOOM_STEP: Final = 1.25
_PAN_SHARE: Final = 0.2
_CLOSE_M: Final = 0.06  # metres per dot from which the outline of the car is drawn
_NAME_CELLS: Final = (16, 10, 6)  # lengths that are tried
_FAR_NAME_CELLS: Final = (8, 5)
_FAR_M: Final = 0.25  # metres per dot from which names must not hide the walls
_CENTIMETRES: Final = 100.0


class MapPainter:
    """One view of the map with its camera; positions of the car are remembered as its trail."""

    def __init__(self, welcome: Welcome) -> None:
        self._layer = SiteLayer(welcome.site)
        self._welcome = welcome
        self._trail: deque[tuple[float, float]] = deque(maxlen=TRAIL_POINTS)
        self._camera: Camera | None = None
        self._base: tuple[Camera, Raster] | None = None
        self.follows = False

    @property
    def camera(self) -> Camera | None:
        """The camera of the last picture."""
        return self._camera

    def cells(self, frame: Frame, columns: int, rows: int) -> NDArray[np.uint32]:
        """Return the picture for a widget of this size; see :func:`patrolcar.dashboard.raster.runs`."""
        snapshot = frame.snapshot
        camera = self._aimed(snapshot, columns, rows)
        raster = self._background(camera).copy()
        if snapshot is not None:
            self._remember(snapshot)
            self._draw_lines(raster, camera, snapshot)
            self._draw_people(raster, camera, snapshot.people, frame.glyphs)
        self._draw_places(raster, camera, frame)
        if snapshot is not None and snapshot.pose is not None:
            self._draw_car(raster, camera, Pose2(*snapshot.pose), frame)
        return raster.cells(braille=frame.glyphs.braille)

    # --- the camera -------------------------------------------------------------------------------

    def zoom(self, steps: int, column: float | None = None, row: float | None = None) -> None:
        """Zoom in for positive ``steps``, around a cell or the middle."""
        camera = self._camera
        if camera is not None:
            x = camera.columns / 2 if column is None else column
            y = camera.rows / 2 if row is None else row
            self._camera = camera.zoomed(_ZOOM_STEP**-steps, x, y)

    def pan(self, columns: float, rows: float) -> None:
        """Move the picture by cells; this ends following."""
        if self._camera is not None:
            self.follows = False
            self._camera = self._camera.panned(columns, rows)

    def pan_steps(self, right: int, down: int) -> None:
        """Move the picture by fifths of its size; this ends following."""
        if self._camera is not None:
            self.pan(right * self._camera.columns * _PAN_SHARE, down * self._camera.rows * _PAN_SHARE)

    def follow(self) -> None:
        """Follow the car, or stop following it."""
        self.follows = not self.follows
        if self.follows and self._camera is not None and self._camera.metres_per_dot > FIT_LIMIT_M:
            self._camera = self._camera.zoomed(FOLLOW_M / self._camera.metres_per_dot, 0, 0)

    def fit(self) -> None:
        """Show the whole site."""
        self.follows = False
        if self._camera is not None:
            self._camera = fitting(self._welcome.site, self._camera.columns, self._camera.rows)

    def _aimed(self, snapshot: Snapshot | None, columns: int, rows: int) -> Camera:
        camera = self._camera
        whole = fitting(self._welcome.site, columns, rows)
        if camera is None:
            camera = whole
            self.follows = whole.metres_per_dot > FIT_LIMIT_M
            if self.follows:
                camera = whole.zoomed(FOLLOW_M / whole.metres_per_dot, columns / 2, rows / 2)
        elif (camera.columns, camera.rows) != (columns, rows):
            was_whole = camera == fitting(self._welcome.site, camera.columns, camera.rows)
            camera = whole if was_whole else camera.resized(columns, rows)
        if self.follows and snapshot is not None and snapshot.pose is not None:
            camera = camera.following(snapshot.pose[0], snapshot.pose[1])
        self._camera = camera
        return camera

    def _background(self, camera: Camera) -> Raster:
        if self._base is None or self._base[0] != camera:
            self._base = (camera, self._layer.draw(camera))
        return self._base[1]

    # --- what moves -------------------------------------------------------------------------------

    def _remember(self, snapshot: Snapshot) -> None:
        if snapshot.pose is None:
            return
        x_m, y_m, _ = snapshot.pose
        if not self._trail or math.hypot(x_m - self._trail[-1][0], y_m - self._trail[-1][1]) >= TRAIL_STEP_M:
            self._trail.append((x_m, y_m))

    def _draw_lines(self, raster: Raster, camera: Camera, snapshot: Snapshot) -> None:
        if self._trail:
            trail = np.array(self._trail)
            raster.add_points(camera, trail[:, 0], trail[:, 1], Ink.TRAIL)
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
                _write_name(raster, mark.name, at, Ink.GOAL, _NAME_CELLS[:1], may_hide_walls=True)
            else:
                is_far = camera.metres_per_dot > _FAR_M
                lengths = _FAR_NAME_CELLS if is_far else _NAME_CELLS
                _write_name(raster, mark.name, at, Ink.LABEL, lengths, may_hide_walls=not is_far)

    def _draw_car(self, raster: Raster, camera: Camera, pose: Pose2, frame: Frame) -> None:
        if camera.metres_per_dot < _CLOSE_M:
            outline = along(pose.carry(_outline(self._welcome.car)), camera.metres_per_dot)
            raster.add_points(camera, outline[:, 0], outline[:, 1], frame.car_ink(Ink.LABEL))
        heading = round(pose.yaw_rad / (math.pi / 4.0)) % 8
        arrow = frame.glyphs.arrows[heading]
        raster.force_letters(arrow, *camera.cell(pose.x_m, pose.y_m), frame.car_ink(Ink.CAR))


def _write_name(
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


def _outline(car: CarView) -> Points:
    front, rear, half = car.front_m, -abs(car.rear_m), car.half_width_m
    return np.array([[front, half], [front, -half], [rear, -half], [rear, half], [front, half]])
