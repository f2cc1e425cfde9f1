"""A core made up for the dashboard: real JSON lines over a real socket, a made-up building and car.

Look at the dashboard with it: ``python tests/dashboard/fake_core.py PATH``, then in a terminal
``python -c "from patrolcar import client, dashboard; dashboard.run(client.Client.connect('PATH'))"``.
"""

from __future__ import annotations

import json
import math
import selectors
import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from patrolcar.client import Client
from patrolcar.pilot.intents import (
    Arm,
    ClearStop,
    Disarm,
    Drive,
    Intent,
    PauseMission,
    ResumeMission,
    StartMission,
    StopCar,
    from_json,
)
from patrolcar.pilot.snapshot import (
    PROTOCOL,
    BatteryView,
    EventView,
    LinkView,
    MissionView,
    PersonView,
    PlaceView,
    Snapshot,
)
from patrolcar.pilot.welcome import CarView, PlaceMark, SiteView, Welcome, ZoneMark, welcome_to_json

PERIOD_S = 0.05
NAMES = ("lobby", "reception", "会议室", "lab", "store", "kitchen", "workshop", "archive")
WIDTH_M, HEIGHT_M, RESOLUTION_M = 25.0, 15.0, 0.05


def building() -> NDArray[np.uint8]:
    """Return a building of 25 x 15 m: a corridor in the middle, five rooms on either side, a door each."""
    cells = np.zeros((int(HEIGHT_M / RESOLUTION_M), int(WIDTH_M / RESOLUTION_M)), np.uint8)

    def wall(x0: float, y0: float, x1: float, y1: float, value: int = 1) -> None:
        rows = slice(round(y0 / RESOLUTION_M), round(y1 / RESOLUTION_M))
        cells[rows, round(x0 / RESOLUTION_M) : round(x1 / RESOLUTION_M)] = value

    thick = 0.1
    wall(0, 0, WIDTH_M, thick)
    wall(0, HEIGHT_M - thick, WIDTH_M, HEIGHT_M)
    wall(0, 0, thick, HEIGHT_M)
    wall(WIDTH_M - thick, 0, WIDTH_M, HEIGHT_M)
    for y in (6.5, 8.5):
        wall(0, y - thick, WIDTH_M, y)
        for room in range(5):
            wall(room * 5 + 2.0, y - thick, room * 5 + 2.9, y, 0)
    for room in range(1, 5):
        wall(room * 5, 0, room * 5 + thick, 6.5)
        wall(room * 5, 8.5, room * 5 + thick, HEIGHT_M)
    wall(6.5, 2.0, 8.0, 3.0)
    wall(21.0, 10.5, 22.0, 13.0)
    return cells


def welcome(client: str = "dash-1") -> Welcome:
    """Return the welcome of the made-up core."""
    spots = [(x, y) for y in (3.8, 11.2) for x in (2.5, 7.5, 12.5, 17.5)]
    return Welcome(
        protocol=PROTOCOL,
        client=client,
        site=SiteView(
            name="clinic",
            cells=building(),
            resolution_m=RESOLUTION_M,
            origin_x_m=0.0,
            origin_y_m=0.0,
            places=tuple(PlaceMark(name, x, y) for name, (x, y) in zip(NAMES, spots, strict=True)),
            zones=(
                ZoneMark("stairs", "keepout", ((10.5, 0.5), (14.5, 0.5), (14.5, 2.0), (10.5, 2.0))),
                ZoneMark("crossing", "slow", ((11.0, 6.6), (14.0, 6.6), (14.0, 8.3), (11.0, 8.3))),
                ZoneMark("site", "geofence", ((0.3, 0.3), (24.7, 0.3), (24.7, 14.7), (0.3, 14.7))),
            ),
        ),
        car=CarView(
            name="car-01",
            front_m=0.16,
            rear_m=0.12,
            half_width_m=0.12,
            sonars=tuple((0.15, 0.0, yaw) for yaw in (0.0, 0.8, 1.57, 2.4, 3.14, -2.4, -1.57, -0.8)),
            speed_mps=0.6,
            reverse_mps=0.2,
            turn_radps=1.8,
        ),
    )


