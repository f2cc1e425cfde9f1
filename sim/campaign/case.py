"""What a campaign repeats: a mission, who walks there, and the line, without the seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from patrolcar import __version__
from sim.faults import Fault
from sim.line import PERFECT, LineParameters
from sim.setting.model import NO_SETTING, Setting
from sim.setting.variation import OF_THE_LINE, Varied


@dataclass(frozen=True, slots=True)
class Case:
    """One situation, with every file it needs, so that a worker on another machine can drive it.

    Attributes:
        name: What a person calls it.
        mission: Name of the mission file among ``files``.
        files: Names and contents, sorted by name.
        people: How many of the site's people walk; None for all.
        line: How both directions of the line behave.
        limit_s: Longest simulated time of one mission.
        faults: What goes wrong.
        setting: What the world holds besides its site.
        vary: What differs from seed to seed.

    """

    name: str
    mission: str
    files: tuple[tuple[str, bytes], ...]
    people: int | None = None
    line: LineParameters = PERFECT
    limit_s: float = 3600.0
    faults: tuple[Fault, ...] = ()
    setting: Setting = NO_SETTING
    vary: tuple[Varied, ...] = ()

    def narrowed(self, people: int | None, line: LineParameters | None) -> Case:
        """Return the case with so many people and over this line; what is said does not vary."""
        case = self
        if people is not None:
            kept = tuple(each for each in case.vary if each.name != "people")
            case = replace(case, people=people, vary=kept)
        if line is not None:
            kept = tuple(each for each in case.vary if each.name not in OF_THE_LINE)
            case = replace(case, line=line, vary=kept)
        return case

    @property
    def digest(self) -> str:
        """One word for everything that decides what happens, this version of the software included."""
        said = f"{__version__} {self.mission} {self.people} {self.line} {self.limit_s} {self.faults}"
        whole = hashlib.sha256(f"{said} {self.setting} {self.vary}".encode())
        for name, content in self.files:
            whole.update(f"\n{name} {len(content)}\n".encode() + content)
        return whole.hexdigest()[:16]
