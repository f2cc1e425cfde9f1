"""A hand on keys or pad moves the car only while it is there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.dashboard.drive_fsm import (
    CREEP_MPS,
    CREEP_RADPS,
    DRIVE_KEYS,
    IDLE,
    LONGEST_NS,
    Command,
    DriveFsm,
    DriveLimits,
    DriveStream,
    InputPath,
)
from patrolcar.geometry import ZERO_TWIST, Twist2

MS = 1_000_000
LIMITS = DriveLimits(speed_mps=0.6, reverse_mps=0.2, turn_radps=1.8)
REPEAT_MS = 40
DELAY_MS = 660

keys = st.sampled_from(sorted(DRIVE_KEYS))
happenings = st.one_of(
    st.tuples(st.just("press"), keys),
    st.tuples(st.just("release"), keys),
    st.tuples(st.sampled_from(["other", "interrupt", "forbid", "allow"]), st.none()),
)
stories = st.lists(st.tuples(st.integers(0, 1200), happenings), max_size=40)


def ready() -> DriveFsm:
    fsm = DriveFsm(LIMITS)
    fsm.permit(True, 0)
    return fsm


def tell(fsm: DriveFsm, what: str, key: Any, now_ns: int, *, releases: bool) -> None:
    if what == "press":
        fsm.press(key, now_ns, releases=releases)
    elif what == "release":
        fsm.release(key, now_ns)
    elif what == "other":
        fsm.other_key(now_ns)
    elif what == "interrupt":
        fsm.interrupt(now_ns)
    else:
        fsm.permit(what == "allow", now_ns)


def hold(fsm: DriveFsm, key: str, begin_ms: int, until_ms: int, *, releases: bool = False) -> int:
    """Hold a key as X repeats it; return when the last repeat came."""
    fsm.press(key, begin_ms * MS, releases=releases)
    last = begin_ms
    for at in range(begin_ms + DELAY_MS, until_ms + 1, REPEAT_MS):
        fsm.press(key, at * MS, releases=releases)
        last = at
    return last


class TestLaws:
    @given(stories, st.booleans(), st.integers(1, 5000))
    def test_no_command_outlives_the_last_news_of_a_key(
        self, story: list[Any], releases: bool, later_ms: int
    ) -> None:
        fsm, now = ready(), 0
        for gap_ms, (what, key) in story:
            now += gap_ms * MS
            tell(fsm, what, key, now, releases=releases)
        assert fsm.command(now + LONGEST_NS + later_ms * MS) == IDLE

    @given(stories, st.booleans())
    def test_no_command_leaves_the_limits(self, story: list[Any], releases: bool) -> None:
        fsm, now = ready(), 0
        for gap_ms, (what, key) in story:
            now += gap_ms * MS
            tell(fsm, what, key, now, releases=releases)
            twist = fsm.command(now).twist
            assert -LIMITS.reverse_mps * fsm.fraction <= twist.vx_mps <= LIMITS.speed_mps * fsm.fraction
            assert abs(twist.wz_radps) <= LIMITS.turn_radps * fsm.fraction + 1e-9

    @given(stories, st.booleans(), st.lists(st.tuples(st.integers(0, 900), keys), max_size=20))
    def test_while_driving_is_forbidden_nothing_moves(
        self, story: list[Any], releases: bool, presses: list[tuple[int, str]]
    ) -> None:
        fsm, now = ready(), 0
        for gap_ms, (what, key) in story:
            now += gap_ms * MS
            tell(fsm, what, key, now, releases=releases)
        fsm.permit(False, now)
        for gap_ms, key in presses:
            now += gap_ms * MS
            fsm.press(key, now, releases=releases)
            fsm.grab(1.0, 0.0)
            assert fsm.command(now) == IDLE
        fsm.permit(True, now)
        assert fsm.command(now) == IDLE

    @given(keys, st.integers(0, 3000), st.booleans())
    def test_a_key_held_through_an_interruption_does_not_move_the_car_again(
        self, key: str, at_ms: int, releases: bool
    ) -> None:
        fsm = ready()
        last = hold(fsm, key, 0, at_ms, releases=releases)
        fsm.interrupt(at_ms * MS)
        repeats = range(last + (REPEAT_MS if last else DELAY_MS), last + 3000, REPEAT_MS)
        for now_ms in (ms for ms in repeats if ms >= at_ms):
            fsm.press(key, now_ms * MS, releases=releases)
            assert fsm.command(now_ms * MS) == IDLE

    @given(st.sets(keys, min_size=1), st.integers(0, 800))
    def test_letting_every_key_go_is_zero_at_once(self, held: set[str], after_ms: int) -> None:
        fsm = ready()
        for key in held:
            fsm.press(key, 0, releases=True)
        for key in held:
            fsm.release(key, after_ms * MS)
        assert fsm.command(after_ms * MS) == IDLE

    @given(keys)
    def test_a_first_press_without_releases_only_creeps(self, key: str) -> None:
        fsm = ready()
        fsm.press(key, 0, releases=False)
        twist = fsm.command(0).twist
        assert abs(twist.vx_mps) <= CREEP_MPS
        assert abs(twist.wz_radps) <= CREEP_RADPS

    @given(st.lists(st.sampled_from([IDLE, Command(Twist2(0.1), InputPath.PAD)]), max_size=30))
    def test_after_a_hand_come_three_zeros_and_silence(self, commands: list[Command]) -> None:
        stream, since = DriveStream(), DriveStream.ZEROS
        for command in commands:
            since = 0 if command.is_active else since + 1
            expected = command.twist if command.is_active else ZERO_TWIST if since <= 3 else None
            assert stream.next(command) == expected


class TestKeysWithReleases:
    def test_two_keys_make_an_arc(self) -> None:
        fsm = ready()
        fsm.press("w", 0, releases=True)
        fsm.press("a", 0, releases=True)
        twist = fsm.command(0).twist
        assert (twist.vx_mps, twist.wz_radps) == pytest.approx((0.36, 1.08))

    def test_a_lost_release_ends_when_no_first_repeat_comes(self) -> None:
        fsm = ready()
        fsm.press("w", 0, releases=True)
        assert fsm.command(900 * MS).is_active
        assert fsm.command(901 * MS) == IDLE

    def test_a_lost_release_ends_soon_once_it_repeated(self) -> None:
        fsm = ready()
        last = hold(fsm, "w", 0, 1000, releases=True)
        assert fsm.command((last + 250) * MS).is_active
        assert fsm.command((last + 251) * MS) == IDLE

    def test_letting_the_steering_key_go_drives_straight_on(self) -> None:
        fsm = ready()
        fsm.press("w", 0, releases=True)
        fsm.press("d", 100 * MS, releases=True)
        fsm.release("d", 300 * MS)
        twist = fsm.command(1500 * MS).twist
        assert (twist.vx_mps, twist.wz_radps) == pytest.approx((0.36, 0.0))

    def test_another_key_ends_the_motion_for_good(self) -> None:
        fsm = ready()
        fsm.press("w", 0, releases=True)
        fsm.other_key(50 * MS)
        fsm.press("w", 90 * MS, releases=True)
        assert fsm.command(90 * MS) == IDLE
        fsm.release("w", 100 * MS)
        fsm.press("w", 110 * MS, releases=True)
        assert fsm.command(110 * MS).is_active

    def test_only_a_key_held_for_a_while_is_sure(self) -> None:
        fsm = ready()
        fsm.press("w", 0, releases=True)
        assert not fsm.command(399 * MS).is_sure
        assert fsm.command(400 * MS).is_sure


class TestKeysWithoutReleases:
    def test_a_hold_never_stutters_at_the_delay_of_x(self) -> None:
        fsm = ready()
        hold(fsm, "w", 0, 0)
        for now_ms in range(0, DELAY_MS, 10):
            assert fsm.command(now_ms * MS).is_active
        for at in range(DELAY_MS, 3000, REPEAT_MS):
            fsm.press("w", at * MS, releases=False)
            assert all(fsm.command((at + ms) * MS).is_active for ms in range(0, REPEAT_MS, 10))

    def test_the_second_event_goes_to_the_limit(self) -> None:
        fsm = ready()
        last = hold(fsm, "w", 0, 700)
        assert fsm.command(last * MS).twist.vx_mps == pytest.approx(0.36)

    def test_a_hold_ends_within_200_ms_of_the_last_repeat(self) -> None:
        fsm = ready()
        last = hold(fsm, "w", 0, 2000)
        assert fsm.command((last + 201) * MS) == IDLE

    def test_the_delay_is_learned_from_a_hold(self) -> None:
        fsm = ready()
        for at in (0, 300, 330, 360, 390):
            fsm.press("w", at * MS, releases=False)
        assert fsm.delay_ns == 300 * MS
        assert fsm.creep_ns == 360 * MS

    def test_tapping_teaches_nothing(self) -> None:
        fsm = ready()
        for at in range(0, 3000, 200):
            fsm.press("w", at * MS, releases=False)
        assert fsm.delay_ns == 640 * MS

    def test_another_key_ends_it_and_a_new_press_drives_again(self) -> None:
        fsm = ready()
        last = hold(fsm, "w", 0, 1000)
        fsm.other_key(last * MS)
        assert fsm.command(last * MS) == IDLE
        fsm.press("w", (last + 100) * MS, releases=False)
        assert fsm.command((last + 100) * MS).is_active

    def test_another_drive_key_begins_with_creeping(self) -> None:
        fsm = ready()
        last = hold(fsm, "w", 0, 1000)
        fsm.press("s", (last + 40) * MS, releases=False)
        assert fsm.command((last + 40) * MS).twist.vx_mps == pytest.approx(-0.12)


class TestPad:
    def test_it_is_proportional_and_holds_still(self) -> None:
        fsm = ready()
        fsm.grab(0.5, -0.5)
        twist = fsm.command(60_000 * MS).twist
        assert (twist.vx_mps, twist.wz_radps) == pytest.approx((0.18, -0.54))

    def test_letting_go_is_zero(self) -> None:
        fsm = ready()
        fsm.grab(1.0, 0.0)
        fsm.let_go()
        assert fsm.command(0) == IDLE

    def test_dragging_on_after_an_interruption_needs_a_new_grip(self) -> None:
        fsm = ready()
        fsm.grab(1.0, 0.0)
        fsm.interrupt(0)
        fsm.drag(1.0, 0.0)
        assert fsm.command(0) == IDLE


def test_the_limit_moves_in_tens_between_ten_and_a_hundred_per_cent() -> None:
    fsm = ready()
    fsm.adjust(-1)
    assert fsm.fraction == pytest.approx(0.5)
    fsm.adjust(-20)
    assert fsm.fraction == pytest.approx(0.1)
    fsm.adjust(20)
    assert fsm.fraction == pytest.approx(1.0)
