"""IR-SIM: kinematics and a lidar of 360 beams ten times a second; polygons, as its users draw them."""

from __future__ import annotations

import importlib
import importlib.metadata
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from . import hall

STEP_S, SIMULATED_S = 1.0 / hall.SCANS_PER_S, 10.0


def world_text() -> str:
    """Return the hall in its own words."""
    x, y = hall.MIDDLE
    boxes = "".join(
        f"  - {{shape: {{name: rectangle, length: {2 * a}, width: {2 * b}}}, state: [{bx}, {by}, 0]}}\n"
        for bx, by, a, b in hall.BOXES
    )
    people = "".join(
        f"  - {{kinematics: {{name: omni}}, shape: {{name: circle, radius: {hall.PERSON_M}}}, "
        f"state: {[*hall.person_at(number, 0.0), 0.0]}}}\n"
        for number in range(hall.PEOPLE)
    )
    return f"""
world: {{height: {hall.SIDE_M}, width: {hall.SIDE_M}, step_time: {STEP_S}, collision_mode: unobstructed}}
robot:
  - kinematics: {{name: diff}}
    shape: {{name: rectangle, length: {2 * hall.CAR_M[0]}, width: {2 * hall.CAR_M[1]}}}
    state: [{x}, {y}, 0]
    vel_max: [1, 2]
    sensors:
      - name: lidar2d
        range_min: 0.05
        range_max: {hall.RANGE_M}
        angle_range: 6.28318
        number: {hall.BEAMS}
obstacle:
{boxes}{people}"""


def run(irsim: Any) -> float:
    """Simulate, and return how far the car turned."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hall.yaml"
        file.write_text(world_text(), encoding="utf-8")
        world = irsim.make(str(file), display=False, log_level="ERROR")
    turned_rad, before = 0.0, float(world.robot.state[2, 0])
    for step in range(round(SIMULATED_S / STEP_S)):
        for number, person in enumerate(world.obstacle_list[len(hall.BOXES) :]):
            person.set_state([*hall.person_at(number, step * STEP_S), 0.0])
        world.step(np.array([[0.0], [hall.TURN_RADPS]]))
        now = float(world.robot.state[2, 0])
        turned_rad += float(np.remainder(now - before + np.pi, 2.0 * np.pi) - np.pi)
        before = now
    world.end()
    return turned_rad


if __name__ == "__main__":
    engine = importlib.import_module("irsim")
    hall.told("irsim", importlib.metadata.version("ir-sim"), SIMULATED_S, lambda: run(engine))
