"""List serial ports, the likeliest car first; --probe says hello to each and tells what answers."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Final

from serial.tools.list_ports import comports

from firmware_protocol.messages import TargetKind
from firmware_protocol.session import LinkState, Session
from patrolcar.cli import Exit
from patrolcar.cli.output import print_json
from patrolcar.errors import LinkError
from patrolcar.links import open_link

PROBE_S: Final = 0.6

# USB ids, from the public usb.ids list
KNOWN: Final[Mapping[tuple[int, int], str]] = MappingProxyType(
    {
        (0x0483, 0x5740): "STM32 USB serial port",
        (0x0483, 0x374B): "ST-LINK/V2-1 serial port",
        (0x0483, 0x3752): "ST-LINK/V2-1 serial port",
        (0x0483, 0x374E): "ST-LINK/V3 serial port",
        (0x0483, 0x374F): "ST-LINK/V3 serial port",
        (0x0483, 0x3753): "ST-LINK/V3 serial port",
        (0x1A86, 0x7523): "CH340 USB-serial converter",
        (0x1A86, 0x5523): "CH341 USB-serial converter",
        (0x10C4, 0xEA60): "CP210x USB-serial converter",
        (0x0403, 0x6001): "FT232 USB-serial converter",
        (0x0403, 0x6015): "FT-X USB-serial converter",
        (0x067B, 0x2303): "PL2303 USB-serial converter",
    }
)


@dataclass(frozen=True, slots=True)
class Port:
    """One serial port of this machine."""

    device: str
    usb_id: str
    guess: str
    serial_number: str
    answer: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "names", nargs="*", metavar="PORT", help="look at these ports only, also pseudo-terminals"
    )
    parser.add_argument("--probe", action="store_true", help="open each port and say hello to a controller")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """List the ports; the exit code is 3 when there is none."""
    ports = [Port(name, "", "", "") for name in options.names] or [_port(info) for info in comports()]
    ports.sort(key=lambda port: (not port.guess, port.device))
    if options.probe or options.names:
        ports = [Port(**{**asdict(port), "answer": _answer(port.device)}) for port in ports]
    if options.json:
        print_json({"ports": [asdict(port) for port in ports]})
    elif not ports:
        print("no serial port found: is the cable plugged in? The simulator needs none: patrolcar demo")
    else:
        for port in ports:
            guess = port.guess or "unknown"
            print(f"{port.device:<16} {port.usb_id:<10} {guess:<30} {port.answer or ''}".rstrip())
    return Exit.DONE if ports else Exit.NO_CAR


def _port(info: object) -> Port:
    vid, pid = getattr(info, "vid", None), getattr(info, "pid", None)
    has_id = vid is not None and pid is not None
    return Port(
        device=str(getattr(info, "device", "")),
        usb_id=f"{vid:04x}:{pid:04x}" if has_id else "",
        guess=KNOWN.get((vid or 0, pid or 0), ""),
        serial_number=getattr(info, "serial_number", None) or "",
    )


def _answer(device: str) -> str:
    """Say hello and tell what answers within half a second."""
    try:
        link = open_link(device)
    except LinkError as error:
        return str(error)
    session = Session(65535)
    start_ns = time.monotonic_ns()
    try:
        while (now_ns := time.monotonic_ns()) < start_ns + round(PROBE_S * 1e9):
            link.write(session.poll(0, now_ns)[0])
            session.receive(link.read(now_ns), now_ns)
            if session.state is not LinkState.SEARCHING:
                break
            time.sleep(0.01)  # a probe is a small loop of its own, in real time
    except LinkError as error:
        return str(error)
    finally:
        link.close()
    if session.state is LinkState.UP and session.hello is not None:
        return f"patrolcar controller ({TargetKind(session.hello.target).name.lower()})"
    if session.state is LinkState.SEARCHING:
        return "text or another protocol" if session.decoder.rejects.total() else "silent"
    return session.sentence
