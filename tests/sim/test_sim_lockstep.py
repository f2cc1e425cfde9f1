"""Many periods in one call, or one by one with somebody looking on: the car cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_host import room

from firmware_protocol.controller_layout import InputsStruct, OutputsStruct
from firmware_protocol.messages import Command, Quantity, ResetCause
from firmware_protocol.session import Session
from sim.car import NOMINAL, CarParameters, SimulatedCar
from sim.line import PERFECT, LineParameters
from sim.link import STEP_NS, SimulatedLink
from sim.sensors.environment import EnvironmentParameters
from sim.sensors.infrared import InfraredParameters
from sim.vehicle.cars import CARS
from sim.world.moving import Appearing, box
from sim.world.people import Guest
from sim.world.walls import World

HALL = World.from_walls([*room(20.0, 10.0), [9.0, 0.0, 9.0, 4.0], [9.0, 6.0, 12.0, 6.5]])
MIDDLE = (6.0, 5.0, 0.0)
INTERVALS_MS = (10, 20, 20, 20, 30, 70, 200, 1200)  # the last one is longer than anything is caught up
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Walk:
    """A route."""

    stops: tuple[tuple[float, float], ...]
    speed_mps: float = 1.0
    pause_s: float = 0.5


class Onlooker:
    """Tampers with nothing, but could: so every period takes the road on which anything may interfere."""

    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        """Leave what the controller reads."""

    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        """Leave what it ordered."""


def fitted(rng: Random) -> CarParameters:
    """Return one of the cars, with or without a lidar and what else may be fitted."""
    car = CARS[str(rng.choice(sorted(CARS)))] if rng.random() < 0.5 else NOMINAL
    if rng.random() < 0.3:
        car = replace(car, lidar=None)
    fittings = [
        replace(car.fittings),
        replace(car.fittings, infrared=InfraredParameters()),
        replace(car.fittings, environment=(EnvironmentParameters(Quantity.TEMPERATURE),)),
    ]
    return replace(car, fittings=fittings[int(rng.integers(3))] if rng.random() < 0.4 else car.fittings)


def link_of(seed: int) -> SimulatedLink:
    """Return a car among people, at the end of a good line or a bad one."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform([1.0, 1.0], [8.0, 9.0], (int(rng.choice([0, 3, 40])) + 1, 2))
    walks = [Walk((tuple(a), tuple(b))) for a, b in pairwise(corners.tolist())]
    car = SimulatedCar(
        HALL,
        fitted(rng),
        walks,
        MIDDLE,
        seed,
        moving=[Appearing(box(3.0, 3.0, 0.2), 0.5, 1.5)] if rng.random() < 0.2 else (),
    )
    lines = (
        PERFECT,
        LineParameters(baud=460_800),
        LineParameters(latency_s=0.013, jitter_s=0.02, loss=0.001),
    )
    return SimulatedLink(car, "twin", lines[int(rng.choice([0, 0, 0, 1, 2]))], seed)


def pull_out(link: SimulatedLink, rng: Random) -> None:
    """Let the cable be out, or in again."""
    line = replace(PERFECT, connected=False) if rng.random() < 0.5 else PERFECT
    link.uplink.parameters = link.downlink.parameters = line


def be_late(link: SimulatedLink, rng: Random) -> None:
    """Let what is sent to the car be under way for some time."""
    link.uplink.parameters = replace(PERFECT, latency_s=float(rng.uniform(0.0, 0.05)))


def hold(link: SimulatedLink, rng: Random) -> None:
    """Let a queue be stuck, or come loose."""
    channel = link.uplink if rng.random() < 0.5 else link.downlink
    channel.hold = not channel.hold


def meddle(link: SimulatedLink, rng: Random) -> None:
    """Let somebody on the line turn what the car says round, or no longer."""
    link.downlink.meddler = (lambda data: data[::-1]) if rng.random() < 0.5 else None


def admit(link: SimulatedLink, rng: Random) -> None:
    """Let somebody come for good."""
    if link.car.people.count < link.car.people.most:
        x_m, y_m = rng.uniform([1.0, 1.0], [8.0, 9.0])
        link.car.admit(Guest(((float(x_m), float(y_m)), (5.0, 5.0)), speed_mps=1.0))


def loop_slower(link: SimulatedLink, rng: Random) -> None:
    """Let the control loop take so many periods for a turn."""
    link.car.loop_every = int(rng.integers(1, 4))


HAPPENINGS: tuple[Callable[[SimulatedLink, Random], object], ...] = (
    be_late,
    be_late,
    lambda link, rng: link.car.hang(int(rng.integers(1, 400_000))),
    loop_slower,
    loop_slower,
    lambda link, _: link.car.power_cycle(ResetCause.BROWN_OUT),
    lambda link, rng: link.car.displace(*rng.uniform(-0.2, 0.2, 3).tolist()),
    lambda link, rng: link.car.slip(float(rng.uniform(0.0, 0.5))),
    lambda link, _: link.car.line_break(),
    admit,
    hold,
    meddle,
    pull_out,
)


def state_of(link: SimulatedLink) -> tuple[object, ...]:
    """Return everything that moves."""
    car = link.car
    seen = b"" if car.lidar is None else car.lidar.distance_m.tobytes() + car.lidar.codes.tobytes()
    inputs, outputs = bytes(car.controller.inputs), bytes(car.controller.outputs)
    return car.now_us, bytes(car._car), car.people.discs.tobytes(), seen, inputs, outputs


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=25, deadline=None)
def test_the_car_is_the_same_to_the_last_bit_in_one_call_and_step_by_step(seed: int, calm: bool) -> None:
    rng, session = np.random.default_rng(seed), Session(7)
    alone, watched = link_of(seed), link_of(seed)
    watched.car.tampering = Onlooker()
    now_ns = 0
    for turn in range(150):
        now_ns += STEP_NS // 10 * int(rng.choice(INTERVALS_MS))
        heard = alone.read(now_ns)
        assert watched.read(now_ns) == heard
        assert state_of(watched) == state_of(alone)
        session.receive(heard, now_ns)
        said, _ = session.poll(turn, now_ns)
        said += session.drive(float(rng.uniform(-0.3, 0.6)), 0.0, float(rng.uniform(-1.0, 1.0)), 200)
        if turn == 40:
            session.command(Command.ARM)
        happens = None if calm or rng.random() > 0.1 else HAPPENINGS[int(rng.integers(len(HAPPENINGS)))]
        for link in (alone, watched):
            link.write(said)
            if happens is not None:
                happens(link, np.random.default_rng([seed, turn]))


@pytest.mark.parametrize("periods", [1, 2, 7, 8, 9, 127, 300])
def test_so_many_periods_at_once_are_so_many_one_after_the_other(periods: int) -> None:
    once, often = (SimulatedCar(HALL, start=MIDDLE, seed=5) for _ in range(2))
    for _ in range(4):
        assert once.run(b"\x00", periods) == b"".join(
            often.step(b"\x00" if k == 0 else b"") for k in range(periods)
        )
        assert once.truth == often.truth
        assert once.now_us == often.now_us


def test_what_a_slow_loop_did_not_hear_yet_is_heard_when_it_is_sound_again() -> None:
    slow, sound = (SimulatedCar(HALL, start=MIDDLE, seed=5) for _ in range(2))
    hello = Session(7).poll(0, 0)[0]
    slow.loop_every = 100
    slow.run(hello, 2)  # neither a turn of the loop nor a ping of the sonars after the first step
    slow.loop_every = 1
    sound.run(b"", 2)
    assert len(slow.step(b"")) > len(sound.step(b""))
