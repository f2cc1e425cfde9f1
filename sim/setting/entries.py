"""What each entry of a scenario or world file that describes the world must look like."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from patrolcar.config.fields import (
    Coordinate,
    FileModel,
    LengthM,
    Name,
    Point,
    number,
    one_of,
    row,
    text,
    whole,
    yes_no,
)
from patrolcar.config.validate import Kind, entry_of
from patrolcar.site.site_entries import Outline, PersonEntry, Polyline, Rectangle
from sim.setting.model import FITTINGS, MATERIALS, QUANTITIES, TAG_KINDS, TEMPERAMENTS

LONGEST_S = 1e6

Seconds = Annotated[float, number("seconds after the start", 0.0, LONGEST_S)]
Slope = Annotated[float, number("metres up per metre, 1 is 45 degrees", -1.0, 1.0)]
Spanned = Annotated[list[Seconds], row("[from, to] in seconds", 2, 2)]
Pose = Annotated[list[Coordinate], row("[x, y, heading_deg]", 3, 3)]
Reach = Annotated[float, number("metres", 0.01, 20.0)]
Digits = Annotated[str, text("two hexadecimal digits for each byte", 20)]
MaterialWord = Annotated[str, one_of(MATERIALS)]
Temper = Annotated[str, one_of(TEMPERAMENTS)]


class WorldSections(FileModel):
    """The sections that describe the world; they are read entry by entry elsewhere."""

    floor: object = None
    stripes: object = None
    surfaces: object = None
    doors: object = None
    things: object = None
    walkers: object = None
    temperaments: object = None
    docks: object = None
    tags: object = None
    sources: object = None
    usual: object = None
    switches: object = None
    fittings: object = None


class WorldHeader(WorldSections):
    """The top of a world file: what several scenarios share."""

    name: Name = Field(alias="world", description="what to call it")


class PatchEntry(FileModel):
    """A piece of floor."""

    box: Rectangle | None = None
    polygon: Outline | None = None
    friction: Annotated[float, number("friction, 0.8 rubber on tiles, 0.1 ice", 0.01, 2.0)] | None = None
    slip: Annotated[float, number("share of the way that is lost", 0.0, 0.95)] | None = None
    grade: Annotated[list[Slope], row("[rise along x, rise along y]", 2, 2)] | None = None
    hole: Annotated[bool, yes_no("whether the floor is missing here")] | None = None


class StripeEntry(FileModel):
    """A painted line."""

    points: Polyline = Field(description="[[x, y], [x, y]]")
    width_m: Annotated[float, number("metres", 0.005, 0.5)] = 0.02
    level: Annotated[int, whole("how bright, 0 black to 255 white", 0, 255)] = 15


class PanelEntry(FileModel):
    """What the walls in a box are made of."""

    material: MaterialWord = Field(description="glass")
    box: Rectangle = Field(description="[x, y, width, height]")


class DoorEntry(FileModel):
    """A door that turns around its hinge."""

    hinge: Point = Field(description="[x, y]")
    handle: Point = Field(description="[x, y], where its other end is when it is closed")
    swing_deg: Annotated[float, number("degrees, anticlockwise", -180.0, 180.0)] = 90.0
    open_s: Annotated[list[Spanned], row("a list of [from, to] in seconds", 0, 100)] = Field(
        default_factory=list
    )
    opens_within_m: Annotated[float, number("metres, 0 for never", 0.0, 20.0)] = 0.0
    turn_s: Annotated[float, number("seconds to open", 0.1, 10.0)] = 1.5
    material: MaterialWord = "plaster"


class ThingEntry(FileModel):
    """A box that somebody puts down and takes away."""

    at: Point = Field(description="[x, y]")
    size_m: Annotated[float, number("metres from side to side", 0.05, 3.0)] = 0.4
    from_s: Seconds = 0.0
    to_s: Seconds | None = None
    material: MaterialWord = "plaster"


class WalkerEntry(PersonEntry):
    """Somebody who walks here and is not in the site file."""

    temperament: Temper = "calm"


class TagEntry(FileModel):
    """A mark that a reader reads."""

    at: Point = Field(description="[x, y]")
    kind: Annotated[str, one_of(TAG_KINDS)] = "rfid"
    reach_m: Reach = 0.10
    number: Digits = Field(description="04a1b2c3")


class SourceEntry(FileModel):
    """Something that warms, smells, shines or burns."""

    quantity: Annotated[str, one_of(QUANTITIES)] = Field(description="flame")
    at: Point = Field(description="[x, y]")
    strength: Annotated[float, number("what it adds at its place", -1e7, 1e7)] = Field(description="1.0")
    spread_m: Annotated[float, number("metres", 0.01, 1000.0)] = 1.0
    from_s: Seconds = 0.0
    to_s: Seconds | None = None


class SwitchEntry(FileModel):
    """A digital input that is on at a place or for a time."""

    channel: Annotated[int, whole("number of the input", 0, 7)] = Field(description="0")
    at: Point | None = None
    reach_m: LengthM | None = None
    from_s: Seconds = 0.0
    to_s: Seconds | None = None


PATCH = entry_of(PatchEntry)
STRIPE = entry_of(StripeEntry)
PANEL = entry_of(PanelEntry)
DOOR = entry_of(DoorEntry)
THING = entry_of(ThingEntry)
WALKER = entry_of(WalkerEntry)
TAG = entry_of(TagEntry)
SOURCE = entry_of(SourceEntry)
SWITCH = entry_of(SwitchEntry)
TEMPERAMENT: Kind[str] = Kind(TypeAdapter(Temper))
DOCK: Kind[list[float]] = Kind(TypeAdapter(Pose))
AMOUNT: Kind[float] = Kind(TypeAdapter(Annotated[float, number("in its own unit", -1e7, 1e7)]))
FITTING: Kind[str] = Kind(TypeAdapter(Annotated[str, one_of(FITTINGS)]))
