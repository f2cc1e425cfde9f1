"""A thousand missions of two minutes: ``patrolcar campaign two_minutes.yaml --seeds 1000 --jobs 2``.

The mission visits six places of the demo's building among all its people, over a line of 460800 baud that
loses a byte now and then. ``CAMPAIGN_MISSIONS=50`` drives fewer; ``minutes_per_1000`` is then worked out from
the pace.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Final

from patrolcar.cli import main
from patrolcar.sites import DEMO_SITE, demo_folder

MISSIONS: Final = 1000
JOBS: Final = 2
TOLD: Final = ("endings", "good", "collisions", "touched", "collisions_per_km", "distance_km")
MISSION: Final = f"""
mission: Two minutes
site: {DEMO_SITE}
return_home: false
every_visit: {{dwell_s: 1}}
visits: [entrance, library, east end, canteen, north corridor, computer room]
"""
SCENARIO: Final = """
scenario: Two minutes in the school
mission: two_minutes_round.yaml
line: {baud: 460800, loss: 0.0001, latency_s: 0.002}
limit_s: 600
"""


def measure() -> dict[str, object]:
    """Return how long it took and how it went."""
    return driven(int(os.environ.get("CAMPAIGN_MISSIONS", MISSIONS)))


def driven(missions: int) -> dict[str, object]:
    """Return the figures of a campaign of so many missions."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = written(Path(folder))
        command = ["campaign", str(scenario), "--seeds", str(missions), "--jobs", str(JOBS)]
        printed, began_s = io.StringIO(), time.monotonic()
        with contextlib.redirect_stdout(printed):
            code = main([*command, "--out", str(Path(folder) / "results.db"), "--json"])
        wall_s = time.monotonic() - began_s
    told = json.loads(printed.getvalue().splitlines()[-1])
    return {
        "missions": told["missions"],
        "wall_min": round(wall_s / 60.0, 2),
        "minutes_per_1000": round(wall_s / 60.0 * 1000.0 / missions, 2),
        "mission_s": round(told["simulated_h"] * 3600.0 / missions, 1),
        "exit_code": code,
        **{key: told[key] for key in TOLD},
    }


def written(folder: Path) -> Path:
    """Write the files and return the scenario's path."""
    (folder / DEMO_SITE).write_bytes((demo_folder() / DEMO_SITE).read_bytes())
    (folder / "two_minutes_round.yaml").write_text(MISSION, encoding="utf-8")
    scenario = folder / "two_minutes.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    return scenario
