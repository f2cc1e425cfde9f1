"""Glass, mirrors, dark walls and curtains, as light and sound see them."""

from __future__ import annotations

import ctypes
import math
from dataclasses import replace

import numpy as np
import pytest
from sim_host import room

from sim.sensors.lidar import Lidar, LidarParameters
from sim.sensors.sonar import SonarParameters, Sonars
from sim.world.surfaces import CURTAIN, DARK, GLASS, MIRROR, PLASTER, SHELF, Material, Surfaces
from sim.world.walls import World

Pose = tuple[float, float, float]
QUIET = LidarParameters(mount=(0.0, 0.0, 0.0), sigma_m=0.0, dropout=0.0)
ONE = SonarParameters(mounts=((0.0, 0.0, 0.0),), sigma_m=0.0, scale_sigma=0.0)
DISCS = np.empty((0, 3))


def scans(world: World, pose: Pose, parameters: LidarParameters = QUIET, turns: int = 1) -> np.ndarray:
    """Return the distances of some turns, shape (turns, beams)."""
    lidar, place, rows = Lidar(parameters, 4, 10_000), (ctypes.c_double * 3)(*pose), []
    for step in range(10 * turns):
        lidar.step(step, (world.address, 0, 0), ctypes.addressof(place), ctypes.addressof(place))
        if step % 10 == 9:
            rows.append(lidar.distance_m.copy())
    return np.array(rows)


def ping(
    world: World, pose: Pose, parameters: SonarParameters = ONE, discs: np.ndarray = DISCS, pings: int = 1
) -> Sonars:
    sonars, place, codes = Sonars(parameters, 4), (ctypes.c_double * 3)(*pose), (ctypes.c_uint16 * 8)()
    for step in range(6 * pings):
        sonars.step(
            step,
            (world.address, len(discs), discs.ctypes.data),
            ctypes.addressof(place),
            ctypes.addressof(codes),
        )
    return sonars


def behind(material: Material) -> World:
    """A wall of something at 2 m, plaster at 4 m."""
    walls = [[2.0, -9.0, 2.0, 9.0], [4.0, -9.0, 4.0, 9.0]]
    return World.from_walls(walls, surfaces=Surfaces([material, PLASTER]))


class TestLight:
    """A lidar at the origin."""

    def test_through_glass_it_sees_what_is_behind_but_for_the_beam_that_is_square(self) -> None:
        rows = scans(behind(GLASS), (0.0, 0.0, 0.0), turns=40)
        bearing = math.radians(20.0)
        beyond = np.isclose(rows[:, 20], 4.0 / math.cos(bearing), atol=1e-5)
        before = np.isclose(rows[:, 20], 2.0 / math.cos(bearing), atol=1e-9)
        assert (beyond | before).all()
        assert beyond.mean() == pytest.approx(0.9, abs=0.15)
        assert (rows[:, 0] == 2.0).all()

    def test_a_mirror_shows_the_room_behind_itself(self) -> None:
        walls = np.array([*room(4.0, 4.0)])
        mirrored = World.from_walls(walls, surfaces=Surfaces([PLASTER, MIRROR, PLASTER, PLASTER]))
        rows = scans(mirrored, (2.0, 2.0, 0.0), turns=20)
        bearing = math.radians(15.0)
        unfolded = 6.0 / math.cos(bearing)  # to the wall at x = 4 and back to the one at x = 0
        seen = rows[:, 15]
        assert np.isclose(seen, unfolded, atol=1e-5).mean() > 0.7

    def test_a_dark_wall_is_seen_from_near_only(self) -> None:
        far = World.from_walls([[4.0, -9.0, 4.0, 9.0]], surfaces=Surfaces([DARK]))
        near = World.from_walls([[1.5, -9.0, 1.5, 9.0]], surfaces=Surfaces([DARK]))
        assert scans(far, (0.0, 0.0, 0.0))[0, 20] == math.inf
        assert scans(near, (0.0, 0.0, 0.0))[0, 20] == pytest.approx(1.5 / math.cos(math.radians(20.0)))

    def test_plaster_named_as_such_changes_nothing(self) -> None:
        walls = room()
        plain, named = World.from_walls(walls), World.from_walls(walls, surfaces=Surfaces([PLASTER] * 4))
        pose = (3.0, 2.0, 0.3)
        np.testing.assert_array_equal(scans(plain, pose), scans(named, pose))


