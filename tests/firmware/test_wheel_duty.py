"""The speed loop of one wheel, bit for bit as the textbook of this file has it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes import c_float, c_int32, c_uint32
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import pytest

from firmware_protocol.controller_layout import ConfigStruct
from firmware_protocol.native import library

F = np.float32
MICRO: Final = F(1e-6)
NEVER_BLIND_M: Final = F(0.05)


class WheelStruct(ctypes.Structure):
    """``pcp_wheel_t``."""

    _fields_ = (
        ("speed_mps", c_float),
        ("target_mps", c_float),
        ("integral", c_float),
        ("duty", c_float),
        ("rest_ticks", c_int32),
        ("last_ticks", c_int32),
        ("uncounted_us", c_uint32),
    )


class Loop(NamedTuple):
    """The parameters of a speed loop, and the time between two steps."""

    kff: np.float32 = F(0.86)
    kp: np.float32 = F(2.0)
    ki: np.float32 = F(5.0)
    deadband: np.float32 = F(0.1)
    slew_per_s: np.float32 = F(50.0)
    stall_duty: np.float32 = F(0.5)
    metres_per_tick: np.float32 = NEVER_BLIND_M
    dt_s: np.float32 = F(0.01)


class Wheel(NamedTuple):
    """What one wheel should do, and what it does."""

    target_mps: np.float32
    speed_mps: np.float32
    integral: np.float32 = F(0.0)
    duty: np.float32 = F(0.0)
    uncounted_us: int = 0


def clamped(value: np.float32, limit: np.float32) -> np.float32:
    return min(max(value, -limit), limit)


def textbook(loop: Loop, wheel: Wheel) -> tuple[np.float32, np.float32]:
    """Return the duty and the integral after one step."""
    target, integral, zero = wheel.target_mps, wheel.integral, F(0.0)
    if target == 0.0 and integral * wheel.speed_mps >= 0.0:
        integral = zero  # it never keeps pushing a wheel that should stand
    if target == 0.0 and wheel.speed_mps == 0.0:
        return zero, integral
    is_blind = np.abs(target) * F(wheel.uncounted_us) * MICRO >= F(4.0) * loop.metres_per_tick
    most_proportional, most_step, most = F(100.0), F(1.0), F(1.0)
    if is_blind:
        most_proportional, most_step = F(0.15), F(1.0) * loop.dt_s
        most = min(loop.stall_duty + loop.deadband, F(0.95)) + F(0.05)
    error = target - wheel.speed_mps
    step = clamped(loop.ki * error * loop.dt_s, most_step)
    forward = loop.kff * target + loop.deadband * np.sign(target)
    asked = forward + clamped(loop.kp * error, most_proportional) + integral
    duty = wheel.duty + clamped(clamped(asked, most) - wheel.duty, loop.slew_per_s * loop.dt_s)
    if (asked - duty) * step <= 0.0:  # otherwise the motor can give no more, or its duty is on its way
        integral = clamped(integral + step, F(1.0))
    return duty, integral


def in_c(loop: Loop, wheel: Wheel) -> tuple[np.float32, np.float32]:
    """Return what the controller makes of it."""
    config = ConfigStruct(
        kff=loop.kff,
        kp=loop.kp,
        ki=loop.ki,
        deadband=loop.deadband,
        duty_slew_per_s=loop.slew_per_s,
        stall_duty=loop.stall_duty,
        metres_per_tick=loop.metres_per_tick,
    )
    state = WheelStruct(
        speed_mps=wheel.speed_mps,
        integral=wheel.integral,
        duty=wheel.duty,
        uncounted_us=wheel.uncounted_us,
    )
    step = library()["pcp_wheel_duty"]
    step.argtypes = (ctypes.c_void_p, ctypes.c_void_p, c_float, c_float)
    step.restype = c_float
    duty = step(ctypes.addressof(config), ctypes.addressof(state), wheel.target_mps, loop.dt_s)
    return F(duty), F(state.integral)


def counting_wheels() -> Iterator[tuple[Loop, Wheel]]:
    """Yield wheels that count, on both sides of every limit and on it."""
    for target, speed, integral, duty in product(
        (0.0, 0.02, 0.25, -0.25, 2.5),
        (0.0, 0.25, -0.25, 0.02, 3.0),
        (0.0, 0.3, -0.3, 1.0, -1.0),
        (0.0, 0.9, -0.4),
    ):
        wheel = Wheel(F(target), F(speed), F(integral), F(duty))
        for loop in (Loop(), Loop(slew_per_s=F(2.0)), Loop(ki=F(100.0), dt_s=F(0.05)), Loop(dt_s=F(0.0))):
            yield loop, wheel


def blind_wheels() -> Iterator[tuple[Loop, Wheel]]:
    """Yield wheels that do not count, for so long that they are just blind, a little less, and much more."""
    for target, share, stall_duty, speed, integral in product(
        (0.25, -0.25, 1.0),
        (0.999, 1.0, 1.001, 9.0),
        (0.1, 0.5, 0.849, 0.85, 0.9),
        (0.0, 0.1, -0.1),
        (0.0, 0.95, -1.0),
    ):
        uncounted_us = 40_000
        way = np.abs(F(target)) * F(uncounted_us) * MICRO
        tick = F(way / F(share) / F(4.0))
        for loop in (
            Loop(),
            Loop(slew_per_s=F(2.0)),
            Loop(kp=F(0.5), ki=F(0.5)),
            Loop(kp=F(20.0), ki=F(50.0)),
        ):
            yield (
                loop._replace(metres_per_tick=tick, stall_duty=F(stall_duty)),
                Wheel(F(target), F(speed), F(integral), F(0.5), uncounted_us),
            )


@pytest.mark.parametrize("cases", [counting_wheels, blind_wheels])
def test_every_step_is_that_of_the_textbook(cases: type[Iterator[tuple[Loop, Wheel]]]) -> None:
    for loop, wheel in cases():
        assert in_c(loop, wheel) == textbook(loop, wheel), (loop, wheel)


def test_any_step_is_that_of_the_textbook() -> None:
    rng = np.random.default_rng(1)
    for _ in range(3000):
        loop = Loop(*rng.uniform(0.0, (3, 20, 50, 0.4, 100, 0.9, 0.02, 0.05)).astype(F))
        target, speed, integral, duty = rng.uniform(-1.0, 1.0, 4).astype(F)
        wheel = Wheel(target, speed, integral, duty, int(rng.integers(0, 100_000)))
        assert in_c(loop, wheel) == textbook(loop, wheel), (loop, wheel)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_loop_may_ask_for_a_hundred_times_the_battery_before_it_is_cut(sign: float) -> None:
    loop = Loop(kff=F(40.0), kp=F(100.0), deadband=F(0.0), slew_per_s=F(100.0), dt_s=F(0.05))
    wheel = Wheel(F(sign * -2.5), F(sign * -5.0), F(sign * 0.5))
    assert in_c(loop, wheel)[0] == F(sign * 0.5)  # -100 forward, 250 proportional
    assert in_c(loop, wheel) == textbook(loop, wheel)
