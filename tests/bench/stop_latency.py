"""How long it takes from the host's decision to stop until the wheels obey, in virtual time.

The host is the shipped core with its pilot and outbox, the car is the simulated one with the real controller.
Between them lie two UARTs of 115200 baud, 8N1: 86.8 us for each byte, each way. The controller sends its full
telemetry; the host drives by hand at 50 Hz at 0.2 to 0.6 m/s. The decision falls at a random moment of the
turns, of the control periods and of the bytes, and finds up to as many bytes in the driver as
``serial_port.py`` lets wait there. They are extra delimiters, which mean nothing and take their time.
A STOP makes a turn of its own, as in ``RealTime``; the time a computer needs for a turn is not in it.

Each figure is {p50, p99, p99_9, max} in milliseconds after the decision:

``stop_latency_ms``   the controller has accepted STOP: its state is STOPPED, it aims at speed zero, and what
                      the motors are told only ramps down from here on
``stop_standing_ms``  that ramp has arrived: the commanded wheel speed is zero (speed / deceleration later)
``stop_known_ms``     the host has read that the controller is STOPPED, and ceases to repeat it
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a vector of eight ranges needs no helpers

import ctypes
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from firmware_protocol.framing import FrameDecoder
from firmware_protocol.messages import Event, EventCode, State, Status, StatusFlag
from firmware_protocol.native import library
from patrolcar.links.outbox import Outbox
from patrolcar.links.serial_port import MOST_WAITING
from patrolcar.modes import Mode
from patrolcar.pilot import Pilot
from patrolcar.pilot import intents as ask
from patrolcar.runtime.connection import Connection
from patrolcar.runtime.core import PERIOD_NS, Core
from patrolcar.site.site_file import site_from_files
from patrolcar.vehicle import Vehicle
from sim.car import NOMINAL, SimulatedCar
from sim.controller import PERIOD_US
from sim.setting.scenario import world_of

STOPS = 2000
SEED = 7
BYTE_NS = 10 * 1_000_000_000 // 115_200  # a start bit, eight bits, a stop bit
OPERATOR = "operator"
CIRCLE_M = 1.5  # far from every wall, however often it stops
ROOM = b"site: Room\nrooms: {hall: [0, 0, 12, 12]}\nstart: [6, 6, 0]\n"


class Uart:
    """One direction of the line: each byte arrives one byte time after the one before it."""

    def __init__(self) -> None:
        self._free_ns = 0
        self._flying: deque[tuple[int, int]] = deque()

    def put(self, data: bytes, now_ns: int) -> None:
        """Hand bytes to the driver."""
        self._free_ns = max(self._free_ns, now_ns)
        for byte in data:
            self._free_ns += BYTE_NS
            self._flying.append((self._free_ns, byte))

    @property
    def waiting(self) -> int:
        """How many bytes the driver still holds."""
        return len(self._flying)

    def arrived(self, now_ns: int) -> Iterable[tuple[int, int]]:
        """Yield the time and value of each byte that has arrived."""
        while self._flying and self._flying[0][0] <= now_ns:
            yield self._flying.popleft()


class Car:
    """The simulated car, which takes each byte when it arrives, and what it did when."""

    def __init__(self, car: SimulatedCar) -> None:
        self.accepted_ns = self.standing_ns = 0
        self.uplink, self.downlink = Uart(), Uart()
        self._car = car
        self._tap = FrameDecoder()
        self._receive = library().pcp_controller_receive
        self._receive.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint32)
        self._receive.restype = None
        self._memory = car.controller._at

    def live(self, now_ns: int) -> None:
        """Let time pass."""
        while (step_ns := 1000 * (self._car.now_us + PERIOD_US)) <= now_ns:
            self._hear(step_ns)
            said = self._car.step(b"")
            self._note(said, step_ns)
            self.downlink.put(said, step_ns)
        self._hear(now_ns)

    def _hear(self, now_ns: int) -> None:
        for at_ns, byte in self.uplink.arrived(now_ns):
            self._receive(self._memory, bytes((byte,)), 1, at_ns // 1000)

    def _note(self, said: bytes, now_ns: int) -> None:
        for frame in self._tap.feed(said):
            message = frame.spec.unpack(frame.payload)
            if isinstance(message, Event) and message.code == EventCode.STOP_LATCHED:
                self.accepted_ns = 1000 * message.stamp_us
            elif isinstance(message, Status) and not self.standing_ns:
                stopped = message.state == State.STOPPED and not message.flags & StatusFlag.SLOWING
                self.standing_ns = now_ns if stopped else 0


class Line:
    """The host's end of the two UARTs: a link like the serial port's, with its outbox."""

    name = "UART"

    def __init__(self, car: Car) -> None:
        self._car = car
        self._outbox = Outbox(self._send)
        self._now_ns = 0

    def fileno(self) -> None:
        """There is nothing to wait on."""

    def read(self, now_ns: int) -> bytes:
        """Return what has arrived."""
        self._now_ns = now_ns
        self._car.live(now_ns)
        return bytes(byte for _, byte in self._car.downlink.arrived(now_ns))

    def write(self, data: bytes) -> None:
        """Send, or keep it in the outbox."""
        self._outbox.put(data)

    def close(self) -> None:
        """Nothing is held."""

    def _send(self, data: bytes) -> int:
        if self._car.uplink.waiting > MOST_WAITING:
            return 0
        self._car.uplink.put(data, self._now_ns)
        return len(data)


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop, in milliseconds after the decision."""

    accepted_ms: float
    standing_ms: float
    known_ms: float


