"""Sensors for the floor, the dock and an arm's length, against geometry."""

from __future__ import annotations

import ctypes
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.native import BatteryStruct, kernels
from sim.sensors.charger import Charger, ChargerParameters
from sim.sensors.cliff import CliffParameters, Cliffs
from sim.sensors.infrared import Infrared, InfraredParameters
from sim.sensors.line import Line, LineParameters
from sim.vehicle.battery import BatteryParameters
from sim.world.floor import BARE, Floor, Paint, Patch, Stripe, painted
from sim.world.surfaces import DARK, GLASS, PLASTER, Surfaces
from sim.world.walls import World

Pose = tuple[float, float, float]
NOTHING, TOO_CLOSE = 0xFFFF, 0xFFFE
QUIET = LineParameters(gain_sigma=0.0, sigma=0.0)
at = ctypes.addressof


def pose_struct(pose: Pose) -> ctypes.Array[ctypes.c_double]:
    return (ctypes.c_double * 3)(*pose)


def seen_from(pose: Pose, spot: tuple[float, float]) -> tuple[float, float]:
    cos, sin = math.cos(pose[2]), math.sin(pose[2])
    return pose[0] + cos * spot[0] - sin * spot[1], pose[1] + sin * spot[0] + cos * spot[1]


class TestCliffs:
    """One in each corner."""

    def bits(self, floor: Floor, pose: Pose, parameters: CliffParameters | None = None) -> int:
        cliffs, place = Cliffs(parameters or CliffParameters()), pose_struct(pose)
        found: int = kernels().sim_cliff_step(cliffs.address, floor.address, at(place))
        return found

    @given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.floats(-3.1, 3.1))
    @settings(max_examples=100, deadline=None)
    def test_a_sensor_speaks_exactly_when_it_is_over_the_hole(self, x: float, y: float, yaw: float) -> None:
        floor = Floor([Patch(((0.0, 0.0), (0.6, 0.1), (0.5, 0.7), (-0.1, 0.5)), hole=True)])
        sides = np.array(
            [[0.0, 0.0, 0.6, 0.1], [0.6, 0.1, 0.5, 0.7], [0.5, 0.7, -0.1, 0.5], [-0.1, 0.5, 0.0, 0.0]]
        )
        expected = 0
        for bit, spot in CliffParameters().at_m.items():
            px, py = seen_from((x, y, yaw), spot)
            left = (sides[:, 2] - sides[:, 0]) * (py - sides[:, 1]) - (sides[:, 3] - sides[:, 1]) * (
                px - sides[:, 0]
            )
            expected |= (1 << bit) * bool((left > 0.0).all())
        assert self.bits(floor, (x, y, yaw)) == expected

    def test_the_front_ones_speak_first_at_a_step(self) -> None:
        floor = Floor([Patch(((1.0, -5.0), (9.0, -5.0), (9.0, 5.0), (1.0, 5.0)), hole=True)])
        assert self.bits(floor, (0.9, 0.0, 0.0)) == 0b0000_1001
        assert self.bits(floor, (0.9, 0.0, math.pi)) == 0b1001_0000

    def test_only_infrared_ones_take_black_tape_for_a_hole(self) -> None:
        floor = Floor(paint=painted([Stripe(((0.15, -1.0), (0.15, 1.0)), 0.04)]))
        assert self.bits(floor, (0.0, 0.0, 0.0)) == 0
        assert self.bits(floor, (0.0, 0.0, 0.0), CliffParameters(blind_level=40)) == 0b0000_1001

    def test_a_ninth_sensor_is_refused(self) -> None:
        with pytest.raises(ValueError, match="bits 0 to 7"):
            CliffParameters({8: (0.0, 0.0)})


