"""What sensors say that cannot be true: that nothing changed while the car moved, or nothing at all.

A lidar or a sonar may repeat itself, and parts of the lidar's view may be covered.
A sensor that fell silent shows by its age; one that lies does not. Every real reading carries noise, so the
same bytes again and again, from another place, are a fault. Nothing here is a distance or a pose: it only
says whom not to believe. Source of the limits: the sensor rows of the fault matrix (tests/faults).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import compress
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocol.messages import Message, Ranges, Scan
from patrolcar.geometry import Pose2, wrapped
from patrolcar.kernels import judge_repeats, judge_sectors
from patrolcar.odometry import Odometry

LIDAR_MOVED_M: Final = 0.08  # so far a piece of a turn cannot stay the same to the last bit
SONAR_MOVED_M: Final = 0.3  # a single distance beside a wall can, for a while
TURNED_RAD: Final = 0.15
SONARS: Final = 8  # places in RANGES
SECTORS: Final = 24  # of the lidar's view, 15 degrees each
COVERED_SHARE: Final = 0.6  # broken beams in a sector that count as covered
FEWEST_BEAMS: Final = 3
TURN_RAD: Final = 2.0 * math.pi


_JUDGED: Final = frozenset({Scan, Ranges})
_is_lie: Final = attrgetter("is_lie")


class _Repetition:
    """Notices that the same is said again from another place."""

    def __init__(self, moved_m: float) -> None:
        self._moved_m = moved_m
        self._said: bytes | None = None
        self._since: Pose2 | None = None
        self.is_lie = False

    def take(self, said: bytes, odometry: Odometry) -> None:
        """Compare with what was said before."""
        here = odometry.pose_odom
        if said != self._said or self._since is None:
            self._said, self._since, self.is_lie = said, here, False
            return
        moved_m = math.hypot(here.x_m - self._since.x_m, here.y_m - self._since.y_m)
        turned_rad = abs(wrapped(here.yaw_rad - self._since.yaw_rad))
        self.is_lie = self.is_lie or moved_m > self._moved_m or turned_rad > TURNED_RAD


class Doubts:
    """Whom not to believe, from all messages so far.

    Attributes:
        lidar_is_stuck: Every piece of its turn that shows anything repeats itself although the car moves.
        sonars_stuck: Per place of RANGES: repeats a distance although the car moves. Seeing nothing for
            long is no repetition.
        covered: Per sector of the lidar's view, counter-clockwise from where it looks: most beams are broken.
        covered_sectors: How many of them are.

    """

    def __init__(self) -> None:
        self.lidar_is_stuck = False
        self.covered: NDArray[np.bool_] = np.zeros(SECTORS, bool)
        self.covered_sectors = 0
        self._pieces: dict[int, _Repetition] = {}
        self._sonars = np.full((SONARS, 5), np.nan)
        self._stuck = 0  # a bit of each

    @property
    def sonars_stuck(self) -> NDArray[np.bool_]:
        """Which sonars repeat themselves."""
        return np.array([self._stuck >> place & 1 for place in range(SONARS)], bool)

    def is_sonar_stuck(self, count: int) -> bool:
        """Whether one of the first ``count`` sonars repeats itself."""
        return self._stuck & ~(-1 << count) != 0

    def update(self, messages: Sequence[Message], odometry: Odometry) -> None:
        """Take in the messages of one turn."""
        for message in compress(messages, map(_JUDGED.__contains__, map(type, messages))):
            if isinstance(message, Scan):
                self._scan(message, odometry)
            elif isinstance(message, Ranges):
                self._ranges(message, odometry)

    def covered_towards(self, bearing_rad: float, half_width_rad: float) -> bool:
        """Whether the lidar's view is covered anywhere within ``half_width_rad`` of a bearing."""
        bearings = (np.flatnonzero(self.covered) + 0.5) * TURN_RAD / SECTORS
        off_rad = np.abs((bearings - bearing_rad + math.pi) % TURN_RAD - math.pi)
        return bool((off_rad <= half_width_rad).any())

    def _scan(self, scan: Scan, odometry: Odometry) -> None:
        beams, left = scan.ranges_m, scan.beams_per_turn - scan.first
        if len(beams) > left:  # what lies past the end of the turn says nothing
            beams = beams[: max(left, 0)]
        finite, self.covered_sectors = judge_sectors(
            beams,
            scan.first,
            scan.beams_per_turn,
            self.covered,
            fewest=max(FEWEST_BEAMS, scan.beams_per_turn // SECTORS // 2),
            share=COVERED_SHARE,
        )
        pieces = self._pieces
        if finite:
            if scan.first not in pieces:
                pieces[scan.first] = _Repetition(LIDAR_MOVED_M)
            pieces[scan.first].take(beams.tobytes(), odometry)
        else:
            pieces.pop(scan.first, None)
        self.lidar_is_stuck = bool(pieces) and all(map(_is_lie, pieces.values()))

    def _ranges(self, ranges: Ranges, odometry: Odometry) -> None:
        self._stuck = judge_repeats(
            ranges.ranges_m, ranges.fresh, odometry.pose_odom, SONAR_MOVED_M, TURNED_RAD, self._sonars
        )
