"""What is simulated: a site, who walks in it, and the seed of every chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from patrolcar.site import OCCUPIED, Site
from patrolcar.site.site_file import load_site
from patrolcar.sites import DEMO_SITE, demo_folder
from sim.car import NOMINAL, SimulatedCar
from sim.line import BITS_PER_BYTE, PERFECT, LineParameters
from sim.world import World


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
) -> SimulatedCar:
    """Return a simulated car at the start of a site that is loaded already."""
    start = site.start
    settings = replace(NOMINAL.controller, key=key)
    if line.baud:
        settings = replace(settings, line_bytes_per_s=line.baud // BITS_PER_BYTE)
    return SimulatedCar(
        world_of(site),
        replace(NOMINAL, controller=settings),
        people=site.people[:people],
        start=(start.x_m, start.y_m, start.yaw_rad),
        seed=seed,
        boot_id=boot_id,
    )


def world_of(site: Site) -> World:
    """Return what stands still there: walls where they were drawn, else the solid cells of the map.

    Unknown ground is open to rays, as it is in a real building that nobody has mapped.
    """
    if len(site.walls):
        return World.from_walls(site.walls)
    grid = site.grid
    return World.from_grid(grid.cells == OCCUPIED, grid.resolution_m, (grid.origin_x_m, grid.origin_y_m))
