"""Put one seed of a case on the stage: the car, the line to it, and what this seed drew."""

from __future__ import annotations

from typing import NamedTuple

from patrolcar.site import Site
from sim.campaign.case import Case
from sim.car import SimulatedCar
from sim.link import SimulatedLink
from sim.setting.scenario import car_on
from sim.setting.variation import Circumstances, Drawn, drawn, under


class Stage(NamedTuple):
    """One seed, ready to begin."""

    car: SimulatedCar
    link: SimulatedLink
    drawn: Drawn


def staged(case: Case, site: Site, seed: int, key: bytes | None = None, boot_id: int | None = None) -> Stage:
    """Return the car and the line of a seed.

    Args:
        case: What is driven.
        site: Its site.
        seed: Start of every chance.
        key: For a controller that obeys sealed messages only.
        boot_id: Of the controller's first boot; None for one that follows from the seed.

    """
    values = drawn(case.vary, seed)
    now = under(Circumstances(line=case.line, people=case.people), values)
    car = car_on(site, seed, now.people, now.line, key, boot_id, case.setting, now.car, now.start)
    return Stage(car, SimulatedLink(car, f"sim://{site.name}", now.line, seed, case.faults), values)
