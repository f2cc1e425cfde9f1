"""The controller among hosts that may say anything, sensors that may see anything and a line that may stall.

Drawn step by step; what must hold is checked after each control period. The exhaustive walk is
test_safety_space.py: here the numbers are free, and so are the bytes.
"""

from __future__ import annotations

from car import PERIOD_MS, SESSION, Car
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from typing_extensions import override

from firmware_protocol.controller_layout import RANGES, WHEELS
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    SPEC_OF,
    Cmd,
    Command,
    Drive,
    Heartbeat,
    HelloRequest,
    Message,
    State,
    Stop,
)

RING_BYTES = 2048  # PCP_TX_RING: all that may wait for a line that stalls
BRAKE_LIMIT_MS = 1500 + 2 * PERIOD_MS
LONGEST_FRAME = 256
sessions = st.sampled_from([0, SESSION, SESSION + 1])
small = st.integers(0, 255)


def drive(session: int, count: int, lease_ms: int, vx_mps: float, wz_radps: float) -> Drive:
    return Drive(session, count, lease_ms, vx_mps, 0.0, wz_radps)


words = st.one_of(
    st.builds(
        HelloRequest, st.sampled_from([MAGIC, 0]), st.just(MAJOR), st.just(MINOR), st.just(SCHEMA), sessions
    ),
    st.builds(Heartbeat, sessions, st.integers(0, 2**32 - 1)),
    st.builds(
        drive,
        sessions,
        st.integers(0, 65535),
        st.integers(0, 700),
        st.floats(-30.0, 30.0),
        st.floats(-30.0, 30.0),
    ),
    st.builds(Stop, small),
    st.builds(Cmd, sessions, small, small, st.integers(-9, 9)),
)


