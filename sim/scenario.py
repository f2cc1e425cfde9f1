"""What is simulated: a site, who walks in it, and the seed of every chance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patrolcar.site import Site
from patrolcar.site.load import load_site
from patrolcar.sites import demo_site
from sim.car import SimulatedCar
from sim.people import Walker
from sim.world import World


@dataclass(frozen=True, slots=True)
class Scenario:
    """One seeded situation.

    Attributes:
        site: Site file; None for the demo site.
        seed: Start of every chance in it.
        people: How many of the site's people walk; None for all.

    """

    site: Path | None = None
    seed: int = 1
    people: int | None = None
