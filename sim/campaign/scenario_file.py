"""Read a scenario file: a mission and the trouble it meets.

``scenario:`` a name; ``mission:`` a mission file in the same folder or below; ``people:`` how many walk;
``line:`` how the line behaves; ``limit_s:`` longest simulated time; ``faults:`` a list of what goes wrong,
each with its kind, ``at_s``, ``for_s``, ``probability`` and the numbers of its kind; ``vary:`` what differs
from seed to seed, each a range ``[low, high]`` or ``one_of: [...]``. The sections of
``sim.setting_file`` say what the world is like, here or in a file that ``world:`` names. A mission file alone
is a scenario too, without trouble.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from patrolcar.config.fields import FileModel, FileName, Name, number, whole
from patrolcar.config.folder import DiskFolder, Tally
from patrolcar.config.problems import BadFileError, listed, nearest
from patrolcar.config.validate import Checker, Located, entry_of
from patrolcar.config.yaml_reader import read_document
from patrolcar.errors import ConfigError
from patrolcar.mission.mission_file import read_mission
from patrolcar.runtime.plan import VEHICLE, planner
from patrolcar.site import Site
from patrolcar.site.vehicle_file import read_vehicle
from patrolcar.vehicle import Vehicle
from sim.campaign.case import Case
from sim.faults import KINDS, Fault
from sim.line import PERFECT, LineParameters
from sim.setting.entries import WorldSections
from sim.setting.model import NO_SETTING, Setting
from sim.setting.setting_file import read_setting, read_world
from sim.setting.variation_file import read_variation

Share = Annotated[float, number("a share", 0.0, 1.0)]
Delay = Annotated[float, number("seconds", 0.0, 10.0)]
DOOR_FAULT = "door falls shut"


class LineEntry(FileModel):
    """How both directions of the line behave."""

    baud: Annotated[int, whole("bits per second", 1200, 10_000_000)] | None = None
    packet_s: Delay = PERFECT.packet_s
    latency_s: Delay = PERFECT.latency_s
    jitter_s: Delay = PERFECT.jitter_s
    loss: Share = PERFECT.loss
    flips: Share = PERFECT.flips
    bursts_per_s: Annotated[float, number("bursts per second", 0.0, 1000.0)] = PERFECT.bursts_per_s
    burst_bytes: Annotated[int, whole("bytes", 1, 1000)] = PERFECT.burst_bytes
    duplicates: Share = PERFECT.duplicates

    @property
    def parameters(self) -> LineParameters:
        """The line."""
        values = self.model_dump()
        return replace(PERFECT, **{**values, "baud": self.baud or PERFECT.baud})


class ScenarioTop(FileModel):
    """A scenario file without what it says of the world."""

    name: Name = Field(alias="scenario", description="what to call it")
    mission: FileName = Field(description="the mission's file name")
    vehicle: FileName | None = None
    world: FileName | None = None
    people: Annotated[int, whole("people who walk", 0, 1000)] | None = None
    limit_s: Annotated[float, number("seconds of simulated time", 1.0, 1e6)] = 3600.0
    line: object = None
    faults: object = None
    vary: object = None


class ScenarioHeader(WorldSections, ScenarioTop):
    """A scenario file; its groups are read one by one elsewhere."""


class FaultEntry(BaseModel):
    """One fault: its kind, when, and the numbers of its kind."""

    model_config = ConfigDict(extra="allow", frozen=True)

    fault: Name = Field(description="the kind of fault")
    at_s: Annotated[float, number("seconds after the start", 0.0, 1e6)]
    for_s: Annotated[float, number("seconds", 0.01, 1e6)] | None = None
    probability: Share = 1.0


FAULT = entry_of(FaultEntry)
AMOUNT = TypeAdapter(Annotated[float, number("a number", -1e9, 1e9)])


def load_case(path: Path) -> Case:
    """Return the case of a scenario or mission file; BadFileError with every mistake of all files."""
    tally = Tally(DiskFolder(path.parent))
    check = Checker(read_document(tally, path.name))
    if not check.says("scenario") and check.says("visits"):
        mission, _ = read_mission(tally, path.name, None, planner)
        return Case(mission.name, path.name, _bundle(tally))
    return _scenario(check, tally)


def _scenario(check: Checker, tally: Tally) -> Case:
    header = check.header(ScenarioHeader)
    line = check.header(LineEntry, ("line",)) if check.says("line") else LineEntry()
    vehicle = _vehicle(check, tally, header)
    faults, site = _faults(check), None
    if header is not None:
        site = _checked_site(check, tally, header, vehicle or Vehicle())
    setting = _world(check, tally, header, site).plus(read_setting(check, site))
    vary = read_variation(check, site)
    _check_doors(check, faults, setting)
    check.finish()
    if header is None or line is None:  # finish() has raised
        raise ConfigError(check.title)
    bundle = dict(_bundle(tally))
    if header.vehicle is not None:
        bundle[VEHICLE] = bundle.pop(str(PurePosixPath(header.vehicle)))
    return Case(
        name=header.name,
        mission=str(PurePosixPath(header.mission)),
        files=tuple(sorted(bundle.items())),
        people=header.people,
        line=line.parameters,
        limit_s=header.limit_s,
        faults=faults,
        setting=setting,
        vary=vary,
    )


def _world(check: Checker, tally: Tally, header: ScenarioHeader | None, site: Site | None) -> Setting:
    if header is None or header.world is None:
        return NO_SETTING
    try:
        return read_world(tally, header.world, site)
    except BadFileError as error:
        _adopt(check, ("world",), error)
        return NO_SETTING


def _faults(check: Checker) -> tuple[Fault, ...]:
    found = (_fault(check, entry) for entry in check.items("faults", FAULT))
    return tuple(fault for fault in found if fault is not None)


def _fault(check: Checker, entry: Located[FaultEntry]) -> Fault | None:
    """Return one fault; None after a mistake in it."""
    said = entry.value
    if said.fault not in KINDS:
        hint = nearest(said.fault, KINDS)
        known = listed(sorted(KINDS))
        check.add((*entry.path, "fault"), f"no such fault{hint and '; ' + hint} (known here: {known})")
        return None
    values: dict[str, float] = {}
    for name, value in (said.model_extra or {}).items():
        takes = KINDS[said.fault].takes
        if name not in takes:
            known = listed(["at_s", "for_s", "probability", *takes])
            check.add((*entry.path, name), f"unknown key (known here: {known})", at_key=True)
            continue
        try:
            values[name] = AMOUNT.validate_python(value)
        except ValidationError as error:
            check.add((*entry.path, name), str(error.errors()[0].get("ctx", {}).get("text", "is no number")))
    try:
        return Fault(said.fault, said.at_s, said.for_s, said.probability, tuple(sorted(values.items())))
    except ValueError as error:
        check.add((*entry.path, "fault"), str(error))
        return None


def _check_doors(check: Checker, faults: tuple[Fault, ...], setting: Setting) -> None:
    """Note faults of doors that are not there."""
    for door in [int(dict(fault.values).get("door", 0)) for fault in faults if fault.kind == DOOR_FAULT]:
        if door >= len(setting.moving):
            known = f"this world has {len(setting.moving)} doors and things that move, counted from 0"
            check.add(("faults",), f"{DOOR_FAULT}: there is no door {door} ({known})")


def _vehicle(check: Checker, tally: Tally, header: ScenarioHeader | None) -> Vehicle | None:
    if header is None or header.vehicle is None:
        return None
    try:
        return read_vehicle(tally, header.vehicle)
    except BadFileError as error:
        _adopt(check, ("vehicle",), error)
        return None


def _checked_site(check: Checker, tally: Tally, header: ScenarioHeader, vehicle: Vehicle) -> Site | None:
    """Return the site of the mission; None after a mistake in either."""
    try:
        return read_mission(tally, header.mission, vehicle.footprint, planner)[1]
    except BadFileError as error:
        _adopt(check, ("mission",), error)
        return None


def _adopt(check: Checker, path: tuple[str], error: BadFileError) -> None:
    """Note the mistakes of another file, or that it could not be opened at all."""
    if all(problem.line == 0 for problem in error.problems):
        check.add(path, error.problems[0].text)
    else:
        check.problems.extend(error.problems)


def _bundle(tally: Tally) -> tuple[tuple[str, bytes], ...]:
    return tuple(sorted(tally.files.items()))
