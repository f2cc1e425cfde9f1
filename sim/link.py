"""The simulator as a link of the host: ``sim://SITE?seed=1&people=0&baud=115200&loss=0.001``.

Reading advances the simulated car to the host's time, so the same link serves real and virtual time:
whoever owns the clock decides how fast the world turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from patrolcar.errors import LinkError
from sim.car import SimulatedCar
from sim.faults import Fault, Injector, Target
from sim.line import BITS_PER_BYTE, NS_PER_S, PERFECT, Channel, LineParameters
from sim.noise import stream
from sim.setting.scenario import Scenario, car_of

STEP_NS: Final = 10_000_000
LONGEST_CATCH_UP_NS: Final = 1_000_000_000  # after a suspend the world goes on from here, not from then


class SimulatedLink:
    """A simulated car at the other end of a line.

    Args:
        car: It lives when the link is read.
        name: What a person calls it.
        line: How both directions behave.
        seed: Of the line's noise and of the faults.
        faults: What goes wrong.

    """

    def __init__(
        self,
        car: SimulatedCar,
        name: str,
        line: LineParameters = PERFECT,
        seed: int = 0,
        faults: Sequence[Fault] = (),
    ) -> None:
        self.car = car
        self.uplink = Channel(line, stream(seed, "line to the controller"))
        self.downlink = Channel(line, stream(seed, "line to the host"))
        self.faults: Injector | None = None
        if faults:
            target = Target(car, self.uplink, self.downlink, stream(seed, "faults"))
            car.tampering = self.faults = Injector(faults, target, seed)
            car.controller.scan_filter = self.faults.scanned
        self._name = name
        self._time_ns: int | None = None
        self._now_ns = 0
        if line.baud:
            car.controller.tx_capacity = max(line.baud * STEP_NS // (BITS_PER_BYTE * NS_PER_S), 1)

    @property
    def name(self) -> str:
        """What is simulated."""
        return self._name

    def fileno(self) -> int | None:
        """There is nothing to wait on."""
        return None

    def read(self, now_ns: int) -> bytes:
        """Let the car live until ``now_ns`` and return what it sent."""
        self._now_ns = now_ns
        if self._time_ns is None or now_ns - self._time_ns > LONGEST_CATCH_UP_NS:
            self._time_ns = now_ns - STEP_NS
        time_ns, periods = self._time_ns, (now_ns - self._time_ns) // STEP_NS
        while periods > 0:
            received = self.uplink.take(time_ns + STEP_NS)
            together = periods if self._may_run_on() else 1
            said = self.car.run(received, together)
            time_ns, periods = time_ns + together * STEP_NS, periods - together
            self.downlink.put(said, time_ns)
            self._time_ns = time_ns
        return self.downlink.take(now_ns)

    def _may_run_on(self) -> bool:
        """Whether nothing more reaches the car in this read, and its line does not care for pieces."""
        return not self.uplink.is_busy and self.downlink.is_plain and self.car.tampering is None

    @property
    def is_plugged(self) -> bool:
        """Whether the cable is in: something gets through in one direction at least."""
        return self.uplink.parameters.connected or self.downlink.parameters.connected

    def step(self, received: bytes) -> bytes:
        """Let the car live for one control period; bytes go onto the line and come off it as in ``read``."""
        self.write(received)
        return self.read(STEP_NS if self._time_ns is None else self._time_ns + STEP_NS)

    def write(self, data: bytes) -> None:
        """Send to the car; the controller finds it in the first step after its arrival."""
        self.uplink.put(data, self._now_ns)

    def close(self) -> None:
        """Nothing is held."""


_CAR_OPTIONS: Final = frozenset({"seed", "people"})
_LINE_OPTIONS: Final = {
    "baud": ("baud", int, 1),
    "packet_ms": ("packet_s", float, 0.001),
    "latency_ms": ("latency_s", float, 0.001),
    "jitter_ms": ("jitter_s", float, 0.001),
    "loss": ("loss", float, 1),
    "flips": ("flips", float, 1),
    "bursts": ("bursts_per_s", float, 1),
    "duplicates": ("duplicates", float, 1),
}


def open_link(url: str) -> SimulatedLink:
    """Open ``sim://SITE?seed=N&people=N&baud=N&packet_ms=T&latency_ms=T&jitter_ms=T&loss=P&flips=P``.

    SITE is a site file, a scenario or mission file, or ``demo``. ``loss`` is a share of the bytes, ``flips``
    of the bits, ``duplicates`` of the pieces, ``bursts`` a number per second on the wire.

    Raises:
        LinkError: Options are unknown or make no sense; the text names all of them.
        ConfigError: The site file has mistakes.

    """
    rest = url.partition("://")[2]
    site, _, query = rest.partition("?")
    given = _given(query)
    of_car = {key: value for key, value in given.items() if key in _CAR_OPTIONS}
    wrong = [f"{key}={value}" for key, value in of_car.items() if not value.isdecimal()]
    try:
        line = _line({key: value for key, value in given.items() if key not in of_car}, wrong, _CAR_OPTIONS)
    except ValueError as error:
        message = f"{url}: {error}"
        raise LinkError(message) from error
    seed, people = int(of_car.get("seed", 1)), of_car.get("people")
    count = None if people is None else int(people)
    if site == "demo":
        return SimulatedLink(car_of(Scenario(None, seed, count), line), url, line, seed)
    from sim.campaign.file_link import opened  # noqa: PLC0415  (it stands on this module)

    said_line = line if len(given) > len(of_car) else None
    return opened(Path(site), seed, count, said_line)


def line_of(query: str) -> LineParameters:
    """Return the line that ``baud=115200&latency_ms=4&loss=0.001`` describes; the rest is perfect.

    Raises:
        ValueError: Something is unknown or makes no sense; the text names all of it.

    """
    return _line(_given(query), [], frozenset())


def _given(query: str) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(query, keep_blank_values=True).items()}


def _line(given: dict[str, str], wrong: list[str], more: frozenset[str]) -> LineParameters:
    """Return the line; ValueError names what is ``wrong`` already, too, and ``more`` that may be said."""
    wrong = wrong + [f"{key}={value}" for key, value in given.items() if not _is_line_option(key, value)]
    if wrong:
        known = ", ".join(sorted(more | set(_LINE_OPTIONS)))
        message = f"{' and '.join(wrong)} is not understood; options are {known}, each with a number"
        raise ValueError(message)
    return replace(PERFECT, **_line_values(given))


def _is_line_option(key: str, value: str) -> bool:
    """Return whether this is an option of the line with a number of its kind."""
    if key not in _LINE_OPTIONS:
        return False
    try:
        _LINE_OPTIONS[key][1](value)
    except ValueError:
        return False
    return True


def _line_values(given: dict[str, str]) -> dict[str, Any]:
    """Return the line's parameters in their own units."""
    rows = ((_LINE_OPTIONS[key], value) for key, value in given.items() if key in _LINE_OPTIONS)
    return {field: kind(value) * unit for (field, kind, unit), value in rows}
