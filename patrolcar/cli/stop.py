"""STOP the car: through the running core, or straight over a port when there is none."""

from __future__ import annotations

import argparse

from firmware_protocol.session import Session
from patrolcar.cli import Exit
from patrolcar.client import Client, core_is_running
from patrolcar.links import open_link


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--link", metavar="PORT", help="without a core: send STOP over this port or address")
    parser.add_argument("--socket", metavar="PATH", help="control socket of the core")


def run(options: argparse.Namespace) -> int:
    """Send STOP and say how it went."""
    if core_is_running(options.socket):
        return _through_core(options.socket)
    if options.link is None:
        print(
            "no core is running; name the port to send STOP straight to the car: patrolcar stop --link PORT"
        )
        return Exit.NO_CAR
    link = open_link(options.link)
    link.write(Session(1).stop(0))
    link.close()
    print(f"STOP sent over {link.name}; it is latched until released")
    return Exit.DONE


def _through_core(address: str | None) -> int:
    with Client.connect(address, "stop") as car:
        car.stop()
        stopped = any(getattr(view, "mode", "") == "STOPPED" for _ in range(20) for view in car.receive(0.05))
    if stopped:
        print("the car is stopped; STOP is latched until released")
        return Exit.DONE
    print("STOP was sent, but the controller has not confirmed it: cut the power if the car moves")
    return Exit.LINK_LOST
