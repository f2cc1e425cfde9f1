"""The fault matrix as values, and the verdict on what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from branching import Job
from patrol import PHASES, SITES, Aftermath
from typing_extensions import override
from unguarded import Watchers

from firmware_protocol.messages import CAUSES, Cause
from patrolcar.modes import Mode
from sim.faults import Fault

FILE: Final = Path(__file__).with_name("matrix.yaml")
OUTCOMES: Final = {
    "goes on": set(),
    "latched": {"cause", "within_ms", "rest_ms"},
    "disarmed": {"within_ms", "rest_ms"},
    "held": {"cause", "within_ms"},
    "waits": {"rest_ms"},
    "lost": {"within_ms", "rest_ms"},
    "safe": set(),
}
OPTIONS: Final = {"says", "boots", "rest_ms", "gap_m", "visits", "watch_s"}
USUAL_PHASES: Final = ("straight", "turn", "standing")
PROVING: Final = {
    "thing appears": {"straight", "by hand"},
    "somebody crosses": {"straight", "by hand"},
    "somebody steps out": {"straight", "by hand"},
    "door falls shut": {"by hand"},  # on patrol it falls shut behind the car
}
"""What comes into the way of a moving car, and when: there it is told what the governor is good for."""
STILL_M: Final = 0.01
LONG_S: Final = 12.0  # in which a mission that goes on reaches a place
AFTER_S: Final = 4.0  # how long a car that stands is watched
CONTROL_S: Final = 5.0  # how long a car without a governor is watched


@dataclass(frozen=True)
class Expectation:
    """What must happen."""

    outcome: str
    causes: tuple[Cause, ...] = ()
    within_ms: float = 0.0
    rest_ms: float | None = None
    gap_m: float = 0.0
    boots: int = 0
    visits: int = 0
    says: str = ""
    watch_s: float = LONG_S


@dataclass(frozen=True)
class Row:
    """One row of the matrix in one phase."""

    id: str
    fault: Fault
    phase: str
    expect: Expectation = field(compare=False)
    site: str = "room"

    @override
    def __str__(self) -> str:
        """Return the name of its test."""
        numbers = "".join(f" {name}={value:g}" for name, value in self.fault.values)
        lasting = "" if self.fault.for_s is None else f" for {self.fault.for_s:g} s"
        where = "" if self.site == "room" else f" ({self.site})"
        return f"{self.id} {self.fault.kind}{numbers}{lasting}{where}, {self.phase}"

    @property
    def seconds(self) -> float:
        """How long to watch: until the last thing that may happen has happened."""
        if self.expect.outcome in {"goes on", "safe"}:
            return self.expect.watch_s
        last_ms = max(self.expect.within_ms, self.expect.rest_ms or 0.0)
        return last_ms / 1000.0 + (self.fault.for_s or 0.0) + AFTER_S

    def job(self, seed: int) -> Job:
        """Return what has to be driven for this row."""
        return Job(self.site, self.phase, seed, Watchers.ALL, self.fault, self.seconds)

    @property
    def is_proof(self) -> bool:
        """Whether it shows what the governor is good for."""
        return self.phase in PROVING.get(self.fault.kind, set())

    def control(self, watchers: Watchers, seed: int) -> Job:
        """Return the same situation with fewer who look."""
        return Job(self.site, self.phase, seed, watchers, self.fault, CONTROL_S)


def rows() -> list[Row]:
    """Return the whole matrix; a row that asserts nothing or names what nobody injects is an error."""
    return [row for raw in yaml.safe_load(FILE.read_text(encoding="utf-8")) for row in _rows_of(raw)]


def _rows_of(raw: dict[str, Any]) -> list[Row]:
    expect = dict(raw["expect"])
    outcome = expect.pop("outcome")
    missing = OUTCOMES[outcome] - set(expect)
    unknown = set(expect) - OUTCOMES[outcome] - OPTIONS
    if missing or unknown:
        message = f"{raw}: {outcome} needs {sorted(missing)} and does not take {sorted(unknown)}"
        raise ValueError(message)
    named = expect.pop("cause", [])
    causes = tuple(Cause[name] for name in ([named] if isinstance(named, str) else named))
    fault = Fault(raw["fault"], 0.0, raw.get("for_s"), values=tuple(sorted(raw.get("values", {}).items())))
    site, phases = raw.get("site", "room"), raw.get("phases", USUAL_PHASES)
    if site not in SITES or not set(phases) <= set(PHASES):
        message = f"{raw}: sites are {sorted(SITES)}, phases are {sorted(PHASES)}"
        raise ValueError(message)
    return [Row(raw["id"], fault, phase, Expectation(outcome, causes, **expect), site) for phase in phases]


def broken_promises(expect: Expectation, found: Aftermath, seconds: float) -> list[str]:
    """Return every promise of a row that was not kept; empty is good."""
    wrong = []

    def promise(kept: bool, text: str) -> None:
        if not kept:
            wrong.append(text)

    promise(found.collisions == 0, f"{found.collisions} collisions")
    promise(
        found.moved_after_latch_m < STILL_M, f"moved {found.moved_after_latch_m:.3f} m after it stood latched"
    )
    promise(found.fullest_duty <= 1.0, f"duty {found.fullest_duty}")
    promise(all(CAUSES[cause].text for cause in found.causes if cause), "a cause without a sentence")
    promise(found.gap_m >= expect.gap_m, f"came as near as {found.gap_m:.3f} m, expected {expect.gap_m}")
    promise(found.visits >= expect.visits, f"{found.visits} places visited in {seconds} s")
    promise(found.boots >= expect.boots, f"{found.boots} boots")
    silent = expect.outcome in {"goes on", "safe"} and not expect.says
    promise(silent or any(expect.says in text for text in found.texts), f"never said {expect.says!r}")
    if expect.rest_ms is not None:
        rested = found.rest_ms is not None and found.rest_ms <= expect.rest_ms
        lasting = expect.outcome in {"latched", "disarmed", "waits", "lost"} or found.rest_ms is not None
        promise(rested or not lasting, f"at rest since {found.rest_ms} ms, expected {expect.rest_ms}")
    match expect.outcome:
        case "goes on":
            promise(found.visits > 0, f"no place visited in {seconds} s")
            promise(found.latched_ms is None, f"latched {found.stop_cause!r}")
            promise(found.disarmed_ms is None, "disarmed")
        case "latched":
            in_time = found.latched_ms is not None and found.latched_ms <= expect.within_ms
            promise(in_time, f"latched after {found.latched_ms} ms, expected {expect.within_ms}")
            promise(found.stop_cause in expect.causes, f"cause {found.stop_cause!r}")
        case "disarmed":
            in_time = found.disarmed_ms is not None and found.disarmed_ms <= expect.within_ms
            promise(in_time, f"disarmed after {found.disarmed_ms} ms, expected {expect.within_ms}")
        case "lost":
            in_time = found.lost_ms is not None and found.lost_ms <= expect.within_ms
            promise(in_time, f"lost after {found.lost_ms} ms, expected {expect.within_ms}")
            promise(found.modes[-1:] == [Mode.HOLD], f"ended in {found.modes}")
        case "held":
            in_time = found.held_ms is not None and found.held_ms <= expect.within_ms
            promise(in_time, f"held after {found.held_ms} ms, expected {expect.within_ms}")
            promise(bool(set(expect.causes) & set(found.causes)), f"causes {found.causes}")
            promise(found.latched_ms is None, f"latched {found.stop_cause!r}")
    return wrong
