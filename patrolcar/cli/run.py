"""Drive a mission or a scenario to its end and print the report.

Without --link the car is simulated in virtual time: minutes pass in seconds, and the same mission and seed
do the same again, byte for byte. With --link it is driven for real, and `patrolcar dash` can watch.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from patrolcar.cli import Exit
from patrolcar.cli.arguments import natural, seconds
from patrolcar.cli.output import Progress, print_json
from patrolcar.cli.simulated import case_and_plan, narrowed
from patrolcar.errors import CommandError
from patrolcar.links import Link, opener_of
from patrolcar.links.key_file import key_of
from patrolcar.pilot import Pilot
from patrolcar.pilot.welcome import welcome
from patrolcar.report import report
from patrolcar.runtime.address import control_socket
from patrolcar.runtime.journey import Ending, Watch
from patrolcar.runtime.plan import LARGEST_SESSION, core_of, fresh_session, plan_from_disk
from patrolcar.runtime.realtime import RealTime
from patrolcar.runtime.server import ControlServer
from patrolcar.runtime.virtual import VirtualRun
from sim.campaign.stage import staged
from sim.car import Truth

SHOW_EVERY_TURNS: Final = 250

EXITS: Final = {
    Ending.DONE: Exit.DONE,
    Ending.FAILED: Exit.MISSION_FAILED,
    Ending.NO_CAR: Exit.NO_CAR,
    Ending.LINK_LOST: Exit.LINK_LOST,
    Ending.STOPPED: Exit.SAFETY_STOP,
    Ending.TOO_LONG: Exit.MISSION_FAILED,
    Ending.INTERRUPTED: Exit.INTERRUPTED,
}


@dataclass(frozen=True, slots=True)
class Journey:
    """One drive of one mission."""

    mission: Path
    seed: int = 1
    people: int | None = None
    vehicle: Path | None = None
    record: Path | None = None
    limit_s: float = 4 * 3600.0
    line: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("mission", type=Path, metavar="MISSION", help="mission file, or scenario file")
    parser.add_argument(
        "--link", metavar="PORT", help="drive a car at this port (default: simulate, virtual time)"
    )
    parser.add_argument("--seed", type=natural, default=1, help="start of every chance (default 1)")
    parser.add_argument(
        "--people", type=natural, metavar="N", help="simulated: how many people walk (default: all)"
    )
    parser.add_argument(
        "--line", metavar="QUERY", help="simulated: over this line, such as 'baud=115200&loss=0.001'"
    )
    parser.add_argument(
        "--vehicle", type=Path, metavar="FILE", help="vehicle file (default: the simulated car)"
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="record to this file (.mcap)")
    parser.add_argument(
        "--limit-s", type=seconds, default=4 * 3600.0, metavar="S", help="give up after so long"
    )
    parser.add_argument("--socket", metavar="PATH", help="with --link: control socket for dashboards")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")


def run(options: argparse.Namespace) -> int:
    """Drive the mission."""
    journey = Journey(
        options.mission,
        options.seed,
        options.people,
        options.vehicle,
        options.record,
        options.limit_s,
        options.line,
    )
    if options.link is None:
        return simulate(journey, as_json=options.json)
    if options.line is not None:
        message = "--line is for the simulator; a car at a port has a line of its own"
        raise CommandError(message)
    return drive(journey, options.link, options.socket, as_json=options.json)


def simulate(journey: Journey, *, as_json: bool) -> int:
    """Drive a mission in the simulator, in virtual time, and print its report."""
    case, plan = case_and_plan(journey.mission, journey.vehicle)
    case = narrowed(case, journey.people, journey.line)
    car, link, drawn = staged(case, plan.site, journey.seed)
    session = journey.seed % LARGEST_SESSION + 1
    core = core_of(plan, lambda: link, link.name, session=session, seed=journey.seed, record=journey.record)
    virtual = VirtualRun(core)
    watch = Watch(core.pilot, min(journey.limit_s, case.limit_s))
    _until_over(virtual, watch, Progress(plan.site.name))
    core.end()
    truth = car.truth
    simulated: dict[str, object] = {
        "seed": journey.seed,
        "people": car.people.count,
        "nearest_person_m": round(truth.min_person_m, 3) if math.isfinite(truth.min_person_m) else None,
        "trace": virtual.trace.hexdigest(),
        **({"drawn": dict(drawn)} if drawn else {}),
    }
    return _finish(core.pilot, watch, virtual.now_ns, truth, simulated, as_json=as_json)


def drive(journey: Journey, link: str, socket: str | None, *, as_json: bool) -> int:
    """Drive a mission with the car at a port, in real time, and print its report."""
    plan = plan_from_disk(journey.mission, None, journey.vehicle)
    record = journey.record or Path("runs") / time.strftime("%Y-%m-%d_%H-%M-%S.mcap")
    open_again = opener_of(link)
    opened = [open_again()]  # at once, so that a wrong or busy port is told before anything is waited for

    def opener() -> Link:
        return opened.pop() if opened else open_again()

    server = ControlServer(control_socket(socket), lambda name: welcome(name, plan.site, plan.vehicle))
    with contextlib.closing(server):
        session, key = fresh_session(), key_of(link)
        core = core_of(plan, opener, link, session=session, seed=journey.seed, record=record, key=key)
        watch = Watch(core.pilot, journey.limit_s)
        loop = RealTime(core, server, watch.heard)
        _drive_until_over(loop, watch, Progress(plan.site.name))
    recording = str(record) if core.recorder else None
    if watch.ending is None:
        print("interrupted: the car stands, disarmed", file=sys.stderr)
        watch.ending, watch.why = Ending.INTERRUPTED, "interrupted"
    return _finish(core.pilot, watch, loop.now_ns(), None, {"recording": recording}, as_json=as_json)


def _drive_until_over(loop: RealTime, watch: Watch, progress: Progress) -> None:
    def is_over() -> bool:
        intent = watch.look(loop.now_ns())
        if intent is not None:
            loop.ask(intent)
        _show(progress, loop.core.pilot)
        return watch.ending is not None

    loop.run(is_over)
    progress.end()


def _until_over(virtual: VirtualRun, watch: Watch, progress: Progress) -> None:
    turns = 0
    try:
        while watch.ending is None:
            intent = watch.look(virtual.now_ns)
            for event in virtual.turn(*([intent] if intent else [])):
                watch.heard(event)
            turns += 1
            if turns % SHOW_EVERY_TURNS == 0:
                _show(progress, virtual.core.pilot)
    finally:
        progress.end()


def _finish(
    pilot: Pilot, watch: Watch, now_ns: int, truth: Truth | None, more: dict[str, object], *, as_json: bool
) -> int:
    """Print the report and return the exit code."""
    ending, patrol = watch.ending or Ending.FAILED, pilot.autopilot.patrol
    result: dict[str, object] = {"ending": ending.name.lower(), "why": watch.why}
    if patrol is None:
        print(watch.why, file=sys.stderr)
    else:
        written = report(
            patrol,
            pilot.site.name,
            now_ns,
            distance_m=pilot.car.odometry.distance_m,
            stops=pilot.stops,
            collisions=truth.collisions if truth else None,
            min_clearance_m=truth.min_clearance_m if truth else None,
        )
        print(written.to_text())
        if ending not in {Ending.DONE, Ending.FAILED}:
            print(watch.why)
        result = {**written.to_json(), **result}
    for text in watch.losses:
        print(text, file=sys.stderr)
    if as_json:
        print_json(result | more)
    return EXITS[ending]


def _show(progress: Progress, pilot: Pilot) -> None:
    mission, patrol = pilot.autopilot.mission, pilot.autopilot.patrol
    if mission is None or patrol is None:
        progress.show(0.0, pilot.session.sentence)
        return
    share = 1.0 if patrol.going_home else (patrol.loop + patrol.leg / len(patrol.visits)) / mission.loops
    progress.show(share, pilot.autopilot.activity)
