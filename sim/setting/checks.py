"""Whether everything that a file says of a world makes sense together, and in this building."""

from __future__ import annotations

from itertools import pairwise
from math import dist

import numpy as np

from patrolcar.config.problems import listed, nearest
from patrolcar.config.validate import Checker
from patrolcar.site import Site
from patrolcar.site.site_checks import check_people
from patrolcar.vehicle import Footprint
from sim.setting.model import Setting
from sim.world.floor import MAX_PAINT_CELLS, PAINT_CELL_M
from sim.world.people import RADIUS_M

MOST_MOVING = 200
MOST_PAINTED_M = 1000.0
MOST_CUTS = 1_000_000
"""Walls times boxes of surfaces; each is one look at one wall."""


def check_setting(check: Checker, setting: Setting, site: Site | None) -> None:
    """Note what is too much, too large, off the map, unknown there, or in somebody's way from the start."""
    if len(setting.moving) > MOST_MOVING:
        section = "doors" if setting.doors else "things"
        check.add((section,), f"{len(setting.moving)} doors and things; the most is {MOST_MOVING}")
        return
    _check_paint(check, setting)
    if site is None:
        return
    check_people(check, site.grid, setting.walkers, "walkers")
    _check_names(check, setting, site)
    if setting.panels and not len(site.walls):
        check.add(("surfaces",), "a site with map: has no drawn walls to choose from; remove this")
    if len(setting.panels) * len(site.walls) > MOST_CUTS:
        check.add(("surfaces",), f"{len(setting.panels)} boxes are too many for {len(site.walls)} walls")
    if not check.problems:
        _check_moving(check, setting, site)


def _check_paint(check: Checker, setting: Setting) -> None:
    points = np.array([point for stripe in setting.stripes for point in stripe.points])
    if not len(points):
        return
    margin_m = 2.0 * max(stripe.width_m for stripe in setting.stripes) + 2.0 * PAINT_CELL_M
    across, up = np.ceil((points.max(axis=0) - points.min(axis=0) + margin_m) / PAINT_CELL_M)
    painted_m = sum(dist(*ends) for stripe in setting.stripes for ends in pairwise(stripe.points))
    if painted_m > MOST_PAINTED_M:
        check.add(("stripes",), f"are {painted_m:.0f} m long together; the most is {MOST_PAINTED_M:.0f} m")
    if across * up > MAX_PAINT_CELLS:
        side_m = PAINT_CELL_M * MAX_PAINT_CELLS**0.5
        check.add(("stripes",), f"span more floor than can be painted, {side_m:.0f} x {side_m:.0f} m")


def _check_names(check: Checker, setting: Setting, site: Site) -> None:
    known = [person.name for person in (*site.people, *setting.walkers)]
    for name, _ in setting.moods:
        if name not in known:
            hint = nearest(name, known)
            text = f"nobody here is called so{hint and '; ' + hint} (known here: {listed(known)})"
            check.add(("temperaments", name), text, at_key=True)


def _check_moving(check: Checker, setting: Setting, site: Site) -> None:
    """Note walls that would swing out of the world, and those that begin where somebody stands."""
    if not setting.moving:
        return
    outline, start = Footprint(), site.start
    try:
        world = setting.world(site).with_moving(setting.moving)
    except ValueError as error:
        check.add(("doors" if setting.doors else "things",), str(error))
        return
    car = (outline.front_m, abs(outline.rear_m), outline.half_width_m)
    if world.clearance((start.x_m, start.y_m, start.yaw_rad), car) <= 0.0:
        check.add(("doors",), "a closed door stands where the car starts; move one of them")
    for person in (*site.people, *setting.walkers):
        if world.point_clearance(*person.stops[0], RADIUS_M) < RADIUS_M:
            check.add(("doors",), f"a closed door stands where {person.name} starts; move one of them")
