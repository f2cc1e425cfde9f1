"""The simulated car's settings outlive its power, as those of a board do."""

from __future__ import annotations

import pytest
from sim_host import room

from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    PARAMETERS,
    SCHEMA,
    SPEC_OF,
    Cmd,
    Command,
    Hello,
    HelloRequest,
    Message,
    ParamSet,
    Resp,
    Result,
)
from firmware_protocol.parameters import OWN_VALUES, PARAMETER_NAMED, Wish
from sim.car import SimulatedCar
from sim.flash import AREA_WORDS, BLANK, SimulatedFlash
from sim.world.walls import World

REFLEX = Wish(PARAMETER_NAMED["reflex"], 222)


class Host:
    """Sends messages and reads what comes."""

    def __init__(self, car: SimulatedCar) -> None:
        self._car, self._encoder, self._decoder = car, FrameEncoder(), FrameDecoder()

    def say(self, *messages: Message) -> list[Message]:
        """Let 20 ms pass; return what the car said."""
        sent = b"".join(self._encoder.encode(SPEC_OF[type(message)], message) for message in messages)
        said = self._car.step(sent) + self._car.step(b"")
        return [frame.spec.unpack(frame.payload) for frame in self._decoder.feed(said)]

    def value_hash(self) -> int:
        """Return the hash of the values in use."""
        said = self.say(HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, 5))
        return next(each for each in said if isinstance(each, Hello)).parameter_values


def test_saved_parameters_are_in_use_after_a_power_cycle() -> None:
    car = SimulatedCar(World.from_walls(room()), start=(5.0, 3.0, 0.0))
    host = Host(car)
    for _ in range(50):
        host.say()
    assert host.value_hash() == OWN_VALUES.hash
    wanted = OWN_VALUES.changed([REFLEX])
    argument = wanted.hash - 2**32 if wanted.hash >= 2**31 else wanted.hash
    host.say(ParamSet(5, REFLEX.parameter.number, REFLEX.bits))
    answers = host.say(Cmd(5, 1, Command.APPLY_PARAMETERS, argument), Cmd(5, 2, Command.SAVE_PARAMETERS, 0))
    assert [each.result for each in answers if isinstance(each, Resp)] == [Result.OK, Result.OK]
    car.power_cycle()
    assert Host(car).value_hash() == wanted.hash


def test_what_a_flash_held_can_be_given_to_another() -> None:
    flash = SimulatedFlash()
    flash.damage(1, 3, 0xFF)
    again = SimulatedFlash(content=flash.content)
    assert again.content == flash.content
    assert len(flash.content) == 2 * 4 * AREA_WORDS
    assert flash.content.count(b"\xff") == len(flash.content) - 1
    assert len(PARAMETERS) + 5 < AREA_WORDS
    assert BLANK == 2**32 - 1


def test_a_saved_flash_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="has 10 bytes"):
        SimulatedFlash(content=bytes(10))
