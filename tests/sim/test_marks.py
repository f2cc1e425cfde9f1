"""What of a world is marked on the map of ``sim --view``."""

from __future__ import annotations

from patrolcar.pilot.welcome import welcome
from patrolcar.sites import DEMO_SCENARIO, demo_folder
from patrolcar.vehicle import Vehicle
from sim.campaign.row import plan_of
from sim.campaign.scenario_file import load_case
from sim.marks import marked
from sim.setting.model import NO_SETTING, Setting
from sim.world.floor import Patch


def test_floor_tags_and_sources_are_marked_and_the_hosts_zones_are_not() -> None:
    case = load_case(demo_folder() / DEMO_SCENARIO)
    site = welcome("", plan_of(case).site, Vehicle()).site
    found = marked(site, case.setting)
    assert [zone.name for zone in found.zones] == ["friction", "ramp"]
    more = {place.name for place in found.places} - {place.name for place in site.places}
    assert more == {"tag 04a1b201", "tag 04a1b202", "temperature", "smoke"}


def test_a_hole_is_where_nobody_drives() -> None:
    site = welcome("", plan_of(load_case(demo_folder() / DEMO_SCENARIO)).site, Vehicle()).site
    hole = Setting(patches=(Patch(((0, 0), (1, 0), (1, 1)), hole=True),))
    assert [zone.kind for zone in marked(site, hole).zones] == ["keepout"]
    assert marked(site, NO_SETTING).places == site.places
