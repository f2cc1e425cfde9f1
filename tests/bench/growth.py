"""What more people and a larger map cost: milliseconds of CPU per simulated second.

Rooms of 20 m by 20 m with furniture stand side by side, joined by doors; people walk their routes in them.
For the people the map has ten rooms; for the map ten people walk, and the car patrols with the whole host
beside, because it is the host that keeps a grid of the whole map. What happens once per run (reading, grids,
the plan of the way) is ``start_s``.
"""

from __future__ import annotations

import math
import time
from typing import Final, NamedTuple

import numpy as np

from firmware_protocol.framing import FrameEncoder
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    SPEC_OF,
    Cmd,
    Command,
    Drive,
    HelloRequest,
    Message,
)
from patrolcar.runtime.journey import Watch
from patrolcar.runtime.plan import Plan, core_of, plan_from_files
from patrolcar.runtime.virtual import VirtualRun
from sim.car import SimulatedCar
from sim.link import SimulatedLink
from sim.setting.scenario import world_of

PEOPLE: Final = (10, 100, 1000)
AREAS: Final = (1, 10, 100)
SIDE_M: Final = 20.0
PLANT_S: Final = 10.0
LOOP_S: Final = 20.0
FEW: Final = 10


class Walk(NamedTuple):
    """A route."""

    stops: tuple[tuple[float, float], ...]
    speed_mps: float
    pause_s: float


def measure() -> dict[str, object]:
    """Return the curves."""
    plan_of_ten = building(10)
    return {
        "people_ms_per_s": {str(count): plant_ms_per_s(plan_of_ten, 10, count) for count in PEOPLE},
        "area_ms_per_s": {str(rooms): plant_ms_per_s(building(rooms), rooms, FEW) for rooms in AREAS},
        **{f"area_{name}": curve for name, curve in _loops().items()},
    }


def _loops() -> dict[str, dict[str, float]]:
    curves: dict[str, dict[str, float]] = {"start_s": {}, "host_ms_per_s": {}}
    for rooms in AREAS:
        start = time.process_time()
        plan = building(rooms)
        virtual, link = _patrol(plan, rooms)
        curves["start_s"][str(rooms)] = round(time.process_time() - start, 2)
        start = time.process_time()
        for _ in range(round(LOOP_S * 50)):
            virtual.turn()
        curves["host_ms_per_s"][str(rooms)] = round((time.process_time() - start) * 1e3 / LOOP_S, 2)
        if link.car.truth.distance_m < 0.2 * LOOP_S:
            message = f"the car did not patrol {rooms} rooms: {link.car.truth}"
            raise RuntimeError(message)
    return curves


def _patrol(plan: Plan, rooms: int) -> tuple[VirtualRun, SimulatedLink]:
    """Return a patrol that is under way."""
    link = SimulatedLink(car_in(plan, rooms, FEW), "bench")
    virtual = VirtualRun(core_of(plan, lambda: link, "bench", session=1, seed=1, record=None))
    watch = Watch(virtual.core.pilot, 1e6)
    while not virtual.core.pilot.autopilot.may_resume:
        intent = watch.look(virtual.now_ns)
        virtual.turn(*([intent] if intent else []))
    return virtual, link


def building(rooms: int) -> Plan:
    """Return a patrol of so many rooms, in rows of ten."""
    columns = min(rooms, 10)
    corners = [(SIDE_M * (n % columns), SIDE_M * (n // columns)) for n in range(rooms)]
    named = {f"r{n}": [x, y, SIDE_M, SIDE_M] for n, (x, y) in enumerate(corners)}
    doors = [[x + SIDE_M, y + 10.0, 1.2] for x, y in corners if x + SIDE_M < SIDE_M * columns]
    doors += [[x + 10.0, y, 1.2] for x, y in corners if y > 0.0]
    furniture = [
        [x + dx, y + dy, 1.6, 0.8] for x, y in corners for dx, dy in ((3, 5), (13, 5), (4, 14), (14, 14))
    ]
    site = (
        f"site: Rooms\nrooms: {named}\ndoors: {doors}\nfurniture: {furniture}\nstart: [2, 10, 0]\n"
        "places: {east: [17, 10], west: [3, 10.5]}\n"
    )
    mission = "mission: To and fro\nsite: site.yaml\nloops: 50\nreturn_home: false\nvisits: [east, west]\n"
    files = {"site.yaml": site.replace("'", "").encode(), "round.yaml": mission.encode()}
    return plan_from_files(files, "round.yaml", is_mission=True)


def car_in(plan: Plan, rooms: int, people: int) -> SimulatedCar:
    """Return the car, and so many people in all rooms alike."""
    start = plan.site.start
    return SimulatedCar(
        world_of(plan.site), people=walks(rooms, people), start=(start.x_m, start.y_m, start.yaw_rad), seed=1
    )


def walks(rooms: int, people: int) -> list[Walk]:
    """Return routes along the lanes between the furniture; each begins somewhere else."""
    columns, chance = min(rooms, 10), np.random.default_rng(1)
    found = []
    for number in range(people):
        room = number % rooms
        x, y = SIDE_M * (room % columns), SIDE_M * (room // columns)
        lane = y + (2.0, 8.0, 12.0, 18.0)[number // rooms % 4] + chance.uniform(-0.8, 0.8)
        ends = (x + chance.uniform(1.0, 9.0), lane), (x + chance.uniform(11.0, 19.0), lane)
        found.append(Walk(ends if number % 2 else ends[::-1], float(chance.uniform(0.6, 1.2)), 1.0))
    return found


def plant_ms_per_s(plan: Plan, rooms: int, people: int) -> float:
    """Return what firmware, vehicle, sensors and people cost while the car turns on the spot."""
    car, encoder = car_in(plan, rooms, people), FrameEncoder()

    def frame(message: Message) -> bytes:
        return encoder.encode(SPEC_OF[type(message)], message)

    car.step(frame(HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, 1)))
    for _ in range(50):
        car.step(b"")
    car.step(frame(Cmd(1, 1, Command.ARM, 0)))
    drives = [frame(Drive(1, count, 200, 0.0, 0.0, 0.6)) for count in range(1, round(PLANT_S * 50) + 1)]
    start = time.process_time()
    for drive in drives:
        car.step(drive)
        car.step(b"")
    cpu_s = time.process_time() - start
    if not (math.isclose(car.truth.turn_radps, 0.6, abs_tol=0.3) and car.people.count == people):
        message = f"the car did not turn among {people} people: {car.truth}"
        raise RuntimeError(message)
    return round(cpu_s * 1e3 / PLANT_S, 2)
