"""Walls as a person draws them, with doors cut out, as straight pieces that do not overlap.

Rooms share walls, so the same wall is often drawn twice. Pieces on one line are joined first and
doors are cut after that: one door opens both rooms.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

DOOR_REACH_M = 0.10
"""A door is cut from walls that pass this close to its middle."""

_SAME_LINE = 1e-4  # metres and radians; far below what anybody draws
_PILLAR_SIDES = 12

Point = tuple[float, float]
Span = tuple[float, float]


@dataclass(slots=True)
class _Line:
    """One endless line ``cos * y - sin * x = offset`` and the parts of it that are wall."""

    cos: float
    sin: float
    offset: float
    spans: list[Span] = field(default_factory=list)

    def along(self, point: Point) -> float:
        return self.cos * point[0] + self.sin * point[1]

    def at(self, along: float) -> Point:
        x = self.cos * along - self.sin * self.offset
        y = self.sin * along + self.cos * self.offset
        return round(x, 6) + 0.0, round(y, 6) + 0.0  # + 0.0: no minus zero


class WallPlan:
    """Collects walls, then cuts doors, then gives the pieces."""

    def __init__(self) -> None:
        """Start with an empty plan."""
        self._lines: dict[tuple[int, int], _Line] = {}
        self._unjoined: dict[tuple[int, int], _Line] = {}
        self._table: NDArray[np.float64] = np.zeros((0, 3))

    def add_polyline(self, corners: Sequence[Point]) -> None:
        """Add a wall from corner to corner; repeated corners are harmless."""
        for start, end in pairwise(corners):
            self._add(start, end)

    def add_rectangle(self, x_m: float, y_m: float, width_m: float, height_m: float) -> None:
        """Add four walls; x and y are the lower left corner."""
        self.add_polyline([*rectangle(x_m, y_m, width_m, height_m), (x_m, y_m)])

    def add_pillar(self, x_m: float, y_m: float, radius_m: float) -> None:
        """Add a round thing as twelve straight pieces around it."""
        corners = pillar(x_m, y_m, radius_m)
        self.add_polyline([*corners, corners[0]])

    def cut_door(self, middle: Point, width_m: float) -> str | None:
        """Open the walls at a place; returns what is wrong when no wall can take the door."""
        longest, opened = 0.0, False
        for line in self._lines_near(middle):
            here = line.along(middle)
            low, high = here - width_m / 2.0, here + width_m / 2.0
            longest = max([longest, *(end - start for start, end in line.spans if start <= here <= end)])
            if any(start - _SAME_LINE <= low and high <= end + _SAME_LINE for start, end in line.spans):
                line.spans = list(_without(line.spans, (low, high)))
                opened = True
        if opened:
            return None
        if longest > 0.0:
            return f"the wall here is {longest:.2f} m long; a door of {width_m:.2f} m does not fit here"
        place = f"({middle[0]:g}, {middle[1]:g})"
        return f"there is no wall within {DOOR_REACH_M:.2f} m of {place} to put a door in"

    def pieces(self) -> NDArray[np.float64]:
        """Return the walls, shape (N, 4): x1 y1 x2 y2 in metres."""
        self._join()
        rows = [
            (*line.at(start), *line.at(end)) for line in self._lines.values() for start, end in line.spans
        ]
        return np.array(rows, np.float64).reshape(-1, 4)

    def _lines_near(self, middle: Point) -> list[_Line]:
        if self._unjoined:
            self._join()
            rows = [(line.cos, line.sin, line.offset) for line in self._lines.values()]
            self._table = np.array(rows).reshape(-1, 3)
        beside = self._table[:, 0] * middle[1] - self._table[:, 1] * middle[0] - self._table[:, 2]
        lines = list(self._lines.values())
        return [lines[index] for index in np.flatnonzero(np.abs(beside) <= DOOR_REACH_M)]

    def _join(self) -> None:
        """Make one span of those that overlap, once after any number of walls."""
        for line in self._unjoined.values():
            line.spans = list(_joined(line.spans))
        self._unjoined.clear()

    def _add(self, start: Point, end: Point) -> None:
        length = math.dist(start, end)
        if length < _SAME_LINE:
            return
        cos, sin = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        if sin < -_SAME_LINE or (abs(sin) <= _SAME_LINE and cos < 0.0):
            cos, sin = -cos, -sin
        offset = cos * start[1] - sin * start[0]
        key = (round(math.atan2(sin, cos) / _SAME_LINE), round(offset / _SAME_LINE))
        line = self._lines.setdefault(key, _Line(cos, sin, offset))
        low, high = sorted((line.along(start), line.along(end)))
        line.spans.append((low, high))
        self._unjoined[key] = line


def rectangle(x_m: float, y_m: float, width_m: float, height_m: float) -> list[Point]:
    """Return the four corners, anticlockwise from the lower left one."""
    right, top = x_m + width_m, y_m + height_m
    return [(x_m, y_m), (right, y_m), (right, top), (x_m, top)]


def pillar(x_m: float, y_m: float, radius_m: float) -> list[Point]:
    """Return the corners of a regular outline that holds the circle."""
    rim = radius_m / math.cos(math.pi / _PILLAR_SIDES)
    angles = (2.0 * math.pi * side / _PILLAR_SIDES for side in range(_PILLAR_SIDES))
    return [(x_m + rim * math.cos(angle), y_m + rim * math.sin(angle)) for angle in angles]


def distance_to_walls(walls: NDArray[np.float64], x_m: float, y_m: float) -> float:
    """Return how far a place is from the nearest piece; ``inf`` when there are none."""
    if not walls.size:
        return math.inf
    start, way = walls[:, :2], walls[:, 2:] - walls[:, :2]
    to_place = np.array([x_m, y_m]) - start
    length2 = np.maximum((way**2).sum(axis=1), 1e-18)
    part = np.clip((to_place * way).sum(axis=1) / length2, 0.0, 1.0)
    return float(np.linalg.norm(to_place - part[:, None] * way, axis=1).min())


def _joined(spans: Iterable[Span]) -> Iterable[Span]:
    """Yield overlapping and touching spans as one, in order."""
    ordered = sorted(spans)
    if not ordered:
        return
    current = ordered[0]
    for span in ordered[1:]:
        if span[0] <= current[1] + _SAME_LINE:
            current = (current[0], max(current[1], span[1]))
        else:
            yield current
            current = span
    yield current


def _without(spans: Iterable[Span], hole: Span) -> Iterable[Span]:
    for start, end in spans:
        if hole[0] - start > _SAME_LINE and start < hole[0]:
            yield start, min(end, hole[0])
        if end - hole[1] > _SAME_LINE and end > hole[1]:
            yield max(start, hole[1]), end
