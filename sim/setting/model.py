"""What a simulated world holds besides its site: what the floor is like, what moves, what lies about.

A site is what the host knows before the car moves; a setting is what it has to find out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from math import hypot
from types import MappingProxyType
from typing import Final, NamedTuple

from firmware_protocol.messages import Quantity, TagKind
from patrolcar.site import OCCUPIED, PersonRoute, Site
from sim.car import NOMINAL, CarParameters
from sim.fittings import FittingParameters
from sim.sensors.charger import ChargerParameters
from sim.sensors.cliff import CliffParameters
from sim.sensors.environment import EnvironmentParameters
from sim.sensors.infrared import InfraredParameters
from sim.sensors.line import LineParameters
from sim.sensors.tag_reader import TagReaderParameters
from sim.vehicle.cars import fitted
from sim.world.floor import Floor, Patch, Stripe, painted
from sim.world.moving import Appearing, Door, Segment
from sim.world.people import CALM, CURIOUS, DISTRACTED, FRIGHTENED, HURRIED, Temperament
from sim.world.surfaces import CURTAIN, DARK, GLASS, MIRROR, PLASTER, SHELF, Material, Surfaces
from sim.world.things import USUAL, Dock, Source, Switch, Tag, Things
from sim.world.walls import World

CELL_M: Final = 0.25
_SHORTEST_M: Final = 1e-6
_CAMERA_RAD: Final = 0.5
_CAMERA_LUX: Final = 10.0

MATERIALS: Final[Mapping[str, Material]] = MappingProxyType(
    {
        "plaster": PLASTER,
        "dark": DARK,
        "glass": GLASS,
        "mirror": MIRROR,
        "curtain": CURTAIN,
        "shelf": SHELF,
    }
)
TEMPERAMENTS: Final[Mapping[str, Temperament]] = MappingProxyType(
    {
        "calm": CALM,
        "hurried": HURRIED,
        "distracted": DISTRACTED,
        "curious": CURIOUS,
        "frightened": FRIGHTENED,
    }
)
QUANTITIES: Final[Mapping[str, Quantity]] = MappingProxyType({each.name.lower(): each for each in Quantity})
TAG_KINDS: Final[Mapping[str, TagKind]] = MappingProxyType({each.name.lower(): each for each in TagKind})

FITTINGS: Final[Mapping[str, FittingParameters]] = MappingProxyType(
    {
        "tag reader": FittingParameters(readers=(TagReaderParameters(),)),
        "camera": FittingParameters(
            readers=(
                TagReaderParameters(
                    TagKind.VISUAL, reader=1, half_angle_rad=_CAMERA_RAD, least_lux=_CAMERA_LUX
                ),
            )
        ),
        "line sensor": FittingParameters(line=LineParameters()),
        "cliff sensors": FittingParameters(cliffs=CliffParameters()),
        "charging contacts": FittingParameters(charger=ChargerParameters()),
        "infrared": FittingParameters(infrared=InfraredParameters()),
        "digital inputs": FittingParameters(inputs=0xFF),
        **{
            f"{name} sensor": FittingParameters(environment=(EnvironmentParameters(quantity),))
            for name, quantity in QUANTITIES.items()
        },
    }
)
"""What can be screwed to the car, by name."""


class Panel(NamedTuple):
    """Every piece of wall within a box (x, y, width, height) is of this material."""

    material: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything of that kind.

    Attributes:
        patches: Pieces of floor.
        stripes: Painted lines.
        panels: What walls are made of; plaster elsewhere.
        doors: Doors that turn.
        things: Things that come and go.
        walkers: People besides those of the site.
        moods: Temperaments by the names of people; calm otherwise.
        docks: Where the car is charged.
        tags: Marks to be read.
        sources: What warms, smells, shines or burns.
        usual: How much there is of a quantity where no source is near.
        switches: What digital inputs say.
        fittings: Names of what the car carries, out of ``FITTINGS``.

    """

    patches: tuple[Patch, ...] = ()
    stripes: tuple[Stripe, ...] = ()
    panels: tuple[Panel, ...] = ()
    doors: tuple[Door, ...] = ()
    things: tuple[Appearing, ...] = ()
    walkers: tuple[PersonRoute, ...] = ()
    moods: tuple[tuple[str, str], ...] = ()
    docks: tuple[Dock, ...] = ()
    tags: tuple[Tag, ...] = ()
    sources: tuple[Source, ...] = ()
    usual: tuple[tuple[str, float], ...] = ()
    switches: tuple[Switch, ...] = ()
    fittings: tuple[str, ...] = ()

    def plus(self, more: Setting) -> Setting:
        """Return both settings in one; what ``more`` says comes later and wins."""
        return Setting(*(getattr(self, each.name) + getattr(more, each.name) for each in fields(self)))

    @property
    def moving(self) -> tuple[Door | Appearing, ...]:
        """Walls that do not stay: doors first, in the order of the file, then things."""
        return (*self.doors, *self.things)

    def people(self, site: Site, count: int | None) -> tuple[list[PersonRoute], list[Temperament]]:
        """Return who walks there, and how each takes a car.

        Args:
            site: Its people come first.
            count: How many of them walk; None for all.

        """
        moods, routes = dict(self.moods), [*site.people[:count], *self.walkers]
        return routes, [TEMPERAMENTS[moods.get(route.name, "calm")] for route in routes]

    def world(self, site: Site) -> World:
        """Return what stands still there: walls where they were drawn, else the solid cells of the map.

        Unknown ground is open to rays, as it is in a real building that nobody has mapped.
        """
        floor = None
        if self.patches or self.stripes:
            floor = Floor(self.patches, painted(self.stripes) if self.stripes else None)
        usual = MappingProxyType({**USUAL, **{QUANTITIES[name]: amount for name, amount in self.usual}})
        things = Things(self.docks, self.tags, self.sources, self.switches, usual)
        if not len(site.walls):
            grid = site.grid
            origin = (grid.origin_x_m, grid.origin_y_m)
            return World.from_grid(
                grid.cells == OCCUPIED, grid.resolution_m, origin, floor=floor, things=things
            )
        walls: list[Segment] = [(x1, y1, x2, y2) for x1, y1, x2, y2 in site.walls.tolist()]
        if not self.panels:
            return World.from_walls(walls, CELL_M, floor, things=things)
        walls, materials = covered(walls, self.panels)
        return World.from_walls(walls, CELL_M, floor, Surfaces(materials), things)

    def car(self, car: CarParameters = NOMINAL) -> CarParameters:
        """Return the car with what it carries here, and a firmware that knows of it."""
        return fitted(car, _together(self.fittings)) if self.fittings else car


