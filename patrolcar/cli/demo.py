"""Show a moving patrol without any hardware.

On a terminal: a simulated car behind a real serial port (a pseudo-terminal), a core that patrols a school
with it, and the dashboard. Without a terminal: the same patrol in virtual time, and its report. The day in
the school has doors that open and close, and things that the map does not tell of.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from patrolcar.cli.arguments import natural
from patrolcar.cli.children import await_ready, beside
from patrolcar.cli.dash import dashboard
from patrolcar.cli.run import Journey, simulate
from patrolcar.client import core_is_running
from patrolcar.sites import DEMO_MISSION, DEMO_SCENARIO, demo_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--headless", action="store_true", help="no dashboard: run in virtual time, print the report"
    )
    parser.add_argument(
        "--json", action="store_true", help="as --headless, with one JSON object as the last line"
    )
    parser.add_argument("--seed", type=natural, default=1, help="start of every chance (default 1)")
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII characters")


def run(options: argparse.Namespace) -> int:
    """Show the demo."""
    mission, scenario = demo_folder() / DEMO_MISSION, demo_folder() / DEMO_SCENARIO
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if options.headless or options.json or not on_terminal:
        return simulate(Journey(scenario, seed=options.seed), as_json=options.json)
    with tempfile.TemporaryDirectory(prefix="patrolcar-") as name:
        folder = Path(name)
        port, address = folder / "car", folder / "core.sock"
        sim_log, core_log = folder / "sim.log", folder / "core.log"
        simulator = ("sim", str(scenario), "--pty", "--link", str(port), "--seed", str(options.seed))
        core = (
            "up",
            "--link",
            str(port),
            "--mission",
            str(mission),
            "--start",
            "--socket",
            str(address),
            "--no-record",
        )
        with beside(sim_log, *simulator) as sim_child:
            await_ready(sim_child, sim_log, port.exists)
            with beside(core_log, *core) as core_child:
                await_ready(core_child, core_log, lambda: core_is_running(str(address)))
                return dashboard(str(address), ascii_only=options.ascii, owns_core=True)
