"""Parameters as a person knows them, and talks that end well or say why, also on a bad line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import (
    PARAMETER_TABLE,
    PARAMETERS,
    SPEC_OF,
    Command,
    Hello,
    HelloRequest,
    Message,
    Param,
    Parameter,
    ParameterType,
    ParamGet,
    ParamSet,
    ResetCause,
    Result,
)
from firmware_protocol.parameter_talk import Script, Talk, changing, reading, restoring, saving
from firmware_protocol.parameters import (
    OWN_VALUES,
    PARAMETER_NAMED,
    Failed,
    Values,
    Wish,
    from_wire,
    shown,
    to_wire,
    wish_of,
)
from firmware_protocol.session import Answered, LinkState, Session
from sim.controller import Controller, ControllerSettings
from sim.flash import PowerCut

STEP_NS = 10_000_000
Outcome = TypeVar("Outcome")
OnItsWay = Callable[[], bool]  # whether the next frame arrives


def always() -> bool:
    """Lose nothing."""
    return True


class Line:
    """A controller in C and a host, joined by a line that may lose frames."""

    def __init__(self, arrives: OnItsWay = always) -> None:
        self.controller = Controller(ControllerSettings())
        self.controller.boot(7, ResetCause.POWER_ON)
        self.controller.inputs.battery_mv = 12_000
        self.controller.inputs.accel_mmps2[2] = 9810
        self.controller.inputs.range_fresh = 0xFF
        self.controller.inputs.range_mm[:] = [0xFFFF] * 8
        self.arrives = arrives
        self.now_ns = 0
        self.asked: list[Message] = []
        self.session = Session(9)
        self._watching = FrameDecoder()

    def step(self, sent: bytes) -> bytes:
        """Let 10 ms pass."""
        self.asked += [frame.spec.unpack(frame.payload) for frame in self._watching.feed(sent)]
        self.now_ns += STEP_NS
        self.controller.inputs.now_us = self.now_ns // 1000
        said = self.controller.step(self._thinned(sent))
        return self._thinned(said)

    def connect(self) -> Line:
        """Own the car and let it come to rest."""
        while self.session.state is not LinkState.UP or self.now_ns < 50 * STEP_NS:
            frames, _ = self.session.poll(0, self.now_ns)
            self.session.receive(self.step(frames), self.now_ns)
        return self

    def hello(self) -> Hello:
        """Ask who is there, as one who wants nothing."""
        encoder, decoder = FrameEncoder(), FrameDecoder()
        question = encoder.encode(SPEC_OF[HelloRequest], HelloRequest(0, 0, 0, 0, 0))
        said = [frame.spec.unpack(frame.payload) for frame in decoder.feed(self.step(question))]
        return [message for message in said if isinstance(message, Hello)][-1]

    def talk(self, script: Script[Outcome | Failed]) -> Outcome | Failed:
        """Run a script to its end."""
        talk: Talk[Outcome] = Talk(script, self.session.frame, self.session.command)
        for _ in range(6000):
            if talk.outcome is not None:
                return talk.outcome
            frames, events = self.session.poll(self.now_ns // STEP_NS, self.now_ns)
            talk.receive((), events)
            said = self.step(frames + talk.poll(self.now_ns))
            talk.receive(*self.session.receive(said, self.now_ns))
        pytest.fail("the talk never ends")

    def values(self) -> Values:
        """Return what is really in use, over a line that loses nothing."""
        self.arrives = always
        values = self.talk(reading(self.hello()))
        assert isinstance(values, Values)
        return values

    def _thinned(self, data: bytes) -> bytes:
        if self.arrives is always:
            return data
        blocks = [block + b"\0" for block in data.split(b"\0")[:-1]]
        return b"".join(block for block in blocks if self.arrives())


def wishes(*texts: str) -> list[Wish]:
    """Return wishes that have no mistake."""
    found = [wish_of(text) for text in texts]
    return [wish for wish in found if isinstance(wish, Wish)]


class TestValues:
    @given(st.sampled_from(PARAMETERS), st.floats(0.0, 1.0))
    def test_what_is_shown_is_read_again_as_the_same_bits(self, parameter: Parameter, share: float) -> None:
        value = parameter.low + share * (parameter.high - parameter.low)
        bits = to_wire(parameter, value)
        again = wish_of(f"{parameter.name}={shown(parameter, bits)}")
        assert again == Wish(parameter, bits)

    @pytest.mark.parametrize("parameter", PARAMETERS, ids=[each.name for each in PARAMETERS])
    def test_own_values_are_shown_as_the_table_has_them(self, parameter: Parameter) -> None:
        assert float(shown(parameter, OWN_VALUES.of(parameter))) == parameter.default
        assert "e+" not in shown(parameter, OWN_VALUES.of(parameter))

    def test_a_negative_whole_number_fills_all_32_bits(self) -> None:
        trim = PARAMETER_NAMED["steer_trim"]
        assert to_wire(trim, -2) == 0xFFFFFFFE
        assert from_wire(trim, 0xFFFFFFFE) == -2

    @pytest.mark.parametrize(
        ("told", "sentence"),
        [
            ("reflex=20", "reflex: 20 mm is outside its range, 30 to 2000 mm"),
            ("reflex=2001", "reflex: 2001 mm is outside its range, 30 to 2000 mm"),
            ("reflex=99.5", "reflex: '99.5' is not a whole number; its range is 30 to 2000 mm"),
            ("track=wide", "track: 'wide' is not a number; its range is 0.05 to 1 m"),
            ("track=nan", "track: 'nan' is not a number; its range is 0.05 to 1 m"),
            ("track=inf", "track: 'inf' is not a number; its range is 0.05 to 1 m"),
            ("deadband=0.7", "deadband: 0.7 is outside its range, 0 to 0.6"),
            ("track", "track: to which value? Write track=NUMBER; its range is 0.05 to 1 m"),
            ("reflx=5", "reflx: no parameter has this name; did you mean reflex?"),
            ("zzz=5", "zzz: no parameter has this name; `patrolcar param list` names them all"),
        ],
    )
    def test_a_mistake_is_told_with_name_value_unit_and_range(self, told: str, sentence: str) -> None:
        assert wish_of(told) == Failed(sentence)

    @pytest.mark.parametrize("parameter", PARAMETERS, ids=[each.name for each in PARAMETERS])
    def test_both_limits_may_be_asked_for(self, parameter: Parameter) -> None:
        for limit in (parameter.low, parameter.high):
            assert isinstance(wish_of(f"{parameter.name}={limit!r}"), Wish)

    @given(st.text(max_size=20))
    def test_no_text_raises(self, text: str) -> None:
        assert isinstance(wish_of(text), Wish | Failed)

    def test_a_whole_number_may_be_written_with_a_point_or_an_exponent(self) -> None:
        assert wish_of("reflex=1e2") == wish_of("reflex=100.0") == wish_of(" reflex = 100 ")


class TestReading:
    def test_every_value_is_read_from_the_car_without_owning_it(self) -> None:
        line = Line()
        hello = line.hello()
        talk: Talk[Values] = Talk(reading(hello), line.session.frame)
        while talk.outcome is None:
            talk.receive(line.session.receive(line.step(talk.poll(line.now_ns)), line.now_ns)[0])
        assert talk.outcome == OWN_VALUES
        assert line.hello().session == 0

    def test_values_that_are_known_are_not_read_again(self) -> None:
        line = Line()
        hello = line.hello()
        known = {(PARAMETER_TABLE, hello.parameter_values): OWN_VALUES}
        assert line.talk(reading(hello, known)) == OWN_VALUES
        assert not [message for message in line.asked if isinstance(message, ParamGet)]

    def test_other_values_are_read_although_some_are_known(self) -> None:
        line = Line().connect()
        known = {(PARAMETER_TABLE, line.hello().parameter_values): OWN_VALUES}
        line.talk(changing(9, OWN_VALUES, wishes("reflex=222"), keep=False))
        values = line.talk(reading(line.hello(), known))
        assert values == OWN_VALUES.changed(wishes("reflex=222"))

    def test_another_table_is_told_and_nothing_is_asked(self) -> None:
        line = Line()
        outcome = line.talk(reading(line.hello()._replace(parameter_table=1)))
        assert isinstance(outcome, Failed)
        assert "can be driven" in outcome.sentence
        assert not [message for message in line.asked if isinstance(message, ParamGet)]

    def test_values_that_change_meanwhile_are_not_believed(self) -> None:
        line = Line()
        outcome = line.talk(reading(line.hello()._replace(parameter_values=1)))
        assert outcome == Failed("the parameters changed while they were read; try again")

    def test_a_dead_line_ends_the_talk_with_a_sentence(self) -> None:
        line = Line()
        hello = line.hello()
        line.arrives = lambda: False
        outcome = line.talk(reading(hello))
        assert outcome == Failed("track: the controller does not answer; is the line good?")


class TestChanging:
    def test_wishes_are_in_use_after_that_and_the_hash_is_what_hello_says(self) -> None:
        line = Line().connect()
        outcome = line.talk(changing(9, OWN_VALUES, wishes("reflex=222", "track=0.3"), keep=False))
        assert outcome == line.values() == OWN_VALUES.changed(wishes("reflex=222", "track=0.3"))
        assert line.hello().parameter_values == OWN_VALUES.changed(wishes("reflex=222", "track=0.3")).hash

    def test_what_another_host_left_staged_is_not_put_to_use(self) -> None:
        line = Line().connect()
        line.step(line.session.frame(ParamSet(9, PARAMETER_NAMED["tilt"].number, 500)))
        outcome = line.talk(changing(9, OWN_VALUES, wishes("reflex=222"), keep=False))
        assert outcome == line.values() == OWN_VALUES.changed(wishes("reflex=222"))

    def test_kept_values_hold_over_a_power_cycle(self) -> None:
        line = Line().connect()
        line.talk(changing(9, OWN_VALUES, wishes("reflex=222"), keep=True))
        line.controller.boot(8, ResetCause.POWER_ON)
        assert _boot_values(line) == OWN_VALUES.changed(wishes("reflex=222"))

    def test_an_armed_car_refuses_and_says_what_to_do(self) -> None:
        line = Line().connect()
        line.session.command(Command.ARM)
        line.talk(saving(OWN_VALUES))
        outcome = line.talk(changing(9, OWN_VALUES, wishes("reflex=222"), keep=False))
        assert outcome == Failed(
            "nothing was changed: the car must be disarmed, released from STOP and at rest"
        )
        assert line.values() == OWN_VALUES

    def test_a_contradiction_is_told_and_changes_nothing(self) -> None:
        line = Line().connect()
        wanted = wishes("undervoltage=14000", "overvoltage=13000", "reflex=222")
        outcome = line.talk(changing(9, OWN_VALUES, wanted, keep=True))
        assert isinstance(outcome, Failed)
        assert "contradict" in outcome.sentence
        assert line.values() == OWN_VALUES

    def test_a_value_the_car_does_not_take_names_the_parameter_the_value_and_the_range(self) -> None:
        line = Line().connect()
        wanted = [Wish(PARAMETER_NAMED["reflex"], 5)]
        outcome = line.talk(changing(9, OWN_VALUES, wanted, keep=False))
        assert outcome == Failed(
            "reflex: 5 mm was not set, and nothing was changed: "
            "the controller does not take it; its range is 30 to 2000 mm"
        )

    def test_one_who_does_not_own_the_car_is_told_so(self) -> None:
        line = Line().connect()
        outcome = line.talk(changing(10, OWN_VALUES, wishes("reflex=222"), keep=False))
        assert outcome == Failed(
            "reflex: 222 mm was not set, and nothing was changed: another host has taken the car"
        )

    def test_a_memory_that_fails_is_told_with_what_holds_now(self) -> None:
        line = Line().connect()
        line.controller.flash.cut = PowerCut(2, keeps=1)
        outcome = line.talk(changing(9, OWN_VALUES, wishes("reflex=222"), keep=True))
        assert isinstance(outcome, Failed)
        assert outcome.sentence.startswith("the new values are in use, but they are lost when the power goes")
        assert line.values() == OWN_VALUES.changed(wishes("reflex=222"))

    def test_the_firmwares_own_values_come_back(self) -> None:
        line = Line().connect()
        line.talk(changing(9, OWN_VALUES, wishes("reflex=222", "tilt=300"), keep=False))
        assert line.talk(restoring(keep=False)) == line.values() == OWN_VALUES

    @settings(max_examples=25, deadline=None)
    @given(st.randoms(use_true_random=False), st.floats(0.0, 0.4))
    def test_on_a_bad_line_all_is_changed_or_nothing_or_a_sentence_says_what_is_not_known(
        self, chance: object, loss: float
    ) -> None:
        line = Line().connect()
        line.arrives = lambda: chance.random() >= loss  # type: ignore[attr-defined]  # a random.Random
        wanted = wishes("reflex=222", "track=0.3", "steer_trim=-5")
        outcome = line.talk(changing(9, OWN_VALUES, wanted, keep=False))
        found = line.values() if line.session.state is LinkState.UP else _values_of(line)
        after = OWN_VALUES.changed(wanted)
        assert found in (OWN_VALUES, after)
        if not isinstance(outcome, Failed):
            assert outcome == found == after


def _values_of(line: Line) -> Values:
    line.arrives = always
    line.session = Session(77)
    return line.connect().values()


def _boot_values(line: Line) -> Values:
    line.now_ns = 0
    return _values_of(line)


def test_a_talk_takes_no_late_answer_to_a_question_before() -> None:
    """A PARAM that answers an older PARAM_GET must not pass for the read-back of a PARAM_SET."""
    reflex = PARAMETER_NAMED["reflex"]
    assert reflex.type is ParameterType.U16
    given_commands: list[Command] = []
    talk: Talk[Values] = Talk(
        changing(9, OWN_VALUES, wishes("reflex=222"), keep=False),
        lambda message: bytes([SPEC_OF[type(message)].id]),
        lambda command, _: given_commands.append(command),
    )
    talk.receive((), [Answered(Command.DISCARD_PARAMETERS, Result.OK, 0)])
    assert talk.poll(0)
    talk.receive([Param(reflex.number, ParameterType.U16, Result.OK, 100, 100)])
    talk.receive([Param(reflex.number + 1, ParameterType.U16, Result.OK, 222, 222)])
    assert given_commands == [Command.DISCARD_PARAMETERS]
    talk.receive([Param(reflex.number, ParameterType.U16, Result.OK, 100, 222)])
    assert given_commands == [Command.DISCARD_PARAMETERS, Command.APPLY_PARAMETERS]
