"""The controller's clock, as the host knows it: a line through the best of the latest TIME answers.

A question and its answer tell that the controller's stamp was taken between sending and hearing; the
shorter the round trip, the better, because waiting in a buffer only ever makes it longer. Of the last 16
answers the quarter with the shortest round trips is fitted with a line (offset and skew): two of the older
half and two of the newer, so that the line is always long enough to have a slope.
Source: Cristian (1989), "Probabilistic clock synchronization".

Stamps are 32 bits of microseconds and wrap after 71.6 minutes; here they are unwrapped.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from firmware_protocol.messages import Time, TimeRequest

MS: Final = 1_000_000
WRAP_US: Final = 2**32
WINDOW: Final = 16
BEST_OF_HALF: Final = WINDOW // 8
BURST: Final = 5
BURST_EVERY_NS: Final = 50 * MS
EVERY_NS: Final = 1000 * MS
MOST_OPEN: Final = 32  # questions that may still be answered
USUAL_SKEW: Final = 0.003  # larger ones need more evidence: a crystal has 0.00004, an RC oscillator 0.01
SHORTEST_DOUBT_NS: Final = 50_000
LARGEST_SKEW: Final = 0.03
LARGEST_LEAP_NS: Final = 5 * MS


def elapsed_us(later_us: int, earlier_us: int) -> int:
    """Return the signed time between two stamps less than 35 minutes apart."""
    return (later_us - earlier_us + WRAP_US // 2) % WRAP_US - WRAP_US // 2


class ClockSample(NamedTuple):
    """One question and its answer: the same moment on both clocks, known to half of the round trip."""

    host_ns: int
    controller_us: int  # unwrapped
    round_trip_ns: int  # without the time the controller took


class ClockFit(NamedTuple):
    """Both clocks at one moment, and how fast they part."""

    host_ns: int
    controller_us: int  # unwrapped
    skew: float  # host seconds in one controller second, less one
    round_trip_ns: int  # the shortest of late; the fit is not wrong by more than half of it

    def host_ns_of(self, stamp_us: int) -> int:
        """Return the host time of a stamp less than 35 minutes from the fit."""
        elapsed_ns = 1000 * elapsed_us(stamp_us, self.controller_us)
        return self.host_ns + elapsed_ns + round(elapsed_ns * self.skew)

    def stamp_at(self, host_ns: int) -> int:
        """Return the controller's stamp at a host time."""
        return self.controller_us_at(host_ns) % WRAP_US

    def controller_us_at(self, host_ns: int) -> int:
        """Return the unwrapped controller time at a host time."""
        return self.controller_us + round((host_ns - self.host_ns) / (1000.0 * (1.0 + self.skew)))


def fitted(samples: tuple[ClockSample, ...]) -> ClockFit:
    """Return the line through the best two of the older and the best two of the newer samples.

    The skew is drawn towards 0 by as much as the samples leave it open (ridge regression with
    ``USUAL_SKEW`` as its prior), so that two answers a moment apart do not make a steep line.
    """
    middle = len(samples) // 2
    best = [*_best(samples[:middle]), *_best(samples[middle:])]
    count, first = len(best), best[0]
    round_trips_ns = sorted(sample.round_trip_ns for sample in best)
    hosts_ns = [sample.host_ns - first.host_ns for sample in best]
    controllers_ns = [1000 * (sample.controller_us - first.controller_us) for sample in best]
    host_mean_ns, controller_mean_ns = sum(hosts_ns) / count, sum(controllers_ns) / count
    spans = [controller_ns - controller_mean_ns for controller_ns in controllers_ns]
    drifts = [(host_ns - host_mean_ns) - span for host_ns, span in zip(hosts_ns, spans, strict=True)]
    doubt_ns = max(round_trips_ns[-1] / 4.0, SHORTEST_DOUBT_NS)
    weight = sum(span * span for span in spans) + (doubt_ns / USUAL_SKEW) ** 2
    skew = sum(span * drift for span, drift in zip(spans, drifts, strict=True)) / weight
    skew = min(max(skew, -LARGEST_SKEW), LARGEST_SKEW)
    centre_us = round(controller_mean_ns / 1000.0)
    host_ns = first.host_ns + round(host_mean_ns + (1000.0 * centre_us - controller_mean_ns) * (1.0 + skew))
    return ClockFit(host_ns, first.controller_us + centre_us, skew, round_trips_ns[0])