class TestSound:
    """A sonar at the origin."""

    WALL = ((2.0, -9.0, 2.0, 9.0),)

    def heard(self, material: Material, turned: float = 0.0, parameters: SonarParameters = ONE) -> float:
        world = World.from_walls(self.WALL, surfaces=Surfaces([material]))
        return float(ping(world, (0.0, 0.0, turned), parameters).struct.distance_m[0])

    def test_a_curtain_swallows_the_echo_of_a_wall_that_is_not_near(self) -> None:
        assert self.heard(PLASTER) == pytest.approx(2.0)
        assert self.heard(CURTAIN) == math.inf
        assert self.heard(replace(CURTAIN, sonar=0.7)) == pytest.approx(2.0)

    def test_a_shelf_answers_where_a_smooth_wall_throws_the_sound_aside(self) -> None:
        assert self.heard(PLASTER, turned=0.75) == math.inf
        assert self.heard(SHELF, turned=0.75) < 2.6

    def test_people_in_thick_clothes_are_heard_from_near_only(self) -> None:
        far_off = World.from_walls([[90.0, 0.0, 91.0, 0.0]], cell_m=5.0)
        muffled = replace(ONE, person=0.5)
        for x, heard in ((1.5, True), (2.5, False)):
            discs = np.array([[x, 0.0, 0.25]])
            seen = ping(far_off, (0.0, 0.0, 0.0), muffled, discs).struct.distance_m[0]
            assert math.isfinite(seen) == heard


class TestCrosstalk:
    """Two sonars that fire together; one looks at a near wall, the other away from everything."""

    APART = replace(ONE, mounts=((0.0, 0.0, 0.0), (0.0, 0.0, math.pi)), groups=1)
    WALL = World.from_walls([[1.0, -5.0, 1.0, 5.0]])

    def heard_by_the_other(self, chance: float, seed: int = 4) -> float:
        """Return the share of the pings in which the second sonar hears the echo of the first."""
        sonars = Sonars(replace(self.APART, crosstalk=chance), seed)
        place, codes, heard = (ctypes.c_double * 3)(), (ctypes.c_uint16 * 8)(), 0
        for step in range(0, 6000, 6):
            sonars.step(step, (self.WALL.address, 0, 0), ctypes.addressof(place), ctypes.addressof(codes))
            assert codes[0] == 1000
            heard += codes[1] == 1000
            assert codes[1] in {1000, 0xFFFF}
        return heard / 1000

    def test_it_happens_as_often_as_it_was_set(self) -> None:
        assert self.heard_by_the_other(0.0) == 0.0
        assert self.heard_by_the_other(0.2) == pytest.approx(0.2, abs=0.05)

    def test_it_does_not_change_the_noise_of_the_readings(self) -> None:
        loud = replace(self.APART, sigma_m=0.01)
        place, quiet_codes, codes = (ctypes.c_double * 3)(), (ctypes.c_uint16 * 8)(), (ctypes.c_uint16 * 8)()
        quiet, crossed = Sonars(loud, 9), Sonars(replace(loud, crosstalk=0.3), 9)
        for step in range(0, 1200, 6):
            around = (self.WALL.address, 0, 0)
            quiet.step(step, around, ctypes.addressof(place), ctypes.addressof(quiet_codes))
            crossed.step(step, around, ctypes.addressof(place), ctypes.addressof(codes))
            assert codes[0] == quiet_codes[0]


def test_what_is_no_surface_is_refused() -> None:
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        Material(passes=0.8, mirrors=0.3)
    with pytest.raises(ValueError, match="3 materials for 4 walls"):
        World.from_walls(room(), surfaces=Surfaces([PLASTER] * 3))
