"""A controller behind a TCP port of this machine: the simulator, an emulator, a serial bridge."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from patrolcar.errors import LinkError
from patrolcar.links.key_file import key_of
from patrolcar.links.outbox import Outbox

CHUNK: Final = 65_536
CONNECT_TIMEOUT_S: Final = 2.0


def open_tcp(url: str) -> TcpLink:
    """Open ``socket://HOST:PORT?key=FILE``; without a key only this machine's own addresses are accepted.

    The key itself is the session's: it seals what is sent (WIRE.md, section 9).

    Raises:
        LinkError: Nobody listens, the key file is no good, or the address leaves this machine without a
            key: anybody on the network could drive the car.

    """
    parts = urlsplit(url)
    try:
        port, host = parts.port, parts.hostname
    except ValueError:
        port, host = None, None
    if not host or not port:
        message = f"{url}: expected socket://HOST:PORT, for example socket://127.0.0.1:5760"
        raise LinkError(message)
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        message = f"{url}: {host!r} is not a known address ({error})"
        raise LinkError(message) from error
    family, kind, protocol, _, address = addresses[0]
    if not ipaddress.ip_address(address[0]).is_loopback and key_of(url) is None:
        message = (
            f"{url}: {host} is another machine; driving over a network needs a key: add ?key=FILE, made by "
            "`patrolcar key FILE` (or use 127.0.0.1 or a tunnel)"
        )
        raise LinkError(message)
    connection = socket.socket(family, kind, protocol)
    connection.settimeout(CONNECT_TIMEOUT_S)
    try:
        connection.connect(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
    except OSError as error:
        connection.close()
        message = f"{url}: nobody answers there ({error}); is the simulator running?"
        raise LinkError(message) from error
    return TcpLink(url, connection)


class TcpLink:
    """An open TCP connection."""

    def __init__(self, url: str, connection: socket.socket) -> None:
        self._url = url
        self._socket = connection
        self._outbox = Outbox(self._send)

    @property
    def name(self) -> str:
        """The address."""
        return self._url

    def fileno(self) -> int | None:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def read(self, now_ns: int) -> bytes:
        """Return what has come; LinkError when the other end hung up."""
        del now_ns
        try:
            data = self._socket.recv(CHUNK)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._gone(str(error)) from error
        if not data:
            hung_up = self._gone("the other end hung up")
            raise hung_up
        return data

    def write(self, data: bytes) -> None:
        """Send; LinkError when the other end hung up."""
        try:
            self._outbox.put(data)
        except OSError as error:
            raise self._gone(str(error)) from error

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _send(self, data: bytes) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

    def _gone(self, why: str) -> LinkError:
        message = f"{self._url}: the connection is gone ({why}); the car stops by itself"
        return LinkError(message)
