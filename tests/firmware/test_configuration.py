"""No protection has an "off": what is outside its range is refused, and it protects at both ends of it.

The parameters come from the catalogue, so a new one is tested, or this file says that it is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest
from car import FRONT, Car, Refused, config

from firmware_protocol.messages import PARAMETERS, Cause, Chassis, Parameter, ParameterType, State

BAD_BEARING, CONTRADICTION = -202, -203
PROTECTIONS = tuple(parameter for parameter in PARAMETERS if parameter.is_safety)
_WHOLE = {
    ParameterType.U16: (0, 65535),
    ParameterType.I16: (-32768, 32767),
    ParameterType.U32: (0, 2**32 - 1),
}


def _outside(parameter: Parameter) -> list[float]:
    """Return values that must be refused, as far as the type can hold them."""
    low, high = parameter.low, parameter.high
    if parameter.type is ParameterType.F32:
        floats = [0.0, -high, low - 0.01 * high, high * 1.01, math.nan, math.inf, -math.inf, 3.4e38]
        return [value for value in floats if not low <= value <= high]
    least, most = _WHOLE[parameter.type]
    candidates = {0, least, most, int(low) - 1, int(high) + 1}
    return [value for value in candidates if least <= value <= most and not low <= value <= high]


def _refusal(**changes: float) -> int:
    with pytest.raises(Refused) as refused:
        Car(config(**changes))
    return int(refused.value.args[0])


def _drive_on(car: Car, vx_mps: float = 0.3, wz_radps: float = 0.0, *, most_ms: int) -> int:
    """Drive until the car is no longer free to; return after how many milliseconds."""
    for after_ms in range(10, most_ms + 1, 10):
        car.drive(10, vx_mps, wz_radps)
        if car.status.state != State.ARMED or car.status.cause != Cause.NONE:
            return after_ms
    return most_ms + 10


def _armed(field: str, value: float, **changes: float) -> Car:
    """Return an armed car with this value, and what else it then needs."""
    car = Car(config(**(changes | {field: value})))
    return car.armed()


def _speed_is_limited(value: float) -> None:
    car = _armed("max_speed_mps", value)
    car.no_load_mps = 2.0
    car.drive(4000, 30.0, 1.0)
    assert max(map(abs, car.speeds_mps)) <= 1.1 * value


def _turning_is_limited(value: float) -> None:
    car = _armed("max_turn_radps", value, max_speed_mps=1.2)
    car.no_load_mps = 2.0
    car.drive(3000, 0.0, 30.0)
    assert abs(car.body.wz_radps) <= 1.1 * value


def _braking_ends(value: float) -> None:
    car = _armed("decel_mps2", value)
    car.drive(1200, 0.4)
    car.stopped()
    car.run(round(1000 * 0.4 / value) + 400)
    assert car.is_at_rest


def _duty_is_slewed(value: float) -> None:
    car = _armed("duty_slew_per_s", value, accel_mps2=10.0, kp=5.0)
    before = 0
    for _ in range(50):
        car.drive(10, 0.6)
        duty = car.outputs.duty_permille[0]
        assert abs(duty - before) <= 10.0 * value + 1
        before = duty


def _reflex_stops(value: float) -> None:
    car = _armed("reflex_mm", value)
    car.put_ranges(int(value) - 1, [FRONT])
    assert _drive_on(car, most_ms=100) <= 50
    assert car.status.cause == Cause.NEAR_RANGE


def _silence_holds(value: float) -> None:
    car = _armed("range_silent_ms", value)
    car.inputs.range_fresh = 0
    assert _drive_on(car, most_ms=3000) <= value + 20
    assert car.status.cause == Cause.RANGE_SILENT


def _low_voltage_stops(value: float) -> None:
    car = Car(config(undervoltage_mv=value, overvoltage_mv=65000))
    car.inputs.battery_mv = int(value)
    car.armed()
    car.inputs.battery_mv = int(value) - 1
    assert _drive_on(car, most_ms=1000) <= car.settings.undervoltage_ms + 20
    assert car.status.cause == Cause.UNDERVOLTAGE


def _high_voltage_stops(value: float) -> None:
    car = Car(config(overvoltage_mv=value, undervoltage_mv=2500))
    car.inputs.battery_mv = int(value)
    car.armed()
    car.inputs.battery_mv = int(value) + 1
    assert _drive_on(car, most_ms=300) <= 100
    assert car.status.cause == Cause.BATTERY_SENSOR


def _low_voltage_stops_in_time(value: float) -> None:
    car = _armed("undervoltage_ms", value)
    car.inputs.battery_mv = 6000
    assert _drive_on(car, most_ms=6000) <= value + 20
    assert car.status.cause == Cause.UNDERVOLTAGE


def _silent_host_is_disarmed(value: float) -> None:
    car = _armed("host_silent_ms", value)
    car.run(int(value) + 50)
    assert (car.status.state, car.status.cause) == (State.DISARMED, Cause.HOST_SILENT)


def _tilt_cuts(value: float) -> None:
    car = _armed("tilt_mrad", value)
    car.tilt_rad = 0.001 * value + 0.02
    assert _drive_on(car, 0.0, most_ms=500) <= car.settings.tilt_ms + 30
    assert car.status.cause == Cause.TILT


def _tilt_cuts_in_time(value: float) -> None:
    car = _armed("tilt_ms", value)
    car.tilt_rad = 1.0
    assert _drive_on(car, most_ms=1000) <= value + 30
    assert car.status.cause == Cause.TILT


def _blocked_ms(car: Car) -> int:
    car.blocked = {0, 1}
    after_ms = _drive_on(car, 0.5, most_ms=5000)
    assert car.status.cause == Cause.STALL
    return after_ms


def _stall_is_found(value: float) -> None:
    assert _blocked_ms(_armed("stall_duty", value)) <= 600 + 1000
    assert _blocked_ms(_armed("stall_duty", value, deadband=0.6)) <= 600 + 1000


def _stall_is_found_in_time(value: float) -> None:
    assert _blocked_ms(_armed("stall_ms", value)) <= value + 300


def _dead_encoder_is_found_in_time(value: float) -> None:
    car = _armed("wheel_ms", value)
    car.drive(1000, 0.3)
    car.encoder_gains[0] = 0.0
    assert _drive_on(car, most_ms=1000) <= value + 60
    assert car.status.cause == Cause.ENCODER_DEAD


def _steering_is_limited(value: float) -> None:
    car = _armed("max_steer_mrad", value, chassis=Chassis.ACKERMANN)
    car.drive(1000, 0.1, 3.0)
    assert abs(car.outputs.steer_mrad) <= value


WORKS_AT: Mapping[str, Callable[[float], None]] = MappingProxyType(
    {
        "max_speed_mps": _speed_is_limited,
        "max_turn_radps": _turning_is_limited,
        "decel_mps2": _braking_ends,
        "duty_slew_per_s": _duty_is_slewed,
        "reflex_mm": _reflex_stops,
        "range_silent_ms": _silence_holds,
        "undervoltage_mv": _low_voltage_stops,
        "overvoltage_mv": _high_voltage_stops,
        "undervoltage_ms": _low_voltage_stops_in_time,
        "host_silent_ms": _silent_host_is_disarmed,
        "tilt_mrad": _tilt_cuts,
        "tilt_ms": _tilt_cuts_in_time,
        "stall_duty": _stall_is_found,
        "stall_ms": _stall_is_found_in_time,
        "wheel_ms": _dead_encoder_is_found_in_time,
        "max_steer_mrad": _steering_is_limited,
    }
)


class TestProtections:
    def test_every_protection_of_the_catalogue_is_tried_here(self) -> None:
        assert set(WORKS_AT) == {parameter.field for parameter in PROTECTIONS}

    @pytest.mark.parametrize(
        ("field", "value"),
        [(parameter.field, value) for parameter in PROTECTIONS for value in (parameter.low, parameter.high)],
    )
    def test_it_protects_at_both_ends_of_its_range(self, field: str, value: float) -> None:
        WORKS_AT[field](value)

    @pytest.mark.parametrize(
        ("parameter", "value"),
        [(parameter, value) for parameter in PROTECTIONS for value in _outside(parameter)],
        ids=str,
    )
    def test_no_value_outside_its_range_is_accepted(self, parameter: Parameter, value: float) -> None:
        assert _refusal(**{parameter.field: value}) == -1 - parameter.number


class TestConfiguration:
    @pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.field)
    def test_the_refusal_names_the_parameter(self, parameter: Parameter) -> None:
        assert _outside(parameter)
        for value in _outside(parameter):
            assert _refusal(**{parameter.field: value}) == -1 - parameter.number

    @pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.field)
    def test_the_ends_of_every_range_are_accepted(self, parameter: Parameter) -> None:
        apart = {"undervoltage_mv": 2500, "overvoltage_mv": 65000}
        for value in (parameter.low, parameter.high, parameter.default):
            Car(config(**(apart | {parameter.field: value}))).run(20)

    @pytest.mark.parametrize(
        "changes",
        [
            {"undervoltage_mv": 9000, "overvoltage_mv": 9000},
            {"undervoltage_mv": 12000},
            {"chassis": Chassis.ACKERMANN, "steer_trim_mrad": 300, "max_steer_mrad": 300},
            {"chassis": Chassis.ACKERMANN, "steer_trim_mrad": -300, "max_steer_mrad": 87},
        ],
    )
    def test_values_that_contradict_each_other_are_refused(self, changes: dict[str, float]) -> None:
        assert _refusal(**changes) == CONTRADICTION

    @pytest.mark.parametrize("bearing_mrad", [-3143, 3143, 32767, -32768])
    def test_a_bearing_beyond_half_a_turn_is_refused_for_a_fitted_sensor_only(
        self, bearing_mrad: int
    ) -> None:
        turned = config()
        turned.range_bearing_mrad[FRONT] = bearing_mrad
        with pytest.raises(Refused) as refused:
            Car(turned)
        assert refused.value.args == (BAD_BEARING,)
        turned.range_mask = 0xFF & ~(1 << FRONT)
        Car(turned).run(20)

    def test_a_refused_configuration_leaves_a_car_that_does_and_says_nothing(self) -> None:
        car = Car()
        car.settings.reflex_mm = 0
        assert car.restart() < 0
        car.open_session()
        car.run(1000)
        assert not car.outputs.enable
        assert car.heard == []
