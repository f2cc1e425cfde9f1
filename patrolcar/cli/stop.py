"""STOP the car: through the running core, or straight over a port; sent until the controller confirms it."""

from __future__ import annotations

import argparse
import time
from typing import Final

from firmware_protocol.messages import State, Status
from firmware_protocol.session import Session
from patrolcar.cli import Exit
from patrolcar.client import Client, core_is_running
from patrolcar.errors import LinkError
from patrolcar.links import Link, open_link

WAIT_S: Final = 1.5
EVERY_S: Final = 0.05
DONE: Final = "the car is stopped; STOP is latched until released"
UNCONFIRMED: Final = "STOP was sent, but the controller has not confirmed it: cut the power if the car moves"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--link", metavar="PORT", help="send STOP straight over this port or address, past any core"
    )
    parser.add_argument("--socket", metavar="PATH", help="control socket of the core")


def run(options: argparse.Namespace) -> int:
    """Send STOP and say how it went: 0 confirmed, 3 nobody to send it to, 4 not confirmed."""
    if options.link is not None:
        stopped = _over(open_link(options.link))
    elif core_is_running(options.socket):
        try:
            stopped = _through_core(options.socket)
        except LinkError as error:
            print(f"a core owns the car but does not answer ({error})")
            print("STOP was not delivered: cut the power if the car moves")
            return Exit.LINK_LOST
    else:
        print(
            "no core is running; name the port to send STOP straight to the car: patrolcar stop --link PORT"
        )
        return Exit.NO_CAR
    print(DONE if stopped else UNCONFIRMED)
    return Exit.DONE if stopped else Exit.LINK_LOST


def _through_core(address: str | None) -> bool:
    """Ask the core until a snapshot made after the asking says STOPPED."""
    with Client.connect(address, "stop") as car:
        end_s = time.monotonic() + WAIT_S
        while time.monotonic() < end_s:
            car.stop()
            if any(getattr(view, "mode", "") == "STOPPED" for view in car.receive(EVERY_S)):
                return True
    return False


def _over(link: Link) -> bool:
    """Send STOP over a link until a STATUS says STOPPED."""
    session, end_s = Session(1), time.monotonic() + WAIT_S
    try:
        while time.monotonic() < end_s:
            link.write(session.stop(0))
            time.sleep(EVERY_S)  # real time, over a real line
            now_ns = time.monotonic_ns()
            messages, _ = session.receive(link.read(now_ns), now_ns)
            if any(isinstance(each, Status) and each.state == State.STOPPED for each in messages):
                return True
    finally:
        link.close()
    return False