def _best(samples: tuple[ClockSample, ...]) -> list[ClockSample]:
    """Return those with the shortest round trips, the newest of equal ones."""
    return sorted(samples, key=lambda sample: (sample.round_trip_ns, -sample.host_ns))[:BEST_OF_HALF]


class Clock:
    """Asks a controller for its time and keeps the fit. No I/O: time and answers come in."""

    def __init__(self) -> None:
        self.fit: ClockFit | None = None
        self._samples: tuple[ClockSample, ...] = ()
        self._cookie = 0
        self._asked_ns: dict[int, int] = {}
        self._due_ns: int | None = None
        self._burst_left = BURST

    @property
    def is_settled(self) -> bool:
        """Whether there were as many answers as a burst has questions since the start or the last leap."""
        return len(self._samples) >= BURST

    def restart(self) -> None:
        """Forget everything: another boot, another clock."""
        self.fit, self._samples = None, ()
        self._asked_ns.clear()
        self.hurry()

    def hurry(self) -> None:
        """Ask a burst of questions from now on."""
        self._burst_left, self._due_ns = BURST, None

    def question(self, now_ns: int) -> TimeRequest | None:
        """Return the question that is due now: five 50 ms apart, then one a second."""
        if self._due_ns is not None and now_ns < self._due_ns:
            return None
        self._burst_left = max(self._burst_left - 1, 0)
        self._due_ns = now_ns + (BURST_EVERY_NS if self._burst_left else EVERY_NS)
        self._cookie = (self._cookie + 1) % 65536
        self._asked_ns[self._cookie] = now_ns
        if len(self._asked_ns) > MOST_OPEN:
            del self._asked_ns[next(iter(self._asked_ns))]
        return TimeRequest(self._cookie)

    def answered(self, answer: Time, now_ns: int) -> None:
        """Take an answer; one that nobody asked for, or that came twice, is nothing."""
        asked_ns = self._asked_ns.pop(answer.cookie, None)
        if asked_ns is None:
            return
        held_us = elapsed_us(answer.sent_us, answer.received_us)
        round_trip_ns = now_ns - asked_ns - 1000 * held_us
        if held_us < 0 or round_trip_ns < 0:
            return
        host_ns = (asked_ns + now_ns) // 2
        stamp_us = (answer.received_us + held_us // 2) % WRAP_US
        near_us = stamp_us if self.fit is None else self.fit.controller_us_at(host_ns)
        sample = ClockSample(host_ns, near_us + elapsed_us(stamp_us, near_us % WRAP_US), round_trip_ns)
        if self._leapt(sample):
            self.restart()
        elif self._bent(sample):
            self._samples = self._samples[1 - BURST :]
        self._samples = (*self._samples, sample)[-WINDOW:]
        self.fit = fitted(self._samples)

    def _leapt(self, sample: ClockSample) -> bool:
        """Whether no steady clock gives this sample after the one before it."""
        if not self._samples:
            return False
        before = self._samples[-1]
        between_ns = sample.host_ns - before.host_ns
        off_ns = abs(between_ns - 1000 * (sample.controller_us - before.controller_us))
        return off_ns > _doubt_ns(sample, before) + LARGEST_SKEW * abs(between_ns)

    def _bent(self, sample: ClockSample) -> bool:
        """Whether the clock runs faster or slower than it did when the older samples were taken."""
        if self.fit is None:
            return False
        off_ns = 1000 * abs(self.fit.controller_us_at(sample.host_ns) - sample.controller_us)
        return off_ns > _doubt_ns(sample, self.fit)


def _doubt_ns(one: ClockSample, other: ClockSample | ClockFit) -> float:
    """Return how far two samples of one steady clock may disagree."""
    return (one.round_trip_ns + other.round_trip_ns) / 2 + LARGEST_LEAP_NS
