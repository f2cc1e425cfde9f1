"""Lamps, horns and servos: only the owner switches them, and nothing stays on behind a host that is gone."""

from __future__ import annotations

from math import pi

import pytest
from car import SESSION, Car, config

from firmware_protocol.messages import Capability, Command, Din, LinkStats, Out, Servo

FITTED = int(Capability.OUTPUTS | Capability.SERVOS | Capability.DIGITAL_INPUTS)
LAMP, HORN = 0, 7


def owned(**changes: float) -> Car:
    """Return a car with outputs and servos, and an owner."""
    car = Car(config(**({"capabilities": FITTED} | changes)))
    car.run(300)
    car.open_session()
    return car


def refusals(car: Car) -> int:
    """Return how many frames the car has refused."""
    car.idle(1100)
    return car.latest(LinkStats).refused


class TestOutputs:
    def test_everything_is_off_at_boot(self) -> None:
        car = owned()
        assert list(car.outputs.out_levels) == [0] * 8
        assert list(car.outputs.servo_mrad) == [0] * 4

    def test_an_output_has_its_level_until_told_otherwise(self) -> None:
        car = owned()
        car.send(Out(SESSION, LAMP, 255, 0), Out(SESSION, HORN, 80, 0))
        car.idle(5000)
        assert list(car.outputs.out_levels) == [255, 0, 0, 0, 0, 0, 0, 80]
        car.send(Out(SESSION, LAMP, 0, 0))
        car.idle(10)
        assert list(car.outputs.out_levels) == [0, 0, 0, 0, 0, 0, 0, 80]

    def test_an_output_with_a_duration_goes_off_by_itself(self) -> None:
        car = owned()
        car.send(Out(SESSION, HORN, 255, 500))
        car.idle(500)
        assert car.outputs.out_levels[HORN] == 255
        car.idle(20)
        assert car.outputs.out_levels[HORN] == 0

    def test_a_newer_order_begins_its_duration_anew(self) -> None:
        car = owned()
        car.send(Out(SESSION, HORN, 255, 300))
        car.idle(200)
        car.send(Out(SESSION, HORN, 100, 300))
        car.idle(250)
        assert car.outputs.out_levels[HORN] == 100

    def test_durations_hold_over_the_wrap_of_the_clock(self) -> None:
        car = Car(config(capabilities=FITTED), start_us=2**32 - 500_000)
        car.run(300)
        car.open_session()
        car.send(Out(SESSION, HORN, 255, 400))
        car.idle(390)
        assert car.outputs.out_levels[HORN] == 255
        car.idle(30)
        assert car.outputs.out_levels[HORN] == 0

    def test_all_go_off_when_the_host_falls_silent(self) -> None:
        car = owned()
        car.send(Out(SESSION, LAMP, 255, 0))
        car.idle(2000)
        car.run(900)
        assert car.outputs.out_levels[LAMP] == 255
        car.run(200)
        assert list(car.outputs.out_levels) == [0] * 8
        car.idle(100)
        assert list(car.outputs.out_levels) == [0] * 8

    def test_all_go_off_when_another_host_gets_the_car(self) -> None:
        car = owned()
        car.send(Out(SESSION, LAMP, 255, 0))
        car.idle(100)
        car.open_session(SESSION + 1)
        assert list(car.outputs.out_levels) == [0] * 8

    def test_they_work_while_stopped(self) -> None:
        car = owned().stopped()
        car.send(Out(SESSION, LAMP, 9, 0))
        car.idle(10)
        assert car.outputs.out_levels[LAMP] == 9

    @pytest.mark.parametrize(
        "order", [Out(SESSION + 1, LAMP, 255, 0), Out(0, LAMP, 255, 0), Out(SESSION, 8, 255, 0)]
    )
    def test_others_and_outputs_that_do_not_exist_are_refused(self, order: Out) -> None:
        car = owned()
        before = refusals(car)
        car.send(order)
        assert refusals(car) == before + 1
        assert list(car.outputs.out_levels) == [0] * 8

    def test_a_car_without_outputs_refuses_them(self) -> None:
        car = owned(capabilities=0)
        car.send(Out(SESSION, LAMP, 255, 0), Servo(SESSION, 0, 1.0))
        assert refusals(car) == 2
        assert list(car.outputs.out_levels) == [0] * 8


class TestServos:
    def test_a_servo_turns_where_it_is_told(self) -> None:
        car = owned()
        car.send(Servo(SESSION, 0, 0.5), Servo(SESSION, 3, -0.7))
        car.idle(10)
        assert list(car.outputs.servo_mrad) == [500, 0, 0, -700]

    @pytest.mark.parametrize(("asked_rad", "given_mrad"), [(1.6, 1571), (-32.0, -1571), (1.571, 1571)])
    def test_an_angle_beyond_a_quarter_turn_is_clamped(self, asked_rad: float, given_mrad: int) -> None:
        car = owned()
        car.send(Servo(SESSION, 1, asked_rad))
        car.idle(10)
        assert car.outputs.servo_mrad[1] == given_mrad
        assert given_mrad == pytest.approx(1000 * pi / 2 * (1 if given_mrad > 0 else -1), abs=1)

    def test_none_turns_while_stopped(self) -> None:
        car = owned().stopped()
        before = refusals(car)
        car.send(Servo(SESSION, 0, 0.5))
        assert refusals(car) == before + 1
        assert car.outputs.servo_mrad[0] == 0

    @pytest.mark.parametrize("order", [Servo(SESSION + 1, 0, 0.5), Servo(SESSION, 4, 0.5)])
    def test_others_and_servos_that_do_not_exist_are_refused(self, order: Servo) -> None:
        car = owned()
        before = refusals(car)
        car.send(order)
        assert refusals(car) == before + 1
        assert list(car.outputs.servo_mrad) == [0] * 4

    def test_a_servo_keeps_its_angle_when_the_host_falls_silent(self) -> None:
        """An arm or a camera that fell would be worse than one that stays."""
        car = owned()
        car.send(Servo(SESSION, 0, 0.5))
        car.run(3000)
        assert car.outputs.servo_mrad[0] == 500


class TestWhatIsToldOfThem:
    def test_levels_and_angles_are_in_din(self) -> None:
        car = owned()
        car.send(Out(SESSION, HORN, 80, 0), Servo(SESSION, 2, -0.25))
        car.idle(400)
        din = car.latest(Din)
        assert list(din.levels) == [0] * 7 + [80]
        assert list(din.angles_rad) == pytest.approx([0.0, 0.0, -0.25, 0.0])

    def test_a_command_of_motion_leaves_them_alone(self) -> None:
        car = owned()
        car.send(Out(SESSION, LAMP, 5, 0))
        assert car.command(Command.ARM).result == 0
        car.drive(1000, 0.3)
        assert car.outputs.out_levels[LAMP] == 5