def snapshot(time_s: float = 100.0, **changes: Any) -> Snapshot:
    """Return what the core says at a moment of its patrol along the corridor."""
    x_m = 2.0 + 20.0 * (0.5 - 0.5 * math.cos(time_s / 20.0))
    yaw = 0.0 if math.sin(time_s / 20.0) >= 0 else math.pi
    base = Snapshot(
        now_ns=int(time_s * 1e9),
        mode="PATROL",
        controller="ARMED",
        cause="",
        remedy="",
        link=LinkView(
            state="UP",
            sentence="talking to the controller",
            port="sim://clinic",
            target="SIMULATOR",
            firmware="1.0.0",
            age_s=0.012,
            round_trip_ms=3.4,
            frames=int(time_s * 120),
            lost=int(time_s / 7),
            rejected=2,
        ),
        pose=(x_m, 7.5, yaw),
        health="OK",
        spread_m=0.03,
        speed=(0.42, 0.0, 0.05 * math.sin(time_s)),
        wanted=(0.5, 0.0, 0.0),
        allowed=(0.4, 0.0, 0.0),
        reasons=("person 1.2 m ahead",),
        clearance_m=1.2 + math.sin(time_s),
        ranges_m=(0.92, None, 0.55, 2.4, None, -1.0, 0.21, 1.1),
        bumpers=0,
        battery=BatteryView(11.82, 1.4, 76),
        duty=(0.34, 0.35),
        wheel_mps=(0.41, 0.43),
        stop_count=1,
        holder=None,
        scan=scan_at(x_m, 7.5, time_s),
        path=(round(x_m * 100), 750, 1240, 750, 1245, 560, 1250, 380),
        people=(PersonView(x_m + 2.5, 7.9, 0.25), PersonView(17.0, 4.0 + math.sin(time_s), 0.25)),
        mission=MissionView(
            name="night round",
            state="RUNNING",
            activity="to 会议室, 4.1 m",
            lap=1,
            laps=3,
            index=2,
            progress=0.38,
            remaining_m=81.5,
            places=tuple(
                PlaceView(
                    name,
                    ("DONE", "DONE", "CURRENT", "SKIPPED")[n] if n < 4 else "PENDING",
                    42.0 * n if n else None,
                    n % 3,
                )
                for n, name in enumerate(NAMES)
            ),
        ),
        distance_m=43.2,
        recording="patrol-0012.mcap",
        loop_late_ms=0.8,
    )
    return replace(base, **changes)


def scan_at(x_m: float, y_m: float, time_s: float) -> tuple[int, ...]:
    """Return 360 points on the walls of the corridor, with a little noise."""
    noise = np.random.default_rng(int(time_s * 20) % 1000).normal(0.0, 0.01, 360)
    angle = np.radians(np.arange(360.0))
    up = np.where(np.sin(angle) > 0, 8.4 - y_m, y_m - 6.5) / np.maximum(np.abs(np.sin(angle)), 1e-3)
    along = np.where(np.cos(angle) > 0, 24.9 - x_m, x_m - 0.1) / np.maximum(np.abs(np.cos(angle)), 1e-3)
    far = np.minimum(np.minimum(up, along), 8.0) + noise
    points = np.column_stack([x_m + far * np.cos(angle), y_m + far * np.sin(angle)])
    return tuple(np.round(points.ravel() * 100).astype(int).tolist())


