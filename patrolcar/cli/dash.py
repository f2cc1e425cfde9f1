"""Open the dashboard of a running core. Space stops the car on every screen; ? tells the other keys."""

from __future__ import annotations

import argparse
import sys

from patrolcar.cli import Exit
from patrolcar.client import Client


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--socket", metavar="PATH", help="control socket of the core (default: this user's own)"
    )
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII characters")


def run(options: argparse.Namespace) -> int:
    """Show the dashboard until the operator leaves it."""
    return dashboard(options.socket, ascii_only=options.ascii)


def dashboard(address: str | None, *, ascii_only: bool = False, owns_core: bool = False) -> int:
    """Connect to the core at the address and show its dashboard; ``owns_core`` when the core ends with it.

    Raises:
        LinkError: No core answers.

    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("the dashboard needs a terminal; from a script use patrolcar.client, or `patrolcar run --json`")
        return Exit.USAGE

    def connect() -> Client:
        return Client.connect(address, "dash")

    client = connect()
    from patrolcar.dashboard import run as show  # noqa: PLC0415  (only once there is something to show)

    return show(client, ascii_only=ascii_only, reconnect=connect, owns_core=owns_core)
