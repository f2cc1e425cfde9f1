"""One patrol leg, driven by the ordinary host against the controller in lockstep: here, or as ARM code.

The host is the shipped core: pilot, mission, planner, governor, session. The car is ports/pil/car.c around
the whole controller. Time is told: for each period of 10 ms the host's bytes go in, and the controller's
bytes and the duties of the wheels come out. So nothing depends on a clock, and three traces must be equal
bit for bit wherever the same C runs: what the controller said, what it told its motors, and therefore what
the host answered.
"""

from __future__ import annotations

import ctypes
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from firmware_protocol.boards import BOARDS, FIRMWARE
from firmware_protocol.build_native import compiler
from firmware_protocol.controller_layout import OutputsStruct as Outputs
from patrolcar.geometry import Pose2
from patrolcar.mission.mission_file import mission_from_files
from patrolcar.pilot import Pilot
from patrolcar.runtime.connection import Connection
from patrolcar.runtime.core import Core
from patrolcar.runtime.journey import Watch
from patrolcar.runtime.virtual import VirtualRun
from patrolcar.vehicle import Vehicle
from sim.qemu import Emulator

FILES: Final = {
    "hall.yaml": b"site: Hall\nrooms: {hall: [0, 0, 5, 4]}\nstart: [1, 1, 0]\nplaces: {gate: [2.6, 2.2]}\n",
    "leg.yaml": b"mission: One leg\nsite: hall.yaml\nloops: 1\nvisits: [gate]\n",
}
SONARS: Final = tuple(Pose2(0.15, 0.0, bearing_rad) for bearing_rad in (0.3, -0.3, 2.842, -2.842))
LIMIT_S: Final = 60.0
PERIOD_NS: Final = 10_000_000
HERE: Final = Path(__file__).resolve().parent
_PATIENCE_S: Final = 20.0


class Step(NamedTuple):
    """What one control period brought."""

    said: bytes
    enable: int
    duties_permille: tuple[int, int]


class Controller(Protocol):
    """A controller whose time is told."""

    def step(self, received: bytes) -> Step:
        """Run one control period."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One leg, from the first period to the end of the mission."""

    periods: int
    ending: str
    x_m: float
    y_m: float
    said: str  # SHA-256 of all that the controller sent, period by period
    told_motors: str  # of enable and duties
    host: str  # of all that the host sent, turn by turn


class LockstepLink:
    """The controller as a link of the host: reading lets it live until the host's time."""

    name = "lockstep"

    def __init__(self, controller: Controller) -> None:
        self.periods = 0
        self.said, self.told_motors = sha256(), sha256()
        self._controller = controller
        self._sent = b""

    def fileno(self) -> None:
        """There is nothing to wait on."""

    def read(self, now_ns: int) -> bytes:
        """Return what the controller says until ``now_ns``."""
        pieces = []
        while (self.periods + 1) * PERIOD_NS <= now_ns:
            step = self._controller.step(self._sent)
            self._sent = b""
            self.periods += 1
            self.said.update(len(step.said).to_bytes(2, "little") + step.said)
            self.told_motors.update(repr((step.enable, step.duties_permille)).encode())
            pieces.append(step.said)
        return b"".join(pieces)

    def write(self, data: bytes) -> None:
        """Send; it arrives with the next period."""
        self._sent += data

    def close(self) -> None:
        """Nothing is held."""


def leg(controller: Controller) -> Trace:
    """Drive the leg to its end."""
    vehicle = Vehicle(lidar=None, sonars=SONARS)
    mission, site = mission_from_files(FILES, "leg.yaml", vehicle.footprint)
    link = LockstepLink(controller)
    pilot = Pilot(site, vehicle, mission, session=7, seed=1)
    run = VirtualRun(Core(Connection(lambda: link, link.name), pilot))
    watch = Watch(pilot, LIMIT_S)
    while watch.ending is None:
        intent = watch.look(run.now_ns)
        run.turn(*([intent] if intent else []))
    pose = pilot.pose_map or Pose2()
    return Trace(
        link.periods,
        watch.ending.name,
        pose.x_m,
        pose.y_m,
        link.said.hexdigest(),
        link.told_motors.hexdigest(),
        run.trace.hexdigest(),
    )


# ---------------------------------------------------------------- in a process


class NativeController:
    """The controller and its car, compiled for this machine; one to a folder: the car has a memory."""

    def __init__(self, folder: Path) -> None:
        self._native = ctypes.CDLL(str(built(folder / "lockstep.so")))
        self._native.pcp_lockstep_said.restype = ctypes.c_size_t
        self._out = Outputs()
        self._bytes = ctypes.create_string_buffer(4096)
        self._native.pcp_lockstep_start()

    def step(self, received: bytes) -> Step:
        """Run one control period."""
        native, out = self._native, self._out
        native.pcp_lockstep_step(received, ctypes.c_size_t(len(received)), ctypes.byref(out))
        said = native.pcp_lockstep_said(self._bytes, ctypes.c_size_t(len(self._bytes)))
        return Step(self._bytes.raw[:said], out.enable, (out.duty_permille[0], out.duty_permille[1]))


def built(target: Path) -> Path:
    """Return the lockstep, compiled for this machine.

    Raises:
        FileNotFoundError: There is no C compiler.

    """
    command = compiler()
    if command is None:
        message = "no C compiler: apt-get install gcc"
        raise FileNotFoundError(message)
    ports, ours = FIRMWARE / "ports", HERE / "lockstep_native"
    folders = (ours, FIRMWARE / "include", ports / "cortex_m", ports / "pil")
    files = [
        *sorted((FIRMWARE / "src").glob("*.c")),
        *(ports / part for part in ("pil/lockstep.c", "pil/car.c", "cortex_m/car_config.c")),
        ours / "chip.c",
    ]
    flags = ["-std=c11", "-O2", "-fPIC", "-shared", "-ffp-contract=off", *(f"-I{each}" for each in folders)]
    subprocess.run([*command, *flags, *map(str, files), "-o", str(target)], check=True)
    return target


# ---------------------------------------------------------------- as ARM code


class EmulatedController:
    """The same on an emulated board, period by period over its serial line."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._answers = line.makefile("rb")
        self._answers.read(1)  # it listens from its first question on
        self._asked = True

    def step(self, received: bytes) -> Step:
        """Run one control period."""
        self._line.sendall(len(received).to_bytes(2, "little") + received)
        said = b""
        while (count := self._count()) > 0:
            said += self._answers.read(count)
        rest = self._answers.read(5)
        duties = (int.from_bytes(rest[at : at + 2], "little", signed=True) for at in (1, 3))
        return Step(said, rest[0], (next(duties), next(duties)))

    def _count(self) -> int:
        count = self._answers.read(1)[0]
        while self._asked and count == ord("?"):  # the last questions before it heard the first period
            count = self._answers.read(1)[0]
        self._asked = False
        return count


@contextmanager
def emulated(image: Path, board: str) -> Iterator[EmulatedController]:
    """Start a board and end it."""
    with (
        Emulator(image, BOARDS[board].machine) as emulator,
        socket.create_connection(("127.0.0.1", emulator.port), _PATIENCE_S) as line,
    ):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield EmulatedController(line)