class TestLine:
    """Eight cells over tape."""

    def levels(
        self, floor: Floor, pose: Pose, parameters: LineParameters = QUIET, steps: int = 1
    ) -> list[list[int]]:
        line, place, levels = Line(parameters, 1), pose_struct(pose), (ctypes.c_uint8 * 8)()
        rows = []
        for step in range(steps):
            kernels().sim_line_step(line.address, floor.address, at(place), line.noise.row(step), at(levels))
            rows.append(list(levels))
        return rows

    def test_the_cells_over_the_tape_are_dark_and_the_others_bright(self) -> None:
        floor = Floor(paint=painted([Stripe(((-1.0, 0.0), (1.0, 0.0)), 0.02)], cell_m=0.001))
        seen = self.levels(floor, (0.0, 0.0, 0.0))[0]
        assert seen == pytest.approx([BARE, BARE, BARE, 15, 15, BARE, BARE, BARE], abs=1)

    @given(st.floats(-0.3, 0.3), st.floats(-3.1, 3.1), st.integers(0, 10_000))
    @settings(max_examples=40, deadline=None)
    def test_a_cell_reads_the_mean_of_nine_places_of_its_spot(self, y: float, yaw: float, seed: int) -> None:
        levels = np.random.default_rng(seed).integers(0, 256, (80, 90), np.uint8)
        paint = Paint(levels, 0.01, (-0.45, -0.4))
        pose = (0.02, y, yaw)
        expected = []
        for cell in range(8):
            cx, cy = seen_from(pose, (0.12, (3.5 - cell) * 0.009))
            total = 0.0
            for k in range(9):
                turn, off = math.tau * k / 8, 0.0 if k == 0 else 0.003 * math.sqrt(0.5)
                column = math.floor((cx + off * math.cos(turn) + 0.45) / 0.01)
                row = math.floor((cy + off * math.sin(turn) + 0.4) / 0.01)
                inside = 0 <= row < 80 and 0 <= column < 90
                total += int(levels[row, column]) if inside else BARE
            expected.append(total / 9.0)
        assert self.levels(Floor(paint=paint), pose)[0] == pytest.approx(expected, abs=0.51)

    def test_noise_and_unlike_cells_are_those_that_were_set(self) -> None:
        rows = np.array(
            self.levels(Floor(bare=120), (0.0, 0.0, 0.0), LineParameters(sigma=3.0), 3000), dtype=float
        )
        assert rows.std(axis=0) == pytest.approx([math.hypot(3.0, math.sqrt(1 / 12))] * 8, rel=0.06)
        assert 1.0 < rows.mean(axis=0).std() < 12.0

    def test_nothing_comes_back_from_a_hole(self) -> None:
        hole = Patch(((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)), hole=True)
        assert self.levels(Floor([hole]), (0.0, 0.0, 0.0))[0] == [0] * 8

    def test_more_cells_than_the_protocol_carries_are_refused(self) -> None:
        with pytest.raises(ValueError, match="1 to 8 cells"):
            LineParameters(cells=9)


@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
@settings(max_examples=60, deadline=None)
def test_a_stripe_is_dark_within_half_its_width_and_nowhere_else(x: float, y: float) -> None:
    floor = Floor(paint=painted([Stripe(((-0.1, -0.1), (0.1, 0.1)), 0.05)], cell_m=0.002))
    along = min(max((x + y) / 2.0, -0.1), 0.1)
    off = math.hypot(x - along, y - along)
    seen = kernels().sim_paint_at(floor.address, x, y)
    if abs(off - 0.025) > 0.002:
        assert seen == (15 if off < 0.025 else BARE)


class TestCharger:
    """A dock at the origin; the car stands in it looking along x."""

    def charge(self, pose: Pose, battery: BatteryStruct, seconds: float = 0.01, *, dead: bool = False) -> int:
        charger, place, plugged = Charger(ChargerParameters(), [(0.0, 0.0, 0.0)]), pose_struct(pose), 0
        charger.struct.dead = dead
        for _ in range(round(seconds / 0.01)):
            plugged = kernels().sim_charger_step(charger.address, at(place), at(battery))
            taken_a = kernels().sim_battery_charging(at(battery), 0.4)
            kernels().sim_battery_step(at(battery), 0.4 - taken_a, 0.01)
        return plugged

    @pytest.mark.parametrize(
        ("pose", "touches"),
        [((0.0, 0.0, 0.0), 1), ((0.01, -0.01, 0.1), 1), ((0.02, 0.0, 0.0), 0), ((0.0, 0.0, 0.2), 0)],
    )
    def test_the_contacts_touch_when_the_car_stands_right(self, pose: Pose, touches: int) -> None:
        assert self.charge(pose, BatteryParameters().struct()) == touches

    def test_an_empty_battery_takes_the_whole_current_and_a_full_one_tapers_off(self) -> None:
        battery: BatteryStruct = BatteryParameters(charge=0.5, capacity_ah=0.05).struct()
        self.charge((0.0, 0.0, 0.0), battery)
        assert battery.current_a == pytest.approx(0.4 - 1.5)
        self.charge((0.0, 0.0, 0.0), battery, 600.0)
        assert battery.charge == pytest.approx(1.0, abs=0.02)
        assert battery.terminal_v <= 12.6 + 1e-4
        assert battery.current_a == pytest.approx(0.0, abs=0.05)

    def test_a_dead_dock_gives_nothing(self) -> None:
        battery: BatteryStruct = BatteryParameters(charge=0.5).struct()
        assert self.charge((0.0, 0.0, 0.0), battery, dead=True) == 0
        assert battery.current_a == pytest.approx(0.4)


