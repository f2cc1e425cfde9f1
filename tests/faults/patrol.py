"""A patrol in a room, something that goes wrong in the middle of it, and what happened then.

The whole host drives the simulated car, in virtual time. The fault begins when the car is in the wanted
phase: driving straight, turning, standing at a place, or driven by hand, straight on, by somebody who does
not look and keeps the key down: then only the governor and the controller look. Everything that is judged
is the truth of the simulator and the bytes of the controller, never what the host believes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from unguarded import Watchers, let_look

from firmware_protocol.framing import FrameDecoder
from firmware_protocol.messages import Cause, Event, EventCode, Message, State, Status
from patrolcar.modes import Mode
from patrolcar.pilot import Pilot
from patrolcar.pilot import intents as ask
from patrolcar.pilot.snapshot import EventView
from patrolcar.runtime.core import Core
from patrolcar.runtime.plan import Plan, core_of, plan_from_files
from patrolcar.runtime.virtual import VirtualRun
from patrolcar.site import Site
from sim.car import SimulatedCar
from sim.faults import Fault, Injector, Target
from sim.line import PERFECT, LineParameters
from sim.link import SimulatedLink
from sim.noise import stream
from sim.setting.scenario import car_on, world_of
from sim.world.moving import Door

SITE: Final = """
site: Fault room
rooms: {hall: [0, 0, 9, 5]}
pillars: [[4.5, 2.4, 0.2]]
furniture: [[0.0, 3.9, 1.2, 1.1], [7.6, 0.0, 1.4, 0.9]]
start: [1.2, 1.0, 0]
places: {south: [6.5, 1.0], east: [8.0, 2.4], north: [6.5, 4.0], west: [1.4, 2.8]}
"""
TWO_ROOMS: Final = """
site: Two rooms and a door
rooms: {west: [0, 0, 4, 4], east: [4, 0, 4, 4]}
doors: [[4, 2, 0.9]]
start: [1.0, 2.0, 0]
places: {here: [1.0, 3.0], there: [6.5, 2.0]}
"""
TWO_DOORS: Final = TWO_ROOMS.replace("[[4, 2, 0.9]]", "[[4, 2, 0.9], [4, 0.6, 0.8]]")
MISSION: Final = """
mission: Round the fault room
site: site.yaml
loops: 30
return_home: false
every_visit: {dwell_s: 2}
visits: [%s]
"""
SITES: Final = {
    "room": (SITE, "south, east, north, west"),
    "two rooms": (TWO_ROOMS, "there, here"),
    "two doors": (TWO_DOORS, "there, here"),
}
DOOR: Final = Door(hinge=(4.0, 1.55), handle=(4.0, 2.45), open_s=((0.0, math.inf),), turn_s=1.0)
SETTLED_S: Final = 6.0  # the patrol is under way by then
WAIT_S: Final = 60.0
STANDING_MPS: Final = 0.01

PHASES: Final[dict[str, Callable[[float, float], bool]]] = {
    "straight": lambda speed_mps, turn_radps: speed_mps > 0.35 and abs(turn_radps) < 0.15,
    "turn": lambda _, turn_radps: abs(turn_radps) > 0.6,
    "standing": lambda speed_mps, turn_radps: (
        abs(speed_mps) < STANDING_MPS and abs(turn_radps) < STANDING_MPS
    ),
    "by hand": lambda speed_mps, turn_radps: speed_mps > 0.55 and abs(turn_radps) < 0.15,
}
BY_HAND: Final = ask.Drive("somebody", 0.6, 0.0, 0.0)


@dataclass(slots=True)
class Aftermath:
    """What happened after the onset; times are in milliseconds after it, None for never."""

    rest_ms: float | None = None  # since then the car has stood, as the truth has it
    moved_m: float = 0.0  # way from the onset on
    latched_ms: float | None = None
    disarmed_ms: float | None = None
    held_ms: float | None = None  # first time that a cause held the armed car
    lost_ms: float | None = None  # first time that the host did not know where the car is
    on_hold_ms: float | None = None  # first time that the host gave up its mission until a person looks
    causes: list[Cause] = field(default_factory=list)  # in the order in which STATUS named them
    stop_cause: Cause | None = None
    collisions: int = 0
    gap_m: float = math.inf  # to people and to what came, while the car moved
    moved_after_latch_m: float = 0.0
    fastest_mps: float = 0.0
    visits: int = 0
    texts: list[str] = field(default_factory=list)
    boots: int = 0
    fullest_duty: float = 0.0
    modes: list[Mode] = field(default_factory=list)


@cache
def plan(site: str = "room") -> Plan:
    """Return the plan; it is the same for all rows of one site."""
    drawing, visits = SITES[site]
    files = {"site.yaml": drawing.encode(), "round.yaml": (MISSION % visits).encode()}
    return plan_from_files(files, "round.yaml", is_mission=True)


def _car(site: Site, seed: int, line: LineParameters) -> SimulatedCar:
    """Return a car at the start; where there are two rooms there is a door between them."""
    if site.name == "Fault room":
        return car_on(site, seed, 0, line)
    start = (site.start.x_m, site.start.y_m, site.start.yaw_rad)
    return SimulatedCar(world_of(site), start=start, seed=seed, moving=[DOOR])


class Patrol:
    """One run."""

    def __init__(self, seed: int, line: LineParameters = PERFECT, site: str = "room") -> None:
        self.car = _car(plan(site).site, seed, line)
        self.link = SimulatedLink(self.car, "sim://faults", line, seed)
        self.core: Core = core_of(
            plan(site), lambda: self.link, "sim", session=seed + 1, seed=seed, record=None
        )
        self._keys: tuple[ask.Intent, ...] = ()
        self.run = VirtualRun(self.core)
        self.seed = seed
        self._tap = FrameDecoder()

    @property
    def pilot(self) -> Pilot:
        """The host."""
        return self.core.pilot

    def turn(self, *intents: ask.Intent) -> tuple[EventView, ...]:
        """Let one turn of the host pass, with the keys that are held down."""
        return self.run.turn(*intents, *self._keys)

    def until(self, phase: str) -> None:
        """Start the mission and go on until the car is in the phase."""
        end_ns = round(WAIT_S * 1e9)
        while not self.pilot.may_start:
            self.turn()
            assert self.run.now_ns < end_ns, self.pilot.session.sentence
        if phase == "by hand":
            self.turn(ask.Arm("somebody"))
            self._keys = (BY_HAND,)
            settled_ns = self.run.now_ns
        else:
            self.turn(ask.StartMission("test"))
            settled_ns = self.run.now_ns + round(SETTLED_S * 1e9)
        while self.run.now_ns < settled_ns or not self._is_in(phase):
            self.turn()
            assert self.run.now_ns < end_ns, f"never {phase}"

    def _is_in(self, phase: str) -> bool:
        truth = self.car.truth
        driven = Mode.MANUAL if phase == "by hand" else Mode.PATROL
        return self.pilot.mode is driven and PHASES[phase](truth.speed_mps, truth.turn_radps)

    def let_look(self, watchers: Watchers) -> None:
        """Let only these look where the car drives, from now on."""
        let_look(watchers, self.pilot, self.link)

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
            if found.lost_ms is None and self.pilot.position.is_lost:
                found.lost_ms = elapsed_ms
            if found.on_hold_ms is None and self.pilot.mode is Mode.HOLD:
                found.on_hold_ms = elapsed_ms
            if found.modes[-1:] != [self.pilot.mode]:
                found.modes.append(self.pilot.mode)
        truth = self.car.truth
        found.moved_m = truth.distance_m - start_m
        found.moved_after_latch_m = max(truth.distance_m - latched_m, 0.0)
        found.collisions, found.gap_m = truth.collisions - hits, truth.min_person_m
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
