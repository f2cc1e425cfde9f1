"""The host's time of a stamp comes from the fitted clock when there is one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.clock import WRAP_US, ClockFit
from firmware_protocol.messages import MAGIC, MAJOR, MINOR, SCHEMA, Capability, Hello, Wheels
from patrolcar.state import CarState
from patrolcar.timebase import Timebase
from patrolcar.vehicle import Vehicle

NOW_NS = 5_000_000_000


def wheels(stamp_us: int) -> Wheels:
    return Wheels(stamp_us % WRAP_US, (0, 0, 0, 0), (0.0,) * 4, (0.0,) * 4)


@given(st.integers(0, WRAP_US - 1), st.floats(-0.02, 0.02), st.integers(-60, 60))
def test_a_fitted_clock_is_believed_and_not_the_arrival(zero_us: int, skew: float, away_s: int) -> None:
    fit = ClockFit(NOW_NS, zero_us, skew, 2_000_000)
    late_ns = 400_000_000  # how long the message lay somewhere
    car = CarState().updated([wheels(zero_us)], Vehicle(), NOW_NS + late_ns, fit)
    assert car.timebase is not None
    found_ns = car.timebase.host_ns((zero_us + 1_000_000 * away_s) % WRAP_US)
    assert abs(found_ns - NOW_NS - away_s * 1e9 * (1.0 + skew)) < 2


def test_a_clock_that_is_no_longer_known_is_learned_anew_from_arrivals() -> None:
    fit = ClockFit(0, 0, 0.0, 2_000_000)
    car = CarState().updated([wheels(1_000)], Vehicle(), NOW_NS, fit)
    for turn in range(1, 4):
        car = car.updated([wheels(1_000 + 20_000 * turn)], Vehicle(), NOW_NS + 20_000_000 * turn, fit)
    hours_later_us, hours_later_ns = (
        3 * 3_600_000_000,
        NOW_NS + 3 * 3_600_000_000_000,
    )  # its stamps wrapped twice
    car = car.updated([wheels(hours_later_us)], Vehicle(), hours_later_ns, None)
    assert car.timebase is not None
    assert car.timebase.host_ns(hours_later_us % WRAP_US) == hours_later_ns
    car = car.updated([wheels(hours_later_us + 20_000)], Vehicle(), hours_later_ns + 25_000_000, None)
    assert car.timebase is not None
    late_ns = car.timebase.host_ns((hours_later_us + 20_000) % WRAP_US) - hours_later_ns - 20_000_000
    assert 0 <= late_ns < 10_000


def test_without_a_fit_the_arrival_is_all_there_is() -> None:
    base = Timebase.first(7_000, NOW_NS)
    assert base.host_ns(7_000) == NOW_NS
    assert base.with_fit(ClockFit(0, 7_000, 0.0, 0)).host_ns(7_000) == 0
    assert base.with_fit(ClockFit(0, 7_000, 0.0, 0)).with_fit(None).host_ns(7_000) == NOW_NS


def test_the_car_tells_what_it_has() -> None:
    assert CarState().capabilities == Capability(0)
    has = Capability.RANGES | Capability.STEERING
    uid = bytes(12)
    hello = Hello(MAGIC, MAJOR, MINOR, SCHEMA, 5, 1, b"\0\1\0", 0, 1, 0, 29, uid, has | 1 << 30)
    car = CarState().updated([hello], Vehicle(), NOW_NS)
    assert Capability.RANGES in car.capabilities
    assert Capability.IMU not in car.capabilities