class TestInfrared:
    """A GP2Y0A21 that looks along x."""

    ONE = InfraredParameters(mounts={7: (0.0, 0.0, 0.0)}, sigma_v=0.0)

    def read(
        self, distance: float, parameters: InfraredParameters | None = None, **world: object
    ) -> list[int]:
        walls = World.from_walls([[distance, -5.0, distance, 5.0]], **world)  # type: ignore[arg-type]
        sensor, place, codes = (
            Infrared(parameters or self.ONE, 2),
            pose_struct((0.0, 0.0, 0.0)),
            (ctypes.c_uint16 * 8)(),
        )
        rows = []
        for step in range(0, 400, 4):
            fresh = kernels().sim_infrared_step(
                sensor.address, walls.address, 0, None, at(place), step, sensor.noise.row(step), at(codes)
            )
            assert fresh == 0b1000_0000
            rows.append(codes[7])
        return rows

    @given(st.floats(0.11, 0.75))
    @settings(max_examples=40, deadline=None)
    def test_without_noise_the_reading_is_off_by_no_more_than_a_step_of_the_converter(
        self, distance: float
    ) -> None:
        volts_per_step, slope = self.ONE.step_v, self.ONE.volts_per_m_inverse / distance**2
        assert self.read(distance)[0] * 1e-3 == pytest.approx(
            distance, abs=0.55 * volts_per_step / slope + 6e-4
        )

    def test_the_voltages_of_the_data_sheet_come_out(self) -> None:
        p = InfraredParameters()
        assert p.volts_per_m_inverse / 0.10 + p.volts_far == pytest.approx(2.3, abs=0.05)
        assert p.volts_per_m_inverse / 0.80 + p.volts_far == pytest.approx(0.4, abs=0.05)

    def test_a_hand_at_three_centimetres_looks_like_a_wall_much_farther_away(self) -> None:
        assert 150 < self.read(0.03)[0] < 250

    def test_beyond_its_range_it_sees_nothing_and_nearer_than_it_can_it_says_too_close(self) -> None:
        assert self.read(0.9)[0] == NOTHING
        assert self.read(0.09)[0] == TOO_CLOSE

    def test_far_readings_are_noisier_than_near_ones_and_dark_ones_noisier_still(self) -> None:
        noisy = replace(self.ONE, sigma_v=0.01)
        near, far = np.std(self.read(0.2, noisy)), np.std(self.read(0.6, noisy))
        dark = np.std(self.read(0.4, noisy, surfaces=Surfaces([DARK])))
        assert far > 5.0 * near
        assert dark > 2.0 * np.std(self.read(0.4, noisy, surfaces=Surfaces([PLASTER])))

    def test_it_looks_through_glass(self) -> None:
        assert self.read(0.4, surfaces=Surfaces([GLASS]))[0] == NOTHING

    def test_between_two_measurements_nothing_is_fresh(self) -> None:
        walls, sensor = World.from_walls([[0.3, -5.0, 0.3, 5.0]]), Infrared(self.ONE, 2)
        place, codes = pose_struct((0.0, 0.0, 0.0)), (ctypes.c_uint16 * 8)()
        fresh = kernels().sim_infrared_step(
            sensor.address, walls.address, 0, None, at(place), 5, 5, at(codes)
        )
        assert (fresh, list(codes)) == (0, [0] * 8)

    def test_a_place_that_ranges_does_not_have_is_refused(self) -> None:
        with pytest.raises(ValueError, match="places 0 to 7"):
            InfraredParameters(mounts={8: (0.0, 0.0, 0.0)})
