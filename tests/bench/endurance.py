"""Does a day of patrol, in virtual time, take more and more memory?

The whole host patrols the demo's building among its people for 24 simulated hours, with a battery that lasts.
Resident memory is read every ten simulated minutes; ``rss_slope_mib_per_h`` is the slope of the straight line
through all readings but those of the first hour, in which caches and the allocator's pools fill.
``ENDURANCE_H=2`` makes the day shorter. The controller's clock of microseconds wraps twenty times on the way.
"""

from __future__ import annotations

import os
import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from patrolcar.modes import Mode
from patrolcar.runtime.journey import Watch
from patrolcar.runtime.plan import Plan, core_of, plan_from_files
from patrolcar.runtime.virtual import VirtualRun
from patrolcar.sites import DEMO_MISSION, DEMO_SITE, demo_folder
from sim.car import NOMINAL, SimulatedCar
from sim.link import SimulatedLink
from sim.setting.scenario import world_of

HOURS: Final = 24.0
EVERY_S: Final = 600.0
SETTLED_H: Final = 1.0
TURNS_PER_S: Final = 50
LASTS: Final = 1000.0  # times the charge of the usual battery
PAGE_MIB: Final = resource.getpagesize() / 2**20


def measure() -> dict[str, object]:
    """Return the slope and what happened."""
    return patrolled(float(os.environ.get("ENDURANCE_H", HOURS)))


def patrolled(hours: float) -> dict[str, object]:
    """Return the slope after so many hours."""
    plan = endless_plan()
    start, battery = plan.site.start, NOMINAL.battery
    lasting = replace(NOMINAL, battery=replace(battery, capacity_ah=LASTS * battery.capacity_ah))
    pose = (start.x_m, start.y_m, start.yaw_rad)
    link = SimulatedLink(
        SimulatedCar(world_of(plan.site), lasting, plan.site.people, pose, seed=1), "endurance"
    )
    virtual = VirtualRun(core_of(plan, lambda: link, "endurance", session=1, seed=1, record=None))
    watch, readings, began_s = Watch(virtual.core.pilot, 1e9), [], time.process_time()
    while virtual.now_ns < hours * 3600e9:
        for _ in range(round(EVERY_S * TURNS_PER_S)):
            intent = watch.look(virtual.now_ns)
            for event in virtual.turn(*([intent] if intent else [])):
                watch.heard(event)
        readings.append((virtual.now_ns / 3600e9, resident_mib()))
    pilot, truth = virtual.core.pilot, link.car.truth
    if pilot.mode is not Mode.PATROL or truth.distance_m < 0.1 * 3600 * hours:
        message = f"the car did not patrol all the time: {pilot.mode}, {watch.why}, {truth}"
        raise RuntimeError(message)
    return {
        "rss_slope_mib_per_h": round(slope(readings), 4),
        "rss_mib": [round(mib, 1) for _, mib in (readings[0], readings[-1])],
        "simulated_h": round(virtual.now_ns / 3600e9, 2),
        "cpu_s": round(time.process_time() - began_s, 1),
        "distance_km": round(truth.distance_m / 1000.0, 2),
        "collisions": truth.collisions,
        "safety_stops": pilot.stops,
    }


def endless_plan() -> Plan:
    """Return the demo's mission with more loops than a day has."""
    folder = demo_folder()
    mission = (folder / DEMO_MISSION).read_text(encoding="utf-8")
    lines = [line for line in mission.splitlines() if not line.startswith("loops:")]
    files = {
        DEMO_SITE: (folder / DEMO_SITE).read_bytes(),
        DEMO_MISSION: "\n".join([*lines, "loops: 10000"]).encode(),
    }
    return plan_from_files(files, DEMO_MISSION, is_mission=True)


def resident_mib() -> float:
    """Return how much memory of this process is resident now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_MIB


def slope(readings: list[tuple[float, float]]) -> float:
    """Return the rise per hour of the straight line through the readings after the first hour."""
    settled = [row for row in readings if row[0] > min(SETTLED_H, 0.5 * readings[-1][0])]
    hours, mib = np.array(settled).T
    return float(np.polyfit(hours, mib, 1)[0])
