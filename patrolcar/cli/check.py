"""Check files of any kind: every mistake at once, with its place and its remedy.

Sites, maps, missions, patrol graphs, vehicles, scenarios and worlds are told apart by what they say.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from types import MappingProxyType
from typing import Final

from patrolcar.cli import Exit
from patrolcar.cli.output import print_json
from patrolcar.mission.check_files import check_files
from patrolcar.runtime.plan import planner
from sim.campaign.scenario_file import load_case
from sim.setting.setting_file import load_world

SIMULATED: Final = MappingProxyType({"scenario": load_case, "world": load_world})
"""Files that only the simulator knows, by the key at their top."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="files of any kind")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")


def run(options: argparse.Namespace) -> int:
    """Check the files; the exit code is 6 when any has a mistake."""
    problems = [str(problem) for problem in check_files(options.files, None, planner, SIMULATED)]
    if options.json:
        print_json({"files": [str(path) for path in options.files], "problems": problems})
    else:
        print(
            "\n".join(problems)
            if problems
            else f"{len(options.files)} of {len(options.files)} files are good"
        )
    return Exit.BAD_FILE if problems else Exit.DONE
