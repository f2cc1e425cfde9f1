"""The simulator as a link of the host: ``sim://SITE?seed=1&people=0``.

Reading advances the simulated car to the host's time, so the same link serves real and virtual time:
whoever owns the clock decides how fast the world turns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from patrolcar.errors import LinkError
from sim.car import SimulatedCar
from sim.scenario import Scenario, car_of

STEP_NS: Final = 10_000_000
LONGEST_CATCH_UP_NS: Final = 1_000_000_000  # after a suspend the world goes on from here, not from then


class SimulatedLink:
    """A simulated car on a line without delay."""

    def __init__(self, car: SimulatedCar, name: str) -> None:
        self.car = car
        self._name = name
        self._sent = b""
        self._time_ns: int | None = None

    @property
    def name(self) -> str:
        """What is simulated."""
        return self._name

    def fileno(self) -> int | None:
        """There is nothing to wait on."""
        return None

    def read(self, now_ns: int) -> bytes:
        """Let the car live until ``now_ns`` and return what it sent."""
        if self._time_ns is None or now_ns - self._time_ns > LONGEST_CATCH_UP_NS:
            self._time_ns = now_ns - STEP_NS
        pieces = []
        while self._time_ns + STEP_NS <= now_ns:
            pieces.append(self.car.step(self._sent))
            self._sent = b""
            self._time_ns += STEP_NS
        return b"".join(pieces)

    def write(self, data: bytes) -> None:
        """Send to the car; it arrives with the next step."""
        self._sent += data

    def close(self) -> None:
        """Nothing is held."""


def open_link(url: str) -> SimulatedLink:
    """Open ``sim://SITE?seed=N&people=N``; SITE is a site file, or ``demo``.

    Raises:
        LinkError: An option is unknown or not a number.
        ConfigError: The site file has mistakes.

    """
    rest = url.partition("://")[2]
    site, _, query = rest.partition("?")
    options = {"seed": 1, "people": -1}
    for key, values in parse_qs(query, keep_blank_values=True).items():
        if key not in options or not values[-1].isdigit():
            message = f"{url}: {key}={values[-1]} is not understood; expected ?seed=N or &people=N"
            raise LinkError(message)
        options[key] = int(values[-1])
    people = None if options["people"] < 0 else options["people"]
    scenario = Scenario(site=None if site == "demo" else Path(site), seed=options["seed"], people=people)
    return SimulatedLink(car_of(scenario), url)
