"""How fast the simulated car and the whole loop run, on one core, in simulated seconds per CPU second.

Beside them: what more people and larger maps cost (``growth.py``), and other simulators in the same run
(``peers_beside.py``).
"""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from statistics import median
from typing import TypeVar

from typing_extensions import override

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
from patrolcar.runtime.plan import core_of, plan_from_disk
from patrolcar.runtime.virtual import VirtualRun
from patrolcar.site.site_file import load_site
from patrolcar.sites import DEMO_MISSION, DEMO_SITE, demo_folder
from sim.car import NOMINAL, SimulatedCar
from sim.link import SimulatedLink
from sim.setting.scenario import Scenario, car_of, car_on, world_of

from . import growth, peers_beside

PLANT_S = 60.0
LOOP_S = 120.0
ROUNDS = 5
PEOPLE = 10
TURNS_PER_S = 50
Link = TypeVar("Link", bound=SimulatedLink)


def measure() -> dict[str, object]:
    """Return the figures; each is the median of several rounds."""
    people = car_of(Scenario(demo_folder() / DEMO_SITE, people=PEOPLE)).people.count
    plant = [plant_round(demo_car(lidar=True)) for _ in range(ROUNDS)]
    no_lidar = [plant_round(demo_car(lidar=False)) for _ in range(ROUNDS)]
    loops = [loop_round() for _ in range(ROUNDS)]
    hosts = [host_round() for _ in range(ROUNDS)]
    return {
        "rtf_plant": round(median(plant), 1),
        "rtf_no_lidar": round(median(no_lidar), 1),
        "rtf": round(median(loops), 1),
        "cpu_ms_per_tick": round(median(hosts), 4),
        "rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "rtf_plant_range": [round(min(plant), 1), round(max(plant), 1)],
        "rtf_no_lidar_range": [round(min(no_lidar), 1), round(max(no_lidar), 1)],
        "rtf_range": [round(min(loops), 1), round(max(loops), 1)],
        "people": people,
        "simulated_s": {"rtf_plant": PLANT_S, "rtf": LOOP_S},
        **peers_beside.measure(median(plant)),
        **growth.measure(),
    }


def demo_car(*, lidar: bool) -> SimulatedCar:
    """Return the nominal car in the demo site, among people."""
    site = load_site(demo_folder() / DEMO_SITE)
    parameters = NOMINAL if lidar else replace(NOMINAL, lidar=None)
    start = (site.start.x_m, site.start.y_m, site.start.yaw_rad)
    return SimulatedCar(world_of(site), parameters, people=site.people[:PEOPLE], start=start, seed=1)


def plant_round(car: SimulatedCar) -> float:
    """Return the speed of firmware, vehicle, sensors, people and wire while the car turns on the spot."""
    encoder = FrameEncoder()

    def frame(message: Message) -> bytes:
        return encoder.encode(SPEC_OF[type(message)], message)

    drives = [frame(Drive(1, count, 200, 0.0, 0.0, 0.6)) for count in range(1, round(PLANT_S * 50) + 1)]
    car.step(frame(HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, 1)))
    for _ in range(50):
        car.step(b"")
    car.step(frame(Cmd(1, 1, Command.ARM, 0)))
    received = 0
    start = time.process_time()
    for drive in drives:
        received += len(car.step(drive)) + len(car.step(b""))
    cpu_s = time.process_time() - start
    turned(car, received, least=8000 if car.parameters.lidar else 4000)
    return PLANT_S / cpu_s


def turned(car: SimulatedCar, received: int, least: int) -> None:
    """Refuse a round in which the car did not do what is measured; ``least`` is bytes per second."""
    if abs(car.truth.turn_radps) < 0.3 or received < PLANT_S * least:
        message = f"the car did not turn and report: {car.truth}, {received} bytes"
        raise RuntimeError(message)


class Timed(SimulatedLink):
    """A link that adds up the CPU time of the simulated car."""

    cpu_s = 0.0

    @override
    def read(self, now_ns: int) -> bytes:
        start = time.process_time()
        data = super().read(now_ns)
        self.cpu_s += time.process_time() - start
        return data


def loop_round() -> float:
    """Return the speed of the whole loop while patrolling."""
    return LOOP_S / patrolled(SimulatedLink)[0]


def host_round() -> float:
    """Return the host's CPU milliseconds per tick; reading the clock in every turn costs some itself."""
    cpu_s, link = patrolled(Timed)
    return (cpu_s - link.cpu_s) / (LOOP_S * TURNS_PER_S) * 1e3


def patrolled(kind: type[Link]) -> tuple[float, Link]:
    """Return the CPU seconds of a stretch of the demo's patrol, and the link."""
    plan = plan_from_disk(demo_folder() / DEMO_MISSION, None)
    link = kind(car_on(plan.site, 1, PEOPLE), "bench")
    run = VirtualRun(core_of(plan, lambda: link, "bench", session=1, seed=1, record=None))
    watch = Watch(run.core.pilot, 1e6)
    while not run.core.pilot.autopilot.may_resume:
        intent = watch.look(run.now_ns)
        run.turn(*([intent] if intent else []))
    began_m = link.car.truth.distance_m
    if isinstance(link, Timed):
        link.cpu_s = 0.0
    start = time.process_time()
    for _ in range(round(LOOP_S * TURNS_PER_S)):
        run.turn()
    cpu_s = time.process_time() - start
    if link.car.truth.distance_m - began_m < LOOP_S * 0.2:
        message = f"the car did not patrol: {link.car.truth}"
        raise RuntimeError(message)
    return cpu_s, link
