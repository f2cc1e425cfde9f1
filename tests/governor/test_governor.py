from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from patrolcar.geometry import ZERO_TWIST, Points, Pose2, Twist2
from patrolcar.governor import Fences, Reason, Rules, Senses, Verdict, limit, reach_m, safe_speed
from patrolcar.site import Zone, ZoneKind
from patrolcar.vehicle import Footprint, Vehicle

CAR = Vehicle()
SONAR_CAR = Vehicle(lidar=None)
NOWHERE = Fences()
FULL = Twist2(0.6)
SQUARE = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)])

speeds = st.floats(-0.2, 0.6)
turns = st.floats(-1.8, 1.8)
places = st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0))


def seen(*points: tuple[float, float], age_s: float = 0.0, pose: Pose2 | None = None) -> Senses:
    return Senses(0.0, np.array(points, dtype=float).reshape(-1, 2), age_s, pose_map=pose)


def allowed(wanted: Twist2, senses: Senses, fences: Fences = NOWHERE, vehicle: Vehicle = CAR) -> Verdict:
    return limit(wanted, wanted, senses, fences, vehicle)


def is_outside(points: Points) -> bool:
    """Whether no point lies in the outline, the governor's side margin included."""
    outline, side = CAR.footprint, CAR.footprint.half_width_m + 0.021
    inside = (
        (np.abs(points[:, 1]) < side)
        & (points[:, 0] < outline.front_m + 1e-3)
        & (points[:, 0] > -outline.rear_m - 1e-3)
    )
    return not inside.any()


def test_nothing_in_the_way_changes_nothing() -> None:
    assert allowed(FULL, seen((3.0, 3.0))) == Verdict(FULL, (), math.inf)


@given(speeds, turns, st.lists(places, max_size=12))
def test_it_never_speeds_up_and_never_bends_the_arc(
    v: float, w: float, points: list[tuple[float, float]]
) -> None:
    verdict = allowed(Twist2(v, 0.0, w), seen(*points))
    got = verdict.twist
    assert abs(got.vx_mps) <= abs(v) + 1e-12
    assert abs(got.wz_radps) <= abs(w) + 1e-12
    assert got.vx_mps * w == pytest.approx(got.wz_radps * v, abs=1e-9)
    assert got.vx_mps * v >= 0.0


@settings(deadline=None, max_examples=60)
@given(speeds, turns, st.lists(places, min_size=1, max_size=12))
def test_braking_from_the_allowed_motion_ends_before_the_first_touch(
    v: float, w: float, points: list[tuple[float, float]]
) -> None:
    assume(is_outside(np.array(points)))
    got = allowed(Twist2(v, 0.0, w), seen(*points)).twist
    pose = Pose2()
    step_s, share = 0.01, 1.0
    rim_mps = abs(got.vx_mps) + abs(got.wz_radps) * CAR.footprint.circumscribed_m
    reaction_s = Rules().reaction_s
    while share > 0.0:
        pose = pose @ Pose2(got.vx_mps * share * step_s, 0.0, got.wz_radps * share * step_s)
        ahead = pose.inverse().carry(np.array(points))
        outline = CAR.footprint
        touches = (
            (np.abs(ahead[:, 1]) < outline.half_width_m)
            & (ahead[:, 0] < outline.front_m)
            & (ahead[:, 0] > -outline.rear_m)
        )
        assert not touches.any()
        reaction_s -= step_s
        if reaction_s < 0.0:
            share -= CAR.limits.brake_mps2 * step_s / max(rim_mps, 1e-9)


@given(st.floats(0.17, 3.0), st.floats(0.17, 3.0))
def test_nearer_is_never_faster(one: float, other: float) -> None:
    near, far = sorted((one, other))
    assert (
        allowed(FULL, seen((near, 0.0))).twist.vx_mps <= allowed(FULL, seen((far, 0.0))).twist.vx_mps + 1e-12
    )


def test_it_stops_before_a_wall_and_says_so() -> None:
    verdict = allowed(FULL, seen((0.2, 0.0)))
    assert verdict.twist == ZERO_TWIST
    assert verdict.reasons == (Reason.OBSTACLE,)
    assert verdict.clearance_m == pytest.approx(0.04)


def test_the_speed_is_the_one_the_stop_distance_allows() -> None:
    free_m = 0.30
    rules = Rules()
    v = allowed(FULL, seen((CAR.footprint.front_m + free_m, 0.0))).twist.vx_mps
    need = v * rules.reaction_s + v * v / (2.0 * CAR.limits.brake_mps2) + rules.stop_margin_m
    assert need == pytest.approx(free_m)


@given(st.floats(0.0, 5.0), st.floats(0.0, 0.5), st.floats(0.01, 1.0), st.floats(0.1, 3.0))
def test_safe_speed_is_the_stop_distance_turned_round(
    free: float, margin: float, reaction: float, brake: float
) -> None:
    v = safe_speed(free, margin, reaction, brake)
    if free <= margin:
        assert v == 0.0
    else:
        assert v * reaction + v * v / (2.0 * brake) == pytest.approx(free - margin, abs=1e-9)


