"""A patrol in a room, something that goes wrong in the middle of it, and what happened then.

The whole host drives the simulated car, in virtual time. The fault begins when the car is in the wanted
phase: driving straight, turning, or standing at a place. Everything that is judged is the truth of the
simulator and the bytes of the controller, never what the host believes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from firmware_protocol.framing import FrameDecoder
from firmware_protocol.messages import Cause, Event, EventCode, Message, State, Status
from patrolcar.modes import Mode
from patrolcar.pilot import Pilot
from patrolcar.pilot import intents as ask
from patrolcar.pilot.snapshot import EventView
from patrolcar.runtime.core import Core
from patrolcar.runtime.plan import Plan, core_of, plan_from_files
from patrolcar.runtime.virtual import VirtualRun
from sim.faults import Fault, Injector, Target
from sim.line import PERFECT, LineParameters
from sim.link import SimulatedLink
from sim.noise import stream
from sim.scenario import car_on

SITE: Final = """
site: Fault room
rooms: {hall: [0, 0, 9, 5]}
pillars: [[4.5, 2.4, 0.2]]
furniture: [[0.0, 3.9, 1.2, 1.1], [7.6, 0.0, 1.4, 0.9]]
start: [1.2, 1.0, 0]
places: {south: [6.5, 1.0], east: [8.0, 2.4], north: [6.5, 4.0], west: [1.4, 2.8]}
"""
MISSION: Final = """
mission: Round the fault room
site: room.yaml
loops: 30
return_home: false
every_visit: {dwell_s: 2}
visits: [south, east, north, west]
"""
SETTLED_S: Final = 6.0  # the patrol is under way by then
WAIT_S: Final = 60.0
STANDING_MPS: Final = 0.01

PHASES: Final[dict[str, Callable[[float, float], bool]]] = {
    "straight": lambda speed_mps, turn_radps: speed_mps > 0.35 and abs(turn_radps) < 0.15,
    "turn": lambda _, turn_radps: abs(turn_radps) > 0.6,
    "standing": lambda speed_mps, turn_radps: (
        abs(speed_mps) < STANDING_MPS and abs(turn_radps) < STANDING_MPS
    ),
}


@dataclass(slots=True)
class Aftermath:
    """What happened after the onset; times are in milliseconds after it, None for never."""

    rest_ms: float | None = None  # since then the car has stood, as the truth has it
    moved_m: float = 0.0  # way from the onset on
    latched_ms: float | None = None
    disarmed_ms: float | None = None
    held_ms: float | None = None  # first time that a cause held the armed car
    causes: list[Cause] = field(default_factory=list)  # in the order in which STATUS named them
    stop_cause: Cause | None = None
    collisions: int = 0
    moved_after_latch_m: float = 0.0
    fastest_mps: float = 0.0
    visits: int = 0
    texts: list[str] = field(default_factory=list)
    boots: int = 0
    fullest_duty: float = 0.0
    modes: list[Mode] = field(default_factory=list)


@cache
def plan() -> Plan:
    """Return the plan; it is the same for all."""
    return plan_from_files(
        {"room.yaml": SITE.encode(), "round.yaml": MISSION.encode()}, "round.yaml", is_mission=True
    )


class Patrol:
    """One run."""

    def __init__(self, seed: int, line: LineParameters = PERFECT) -> None:
        self.car = car_on(plan().site, seed, 0, line)
        self.link = SimulatedLink(self.car, "sim://faults", line, seed)
        self.core: Core = core_of(plan(), lambda: self.link, "sim", session=seed + 1, seed=seed, record=None)
        self.run = VirtualRun(self.core)
        self.seed = seed
        self._tap = FrameDecoder()

    @property
    def pilot(self) -> Pilot:
        """The host."""
        return self.core.pilot

    def turn(self, *intents: ask.Intent) -> tuple[EventView, ...]:
        """Let one turn of the host pass."""
        return self.run.turn(*intents)

    def until(self, phase: str) -> None:
        """Start the mission and go on until the car is in the phase."""
        end_ns = round(WAIT_S * 1e9)
        while not self.pilot.may_start:
            self.turn()
            assert self.run.now_ns < end_ns, self.pilot.session.sentence
        self.turn(ask.StartMission("test"))
        settled_ns = self.run.now_ns + round(SETTLED_S * 1e9)
        while self.run.now_ns < settled_ns or not self._is_in(phase):
            self.turn()
            assert self.run.now_ns < end_ns, f"never {phase}"

    def _is_in(self, phase: str) -> bool:
        truth = self.car.truth
        return self.pilot.mode is Mode.PATROL and PHASES[phase](truth.speed_mps, truth.turn_radps)

    def inject(self, fault: Fault) -> None:
        """Let the fault begin with the next control period."""
        target = Target(self.car, self.link.uplink, self.link.downlink, stream(self.seed, "faults"))
        starting = replace(fault, at_s=self.car.now_us / 1e6)
        self.car.tampering = injector = Injector([starting], target, self.seed)
        self.car.controller.scan_filter = injector.scanned

    def watch(self, seconds: float) -> Aftermath:
        """Let time pass and note what happens."""
        found = Aftermath()
        onset_us, start_m = self.car.now_us, self.car.truth.distance_m
        hits, visits = self.car.truth.collisions, self._visits()
        said, latched_m = self._listening(), math.inf
        while self.car.now_us < onset_us + seconds * 1e6:
            found.texts += [event.text for event in self.turn()]
            elapsed_ms = (self.car.now_us - onset_us) / 1000
            truth = self.car.truth
            moving = abs(truth.speed_mps) > STANDING_MPS or abs(truth.turn_radps) > 3 * STANDING_MPS
            found.rest_ms = None if moving else (elapsed_ms if found.rest_ms is None else found.rest_ms)
            found.fastest_mps = max(found.fastest_mps, abs(truth.speed_mps))
            found.fullest_duty = max(
                found.fullest_duty, *(abs(duty) / 1000 for duty in self.car.controller.outputs.duty_permille)
            )
            self._note(found, said(), elapsed_ms)
            if found.latched_ms is not None and found.rest_ms is not None:
                latched_m = min(latched_m, truth.distance_m)
            if found.modes[-1:] != [self.pilot.mode]:
                found.modes.append(self.pilot.mode)
        truth = self.car.truth
        found.moved_m = truth.distance_m - start_m
        found.moved_after_latch_m = max(truth.distance_m - latched_m, 0.0)
        found.collisions = truth.collisions - hits
        found.visits = self._visits() - visits
        return found

    def _visits(self) -> int:
        patrol = self.pilot.autopilot.patrol
        return 0 if patrol is None else sum(tally.visits for tally in patrol.tallies.values())

    def _listening(self) -> Callable[[], list[Message]]:
        """Return a tap on what the controller says, before the line has it."""
        heard: list[bytes] = []
        step = self.car.controller.step

        def tapped(received: bytes) -> bytes:
            out = step(received)
            heard.append(out)
            return out

        self.car.controller.step = tapped  # type: ignore[method-assign]

        def take() -> list[Message]:
            frames = self._tap.feed(b"".join(heard))
            heard.clear()
            return [frame.spec.unpack(frame.payload) for frame in frames]

        return take

    def _note(self, found: Aftermath, said: list[Message], elapsed_ms: float) -> None:
        for message in said:
            if isinstance(message, Event) and message.code == EventCode.BOOTED:
                found.boots += 1
            if not isinstance(message, Status):
                continue
            cause = Cause(message.cause)
            if found.causes[-1:] != [cause]:
                found.causes.append(cause)
            if message.state == State.STOPPED and found.latched_ms is None:
                found.latched_ms, found.stop_cause = elapsed_ms, cause
            if message.state == State.DISARMED and found.disarmed_ms is None:
                found.disarmed_ms = elapsed_ms
            if message.state == State.ARMED and cause is not Cause.NONE and found.held_ms is None:
                found.held_ms = elapsed_ms


def aftermath(fault: Fault, phase: str, seed: int, seconds: float = 8.0) -> Aftermath:
    """Return what this fault does in this phase of the patrol with this seed."""
    patrol = Patrol(seed)
    patrol.until(phase)
    patrol.inject(fault)
    return patrol.watch(seconds)
