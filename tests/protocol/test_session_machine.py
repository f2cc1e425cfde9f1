"""Two hosts, one controller, and a line that loses, repeats, reorders and damages what is on it.

The hosts' ends are the shipped sessions, the car is the simulated one with the real controller in C, the time
is virtual. The first host only ever drives forward and the second only backward, so the motors tell whose
DRIVE they follow. What the controller does is read where it leaves the car: nothing is lost there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from firmware_protocol.framing import FrameDecoder
from firmware_protocol.messages import Cmd, Command, Event, EventCode, Message, State, Status
from firmware_protocol.session import LinkState, Session
from sim.car import NOMINAL, SimulatedCar
from sim.controller import PERIOD_US
from sim.world.walls import World

WIDE = [[0.0, 0.0, 80.0, 0.0], [80.0, 0.0, 80.0, 80.0], [80.0, 80.0, 0.0, 80.0], [0.0, 80.0, 0.0, 0.0]]
FORWARD, BACKWARD = 0, 1
SPEEDS_MPS = (0.3, -0.3)
SESSIONS = (100, 40_000)
RECOVERS_MS = 2000
LATEST_STEPS = 12  # so late a frame may come; a command that is older than the last four is executed again
BRAKING_MS = 1700


class Line:
    """One direction: whole writes travel, and each may be lost, doubled, late or hurt."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.trouble = 0.0  # chance that something happens to a write
        self.is_cut = False
        self._rng = rng
        self._flying: list[tuple[int, bytes]] = []

    def put(self, data: bytes, step: int) -> None:
        if not data or self.is_cut:
            return
        copies = 1
        if self._rng.random() < self.trouble:
            copies = int(self._rng.integers(5))  # lost, hurt, or more than once
            data = self._hurt(data) if copies == 1 else data
        for _ in range(copies):
            late = int(self._rng.integers(LATEST_STEPS + 1)) if self._rng.random() < self.trouble else 0
            self._flying.append((step + late, data))

    def arrived(self, step: int) -> bytes:
        due = [data for at, data in self._flying if at <= step]
        self._flying = [each for each in self._flying if each[0] > step]
        return b"".join(due)

    def _hurt(self, data: bytes) -> bytes:
        at = int(self._rng.integers(len(data)))
        return bytes((*data[:at], data[at] ^ 1 << int(self._rng.integers(8)), *data[at + 1 :]))


