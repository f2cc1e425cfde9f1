"""Let faults begin and end at their time, in every control period of a simulated car."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firmware_protocol.controller_layout import InputsStruct, OutputsStruct, ScanStruct
from sim.faults.effect import Effect
from sim.faults.kinds import KINDS
from sim.faults.target import Target
from sim.noise import stream

US_PER_S = 1_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a scenario.

    Attributes:
        kind: Its name among ``KINDS``.
        at_s: When it begins, in simulated seconds.
        for_s: How long it lasts; None for ever.
        probability: Share of the seeds in which it happens.
        values: The numbers of its kind by name: which wheel, how much.

    """

    kind: str
    at_s: float
    for_s: float | None = None
    probability: float = 1.0
    values: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what nobody can inject."""
        if self.kind not in KINDS:
            message = f"there is no fault {self.kind!r}; known are {', '.join(sorted(KINDS))}"
            raise ValueError(message)
        KINDS[self.kind].checked(dict(self.values))
        KINDS[self.kind].made(dict(self.values))  # numbers that make no sense are refused now, too
        if not (
            self.at_s >= 0.0 and (self.for_s is None or self.for_s > 0.0) and 0.0 <= self.probability <= 1.0
        ):
            message = (
                f"{self.kind}: at_s 0 or more, for_s above 0, probability 0 to 1 are expected, found {self}"
            )
            raise ValueError(message)


class Injector:
    """The faults of one run.

    Args:
        faults: What goes wrong.
        target: Where.
        seed: Of the run; whether a fault happens and its own chance depend on the seed and its place alone.

    """

    def __init__(self, faults: Sequence[Fault], target: Target, seed: int) -> None:
        self._target = target
        self._waiting = sorted(
            (
                (round(fault.at_s * US_PER_S), number, fault, chance)
                for number, fault in enumerate(faults)
                for chance in [stream(seed, f"fault {number} {fault.kind}")]
                if chance.random() < fault.probability
            ),
            key=lambda row: row[:2],
        )
        self._working: list[tuple[int | None, Effect, str]] = []

    def at_work(self, now_us: int) -> list[tuple[str, float | None]]:
        """Return the faults of this moment, each with the seconds it has left; None for one that stays."""
        return [
            (kind, None if until is None else (until - now_us) / US_PER_S) for until, _, kind in self._working
        ]

    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        """Begin and end what is due, then change what the controller is about to read."""
        while self._waiting and self._waiting[0][0] <= now_us:
            _, _, fault, chance = self._waiting.pop(0)
            effect = KINDS[fault.kind].made(dict(fault.values))
            effect.begin(self._target._replace(noise=chance))
            until = None if fault.for_s is None else now_us + round(fault.for_s * US_PER_S)
            self._working.append((until, effect, fault.kind))
        for until, effect, _ in self._working:
            if until is not None and until <= now_us:
                effect.end(self._target)
        self._working = [row for row in self._working if row[0] is None or row[0] > now_us]
        for _, effect, _ in self._working:
            effect.sensed(inputs, now_us)

    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        """Change what the controller has just ordered."""
        for _, effect, _ in self._working:
            effect.decided(outputs, now_us)

    def scanned(self, scan: ScanStruct) -> bool:
        """Change a piece of a lidar turn; return whether it reaches the controller."""
        return all(effect.scanned(scan) for _, effect, _ in self._working)
