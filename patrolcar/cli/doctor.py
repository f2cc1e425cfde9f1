"""Find out why a car does not answer: the computer, the port, and what talks on the line.

Nothing is changed and the car is neither taken nor armed: the doctor only asks who is there. A board that
is wired to reset when its port is opened does so, as with any program.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

from patrolcar.cli import Exit
from patrolcar.cli.checkup import host_checks, line_checks, port_checks
from patrolcar.cli.checkup.finding import Finding, Level, problem
from patrolcar.cli.checkup.line_checks import USUAL_BAUDS, Listening
from patrolcar.cli.checkup.machine import Machine, this_machine
from patrolcar.cli.output import print_json
from patrolcar.errors import LinkError
from patrolcar.links import open_link
from patrolcar.links.greeting import Greeting
from patrolcar.links.key_file import key_of
from patrolcar.links.probing import PROBE_NS, greet, the_car
from patrolcar.links.serial_address import AUTO, DEFAULT_BAUD, SerialAddress, serial_address
from patrolcar.links.usb_ports import Port, port_at

LISTEN_NS: Final = 1_200_000_000
MARKS: Final[Mapping[Level, str]] = MappingProxyType(
    {Level.OK: "ok", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}
)

NEEDED_TO_OPEN: Final = frozenset({"device", "permission", "in use"})  # who listens in steals bytes

HOST_CHECKS: Final[Mapping[str, Callable[[Machine], Finding]]] = MappingProxyType(
    {
        "python": host_checks.python,
        "system": host_checks.system,
        "compiled part": host_checks.compiled_part,
    }
)
PORT_CHECKS: Final[Mapping[str, Callable[[Machine, Port], Finding | None]]] = MappingProxyType(
    {
        "device": port_checks.device,
        "permission": port_checks.permission,
        "in use": port_checks.holder,
        "ModemManager": port_checks.modem_manager,
        "brltty": port_checks.brltty,
        "latency timer": port_checks.latency,
    }
)
LINE_CHECKS: Final[Mapping[str, Callable[[Listening], Finding | None]]] = MappingProxyType(
    {
        "handshake": line_checks.handshake,
        "version": line_checks.version,
        "key": line_checks.key,
        "owner": line_checks.owner,
        "last start": line_checks.start,
        "quality": line_checks.quality,
        "load": line_checks.load,
    }
)


class Row(NamedTuple):
    """One line of the answer."""

    check: str
    finding: Finding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "link",
        nargs="?",
        default=AUTO,
        metavar="PORT",
        help="serial port, usb://VID:PID, socket://HOST:PORT or auto (default): the one where a car answers",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Check everything; the exit code is 3 when something has to be mended before the car can be driven."""
    rows = []
    for row in examine(options.link, this_machine(), time.monotonic_ns):
        rows.append(row)
        if not options.json:
            _print(row)
    sick = [row for row in rows if row.finding.level is Level.PROBLEM]
    if options.json:
        print_json({"well": not sick, "checks": [_as_json(row) for row in rows]})
    elif sick:
        print(f"{len(sick)} to mend first: {', '.join(row.check for row in sick)}")
    else:
        print("the car can be driven from here")
    return Exit.NO_CAR if sick else Exit.DONE


def examine(link: str, machine: Machine, now_ns: Callable[[], int]) -> Iterator[Row]:
    """Yield the rows one after the other, each as soon as it is known."""
    for name, check in HOST_CHECKS.items():
        yield Row(name, check(machine))
    try:
        key_of(link)
    except LinkError as error:
        yield Row("key", problem(str(error), "name the file that `patrolcar key` wrote"))
        return
    if "://" in link and not link.startswith(("serial://", "usb://")):
        yield from _line_rows(_listened(link, link, None, now_ns))
        return
    try:
        address, port = _chosen(link, machine, now_ns)
    except LinkError as error:
        yield Row("port", problem(str(error), "`patrolcar ports --probe` asks every port"))
        yield from _rows_without_port(machine)
        return
    may_open = True
    for port_name, port_check in PORT_CHECKS.items():
        if (found := port_check(machine, port)) is not None:
            may_open = may_open and not (found.level is Level.PROBLEM and port_name in NEEDED_TO_OPEN)
            yield Row(port_name, found)
    if may_open:
        yield from _line_rows(_listened_at(address, port, now_ns))


def _chosen(link: str, machine: Machine, now_ns: Callable[[], int]) -> tuple[SerialAddress, Port]:
    """Return which port is meant.

    Raises:
        LinkError: The address has mistakes, or does not name one port.

    """
    address, ports = serial_address(link), machine.list_ports()
    if address.is_usb:
        fitting = [port for port in ports if address.fits(port)]
        if len(fitting) != 1:
            there = ", ".join(port.device for port in fitting or ports) or "no serial port"
            message = f"{link}: {len(fitting)} devices fit; there is {there}"
            raise LinkError(message)
        address = address.at(fitting[0].device)
    elif address.is_auto:
        only = ports[0].device if len(ports) == 1 else the_car(address, ports, open_link, now_ns)
        address = address.at(only)
    return address, port_at(address.target, ports)._replace(device=address.target)


def _rows_without_port(machine: Machine) -> Iterator[Row]:
    """Yield what may have taken the port away."""
    nothing = Port("")
    for name in ("ModemManager", "brltty"):
        if (found := PORT_CHECKS[name](machine, nothing)) is not None:
            yield Row(name, found)


def _listened_at(address: SerialAddress, port: Port, now_ns: Callable[[], int]) -> Listening:
    """Listen at the baud rate asked for, then at the usual others when no car answers there."""
    baud = (address.baud or DEFAULT_BAUD) if port.board.has_baud else None
    line = _listened(address.target, str(address), baud, now_ns)
    if baud is None or line.hello is not None or isinstance(line.heard, LinkError):
        return line
    others: dict[int, Greeting] = {}
    for other in USUAL_BAUDS:
        if other == baud:
            continue
        url = str(address._replace(baud=other))
        heard = greet([url], open_link, now_ns, PROBE_NS)[url]
        if isinstance(heard, Greeting):
            others[other] = heard
            if heard.is_answered:
                break
    return replace(line, others=others)


def _listened(name: str, url: str, baud: int | None, now_ns: Callable[[], int]) -> Listening:
    began_ns = now_ns()
    heard = greet([url], open_link, now_ns, LISTEN_NS, to_end=True, insist=True)[url]
    seconds = max((now_ns() - began_ns) / 1e9, 1e-9)
    return Listening(name, heard, seconds, baud, has_key=key_of(url) is not None)


def _line_rows(line: Listening) -> Iterator[Row]:
    for name, check in LINE_CHECKS.items():
        if (found := check(line)) is not None:
            yield Row(name, found)


def _print(row: Row) -> None:
    print(f"{MARKS[row.finding.level]:<8} {row.check:<14} {row.finding.found}", flush=True)
    if row.finding.remedy:
        print(f"{'':<8} {'':<14} {row.finding.remedy}")


def _as_json(row: Row) -> dict[str, str]:
    return {
        "check": row.check,
        "level": row.finding.level.value,
        "found": row.finding.found,
        "remedy": row.finding.remedy,
    }
