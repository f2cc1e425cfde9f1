"""``patrolcar sim --view``: the simulator in a process of its own, and its world on this terminal."""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import IO, Final

from patrolcar.cli import Exit
from patrolcar.cli.children import END_WITHIN_S, running
from patrolcar.errors import CommandError, LinkError
from patrolcar.pilot.welcome import welcome
from patrolcar.site import Site
from patrolcar.vehicle import Vehicle
from sim.campaign.case import Case
from sim.marks import marked

START_WITHIN_S: Final = 20.0


def view(options: argparse.Namespace, load: Callable[[], tuple[Case, Site]]) -> int:
    """Show the world until the person quits; the simulator ends with the screen.

    Args:
        options: Those of `patrolcar sim`.
        load: Reads the files; it does so while the simulator starts and reads them, too.

    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        message = "--view draws on a terminal, and this is none: leave it out, or run it in a terminal"
        raise CommandError(message)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with tempfile.TemporaryFile() as log, ours, _simulator(again(options), theirs, log.fileno()) as child:
        theirs.close()
        case, site = load()
        from patrolcar.dashboard.world.session import show  # noqa: PLC0415 (Textual takes 0.4 s to import)

        address = _address(ours)
        if not address:  # it has ended, and says why
            child.terminate()
            code = child.wait(END_WITHIN_S)
            sys.stderr.write(_text(log))
            return code if code > 0 else Exit.NO_CAR
        hello = welcome("", site, Vehicle())
        hello = replace(hello, site=marked(hello.site, case.setting))
        result = show(hello, address, ours, ascii_only=options.ascii)
        printed = _text(log)
    if result == Exit.LINK_LOST:
        message = f"the simulator has ended\n{printed}".rstrip()
        raise LinkError(message)
    return result


def _address(pictures: socket.socket) -> str:
    """Return the address that the simulator says first, nothing when it ends or takes too long."""
    pictures.settimeout(START_WITHIN_S)
    try:
        return pictures.recv(4096).decode()
    except TimeoutError:
        return ""


def _simulator(
    arguments: Sequence[str], pictures: socket.socket, log: int
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run the simulator; its pictures come out of the socket."""
    number = pictures.fileno()
    command = [*arguments, "--pictures", str(number)]
    return running(command, stdout=subprocess.DEVNULL, stderr=log, pass_fds=(number,))


def _text(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode("utf-8", "replace")


def again(options: argparse.Namespace) -> list[str]:
    """Return the command line that says the same, without the screen."""
    valued = ("tcp", "host", "key", "link", "site", "seed", "people", "line")
    said = {name: getattr(options, name) for name in valued}
    words = [word for name, value in said.items() if value is not None for word in (f"--{name}", str(value))]
    scenario = [] if options.scenario is None else [str(options.scenario)]
    return ["sim", *scenario, *(["--pty"] if options.pty else []), *words]
