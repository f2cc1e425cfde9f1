"""Start the core: it owns the port, drives, records, and serves dashboards and scripts until it is ended."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from patrolcar.cli import Exit
from patrolcar.cli.arguments import natural
from patrolcar.cli.output import Printer
from patrolcar.errors import CommandError
from patrolcar.links import opener_of
from patrolcar.links.key_file import key_of
from patrolcar.modes import Mode
from patrolcar.pilot import Pilot
from patrolcar.pilot.intents import StartMission
from patrolcar.pilot.snapshot import EventView
from patrolcar.pilot.welcome import welcome
from patrolcar.runtime.address import control_socket
from patrolcar.runtime.plan import core_of, fresh_session, plan_from_disk
from patrolcar.runtime.realtime import RealTime
from patrolcar.runtime.server import ControlServer
from patrolcar.sites import DEMO_SITE, demo_folder

_DEMO = "sim://demo"
START_WITHIN_NS = 15_000_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--link",
        default=_DEMO,
        metavar="PORT",
        help=f"serial port, usb://VID:PID, auto, socket://HOST:PORT or sim://SITE (default {_DEMO})",
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
    parser.add_argument(
        "--seed", type=natural, default=1, help="start of the localisation's chance (default 1)"
    )
    parser.add_argument("--quiet", action="store_true", help="print no events")


def run(options: argparse.Namespace) -> int:
    """Turn the core until it is ended."""
    if options.start and options.mission is None:
        message = "--start needs a mission; name it with --mission FILE"
        raise CommandError(message)
    site = options.site if options.site or options.mission else demo_folder() / DEMO_SITE
    plan = plan_from_disk(options.mission, site, options.vehicle)
    opener = opener_of(options.link)
    record = None if options.no_record else options.record / time.strftime("%Y-%m-%d_%H-%M-%S.mcap")
    server = ControlServer(
        control_socket(options.socket), lambda name: welcome(name, plan.site, plan.vehicle)
    )
    with contextlib.closing(server):
        core = core_of(
            plan,
            opener,
            options.link,
            session=fresh_session(),
            seed=options.seed,
            record=record,
            key=key_of(options.link),
        )
        say = _silent if options.quiet else Printer()
        say(f"core: {options.link}, {plan.site.name}, control socket {server.path}")
        loop = RealTime(core, server, lambda event: say(_line(event)))
        loop.run(StartWhenReady(loop, say) if options.start else lambda: False)
    return Exit.DONE


class StartWhenReady:
    """Ask for the mission once, when the car is there; never again, and never end the loop.

    The wish is for this start of the program: a STOP, a lost link or a car that comes too late ends it.
    """

    def __init__(self, loop: RealTime, tell: Callable[[str], None]) -> None:
        self._loop = loop
        self._tell = tell
        self._wants = True
        self._was_linked = False

    def __call__(self) -> bool:
        """Look once; called before every turn."""
        if self._wants:
            self._look(self._loop.core.pilot)
        return False

    def _look(self, pilot: Pilot) -> None:
        is_linked = pilot.mode is not Mode.OFFLINE
        is_late = self._loop.now_ns() > START_WITHIN_NS
        if pilot.mode is Mode.STOPPED or is_late or (self._was_linked and not is_linked):
            self._wants = False
            self._tell("--start is over: the car was not ready; start the mission from the dashboard (g)")
        elif pilot.may_start:
            self._wants = False
            self._loop.ask(StartMission("core"))
        self._was_linked |= is_linked


def _silent(line: str) -> None:
    """Print nothing."""
    del line


def _line(event: EventView) -> str:
    return f"{event.now_ns / 1e9:9.2f} {event.severity:<8} {event.source:<12} {event.text}"
