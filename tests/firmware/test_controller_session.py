"""Time, dates and statistics: what the controller answers, and which DRIVE it finds too old or too new."""

from __future__ import annotations

import pytest
from car import SESSION, Car
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import (
    Drive,
    DriveFlag,
    EventCode,
    HostStats,
    LinkStats,
    StatusFlag,
    Time,
    TimeRequest,
)

EARLY_US = 50_000
WRAP_US = 2**32


def dated(car: Car, count: int, age_us: int, *, lease_ms: int = 200, vx_mps: float = 0.3) -> Drive:
    """Return a DRIVE of such an age when the controller reads it with its next step."""
    made_us = (car.inputs.now_us - age_us) % WRAP_US
    return Drive(SESSION, count, lease_ms, vx_mps, 0.0, 0.0, DriveFlag.DATED, made_us)


def is_obeyed(car: Car, drive: Drive) -> bool:
    car.send(drive)
    car.step()
    return bool(car.status.flags & StatusFlag.LEASE_VALID)


class TestTime:
    @given(st.integers(0, WRAP_US - 1), st.integers(0, 65535))
    @settings(max_examples=20)
    def test_anybody_is_told_when_the_question_came_and_when_the_answer_left(
        self, start_us: int, cookie: int
    ) -> None:
        car = Car(start_us=start_us)
        car.run(50)
        asked_us = car.inputs.now_us
        car.run(10, TimeRequest(cookie))
        (answer,) = car.all_of(Time)
        assert answer == Time(cookie, asked_us, asked_us)


class TestDatedDrives:
    @given(st.integers(100, 500), st.integers(-200_000, 700_000))
    @settings(max_examples=60)
    def test_one_is_obeyed_while_its_lease_lasts_and_not_when_it_comes_from_the_future(
        self, lease_ms: int, age_us: int
    ) -> None:
        car = Car().armed()
        is_timely = -EARLY_US <= age_us < 1000 * lease_ms
        assert is_obeyed(car, dated(car, 1, age_us, lease_ms=lease_ms)) == is_timely

    @pytest.mark.parametrize(
        ("age_us", "wanted"), [(-50_001, 0), (-50_000, 1), (0, 1), (199_999, 1), (200_000, 0)]
    )
    def test_exactly_at_the_limits(self, age_us: int, wanted: int) -> None:
        car = Car().armed()
        assert is_obeyed(car, dated(car, 1, age_us)) == bool(wanted)

    @given(st.integers(0, 190_000), st.integers(0, WRAP_US - 1))
    @settings(max_examples=20)
    def test_the_lease_counts_from_the_date_and_not_from_the_arrival(
        self, age_us: int, start_us: int
    ) -> None:
        car = Car(start_us=start_us).armed()
        at_us = car.inputs.now_us
        assert is_obeyed(car, dated(car, 1, age_us))
        car.run(300)
        (expired,) = car.events(EventCode.LEASE_EXPIRED)
        assert 200_000 <= (expired.stamp_us - at_us + age_us) % WRAP_US < 210_000

    def test_a_date_ahead_of_the_controllers_clock_gives_nobody_more_time(self) -> None:
        car = Car().armed()
        at_us = car.inputs.now_us
        assert is_obeyed(car, dated(car, 1, -40_000))
        car.run(300)
        (expired,) = car.events(EventCode.LEASE_EXPIRED)
        assert expired.stamp_us - at_us == 200_000

    def test_a_refused_one_is_counted_leaves_the_last_one_alone_and_does_not_use_up_its_number(self) -> None:
        car = Car().armed()
        car.idle(1100)
        refused = car.latest(LinkStats).refused
        assert is_obeyed(car, dated(car, 1, 0))
        car.send(dated(car, 2, 300_000, vx_mps=-0.3), dated(car, 2, -60_000, vx_mps=-0.3))
        car.step()
        assert car.status.flags & StatusFlag.LEASE_VALID
        assert is_obeyed(car, dated(car, 2, 0))
        car.idle(1100)
        assert car.latest(LinkStats).refused == refused + 2

    def test_one_without_a_date_is_valid_from_its_arrival(self) -> None:
        car = Car().armed()
        assert is_obeyed(
            car, Drive(SESSION, 1, 200, 0.3, 0.0, 0.0, DriveFlag(0), (car.inputs.now_us - 900_000) % WRAP_US)
        )

    def test_after_a_line_that_stood_for_ten_seconds_nothing_old_moves_the_car(self) -> None:
        car = Car().armed()
        queue: list[Drive] = []
        for count in range(1, 501):  # ten seconds at 50 Hz
            queue.append(dated(car, count, 0, vx_mps=0.5))
            car.run(20)
        before = car.pose
        car.send(*queue)
        car.run(1000)
        fresh = [drive for drive in queue if (car.inputs.now_us - drive.made_us) % WRAP_US < 1_220_000]
        assert len(fresh) <= 11
        assert car.pose[0] - before[0] < 0.5 * 0.2 + 0.5**2 / (2 * car.settings.decel_mps2)
        assert not car.status.flags & StatusFlag.LEASE_VALID


class TestStatistics:
    def test_what_the_owner_lost_is_echoed_and_what_others_say_is_not(self) -> None:
        car = Car().armed()
        car.run(1100, HostStats(SESSION, 900, 7, 12, 3, 0.004), HostStats(SESSION + 1, 1, 1, 1, 1, 0.0))
        stats = car.latest(LinkStats)
        assert (stats.host_lost, stats.host_rejected, stats.refused) == (12, 7, 1)

    def test_a_new_owner_begins_at_zero(self) -> None:
        car = Car()
        car.run(100)
        car.open_session()
        car.run(20, HostStats(SESSION, 900, 7, 12, 3, 0.004))
        car.open_session(SESSION + 1)
        car.run(1100)
        assert car.latest(LinkStats).host_lost == 0
