"""Greet several lines at once, in one loop, and name the one where a car answers."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from patrolcar.errors import LinkError
from patrolcar.links.greeting import Greeting
from patrolcar.links.link import Link
from patrolcar.links.serial_address import SerialAddress
from patrolcar.links.usb_ports import Port

PROBE_NS: Final = 600_000_000
STEP_S: Final = 0.01

Opener: TypeAlias = Callable[[str], Link]
Clock: TypeAlias = Callable[[], int]


def greet(
    addresses: Iterable[str],
    open_link: Opener,
    now_ns: Clock,
    for_ns: int = PROBE_NS,
    *,
    to_end: bool = False,
    insist: bool = False,
) -> dict[str, Greeting | LinkError]:
    """Say hello on every line at the same time; return what each said, or why it could not be asked.

    Args:
        addresses: What to open.
        open_link: Opens an address.
        now_ns: The clock.
        for_ns: How long to wait for answers, in nanoseconds.
        to_end: Listen the whole time, also where a controller has answered.
        insist: Ask also where something else seems to talk.

    """
    links: dict[str, Link] = {}
    results: dict[str, Greeting | LinkError] = {}
    try:
        for address in addresses:
            try:
                links[address] = open_link(address)
                results[address] = Greeting(insist=insist)
            except LinkError as error:
                results[address] = error
        _converse(links, results, now_ns, for_ns, to_end=to_end)
    finally:
        for link in links.values():
            link.close()
    return results


def _converse(
    links: Mapping[str, Link],
    results: dict[str, Greeting | LinkError],
    now_ns: Clock,
    for_ns: int,
    *,
    to_end: bool,
) -> None:
    end_ns = now_ns() + for_ns
    open_now = dict(links)
    while open_now and (now := now_ns()) < end_ns:
        for address, link in list(open_now.items()):
            greeting = results[address]
            try:
                if isinstance(greeting, Greeting):
                    link.write(greeting.poll(now))
                    greeting.receive(link.read(now), now)
                    if greeting.is_answered and not to_end:
                        del open_now[address]
            except LinkError as error:
                results[address] = error
                del open_now[address]
        if open_now:
            _wait(open_now.values())


def _wait(links: Iterable[Link]) -> None:
    numbers = [number for link in links if (number := link.fileno()) is not None]
    select.select(numbers, [], [], STEP_S)


def the_car(address: SerialAddress, ports: Sequence[Port], open_link: Opener, now_ns: Clock) -> str:
    """Return the path of the one port where a controller answers.

    Raises:
        LinkError: None answers, or several do; the text lists every port and what it said.

    """
    asked = {port.device: str(address.at(port.device)) for port in ports}
    results = greet(asked.values(), open_link, now_ns)
    answers = {device: results[text] for device, text in asked.items()}
    cars = [
        device for device, answer in answers.items() if isinstance(answer, Greeting) and answer.is_answered
    ]
    if len(cars) == 1:
        return cars[0]
    said = "".join(f"\n  {device}: {_said(answer)}" for device, answer in answers.items())
    if cars:
        message = f"auto: {len(cars)} cars answer; name the port of one:{said}"
    elif said:
        message = f"auto: no car answers; is it powered, and is the baud rate right?{said}"
    else:
        message = "auto: there is no serial port; is the cable plugged in? `patrolcar demo` needs none"
    raise LinkError(message)


def _said(answer: Greeting | LinkError) -> str:
    return answer.sentence() if isinstance(answer, Greeting) else str(answer)
