"""Drive by hand: opens the dashboard, and first starts a core when none is running."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from patrolcar.cli import Exit
from patrolcar.cli.children import await_ready, beside
from patrolcar.cli.dash import dashboard
from patrolcar.client import core_is_running


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--link", default="sim://demo", metavar="PORT", help="port of the car (default: simulated)"
    )
    parser.add_argument("--site", type=Path, metavar="FILE", help="site or map to drive in")
    parser.add_argument(
        "--vehicle", type=Path, metavar="FILE", help="vehicle file (default: the simulated car)"
    )
    parser.add_argument(
        "--socket", metavar="PATH", help="control socket of the core (default: this user's own)"
    )
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII characters")


def run(options: argparse.Namespace) -> int:
    """Show the dashboard of the running core, or of one that lives as long as the dashboard."""
    if not sys.stdin.isatty():
        print("driving by hand needs a terminal; from a script use patrolcar.client.Client.drive")
        return Exit.USAGE
    if core_is_running(options.socket):
        return dashboard(options.socket, ascii_only=options.ascii)
    with tempfile.TemporaryDirectory(prefix="patrolcar-") as folder:
        log, address = Path(folder) / "core.log", options.socket or str(Path(folder) / "core.sock")
        arguments = ["up", "--link", options.link, "--socket", address]
        for name in ("site", "vehicle"):
            if getattr(options, name):
                arguments += [f"--{name}", str(getattr(options, name))]
        with beside(log, *arguments) as core:
            await_ready(core, log, lambda: core_is_running(address))
            return dashboard(address, ascii_only=options.ascii, owns_core=True)
