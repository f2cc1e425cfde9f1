"""A host that drives UMBmark squares by its own odometry; the car's wheels are other than believed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from firmware_protocol.messages import Command, Odom
from firmware_protocol.session import Session
from patrolcar.calibration.umbmark import ANTICLOCKWISE, CLOCKWISE, Place, Ratios, Square
from sim.car import NOMINAL, SimulatedCar
from sim.world.walls import World

SPEED_MPS, TURN_RADPS = 0.3, 0.8
EASE_MPS, EASE_RADPS = 1.5, 3.0  # how steeply the last stretch is slowed down, per metre and per radian
CREEP_MPS, CREEP_RADPS = 0.01, 0.03
REACHED_M, REACHED_RAD = 2e-4, 2e-4
DEADLINE_S = 200.0


class SquareDriver:
    """Drives legs and quarter turns until odometry says that each is done."""

    def __init__(self, car: SimulatedCar) -> None:
        self.car = car
        self._session = Session(9)
        self._to_send = b""
        self._ticks = 0
        self.odom: Odom | None = None

    def step(self, speed_mps: float, turn_radps: float) -> None:
        """Live 20 ms with this twist."""
        for _ in range(2):
            now_ns = self.car.now_us * 1000
            messages, _ = self._session.receive(self.car.step(self._to_send), now_ns)
            self.odom = next((m for m in reversed(messages) if isinstance(m, Odom)), self.odom)
            self._ticks += 1
            self._to_send, _ = self._session.poll(self._ticks, now_ns)
        self._to_send += self._session.drive(speed_mps, 0.0, turn_radps, 200)

    def begin(self) -> None:
        """Say hello and arm."""
        for _ in range(25):
            self.step(0.0, 0.0)
        self._session.command(Command.ARM)
        for _ in range(10):
            self.step(0.0, 0.0)

    def reported(self) -> Odom:
        """Return the newest odometry."""
        if self.odom is None:
            message = "the car sent no odometry"
            raise RuntimeError(message)
        return self.odom

    def until(
        self, left: Callable[[Odom], float], command: Callable[[float], tuple[float, float]], enough: float
    ) -> None:
        """Drive until what is left is small and the car stands."""
        for _ in range(round(DEADLINE_S * 50)):
            remaining = left(self.reported())
            if abs(remaining) < enough and self.car.truth.speed_mps == 0.0 == self.car.truth.turn_radps:
                return
            self.step(*(command(remaining) if abs(remaining) >= enough else (0.0, 0.0)))
        message = f"the drive did not end: {self.car.truth}"
        raise RuntimeError(message)


def _eased(left: float, most: float, ease: float, creep: float) -> float:
    return math.copysign(min(most, max(creep, ease * abs(left))), left)


def square_end(square: Square, truth: Ratios, sense: int) -> Place:
    """Return where a simulated car really stands after a square, less where its odometry says it stands."""
    left = 2.0 / (1.0 + truth.wheel_ratio)
    own = NOMINAL.chassis
    chassis = replace(
        own,
        track_m=truth.track_ratio * square.track_m,
        radius_m=(own.radius_m[0] * left, own.radius_m[1] * left * truth.wheel_ratio),
    )
    reach = 2.0 * square.side_m + 3.0
    world = World.from_walls(
        [[-reach, -reach, reach, -reach], [reach, -reach, reach, reach], [reach, reach, -reach, reach],
         [-reach, reach, -reach, -reach]]
    )  # fmt: skip
    settings = replace(NOMINAL.controller, parameters={"track_m": square.track_m})
    car = SimulatedCar(world, replace(NOMINAL, chassis=chassis, lidar=None, controller=settings), seed=1)
    driver = SquareDriver(car)
    driver.begin()
    for corner in range(4):
        _drive_leg(driver, square.side_m, corner, sense)
        _turn(driver, sense, corner)
    odom, pose = driver.reported(), car.truth.pose
    return pose[0] - odom.x_m, pose[1] - odom.y_m


def _drive_leg(driver: SquareDriver, side_m: float, corner: int, sense: int) -> None:
    course = 0.5 * math.pi * corner * sense
    ahead = (math.cos(course), math.sin(course))
    start = driver.reported()

    def left(odom: Odom) -> float:
        return side_m - ((odom.x_m - start.x_m) * ahead[0] + (odom.y_m - start.y_m) * ahead[1])

    driver.until(left, lambda m: (_eased(m, SPEED_MPS, EASE_MPS, CREEP_MPS), 0.0), 5.0 * REACHED_M)


def _turn(driver: SquareDriver, sense: int, corner: int) -> None:
    goal = 0.5 * math.pi * (corner + 1) * sense

    def left(odom: Odom) -> float:
        return math.remainder(goal - odom.yaw_rad, math.tau)

    driver.until(
        left, lambda rad: (0.0, _eased(rad, TURN_RADPS, EASE_RADPS, CREEP_RADPS)), 10.0 * REACHED_RAD
    )


def both_ways(square: Square, truth: Ratios) -> tuple[Place, Place]:
    """Return the ends of the clockwise and of the anticlockwise square."""
    return square_end(square, truth, CLOCKWISE), square_end(square, truth, ANTICLOCKWISE)
