"""Start the core: it owns the port, drives, records, and serves dashboards and scripts until it is ended."""

from __future__ import annotations

import argparse
import contextlib
import time
from pathlib import Path

from patrolcar.cli import Exit
from patrolcar.cli.building import core_of, fresh_session, plan_from_disk
from patrolcar.links import open_link
from patrolcar.pilot.intents import StartMission
from patrolcar.pilot.snapshot import EventView
from patrolcar.pilot.welcome import welcome
from patrolcar.runtime.address import control_socket
from patrolcar.runtime.realtime import RealTime
from patrolcar.runtime.server import ControlServer
from patrolcar.sites import DEMO_SITE, demo_folder

_DEMO = "sim://demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--link",
        default=_DEMO,
        metavar="PORT",
        help=f"serial port, socket://HOST:PORT or sim://SITE (default {_DEMO})",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--mission", type=Path, metavar="FILE", help="mission to patrol")
    what.add_argument(
        "--site", type=Path, metavar="FILE", help="site or map to drive in (default: the demo site)"
    )
    parser.add_argument(
        "--vehicle", type=Path, metavar="FILE", help="vehicle file (default: the simulated car)"
    )
    parser.add_argument(
        "--start", action="store_true", help="start the mission as soon as the car can be armed"
    )
    parser.add_argument(
        "--record", type=Path, default=Path("runs"), metavar="DIR", help="where recordings go"
    )
    parser.add_argument("--no-record", action="store_true", help="do not record")
    parser.add_argument("--socket", metavar="PATH", help="control socket (default: this user's own)")
    parser.add_argument("--seed", type=int, default=1, help="start of the localisation's chance (default 1)")
    parser.add_argument("--quiet", action="store_true", help="print no events")


def run(options: argparse.Namespace) -> int:
    """Turn the core until it is ended."""
    site = options.site if options.site or options.mission else demo_folder() / DEMO_SITE
    plan = plan_from_disk(options.mission, site, options.vehicle)
    record = None if options.no_record else options.record / time.strftime("%Y-%m-%d_%H-%M-%S.mcap")
    server = ControlServer(
        control_socket(options.socket), lambda name: welcome(name, plan.site, plan.vehicle)
    )
    core = core_of(
        plan,
        lambda: open_link(options.link),
        options.link,
        session=fresh_session(),
        seed=options.seed,
        record=record,
    )
    loop = RealTime(core, server, None if options.quiet else _print_event)
    if not options.quiet:
        print(f"core: {options.link}, {plan.site.name}, control socket {server.path}", flush=True)
    start = StartWhenReady(loop) if options.start else None
    loop.run(start or (lambda: False))
    return Exit.DONE


class StartWhenReady:
    """Ask for the mission once, as soon as the car is there; never again, and never ends the loop."""

    def __init__(self, loop: RealTime) -> None:
        self._loop = loop
        self._asked = False

    def __call__(self) -> bool:
        """Look once; called before every turn."""
        pilot = self._loop.core.pilot
        if not self._asked and pilot.may_start:
            self._asked = True
            self._loop.ask(StartMission("core"))
        return False


def _print_event(event: EventView) -> None:
    with contextlib.suppress(OSError):  # whoever read this has left; the car is driven all the same
        print(f"{event.now_ns / 1e9:9.2f} {event.severity:<8} {event.source:<12} {event.text}", flush=True)
