"""List serial ports, the likeliest car first; --probe says hello to all at once and tells what answers.

Saying hello takes no car from anybody and arms nothing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from typing import Final

from patrolcar.cli import Exit
from patrolcar.cli.output import print_json
from patrolcar.errors import LinkError
from patrolcar.links import open_link
from patrolcar.links.greeting import Greeting
from patrolcar.links.probing import greet
from patrolcar.links.serial_address import serial_address
from patrolcar.links.usb_ports import Port, listed_ports, port_at

COLUMNS: Final = ("port", "usb id", "board", "serial number")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "names",
        nargs="*",
        metavar="PORT",
        help="say hello at these ports only; pseudo-terminals and PORT?baud=N too",
    )
    parser.add_argument("--probe", action="store_true", help="open each port and say hello to a controller")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """List the ports; the exit code is 3 when there is none."""
    there = listed_ports()
    ports = {name: _named(name, there) for name in options.names} or {port.device: port for port in there}
    answers = _answers(ports, insist=bool(options.names)) if options.probe or options.names else {}
    rows = sorted(ports.items(), key=lambda row: (not row[1].board.name, row[0]))
    if options.json:
        print_json({"ports": [_as_json(name, port, answers.get(name)) for name, port in rows]})
    elif not rows:
        print("no serial port found: is the cable plugged in? The simulator needs none: patrolcar demo")
        print("`patrolcar doctor` looks for what may have taken it away")
    else:
        _print_table([(name, port, answers.get(name)) for name, port in rows])
    return Exit.DONE if rows else Exit.NO_CAR


def _answers(names: Iterable[str], *, insist: bool) -> dict[str, Greeting | LinkError]:
    return greet(names, open_link, time.monotonic_ns, insist=insist)


def _named(name: str, there: Sequence[Port]) -> Port:
    """Return what is known of a port that the user named; nothing of an address that is no port."""
    try:
        address = serial_address(name)
    except LinkError:
        return Port(name)
    if address.is_usb:
        return next((port for port in there if address.fits(port)), Port(name))
    return port_at(address.target, there)


def _print_table(rows: Sequence[tuple[str, Port, Greeting | LinkError | None]]) -> None:
    cells = [COLUMNS] + [
        (name, port.usb_id or "-", port.board.name or "unknown", port.serial_number or "-")
        for name, port, _ in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print("  ".join(f"{cell:<{width}}" for cell, width in zip(cells[0], widths, strict=True)).rstrip())
    for row, (_, port, answer) in zip(cells[1:], rows, strict=True):
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        print(f"{line}  {_said(answer)}".rstrip())
        if port.stable_name:
            print(f"  {port.stable_name}")


def _said(answer: Greeting | LinkError | None) -> str:
    if answer is None:
        return ""
    return answer.sentence() if isinstance(answer, Greeting) else str(answer)


def _as_json(name: str, port: Port, answer: Greeting | LinkError | None) -> dict[str, object]:
    return {
        "device": name,
        "usb_id": port.usb_id,
        "board": port.board.name,
        "serial_number": port.serial_number,
        "location": port.location,
        "stable_name": port.stable_name,
        "answer": _said(answer) or None,
        "is_car": isinstance(answer, Greeting) and answer.is_answered,
    }