class Drive:
    """Drives, stops at random, and drives again."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        site, vehicle = site_from_files({"room.yaml": ROOM}, "room.yaml"), Vehicle(lidar=None)
        start = (site.start.x_m, site.start.y_m, site.start.yaw_rad)
        simulated = SimulatedCar(world_of(site), replace(NOMINAL, lidar=None), start=start, seed=seed)
        self._car = Car(simulated)
        line = Line(self._car)
        self._pilot = Pilot(site, vehicle, None, session=7, seed=seed)
        self._core = Core(Connection(lambda: line, line.name), self._pilot)
        self._now_ns = 0

    def stop(self) -> Stop:
        """Drive, stop once, and release it."""
        self._until(Mode.MANUAL, ask.Arm(OPERATOR))
        speed_mps = self._rng.uniform(0.2, 0.6)
        self._now_ns += int(self._rng.integers(PERIOD_NS))  # another phase of host and controller
        for _ in range(int(self._rng.integers(20, 40))):
            self._turn(PERIOD_NS, ask.Drive(OPERATOR, speed_mps, 0.0, speed_mps / CIRCLE_M))
        return self._stopped(phase_ns=int(self._rng.integers(1, PERIOD_NS + 1)))

    def _stopped(self, phase_ns: int) -> Stop:
        decided_ns = self._now_ns + phase_ns
        self._car.live(decided_ns)
        backlog = int(self._rng.integers(MOST_WAITING + 1)) - self._car.uplink.waiting
        self._car.uplink.put(bytes(max(backlog, 0)), decided_ns)
        self._car.standing_ns = 0
        self._turn(phase_ns, ask.StopCar(OPERATOR))
        self._turn(PERIOD_NS - phase_ns or PERIOD_NS)  # the next turn keeps its time
        self._until(Mode.STOPPED)
        known_ns = self._now_ns
        while not self._car.standing_ns:
            self._turn(PERIOD_NS)
        self._until(Mode.DISARMED, ask.ClearStop(OPERATOR))
        times_ns = (self._car.accepted_ns, self._car.standing_ns, known_ns)
        return Stop(*((time_ns - decided_ns) / 1e6 for time_ns in times_ns))

    def _until(self, mode: Mode, *intents: ask.Intent) -> None:
        while self._pilot.mode is not mode:
            self._turn(PERIOD_NS, *intents)

    def _turn(self, later_ns: int, *intents: ask.Intent) -> None:
        self._now_ns += later_ns
        self._core.turn(intents, self._now_ns)


def stops(count: int, seed: int) -> list[Stop]:
    """Return so many stops; the same seed gives the same figures."""
    drive = Drive(seed)
    return [drive.stop() for _ in range(count)]


def measure() -> dict[str, object]:
    """Return the distribution of each figure."""
    found = stops(STOPS, SEED)
    return {
        "stop_latency_ms": shares([stop.accepted_ms for stop in found]),
        "stop_standing_ms": shares([stop.standing_ms for stop in found]),
        "stop_known_ms": shares([stop.known_ms for stop in found]),
        "stops": len(found),
    }


def shares(values: list[float]) -> dict[str, float]:
    """Return the values below which half, 99 %, 99.9 % and all of them lie."""
    ordered = np.percentile(values, (50.0, 99.0, 99.9, 100.0), method="higher")
    return dict(zip(("p50", "p99", "p99_9", "max"), np.round(ordered, 3).tolist(), strict=True))
