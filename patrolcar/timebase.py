"""Controller time into host time: the only place that does it.

Controller stamps are 32-bit microseconds and wrap after 71.6 minutes. Once the session has fitted the
controller's clock from questions and answers, that fit is used. Until then, and for a host that only
watches, the offset is the smallest difference between arrival and stamp seen lately: waiting in a buffer
can only make a frame late.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from firmware_protocol.clock import ClockFit, elapsed_us

__all__ = ["Timebase", "elapsed_us"]

FORGET_NS_PER_S: Final = (
    100_000  # lets the offset rise by 100 us a second: crystals differ by less than 100 ppm
)


class Timebase(NamedTuple):
    """The mapping at one moment; ``updated`` returns the next one."""

    stamp_us: int  # newest stamp
    unwrapped_us: int  # the same, without wraps
    offset_ns: int  # host time minus controller time
    arrival_ns: int
    fit: ClockFit | None = None  # the controller's clock, when it is known

    @classmethod
    def first(cls, stamp_us: int, arrival_ns: int) -> Timebase:
        """Start from the first stamp after a boot."""
        return cls(stamp_us, stamp_us, arrival_ns - stamp_us * 1000, arrival_ns)

    def updated(self, stamp_us: int, arrival_ns: int) -> Timebase:
        """Return the mapping after one more stamped message."""
        unwrapped_us = self.unwrapped_us + elapsed_us(stamp_us, self.stamp_us)
        forgotten_ns = (arrival_ns - self.arrival_ns) * FORGET_NS_PER_S // 1_000_000_000
        offset_ns = min(self.offset_ns + forgotten_ns, arrival_ns - unwrapped_us * 1000)
        return Timebase(stamp_us, unwrapped_us, offset_ns, arrival_ns, self.fit)

    def with_fit(self, fit: ClockFit | None) -> Timebase:
        """Return the mapping with what the session knows of the controller's clock."""
        return self if fit is self.fit else self._replace(fit=fit)

    def host_ns(self, stamp_us: int) -> int:
        """Return the host time at which the controller took this stamp."""
        if self.fit is not None:
            return self.fit.host_ns_of(stamp_us)
        return (self.unwrapped_us + elapsed_us(stamp_us, self.stamp_us)) * 1000 + self.offset_ns
