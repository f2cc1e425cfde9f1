"""The hall that all simulate: 20 m by 20 m, 14 boxes, 10 people as discs, a car that turns on the spot."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable

SIDE_M = 20.0
BOXES = tuple((3.0 + 3.5 * (n % 5), 4.0 + 6.0 * (n // 5), 0.4, 0.3) for n in range(14))  # centre, half sizes
PEOPLE, PERSON_M = 10, 0.25
CAR_M = (0.14, 0.12, 0.05)  # half sizes
WHEEL_M, TRACK_M = 0.0325, 0.20
TURN_RADPS = 0.6
BEAMS, SCANS_PER_S, RANGE_M = 360, 10, 8.0
MIDDLE = (10.0, 2.0)


def person_at(number: int, now_s: float) -> tuple[float, float]:
    """Return where a person is who walks to and fro at 0.8 m/s along a lane between the boxes."""
    way_m, lane = 14.0, 1.0 + 1.9 * number
    phase = (0.8 * now_s + 2.0 * number) % (2.0 * way_m)
    return 3.0 + min(phase, 2.0 * way_m - phase), lane


def told(name: str, version: str, simulated_s: float, run: Callable[[], float]) -> None:
    """Run, then print what it took as one JSON object; ``run`` returns how far the car turned, radians."""
    start = time.process_time()
    turned_rad = run()
    cpu_s = time.process_time() - start
    if not 0.5 < turned_rad / (TURN_RADPS * simulated_s) < 1.5:
        sys.exit(f"{name}: the car turned {math.degrees(turned_rad):.0f} degrees in {simulated_s} s")
    print(json.dumps({"name": name, "version": version, "rtf": round(simulated_s / cpu_s, 2)}))
