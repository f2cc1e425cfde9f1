"""What a person sees of a world on a map besides its walls: floor, tags, docks, sources."""

from __future__ import annotations

from dataclasses import replace

from patrolcar.pilot.welcome import PlaceMark, SiteView, ZoneMark
from sim.setting.model import Setting
from sim.world.floor import Patch


def marked(site: SiteView, setting: Setting) -> SiteView:
    """Return the site with the pieces of floor in place of the host's zones, and more places."""
    found = [("dock", dock[0], dock[1]) for dock in setting.docks]
    found += [(f"tag {tag.number.hex()}", tag.x_m, tag.y_m) for tag in setting.tags]
    found += [(source.quantity.name.lower(), source.x_m, source.y_m) for source in setting.sources]
    return replace(
        site,
        zones=tuple(ZoneMark(_name(patch), _kind(patch), patch.outline) for patch in setting.patches),
        places=site.places + tuple(PlaceMark(*each) for each in found),
    )


def _kind(patch: Patch) -> str:
    return "keepout" if patch.hole else "slow"


def _name(patch: Patch) -> str:
    said = {"hole": patch.hole, "friction": patch.friction, "slip": patch.slip, "ramp": patch.grade}
    return " ".join(name for name, value in said.items() if value is not None)
