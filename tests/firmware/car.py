"""A car on the bench: the real controller in C, and wheels that do what their motors are told.

The wheels are as simple as can be (duty becomes speed, with a short lag and a dead band), so that a
test is about the controller and not about physics. The body moves as the wheels have it and the IMU feels
that. Time is the controller's own.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

from textbook import Body, body_of

from firmware_protocol.controller_layout import RANGES, WHEELS, config_struct
from firmware_protocol.controller_layout import ConfigStruct as Config
from firmware_protocol.controller_layout import InputsStruct as Inputs
from firmware_protocol.controller_layout import OutputsStruct as Outputs
from firmware_protocol.controller_layout import ScanStruct as ScanPiece
from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    SPEC_OF,
    Capability,
    Chassis,
    Cmd,
    Command,
    Drive,
    Event,
    EventCode,
    Heartbeat,
    HelloRequest,
    Message,
    Odom,
    Resp,
    Scan,
    Status,
    Stop,
)
from firmware_protocol.native import library
from sim.flash import SimulatedFlash

AnyMessage = TypeVar("AnyMessage")

PERIOD_MS = 10
GRAVITY_MPS2 = 9.80665
SESSION = 0x1234
NOTHING_SEEN, TOO_CLOSE, BROKEN = 0xFFFF, 0xFFFE, 0xFFFD
FRONT_LEFT, FRONT, FRONT_RIGHT, SIDE_LEFT, SIDE_RIGHT, REAR_LEFT, REAR, REAR_RIGHT = range(RANGES)
BEARINGS_RAD = (0.6, 0.0, -0.6, 1.57, -1.57, 2.84, 3.14, -2.84)


def config(**changes: float) -> Config:
    """Return the configuration of a small differential car, with ``changes``."""
    values: dict[str, float] = {
        "boot_id": 0xB007,
        "capabilities": Capability.IMU | Capability.BUMPERS,
        "line_bytes_per_s": 92_160,
        "chassis": Chassis.DIFFERENTIAL,
        "metres_per_tick": 2.0 * math.pi * 0.0325 / 1560,
        "max_speed_mps": 0.6,
        "max_turn_radps": 3.0,
        "kff": 1.0,
        "kp": 1.0,
        "deadband": 0.05,
        "reflex_mm": 150,
        "undervoltage_mv": 6400,
        "overvoltage_mv": 9000,
        "undervoltage_ms": 500,
        "range_mask": 0xFF,
    }
    made = config_struct(**(values | changes))
    made.range_bearing_mrad[:] = [round(1000.0 * bearing) for bearing in BEARINGS_RAD]
    return made


def _int16(value: float) -> int:
    return max(-32768, min(32767, round(value)))


class Refused(Exception):  # noqa: N818  (reads as the sentence the test says)
    """The controller did not accept its configuration; the first argument is the reason."""


class Car:
    """One controller, its wheels, and a host end of its line."""

    def __init__(
        self, settings: Config | None = None, *, start_us: int = 0, flash: SimulatedFlash | None = None
    ) -> None:
        self._library = library()
        self._library.pcp_host_size.restype = ctypes.c_size_t
        self._library.pcp_host_step.restype = ctypes.c_size_t
        self._memory = ctypes.create_string_buffer(self._library.pcp_host_size())
        self._tx = ctypes.create_string_buffer(4096)
        self._encoder, self._decoder = FrameEncoder(), FrameDecoder()
        self._to_send = bytearray()
        self._count = self._transaction = self._loop_count = 0
        self._travel_m = [0.0] * WHEELS
        self.settings = settings or config()
        self.flash = flash
        self.inputs, self.outputs = Inputs(battery_mv=7400), Outputs()
        self.inputs.range_mm[:] = [NOTHING_SEEN] * RANGES
        self.inputs.range_fresh = 0xFF
        self.speeds_mps = [0.0] * WHEELS
        self.no_load_mps = 1.0  # at full duty
        self.dead_band = 0.05  # duty that does not turn the wheel yet
        self.lag_s = 0.03
        self.motor_gains = [1.0] * WHEELS  # 0 a motor that is dead, -1 one that is wired the wrong way round
        self.encoder_gains = [1.0] * WHEELS
        self.stuck_on: dict[int, float] = {}  # motors that get this duty whatever the controller says
        self.blocked: set[int] = set()
        self.turn_gain = (
            1.0  # how much the body turns of what the wheels say; -1 when left and right are swapped
        )
        self.body = Body(0.0, 0.0, 0.0)
        self.tilt_rad = 0.0  # nose down
        self.felt_besides_mps2 = (0.0, 0.0, 0.0)
        self.imu_is_told = True  # what the IMU feels follows from the motion
        self.tx_capacity = 4096
        self.heard: list[Message] = []
        self.wire = b""  # what it sent in the last step
        self.inputs.now_us = start_us % 2**32
        self.inputs.imu_fresh = 1
        self._feel(self.body)
        reason = self.restart()
        if reason != 0:
            raise Refused(reason)

    def send(self, *messages: Message) -> None:
        """Put messages on the line; the controller gets them with its next step."""
        for message in messages:
            self._to_send += self._encoder.encode(SPEC_OF[type(message)], message)

    def send_bytes(self, data: bytes) -> None:
        """Put anything on the line."""
        self._to_send += data

    def step(self) -> list[Message]:
        """Let one control period pass; return what the controller said."""
        received = bytes(self._to_send)
        self._to_send.clear()
        written = self._library.pcp_host_step(
            self._memory,
            ctypes.byref(self.inputs),
            ctypes.byref(self.outputs),
            received,
            ctypes.c_size_t(len(received)),
            self._tx,
            ctypes.c_size_t(self.tx_capacity),
        )
        self.wire = self._tx.raw[:written]
        frames = self._decoder.feed(self.wire)
        said = [frame.spec.unpack(frame.payload) for frame in frames]
        self.heard += said
        self._turn_wheels()
        self.inputs.now_us = (self.inputs.now_us + 1000 * PERIOD_MS) % 2**32
        return said

    def _turn_wheels(self) -> None:
        period_s = 0.001 * PERIOD_MS
        for wheel in range(WHEELS):
            told = 0.001 * self.outputs.duty_permille[wheel] if self.outputs.enable else 0.0
            duty = self.stuck_on.get(wheel, told * self.motor_gains[wheel])
            pull = max(abs(duty) - self.dead_band, 0.0) / (1.0 - self.dead_band)
            wanted_mps = math.copysign(pull * self.no_load_mps, duty)
            share = 1.0 - math.exp(-period_s / self.lag_s)
            self.speeds_mps[wheel] += share * (wanted_mps - self.speeds_mps[wheel])
            if wheel in self.blocked:
                self.speeds_mps[wheel] = 0.0
            self._travel_m[wheel] += self.speeds_mps[wheel] * period_s * self.encoder_gains[wheel]
            counts = math.floor(self._travel_m[wheel] / self.settings.metres_per_tick)
            self.inputs.ticks[wheel] = (counts + 2**31) % 2**32 - 2**31
        self._feel(self.moving)

    @property
    def moving(self) -> Body:
        """How the body moves."""
        chassis, track_m = self.settings.chassis, self.settings.track_m
        body = body_of(chassis, self.speeds_mps, track_m, self.settings.wheelbase_m)
        return body._replace(wz_radps=self.turn_gain * body.wz_radps)

    def _feel(self, body: Body) -> None:
        """Let the IMU feel the step from one motion to the next, and gravity."""
        speeding_mps2 = (body.vx_mps - self.body.vx_mps) / (0.001 * PERIOD_MS)
        sliding_mps2 = (body.vy_mps - self.body.vy_mps) / (0.001 * PERIOD_MS)
        self.body = body
        if not self.imu_is_told:
            return
        besides = self.felt_besides_mps2
        felt_mps2 = (
            speeding_mps2 - body.vy_mps * body.wz_radps - GRAVITY_MPS2 * math.sin(self.tilt_rad) + besides[0],
            sliding_mps2 + body.vx_mps * body.wz_radps + besides[1],
            GRAVITY_MPS2 * math.cos(self.tilt_rad) + besides[2],
        )
        self.inputs.accel_mmps2[:] = [_int16(1000.0 * felt) for felt in felt_mps2]
        self.inputs.gyro_500urad[2] = _int16(2000.0 * body.wz_radps)

    def run(self, duration_ms: int, *messages: Message) -> None:
        """Let time pass; ``messages`` are sent once, at the start."""
        self.send(*messages)
        for _ in range(duration_ms // PERIOD_MS):
            self.step()

    def drive(
        self,
        duration_ms: int,
        vx_mps: float = 0.0,
        wz_radps: float = 0.0,
        *,
        vy_mps: float = 0.0,
        lease_ms: int = 200,
        session: int = SESSION,
    ) -> None:
        """Send DRIVE every 20 ms, as a host does."""
        for elapsed_ms in range(0, duration_ms, PERIOD_MS):
            if elapsed_ms % 20 == 0:
                self._count = (self._count + 1) % 2**16
                self.send(Drive(session, self._count, lease_ms, vx_mps, vy_mps, wz_radps))
            self.step()

    def idle(self, duration_ms: int) -> None:
        """Send only heartbeats: the host is alive, but wants nothing."""
        for elapsed_ms in range(0, duration_ms, PERIOD_MS):
            if elapsed_ms % 100 == 0:
                self._loop_count += 1
                self.send(Heartbeat(SESSION, self._loop_count))
            self.step()

    def open_session(self, session: int = SESSION) -> None:
        """Ask for the car."""
        self.run(PERIOD_MS, HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, session))

    def command(self, command: int, argument: int = 0, *, session: int = SESSION) -> Resp:
        """Ask for something once and return the answer."""
        self._transaction = self._transaction % 255 + 1
        self.send(Cmd(session, self._transaction, command, argument))
        answers = [said for said in self.step() if isinstance(said, Resp)]
        assert len(answers) == 1
        return answers[0]

    def armed(self) -> Car:
        """Return this car, armed and standing."""
        self.run(200)
        self.open_session()
        assert self.command(Command.ARM).result == 0
        return self

    def stopped(self) -> Car:
        """Return this car with STOP latched by the host."""
        self.run(PERIOD_MS, Stop(0))
        return self

    def all_of(self, kind: type[AnyMessage]) -> list[AnyMessage]:
        """Return every message of a kind that the controller sent."""
        return [said for said in self.heard if isinstance(said, kind)]

    def latest(self, kind: type[AnyMessage]) -> AnyMessage:
        """Return the newest message of a kind."""
        return self.all_of(kind)[-1]

    def events(self, code: EventCode) -> list[Event]:
        """Return the events with this code; one that was told several times happened once."""
        once = {event.event_count: event for event in self.all_of(Event)}
        return [event for event in once.values() if event.code == code]

    @property
    def status(self) -> Status:
        """The newest STATUS; a change is reported within the step, so this is the present."""
        return self.latest(Status)

    @property
    def pose(self) -> tuple[float, float, float]:
        """The newest ODOM: x and y in metres, heading in radians from 0 to 2 pi."""
        odom = self.latest(Odom)
        return odom.x_m, odom.y_m, odom.yaw_rad

    @property
    def speed_mps(self) -> float:
        """Forward speed of the car's body, as its wheels have it."""
        return (self.speeds_mps[0] + self.speeds_mps[1]) / 2

    @property
    def is_at_rest(self) -> bool:
        """Whether no wheel turns faster than a count per second."""
        return all(abs(speed) < self.settings.metres_per_tick for speed in self.speeds_mps)

    def put_ranges(self, distance_mm: int, sensors: Iterable[int]) -> None:
        """Let these sensors read ``distance_mm`` from now on."""
        for sensor in sensors:
            self.inputs.range_mm[sensor] = distance_mm

    def line_break(self) -> None:
        """Break the line for a moment, as a host does that has no other way left."""
        self._library.pcp_host_line_break(self._memory, self.inputs.now_us)

    def restart(self) -> int:
        """Start again with the present settings; return why not, 0 when it did."""
        reason: int = self._library.pcp_host_init(self._memory, ctypes.byref(self.settings))
        if self.flash is not None:
            self._library.pcp_controller_load(self._memory, ctypes.c_void_p(self.flash.address))
        return reason

    def layout(self, sizes: ctypes.Array[ctypes.c_uint32]) -> int:
        """Fill in the sizes of the structs; return how many there are."""
        self._library.pcp_host_layout.restype = ctypes.c_size_t
        count: int = self._library.pcp_host_layout(sizes, ctypes.c_size_t(len(sizes)))
        return count

    def env(self, quantity: int, place: int, value: int) -> None:
        """Let an environment sensor measure."""
        self._library.pcp_controller_env(self._memory, quantity, place, value)

    def tag(self, kind: int, reader: int, tag: bytes) -> None:
        """Let a reader see a tag."""
        self._library.pcp_controller_tag(self._memory, kind, reader, tag, len(tag))

    def text(self, line: str, severity: int = 0) -> None:
        """Let the firmware say something to people."""
        self._library.pcp_controller_text(self._memory, severity, line.encode())

    def scan(self, piece: Scan) -> None:
        """Let the lidar deliver a piece of a turn."""
        native = ScanPiece(piece.stamp_us, piece.turn, piece.first, piece.beams_per_turn, piece.beam_us)
        native.ranges[:] = [round(1000.0 * float(distance_m)) for distance_m in piece.ranges_m]
        self._library.pcp_host_scan(self._memory, ctypes.byref(native))

    @property
    def memory_address(self) -> int:
        """Where the controller lies, for tests that damage it."""
        return ctypes.addressof(self._memory)

    @property
    def memory_size(self) -> int:
        """How many bytes the controller has."""
        return len(self._memory)

    def step_without_wheels(self) -> None:
        """Let one control period pass in which only the test moves the counters."""
        counts = list(self.inputs.ticks)
        self.step()
        self.inputs.ticks[:] = counts

    def roll(self, ways_m: Sequence[float], *, steps: int) -> None:
        """Roll each wheel by its way, evenly, whatever the motors do."""
        self.run(20)
        for step in range(1, steps + 1):
            for wheel, way_m in enumerate(ways_m):
                self.inputs.ticks[wheel] = round(way_m * step / steps / self.settings.metres_per_tick)
            self.step_without_wheels()
        self.step_without_wheels()

    @property
    def line_is_clean(self) -> bool:
        """Whether everything the controller sent arrived whole, with no number missing."""
        return not self._decoder.rejects and not self._decoder.lost and not self._decoder.rescued
