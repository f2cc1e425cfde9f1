"""What can be set over the line: staged, read back, put to use all at once, and kept over a power cycle."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence

import pytest
from car import SESSION, Car, config
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import (
    PARAMETER_TABLE,
    PARAMETERS,
    Capability,
    Command,
    EventCode,
    Hello,
    HelloRequest,
    LinkStats,
    Param,
    Parameter,
    ParameterType,
    ParamGet,
    ParamSet,
    Result,
    State,
)
from sim.flash import BLANK, PowerCut, SimulatedFlash

OF_NAME = {parameter.name: parameter for parameter in PARAMETERS}
STORING = int(Capability.IMU | Capability.BUMPERS | Capability.STORAGE)
floats = [parameter for parameter in PARAMETERS if parameter.type is ParameterType.F32]
wholes = [parameter for parameter in PARAMETERS if parameter.type is not ParameterType.F32]


def bits(parameter: Parameter, value: float) -> int:
    """Return a value as it is on the wire."""
    if parameter.type is ParameterType.F32:
        return int(struct.unpack("<I", struct.pack("<f", value))[0])
    return int(value) % 2**32


def value_hash(values: Sequence[int]) -> int:
    """Return the hash of all values, in the order of the table."""
    return zlib.crc32(struct.pack(f"<{len(values)}I", *values))


def signed(number: int) -> int:
    """Return a number of 32 bits as an argument of CMD has it."""
    return (number + 2**31) % 2**32 - 2**31


def refusals(car: Car) -> int:
    """Return how many frames the car has refused."""
    car.run(1100)
    return car.latest(LinkStats).refused


class Bench:
    """A car, and what a person does with its parameters."""

    def __init__(self, car: Car | None = None) -> None:
        self.car = car or Car()
        self.car.run(300)
        self.car.open_session()

    def get(self, number: int) -> Param:
        """Ask for one."""
        return self.answer(ParamGet(number))

    def set(self, name: str, value: float, session: int = SESSION) -> Param:
        """Stage one."""
        parameter = OF_NAME[name]
        return self.answer(ParamSet(session, parameter.number, bits(parameter, value)))

    def answer(self, question: ParamGet | ParamSet) -> Param:
        """Return the PARAM to a question."""
        self.car.send(question)
        (answer,) = [said for said in self.car.step() if isinstance(said, Param)]
        return answer

    def staged(self) -> list[int]:
        """Return all staged values."""
        return [self.get(parameter.number).staged for parameter in PARAMETERS]

    def used(self) -> list[int]:
        """Return all values in use."""
        return [self.get(parameter.number).value for parameter in PARAMETERS]

    def apply(self) -> Result:
        """Put what is staged to use."""
        return Result(self.car.command(Command.APPLY_PARAMETERS, signed(value_hash(self.staged()))).result)

    def change(self, wanted: Mapping[str, float]) -> Result:
        """Stage and apply."""
        for name, value in wanted.items():
            assert self.set(name, value).result == Result.OK
        return self.apply()

    def number(self, name: str) -> float:
        """Return a value in use."""
        parameter = OF_NAME[name]
        raw = self.get(parameter.number).value
        if parameter.type is ParameterType.F32:
            return float(struct.unpack("<f", struct.pack("<I", raw))[0])
        return signed(raw)

    def hello(self) -> Hello:
        """Ask who is there."""
        self.car.run(10, HelloRequest(0, 0, 0, 0, 0))
        return self.car.latest(Hello)


class TestReading:
    def test_every_parameter_is_told_to_anyone_before_any_session(self) -> None:
        car = Car()
        car.run(300)
        car.run(300, *(ParamGet(parameter.number) for parameter in PARAMETERS))
        answers = car.all_of(Param)
        assert [answer.parameter for answer in answers] == [parameter.number for parameter in PARAMETERS]
        for answer, parameter in zip(answers, PARAMETERS, strict=True):
            expected = bits(parameter, getattr(car.settings, parameter.field))
            assert answer == (parameter.number, parameter.type, Result.OK, expected, expected)

    @pytest.mark.parametrize("number", [len(PARAMETERS), 200, 255])
    def test_a_number_without_a_parameter_is_answered_too(self, number: int) -> None:
        assert Bench().get(number) == (number, 0, Result.BAD_ARGUMENT, 0, 0)

    def test_hello_names_the_table_and_the_hash_of_the_values(self) -> None:
        bench = Bench()
        hello = bench.hello()
        assert (hello.parameter_table, hello.parameter_values) == (PARAMETER_TABLE, value_hash(bench.used()))


class TestStaging:
    def test_a_staged_value_is_read_back_and_changes_nothing_yet(self) -> None:
        bench = Bench()
        before = bench.hello().parameter_values
        answer = bench.set("reflex", 222)
        assert (answer.result, answer.staged, answer.value) == (Result.OK, 222, 150)
        assert bench.number("reflex") == 150
        assert bench.hello().parameter_values == before

    @pytest.mark.parametrize("parameter", PARAMETERS, ids=[parameter.name for parameter in PARAMETERS])
    def test_the_limits_of_the_table_are_the_limits(self, parameter: Parameter) -> None:
        bench = Bench()
        step = 1.0 if parameter in wholes else 1e-5 * max(abs(parameter.high), 1e-2)
        for value, result in (
            (parameter.low, Result.OK),
            (parameter.high, Result.OK),
            (parameter.low - step, Result.OUT_OF_RANGE),
            (parameter.high + step, Result.OUT_OF_RANGE),
        ):
            assert bench.set(parameter.name, value).result == result, value

    @given(st.sampled_from(PARAMETERS), st.integers(0, 2**32 - 1))
    def test_no_bits_are_staged_that_are_no_value_in_range(self, parameter: Parameter, raw: int) -> None:
        bench = Bench()
        answer = bench.answer(ParamSet(SESSION, parameter.number, raw))
        value = (
            struct.unpack("<f", struct.pack("<I", raw))[0]
            if parameter in floats
            else signed(raw)
            if parameter.type is ParameterType.I16
            else raw
        )
        low, high = (bits(parameter, parameter.low), bits(parameter, parameter.high))
        if parameter in floats:
            low, high = (struct.unpack("<f", struct.pack("<I", limit))[0] for limit in (low, high))
        else:
            low, high = signed(low), signed(high)
        is_inside = low <= value <= high
        assert answer.result == (Result.OK if is_inside else Result.OUT_OF_RANGE)
        assert (answer.staged == raw) == is_inside or raw == answer.value

    @pytest.mark.parametrize("raw", [0x7FC00000, 0x7F800000, 0xFF800000, 0x80000001])
    def test_what_is_not_a_number_is_refused(self, raw: int) -> None:
        bench = Bench()
        assert bench.answer(ParamSet(SESSION, OF_NAME["track"].number, raw)).result == Result.OUT_OF_RANGE

    def test_only_the_owner_stages(self) -> None:
        bench = Bench()
        before = refusals(bench.car)
        for session in (0, SESSION + 1):
            answer = bench.set("reflex", 222, session)
            assert (answer.result, answer.staged) == (Result.WRONG_SESSION, 150)
        assert refusals(bench.car) == before + 2

    def test_discarding_forgets_what_was_staged(self) -> None:
        bench = Bench()
        bench.set("reflex", 222)
        assert bench.car.command(Command.DISCARD_PARAMETERS).result == Result.OK
        assert bench.staged() == bench.used()

    def test_defaults_are_the_values_the_firmware_was_built_with(self) -> None:
        bench = Bench()
        own = bench.used()
        assert bench.change({"reflex": 222, "track": 0.3}) is Result.OK
        assert bench.car.command(Command.DEFAULT_PARAMETERS).result == Result.OK
        assert bench.staged() == own
        assert bench.used() != own
        assert bench.apply() is Result.OK
        assert bench.used() == own

    @pytest.mark.parametrize(
        "command", [Command.DISCARD_PARAMETERS, Command.DEFAULT_PARAMETERS, Command.SAVE_PARAMETERS]
    )
    def test_commands_without_an_argument_take_none(self, command: Command) -> None:
        assert Bench().car.command(command, 1).result == Result.BAD_ARGUMENT


class TestApplying:
    def test_all_staged_values_are_put_to_use_and_told(self) -> None:
        bench = Bench()
        assert bench.change({"reflex": 222, "accel": 0.5, "steer_trim": -7}) is Result.OK
        assert (bench.number("reflex"), bench.number("accel"), bench.number("steer_trim")) == (222, 0.5, -7)
        (event,) = bench.car.events(EventCode.PARAMETERS_APPLIED)
        assert event.argument % 2**32 == bench.hello().parameter_values == value_hash(bench.used())

    def test_a_hash_of_other_values_changes_nothing(self) -> None:
        bench = Bench()
        bench.set("reflex", 222)
        answer = bench.car.command(Command.APPLY_PARAMETERS, 12345)
        assert (answer.result, answer.detail) == (Result.BAD_ARGUMENT, value_hash(bench.staged()))
        assert bench.number("reflex") == 150

    def test_values_that_contradict_each_other_change_nothing_at_all(self) -> None:
        bench = Bench()
        bench.set("reflex", 222)
        bench.set("undervoltage", 9000)
        bench.set("overvoltage", 8000)
        answer = bench.car.command(Command.APPLY_PARAMETERS, signed(value_hash(bench.staged())))
        assert (answer.result, answer.detail) == (Result.OUT_OF_RANGE, 255)
        assert bench.number("reflex") == 150
        assert bench.car.events(EventCode.PARAMETERS_APPLIED) == []

    def test_an_armed_car_keeps_its_values(self) -> None:
        bench = Bench()
        bench.set("max_speed", 0.9)
        assert bench.car.command(Command.ARM).result == Result.OK
        assert bench.apply() is Result.DENIED
        assert bench.number("max_speed") == pytest.approx(0.6)
        assert bench.car.command(Command.DISARM).result == Result.OK
        bench.car.run(200)
        assert bench.apply() is Result.OK

    def test_a_car_that_still_rolls_keeps_its_values(self) -> None:
        bench = Bench()
        bench.set("max_speed", 0.9)
        hash_of_staged = value_hash(bench.staged())
        bench.car.command(Command.ARM)
        bench.car.drive(1000, 0.4)
        bench.car.command(Command.DISARM)
        assert bench.car.status.state == State.DISARMED
        rolling = bench.car.command(Command.APPLY_PARAMETERS, signed(hash_of_staged))
        assert rolling.result == Result.DENIED
        bench.car.run(2000)
        assert bench.car.command(Command.APPLY_PARAMETERS, signed(hash_of_staged)).result == Result.OK

    def test_a_car_that_is_pushed_by_hand_keeps_its_values(self) -> None:
        bench = Bench()
        bench.set("max_speed", 0.9)
        argument = signed(value_hash(bench.staged()))
        for _ in range(10):
            bench.car.inputs.ticks[0] += 5
            bench.car.step_without_wheels()
        assert bench.car.command(Command.APPLY_PARAMETERS, argument).result == Result.DENIED
        bench.car.idle(1000)
        assert bench.car.command(Command.APPLY_PARAMETERS, argument).result == Result.OK

    def test_a_stopped_car_keeps_its_values(self) -> None:
        bench = Bench()
        bench.set("max_speed", 0.9)
        bench.car.stopped()
        assert bench.apply() is Result.DENIED

    def test_the_pose_does_not_jump_and_later_counts_are_worth_the_new_way(self) -> None:
        bench = Bench(Car().armed())
        bench.car.drive(2000, 0.3, 0.5)
        bench.car.command(Command.DISARM)
        bench.car.run(1000)
        before = bench.car.pose
        track_m, tick_m = bench.number("track"), bench.number("metres_per_tick")
        assert bench.change({"track": 2 * track_m, "metres_per_tick": 2 * tick_m}) is Result.OK
        bench.car.run(200)
        assert bench.car.pose == before
        for _ in range(100):
            for wheel in range(4):
                bench.car.inputs.ticks[wheel] += 10
            bench.car.step_without_wheels()
        moved_m = ((bench.car.pose[0] - before[0]) ** 2 + (bench.car.pose[1] - before[1]) ** 2) ** 0.5
        assert moved_m == pytest.approx(1000 * 2 * tick_m, abs=0.002)

    def test_a_new_limit_holds_at_once(self) -> None:
        bench = Bench()
        assert bench.change({"max_speed": 0.2}) is Result.OK
        bench.car.command(Command.ARM)
        bench.car.drive(2000, 0.5)
        assert bench.car.speed_mps == pytest.approx(0.2, abs=0.02)

    def test_a_new_reflex_distance_holds_at_once(self) -> None:
        bench = Bench()
        bench.car.put_ranges(400, range(8))
        assert bench.change({"reflex": 500}) is Result.OK
        bench.car.command(Command.ARM)
        bench.car.drive(500, 0.3)
        assert bench.car.is_at_rest

    @settings(max_examples=30)
    @given(st.lists(st.tuples(st.sampled_from(PARAMETERS), st.floats(0.0, 1.0)), min_size=1, max_size=8))
    def test_whatever_is_asked_all_of_it_is_in_use_or_nothing(
        self, wishes: list[tuple[Parameter, float]]
    ) -> None:
        bench = Bench()
        before = bench.used()
        for parameter, share in wishes:
            bench.set(parameter.name, parameter.low + share * (parameter.high - parameter.low))
        staged = bench.staged()
        result = bench.apply()
        assert bench.used() == (staged if result is Result.OK else before)


class TestKeeping:
    def test_saved_values_hold_after_a_power_cycle(self) -> None:
        bench = Bench(Car(config(capabilities=STORING), flash=SimulatedFlash()))
        assert bench.change({"reflex": 222, "track": 0.3}) is Result.OK
        assert bench.car.command(Command.SAVE_PARAMETERS).result == Result.OK
        used = bench.used()
        (event,) = bench.car.events(EventCode.PARAMETERS_SAVED)
        assert event.argument % 2**32 == value_hash(used)
        assert bench.car.restart() == 0
        again = Bench(bench.car)
        assert again.used() == again.staged() == used
        assert again.hello().parameter_values == value_hash(used)
        assert bench.car.events(EventCode.PARAMETERS_LOST) == []

    def test_values_that_were_not_saved_are_gone_after_a_power_cycle(self) -> None:
        bench = Bench(Car(config(capabilities=STORING), flash=SimulatedFlash()))
        own = bench.used()
        assert bench.change({"reflex": 222}) is Result.OK
        bench.car.restart()
        assert Bench(bench.car).used() == own
        assert bench.car.events(EventCode.PARAMETERS_LOST) == []

    def test_only_values_in_use_are_saved(self) -> None:
        bench = Bench(Car(config(capabilities=STORING), flash=SimulatedFlash()))
        bench.set("reflex", 222)
        assert bench.car.command(Command.SAVE_PARAMETERS).result == Result.OK
        bench.car.restart()
        assert Bench(bench.car).number("reflex") == 150

    def test_a_car_without_such_a_memory_says_so(self) -> None:
        assert Bench().car.command(Command.SAVE_PARAMETERS).result == Result.UNSUPPORTED
        assert not Bench().hello().capabilities & Capability.STORAGE
        claiming = Bench(Car(config(capabilities=STORING)))
        assert claiming.car.command(Command.SAVE_PARAMETERS).result == Result.UNSUPPORTED
        assert not claiming.hello().capabilities & Capability.STORAGE

    def test_nothing_is_saved_while_armed(self) -> None:
        bench = Bench(Car(config(capabilities=STORING), flash=SimulatedFlash()))
        bench.car.command(Command.ARM)
        assert bench.car.command(Command.SAVE_PARAMETERS).result == Result.DENIED

    def test_a_memory_that_does_not_keep_what_is_written_is_told(self) -> None:
        flash = SimulatedFlash()
        bench = Bench(Car(config(capabilities=STORING), flash=flash))
        bench.change({"reflex": 222})
        flash.cut = PowerCut(3, keeps=1)
        assert bench.car.command(Command.SAVE_PARAMETERS).result == Result.FAILED
        assert bench.car.events(EventCode.PARAMETERS_SAVED) == []

    def test_damaged_values_are_not_used_and_that_is_told(self) -> None:
        flash = SimulatedFlash()
        bench = Bench(Car(config(capabilities=STORING), flash=flash))
        own = bench.used()
        bench.change({"reflex": 222})
        bench.car.command(Command.SAVE_PARAMETERS)
        flash.damage(0, 10, 1)
        bench.car.restart()
        again = Bench(bench.car)
        assert again.used() == own
        assert len(bench.car.events(EventCode.PARAMETERS_LOST)) == 1

    def test_saved_values_that_this_car_may_not_have_are_not_used(self) -> None:
        """A record that is whole, but was never accepted by this firmware: a range of another build."""
        flash = SimulatedFlash()
        bench = Bench(Car(config(capabilities=STORING), flash=flash))
        own = bench.used()
        refused = [*own]
        refused[OF_NAME["reflex"].number] = 0
        record = [0x53524150, 1, PARAMETER_TABLE, len(refused), *refused]
        record.append(value_hash(record))
        content = struct.pack(f"<{len(record)}I", *record)
        other = SimulatedFlash(content=content.ljust(len(flash.content), b"\xff"))
        again = Bench(Car(config(capabilities=STORING), flash=other))
        assert again.used() == own
        assert len(again.car.events(EventCode.PARAMETERS_LOST)) == 1

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 40), st.integers(0, BLANK))
    def test_whenever_the_power_goes_the_car_has_the_old_values_or_the_new(
        self, after: int, keeps: int
    ) -> None:
        flash = SimulatedFlash()
        bench = Bench(Car(config(capabilities=STORING), flash=flash))
        bench.change({"reflex": 222, "track": 0.3})
        assert bench.car.command(Command.SAVE_PARAMETERS).result == Result.OK
        old = bench.used()
        bench.change({"reflex": 333, "track": 0.4})
        new = bench.used()
        flash.cut = PowerCut(after, keeps)
        result = bench.car.command(Command.SAVE_PARAMETERS).result
        flash.cut = None
        bench.car.restart()
        found = Bench(bench.car).used()
        assert found == new if result == Result.OK else found in (old, new)