class Wire:
    """A real client over a socket pair; the other end is ours to read. No thread, no waiting."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        self.client = Client(ours, welcome(), b"")
        self._end = theirs
        self._partial = b""

    def heard(self) -> list[Intent]:
        """Return what the client sent since the last call."""
        data = b""
        while chunk := self._chunk():
            data += chunk
        *lines, self._partial = (self._partial + data).split(b"\n")
        return [from_json(json.loads(line)) for line in lines]

    def close(self) -> None:
        """Hang up both ends."""
        self.client.close()
        self._end.close()

    def _chunk(self) -> bytes:
        try:
            return self._end.recv(65536)
        except BlockingIOError:
            return b""


class FakeCore:
    """Serves a Unix socket in a thread; ``intents`` is what clients asked for, with the time it came."""

    def __init__(self, path: Path, *, obeys: bool = True) -> None:
        self.path = path
        self.intents: list[tuple[float, Intent]] = []
        self.fields: dict[str, Any] = {}  # changes to every snapshot
        self.obeys = obeys
        self._began_s = time.monotonic()
        self._clients: dict[socket.socket, bytes] = {}
        self._greeted: set[socket.socket] = set()
        self._outbox: list[bytes] = []
        self._told: list[bytes] = []
        self._ended = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End as a core ends: clients are hung up on."""
        self._ended.set()
        self._thread.join(timeout=2.0)
        for client in self._clients:
            client.close()
        self._listener.close()
        self.path.unlink(missing_ok=True)

    def run(self) -> None:
        """Serve in this thread, until interrupted."""
        self._serve()

    def kinds(self) -> list[str]:
        """Return the names of the intents that came."""
        return [type(intent).__name__ for _, intent in self.intents]

    def tell(self, severity: str, source: str, text: str) -> None:
        """Send an event."""
        now_ns = int((time.monotonic() - self._began_s) * 1e9)
        line = {"type": "event", **EventView(now_ns, severity, source, text).to_json()}
        data = json.dumps(line).encode() + b"\n"
        self._outbox.append(data)
        self._told.append(data)

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            due = time.monotonic()
            while not self._ended.is_set():
                for key, _ in selector.select(max(due - time.monotonic(), 0.0)):
                    self._hear(key.fileobj, selector)
                if time.monotonic() >= due:
                    due += PERIOD_S
                    self._publish(selector)

    def _hear(self, source: Any, selector: selectors.BaseSelector) -> None:
        if source is self._listener:
            client, _ = self._listener.accept()
            self._clients[client] = b""
            selector.register(client, selectors.EVENT_READ)
            return
        try:
            data = source.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._hang_up(source, selector)
            return
        *lines, self._clients[source] = (self._clients[source] + data).split(b"\n")
        for line in lines:
            raw = json.loads(line)
            if "intent" in raw:
                self._obey(from_json(raw))
            else:
                hello = json.dumps(welcome_to_json(welcome(f"{raw['name']}-1"))).encode() + b"\n"
                self._greeted.add(source)
                self._send(source, b"".join([hello, *self._told]), selector)

    def _send(self, client: socket.socket, data: bytes, selector: selectors.BaseSelector) -> None:
        try:
            client.sendall(data)
        except OSError:
            self._hang_up(client, selector)

    def _hang_up(self, client: socket.socket, selector: selectors.BaseSelector) -> None:
        if self._clients.pop(client, None) is not None:
            selector.unregister(client)
            client.close()

    def _obey(self, intent: Intent) -> None:
        self.intents.append((time.monotonic(), intent))
        if not self.obeys:
            return
        modes = {
            StopCar: "STOPPED",
            ClearStop: "DISARMED",
            Disarm: "DISARMED",
            Arm: "MANUAL",
            StartMission: "PATROL",
            PauseMission: "HOLD",
            ResumeMission: "PATROL",
        }
        mode = self.fields.get("mode", "PATROL")
        if isinstance(intent, Drive):
            twist = (intent.vx_mps, intent.vy_mps, intent.wz_radps)
            self.fields.update(speed=twist, allowed=twist, wanted=twist, holder=intent.client)
            new = "MANUAL" if mode in {"PATROL", "HOLD"} else mode
        else:
            new = modes.get(type(intent), mode)
        if new != mode and (mode != "STOPPED" or isinstance(intent, ClearStop)):
            self.fields["mode"] = new
            stopped = new == "STOPPED"
            self.fields["cause"] = "STOP pressed by dash-1" if stopped else ""
            self.fields["remedy"] = "see that the way is clear" if stopped else ""
            self.tell("WARNING" if stopped else "INFO", "operator", f"{mode} -> {new}")

    def _publish(self, selector: selectors.BaseSelector) -> None:
        line = {
            "type": "snapshot",
            **snapshot(time.monotonic() - self._began_s, **self.fields).to_json(),
        }
        data = b"".join([*self._outbox, json.dumps(line).encode() + b"\n"])
        self._outbox.clear()
        for client in list(self._greeted & self._clients.keys()):
            self._send(client, data, selector)


if __name__ == "__main__":
    core = FakeCore(Path(sys.argv[1]))
    core.tell("INFO", "mission", "night round: 8 places, 3 laps")
    core.tell("CAUTION", "governor", "slow zone crossing")
    core.tell("INFO", "mission", "[bold]reception[/] reached \x1b[31m(error 0.07 m)")
    core.run()
