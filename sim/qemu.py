"""The controller as ARM code in QEMU: start it, reset it, reach its lines, end it.

QEMU runs the real image: its start-up, interrupts, line driver and main loop. It models no encoders, no
converter, no watchdog and no pins, so images that shall move carry the wheel model of ``ports/pil``. Time
in QEMU follows the machine's load; judge by the controller's own stamps, never by a clock.

The host's line is a TCP server of QEMU on a free port: ``Emulator.address`` opens with
``patrolcar.links.open_link``. The bench line (faults on demand) is read all the time by a thread, because
an unread line can stop the whole emulated machine.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

QEMU: Final = "qemu-system-arm"
STARTUP_S: Final = 20.0
END_S: Final = 5.0
_CHUNK: Final = 4096
_LISTENING: Final = re.compile(r"tcp:127\.0\.0\.1:(\d+)")


class EmulatorError(Exception):
    """The emulated board could not be started or does not answer; the text says what to do."""


def emulator_is_installed() -> bool:
    """Tell whether QEMU for ARM is on this machine."""
    return shutil.which(QEMU) is not None


class Emulator:
    """One emulated board. Use it in a ``with`` statement, or call :meth:`close`.

    Args:
        image: The ELF file to run.
        machine: QEMU's name of the board, as in ``firmware_protocol.boards.BOARDS``.
        held: Wait with the first instruction until :meth:`go`, so that a host hears everything.

    """

    def __init__(self, image: Path, machine: str, *, held: bool = False) -> None:
        if not emulator_is_installed():
            message = f"{QEMU} is not installed (Debian: apt-get install qemu-system-arm)"
            raise EmulatorError(message)
        self._bench = bytearray()
        self._bench_grew = threading.Condition()
        with contextlib.ExitStack() as stack:
            control, bench = (stack.enter_context(_listener()) for _ in range(2))
            self._process = subprocess.Popen(  # noqa: S603  (a fixed program, our own arguments)
                _command(image, machine, _port(control), _port(bench)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us; we end it
            )
            stack.callback(self._end_process)
            self._control = stack.enter_context(self._accepted(control))
            self._bench_line = stack.enter_context(self._accepted(bench))
            self._replies = stack.enter_context(self._control.makefile("rb"))
            self._replies.readline()  # QEMU's greeting
            self._ask("qmp_capabilities")
            self.port = self._host_port()
            self.address = f"socket://127.0.0.1:{self.port}"
            self._drain = threading.Thread(target=self._drained, name="bench line", daemon=True)
            self._drain.start()
            if not held:
                self.go()
            self._open = stack.pop_all()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End QEMU."""
        self.close()

    @property
    def pid(self) -> int:
        """The process of QEMU."""
        return self._process.pid

    def go(self) -> None:
        """Let a held board run."""
        self._ask("cont")

    def reset(self) -> None:
        """Press the reset button. The RAM keeps what was in it."""
        self._ask("system_reset")

    def bench(self, letters: str, timeout_s: float = STARTUP_S) -> None:
        """Make or end faults (letters: ``ports/pil/car.c``); return when each has taken effect.

        Raises:
            EmulatorError: The board does not answer, because its image has no bench or hangs.

        """
        for letter in letters.encode("ascii"):
            with self._bench_grew:
                self._bench.clear()
                self._bench_line.sendall(bytes((letter,)))
                if not self._bench_grew.wait_for(lambda: bool(self._bench), timeout_s):
                    message = f"the emulated board did not answer {chr(letter)!r} on its bench line"
                    raise EmulatorError(message)

    def restart(self) -> None:
        """Let the firmware restart the chip itself (SYSRESETREQ)."""
        self._bench_line.sendall(b"X")

    def close(self) -> None:
        """End QEMU and free everything; again is harmless."""
        self._open.close()

    # ------------------------------------------------------------------

    def _accepted(self, listener: socket.socket) -> socket.socket:
        try:
            line, _ = listener.accept()
        except TimeoutError as error:
            self._process.kill()
            said = self._process.communicate()[1].decode(errors="replace").strip()
            message = f"{QEMU} did not start: {said or 'it said nothing'}"
            raise EmulatorError(message) from error
        line.settimeout(STARTUP_S)
        return line

    def _ask(self, command: str) -> Any:  # noqa: ANN401  (QMP returns any JSON)
        self._control.sendall(json.dumps({"execute": command}).encode() + b"\n")
        while True:
            reply: Mapping[str, Any] = json.loads(self._replies.readline() or b'{"error": "it ended"}')
            if "error" in reply:
                message = f"{QEMU} refuses {command}: {reply['error']}"
                raise EmulatorError(message)
            if "return" in reply:
                return reply["return"]

    def _host_port(self) -> int:
        for device in self._ask("query-chardev"):
            found = _LISTENING.search(device["filename"])
            if device["label"] == "host" and found:
                return int(found.group(1))
        message = f"{QEMU} did not say where the host's line listens"
        raise EmulatorError(message)

    def _drained(self) -> None:
        """Read the bench line until it closes."""
        self._bench_line.settimeout(None)
        with contextlib.suppress(OSError):
            while data := self._bench_line.recv(_CHUNK):
                with self._bench_grew:
                    self._bench += data
                    self._bench_grew.notify_all()

    def _end_process(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()


def computed(image: Path, machine: str, steps: int) -> str:
    """Return the hash, 8 hex digits, that an image of ``ports/pil/golden_main.c`` makes of so many steps."""
    with (
        Emulator(image, machine) as board,
        socket.create_connection(("127.0.0.1", board.port), STARTUP_S) as line,
        line.makefile("rb") as answers,
    ):
        answers.read(1)  # it listens from its first question on
        line.sendall(f"{steps}\n".encode())
        return answers.readline().decode("ascii").strip("?\n")


def _listener() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(STARTUP_S)
    return listener


def _port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


def _command(image: Path, machine: str, control_port: int, bench_port: int) -> list[str]:
    """Return how QEMU is called.

    The host's line listens on a port of QEMU's choice, the other two call us: nobody races for a port.
    """
    return [
        QEMU,
        *("-M", machine, "-kernel", str(image), "-S"),
        *("-nodefaults", "-display", "none", "-monitor", "none"),
        *("-chardev", "socket,id=host,host=127.0.0.1,port=0,server=on,wait=off,nodelay=on"),
        *("-chardev", f"socket,id=bench,host=127.0.0.1,port={bench_port},nodelay=on"),
        *("-chardev", f"socket,id=control,host=127.0.0.1,port={control_port},nodelay=on"),
        *("-serial", "chardev:host", "-serial", "chardev:bench", "-qmp", "chardev:control"),
    ]
