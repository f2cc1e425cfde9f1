"""What the governor is told is what the car's messages say, seen from where the car is now."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import Distances, Ranges, Scan
from patrolcar.geometry import Pose2, Twist2
from patrolcar.governor import Fences, Senses, limit, reach_m
from patrolcar.odometry import Odometry
from patrolcar.pilot.position import Position
from patrolcar.pilot.shield import Shield
from patrolcar.site.site_file import load_site
from patrolcar.sites import DEMO_SITE, demo_folder
from patrolcar.state import CarState, Sweep
from patrolcar.vehicle import Vehicle

SITE = load_site(demo_folder() / DEMO_SITE)
CAR = Vehicle()
POSITION = Position(SITE, CAR, 1)
NOW_NS, BEAMS = 10_000_000_000, 360
seeds = st.integers(0, 2**32 - 1)
poses = st.builds(Pose2, st.floats(-3, 3), st.floats(-3, 3), st.floats(-4, 4))
twists = st.builds(Twist2, st.floats(-0.3, 0.8), st.just(0.0), st.floats(-2.0, 2.0))
ages_ns = st.fixed_dictionaries(
    {}, optional={name: st.integers(0, 600_000_000) for name in ("WHEELS", "SCAN", "RANGES")}
)


def car_at(pose: Pose2, seed: int, ages: dict[str, int], distances: Distances | None) -> CarState:
    points = np.random.default_rng(seed).uniform(-4, 4, (BEAMS, 2))
    points[seed % 7 :: 3] = np.nan
    return CarState(
        odometry=Odometry(pose, Twist2(0.2)),
        sweep=Sweep(points, 1, 0),
        ranges_m=distances,
        arrived_ns={name: NOW_NS - age_ns for name, age_ns in ages.items()},
    )


def doubtful(shield: Shield, distances: Distances, broken: slice, *, repeats: bool) -> None:
    """Let the sensors talk, and say the same again from elsewhere."""
    beams = np.full(BEAMS, 2.0, np.float32)
    beams[broken] = np.nan
    for x_m in (0.0, 1.0) if repeats else (0.0,):
        said = Scan(0, 0, 0, BEAMS, 277, beams), Ranges(0, 0xFF, distances)
        shield.doubts.update(said, Odometry(Pose2(x_m)))


def age_s(ages: dict[str, int], name: str) -> float:
    return ages[name] / 1e9 if name in ages else math.inf


@settings(max_examples=60, deadline=None)
@given(twists, poses, poses, seeds, ages_ns, st.data())
def test_the_verdict_is_the_one_on_what_the_messages_say(
    wanted: Twist2, odom: Pose2, on_map: Pose2, seed: int, ages: dict[str, int], data: Any
) -> None:
    distances = data.draw(st.sampled_from([0.3, 1.0, math.inf, math.nan])) * np.ones(8, np.float32)
    heard = data.draw(st.booleans())
    first = data.draw(st.integers(0, BEAMS))
    car = car_at(odom, seed, ages, distances if heard else None)
    shield = Shield(SITE, CAR)
    POSITION.pose_map = data.draw(st.sampled_from([on_map, SITE.start, None]))
    doubtful(shield, distances, slice(first, first + 60), repeats=data.draw(st.booleans()))
    hits = car.sweep.points_odom[~np.isnan(car.sweep.points_odom[:, 0])]
    all_hits = odom.inverse().carry(hits)
    senses = Senses(
        odometry_age_s=age_s(ages, "WHEELS"),
        points_base=all_hits[np.hypot(*(hits - odom[:2]).T) <= reach_m(CAR)],
        scan_age_s=age_s(ages, "SCAN"),
        ranges_m=distances.astype(float) if heard else np.empty(0),
        range_ages_s=np.full(8 if heard else 0, age_s(ages, "RANGES")),
        pose_map=POSITION.pose_map,
        scan_is_stuck=shield.doubts.lidar_is_stuck,
        covered_ahead=shield.doubts.covered_towards(0.0, math.radians(40.0)),
        covered_behind=shield.doubts.covered_towards(math.pi, math.radians(40.0)),
        ranges_stuck=bool(shield.doubts.sonars_stuck.any()),
    )
    told = shield._senses(car, POSITION, NOW_NS)
    for field, value in senses._asdict().items():
        assert np.array_equal(getattr(told, field), value, equal_nan=field == "ranges_m"), field
    everything = senses._replace(points_base=all_hits)
    verdict = limit(wanted, Twist2(0.2), everything, Fences.of(SITE.zones), CAR)
    assert shield.verdict(wanted, car, POSITION, NOW_NS) == verdict
