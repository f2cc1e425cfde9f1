# ruff: noqa: E501 - each row of a table is one mistake and its exact message, on one line
"""A car from a file."""

from __future__ import annotations

import math

import pytest

from patrolcar.config.folder import MemoryFolder
from patrolcar.config.problems import BadFileError
from patrolcar.geometry import Pose2
from patrolcar.site.vehicle_file import read_vehicle
from patrolcar.vehicle import Vehicle

FULL = """\
vehicle: Rover
footprint: {front_m: 0.2, rear_m: 0.1, half_width_m: 0.11}
limits: {speed_mps: 0.4}
lidar: {mount: [0.1, 0, 90], range_max_m: 12}
sonars:
  - [0.1, 0, 0]
track_m: 0.17
wheel_radius_m: 0.033
ticks_per_turn: 1040
"""


def vehicle_of(text: str) -> Vehicle:
    return read_vehicle(MemoryFolder({"car.yaml": text.encode()}), "car.yaml")


def test_a_name_alone_is_the_car_of_the_simulator() -> None:
    assert vehicle_of("vehicle: patrolcar") == Vehicle()


def test_what_a_file_says_is_taken_and_the_rest_is_as_on_the_simulators_car() -> None:
    car = vehicle_of(FULL)
    assert (car.name, car.track_m, car.wheel_radius_m, car.ticks_per_turn) == ("Rover", 0.17, 0.033, 1040)
    assert car.footprint.front_m == 0.2
    assert (car.limits.speed_mps, car.limits.brake_mps2) == (0.4, Vehicle().limits.brake_mps2)
    assert car.lidar is not None
    assert car.lidar.mount == Pose2(0.1, 0.0, math.pi / 2)
    assert car.sonars == (Pose2(0.1, 0.0, 0.0),)


def test_a_car_may_have_no_lidar_and_no_sonars() -> None:
    car = vehicle_of("vehicle: x\nlidar: none\nsonars: []")
    assert car.lidar is None
    assert car.sonars == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("track_m: 0.17", "track_m: -0.17", "car.yaml:7:10: track_m: -0.17 is out of range (metres between the wheel centres, 0.05 to 1)"),
        ("front_m: 0.2", "front_m: 20 cm", 'car.yaml:2:22: footprint.front_m: "20 cm" is not a number (metres from the middle of the drive axle, 0.01 to 1)'),
        ("speed_mps", "sped_mps", "car.yaml:3:10: limits.sped_mps: unknown key; did you mean speed_mps?"),
        ("{speed_mps: 0.4}", "fast", "car.yaml:3:9: limits: keys and values are expected here (speed_mps, "),
        ("range_max_m: 12", "range_max_m: 1, range_min_m: 2", "car.yaml:4:59: lidar.range_min_m: 2 is not below range_max_m (1)"),
        ("ticks_per_turn: 1040", "ticks_per_turn: 1040.5", 'car.yaml:9:17: ticks_per_turn: "1040.5" is not a whole number (encoder counts per turn of the wheel, 4 to 1000000)'),
        ("  - [0.1, 0, 0]", "  - [0.1, 0]", "car.yaml:6:5: sonars[0]: a list of 2 values is not [x, y, heading_deg], x forward, y left"),
        ("vehicle: Rover", "track: 1", "car.yaml:1:1: vehicle: missing; write vehicle: what to call this car"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_vehicle_says_where_and_what(old: str, new: str, message: str) -> None:
    assert FULL.count(old) == 1
    with pytest.raises(BadFileError) as caught:
        vehicle_of(FULL.replace(old, new))
    assert any(line.startswith(message) for line in str(caught.value).splitlines()), str(caught.value)