NO_SETTING: Final = Setting()


def _together(names: Sequence[str]) -> FittingParameters:
    """Return all of these fittings in one; the same thing twice is carried once."""
    each = [FITTINGS[name] for name in dict.fromkeys(names)]
    return FittingParameters(
        infrared=next((one.infrared for one in each if one.infrared), None),
        cliffs=next((one.cliffs for one in each if one.cliffs), None),
        line=next((one.line for one in each if one.line), None),
        charger=next((one.charger for one in each if one.charger), None),
        readers=tuple(reader for one in each for reader in one.readers),
        environment=tuple(sensor for one in each for sensor in one.environment),
        inputs=max((one.inputs for one in each), default=0),
    )


def covered(walls: Sequence[Segment], panels: Sequence[Panel]) -> tuple[list[Segment], list[Material]]:
    """Return walls cut at the rims of the panels, and what each piece is made of; later panels win."""
    pieces = [(wall, PLASTER) for wall in walls]
    for panel in panels:
        pieces = [part for wall, material in pieces for part in _cut(wall, material, panel)]
    return [wall for wall, _ in pieces], [material for _, material in pieces]


def _cut(wall: Segment, material: Material, panel: Panel) -> list[tuple[Segment, Material]]:
    """Return a wall in up to three pieces, the middle one inside the panel's box (Liang and Barsky 1984)."""
    x1, y1, x2, y2 = wall
    left, low, width, height = panel.box
    first, last = 0.0, 1.0
    for start, end, least, most in ((x1, x2, left, left + width), (y1, y2, low, low + height)):
        along = end - start
        if along == 0.0:
            if not least <= start <= most:
                return [(wall, material)]
            continue
        enters, leaves = sorted(((least - start) / along, (most - start) / along))
        first, last = max(first, enters), min(last, leaves)
    length_m = hypot(x2 - x1, y2 - y1)
    if (last - first) * length_m <= _SHORTEST_M:
        return [(wall, material)]
    cuts = [0.0, first, last, 1.0]
    places = [(x1 + share * (x2 - x1), y1 + share * (y2 - y1)) for share in cuts]
    made = (material, MATERIALS[panel.material], material)
    return [
        ((*a, *b), of)
        for (a, b), (begin, end), of in zip(pairwise(places), pairwise(cuts), made, strict=True)
        if (end - begin) * length_m > _SHORTEST_M
    ]
