"""One view of a site with its camera: zoom, pan, follow; what stands still is drawn once for each camera."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np

from patrolcar.dashboard.camera import FIT_LIMIT_M, FOLLOW_M, Camera, fitting
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.raster import Raster
from patrolcar.dashboard.site_layer import SiteLayer
from patrolcar.geometry import Points
from patrolcar.pilot.welcome import CarView, SiteView

TRAIL_POINTS: Final = 1500
TRAIL_STEP_M: Final = 0.10
_ZOOM_STEP: Final = 1.25
_PAN_SHARE: Final = 0.2


class SitePainter:
    """A camera over a site; positions of the car are remembered as its trail."""

    def __init__(self, site: SiteView) -> None:
        self._layer = SiteLayer(site)
        self._site = site
        self._trail: deque[tuple[float, float]] = deque(maxlen=TRAIL_POINTS)
        self._camera: Camera | None = None
        self._base: tuple[Camera, Raster] | None = None
        self.follows = False

    @property
    def camera(self) -> Camera | None:
        """The camera of the last picture."""
        return self._camera

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
            self._camera = fitting(self._site, self._camera.columns, self._camera.rows)

    def _aimed(self, car: tuple[float, float] | None, columns: int, rows: int) -> Camera:
        """Return the camera for a picture of this size with the car at that place."""
        camera = self._camera
        whole = fitting(self._site, columns, rows)
        if camera is None:
            camera = whole
            self.follows = whole.metres_per_dot > FIT_LIMIT_M
            if self.follows:
                camera = whole.zoomed(FOLLOW_M / whole.metres_per_dot, columns / 2, rows / 2)
        elif (camera.columns, camera.rows) != (columns, rows):
            was_whole = camera == fitting(self._site, camera.columns, camera.rows)
            camera = whole if was_whole else camera.resized(columns, rows)
        if self.follows and car is not None:
            camera = camera.following(*car)
        self._camera = camera
        return camera

    def _background(self, camera: Camera) -> Raster:
        """Return a picture of what stands still, to draw on."""
        if self._base is None or self._base[0] != camera:
            self._base = (camera, self._layer.draw(camera))
        return self._base[1].copy()

    def _remember(self, x_m: float, y_m: float) -> None:
        if not self._trail or math.hypot(x_m - self._trail[-1][0], y_m - self._trail[-1][1]) >= TRAIL_STEP_M:
            self._trail.append((x_m, y_m))

    def _draw_trail(self, raster: Raster, camera: Camera) -> None:
        if self._trail:
            trail = np.array(self._trail)
            raster.add_points(camera, trail[:, 0], trail[:, 1], Ink.TRAIL)


def outline_of(car: CarView) -> Points:
    """Return the corners of the car in ``base_link``, the first one again at the end."""
    front, rear, half = car.front_m, -abs(car.rear_m), car.half_width_m
    return np.array([[front, half], [front, -half], [rear, -half], [rear, half], [front, half]])
