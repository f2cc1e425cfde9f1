"""The core's control socket: clients watch, one at a time drives, anyone may stop the car.

Nothing here waits. A client that reads too slowly misses snapshots, never events, and never delays the
core; one that sends nonsense is told so and hung up on.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import stat
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from patrolcar.errors import CommandError, LinkError
from patrolcar.pilot.intents import OURS_ALONE, Intent, from_json
from patrolcar.pilot.snapshot import PROTOCOL, EventView
from patrolcar.pilot.welcome import Welcome, welcome_to_json

CHUNK: Final = 65_536
LONGEST_LINE: Final = 16_384
MOST_CLIENTS: Final = 16
REMEMBERED_EVENTS: Final = 200


class _Client:
    """One connection: what is half received, and what it has not taken yet."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.name = ""
        self.partial = b""
        self.outgoing = bytearray()

    def flush(self) -> None:
        """Send what the client takes now; OSError when it is gone."""
        if self.outgoing:
            with contextlib.suppress(BlockingIOError):
                del self.outgoing[: self.socket.send(self.outgoing)]


class ControlServer:
    """Listens at a path that only this user can open.

    Args:
        path: The socket; its folder is made with mode 0700.
        greet: Makes the welcome for a client of a given name.

    Raises:
        LinkError: Another core listens there already.

    """

    def __init__(self, path: Path, greet: Callable[[str], Welcome]) -> None:
        self.path = path
        self._greet = greet
        self._clients: list[_Client] = []
        self._recent: deque[bytes] = deque(maxlen=REMEMBERED_EVENTS)
        self._named = 0
        self._listener = _listening(path)

    def filenos(self) -> list[int]:
        """Return what to wait on for reading."""
        return [self._listener.fileno(), *(client.socket.fileno() for client in self._clients)]

    @property
    def has_clients(self) -> bool:
        """Whether anybody is watching."""
        return any(client.name for client in self._clients)

    def receive(self) -> list[Intent]:
        """Take in new clients and return what all of them ask for."""
        self._accept()
        return [intent for client in list(self._clients) for intent in self._asked(client)]

    def publish(self, snapshot: dict[str, Any]) -> None:
        """Send a snapshot to every client that has taken the one before."""
        if self._clients:
            line = json.dumps({"type": "snapshot", **snapshot}, separators=(",", ":")).encode() + b"\n"
            self._send(line, only_idle=True)

    def tell(self, event: EventView) -> None:
        """Send an event to every client, and keep it for those who come later."""
        line = json.dumps({"type": "event", **event.to_json()}, ensure_ascii=False).encode() + b"\n"
        self._recent.append(line)
        self._send(line, only_idle=False)

    def close(self) -> None:
        """Hang up on everybody and take the socket away."""
        for client in self._clients:
            client.socket.close()
        self._listener.close()
        self.path.unlink(missing_ok=True)

    # ------------------------------------------------------------------

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # nobody there, gone again, or no descriptor left: try next time
            connection, _ = self._listener.accept()
            if len(self._clients) >= MOST_CLIENTS and not self._made_room():
                connection.close()
                return
            connection.setblocking(False)
            self._clients.append(_Client(connection))

    def _made_room(self) -> bool:
        """Hang up on whoever has been silent longest without a name; returns whether there was one."""
        silent = next((client for client in self._clients if not client.name), None)
        if silent is not None:
            self._hang_up(silent)
        return silent is not None

    def _asked(self, client: _Client) -> list[Intent]:
        try:
            data = client.socket.recv(CHUNK)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        *lines, client.partial = (client.partial + data).split(b"\n")
        if not data or len(client.partial) > LONGEST_LINE:
            self._hang_up(client)
        intents: list[Intent] = []
        for line in filter(None, lines):
            try:
                intents += self._understood(client, line)
            except (ValueError, OverflowError, RecursionError, CommandError) as error:
                refusal = EventView(0, "CAUTION", "operator", f"not understood, hung up: {error}")
                client.outgoing += json.dumps({"type": "event", **refusal.to_json()}).encode() + b"\n"
                with contextlib.suppress(OSError):
                    client.flush()
                self._hang_up(client)
                break
        return intents

    def _understood(self, client: _Client, line: bytes) -> list[Intent]:
        raw = json.loads(line)
        if not isinstance(raw, dict):
            message = "a line must be one JSON object"
            raise CommandError(message)
        if not client.name:
            self._introduced(client, raw)
            return []
        intent = from_json({**raw, "client": client.name})
        if isinstance(intent, OURS_ALONE):
            message = f"{raw['intent']} is told by the core itself"
            raise CommandError(message)
        return [intent]

    def _introduced(self, client: _Client, raw: dict[str, Any]) -> None:
        if raw.get("protocol") != PROTOCOL:
            client.outgoing += json.dumps({"protocol": PROTOCOL}).encode() + b"\n"
            message = f"control protocol {raw.get('protocol')!r}, this core speaks {PROTOCOL}"
            raise CommandError(message)
        self._named += 1
        name = re.sub(r"[^\w.@-]", "", str(raw.get("name", "")))[:32] or "client"
        client.name = f"{name}-{self._named}"
        client.outgoing += json.dumps(welcome_to_json(self._greet(client.name))).encode() + b"\n"
        client.outgoing += b"".join(self._recent)
        with contextlib.suppress(OSError):
            client.flush()

    def _send(self, line: bytes, *, only_idle: bool) -> None:
        for client in list(self._clients):
            try:
                client.flush()
                if client.name and not (only_idle and client.outgoing):
                    client.outgoing += line
                    client.flush()
            except OSError:
                self._hang_up(client)

    def _hang_up(self, client: _Client) -> None:
        if client in self._clients:
            self._clients.remove(client)
            client.socket.close()


def _listening(path: Path) -> socket.socket:
    """Return a listening socket at ``path``, taking the place of one whose core has died."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        _make_room(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(MOST_CLIENTS)
    except OSError as error:
        listener.close()
        message = f"{path}: cannot listen there ({error}); choose another with --socket"
        raise LinkError(message) from error
    listener.setblocking(False)
    return listener


def _make_room(path: Path) -> None:
    """Remove a dead socket; refuse to touch anything else."""
    if not stat.S_ISSOCK(path.stat().st_mode):
        message = (
            f"{path}: something that is not a socket is in the way; move it or choose another with --socket"
        )
        raise LinkError(message)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(str(path)) == 0:
            message = f"{path}: a core is running already; watch it with `patrolcar dash`, or end it first"
            raise LinkError(message)
    path.unlink()
