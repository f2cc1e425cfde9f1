"""The last minutes of a few numbers, one value a second, for strip charts and the quality of the link."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from patrolcar.pilot.snapshot import Snapshot

SECONDS: Final = 240
_SECOND_NS: Final = 1_000_000_000
_QUALITY_S: Final = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """One second: the last values in it, the worst of those that must not hide."""

    second: int
    speed_mps: float
    turn_radps: float
    clearance_m: float | None  # smallest
    voltage_v: float | None
    late_ms: float  # largest
    round_trip_ms: float
    frames: int
    lost: int


class History:
    """Moments in the order of time."""

    def __init__(self) -> None:
        self.moments: deque[Moment] = deque(maxlen=SECONDS)

    def add(self, snapshot: Snapshot, now_ns: int) -> None:
        """Take one snapshot."""
        second = now_ns // _SECOND_NS
        moment = _moment(snapshot, second)
        if self.moments and self.moments[-1].second == second:
            self.moments[-1] = _merged(self.moments[-1], moment)  # in place: another thread may be reading
        else:
            self.moments.append(moment)

    def link_quality(self) -> float | None:
        """Return the share of frames of the last ten seconds that arrived, ``None`` when there were none."""
        moments = tuple(self.moments)
        if not moments:
            return None
        last = moments[-1]
        first = next(moment for moment in moments if moment.second >= last.second - _QUALITY_S)
        frames, lost = last.frames - first.frames, last.lost - first.lost
        if frames <= 0 or lost < 0:  # counters start again with a new session
            return None
        return frames / (frames + lost)


def _moment(snapshot: Snapshot, second: int) -> Moment:
    link, battery = snapshot.link, snapshot.battery
    return Moment(
        second=second,
        speed_mps=snapshot.speed[0],
        turn_radps=snapshot.speed[2],
        clearance_m=snapshot.clearance_m,
        voltage_v=None if battery is None else battery.voltage_v,
        late_ms=snapshot.loop_late_ms,
        round_trip_ms=link.round_trip_ms,
        frames=link.frames,
        lost=link.lost,
    )


def _merged(old: Moment, new: Moment) -> Moment:
    nearest = [value for value in (old.clearance_m, new.clearance_m) if value is not None]
    return Moment(
        second=new.second,
        speed_mps=new.speed_mps,
        turn_radps=new.turn_radps,
        clearance_m=min(nearest) if nearest else None,
        voltage_v=new.voltage_v,
        late_ms=max(old.late_ms, new.late_ms),
        round_trip_ms=max(old.round_trip_ms, new.round_trip_ms),
        frames=new.frames,
        lost=new.lost,
    )
