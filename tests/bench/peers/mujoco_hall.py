"""MuJoCo: rigid bodies and contacts at 500 Hz, two driven wheels, 360 rays ten times a second."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from . import hall

STEP_S, SIMULATED_S = 0.002, 30.0


def model_text() -> str:
    """Return the hall as a model."""
    walls = [(10, 0, 10, 0.05), (10, 20, 10, 0.05), (0, 10, 0.05, 10), (20, 10, 0.05, 10)]
    boxes = "".join(
        f'<geom type="box" pos="{x} {y} .5" size="{a} {b} .5"/>' for x, y, a, b in (*walls, *hall.BOXES)
    )
    people = "".join(
        f'<body name="p{n}" mocap="true"><geom type="cylinder" size="{hall.PERSON_M} .8"/></body>'
        for n in range(hall.PEOPLE)
    )
    wheels = "".join(
        f'<body pos="0 {side * hall.TRACK_M / 2} 0"><joint name="w{side}" axis="0 1 0" damping=".001" '
        'armature=".0005"/>'
        f'<geom type="cylinder" size="{hall.WHEEL_M} .01" euler="90 0 0" mass=".05" friction="1"/></body>'
        for side in (1, -1)
    )
    x, y = hall.MIDDLE
    length, width, height = hall.CAR_M
    return f"""<mujoco><option timestep="{STEP_S}" integrator="implicitfast"/>
<worldbody><geom type="plane" size="20 20 1"/>{boxes}{people}
<body name="car" pos="{x} {y} {hall.WHEEL_M}"><freejoint/>
<geom type="box" size="{length} {width} {height}" pos="0 0 {height}" mass="2"/>
<geom type="sphere" size=".01" pos=".1 0 -.0225" mass=".05" friction=".01" priority="1"/>
<geom type="sphere" size=".01" pos="-.1 0 -.0225" mass=".05" friction=".01" priority="1"/>
{wheels}</body></worldbody>
<actuator><velocity joint="w1" kv="0.5"/><velocity joint="w-1" kv="0.5"/></actuator></mujoco>"""


def run(mujoco: Any) -> float:
    """Simulate, and return how far the car turned."""
    model = mujoco.MjModel.from_xml_string(model_text())
    data = mujoco.MjData(model)
    rim = hall.TURN_RADPS * hall.TRACK_M / 2 / hall.WHEEL_M
    data.ctrl[:] = -rim, rim
    bearings = np.linspace(0.0, 2.0 * math.pi, hall.BEAMS, endpoint=False)
    rays = np.column_stack([np.cos(bearings), np.sin(bearings), np.zeros(hall.BEAMS)])
    near, hit = np.empty(hall.BEAMS), np.empty(hall.BEAMS, dtype=np.int32)
    car, turned_rad = model.body("car").id, 0.0
    per_scan, per_person = round(1 / (hall.SCANS_PER_S * STEP_S)), round(0.05 / STEP_S)
    for step in range(round(SIMULATED_S / STEP_S)):
        if step % per_person == 0:
            for number in range(hall.PEOPLE):
                data.mocap_pos[number] = (*hall.person_at(number, step * STEP_S), 0.8)
        mujoco.mj_step(model, data)
        turned_rad += data.cvel[car][2] * STEP_S
        if step % per_scan == 0:
            eye = data.xpos[car] + (0.0, 0.0, 0.15)
            mujoco.mj_multiRay(
                m=model, d=data, pnt=eye, vec=rays.ravel(), geomgroup=None, flg_static=1, bodyexclude=car,
                geomid=hit, dist=near, normal=None, nray=hall.BEAMS, cutoff=hall.RANGE_M,
            )  # fmt: skip
    return turned_rad


if __name__ == "__main__":
    engine = importlib.import_module("mujoco")
    hall.told("mujoco", engine.__version__, SIMULATED_S, lambda: run(engine))
