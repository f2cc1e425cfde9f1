"""Read what a scenario file or a world file says of the world.

Lengths in metres, times in seconds of simulated time, headings and swings in degrees:

- ``floor``: pieces with ``box`` or ``polygon`` and ``friction``, ``slip``, ``grade`` (a ramp) or ``hole``
- ``stripes``: painted lines, ``points`` with ``width_m`` and ``level``
- ``surfaces``: ``material`` of all walls in a ``box``: glass, dark, mirror, curtain, shelf, plaster
- ``doors``: name: ``hinge``, ``handle``, ``swing_deg``, and when it opens: ``open_s``, ``opens_within_m``
- ``things``: name: a box ``at`` a place, ``from_s`` to ``to_s``
- ``walkers``: name: ``route``, ``speed_mps``, ``pause_s``, ``temperament``; ``temperaments``: name: word
- ``docks``, ``tags``, ``switches``; ``sources`` (flame, gas, light, ...), ``usual``: what there is everywhere
- ``fittings``: what the car carries to notice it

Beyond the shape of each entry it is checked that everything lies on the map and that the car and the people
have room where they start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import dist, inf, radians
from pathlib import Path
from typing import TypeVar

import numpy as np

from patrolcar.config.folder import DiskFolder, Folder
from patrolcar.config.validate import Checker, Located
from patrolcar.config.validate import Path as KeyPath
from patrolcar.config.yaml_reader import read_document
from patrolcar.geometry import wrapped
from patrolcar.site import PersonRoute, Site
from patrolcar.site.polygons import area_m2
from patrolcar.site.walls import rectangle
from sim.setting import entries
from sim.setting.checks import check_setting
from sim.setting.model import MATERIALS, QUANTITIES, TAG_KINDS, Panel, Setting
from sim.world.floor import Patch, Place, Stripe
from sim.world.moving import Appearing, Door, box
from sim.world.things import MOST_TAG_BYTES, Dock, Source, Switch, Tag

Part = TypeVar("Part")

_MIN_AREA_M2 = 1e-4


def read_world(folder: Folder, name: str, site: Site | None = None) -> Setting:
    """Return the setting of a world file; BadFileError with every mistake.

    Args:
        folder: Where it is read from.
        name: The file.
        site: Where it is; without it, nobody asks whether things lie on the map.

    """
    check = Checker(read_document(folder, name))
    check.header(entries.WorldHeader)
    setting = read_setting(check, site)
    check.finish()
    return setting


def load_world(path: Path) -> Setting:
    """Return the setting of a world file alone; nobody asks whether it fits a building."""
    return read_world(DiskFolder(path.parent), path.name)


def read_setting(check: Checker, site: Site | None) -> Setting:
    """Return what a file says of the world; mistakes go to ``check``."""
    read = _Reader(check, None if site is None else site.grid.bounds_m)
    routes, moods = read.walkers()
    setting = Setting(
        patches=_all(map(read.patch, check.items("floor", entries.PATCH))),
        stripes=_all(map(read.stripe, check.items("stripes", entries.STRIPE))),
        panels=tuple(
            Panel(each.value.material, each.value.box) for each in check.items("surfaces", entries.PANEL)
        ),
        doors=_all(map(read.door, check.named("doors", entries.DOOR))),
        things=_all(map(read.thing, check.named("things", entries.THING))),
        walkers=routes,
        moods=moods,
        docks=_all(map(read.dock, check.named("docks", entries.DOCK))),
        tags=_all(map(read.tag, check.named("tags", entries.TAG))),
        sources=_all(map(read.source, check.named("sources", entries.SOURCE))),
        usual=read.usual(),
        switches=_all(map(read.switch, check.named("switches", entries.SWITCH))),
        fittings=tuple(each.value for each in check.items("fittings", entries.FITTING)),
    )
    check_setting(check, setting, site)
    return setting


def _all(parts: Iterable[Part | None]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns entries into values; None after a mistake in one.

    ``bounds_m`` is the map's lowest x, lowest y, highest x, highest y; None when nobody asks.
    """

    check: Checker
    bounds_m: tuple[float, float, float, float] | None

    def place(self, path: KeyPath, point: Sequence[float]) -> Place:
        """Return a place, and note one that lies off the map."""
        x_m, y_m = point[0], point[1]
        if self.bounds_m is not None:
            low_x, low_y, high_x, high_y = self.bounds_m
            if not (low_x <= x_m <= high_x and low_y <= y_m <= high_y):
                self.check.add(path, f"({x_m:g}, {y_m:g}) is off the map")
        return x_m, y_m

    def span(self, path: KeyPath, begin: float, end: float | None) -> tuple[float, float] | None:
        """Return a span of time; without an end it stays."""
        until = inf if end is None else end
        if begin < until:
            return begin, until
        self.check.add(path, f"ends at {until:g} s, which is not after {begin:g} s")
        return None

    def patch(self, entry: Located[entries.PatchEntry]) -> Patch | None:
        said = entry.value
        if (said.box is None) == (said.polygon is None):
            text = "a piece of floor needs either box: [x, y, width, height] or polygon: [[x, y], ...]"
            self.check.add(entry.path, text)
            return None
        corners = rectangle(*said.box) if said.box else (said.polygon or [])
        if area_m2(np.array(corners, np.float64)) < _MIN_AREA_M2:
            self.check.add(entry.path, "the corners enclose no area; give them in order around it")
            return None
        if all(value is None for value in (said.friction, said.slip, said.grade, said.hole)):
            self.check.add(entry.path, "says nothing; give it friction, slip, grade or hole")
            return None
        grade = None if said.grade is None else (said.grade[0], said.grade[1])
        return Patch(tuple((x, y) for x, y in corners), said.friction, said.slip, grade, said.hole)

    def stripe(self, entry: Located[entries.StripeEntry]) -> Stripe:
        said, path = entry.value, (*entry.path, "points")
        points = tuple(self.place((*path, index), point) for index, point in enumerate(said.points))
        return Stripe(points, said.width_m, said.level)

    def door(self, entry: Located[entries.DoorEntry]) -> Door | None:
        said = entry.value
        hinge = self.place((*entry.path, "hinge"), said.hinge)
        handle = self.place((*entry.path, "handle"), said.handle)
        spans = [
            self.span((*entry.path, "open_s", index), begin, end)
            for index, (begin, end) in enumerate(said.open_s)
        ]
        if dist(hinge, handle) == 0.0 or said.swing_deg == 0.0:
            text = "a door needs a handle apart from its hinge, and a swing that is not 0"
            self.check.add(entry.path, text)
            return None
        swing_rad, material = radians(said.swing_deg), MATERIALS[said.material]
        return Door(hinge, handle, swing_rad, _all(spans), said.opens_within_m, said.turn_s, material)

    def thing(self, entry: Located[entries.ThingEntry]) -> Appearing | None:
        said = entry.value
        middle = self.place((*entry.path, "at"), said.at)
        span = self.span((*entry.path, "to_s"), said.from_s, said.to_s)
        if span is None:
            return None
        return Appearing(box(*middle, said.size_m / 2.0), *span, MATERIALS[said.material])

    def walkers(self) -> tuple[tuple[PersonRoute, ...], tuple[tuple[str, str], ...]]:
        """Return who walks besides the site's people, and everybody's temperament by name."""
        found = self.check.named("walkers", entries.WALKER)
        routes = tuple(
            PersonRoute(
                each.key, tuple((x, y) for x, y in each.value.route), each.value.speed_mps, each.value.pause_s
            )
            for each in found
        )
        moods = [(each.key, each.value.temperament) for each in found]
        moods += [(each.key, each.value) for each in self.check.named("temperaments", entries.TEMPERAMENT)]
        return routes, tuple(moods)

    def dock(self, entry: Located[list[float]]) -> Dock:
        x_m, y_m = self.place(entry.path, entry.value)
        return x_m, y_m, wrapped(radians(entry.value[2]))

    def tag(self, entry: Located[entries.TagEntry]) -> Tag | None:
        said = entry.value
        place = self.place((*entry.path, "at"), said.at)
        try:
            number = bytes.fromhex(said.number)
        except ValueError:
            number = b""
        if not 0 < len(number) <= MOST_TAG_BYTES:
            text = f"expected two hexadecimal digits for each byte, 1 to {MOST_TAG_BYTES} bytes: 04a1b2c3"
            self.check.add((*entry.path, "number"), text)
            return None
        return Tag(number, *place, TAG_KINDS[said.kind], said.reach_m)

    def source(self, entry: Located[entries.SourceEntry]) -> Source | None:
        said = entry.value
        place = self.place((*entry.path, "at"), said.at)
        span = self.span((*entry.path, "to_s"), said.from_s, said.to_s)
        if span is None:
            return None
        return Source(QUANTITIES[said.quantity], *place, said.strength, said.spread_m, *span)

    def usual(self) -> tuple[tuple[str, float], ...]:
        """Return how much there is everywhere, by quantity."""
        amounts = self.check.named("usual", entries.AMOUNT)
        for each in amounts:
            if each.key not in QUANTITIES:
                known = ", ".join(QUANTITIES)
                self.check.add(each.path, f"no such quantity (known here: {known})", at_key=True)
        return tuple((each.key, each.value) for each in amounts if each.key in QUANTITIES)

    def switch(self, entry: Located[entries.SwitchEntry]) -> Switch | None:
        said = entry.value
        span = self.span((*entry.path, "to_s"), said.from_s, said.to_s)
        if (said.at is None) != (said.reach_m is None):
            self.check.add(entry.path, "a switch at a place needs both at: [x, y] and reach_m")
            return None
        place = (0.0, 0.0) if said.at is None else self.place((*entry.path, "at"), said.at)
        if span is None:
            return None
        return Switch(said.channel, *place, inf if said.reach_m is None else said.reach_m, *span)
