"""Motors and battery follow their equations exactly."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable

import pytest
import sim_oracle as oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.native import BatteryStruct, kernels
from sim.vehicle.battery import BatteryParameters
from sim.vehicle.motor import JGA25_370, MotorParameters

PERIOD_S = 0.01
volts = st.floats(-12.6, 12.6)
speeds = st.floats(-40.0, 40.0)


def turn(
    motor: MotorParameters,
    v: float,
    speed: float,
    seconds: float,
    *,
    bridge_on: bool = True,
    load_nm: float = 0.0,
) -> tuple[float, float]:
    """Return speed and travel after one kernel step of any length."""
    struct, w, angle = motor.struct(), ctypes.c_double(speed), ctypes.c_double(0.0)
    at = ctypes.addressof
    kernels().sim_motor_step(at(struct), v, int(bridge_on), load_nm, 0.0, seconds, at(w), at(angle))
    return w.value, angle.value


def discharge(parameters: BatteryParameters, amps: Iterable[float]) -> list[tuple[float, float]]:
    """Return charge and terminal voltage after each period."""
    battery: BatteryStruct = parameters.struct()
    seen = []
    for current in amps:
        kernels().sim_battery_step(ctypes.addressof(battery), current, PERIOD_S)
        seen.append((battery.charge, battery.terminal_v))
    return seen


@given(volts, speeds, st.sampled_from(["on", "off"]), st.floats(0.0, 0.2))
@settings(max_examples=60, deadline=None)
def test_one_step_is_what_a_thousand_small_ones_add_up_to(
    v: float, speed: float, bridge: str, load_nm: float
) -> None:
    bridge_on = bridge == "on"
    w, angle = turn(JGA25_370, v, speed, PERIOD_S, bridge_on=bridge_on, load_nm=load_nm)
    expected = oracle.motor(
        JGA25_370, v, load_nm, PERIOD_S, speed, bridge_on=bridge_on, pieces=1000
    )  # the twin may lose one piece where the wheel turns back
    assert w == pytest.approx(expected[0], rel=1e-3, abs=3e-3)
    assert angle == pytest.approx(expected[1], rel=1e-3, abs=3e-5)


@given(volts, speeds, st.floats(0.0, 1.0))
@settings(deadline=None)
def test_a_step_cut_in_two_ends_in_the_same_place(v: float, speed: float, share: float) -> None:
    w, first = turn(JGA25_370, v, speed, share * PERIOD_S)
    w, second = turn(JGA25_370, v, w, (1.0 - share) * PERIOD_S)
    whole = turn(JGA25_370, v, speed, PERIOD_S)
    assert w == pytest.approx(whole[0], abs=1e-9)
    assert first + second == pytest.approx(whole[1], abs=1e-12)


@given(volts, speeds)
@settings(deadline=None)
def test_a_motor_does_backwards_what_it_does_forwards(v: float, speed: float) -> None:
    w, angle = turn(JGA25_370, v, speed, PERIOD_S)
    assert turn(JGA25_370, -v, -speed, PERIOD_S) == (-w, -angle)


def test_a_step_of_voltage_is_answered_by_the_closed_form_curve() -> None:
    m, v, speed = JGA25_370, 6.0, 0.0
    for period in range(1, 101):
        speed, _ = turn(m, v, speed, PERIOD_S)
        expected = m.settled_radps(v) * -math.expm1(-period * PERIOD_S / m.time_constant_s)
        assert speed == pytest.approx(expected, rel=1e-9)


def test_a_motor_without_current_coasts_down_as_friction_says() -> None:
    m, start = JGA25_370, 20.0
    drag = m.coulomb_nm / m.viscous_nms
    stops_s = m.inertia_kgm2 / m.viscous_nms * math.log1p(start / drag)
    travel = m.inertia_kgm2 / m.viscous_nms * start - drag * stops_s
    speed, rolled = start, 0.0
    for _ in range(round(stops_s / PERIOD_S) + 1):
        speed, step = turn(m, 0.0, speed, PERIOD_S, bridge_on=False)
        rolled += step
    assert speed == 0.0
    assert rolled == pytest.approx(travel, rel=1e-9)
    assert turn(m, 0.0, start, 0.999 * stops_s, bridge_on=False)[0] > 0.0


def test_a_motor_that_cannot_beat_its_stiction_stays_at_rest() -> None:
    m = JGA25_370
    least_v = m.stiction_nm * m.resistance_ohm / m.nm_per_amp
    assert m.settled_radps(0.999 * least_v) == 0.0
    assert turn(m, 0.999 * least_v, 0.0, 1.0) == (0.0, 0.0)
    assert turn(m, 1.001 * least_v, 0.0, 1.0)[0] > 0.0
    assert turn(m, 1.001 * least_v, 0.0, 1.0, load_nm=0.01) == (0.0, 0.0)


def test_the_table_values_of_the_motor_come_out() -> None:
    m = JGA25_370
    assert 2.0 <= 12.0 / m.resistance_ohm <= 3.0  # stall current, A
    assert 0.8 <= m.nm_per_amp * 12.0 / m.resistance_ohm <= 1.0  # stall torque, N m
    assert m.settled_radps(12.0) * 60.0 / math.tau == pytest.approx(333.0, rel=0.05)


@given(st.floats(-3.0, 6.0), st.floats(0.3, 0.9))
@settings(deadline=None)
def test_a_constant_current_takes_exactly_its_charge(amps: float, charge: float) -> None:
    parameters = BatteryParameters(charge=charge)
    left, _ = discharge(parameters, [amps] * 500)[-1]
    assert left == pytest.approx(charge - 5.0 * amps / (parameters.capacity_ah * 3600.0), abs=1e-12)


def test_the_voltage_sags_at_once_and_then_creeps_as_the_rc_pair_says() -> None:
    b = BatteryParameters(charge=0.8, capacity_ah=1e6)
    seen = discharge(b, [4.0] * 6000)
    sag = 4.0 * b.resistance_ohm
    assert seen[0][1] == pytest.approx(b.ocv_v - sag, abs=1e-3)
    crept = 4.0 * b.rc_ohm * -math.expm1(-60.0 / b.rc_s)
    assert seen[-1][1] == pytest.approx(b.ocv_v - sag - crept, rel=1e-6)


def test_the_energy_a_battery_loses_is_what_it_gives_plus_what_it_heats() -> None:
    """Over a whole drive: loss of stored energy = delivered + heat in R + heat and charge of the RC pair."""
    b = BatteryParameters(charge=0.95, capacity_ah=0.05)
    struct: BatteryStruct = b.struct()
    stored = delivered = heat = 0.0
    for step in range(12_000):
        amps = 1.0 + math.sin(0.01 * step)
        before, charge = struct.rc_v, struct.charge
        kernels().sim_battery_step(ctypes.addressof(struct), amps, PERIOD_S)
        stored += oracle.ocv(b, 0.5 * (charge + struct.charge)) * amps * PERIOD_S
        delivered += struct.terminal_v * amps * PERIOD_S
        rc_v = 0.5 * (before + struct.rc_v)
        heat += (amps**2 * b.resistance_ohm + rc_v**2 / b.rc_ohm) * PERIOD_S
    filled = 0.5 * b.rc_s / b.rc_ohm * struct.rc_v**2
    assert delivered + heat + filled == pytest.approx(stored, rel=1e-3)
    assert heat > 0.02 * stored  # or the balance would prove nothing


def test_an_empty_battery_stays_empty() -> None:
    seen = discharge(BatteryParameters(charge=0.0), [1.0] * 100)
    assert {charge for charge, _ in seen} == {0.0}


@pytest.mark.parametrize(
    "change",
    [{"resistance_ohm": 0.0}, {"viscous_nms": 0.0}, {"stiction_nm": 0.01}, {"inertia_kgm2": -1.0}],
)
def test_a_motor_that_cannot_be_is_refused(change: dict[str, float]) -> None:
    fields = {name: getattr(JGA25_370, name) for name in MotorParameters.__slots__} | change
    with pytest.raises(ValueError, match=next(iter(change))):
        MotorParameters(**fields)


def test_a_battery_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="charge"):
        BatteryParameters(charge=1.1)
    with pytest.raises(ValueError, match="cell_v"):
        BatteryParameters(cell_v=(3.0, 4.2))
