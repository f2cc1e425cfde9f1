"""What is simulated: a site, who walks in it, and the seed of every chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import radians
from pathlib import Path

from patrolcar.site import Site
from patrolcar.site.site_file import load_site
from patrolcar.sites import DEMO_SITE, demo_folder
from sim.car import NOMINAL, CarParameters, SimulatedCar
from sim.line import BITS_PER_BYTE, PERFECT, LineParameters
from sim.setting.model import NO_SETTING, Setting
from sim.world.walls import World


@dataclass(frozen=True, slots=True)
class Scenario:
    """One seeded situation.

    Attributes:
        site: Site or map file; None for the demo site.
        seed: Start of every chance in it.
        people: How many of the site's people walk; None for all.
        key: 32 bytes, for a controller that obeys sealed messages only.
        boot_id: Of the controller's first boot; None for one that follows from the seed.

    """

    site: Path | None = None
    seed: int = 1
    people: int | None = None
    key: bytes | None = None
    boot_id: int | None = None


def car_of(scenario: Scenario, line: LineParameters = PERFECT) -> SimulatedCar:
    """Return the car of a scenario, at the site's start; its firmware knows how fast the line is.

    Raises:
        ConfigError: The site file has mistakes.

    """
    site = load_site(scenario.site or demo_folder() / DEMO_SITE)
    return car_on(site, scenario.seed, scenario.people, line, scenario.key, scenario.boot_id)


def car_on(
    site: Site,
    seed: int,
    people: int | None = None,
    line: LineParameters = PERFECT,
    key: bytes | None = None,
    boot_id: int | None = None,
    setting: Setting = NO_SETTING,
    parameters: CarParameters = NOMINAL,
    beside: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> SimulatedCar:
    """Return a simulated car at the start of a site that is loaded already.

    Args:
        site: Where it drives.
        seed: Start of every chance.
        people: How many of the site's people walk; None for all.
        line: Its firmware knows how fast the line is.
        key: For a controller that obeys sealed messages only.
        boot_id: Of the controller's first boot; None for one that follows from the seed.
        setting: What the world holds besides the site.
        parameters: The car as it really is, without what the setting fits to it.
        beside: Where it starts, relative to the site's start: x and y in metres of the map, degrees.

    """
    parameters = setting.car(parameters)
    settings = replace(parameters.controller, key=key)
    if line.baud:
        settings = replace(settings, line_bytes_per_s=line.baud // BITS_PER_BYTE)
    routes, moods = setting.people(site, people)
    start = site.start
    return SimulatedCar(
        _standing(setting, site),
        replace(parameters, controller=settings),
        people=routes,
        start=(start.x_m + beside[0], start.y_m + beside[1], start.yaw_rad + radians(beside[2])),
        seed=seed,
        boot_id=boot_id,
        moving=setting.moving,
        temperaments=moods,
    )


@lru_cache(maxsize=2)
def _standing(setting: Setting, site: Site) -> World:
    """Return what stands still there; the cars of all seeds share it, for none of them changes it."""
    return setting.world(site)


def world_of(site: Site) -> World:
    """Return what stands still in a site with nothing added to it."""
    return NO_SETTING.world(site)
