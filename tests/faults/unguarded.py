"""A pilot without its governor, to prove that the tests of the governor can fail.

The program has no switch for this, and none may come: the governor is replaced from outside, here, where no
installed program and no real car can reach it. The controller's reflex stays as it is in all cases.
"""

from __future__ import annotations

import math
from enum import Enum, auto

from typing_extensions import override

from patrolcar.geometry import Points, Pose2, Twist2
from patrolcar.governor import Verdict
from patrolcar.links.link import Link
from patrolcar.navigation.navigator import Guidance
from patrolcar.pilot import Pilot
from patrolcar.pilot.position import Position
from patrolcar.pilot.shield import Shield
from patrolcar.state import CarState
from sim.link import SimulatedLink


class Watchers(Enum):
    """Who on the host looks where the car drives."""

    ALL = auto()
    GOVERNOR = auto()
    """The planner keeps to the map and sees nothing that is not on it."""
    NOBODY = auto()


class OpenGate(Shield):
    """Allows whatever is wanted."""

    @override
    def verdict(self, wanted: Twist2, car: CarState, position: Position, now_ns: int) -> Verdict:
        return Verdict(wanted, (), math.inf)


def let_look(watchers: Watchers, pilot: Pilot, link: Link) -> None:
    """Let only these look from now on.

    Raises:
        TypeError: The car is not a simulated one.

    """
    if not isinstance(link, SimulatedLink):
        message = f"only a simulated car is driven without all of its watchers, found {link!r}"
        raise TypeError(message)
    if watchers is not Watchers.ALL:
        _blindfold(pilot)
    if watchers is Watchers.NOBODY:
        pilot.shield = OpenGate(pilot.site, pilot.vehicle)


def _blindfold(pilot: Pilot) -> None:
    """Keep every scan from the planner."""
    step = pilot.autopilot.navigator.step

    def unseeing(
        pose_map: Pose2, twist: Twist2, scan_map: Points | None, now_ns: int, speed_limit_mps: float
    ) -> Guidance:
        del scan_map
        return step(pose_map, twist, None, now_ns, speed_limit_mps)

    pilot.autopilot.navigator.step = unseeing  # type: ignore[method-assign]