class Anything(RuleBasedStateMachine):
    """One car and everything that can happen to it."""

    @initialize(armed=st.booleans())
    def start(self, armed: bool) -> None:
        self.car = Car()
        self.arm_was_heard = False
        self.unarmed_ms = 0
        self.stopped_ms: int | None = None  # since STOP, as long as nobody released it
        self.line_had_room = True  # in the step before: what it sends then is no backlog
        if armed:
            self.car.run(200)
            self.asks(HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, SESSION))
            self.asks(Cmd(SESSION, 1, Command.ARM, 0))

    # ------------------------------------------------------------ what happens

    @rule(message=words)
    def asks(self, message: Message) -> None:
        self.arm_was_heard |= isinstance(message, Cmd) and message.command == Command.ARM
        self.car.send(message)
        if isinstance(message, Stop):
            self.stopped_ms = 0
        elif isinstance(message, Cmd) and message.command == Command.CLEAR_STOP:
            self.stopped_ms = None
        self.step()

    @rule(noise=st.binary(min_size=1, max_size=200))
    def says_anything(self, noise: bytes) -> None:
        self.car.send_bytes(noise)
        self.step()

    @rule(vx_mps=st.floats(-1.0, 1.0), wz_radps=st.floats(-4.0, 4.0), times=st.integers(1, 20))
    def drives(self, vx_mps: float, wz_radps: float, times: int) -> None:
        for _ in range(times):
            self.car._count = (self.car._count + 1) % 2**16
            self.car.send(Drive(SESSION, self.car._count, 200, vx_mps, 0.0, wz_radps))
            self.step()

    @rule(
        bumpers=small,
        cliffs=small,
        charger=st.booleans(),
        battery_mv=st.sampled_from([0, 5000, 7400, 65535]),
        ranges_mm=st.lists(
            st.sampled_from([0, 100, 149, 150, 201, 65533, 65534, 65535]), min_size=RANGES, max_size=RANGES
        ),
    )
    def feels_something(
        self, bumpers: int, cliffs: int, charger: bool, battery_mv: int, ranges_mm: list[int]
    ) -> None:
        inputs = self.car.inputs
        inputs.bumpers, inputs.cliffs, inputs.charger, inputs.battery_mv = (
            bumpers,
            cliffs,
            charger,
            battery_mv,
        )
        inputs.range_mm[:] = ranges_mm
        self.step()

    @rule()
    def feels_nothing_any_more(self) -> None:
        inputs = self.car.inputs
        inputs.bumpers, inputs.cliffs, inputs.charger, inputs.battery_mv = 0, 0, 0, 7400
        inputs.range_mm[:] = [65535] * RANGES
        inputs.range_fresh, inputs.imu_fresh = 0xFF, 1
        self.time_passes(40)

    @rule(range_fresh=small, imu_fresh=st.booleans())
    def sensors_fall_silent(self, range_fresh: int, imu_fresh: bool) -> None:
        self.car.inputs.range_fresh, self.car.inputs.imu_fresh = range_fresh, imu_fresh
        self.step()

    @rule(axis=st.integers(0, 2), value=st.integers(-32768, 32767), turns=st.booleans())
    def is_shaken(self, axis: int, value: int, turns: bool) -> None:
        self.car.imu_is_told = False
        (self.car.inputs.gyro_500urad if turns else self.car.inputs.accel_mmps2)[axis] = value
        self.step()

    @rule(wheel=st.integers(0, WHEELS - 1), ticks=st.integers(-(2**31), 2**31 - 1))
    def a_counter_jumps(self, wheel: int, ticks: int) -> None:
        self.car.inputs.ticks[wheel] = ticks
        self.step()

    @rule(elapsed_us=st.sampled_from([0, 1, 9_999, 49_999, 50_000, 50_001, 400_000]))
    def the_loop_is_late(self, elapsed_us: int) -> None:
        self.car.inputs.now_us = (self.car.inputs.now_us + elapsed_us) % 2**32
        self.step(elapsed_us // 1000)

    @rule(capacity=st.sampled_from([0, 1, 20, 92, 4096]))
    def the_line_slows_down(self, capacity: int) -> None:
        self.car.tx_capacity = capacity

    @rule(tens=st.integers(1, 200))
    def time_passes(self, tens: int) -> None:
        for _ in range(tens):
            self.step()

    @rule()
    def the_line_breaks(self) -> None:
        self.car.line_break()
        self.stopped_ms = 0
        self.step()

    # ------------------------------------------------------------ one step, and what must hold

    def step(self, late_ms: int = 0) -> None:
        self.car.step()
        enabled, duties = bool(self.car.outputs.enable), list(self.car.outputs.duty_permille)
        assert all(-1000 <= duty <= 1000 for duty in duties)
        assert enabled or not any(duties)
        assert not enabled or self.arm_was_heard, "the motors have power and nobody armed"
        if self.stopped_ms is not None:
            self.stopped_ms += PERIOD_MS + late_ms
            assert not enabled or self.stopped_ms <= BRAKE_LIMIT_MS, "a STOP does not take the power"
        line_has_room = self.car.tx_capacity >= RING_BYTES
        if line_has_room and self.line_had_room:  # then the newest STATUS is the present
            self.check_state(self.car.status.state, enabled=enabled, elapsed_ms=PERIOD_MS + late_ms)
        else:
            self.unarmed_ms = 0
        self.line_had_room = line_has_room

    def check_state(self, state: int, *, enabled: bool, elapsed_ms: int) -> None:
        assert self.stopped_ms is None or state == State.STOPPED, "a STOP is not latched"
        assert state != State.ARMED or enabled
        self.unarmed_ms = 0 if state == State.ARMED else self.unarmed_ms + elapsed_ms
        assert not enabled or self.unarmed_ms <= BRAKE_LIMIT_MS, "it brakes for ever"

    @override
    def teardown(self) -> None:
        """A line that comes back after a long stall brings whole frames, and no more than fit."""
        if not hasattr(self, "car"):
            return
        self.car.tx_capacity = 0
        self.time_passes(300)
        before = len(self.car.heard)
        self.car.tx_capacity = RING_BYTES
        self.car.step()
        waited = [SPEC_OF[type(message)].size + 8 for message in self.car.heard[before:]]
        assert 0 < sum(waited) <= RING_BYTES + LONGEST_FRAME
        assert self.car.line_is_clean


def test_the_backlog_of_a_stalled_line_is_not_taken_for_the_present() -> None:
    """A STATUS that had no room in the ring follows with the step after the line took the backlog."""
    machine = Anything()
    machine.start(armed=False)
    machine.the_line_slows_down(capacity=0)
    machine.feels_nothing_any_more()
    machine.the_line_breaks()
    machine.the_line_slows_down(capacity=4096)
    machine.feels_nothing_any_more()
    assert machine.car.status.state == State.STOPPED


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True)
