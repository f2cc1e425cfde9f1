"""From the host's decision to the controller's obedience, over a line of 115200 baud."""

from __future__ import annotations

from bench.stop_latency import BYTE_NS, stops
from patrolcar.links.serial_port import MOST_WAITING

BUDGET_MS = 50.0
FULL_DRIVER_MS = MOST_WAITING * BYTE_NS / 1e6


def test_every_stop_is_accepted_within_the_budget_whatever_is_on_the_line() -> None:
    found = stops(60, seed=3)
    waits_ms = [stop.accepted_ms for stop in found]
    assert all(0.0 < stop.accepted_ms < BUDGET_MS for stop in found)
    assert max(waits_ms) > 0.8 * FULL_DRIVER_MS  # some met a full driver
    assert min(waits_ms) < FULL_DRIVER_MS / 2  # and some an emptier one


def test_what_the_wheels_are_told_ends_at_zero_and_the_host_learns_of_the_stop() -> None:
    for stop in stops(20, seed=4):
        assert stop.accepted_ms < stop.standing_ms < stop.accepted_ms + 1000.0 * 0.6 / 1.2 + 20.0
        assert stop.accepted_ms < stop.known_ms < BUDGET_MS


def test_the_same_seed_stops_in_the_same_time() -> None:
    first, again, other = stops(5, seed=5), stops(5, seed=5), stops(5, seed=6)
    assert first == again
    assert first != other