def test_a_wall_in_front_does_not_hold_it_from_backing_or_turning_away() -> None:
    wall = [(0.19, y) for y in np.linspace(-0.5, 0.5, 21)]
    assert allowed(Twist2(0.2), seen(*wall)).twist == ZERO_TWIST
    assert allowed(Twist2(-0.2), seen(*wall)).twist == Twist2(-0.2)
    assert allowed(Twist2(0.0, 0.0, 1.0), seen((0.5, 0.0))).twist.wz_radps == 1.0


def test_turning_on_the_spot_stops_before_a_corner_touches() -> None:
    beside = [(x, 0.15) for x in np.linspace(-0.5, 0.5, 51)]
    assert allowed(Twist2(0.0, 0.0, 1.5), seen(*beside)).twist.wz_radps < 0.75


def test_a_thing_inside_the_outline_lets_it_leave_and_not_go_deeper() -> None:
    assert allowed(Twist2(0.2), seen((0.15, 0.0))).twist == ZERO_TWIST
    assert allowed(Twist2(-0.2), seen((0.15, 0.0))).twist == Twist2(-0.2)


def test_a_reading_that_is_no_number_counts_as_touching() -> None:
    assert allowed(FULL, seen((math.nan, 0.0))).twist == ZERO_TWIST


def test_old_scans_stop_it_and_a_scan_of_middling_age_slows_it() -> None:
    assert allowed(FULL, seen(age_s=0.6)).reasons == (Reason.SCAN_STALE,)
    assert allowed(FULL, seen(age_s=math.nan)).twist == ZERO_TWIST
    fresh, older = (allowed(FULL, seen((0.5, 0.0), age_s=age)).twist.vx_mps for age in (0.0, 0.3))
    assert older < fresh


def test_old_odometry_stops_it() -> None:
    senses = seen()._replace(odometry_age_s=0.4)
    verdict = allowed(FULL, senses)
    assert verdict == Verdict(ZERO_TWIST, (Reason.ODOMETRY_STALE,), 0.0)


def test_a_standstill_is_allowed_however_blind_it_is() -> None:
    assert allowed(ZERO_TWIST, Senses(math.inf)).reasons == ()


def sonar_senses(front_m: float, age_s: float = 0.0) -> Senses:
    ranges = np.full(len(SONAR_CAR.sonars), math.inf)
    ranges[[1, 2]] = front_m
    return Senses(0.0, ranges_m=ranges, range_ages_s=np.full(ranges.size, age_s))


def test_without_a_lidar_the_sonars_are_its_eyes() -> None:
    assert allowed(FULL, sonar_senses(math.inf), vehicle=SONAR_CAR).twist == FULL
    assert allowed(FULL, sonar_senses(0.3), vehicle=SONAR_CAR).twist.vx_mps < 0.56
    assert allowed(FULL, sonar_senses(0.05), vehicle=SONAR_CAR).twist == ZERO_TWIST
    for touching in (-math.inf, math.nan):
        assert allowed(FULL, sonar_senses(touching), vehicle=SONAR_CAR).twist == ZERO_TWIST
    assert allowed(FULL, sonar_senses(math.inf, 0.6), vehicle=SONAR_CAR).reasons == (Reason.RANGES_STALE,)
    assert allowed(FULL, Senses(0.0), vehicle=SONAR_CAR).reasons == (Reason.RANGES_STALE,)


def test_with_a_lidar_an_old_sonar_reading_is_forgotten() -> None:
    ranges = np.full(len(CAR.sonars), 0.05)
    senses = seen()._replace(ranges_m=ranges, range_ages_s=np.full(ranges.size, 9.0))
    assert allowed(FULL, senses).twist == FULL


def test_it_reverses_slowly_and_only_where_somebody_looks_or_it_has_just_been() -> None:
    assert allowed(Twist2(-0.6), seen()).twist.vx_mps == pytest.approx(-CAR.limits.reverse_mps)
    front_only = Vehicle(lidar=None, sonars=CAR.sonars[:4])
    senses = Senses(0.0, ranges_m=np.full(4, math.inf), range_ages_s=np.zeros(4))
    assert allowed(Twist2(-0.2), senses, vehicle=front_only).reasons == (Reason.REVERSE_UNSEEN,)
    driven = senses._replace(driven_back_m=0.3)
    assert allowed(Twist2(-0.2), driven, vehicle=front_only).twist == Twist2(-0.2)


def test_it_is_never_faster_than_the_car() -> None:
    verdict = allowed(Twist2(3.0, 0.0, 0.5), seen())
    assert verdict.twist.vx_mps == pytest.approx(CAR.limits.speed_mps)
    assert verdict.reasons == (Reason.LIMITS,)


def test_things_close_beside_the_way_slow_it_down() -> None:
    verdict = allowed(FULL, seen((0.3, 0.18)))
    assert verdict.reasons == (Reason.NEAR,)
    assert 0.2 < verdict.twist.vx_mps < 0.6


