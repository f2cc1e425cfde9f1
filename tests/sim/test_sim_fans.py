"""Rays that go out together are cast together; each still ends where it would have ended alone."""

from __future__ import annotations

import ctypes
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.native import Array
from sim.sensors.lidar import Lidar, LidarParameters
from sim.sensors.sonar import MOUNTS, SonarParameters, Sonars
from sim.world.surfaces import PLASTER, Surfaces
from sim.world.walls import World

PERIOD_US = 10_000
FEW, CROWD = 12, 90  # more people than are kept for one fan
seeds = st.integers(0, 2**32 - 1)


def walls_at(rng: np.random.Generator) -> Array:
    """Return pieces of wall around the origin."""
    return rng.uniform(-6.0, 6.0, (int(rng.integers(1, 20)), 4))


def people_at(rng: np.random.Generator) -> Array:
    """Return discs around the origin; some hold it."""
    count = int(rng.integers(0, FEW if rng.random() < 0.7 else CROWD))
    return np.column_stack([rng.uniform(-5.0, 5.0, (count, 2)), rng.uniform(0.05, 0.6, count)])


def around(world: World, discs: Array) -> tuple[int, int, int]:
    """Return a world and who is in it, as kernels take them."""
    return world.address, len(discs), discs.ctypes.data


@given(seeds, st.sampled_from([(360, 100_000), (500, 166_667), (7, 33_333), (60, 10_000), (90, 20_000)]))
@settings(max_examples=60, deadline=None)
def test_a_lidar_misses_nobody_however_the_car_moves_and_turns(seed: int, turns: tuple[int, int]) -> None:
    """Where walls are of something every beam asks everybody, for it may be thrown anywhere."""
    rng = np.random.default_rng(seed)
    walls, discs, (beams, turn_us) = walls_at(rng), people_at(rng), turns
    mount = (float(rng.uniform(-3.0, 3.0)), float(rng.uniform(-3.0, 3.0)), float(rng.uniform(-4.0, 4.0)))
    worlds = World.from_walls(walls), World.from_walls(walls, surfaces=Surfaces([PLASTER] * len(walls)))
    parameters = LidarParameters(mount=mount, beams=beams, turn_us=turn_us, dropout=0.0)
    both = [(world, Lidar(parameters, 0, PERIOD_US)) for world in worlds]
    poses = np.cumsum(rng.normal(0.0, [0.05, 0.05, 0.1], (41, 3)), axis=0)
    for step in range(40):
        for world, lidar in both:
            at = (poses[step].ctypes.data, poses[step + 1].ctypes.data)
            lidar.step(step, around(world, discs), *at)
        np.testing.assert_array_equal(both[0][1].distance_m, both[1][1].distance_m)


@given(seeds, st.sampled_from([1, 2, 3, 9]), st.sampled_from([0.05, 0.17, 0.6, 1.7]))
@settings(max_examples=60, deadline=None)
def test_the_first_echo_of_a_cone_is_the_first_of_all_its_rays(seed: int, rays: int, half_rad: float) -> None:
    rng = np.random.default_rng(seed)
    discs, world = people_at(rng), World.from_walls(walls_at(rng))
    parameters = SonarParameters(rays=rays, half_cone_rad=half_rad, max_incidence_rad=0.7)
    sonars, pose = Sonars(parameters, 0), rng.uniform(-1.0, 1.0, 3)
    codes = (ctypes.c_uint16 * 8)()
    for step in range(parameters.cycle_steps):
        sonars.step(step, around(world, discs), pose.ctypes.data, ctypes.addressof(codes))
    x, y, yaw = pose.tolist()
    shares = [2.0 * ray / (rays - 1) - 1.0 if rays > 1 else 0.0 for ray in range(rays)]
    for (forward, left, bearing), heard in zip(MOUNTS, sonars.struct.distance_m, strict=True):
        eye = (
            x + math.cos(yaw) * forward - math.sin(yaw) * left,
            y + math.sin(yaw) * forward + math.cos(yaw) * left,
        )
        ways = [yaw + bearing + share * half_rad for share in shares]
        cone = [(*eye, math.cos(way), math.sin(way)) for way in ways]
        ranges, cosines = world.cast(cone, parameters.range_max_m, discs)
        assert heard == min(np.where(cosines >= math.cos(0.7), ranges, math.inf))
