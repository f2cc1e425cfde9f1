"""What the control socket promises: for this user only, never waiting, and nonsense ends a connection."""

from __future__ import annotations

import json
import select
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from patrolcar.errors import LinkError
from patrolcar.pilot import intents as ask
from patrolcar.pilot.snapshot import PROTOCOL, EventView
from patrolcar.pilot.welcome import welcome, welcome_from_json
from patrolcar.runtime.server import ControlServer
from patrolcar.site.site_file import load_site
from patrolcar.sites import DEMO_SITE, demo_folder
from patrolcar.vehicle import Vehicle

SITE = load_site(demo_folder() / DEMO_SITE)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ControlServer]:
    made = ControlServer(tmp_path / "run" / "core.sock", lambda name: welcome(name, SITE, Vehicle()))
    yield made
    made.close()


class Caller:
    """A client that speaks lines by hand."""

    def __init__(self, server: ControlServer) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(5)
        self.socket.connect(str(server.path))
        self._server = server
        self._data = b""

    def says(self, *lines: object) -> list[ask.Intent]:
        for line in lines:
            text = line if isinstance(line, bytes) else json.dumps(line).encode()
            self.socket.sendall(text + b"\n")
        return [intent for _ in range(3) for intent in self._server.receive()]

    def hears(self) -> dict[str, Any]:
        while b"\n" not in self._data:
            self._data += self.socket.recv(65536)
        line, _, self._data = self._data.partition(b"\n")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def is_hung_up_on(self) -> bool:
        while True:
            try:
                if not self.socket.recv(65536):
                    return True
            except TimeoutError:
                return False

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def caller(server: ControlServer) -> Iterator[Caller]:
    made = Caller(server)
    yield made
    made.close()


def hello(name: str = "me") -> dict[str, object]:
    return {"name": name, "protocol": PROTOCOL}


def test_only_this_user_can_open_it(server: ControlServer) -> None:
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.path.parent.stat().st_mode) == 0o700


def test_a_client_is_welcomed_with_the_map_and_its_own_name(caller: Caller) -> None:
    assert caller.says(hello()) == []
    met = welcome_from_json(caller.hears())
    assert met.client == "me-1"
    assert (met.site.cells == SITE.grid.cells).all()
    assert {place.name for place in met.site.places} == set(SITE.places)


def test_intents_carry_the_name_the_core_gave_not_one_the_client_claims(caller: Caller) -> None:
    caller.says(hello())
    asked = caller.says({"intent": "stop", "client": "somebody else"})
    assert asked == [ask.StopCar("me-1")]


@pytest.mark.parametrize(
    "nonsense",
    [
        b"not json",
        b"[1, 2]",
        b'{"intent": "fly"}',
        b'{"intent": "drive", "vx_mps": 1}',
        b'{"intent": "drive", "vx_mps": NaN, "vy_mps": 0, "wz_radps": 0}',
        b'{"intent": "drive", "vx_mps": 1e999, "vy_mps": 0, "wz_radps": 0}',
        b'{"intent": "drive", "vx_mps": true, "vy_mps": 0, "wz_radps": 0}',
        b'{"intent": "port_lost"}',
        b'{"intent": "stand"}',
        b"\xff\xfe",
        b"[" * 5000,
        b"x" * 20_000,
    ],
)
def test_nonsense_asks_for_nothing_and_ends_the_connection(caller: Caller, nonsense: bytes) -> None:
    caller.says(hello())
    assert caller.says(nonsense) == []
    assert caller.is_hung_up_on()


def test_another_version_is_told_ours(caller: Caller) -> None:
    assert caller.says({"name": "old", "protocol": PROTOCOL + 1}) == []
    assert caller.hears() == {"protocol": PROTOCOL}


def test_a_client_that_does_not_read_loses_snapshots_and_delays_nobody(server: ControlServer) -> None:
    slow, quick = Caller(server), Caller(server)
    slow.says(hello("slow"))
    quick.says(hello("quick"))
    quick.hears()
    for number in range(300):
        server.publish({"number": number, "filling": "x" * 4000})
        assert quick.hears()["number"] == number
    assert all(len(client.outgoing) < 100_000 for client in server._clients)
    slow.close()
    quick.close()


def test_events_wait_for_those_who_come_later(server: ControlServer) -> None:
    server.tell(EventView(5, "INFO", "mission", "前台 reached"))
    late = Caller(server)
    late.says(hello())
    late.hears()
    assert late.hears()["text"] == "前台 reached"
    late.close()


def test_a_second_core_is_refused_and_a_dead_one_replaced(tmp_path: Path, server: ControlServer) -> None:
    with pytest.raises(LinkError, match="running already"):
        ControlServer(server.path, lambda name: welcome(name, SITE, Vehicle()))
    dead = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(dead))
    ControlServer(dead, lambda name: welcome(name, SITE, Vehicle())).close()
    precious = tmp_path / "precious.txt"
    precious.write_text("mine", encoding="utf-8")
    with pytest.raises(LinkError, match="in the way"):
        ControlServer(precious, lambda name: welcome(name, SITE, Vehicle()))
    assert precious.read_text(encoding="utf-8") == "mine"


def test_too_many_clients_are_turned_away(server: ControlServer) -> None:
    callers = []
    for _ in range(20):
        callers.append(Caller(server))
        server.receive()
    turned_away = 0
    for each in callers:
        if select.select([each.socket], [], [], 0)[0]:
            turned_away += each.socket.recv(1) == b""
        each.close()
    assert turned_away == 4
