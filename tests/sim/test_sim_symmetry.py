"""A world that is mirrored, turned or moved is the same world: the plant knows no side and no place.

Mirrored, the way is the mirrored way to the last bit: of body, wheels, motors and the controller's loops.
Turned by 90 degrees or moved, the numbers are others, and so is their rounding: 1e-12 m after six seconds.

What is not symmetrical, on purpose, stays out of these worlds. The lidar turns anticlockwise, so a moving car
sees left before right; sonars fire in two groups; people who meet pass on the right. So nothing comes near
enough for the reflex, people meet nobody, and sensors are compared while the car stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_host import Host, room

from firmware_protocol.messages import Ranges
from sim.car import CarParameters, SimulatedCar
from sim.native import Array
from sim.sensors.gauge import GaugeParameters
from sim.sensors.imu import ImuParameters
from sim.sensors.lidar import LidarParameters
from sim.sensors.sonar import SonarParameters
from sim.world.walls import World

SILENT: Final = CarParameters(
    imu=ImuParameters(0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    sonars=SonarParameters(sigma_m=0.0, scale_sigma=0.0),
    gauge=GaugeParameters(0.0, 0.0),
    lidar=LidarParameters(mount=(0.05, 0.0, 0.0), sigma_m=0.0, dropout=0.0),
)
WALLS: Final = np.array([*room(14.0, 10.0), [8.0, 3.0, 8.0, 6.0], [10.0, 7.0, 12.0, 8.0]])
STOPS: Final = (((9.0, 4.0), (9.0, 8.5)), ((11.0, 2.0), (3.0, 1.5)))
START: Final = (4.0, 5.0, 0.3)
Place = tuple[float, float]
Drive = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Walk:
    """A route."""

    stops: tuple[Place, ...]
    speed_mps: float = 1.0
    pause_s: float = 0.5


@dataclass(frozen=True)
class Moved:
    """Another look at the same world."""

    place: Callable[[float, float], Place]
    heading: Callable[[float], float]
    sense: float = 1.0  # of turning: -1 in a mirror


SAME: Final = Moved(lambda x, y: (x, y), lambda yaw: yaw)
MIRRORED: Final = Moved(lambda x, y: (x, -y), lambda yaw: -yaw, -1.0)
TURNED: Final = Moved(lambda x, y: (-y, x), lambda yaw: yaw + math.pi / 2)
SHIFTED: Final = Moved(lambda x, y: (x + 16.0, y - 32.0), lambda yaw: yaw)
ASIDE: Final = Moved(lambda x, y: (x + 0.1, y + 0.07), lambda yaw: yaw)  # no multiple of any cell


def car_in(moved: Moved, start: tuple[float, float, float] = START) -> SimulatedCar:
    """Return the car in the moved world."""
    walls = np.array([[*moved.place(*wall[:2]), *moved.place(*wall[2:])] for wall in WALLS.tolist()])
    walks = [Walk(tuple(moved.place(*stop) for stop in stops)) for stops in STOPS]
    pose = (*moved.place(*start[:2]), moved.heading(start[2]))
    return SimulatedCar(World.from_walls(walls), SILENT, walks, pose, boot_id=7)


def way(moved: Moved, drive: Drive) -> Array:
    """Return x, y, yaw of the car, then x, y of each person, ten times a second."""
    host = Host(car_in(moved))
    host.arm()
    rows = []
    for speed_mps, turn_radps in drive:
        for _ in range(5):
            host.run(0.1, (speed_mps, moved.sense * turn_radps))
            rows.append([*host.car.truth.pose, *host.car.people_xy.ravel().tolist()])
    return np.array(rows)


def seen_from(moved: Moved, rows: Array) -> Array:
    """Return the rows of ``way`` as they are in the moved world."""
    found = rows.copy()
    for column in (0, *range(3, rows.shape[1], 2)):
        found[:, column : column + 2] = [moved.place(x, y) for x, y in rows[:, column : column + 2].tolist()]
    found[:, 2] = [moved.heading(yaw) for yaw in rows[:, 2].tolist()]
    return found


def apart(found: Array, expected: Array) -> float:
    """Return the largest difference; headings a turn apart are the same."""
    difference = found - expected
    difference[:, 2] = np.remainder(difference[:, 2] + math.pi, 2.0 * math.pi) - math.pi
    return float(np.abs(difference).max())


S_BEND: Final[Drive] = [(0.4, 0.7)] * 4 + [(0.4, -0.5)] * 4 + [(0.0, 1.2)] * 2 + [(-0.15, 0.3)] * 2
drives = st.lists(st.tuples(st.floats(-0.15, 0.5), st.floats(-1.5, 1.5)), min_size=2, max_size=4)


@cache
def s_bend() -> Array:
    """Return the way of the S in the world as it is."""
    rows = way(SAME, S_BEND)
    assert math.dist(rows[0, :2], rows[-1, :2]) > 1.0
    return rows


def test_in_a_mirror_the_way_is_the_mirrored_way_to_the_last_bit() -> None:
    assert way(MIRRORED, S_BEND).tolist() == seen_from(MIRRORED, s_bend()).tolist()


@given(drives)
@settings(max_examples=8)
def test_in_a_mirror_every_drive_is_the_mirrored_drive(drive: Drive) -> None:
    assert apart(way(MIRRORED, drive), seen_from(MIRRORED, way(SAME, drive))) == 0.0


@pytest.mark.parametrize("moved", [TURNED, SHIFTED, ASIDE], ids=["turned", "shifted", "aside"])
def test_turned_or_moved_the_way_goes_with_the_world(moved: Moved) -> None:
    assert apart(way(moved, S_BEND), seen_from(moved, s_bend())) < 1e-12


@pytest.mark.parametrize("moved", [TURNED, SHIFTED, ASIDE], ids=["turned", "shifted", "aside"])
def test_a_standing_car_measures_the_same_in_a_turned_or_moved_world(moved: Moved) -> None:
    for found, expected in zip(measured(moved), measured(SAME), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-9)


def test_a_standing_car_in_a_mirror_measures_left_what_it_measured_right() -> None:
    beams, pings = measured(MIRRORED)
    same_beams, same_pings = measured(SAME)
    np.testing.assert_allclose(beams, np.roll(same_beams[::-1], 1), rtol=0.0, atol=1e-9)
    other_side = [3, 2, 1, 0, 5, 4, 7, 6]  # front left to front right, then the sides, then the rear
    np.testing.assert_allclose(
        pings, same_pings[other_side], rtol=0.0, atol=2e-3
    )  # whole millimetres on the wire


def measured(moved: Moved) -> tuple[Array, Array]:
    """Return what lidar and sonars of a car say that has stood for half a second, metres."""
    car = car_in(moved, (4.0, 5.0, 0.0))
    host = Host(car)
    host.run(0.5)
    assert car.lidar is not None
    return car.lidar.distance_m.copy(), host.last(Ranges).ranges_m.astype(np.float64)
