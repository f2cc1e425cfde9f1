"""Build what a command runs: files into a plan, a plan into a pilot, a pilot into a core."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from patrolcar import __version__
from patrolcar.config.folder import MemoryFolder
from patrolcar.errors import ConfigError
from patrolcar.links import Link
from patrolcar.mission import Mission
from patrolcar.mission.check import Reach
from patrolcar.mission.mission_file import load_mission, mission_from_files
from patrolcar.navigation import Planner
from patrolcar.pilot import Pilot
from patrolcar.recording import Recorder, Setup
from patrolcar.runtime.connection import Connection
from patrolcar.runtime.core import Core
from patrolcar.site import Site
from patrolcar.site.site_file import load_site, site_from_files
from patrolcar.site.vehicle_file import load_vehicle, read_vehicle
from patrolcar.vehicle import Footprint, Vehicle

LARGEST_SESSION: Final = 65535
VEHICLE: Final = "vehicle file"  # its key among the files of a plan; no file of a site is called so


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything that files decide: where, what, and which mission."""

    site: Site
    vehicle: Vehicle
    mission: Mission | None
    file: str  # name of the mission or site file among ``files``
    files: Mapping[str, bytes]  # all that was read, by name; the vehicle's under VEHICLE


def planner(site: Site, footprint: Footprint) -> Reach:
    """Return the distances a car of this outline drives on the site: what checks and orders rest on."""
    return Planner(site, replace(Vehicle(), footprint=footprint)).distances


def plan_from_disk(mission: Path | None, site: Path | None, vehicle: Path | None = None) -> Plan:
    """Return the plan of a mission file, or of a site file to drive in by hand.

    Args:
        mission: What to patrol; it names its site.
        site: Where to drive, when there is no mission.
        vehicle: What drives; None for the car of the simulator.

    Raises:
        ConfigError: Every mistake in a file.

    """
    car, extra = Vehicle(), {}
    if vehicle is not None:
        car = load_vehicle(vehicle)
        extra = {VEHICLE: vehicle.read_bytes()}
    if mission is not None:
        loaded, place = load_mission(mission, car.footprint, planner)
        return Plan(place, car, loaded, mission.name, {**loaded.files, **extra})
    if site is None:
        message = "no file: expected a mission or a site file"
        raise ConfigError(message)
    place = load_site(site, car.footprint)
    return Plan(place, car, None, site.name, {**place.files, **extra})


def plan_from_files(files: Mapping[str, bytes], name: str, *, is_mission: bool) -> Plan:
    """Return the plan whose files were kept: by a recording, or for a worker on another machine."""
    vehicle = Vehicle()
    if VEHICLE in files:
        vehicle = read_vehicle(MemoryFolder({"vehicle.yaml": files[VEHICLE]}), "vehicle.yaml")
    of_site = {key: data for key, data in files.items() if key != VEHICLE}
    if is_mission:
        mission, site = mission_from_files(of_site, name, vehicle.footprint)
        return Plan(site, vehicle, mission, name, files)
    return Plan(site_from_files(of_site, name, vehicle.footprint), vehicle, None, name, files)


def plan_from_recording(setup: Setup) -> Plan:
    """Return the plan a recording was made with."""
    is_mission = setup.settings["kind"] == "mission"
    return plan_from_files(setup.files, setup.settings["file"], is_mission=is_mission)


def pilot_of(plan: Plan, session: int, seed: int, key: bytes | None = None) -> Pilot:
    """Return a pilot for the plan; ``key`` for a car that has one."""
    return Pilot(plan.site, plan.vehicle, plan.mission, session, seed, key)


def fresh_session() -> int:
    """Return a session number that no earlier program is likely to have used."""
    return secrets.randbelow(LARGEST_SESSION) + 1


def core_of(
    plan: Plan,
    opener: Callable[[], Link],
    name: str,
    *,
    session: int,
    seed: int,
    record: Path | None,
    key: bytes | None = None,
) -> Core:
    """Return a core for the plan, on a link, recording to a file if one is named."""
    recorder = None
    if record is not None:
        settings = {
            "file": plan.file,
            "kind": "mission" if plan.mission else "site",
            "session": str(session),
            "seed": str(seed),
            "patrolcar": __version__,
        }
        recorder = Recorder(record, Setup(settings, plan.files), time.time_ns())
    return Core(Connection(opener, name), pilot_of(plan, session, seed, key), recorder)
