"""Plain twins of the simulator's kernels: every thing against every thing, in NumPy and scalar Python."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.vehicle.battery import BatteryParameters
from sim.vehicle.motor import MotorParameters

Array = NDArray[np.float64]
Pose = tuple[float, float, float]
Outline = tuple[float, float, float]


def squares(solid: NDArray[np.bool_], cell_m: float, origin: tuple[float, float]) -> Array:
    """Return x0 y0 x1 y1 of every solid cell."""
    rows, columns = np.nonzero(solid)
    low = np.column_stack([columns, rows]) * cell_m + origin
    return np.hstack([low, low + cell_m])


def cast(rays: Array, walls: Array, boxes: Array, discs: Array, limit_m: float) -> Array:
    """Return the distance of every ray to the nearest of all walls, boxes and discs."""
    best = np.full(len(rays), np.inf)
    with np.errstate(all="ignore"):
        for found in (_to_walls(rays, walls), _to_boxes(rays, boxes), _to_discs(rays, discs)):
            if found.size:
                best = np.minimum(best, found.min(axis=1))
    return np.where(best < limit_m, best, np.inf)


def _to_walls(rays: Array, walls: Array) -> Array:
    ex, ey = walls[:, 2] - walls[:, 0], walls[:, 3] - walls[:, 1]
    ax, ay = walls[:, 0] - rays[:, :1], walls[:, 1] - rays[:, 1:2]
    dx, dy = rays[:, 2:3], rays[:, 3:4]
    across = dx * ey - dy * ex
    t, u = (ax * ey - ay * ex) / across, (ax * dy - ay * dx) / across
    hit = (np.abs(across) > 1e-15) & (t >= 0.0) & (u >= -1e-12) & (u <= 1.0 + 1e-12)
    return np.where(hit, t, np.inf)


def _to_boxes(rays: Array, boxes: Array) -> Array:
    enter, leave = np.zeros((len(rays), len(boxes))), np.full((len(rays), len(boxes)), np.inf)
    for axis in range(2):
        start, along = rays[:, axis, None], rays[:, axis + 2, None]
        a, b = (boxes[:, axis] - start) / along, (boxes[:, axis + 2] - start) / along
        enter, leave = np.maximum(enter, np.minimum(a, b)), np.minimum(leave, np.maximum(a, b))
    return np.where(enter <= leave, enter, np.inf)


def _to_discs(rays: Array, discs: Array) -> Array:
    fx, fy = discs[:, 0] - rays[:, :1], discs[:, 1] - rays[:, 1:2]
    along = fx * rays[:, 2:3] + fy * rays[:, 3:4]
    off = fx * rays[:, 3:4] - fy * rays[:, 2:3]
    t = along - np.sqrt(discs[:, 2] ** 2 - off**2)
    inside = fx**2 + fy**2 < discs[:, 2] ** 2
    return np.where(inside, 0.0, np.where((along > 0.0) & np.isfinite(t), t, np.inf))


def corners(pose: Pose, outline: Outline) -> Array:
    """Return the corners of the outline in the map, anticlockwise."""
    front, rear, half = outline
    body = np.array([[front, half], [-rear, half], [-rear, -half], [front, -half]])
    cos, sin = math.cos(pose[2]), math.sin(pose[2])
    placed: Array = body @ np.array([[cos, sin], [-sin, cos]]) + np.array(pose[:2])
    return placed


def gap(pose: Pose, outline: Outline, walls: Array, boxes: Array, cutoff_m: float) -> float:
    """Return the distance between the outline and everything, edge against edge; 0 when they overlap."""
    rim = corners(pose, outline)
    best = min((_polygon_gap(rim, wall.reshape(2, 2)) for wall in walls), default=cutoff_m)
    for x0, y0, x1, y1 in boxes:
        best = min(best, _polygon_gap(rim, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])))
    return min(best, cutoff_m)


def _polygon_gap(one: Array, other: Array) -> float:
    if _contains(one, other[0]) or (len(other) > 2 and _contains(other[::-1], one[0])):
        return 0.0
    sides = [(other[k - 1], other[k]) for k in range(len(other))]
    return min(_segment_gap(one[k - 1], one[k], a, b) for k in range(len(one)) for a, b in sides)


def _contains(polygon: Array, point: Array) -> bool:
    """Whether a convex polygon holds the point, whichever way round it is given."""
    signs = [_side(polygon[k - 1], polygon[k], point) for k in range(len(polygon))]
    return min(signs) >= 0.0 or max(signs) <= 0.0


def _side(a: Array, b: Array, p: Array) -> float:
    return float((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]))


def _segment_gap(a: Array, b: Array, c: Array, d: Array) -> float:
    crosses = _side(a, b, c) * _side(a, b, d) < 0.0 and _side(c, d, a) * _side(c, d, b) < 0.0
    if crosses:
        return 0.0
    return min(_point_gap(a, c, d), _point_gap(b, c, d), _point_gap(c, a, b), _point_gap(d, a, b))


def _point_gap(p: Array, a: Array, b: Array) -> float:
    e = b - a
    u = min(max(float((p - a) @ e) / max(float(e @ e), 1e-300), 0.0), 1.0)
    return float(np.hypot(*(p - a - u * e)))


def motor(
    m: MotorParameters, volts: float, load_nm: float, dt_s: float, w: float, *, bridge_on: bool, pieces: int
) -> tuple[float, float]:
    """Return speed and travel after ``dt_s``, in many small steps of the fourth-order Runge-Kutta rule."""
    pull = m.nm_per_amp * volts / m.resistance_ohm if bridge_on else 0.0
    damping = m.damping_nms if bridge_on else m.viscous_nms
    h, angle = dt_s / pieces, 0.0
    for _ in range(pieces):
        if abs(w) < 1e-9 and abs(pull) <= m.stiction_nm + load_nm:
            return 0.0, angle
        sense = math.copysign(1.0, w if abs(w) >= 1e-9 else pull)

        def rate(speed: float, sense: float = sense) -> float:
            return (pull - sense * (m.coulomb_nm + load_nm) - damping * speed) / m.inertia_kgm2

        k1 = rate(w)
        k2 = rate(w + 0.5 * h * k1)
        k3 = rate(w + 0.5 * h * k2)
        k4 = rate(w + h * k3)
        after = w + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        after = (
            0.0 if after * sense < 0.0 else after
        )  # the friction stops the wheel, it does not turn it back
        angle += 0.5 * h * (w + after)
        w = after
    return w, angle


def ocv(b: BatteryParameters, charge: float) -> float:
    """Return the open-circuit voltage at a charge."""
    return b.cells * float(np.interp(charge, np.linspace(0.0, 1.0, len(b.cell_v)), b.cell_v))
