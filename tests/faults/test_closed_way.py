"""A way that turns out to be closed: the car waits before it without turning to and fro, and says so."""

from __future__ import annotations

import math
from typing import Final

from patrol import Patrol

from sim.faults import Fault

TOLD_WITHIN_MS: Final = 2000.0
WATCHED_S: Final = 20.0
STANDS_MPS: Final = 0.01


def test_a_car_before_a_closed_door_says_so_and_stands_still() -> None:
    patrol = Patrol(1, site="two rooms")
    patrol.until("straight")
    patrol.inject(Fault("door falls shut", 0.0))
    stood_ms = told_ms = None
    turned_rad, before_rad = 0.0, 0.0
    for _ in range(round(WATCHED_S * 50)):
        texts = [event.text for event in patrol.turn()]
        pose, now_ms = patrol.car.truth.pose, patrol.run.now_ns / 1e6
        at_door = math.dist(pose[:2], (4.0, 2.0)) < 1.0 and abs(pose[2]) > 2.0  # on the way back
        if at_door and stood_ms is None and abs(patrol.car.truth.speed_mps) < STANDS_MPS:
            stood_ms = now_ms
        if stood_ms is not None:
            turned_rad += abs(math.remainder(pose[2] - before_rad, math.tau))
        before_rad = pose[2]
        if told_ms is None and any("closed" in text for text in texts):
            told_ms = now_ms
    assert stood_ms is not None
    assert told_ms is not None
    assert told_ms - stood_ms < TOLD_WITHIN_MS
    assert turned_rad < 1.0
    assert patrol.car.truth.collisions == 0
