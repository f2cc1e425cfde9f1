"""The constants of the odometry are those of the parameters, to a picometre and to a few parts in 10^12."""

from __future__ import annotations

import ctypes
import math
from fractions import Fraction

import numpy as np
from car import config
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.controller_layout import WHEELS
from firmware_protocol.messages import PARAMETERS, Chassis
from firmware_protocol.native import library

ONE_TURN = 2**64
HAS_WHEELBASE = {Chassis.MECANUM}  # its rollers turn the car with half of track and wheelbase


class Odometry(ctypes.Structure):
    """pcp_odometry_t of pcp_controller.h."""

    _fields_ = (
        ("x_nm", ctypes.c_int64),
        ("y_nm", ctypes.c_int64),
        ("rest_pm", ctypes.c_int64 * 2),
        ("yaw_turn64", ctypes.c_uint64),
        ("pm_per_tick", ctypes.c_int64),
        ("turn64_per_tick", ctypes.c_uint64),
        ("jump_ticks", ctypes.c_int32),
        ("ticks", ctypes.c_int32 * WHEELS),
    )


def allowed(name: str) -> st.SearchStrategy[float]:
    """Return every value that the controller takes for a parameter, its limits among them."""
    (parameter,) = [each for each in PARAMETERS if each.name == name]
    low, high = float(np.float32(parameter.low)), float(np.float32(parameter.high))
    return st.sampled_from([low, high]) | st.floats(low, high, width=32)


@given(allowed("metres_per_tick"), allowed("track"), allowed("wheelbase"), st.sampled_from(Chassis))
def test_travel_and_turn_of_one_count_are_those_of_the_parameters(
    tick_m: float, track_m: float, wheelbase_m: float, chassis: Chassis
) -> None:
    settings = config(metres_per_tick=tick_m, track_m=track_m, wheelbase_m=wheelbase_m, chassis=chassis)
    odometry = Odometry()
    library().pcp_odometry_init(ctypes.byref(odometry), ctypes.byref(settings))
    assert abs(odometry.pm_per_tick - Fraction(tick_m) * 10**12) <= Fraction(1, 2)
    across_m = np.float32(track_m) + np.float32(wheelbase_m if chassis in HAS_WHEELBASE else 0.0)
    wheels = 4 if chassis in {Chassis.MECANUM, Chassis.SKID} else 2
    turn64 = tick_m / (math.pi * float(across_m) * wheels) * ONE_TURN
    assert math.isclose(odometry.turn64_per_tick, turn64, rel_tol=5e-12)
