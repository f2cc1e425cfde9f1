"""PyBullet: rigid bodies and contacts at 240 Hz, two driven wheels, 360 rays ten times a second."""

from __future__ import annotations

import importlib
import importlib.metadata
import math
from typing import Any

import numpy as np

from . import hall

PER_S, SIMULATED_S = 240, 20.0


def placed(bullet: Any) -> tuple[int, list[int]]:
    """Put everything into the hall; returns the car and the people."""
    walls = [(10, 0, 10, 0.05), (10, 20, 10, 0.05), (0, 10, 0.05, 10), (20, 10, 0.05, 10)]
    bullet.createMultiBody(0, bullet.createCollisionShape(bullet.GEOM_PLANE))
    for x, y, a, b in (*walls, *hall.BOXES):
        shape = bullet.createCollisionShape(bullet.GEOM_BOX, halfExtents=[a, b, 0.5])
        bullet.createMultiBody(0, shape, basePosition=[x, y, 0.5])
    disc = bullet.createCollisionShape(bullet.GEOM_CYLINDER, radius=hall.PERSON_M, height=1.6)
    people = [
        bullet.createMultiBody(0, disc, basePosition=[*hall.person_at(number, 0.0), 0.8])
        for number in range(hall.PEOPLE)
    ]
    body = bullet.createCollisionShape(
        bullet.GEOM_BOX, halfExtents=list(hall.CAR_M), collisionFramePosition=[0, 0, hall.CAR_M[2]]
    )
    wheel = bullet.createCollisionShape(bullet.GEOM_CYLINDER, radius=hall.WHEEL_M, height=0.02)
    caster = bullet.createCollisionShape(bullet.GEOM_SPHERE, radius=0.01)
    upright = bullet.getQuaternionFromEuler([math.pi / 2, 0, 0])
    half = hall.TRACK_M / 2
    car: int = bullet.createMultiBody(
        2.0, body, basePosition=[*hall.MIDDLE, hall.WHEEL_M + 0.001],
        linkMasses=[0.05] * 4, linkCollisionShapeIndices=[wheel, wheel, caster, caster],
        linkVisualShapeIndices=[-1] * 4,
        linkPositions=[[0, half, 0], [0, -half, 0], [0.1, 0, -0.0225], [-0.1, 0, -0.0225]],
        linkOrientations=[upright, upright, [0, 0, 0, 1], [0, 0, 0, 1]],
        linkInertialFramePositions=[[0, 0, 0]] * 4, linkInertialFrameOrientations=[[0, 0, 0, 1]] * 4,
        linkParentIndices=[0] * 4,
        linkJointTypes=[bullet.JOINT_REVOLUTE] * 2 + [bullet.JOINT_FIXED] * 2, linkJointAxis=[[0, 0, -1]] * 4,
    )  # fmt: skip
    for link in (2, 3):
        bullet.changeDynamics(car, link, lateralFriction=0.01)
    return car, people


def run(bullet: Any) -> float:
    """Simulate, and return how far the car turned."""
    bullet.connect(bullet.DIRECT)
    bullet.setGravity(0, 0, -9.81)
    car, people = placed(bullet)
    rim = hall.TURN_RADPS * hall.TRACK_M / 2 / hall.WHEEL_M
    for link, speed in ((0, -rim), (1, rim)):
        bullet.setJointMotorControl2(car, link, bullet.VELOCITY_CONTROL, targetVelocity=speed, force=1.0)
    bearings = np.linspace(0.0, 2.0 * math.pi, hall.BEAMS, endpoint=False)
    rays = np.column_stack([np.cos(bearings), np.sin(bearings), np.zeros(hall.BEAMS)])
    turned_rad = 0.0
    for step in range(round(SIMULATED_S * PER_S)):
        if step % (PER_S // 20) == 0:
            for number, person in enumerate(people):
                place = [*hall.person_at(number, step / PER_S), 0.8]
                bullet.resetBasePositionAndOrientation(person, place, [0, 0, 0, 1])
        bullet.stepSimulation()
        turned_rad += bullet.getBaseVelocity(car)[1][2] / PER_S
        if step % (PER_S // hall.SCANS_PER_S) == 0:
            eye = np.array(bullet.getBasePositionAndOrientation(car)[0])
            eye[2] += 0.15
            bullet.rayTestBatch((eye + 0.2 * rays).tolist(), (eye + hall.RANGE_M * rays).tolist())
    bullet.disconnect()
    return turned_rad


if __name__ == "__main__":
    engine = importlib.import_module("pybullet")
    hall.told("pybullet", importlib.metadata.version("pybullet"), SIMULATED_S, lambda: run(engine))
