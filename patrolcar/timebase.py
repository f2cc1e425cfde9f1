"""Controller time into host time: the only place that does it.

Controller stamps are 32-bit microseconds and wrap after 71.6 minutes. The offset is the smallest
difference between arrival and stamp seen lately: waiting in a buffer can only make a frame late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WRAP_US: Final = 2**32
FORGET_NS_PER_S: Final = (
    100_000  # lets the offset rise by 100 us a second: crystals differ by less than 100 ppm
)


def elapsed_us(later_us: int, earlier_us: int) -> int:
    """Return the signed time between two stamps less than 35 minutes apart."""
    return (later_us - earlier_us + WRAP_US // 2) % WRAP_US - WRAP_US // 2


@dataclass(frozen=True, slots=True)
class Timebase:
    """The mapping at one moment; ``updated`` returns the next one."""

    stamp_us: int  # newest stamp
    unwrapped_us: int  # the same, without wraps
    offset_ns: int  # host time minus controller time
    arrival_ns: int

    @classmethod
    def first(cls, stamp_us: int, arrival_ns: int) -> Timebase:
        """Start from the first stamp after a boot."""
        return cls(stamp_us, stamp_us, arrival_ns - stamp_us * 1000, arrival_ns)

    def updated(self, stamp_us: int, arrival_ns: int) -> Timebase:
        """Return the mapping after one more stamped message."""
        unwrapped_us = self.unwrapped_us + elapsed_us(stamp_us, self.stamp_us)
        forgotten_ns = (arrival_ns - self.arrival_ns) * FORGET_NS_PER_S // 1_000_000_000
        offset_ns = min(self.offset_ns + forgotten_ns, arrival_ns - unwrapped_us * 1000)
        return Timebase(stamp_us, unwrapped_us, offset_ns, arrival_ns)

    def host_ns(self, stamp_us: int) -> int:
        """Return the host time at which the controller took this stamp."""
        return (self.unwrapped_us + elapsed_us(stamp_us, self.stamp_us)) * 1000 + self.offset_ns