class TwoHosts(RuleBasedStateMachine):
    """What happens is drawn; what must hold is checked after each step of 10 ms."""

    @initialize(seed=st.integers(0, 2**32 - 1), trouble=st.sampled_from((0.0, 0.3, 0.6)))
    def start(self, seed: int, trouble: float) -> None:
        rng = np.random.default_rng(seed)
        world = World.from_walls(WIDE)
        self.car = SimulatedCar(world, replace(NOMINAL, lidar=None), start=(40.0, 40.0, 0.0), seed=1)
        self.hosts = [Session(number) for number in SESSIONS]
        self.up, self.down = [Line(rng), Line(rng)], [Line(rng), Line(rng)]
        self.wants_to_drive = [False, False]
        self.is_alive = [True, False]  # the second one comes when it is drawn
        self.steps = 0
        self.owner = self.events = 0
        self.asked: set[Cmd] = set()  # what the controller has heard in this session
        self.executes: set[int] = set()  # what it has heard for the first time in this step
        self.armed_since_opened = False
        self.state = int(State.DISARMED)
        self.unarmed_ms = BRAKING_MS
        self.tap, self.ear = FrameDecoder(), FrameDecoder()
        self.time_passes(400)
        self.the_line_changes(trouble)

    # ------------------------------------------------------------ what happens

    @rule(duration_ms=st.integers(1, 80).map(lambda tens: 10 * tens))
    def time_passes(self, duration_ms: int) -> None:
        for _ in range(duration_ms // 10):
            self.step()

    @rule(host=st.sampled_from((FORWARD, BACKWARD)))
    def arms_and_drives(self, host: int) -> None:
        self.asks_to_arm(host)
        self.wants_to_drive[host] = True
        self.time_passes(100)

    def asks_to_arm(self, host: int) -> None:
        self.hosts[host].command(Command.ARM)

    @rule(host=st.sampled_from((FORWARD, BACKWARD)), pause_ms=st.sampled_from((30, 60)))
    def arms_and_thinks_better_of_it(self, host: int, pause_ms: int) -> None:
        self.wants_to_drive[host] = False
        for _ in range(4):
            self.asks_to_arm(host)
            self.time_passes(pause_ms)
            self.hosts[host].command(Command.DISARM)
            self.time_passes(150)

    @rule(host=st.sampled_from((FORWARD, BACKWARD)))
    def disarms(self, host: int) -> None:
        self.hosts[host].command(Command.DISARM)
        self.time_passes(50)

    @rule(host=st.sampled_from((FORWARD, BACKWARD)))
    def stops(self, host: int) -> None:
        self.up[host].put(self.hosts[host].stop(0), self.steps)
        self.time_passes(50)

    @rule(host=st.sampled_from((FORWARD, BACKWARD)), stop_count=st.integers(0, 4))
    def releases(self, host: int, stop_count: int) -> None:
        self.hosts[host].command(Command.CLEAR_STOP, stop_count)
        self.time_passes(50)

    @rule(trouble=st.sampled_from((0.0, 0.1, 0.5, 0.9)))
    def the_line_changes(self, trouble: float) -> None:
        for line in (*self.up, *self.down):
            line.trouble = trouble

    @rule(host=st.sampled_from((FORWARD, BACKWARD)), up=st.booleans(), down=st.booleans())
    def a_wire_breaks_or_is_mended(self, host: int, up: bool, down: bool) -> None:
        self.up[host].is_cut, self.down[host].is_cut = up, down

    @rule(host=st.sampled_from((FORWARD, BACKWARD)), is_alive=st.booleans())
    def a_program_freezes_or_goes_on(self, host: int, is_alive: bool) -> None:
        self.is_alive[host] = is_alive

    @precondition(lambda self: self.steps > 50)
    @rule()
    def the_controller_restarts(self) -> None:
        self.car.power_cycle()
        self.tap.drop_partial()
        self.owner, self.armed_since_opened, self.state = 0, False, int(State.DISARMED)
        self.events = 0
        self.asked.clear()
        self.unarmed_ms = BRAKING_MS  # without power the wheels coast
        self.time_passes(300)

    @rule(host=st.sampled_from((FORWARD, BACKWARD)))
    def everything_heals_and_one_host_is_alone(self, host: int) -> None:
        for line in (*self.up, *self.down):
            line.trouble, line.is_cut = 0.0, False
        other = 1 - host
        self.is_alive[host], self.is_alive[other] = True, False
        self.time_passes(RECOVERS_MS)
        assert self.hosts[host].state is LinkState.UP
        assert self.owner == self.hosts[host].number

    # ------------------------------------------------------------ one step

    def step(self) -> None:
        self.steps += 1
        now_ns = self.steps * 1000 * PERIOD_US
        heard = b"".join(line.arrived(self.steps) for line in self.up)
        said = self.car.step(heard)
        self.executes = {command.command for command in self.commands_in(heard)}
        opened = self.owner
        for frame in self.tap.feed(said):
            self.note(frame.spec.unpack(frame.payload))
        assert self.owner == opened or self.state != State.ARMED, "a new session is armed"
        self.unarmed_ms = 0 if self.state == State.ARMED else self.unarmed_ms + 10
        self.check()
        for index, host in enumerate(self.hosts):
            self.down[index].put(said, self.steps)
            received = self.down[index].arrived(self.steps)
            if self.is_alive[index]:
                host.receive(received, now_ns)
                if self.steps % 2 == 0:
                    self.up[index].put(self.spoken(index, host, now_ns), self.steps)

    def commands_in(self, heard: bytes) -> list[Cmd]:
        """Return the commands that the controller now hears for the first time in this session."""
        messages = [frame.spec.unpack(frame.payload) for frame in self.ear.feed(heard)]
        new = [each for each in messages if isinstance(each, Cmd) and each not in self.asked]
        self.asked.update(new)
        return new

    def spoken(self, index: int, host: Session, now_ns: int) -> bytes:
        out, _ = host.poll(self.steps, now_ns)
        if self.wants_to_drive[index]:
            out += host.drive(SPEEDS_MPS[index], 0.0, 0.0, 200)
        return out

    def note(self, message: Message) -> None:
        if isinstance(message, Status):
            self.state = message.state
        elif isinstance(message, Event) and message.event_count > self.events:  # else it is told again
            self.events = message.event_count
            self.note_event(message)

    def note_event(self, event: Event) -> None:
        if event.code == EventCode.SESSION_OPENED:
            self.owner, self.armed_since_opened = event.argument, False
            self.asked.clear()
        elif event.code == EventCode.ARMED:
            assert Command.ARM in self.executes, "an ARM was executed a second time"
            self.armed_since_opened = True
        elif event.code == EventCode.STOP_CLEARED:
            assert Command.CLEAR_STOP in self.executes, "a CLEAR_STOP was executed a second time"

    def check(self) -> None:
        outputs = self.car.controller.outputs
        if self.state == State.ARMED:
            assert self.armed_since_opened, "armed, though nobody armed it in this session"
        if outputs.enable:
            assert self.unarmed_ms < BRAKING_MS, "the motors have power long after it was disarmed"

    def is_owner(self, host: int) -> bool:
        return abs(self.owner - SESSIONS[host]) < 10_000  # a session that ended has another number next time

    # ------------------------------------------------------------ what must hold

    @invariant()
    def the_motors_follow_only_the_owner(self) -> None:
        if hasattr(self, "car") and self.state == State.ARMED:
            speed_mps = self.car.truth.speed_mps
            assert speed_mps < 0.02 or not self.is_owner(BACKWARD)
            assert speed_mps > -0.02 or not self.is_owner(FORWARD)


TestTwoHosts = TwoHosts.TestCase
TestTwoHosts.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_commands_that_come_again_and_late_are_not_executed_again() -> None:
    for seed in range(40):
        story = TwoHosts()
        story.start(seed, 0.6)
        story.arms_and_thinks_better_of_it(FORWARD, 30)
