"""A run as a drawing that moves: SVG for a web browser, with nothing else needed.

Walls or the solid cells of the map, doors and things in every position they took (stronger where they
stayed long), the way the car really drove (darker where it was slow), who walked there, places and touches;
the car drives its way again, ``SPEED_UP`` times as fast.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Final

from patrolcar.site import OCCUPIED, Site

SPEED_UP: Final = 10.0
EVERY_S: Final = 0.1
Segment = tuple[float, float, float, float]
PIXELS: Final = 1000  # of the longer side
_MARGIN_M: Final = 0.3
_SHADES: Final = 6  # of the way, by speed
_FULL_MPS: Final = 0.6


@dataclass(slots=True)
class Track:
    """What is drawn of one run; positions are in the map frame."""

    poses: list[tuple[float, float, float, float]] = field(default_factory=list)  # t_s, x_m, y_m, yaw_rad
    people: list[list[tuple[float, float]]] = field(default_factory=list)
    touches: list[tuple[float, float]] = field(default_factory=list)
    moving: Counter[Segment] = field(default_factory=Counter)  # walls that move: how often seen where
    _hits: int = 0

    def look(
        self,
        now_s: float,
        pose: tuple[float, float, float],
        people: Iterable[tuple[float, float]],
        hits: int,
        moving: Iterable[Sequence[float]] = (),
    ) -> None:
        """Take note, at most every ``EVERY_S``; ``moving`` are the ends of walls that move and are there."""
        if hits > self._hits:
            self._hits = hits
            self.touches.append(pose[:2])
        if self.poses and now_s - self.poses[-1][0] < EVERY_S - 1e-9:
            return
        self.poses.append((now_s, *pose))
        for x1, y1, x2, y2 in moving:
            self.moving[round(x1, 2), round(y1, 2), round(x2, 2), round(y2, 2)] += 1
        for number, (x_m, y_m) in enumerate(people):
            if number == len(self.people):
                self.people.append([])
            self.people[number].append((float(x_m), float(y_m)))


@dataclass(frozen=True, slots=True)
class _Frame:
    """From the map frame to pixels: x to the right, y down."""

    left_m: float
    top_m: float
    scale: float

    def place(self, x_m: float, y_m: float) -> str:
        return f"{(x_m - self.left_m) * self.scale:.1f} {(self.top_m - y_m) * self.scale:.1f}"


def svg(site: Site, track: Track, title: str) -> str:
    """Return the drawing of one run."""
    grid = site.grid
    width_m = grid.cells.shape[1] * grid.resolution_m + 2 * _MARGIN_M
    height_m = grid.cells.shape[0] * grid.resolution_m + 2 * _MARGIN_M
    scale = PIXELS / max(width_m, height_m)
    frame = _Frame(grid.origin_x_m - _MARGIN_M, grid.origin_y_m + height_m - _MARGIN_M, scale)
    size = f"{width_m * scale:.0f} {height_m * scale:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fbfbf8"/>',
        _walls(site, frame),
        *_moving(track, frame),
        _places(site, frame),
        *(_line(path, frame, "#d08a3c", 1.0, 0.45) for path in track.people),
        *_way(track, frame),
        *(
            f'<circle r="6" fill="#d02f2f" transform="translate({frame.place(*at)})"/>'
            for at in track.touches
        ),
        _car(track, frame),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _walls(site: Site, frame: _Frame) -> str:
    if len(site.walls):
        path = "".join(f"M{frame.place(x1, y1)}L{frame.place(x2, y2)}" for x1, y1, x2, y2 in site.walls)
        return f'<path d="{path}" stroke="#333" stroke-width="2" stroke-linecap="round"/>'
    return f'<path d="{_solid(site, frame)}" fill="#333"/>'


def _moving(track: Track, frame: _Frame) -> Iterator[str]:
    """Yield walls that moved, as strong as the share of the time that they stood so."""
    for (x1, y1, x2, y2), times in track.moving.items():
        opacity = max(0.15, times / len(track.poses))
        path = f"M{frame.place(x1, y1)}L{frame.place(x2, y2)}"
        yield f'<path d="{path}" stroke="#e69f00" stroke-width="2" opacity="{opacity:.2f}"/>'


def _solid(site: Site, frame: _Frame) -> str:
    """Return the solid cells of the map as rows of rectangles."""
    grid, pieces = site.grid, []
    cell_m = grid.resolution_m
    for row, cells in enumerate(grid.cells == OCCUPIED):
        edges = [column for column in range(1, len(cells)) if cells[column] != cells[column - 1]]
        bounds = [0, *edges, len(cells)]
        for first, end in pairwise(bounds):
            if cells[first]:
                x_m, y_m = grid.origin_x_m + first * cell_m, grid.origin_y_m + (row + 1) * cell_m
                wide, tall = (end - first) * cell_m * frame.scale, cell_m * frame.scale
                pieces.append(f"M{frame.place(x_m, y_m)}h{wide:.1f}v{tall:.1f}h{-wide:.1f}z")
    return "".join(pieces)


def _places(site: Site, frame: _Frame) -> str:
    marks = (
        f'<g transform="translate({frame.place(place.pose.x_m, place.pose.y_m)})" fill="#2f7d4f">'
        f'<circle r="4"/><text x="7" y="4" font-size="13">{escape(place.name)}</text></g>'
        for place in site.places.values()
    )
    return "".join(marks)


def _way(track: Track, frame: _Frame) -> list[str]:
    """Return the way of the car in pieces of one shade each."""
    shades: list[list[str]] = [[] for _ in range(_SHADES)]
    for (t0, x0, y0, _), (t1, x1, y1, _) in pairwise(track.poses):
        speed_mps = math.hypot(x1 - x0, y1 - y0) / (t1 - t0)
        shade = min(int(_SHADES * speed_mps / _FULL_MPS), _SHADES - 1)
        shades[shade].append(f"M{frame.place(x0, y0)}L{frame.place(x1, y1)}")
    return [
        f'<path d="{"".join(pieces)}" stroke="hsl(212 70% {25 + 9 * shade}%)" stroke-width="2" fill="none"/>'
        for shade, pieces in enumerate(shades)
        if pieces
    ]


def _line(
    path: Sequence[tuple[float, float]], frame: _Frame, colour: str, width: float, opacity: float
) -> str:
    places = "L".join(frame.place(x_m, y_m) for x_m, y_m in path)
    return f'<path d="M{places}" stroke="{colour}" stroke-width="{width}" opacity="{opacity}" fill="none"/>'


def _car(track: Track, frame: _Frame) -> str:
    """Return the car, on its way again: place and heading as lists of values over time."""
    if len(track.poses) < 2:  # noqa: PLR2004  (a way has two ends)
        return ""
    begin_s, end_s = track.poses[0][0], track.poses[-1][0]
    lasting = f'dur="{(end_s - begin_s) / SPEED_UP:.2f}s" repeatCount="indefinite"'
    places = ";".join(frame.place(x_m, y_m) for _, x_m, y_m, _ in track.poses)
    turns = ";".join(f"{-math.degrees(yaw_rad):.1f}" for yaw_rad in _unwrapped(track))
    size = 0.13 * frame.scale
    return (
        f'<g><animateTransform attributeName="transform" type="translate" values="{places}" {lasting}/>'
        f'<path d="M{1.2 * size:.1f} 0L{-size:.1f} {0.8 * size:.1f}V{-0.8 * size:.1f}z" fill="#c2185b">'
        f'<animateTransform attributeName="transform" type="rotate" values="{turns}" {lasting}/></path></g>'
    )


def _unwrapped(track: Track) -> list[float]:
    """Return the headings without leaps of a whole turn, so that the car does not spin back."""
    out: list[float] = []
    for *_, yaw_rad in track.poses:
        before = out[-1] if out else yaw_rad
        out.append(before + (yaw_rad - before + math.pi) % (2 * math.pi) - math.pi)
    return out
