"""What is wrong with a wheel, as a textbook would have it: for the tests alone, and in double precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from car import SESSION, Car, config
from textbook import Body, body_of, rims_of, wheels_used

from firmware_protocol.messages import Capability, Cause, Chassis, Drive, State

F = np.float32
PERIOD_US: Final = 10_000
ACCEL_MPS2: Final = 9.7  # odd: no wheel is told exactly 0 on its way
TRACK_M, WHEELBASE_M = 0.2, 0.16
DEADBAND, STALL_DUTY, DUTY_PER_MPS = 0.05, 0.3, 1.0
STALL_MS, WHEEL_MS = 200, 60
YAW_SHARE: Final = {Chassis.DIFFERENTIAL: 0.5, Chassis.SKID: 1.2, Chassis.MECANUM: 0.7}


class Moment(NamedTuple):
    """What is wanted and what happens in one step."""

    wanted: Body
    rims_mps: Sequence[float]
    turning_radps: float | None = None  # as the gyro has it; None: as the wheels have it
    elapsed_us: int = PERIOD_US


class Lasting:
    """How long something has lasted without a break, from its first sight on."""

    def __init__(self) -> None:
        self.held_us: int | None = None

    def is_over(self, limit_us: int, elapsed_us: int, *, now: bool) -> bool:
        """Whether it is there and has lasted for so long."""
        self.held_us = None if not now else 0 if self.held_us is None else self.held_us + elapsed_us
        return self.held_us is not None and self.held_us >= limit_us

    @property
    def is_new(self) -> bool:
        """Whether it was not there in the step before."""
        return self.held_us is None


class WheelWatch:
    """What is remembered of one wheel."""

    def __init__(self) -> None:
        self.target_mps = self.duty = self.speed_mps = self.expected_mps = 0.0
        self.wrong_way_m = self.wrong_way_mps = self.coasting_mps = 0.0
        self.uncounted_us = 0
        self.stalled, self.dead, self.astray, self.runaway = Lasting(), Lasting(), Lasting(), Lasting()

    def share_astray(self) -> float:
        """Return how far the speed is from what it may be, as a share of what is tolerated."""
        low, high = sorted((self.target_mps, self.expected_mps))
        error_mps = max(low - self.speed_mps, self.speed_mps - high)
        return error_mps / (0.08 + 0.35 * max(abs(low), abs(high)))


class Textbook:
    """The watch over the wheels, in double precision."""

    def __init__(self, chassis: Chassis, tick_m: float, *, has_gyro: bool, slew_per_s: float) -> None:
        self._chassis, self._tick_m, self._has_gyro = chassis, tick_m, has_gyro
        self.counting_us = int(F(2.0) * F(tick_m) / F(0.05) / F(1e-6))  # as a float has it
        self._moving_mps = max(0.05, 1.5 * tick_m / 0.03)
        self._slew_per_s = slew_per_s
        self.set = Body(0.0, 0.0, 0.0)
        self.wheels = [WheelWatch() for _ in range(wheels_used(chassis))]
        self.yaw = Lasting()

    def found(
        self, speeds_mps: Sequence[float], counted: Sequence[bool], gyro_radps: float, moment: Moment
    ) -> set[Cause]:
        """Return what is wrong in this step, before the ramp goes on."""
        elapsed_us = min(moment.elapsed_us, 50_000)
        elapsed_s = 1e-6 * elapsed_us
        for wheel, speed_mps, has_counted in zip(self.wheels, speeds_mps, counted, strict=True):
            wheel.speed_mps = speed_mps
            wheel.uncounted_us = 0 if has_counted else wheel.uncounted_us + moment.elapsed_us
            wheel.expected_mps += (wheel.target_mps - wheel.expected_mps) * elapsed_s / (elapsed_s + 0.15)
        causes = {
            cause for at in range(len(self.wheels)) for cause in self._of_wheel(at, elapsed_us, gyro_radps)
        }
        told_radps = body_of(self._chassis, speeds_mps, TRACK_M, WHEELBASE_M).wz_radps
        tolerated_radps = 0.35 + YAW_SHARE[self._chassis] * abs(told_radps)
        is_off = self._has_gyro and any(self.set) and abs(gyro_radps - told_radps) > tolerated_radps
        if self.yaw.is_over(2000 * WHEEL_MS, elapsed_us, now=is_off):
            causes.add(Cause.YAW_MISMATCH)
        return causes

    def _of_wheel(self, at: int, elapsed_us: int, gyro_radps: float) -> set[Cause]:
        wheel, causes = self.wheels[at], set()
        patience_us = 1000 * WHEEL_MS + self.counting_us
        speed_mps, duty = abs(wheel.speed_mps), abs(wheel.duty)
        if wheel.stalled.is_over(
            1000 * STALL_MS + self.counting_us,
            elapsed_us,
            now=duty >= STALL_DUTY + DEADBAND and speed_mps < 0.02,
        ):
            causes.add(Cause.STALL)
        others_mps = abs(self._by_others(at, gyro_radps))
        is_dead = duty >= DEADBAND + 0.15 and wheel.uncounted_us > 0 and others_mps >= self._moving_mps
        if wheel.dead.is_over(patience_us, elapsed_us, now=is_dead):
            causes.add(Cause.ENCODER_DEAD)
        follows = any(
            other is not wheel and abs(other.target_mps) >= 0.05 and other.share_astray() < 0.5
            for other in self.wheels
        )
        if wheel.astray.is_over(patience_us, elapsed_us, now=wheel.share_astray() > 1.0 and follows):
            causes.add(Cause.WHEEL_MISMATCH)
        return causes | self._of_direction(wheel, elapsed_us, patience_us)

    def _of_direction(self, wheel: WheelWatch, elapsed_us: int, patience_us: int) -> set[Cause]:
        causes, speed_mps = set(), abs(wheel.speed_mps)
        is_pulled = wheel.target_mps * wheel.duty > 0.0 and abs(wheel.duty) > DEADBAND
        is_against = is_pulled and wheel.target_mps * wheel.speed_mps < 0.0
        is_slowing = speed_mps < wheel.wrong_way_mps
        wheel.wrong_way_mps = speed_mps
        way_m = wheel.wrong_way_m if is_slowing else wheel.wrong_way_m + speed_mps * 1e-6 * elapsed_us
        wheel.wrong_way_m = way_m if is_against else 0.0
        if wheel.wrong_way_m >= 0.02 + 2.0 * self._tick_m:
            causes.add(Cause.ENCODER_SIGN)
        should_stand = not any(self.set)
        is_coasting = speed_mps < 0.8 * wheel.coasting_mps
        if not should_stand or is_coasting or wheel.runaway.is_new:
            wheel.coasting_mps = speed_mps
        runs = should_stand and not is_coasting and speed_mps >= self._moving_mps
        if wheel.runaway.is_over(patience_us + 50_000, elapsed_us, now=runs):
            causes.add(Cause.RUNAWAY)
        return causes

    def _by_others(self, at: int, gyro_radps: float) -> float:
        wheels = self.wheels
        if self._chassis == Chassis.SKID:
            return wheels[(at + 2) % 4].speed_mps
        if self._chassis == Chassis.MECANUM:
            mine, across = (0, 1) if at < 2 else (2, 3), (2, 3) if at < 2 else (0, 1)
            return sum(wheels[i].speed_mps for i in across) - sum(
                wheels[i].speed_mps for i in mine if i != at
            )
        commanded_radps = (wheels[1].target_mps - wheels[0].target_mps) / TRACK_M
        across_mps = (gyro_radps if self._has_gyro else commanded_radps) * TRACK_M
        return wheels[1].speed_mps - across_mps if at == 0 else wheels[0].speed_mps + across_mps

    def drive(self, wanted: Body, elapsed_us: int) -> None:
        """Let ramp and speed loops go on."""
        step_mps = ACCEL_MPS2 * 1e-6 * min(elapsed_us, 20_000)
        now, then = (
            np.array(rims_of(self._chassis, body, TRACK_M, WHEELBASE_M)) for body in (self.set, wanted)
        )
        share = min([1.0, *(step_mps / abs(way) for way in then - now if way)])
        self.set = (
            wanted
            if share >= 1.0
            else Body(*(np.array(self.set) + share * (np.array(wanted) - np.array(self.set))))
        )
        for wheel, target in zip(
            self.wheels, rims_of(self._chassis, self.set, TRACK_M, WHEELBASE_M), strict=True
        ):
            wheel.target_mps = float(target)
            is_blind = abs(wheel.target_mps) * 1e-6 * wheel.uncounted_us >= 4.0 * self._tick_m
            limit = STALL_DUTY + DEADBAND + 0.05 if is_blind else 1.0
            asked = DUTY_PER_MPS * wheel.target_mps + math.copysign(DEADBAND, wheel.target_mps) * bool(target)
            stands = target == 0.0 and wheel.speed_mps == 0.0
            slew = self._slew_per_s * 1e-6 * min(elapsed_us, 20_000)
            change = max(-slew, min(slew, max(-limit, min(limit, asked)) - wheel.duty))
            wheel.duty = 0.0 if stands else wheel.duty + change


class Bench:
    """An armed car whose wheels turn as the test says, and its textbook."""

    def __init__(
        self, chassis: Chassis, tick_m: float = 0.0002, *, has_gyro: bool = True, slew_per_s: float = 100.0
    ) -> None:
        loop = {
            "kff": DUTY_PER_MPS,
            "kp": 0.0,
            "ki": 0.0,
            "deadband": DEADBAND,
            "duty_slew_per_s": slew_per_s,
        }
        limits = {"stall_duty": STALL_DUTY, "stall_ms": STALL_MS, "wheel_ms": WHEEL_MS, "tilt_mrad": 785}
        size = {
            "track_m": TRACK_M,
            "wheelbase_m": WHEELBASE_M,
            "metres_per_tick": tick_m,
            "max_speed_mps": 1.0,
        }
        ramp = {
            "accel_mps2": ACCEL_MPS2,
            "decel_mps2": ACCEL_MPS2,
            "max_turn_radps": 10.0,
            "host_silent_ms": 5000,
        }
        fitted = {"capabilities": Capability.IMU if has_gyro else 0, "range_mask": 0, "chassis": chassis}
        self.car = Car(config(**{**loop, **limits, **size, **ramp, **fitted}))
        self.car.run(1100)
        self.car.imu_is_told = False
        self.car.armed()
        self.textbook = Textbook(chassis, tick_m, has_gyro=has_gyro, slew_per_s=slew_per_s)
        self._tick_m = tick_m
        self._travel = np.zeros(len(self.textbook.wheels))
        self._past = [(at * PERIOD_US, tuple([0] * len(self.textbook.wheels))) for at in (-2, -1, 0)]
        self._now_us = self._count = 0

    def step(self, moment: Moment) -> set[Cause]:
        """Let one step pass; return what the textbook finds, which is what the car finds."""
        car, book = self.car, self.textbook
        self._now_us += moment.elapsed_us
        self._travel += np.array(moment.rims_mps) * 1e-6 * moment.elapsed_us
        counts = tuple(np.floor(self._travel / self._tick_m + 0.5).astype(int).tolist())
        then_us, then = self._past[-3]
        counted = [now != before for now, before in zip(counts, self._past[-1][1], strict=True)]
        self._past = [*self._past[-2:], (self._now_us, counts)]
        # in single precision, so that two speeds that are equal to the car are equal here
        per_count_mps = F(self._tick_m) / (F(self._now_us - then_us) * F(1e-6))
        speeds = [float(F(now - before) * per_count_mps) for now, before in zip(counts, then, strict=True)]
        told_radps = body_of(car.settings.chassis, speeds, TRACK_M, WHEELBASE_M).wz_radps
        gyro = round(2000 * (told_radps if moment.turning_radps is None else moment.turning_radps))
        car.inputs.gyro_500urad[2] = gyro
        car.inputs.ticks[: len(counts)] = counts
        car.inputs.now_us = (car.inputs.now_us - PERIOD_US + moment.elapsed_us) % 2**32
        self._count += 1
        car.send(Drive(SESSION, self._count, 500, *moment.wanted))
        car.step_without_wheels()
        causes = book.found(speeds, counted, 0.0005 * gyro, moment)
        if causes:
            assert (car.status.state, Cause(car.status.cause)) != (State.ARMED, Cause.NONE), (moment, causes)
            assert car.status.state == State.STOPPED, (moment, causes)
            assert car.status.cause in causes
        else:
            assert car.status.state == State.ARMED, (moment, Cause(car.status.cause))
            book.drive(moment.wanted, moment.elapsed_us)
        return causes
