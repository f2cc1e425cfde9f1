"""Drive and watch a running core from Python.

>>> from patrolcar.client import Client
>>> with Client.connect() as car:          # doctest: +SKIP
...     car.arm()
...     car.drive(0.2, 0.0)                # obeyed for 200 ms; call it again, at least 10 times a second
...     car.stop()

One JSON object per line goes each way; see ``patrolcar.pilot.snapshot`` and ``patrolcar.pilot.intents``.
"""

from __future__ import annotations

import json
import select
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from firmware_protocol.messages import SPECS
from patrolcar.errors import CommandError, LinkError
from patrolcar.pilot.intents import (
    Arm,
    ClearStop,
    Disarm,
    Drive,
    Intent,
    PauseMission,
    ResumeMission,
    SetStream,
    SkipPlace,
    StartMission,
    StopCar,
    SwitchOutput,
    TurnServo,
    to_json,
)
from patrolcar.pilot.snapshot import PROTOCOL, EventView, Snapshot, snapshot_from_json
from patrolcar.pilot.welcome import Welcome, welcome_from_json
from patrolcar.runtime.address import control_socket

_CHUNK = 65536
_CONNECT_TIMEOUT_S = 3.0


class Client:
    """One connection to a core; :meth:`connect` makes it.

    Sending is safe from several threads; receiving belongs to one.
    """

    def __init__(self, connection: socket.socket, welcome: Welcome, partial: bytes) -> None:
        self.welcome = welcome
        self._socket = connection
        self._partial = partial
        self._sending = threading.Lock()

    @classmethod
    def connect(cls, address: str | None = None, name: str = "script") -> Self:
        """Connect to the core that listens at ``address`` (default: this user's core).

        Raises:
            LinkError: No core is there, or it speaks another version of the control protocol.

        """
        path = control_socket(address)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_CONNECT_TIMEOUT_S)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps({"name": name, "protocol": PROTOCOL}).encode() + b"\n")
            first, partial = _first_line(connection)
        except OSError as error:
            connection.close()
            message = f"{path}: no core answers ({error}); start one with: patrolcar up"
            raise LinkError(message) from error
        if first.get("protocol") != PROTOCOL:
            connection.close()
            message = (
                f"{path}: the core speaks control protocol {first.get('protocol')}, this program {PROTOCOL}; "
                "restart the core with this version"
            )
            raise LinkError(message)
        connection.settimeout(None)
        return cls(connection, welcome_from_json(first), partial)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; a lease this client holds ends with it."""
        self._socket.close()

    @property
    def name(self) -> str:
        """The name the core knows this client by."""
        return self.welcome.client

    def send(self, intent: Intent) -> None:
        """Send one intent.

        Raises:
            LinkError: The core is gone.

        """
        line = json.dumps(to_json(intent)).encode() + b"\n"
        try:
            with self._sending:
                self._socket.sendall(line)
        except OSError as error:
            message = f"the core is gone ({error}); the car stops by itself"
            raise LinkError(message) from error

    def receive(self, timeout_s: float) -> list[Snapshot | EventView]:
        """Return what the core sent, waiting at most ``timeout_s`` for the first of it.

        Raises:
            LinkError: The core is gone.

        """
        ready, _, _ = select.select([self._socket], [], [], timeout_s)
        if not ready:
            return []
        try:
            data = self._socket.recv(_CHUNK)
        except OSError as error:
            message = f"the core is gone ({error}); the car stops by itself"
            raise LinkError(message) from error
        if not data:
            message = "the core has ended; the car stops by itself"
            raise LinkError(message)
        *lines, self._partial = (self._partial + data).split(b"\n")
        return [_view(json.loads(line)) for line in lines if line]

    def drive(self, vx_mps: float, wz_radps: float, vy_mps: float = 0.0) -> None:
        """Drive by hand for the next 200 ms."""
        self.send(Drive(self.name, vx_mps, vy_mps, wz_radps))

    def stop(self) -> None:
        """STOP: latched until :meth:`clear_stop`."""
        self.send(StopCar(self.name))

    def clear_stop(self) -> None:
        """Release a latched STOP; the car stays disarmed."""
        self.send(ClearStop(self.name))

    def arm(self) -> None:
        """Let the motors follow."""
        self.send(Arm(self.name))

    def disarm(self) -> None:
        """Take the power from the motors."""
        self.send(Disarm(self.name))

    def start_mission(self) -> None:
        """Start the core's mission from its beginning, arming the car when need be."""
        self.send(StartMission(self.name))

    def pause_mission(self) -> None:
        """Hold where the car is."""
        self.send(PauseMission(self.name))

    def resume_mission(self) -> None:
        """Go on with a held mission."""
        self.send(ResumeMission(self.name))

    def skip_place(self) -> None:
        """Give up the current place and go to the next."""
        self.send(SkipPlace(self.name))

    def output(self, channel: int, level: float, duration_s: float = 0.0) -> None:
        """Switch or dim an output of the car: a lamp, a horn, a relay. It goes off when the core ends.

        Args:
            channel: 0 to 7.
            level: 0 off to 1 full.
            duration_s: Then off again, at most 65.535; 0 for until told otherwise.

        """
        self.send(SwitchOutput(self.name, channel, level, duration_s))

    def servo(self, channel: int, angle_rad: float) -> None:
        """Turn a servo of the car, 0 to 3, from its middle; counter-clockwise seen along its axis."""
        self.send(TurnServo(self.name, channel, angle_rad))

    def stream(self, name: str, rate_hz: float) -> None:
        """Let the car send one kind of telemetry more or less often; 0 for never.

        Args:
            name: Of the message, as in WIRE.md: IMU, ODOM, RANGES, ...
            rate_hz: 0.1 to 100; the controller refuses more than its line carries.

        Raises:
            CommandError: There is no such message.

        """
        self.send(SetStream(self.name, _stream_id(name), rate_hz))


def core_is_running(address: str | None = None) -> bool:
    """Return whether a core answers at the address."""
    path: Path = control_socket(address)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def _stream_id(name: str) -> int:
    streams = {spec.name: spec.id for spec in SPECS.values() if not spec.to_controller and spec.rate_hz}
    if name.upper() not in streams:
        message = f"stream {name!r}: expected one of {', '.join(streams)}"
        raise CommandError(message)
    return streams[name.upper()]


def _first_line(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    data = b""
    while b"\n" not in data:
        more = connection.recv(_CHUNK)
        if not more:
            message = "it hung up"
            raise ConnectionError(message)
        data += more
    line, _, rest = data.partition(b"\n")
    first: dict[str, Any] = json.loads(line)
    return first, rest


def _view(raw: dict[str, Any]) -> Snapshot | EventView:
    kind = raw.pop("type")
    return EventView(**raw) if kind == "event" else snapshot_from_json(raw)
