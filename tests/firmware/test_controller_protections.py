"""Near ranges, bumpers, an empty battery and silence stop the car, and none of them can be switched off."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from car import (
    BROKEN,
    FRONT,
    FRONT_LEFT,
    FRONT_RIGHT,
    NOTHING_SEEN,
    REAR,
    REAR_LEFT,
    REAR_RIGHT,
    SIDE_LEFT,
    SIDE_RIGHT,
    TOO_CLOSE,
    Car,
    config,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import ArmCheck, Cause, Chassis, EventCode, Ranges, State, StatusFlag

FORWARD_LOOKERS = (FRONT_LEFT, FRONT, FRONT_RIGHT)
BACKWARD_LOOKERS = (REAR_LEFT, REAR, REAR_RIGHT)
SIDE_LOOKERS = (SIDE_LEFT, SIDE_RIGHT)


def _driving(vx_mps: float, wz_radps: float = 0.0) -> Car:
    car = Car().armed()
    car.drive(1000, vx_mps, wz_radps)
    return car


class TestReflex:
    @pytest.mark.parametrize("sensor", FORWARD_LOOKERS)
    def test_something_near_ahead_stops_forward_motion(self, sensor: int) -> None:
        car = _driving(0.5)
        car.put_ranges(149, [sensor])
        car.drive(600, 0.5)
        assert car.is_at_rest
        assert (car.status.state, car.status.cause) == (State.ARMED, Cause.NEAR_RANGE)
        assert car.status.flags & StatusFlag.REFLEX_FRONT

    @pytest.mark.parametrize("sensor", BACKWARD_LOOKERS)
    def test_something_near_behind_stops_backward_motion(self, sensor: int) -> None:
        car = _driving(-0.4)
        car.put_ranges(100, [sensor])
        car.drive(600, -0.4)
        assert car.is_at_rest
        assert car.status.flags & StatusFlag.REFLEX_REAR

    def test_it_brakes_three_times_harder_than_the_ramp(self) -> None:
        car = _driving(0.6)
        car.put_ranges(100, [FRONT])
        car.drive(40, 0.6)
        before_mps = car.speed_mps
        car.drive(80, 0.6)
        assert before_mps - car.speed_mps == pytest.approx(0.08 * 3 * car.settings.decel_mps2, rel=0.3)

    @given(st.floats(0.1, 0.6), st.floats(-3.0, 3.0))
    @settings(max_examples=20)
    def test_the_forward_part_of_any_arc_ends_on_time_and_the_turn_goes_on(
        self, vx_mps: float, wz_radps: float
    ) -> None:
        car = Car().armed()
        car.drive(1000, vx_mps, wz_radps)
        car.put_ranges(100, [FRONT])
        car.drive(20 + round(1000 * vx_mps / (3 * car.settings.decel_mps2)) + 250, vx_mps, wz_radps)
        assert car.speed_mps < 0.02
        turn_radps = (car.speeds_mps[1] - car.speeds_mps[0]) / car.settings.track_m
        assert turn_radps == pytest.approx(wz_radps, abs=0.4 + 0.15 * abs(wz_radps))

    @pytest.mark.parametrize(
        ("sensors", "vx_mps"), [(FORWARD_LOOKERS, -0.3), (BACKWARD_LOOKERS, 0.3), (SIDE_LOOKERS, 0.3)]
    )
    def test_away_from_it_and_past_it_the_car_may_drive(
        self, sensors: tuple[int, ...], vx_mps: float
    ) -> None:
        car = Car().armed()
        car.put_ranges(50, sensors)
        car.drive(1200, vx_mps)
        assert car.speed_mps == pytest.approx(vx_mps, abs=0.02)
        assert car.status.cause == Cause.NONE
        assert not car.events(EventCode.REFLEX)

    def test_boxed_in_the_car_may_still_turn_in_place(self) -> None:
        car = Car().armed()
        car.put_ranges(50, range(8))
        car.drive(1000, 0.5, 1.5)
        assert abs(car.speed_mps) < 0.01
        assert car.speeds_mps[1] == pytest.approx(0.15, abs=0.02)

    @pytest.mark.parametrize("reading", [0, 149, TOO_CLOSE, BROKEN])
    def test_what_cannot_be_measured_is_near(self, reading: int) -> None:
        car = Car().armed()
        car.put_ranges(reading, [FRONT])
        car.drive(300, 0.3)
        assert car.is_at_rest

    @pytest.mark.parametrize("reading", [150, 400, NOTHING_SEEN])
    def test_from_the_reflex_distance_on_the_car_drives(self, reading: int) -> None:
        car = Car().armed()
        car.put_ranges(reading, [FRONT])
        car.drive(300, 0.3)
        assert car.speed_mps > 0.1

    def test_one_echo_is_not_believed_but_the_second_is(self) -> None:
        car = _driving(0.5)
        for _ in range(5):  # a ghost in every second reading
            car.put_ranges(50, [FRONT])
            car.step()
            car.put_ranges(2000, [FRONT])
            car.step()
        assert not car.status.flags & StatusFlag.REFLEX_FRONT
        car.put_ranges(50, [FRONT])
        car.run(20)
        assert car.status.flags & StatusFlag.REFLEX_FRONT

    def test_a_broken_reading_does_not_help_to_let_go(self) -> None:
        car = Car().armed()
        car.put_ranges(50, [FRONT])
        car.run(20)
        for reading in (NOTHING_SEEN, BROKEN, NOTHING_SEEN, TOO_CLOSE, NOTHING_SEEN, 170, NOTHING_SEEN):
            car.put_ranges(reading, [FRONT])
            car.step()
            assert car.status.flags & StatusFlag.REFLEX_FRONT

    def test_a_reading_that_is_not_fresh_counts_for_nothing(self) -> None:
        car = Car().armed()
        car.inputs.range_fresh = 1 << REAR
        car.put_ranges(50, [FRONT])
        car.drive(500, 0.3)
        assert car.speed_mps == pytest.approx(0.3, abs=0.05)

    def test_a_sensor_that_is_not_fitted_counts_for_nothing(self) -> None:
        car = Car(config(range_mask=0xFF & ~(1 << FRONT))).armed()
        car.put_ranges(50, [FRONT])
        car.drive(500, 0.3)
        assert car.speed_mps == pytest.approx(0.3, abs=0.05)

    def test_it_lets_go_only_when_the_thing_is_clearly_gone(self) -> None:
        car = Car().armed()
        car.put_ranges(100, [FRONT])
        car.drive(200, 0.3)
        car.put_ranges(200, [FRONT])
        car.drive(300, 0.3)
        assert car.is_at_rest
        car.put_ranges(201, [FRONT])
        car.step()
        assert car.status.flags & StatusFlag.REFLEX_FRONT
        car.drive(600, 0.3)
        assert car.speed_mps == pytest.approx(0.3, abs=0.05)

    @pytest.mark.parametrize(
        ("sensors", "speed_mps"), [((FRONT_LEFT, FRONT), 0.4), ((REAR, REAR_RIGHT), -0.4)]
    )
    def test_each_obstacle_is_one_event_that_names_its_sensors(
        self, sensors: tuple[int, ...], speed_mps: float
    ) -> None:
        car = _driving(speed_mps)
        for _ in range(2):
            car.put_ranges(100, sensors)
            car.drive(300, speed_mps)
            car.drive(200, 0.0)
            car.drive(200, speed_mps)
            car.put_ranges(1000, sensors)
            car.drive(300, speed_mps)
        named = sum(1 << sensor for sensor in sensors)
        assert [event.argument for event in car.events(EventCode.REFLEX)] == [named, named]

    @pytest.mark.parametrize(
        ("bearing_mrad", "flag"),
        [
            (698, StatusFlag.REFLEX_FRONT),
            (-698, StatusFlag.REFLEX_FRONT),
            (699, 0),
            (2443, 0),
            (-2443, 0),
            (2444, StatusFlag.REFLEX_REAR),
            (-2444, StatusFlag.REFLEX_REAR),
            (-3142, StatusFlag.REFLEX_REAR),
        ],
    )
    def test_a_sensor_guards_forty_degrees_to_either_side_of_the_motion(
        self, bearing_mrad: int, flag: int
    ) -> None:
        turned = config(range_mask=1)
        turned.range_bearing_mrad[0] = bearing_mrad
        car = Car(turned)
        car.put_ranges(50, [0])
        car.run(50)
        assert car.status.flags & (StatusFlag.REFLEX_FRONT | StatusFlag.REFLEX_REAR) == flag

    def test_it_also_hastens_a_stop_that_was_under_way(self) -> None:
        car = _driving(0.6)
        car.put_ranges(50, [FRONT])
        car.stopped()
        car.run(350)
        assert car.speed_mps < 0.02


class TestWhoSawIt:
    """Which sensors an event names when all of them see something near."""

    @staticmethod
    def named(chassis: Chassis, *ways_mps: tuple[float, float]) -> list[int]:
        car = Car(config(chassis=chassis))
        car.put_ranges(50, range(8))
        car.armed()
        for vx_mps, vy_mps in ways_mps:
            car.drive(200, vx_mps, vy_mps=vy_mps)
        return [event.argument for event in car.events(EventCode.REFLEX)]

    @pytest.mark.parametrize(
        ("vx_mps", "vy_mps", "lookers"),
        [
            (0.3, 0.0, FORWARD_LOOKERS),
            (-0.3, 0.0, BACKWARD_LOOKERS),
            (0.0, 0.3, [SIDE_LEFT]),
            (0.0, -0.3, [SIDE_RIGHT]),
            (0.3, -0.3, [*FORWARD_LOOKERS, SIDE_RIGHT]),
            (-0.3, 0.3, [*BACKWARD_LOOKERS, SIDE_LEFT]),
        ],
    )
    def test_those_that_look_along_the_motion_and_no_others(
        self, vx_mps: float, vy_mps: float, lookers: Sequence[int]
    ) -> None:
        assert self.named(Chassis.MECANUM, (vx_mps, vy_mps)) == [sum(1 << each for each in lookers)]

    @pytest.mark.parametrize(
        ("vx_mps", "vy_mps", "bearing_mrad"),
        [(0.3, 0.0, 0), (0.0, 0.3, 1571), (-0.3, 0.0, 3142), (0.0, -0.3, -1571)],
    )
    @pytest.mark.parametrize(
        ("aside_mrad", "named"), [(786, [1]), (-786, [1]), (787, []), (-787, []), (0, [1])]
    )
    def test_a_sliding_car_is_guarded_forty_five_degrees_to_either_side_of_each_motion(
        self, vx_mps: float, vy_mps: float, bearing_mrad: int, aside_mrad: int, named: list[int]
    ) -> None:
        turned = config(chassis=Chassis.MECANUM, range_mask=1)
        turned.range_bearing_mrad[0] = (bearing_mrad + aside_mrad + 3142) % 6284 - 3142
        car = Car(turned).armed()
        car.put_ranges(50, [0])
        car.drive(200, vx_mps, vy_mps=vy_mps)
        assert [event.argument for event in car.events(EventCode.REFLEX)] == named

    def test_a_car_that_cannot_slide_has_no_sides(self) -> None:
        assert self.named(Chassis.DIFFERENTIAL, (0.0, 0.3), (0.0, -0.3)) == []

    def test_each_direction_has_its_own_event_and_only_one(self) -> None:
        front, rear = (sum(1 << each for each in lookers) for lookers in (FORWARD_LOOKERS, BACKWARD_LOOKERS))
        ways_mps = ((0.3, 0.0), (-0.3, 0.0), (0.3, 0.0), (-0.3, 0.0))
        assert self.named(Chassis.DIFFERENTIAL, *ways_mps) == [front, rear]


class TestRangeSilence:
    def test_sensors_that_fall_silent_hold_the_car(self) -> None:
        car = _driving(0.5)
        car.inputs.range_fresh = 0
        car.drive(290, 0.5)  # the newest reading is 290 ms old at the last of these steps
        assert car.status.cause == Cause.NONE
        car.drive(10, 0.5)
        assert car.status.cause == Cause.RANGE_SILENT
        car.drive(800, 0.5, 1.0)
        assert car.is_at_rest
        assert (car.status.state, car.status.cause) == (State.ARMED, Cause.RANGE_SILENT)
        assert car.status.arm_checks == ArmCheck.RANGES_SILENT

    def test_the_first_fresh_reading_lets_it_go(self) -> None:
        car = _driving(0.5)
        car.inputs.range_fresh = 0
        car.drive(1000, 0.5)
        car.inputs.range_fresh = 1 << SIDE_LEFT
        car.drive(1000, 0.5)
        assert car.speed_mps == pytest.approx(0.5, abs=0.03)

    def test_a_car_without_range_sensors_is_never_held(self) -> None:
        car = Car(config(range_mask=0))
        car.inputs.range_fresh = 0
        car.armed().drive(1500, 0.5)
        assert car.speed_mps == pytest.approx(0.5, abs=0.03)
        assert not car.all_of(Ranges)


class TestBumper:
    @pytest.mark.parametrize("bumper", range(8))
    def test_a_bumper_stops_the_car_and_latches(self, bumper: int) -> None:
        car = _driving(0.5)
        car.inputs.bumpers = 1 << bumper
        car.drive(400, 0.5)
        assert car.is_at_rest
        assert (car.status.state, car.status.cause, car.status.bumpers) == (
            State.STOPPED,
            Cause.BUMPER,
            1 << bumper,
        )
        car.inputs.bumpers = 0
        car.drive(300, 0.5)
        assert car.is_at_rest
        assert car.status.state == State.STOPPED

    def test_a_bumper_pressed_on_a_disarmed_car_refuses_arming_but_latches_nothing(self) -> None:
        car = Car()
        car.inputs.bumpers = 2
        car.run(300)
        assert (car.status.state, car.status.arm_checks & ArmCheck.BUMPER_PRESSED) == (
            State.DISARMED,
            ArmCheck.BUMPER_PRESSED,
        )

    def test_a_bumper_pressed_while_a_disarmed_car_still_rolls_latches(self) -> None:
        car = _driving(0.5)
        car.command(2)
        car.inputs.bumpers = 1
        car.run(20)
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.BUMPER)


class TestBattery:
    def test_an_empty_battery_stops_the_car_and_latches(self) -> None:
        car = _driving(0.4)
        car.inputs.battery_mv = 6399
        car.drive(490, 0.4)
        assert car.status.state == State.ARMED
        car.drive(1000, 0.4)
        assert car.is_at_rest
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.UNDERVOLTAGE)

    def test_a_dip_is_not_an_empty_battery(self) -> None:
        car = _driving(0.4)
        for _ in range(5):
            car.inputs.battery_mv = 5000
            car.drive(400, 0.4)
            car.inputs.battery_mv = 6400
            car.drive(20, 0.4)
        assert car.status.state == State.ARMED

    def test_one_good_reading_right_after_it_ran_empty_does_not_make_it_good(self) -> None:
        car = Car()
        car.run(20)
        car.inputs.battery_mv = 6000
        while not car.status.arm_checks & ArmCheck.UNDERVOLTAGE:
            car.step()
        car.inputs.battery_mv = 7400
        car.run(20)
        assert car.status.arm_checks & ArmCheck.UNDERVOLTAGE

    def test_a_peak_does_not_make_an_empty_battery_good(self) -> None:
        car = Car()
        car.inputs.battery_mv = 6000
        for _ in range(5):
            car.run(200)
            car.inputs.battery_mv = 7000
            car.run(200)
            car.inputs.battery_mv = 6000
        assert car.status.arm_checks & ArmCheck.UNDERVOLTAGE


class TestOverrun:
    def test_a_car_that_was_blind_for_too_long_stops(self) -> None:
        car = _driving(0.4)
        car.inputs.now_us += 45_000
        car.drive(20, 0.4)
        assert (car.status.state, car.status.cause) == (State.STOPPED, Cause.OVERRUN)

    def test_a_late_step_alone_does_not_stop_it(self) -> None:
        car = _driving(0.4)
        car.inputs.now_us += 30_000
        car.drive(20, 0.4)
        assert car.status.state == State.ARMED
