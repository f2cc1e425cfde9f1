"""Where wheels touch the floor and how they roll: the kinematics of each chassis, derived here.

Where a wheel touches the floor at ``(x, y)`` the body moves with ``(vx - wz y, vy + wz x)``. A plain wheel
rolls without slip when its rim is as fast as the forward part of that. A mecanum wheel touches the floor
with a free roller, so only the part along the roller's axle counts: with the axle at the angle ``a`` to the
car's x axis, ``rim = vx - wz y + tan(a) (vy + wz x)``. Four such rows for three unknowns are solved by least
squares.
"""

from __future__ import annotations

from math import pi, tan

import numpy as np

from firmware_protocol.messages import Chassis
from sim.native import WHEELS, Array

DRIVEN = {Chassis.DIFFERENTIAL: 2, Chassis.SKID: 4, Chassis.MECANUM: 4, Chassis.ACKERMANN: 2}
"""How many wheels are driven; those of an Ackermann car are the rear ones."""


def contacts(kind: Chassis, track_m: float, wheelbase_m: float) -> Array:
    """Return where the driven wheels touch the floor in ``base_link``, shape (4, 2); unused rows are 0.

    ``base_link`` is the middle of the driven wheels.
    """
    half_m = 0.5 * wheelbase_m if DRIVEN[kind] == WHEELS else 0.0
    left_m = 0.5 * track_m
    places = np.array([[half_m, left_m], [half_m, -left_m], [-half_m, left_m], [-half_m, -left_m]])
    places[DRIVEN[kind] :] = 0.0
    return places


def rolling(kind: Chassis, places: Array, roller_rad: float = pi / 4) -> Array:
    """Return the rim speed of each wheel per ``vx``, ``vy`` and ``wz``, shape (4, 3).

    Args:
        kind: The chassis.
        places: Where the wheels touch the floor, see ``contacts``.
        roller_rad: Angle between a roller's axle and the car's x axis, of a mecanum car. The axles of the
            four rollers that touch the floor form a diamond (those on top, seen from above, an X).

    """
    x, y = places.T
    lean = np.array([-1.0, 1.0, 1.0, -1.0]) * tan(roller_rad) if kind is Chassis.MECANUM else np.zeros(WHEELS)
    return np.column_stack([np.ones(WHEELS), lean, lean * x - y])


def least_squares(rows: Array) -> Array:
    """Return ``vx``, ``vy`` and ``wz`` per rim speed, shape (3, 4); the wheels may contradict each other."""
    return np.ascontiguousarray(np.linalg.pinv(rows))


def effective_track_m(track_m: float, wheelbase_m: float) -> float:
    """Return the track of a differential car that turns as a skid car of this size does.

    Turning drags the wheels sideways. With equal loads and Coulomb friction of one coefficient in all
    directions, forces and moments of the four contacts balance at a turn rate of ``s b / (a**2 + b**2)`` for
    rims of ``-s`` and ``s``, where a and b are half the wheelbase and half the track: as if the track were
    ``track (1 + (wheelbase / track)**2)``. That skid cars turn like differential ones with a wider track is
    the model of Mandow et al. (2007), "Experimental kinematics for wheeled skid-steer mobile robots".
    """
    return track_m * (1.0 + (wheelbase_m / track_m) ** 2)
