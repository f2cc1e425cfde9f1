"""Simulate a car behind a serial port (--pty) or a TCP port (--tcp), in real time, for any serial client.

A scenario file brings its people, doors, faults and line; what it varies is drawn from the seed.
With --view this terminal shows the simulated world as it really is: map, car, people, doors, lidar, faults.
"""

from __future__ import annotations

import argparse
import secrets
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Final

from patrolcar.cli import Exit
from patrolcar.cli.arguments import natural
from patrolcar.cli.simulated import case_and_plan, narrowed
from patrolcar.dashboard.world.view import Line
from patrolcar.errors import LinkError
from patrolcar.links.key_file import read_key
from patrolcar.site import Site
from patrolcar.site.site_file import load_site
from patrolcar.sites import DEMO_SITE, demo_folder
from sim.campaign.case import Case
from sim.campaign.stage import staged
from sim.doors import Door, PtyDoor, TcpDoor, serve
from sim.witness import Witness

LARGEST_PORT: Final = 65535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("scenario", type=Path, nargs="?", metavar="SCENARIO", help="scenario or mission file")
    what.add_argument("--site", type=Path, metavar="FILE", help="site or map file (default: the demo site)")
    door = parser.add_mutually_exclusive_group(required=True)
    door.add_argument("--pty", action="store_true", help="open a pseudo-terminal and print its name")
    door.add_argument("--tcp", type=int, metavar="PORT", help="listen on 127.0.0.1:PORT; 0 picks a free port")
    parser.add_argument("--host", default="127.0.0.1", help="with --tcp: the address to listen on")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="obey only who has this key (`patrolcar key`)"
    )
    parser.add_argument("--link", type=Path, metavar="PATH", help="with --pty: also make this symbolic link")
    parser.add_argument(
        "--line", metavar="QUERY", help="put this line between, such as 'baud=115200&loss=0.001'"
    )
    parser.add_argument("--seed", type=natural, default=1, help="start of every chance (default 1)")
    parser.add_argument(
        "--people", type=natural, metavar="N", help="how many of the site's people walk (default: all)"
    )
    parser.add_argument("--view", action="store_true", help="show the simulated world on this terminal")
    parser.add_argument("--ascii", action="store_true", help="with --view: draw with plain ASCII characters")
    parser.add_argument("--pictures", type=natural, help=argparse.SUPPRESS)  # the socket of a --view


def run(options: argparse.Namespace) -> int:
    """Open the door and let the car live behind it until somebody ends the program."""
    if options.view:
        from patrolcar.cli.sim_view import view  # noqa: PLC0415  (it draws, and takes 0.4 s to import)

        return view(options, lambda: _case(options))
    case, site = _case(options)
    key = read_key(options.key) if options.key else None
    boot_id = None if key is None else secrets.randbits(32)  # a recorded session must not fit another boot
    car, link, drawn = staged(case, site, options.seed, key, boot_id)
    door, address = _opened(options)
    ended = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal ended
        del number, frame
        ended = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    if drawn:
        print(", ".join(f"{name} {value:.4g}" for name, value in drawn.items()), file=sys.stderr)
    print(address, flush=True)
    try:
        if options.pictures is None:
            serve(link, door, lambda: ended, plugged=lambda: link.is_plugged)
        else:
            with socket.socket(fileno=options.pictures) as pictures:
                pictures.send(address.encode())
                witness = Witness(car, link.faults, pictures)
                serve(
                    link,
                    door,
                    lambda: ended or witness.is_gone,
                    lambda seen: witness.look(Line(*seen)),
                    lambda: link.is_plugged,
                )
    finally:
        door.close()
    return Exit.DONE


def _case(options: argparse.Namespace) -> tuple[Case, Site]:
    """Return what is simulated, and where."""
    if options.scenario is not None:
        case, plan = case_and_plan(options.scenario, None)
        return narrowed(case, options.people, options.line), plan.site
    site = load_site(options.site or demo_folder() / DEMO_SITE)
    return narrowed(Case(site.name, "", ()), options.people, options.line), site


def _opened(options: argparse.Namespace) -> tuple[Door, str]:
    """Return the door and the address a client opens."""
    if options.pty:
        pty = PtyDoor(options.link)
        return pty, str(options.link or pty.path)
    if not 0 <= options.tcp <= LARGEST_PORT:
        message = f"--tcp {options.tcp}: not a port; expected 0 to {LARGEST_PORT}, 0 for a free one"
        raise LinkError(message)
    if options.key is None and options.host not in {"127.0.0.1", "localhost"}:
        message = (
            f"--host {options.host}: anybody there could drive the car: add --key FILE (`patrolcar key FILE`)"
        )
        raise LinkError(message)
    try:
        tcp = TcpDoor(options.tcp, options.host)
    except OSError as error:
        message = (
            f"--tcp {options.tcp}: cannot listen there ({error}); choose another port, or 0 for a free one"
        )
        raise LinkError(message) from error
    return tcp, f"socket://{options.host}:{tcp.port}"
