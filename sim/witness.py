"""Somebody who watches a simulated car and tells another process, ten times a second.

A picture is one message. What the other process does not take is dropped, so whoever looks on never costs the
car time; when it has gone, so has the witness.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from math import cos, isinf, sin, tau

import numpy as np

from patrolcar.dashboard.world.view import FaultView, Line, WorldView
from sim.car import SimulatedCar
from sim.faults import Injector
from sim.native import Array
from sim.world.moving import present

FAR_M = 5.0
_NO_DISTANCE = 0xFFFD
"""This wire code and those above it are no distances (``protocol.yaml``)."""


@dataclass(slots=True)
class Witness:
    """Looks at one car.

    Attributes:
        car: What is watched.
        faults: What goes wrong with it.
        pictures: A socket of messages (``SOCK_SEQPACKET``).
        is_gone: Whether nobody takes pictures any more.

    """

    car: SimulatedCar
    faults: Injector | None
    pictures: socket.socket
    is_gone: bool = False

    def look(self, line: Line) -> None:
        """Send a picture, unless the last one still waits."""
        try:
            self.pictures.send(seen(self.car, self.faults, line).to_bytes(), socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            self.is_gone = True


def seen(car: SimulatedCar, faults: Injector | None, line: Line) -> WorldView:
    """Return what really is now."""
    truth, outline = car.truth, car.parameters.chassis.outline
    gap_m = car.world.clearance(truth.pose, (outline.front_m, outline.rear_m, outline.half_width_m), FAR_M)
    return WorldView(
        time_s=car.now_us * 1e-6,
        pose=truth.pose,
        speed_mps=truth.speed_mps,
        turn_radps=truth.turn_radps,
        wheels_mps=truth.wheel_speeds_mps,
        distance_m=truth.distance_m,
        gap_m=None if gap_m >= FAR_M else gap_m,
        least_gap_m=None if isinf(truth.min_clearance_m) else truth.min_clearance_m,
        nearest_person_m=None if isinf(truth.min_person_m) else truth.min_person_m,
        wall_hits=truth.collisions_wall,
        person_hits=truth.collisions_person,
        standing_touches=truth.collisions_standing,
        fallen=truth.fallen,
        bumpers=truth.bumpers,
        powered=bool(car.controller.outputs.enable),
        battery_v=truth.battery_v,
        current_a=truth.current_a,
        charge=truth.charge,
        people=centimetres(car.people_xy),
        moving=_moving(car),
        scan=centimetres(beam_ends(car)),
        faults=() if faults is None else tuple(FaultView(*row) for row in faults.at_work(car.now_us)),
        line=line,
    )


def _moving(car: SimulatedCar) -> tuple[int, ...]:
    """Return the walls that move, without those that are not there now."""
    return centimetres(np.array(present(car.world.movers)))


def beam_ends(car: SimulatedCar) -> Array:
    """Return where the beams of the last turn ended as the lidar measured them, shape (N, 2).

    The car's pose is that of now: while it drives, a turn's first beams are shown up to 0.1 s ahead.
    """
    lidar, fitted = car.lidar, car.parameters.lidar
    if lidar is None or fitted is None:
        return np.zeros((0, 2))
    codes = lidar.codes[: lidar.beams]
    hit = np.flatnonzero(codes < _NO_DISTANCE)
    x, y, yaw = car.truth.pose
    forward_m, left_m, turned_rad = fitted.mount
    bearing = yaw + turned_rad + tau * hit / lidar.beams
    far_m = codes[hit] * 0.001
    eye_x = x + forward_m * cos(yaw) - left_m * sin(yaw)
    eye_y = y + forward_m * sin(yaw) + left_m * cos(yaw)
    return np.column_stack([eye_x + far_m * np.cos(bearing), eye_y + far_m * np.sin(bearing)])


def centimetres(places: Array) -> tuple[int, ...]:
    """Return places as whole centimetres, one number after the other."""
    return tuple(np.rint(100.0 * places).astype(int).ravel().tolist())
