"""What the controller makes of its IMU, step by step as the textbook of this file has it, and its limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import pytest
from car import Car, config

from firmware_protocol.messages import ArmCheck

GRAVITY_MPS2: Final = 9.80665
LEVEL: Final = (0, 0, 9807)
STILL: Final = (0, 0, 0)
PERIOD_US: Final = 10_000
WATCHED: Final = ArmCheck.TILTED | ArmCheck.IMU_SILENT | ArmCheck.IMU_IMPLAUSIBLE


class Moment(NamedTuple):
    """What the sensors say in one step: wire integers, and the time since the step before."""

    felt: tuple[int, int, int] = LEVEL  # mm/s2
    turning: tuple[int, int, int] = STILL  # 0.5 mrad/s
    ticks: tuple[int, int] = (0, 0)
    is_fresh: bool = True
    elapsed_us: int = PERIOD_US


def is_inclined(felt: np.ndarray, limit_rad: float) -> bool:
    """Whether this is felt at so large an angle from the upright."""
    return bool(felt[2] <= 0.0) or math.atan2(math.hypot(felt[0], felt[1]), felt[2]) > limit_rad


def clamped(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)


class Textbook:
    """The watch over the IMU of a car with two driven wheels, in double precision."""

    def __init__(self, metres_per_tick: float, tilt_rad: float, tilt_us: int) -> None:
        self._metres_per_tick, self._tilt_rad, self._tilt_us = metres_per_tick, tilt_rad, tilt_us
        self._now_us = 0
        self._past: list[tuple[int, int]] = []  # time, and the counts of both wheels together
        self._speed_mps = self._accel_mps2 = 0.0
        self._heard_us: int | None = None
        self._tilted_us = self._implausible_us = 0
        self._is_tilted = False

    def after(self, moment: Moment) -> ArmCheck:
        """Return what keeps the car from being armed; wheels that turn hide what is implausible."""
        elapsed_us = moment.elapsed_us if self._past else 0
        self._now_us += elapsed_us
        self._follow_wheels(sum(moment.ticks), 1e-6 * elapsed_us)
        self._implausible_us = max(0, self._implausible_us - elapsed_us)
        if moment.is_fresh:
            self._take(moment)
        elif self._heard_us is not None and self._now_us - self._heard_us >= 100_000:
            self._heard_us = None
        return (
            (ArmCheck.TILTED if self._is_tilted else ArmCheck(0))
            | (ArmCheck.IMU_SILENT if self._heard_us is None else ArmCheck(0))
            | (ArmCheck.IMU_IMPLAUSIBLE if self._implausible_us else ArmCheck(0))
        )

    def _follow_wheels(self, counts: int, elapsed_s: float) -> None:
        then_us, then_counts = self._past[-3:][0] if self._past else (self._now_us, counts)
        self._past.append((self._now_us, counts))
        window_s = 1e-6 * (self._now_us - then_us)
        speed_mps = (counts - then_counts) * self._metres_per_tick / 2 / window_s if window_s else 0.0
        if elapsed_s:
            accel_mps2 = (speed_mps - self._speed_mps) / elapsed_s
            self._accel_mps2 += (accel_mps2 - self._accel_mps2) * elapsed_s / (elapsed_s + 0.03)
        self._speed_mps = speed_mps

    def _take(self, moment: Moment) -> None:
        since_us = 0 if self._heard_us is None else self._now_us - self._heard_us
        self._heard_us = self._now_us
        felt, turning = 0.001 * np.array(moment.felt), 0.0005 * np.array(moment.turning)
        curve_mps2 = self._speed_mps * turning[2]
        besides = np.array([clamped(self._accel_mps2, 6.0), clamped(curve_mps2, 6.0), 0.0])
        looks_tilted = bool(np.linalg.norm(felt) < 0.5 * GRAVITY_MPS2) or (
            is_inclined(felt, self._tilt_rad) and is_inclined(felt - besides, self._tilt_rad)
        )
        self._tilted_us = min(
            max(self._tilted_us + (since_us if looks_tilted else -since_us), 0), self._tilt_us
        )
        if self._tilted_us in {0, self._tilt_us}:
            self._is_tilted = self._tilted_us > 0
        share = np.linalg.norm(felt) / GRAVITY_MPS2
        if not 0.85 < share < 1.15 or np.linalg.norm(turning) >= 0.1:
            self._implausible_us = 200_000


class Bench:
    """A disarmed car whose sensors are told what they say, and its textbook."""

    def __init__(self, tilt_mrad: int = 436, tilt_ms: int = 30) -> None:
        self.car = Car(
            config(tilt_mrad=tilt_mrad, tilt_ms=tilt_ms, metres_per_tick=0.0005), start_us=2**32 - 500_000
        )
        self.car.imu_is_told = False
        self._textbook = Textbook(0.0005, 0.001 * tilt_mrad, 1000 * tilt_ms)

    def step(self, moment: Moment) -> tuple[ArmCheck, ArmCheck]:
        """Return what the car says, and what it should say."""
        inputs = self.car.inputs
        inputs.now_us = (inputs.now_us - PERIOD_US + moment.elapsed_us) % 2**32
        inputs.accel_mmps2[:], inputs.gyro_500urad[:] = moment.felt, moment.turning
        inputs.ticks[:2], inputs.imu_fresh = moment.ticks, int(moment.is_fresh)
        self.car.step_without_wheels()
        said, wanted = ArmCheck(self.car.status.arm_checks), self._textbook.after(moment)
        if said & ArmCheck.WHEELS_MOVING:
            wanted &= ~ArmCheck.IMU_IMPLAUSIBLE
        return said & WATCHED, wanted

    def says(self, moment: Moment) -> ArmCheck:
        """Return what the car says, which is what it should say."""
        said, wanted = self.step(moment)
        assert said == wanted
        return said


def leaning(rng: np.random.Generator, limit_rad: float) -> tuple[int, int, int]:
    """Return an acceleration in mm/s2: most of them lean about as far as is allowed."""
    angle_rad = limit_rad + rng.choice([-0.3, -0.02, -0.004, 0.004, 0.02, 0.3, 2.0])
    around_rad = rng.choice([*(0.5 * math.pi * np.arange(4)), rng.uniform(0.0, math.tau)])
    size = 1000.0 * rng.choice([GRAVITY_MPS2, GRAVITY_MPS2, 4.85, 4.95, 8.30, 8.37, 11.24, 11.31, 20.0])
    aside = math.sin(angle_rad)
    felt = size * np.array([aside * math.cos(around_rad), aside * math.sin(around_rad), math.cos(angle_rad)])
    x, y, z = np.round(felt).astype(int).tolist()
    return x, y, z


def outings(rng: np.random.Generator, limit_rad: float) -> Iterator[Moment]:
    """Yield the moments of a car that is pushed, carried, shaken and tilted."""
    ticks = np.zeros(2)
    speed = 0.0  # counts per second
    left = right = 0
    for _ in range(12):
        felt = LEVEL if rng.random() < 0.2 else leaning(rng, limit_rad)
        turning = tuple(rng.choice([0, 0, 0, 100, 140, 198, 202, -198, -202, 3000, -6000], 3).tolist())
        speeding = rng.choice([0.0, 0.0, 2000.0, -4000.0, 8000.0, 11_500.0, -20_000.0])
        speed *= rng.choice([0.0, 1.0])
        for _ in range(int(rng.integers(2, 12))):
            elapsed_us = int(rng.choice([10_000, 10_000, 9_000, 20_000, 33_333]))
            speed = clamped(speed + speeding * 1e-6 * elapsed_us, 6000.0)
            ticks += speed * 1e-6 * elapsed_us
            left, right = np.floor(ticks).astype(int).tolist()
            yield Moment(felt, turning, (left, right), bool(rng.random() < 0.85), elapsed_us)
        for _ in range(int(rng.choice([0, 0, 8, 11]))):
            yield Moment(felt, turning, (left, right), is_fresh=False)


@pytest.mark.parametrize("seed", range(40))
def test_every_step_is_that_of_the_textbook(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tilt_mrad = int(rng.choice([87, 200, 436, 785]))
    bench = Bench(tilt_mrad, int(rng.choice([20, 30, 55])))
    for moment in outings(rng, 0.001 * tilt_mrad):
        said, wanted = bench.step(moment)
        assert said == wanted, moment


class TestTime:
    def test_it_is_silent_after_a_tenth_of_a_second_and_not_a_microsecond_earlier(self) -> None:
        bench = Bench()
        for _ in range(3):
            assert not bench.says(Moment())
            for elapsed_us in (20_000, 30_000, 30_000, 19_999):
                assert not bench.says(Moment(is_fresh=False, elapsed_us=elapsed_us))
            assert bench.says(Moment(is_fresh=False, elapsed_us=1)) == ArmCheck.IMU_SILENT

    def test_one_that_never_spoke_is_silent_from_the_first_step_on(self) -> None:
        assert Bench().says(Moment(is_fresh=False)) == ArmCheck.IMU_SILENT

    @pytest.mark.parametrize("senseless", [Moment(felt=(0, 0, 8000)), Moment(turning=(0, 300, 0))])
    def test_nonsense_is_remembered_for_a_fifth_of_a_second(self, senseless: Moment) -> None:
        bench = Bench()
        for _ in range(30):
            bench.says(Moment())
        assert bench.says(senseless) == ArmCheck.IMU_IMPLAUSIBLE
        for elapsed_us in (*[30_000] * 6, 19_999):
            assert bench.says(Moment(elapsed_us=elapsed_us)) == ArmCheck.IMU_IMPLAUSIBLE
        assert not bench.says(Moment(elapsed_us=1))

    def test_tilt_is_believed_after_tilt_ms_and_so_is_its_end(self) -> None:
        bench = Bench(tilt_ms=60)
        bench.says(Moment())
        for felt, was, becomes in (
            ((9000, 0, 1000), ArmCheck(0), ArmCheck.TILTED),
            (LEVEL, ArmCheck.TILTED, ArmCheck(0)),
        ):
            for elapsed_us in (20_000, 20_000, 19_999):
                assert bench.says(Moment(felt, elapsed_us=elapsed_us)) & ArmCheck.TILTED == was
            assert bench.says(Moment(felt, elapsed_us=1)) & ArmCheck.TILTED == becomes

    def test_more_tilted_readings_than_others_are_a_tilt(self) -> None:
        bench = Bench(tilt_ms=60)
        bench.says(Moment())
        tilted = [
            bench.says(Moment(felt)) for _ in range(20) for felt in ((9000, 0, 1000), (9000, 0, 1000), LEVEL)
        ]
        assert tilted[-1] & ArmCheck.TILTED
        assert not tilted[6] & ArmCheck.TILTED


class TestLimits:
    @pytest.mark.parametrize(
        ("felt_mmps2", "is_tilted", "is_senseless"),
        [
            (4903, True, True),
            (4904, False, True),
            (8335, False, True),
            (8336, False, False),
            (11_277, False, False),
            (11_278, False, True),
        ],
    )
    @pytest.mark.parametrize("axis", [0, 1, 2])
    def test_a_millimetre_per_second_squared_decides(
        self, felt_mmps2: int, is_tilted: bool, is_senseless: bool, axis: int
    ) -> None:
        bench = Bench(tilt_mrad=436)
        felt = [0, 0, felt_mmps2]
        if axis < 2:  # about the same size, leaning a little
            felt = [0, 0, math.isqrt(felt_mmps2**2 - 1000**2)]
            felt[axis] = 1000
        said = [bench.says(Moment((felt[0], felt[1], felt[2]))) for _ in range(30)][-1]
        if axis == 2:
            assert bool(said & ArmCheck.TILTED) is is_tilted
            assert bool(said & ArmCheck.IMU_IMPLAUSIBLE) is is_senseless

    @pytest.mark.parametrize("felt", [(0, 0, 0), (9807, 0, 0), (0, -9807, 0), (0, 0, -9807)])
    def test_on_its_side_upside_down_and_weightless_it_is_tilted(self, felt: tuple[int, int, int]) -> None:
        bench = Bench()
        said = [bench.says(Moment(felt)) for _ in range(5)]
        assert said[-1] & ArmCheck.TILTED

    @pytest.mark.parametrize(("felt_z_mmps2", "is_tilted"), [(-900, True), (0, True), (900, False)])
    def test_what_is_left_without_the_curve_decides_however_little_it_is(
        self, felt_z_mmps2: int, is_tilted: bool
    ) -> None:
        bench = Bench()
        ticks = [20 * step for step in range(30)]  # 1 m/s, and 6.2 rad/s: 6 m/s2 sideways are believed
        said = [bench.says(Moment((0, 6000, felt_z_mmps2), (0, 0, 12_400), (at, at))) for at in ticks]
        assert bool(said[-1] & ArmCheck.TILTED) is is_tilted

    @pytest.mark.parametrize("turning", [(199, 0, 0), (200, 0, 0), (0, -200, 0), (0, 0, 201)])
    def test_a_tenth_of_a_radian_per_second_is_a_turn(self, turning: tuple[int, int, int]) -> None:
        bench = Bench()
        said = [bench.says(Moment(turning=turning)) for _ in range(30)]
        assert bool(said[-1] & ArmCheck.IMU_IMPLAUSIBLE) is (max(map(abs, turning)) >= 200)