def fenced(kind: ZoneKind, speed_mps: float | None = None) -> Fences:
    return Fences.of([Zone("zone", kind, SQUARE, speed_mps)])


@settings(deadline=None, max_examples=60)
@given(st.floats(0.5, 9.5), st.floats(0.5, 9.5), st.floats(-3.1, 3.1), turns)
def test_inside_a_geofence_it_can_always_stop_before_the_edge(
    x: float, y: float, yaw: float, w: float
) -> None:
    pose = Pose2(x, y, yaw)
    got = allowed(Twist2(0.6, 0.0, w), seen(pose=pose), fenced(ZoneKind.GEOFENCE)).twist
    share, step_s, reaction_s = 1.0, 0.01, Rules().reaction_s
    while share > 0.0 and got.vx_mps > 0.0:
        pose = pose @ Pose2(got.vx_mps * share * step_s, 0.0, got.wz_radps * share * step_s)
        reaction_s -= step_s
        if reaction_s < 0.0:
            share -= CAR.limits.brake_mps2 * step_s / got.vx_mps
    keep = CAR.footprint.inscribed_m - 0.01
    assert keep < pose.x_m < 10.0 - keep
    assert keep < pose.y_m < 10.0 - keep


def test_it_stops_before_a_keepout_and_passes_beside_it() -> None:
    fences = fenced(ZoneKind.KEEPOUT)
    verdict = allowed(FULL, seen(pose=Pose2(-0.15, 5.0, 0.0)), fences)
    assert verdict.twist.vx_mps < 0.1
    assert verdict.reasons == (Reason.KEEPOUT,)
    assert allowed(FULL, seen(pose=Pose2(-0.3, 5.0, math.pi / 2)), fences).twist == FULL
    assert allowed(FULL, seen(pose=Pose2(-0.15, 5.0, math.pi)), fences).twist == FULL


def test_a_car_in_a_keepout_stands_and_creeps_out_only_when_told() -> None:
    fences, senses = fenced(ZoneKind.KEEPOUT), seen(pose=Pose2(0.5, 5.0, math.pi))
    assert limit(FULL, ZERO_TWIST, senses, fences, CAR).reasons[0] is Reason.OUTSIDE
    creeping = limit(FULL, ZERO_TWIST, senses, fences, CAR, Rules(creep_out=True)).twist
    assert 0.0 < creeping.vx_mps <= 0.1
    deeper = seen(pose=Pose2(0.5, 5.0, 0.0))
    assert limit(FULL, ZERO_TWIST, deeper, fences, CAR, Rules(creep_out=True)).twist == ZERO_TWIST


def test_with_fences_and_no_pose_it_stands() -> None:
    assert allowed(FULL, seen(), fenced(ZoneKind.GEOFENCE)).reasons == (Reason.POSE_UNKNOWN,)


def test_slow_zones_cap_the_speed_and_it_brakes_before_them() -> None:
    fences = fenced(ZoneKind.SLOW, 0.2)
    assert allowed(FULL, seen(pose=Pose2(5.0, 5.0, 0.0)), fences).twist.vx_mps == pytest.approx(0.2)
    near = allowed(FULL, seen(pose=Pose2(-0.1, 5.0, 0.0)), fences)
    assert 0.2 < near.twist.vx_mps < 0.6
    assert near.reasons == (Reason.SLOW_ZONE,)
    assert allowed(FULL, seen(pose=Pose2(-1.0, 5.0, 0.0)), fences).twist == FULL


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_a_sentence_with_a_remedy(reason: Reason) -> None:
    assert reason.sentence
    assert reason.remedy


class TestReach:
    @settings(deadline=None)
    @given(speeds, turns, st.floats(0.0, 3.0), st.floats(-math.pi, math.pi))
    def test_a_thing_out_of_reach_changes_no_verdict(
        self, v: float, w: float, away_m: float, bearing_rad: float
    ) -> None:
        thing = (away_m * math.cos(bearing_rad), away_m * math.sin(bearing_rad))
        if allowed(Twist2(v, 0.0, w), seen(thing)) != allowed(Twist2(v, 0.0, w), seen()):
            assert math.hypot(*thing) <= reach_m(CAR)

    def test_it_is_the_way_that_matters_and_the_farthest_corner(self) -> None:
        outline = CAR.footprint
        horizon_m = 1.5 * CAR.limits.speed_mps + 0.5
        widest_m = outline.half_width_m + Rules().slow_side_m
        assert reach_m(CAR) == pytest.approx(horizon_m + math.hypot(outline.front_m, widest_m), abs=1e-5)
        wide = Rules(side_margin_m=0.3)
        assert reach_m(CAR, wide) == pytest.approx(
            horizon_m + math.hypot(outline.front_m, outline.half_width_m + 0.3), abs=1e-5
        )
        tail = replace(CAR, footprint=Footprint(front_m=0.1, rear_m=0.4))
        assert reach_m(tail) == pytest.approx(horizon_m + math.hypot(0.4, widest_m), abs=1e-5)
        assert reach_m(CAR) > horizon_m + math.hypot(outline.front_m, widest_m)  # rounding loses nothing
