"""The governor to the last number: closed forms for simple places, and what happens exactly at each limit."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolcar.geometry import ZERO_TWIST, Pose2, Twist2
from patrolcar.governor import Fences, Reason, Rules, Senses, Verdict, limit
from patrolcar.site import Zone, ZoneKind
from patrolcar.vehicle import Limits, Vehicle

CAR = Vehicle()
FRONT_M, KEEP_M, BRAKE = CAR.footprint.front_m, CAR.footprint.inscribed_m, CAR.limits.brake_mps2
RULES = Rules()
FULL = Twist2(0.6)
SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
Polygon = Iterable[tuple[float, float]]


def seen(*points: tuple[float, float], age_s: float = 0.0, pose: Pose2 | None = None) -> Senses:
    return Senses(0.0, np.array(points, dtype=float).reshape(-1, 2), age_s, pose_map=pose)


def heard(vehicle: Vehicle, *ranges_m: float, age_s: float = 0.0) -> Senses:
    ages_s = np.full(len(ranges_m), age_s)
    assert len(ranges_m) == len(vehicle.sonars)
    return Senses(0.0, ranges_m=np.array(ranges_m), range_ages_s=ages_s)


def sonar_car(*sonars: Pose2) -> Vehicle:
    return Vehicle(lidar=None, sonars=sonars)


def zone(kind: ZoneKind, polygon: Polygon = SQUARE, speed_mps: float | None = None) -> Zone:
    return Zone("zone", kind, np.array(list(polygon)), speed_mps)


def allowed(
    wanted: Twist2,
    senses: Senses,
    *zones: Zone,
    vehicle: Vehicle = CAR,
    current: Twist2 = ZERO_TWIST,
    rules: Rules = RULES,
) -> Verdict:
    return limit(wanted, current, senses, Fences.of(zones), vehicle, rules)


def stopping_from(room_m: float, reaction_s: float = RULES.reaction_s) -> float:
    """Return the speed whose reaction and braking need exactly ``room_m``: the root of v t + v^2 / 2a."""
    return float(max(np.roots([1.0 / (2.0 * BRAKE), reaction_s, -room_m])))


def test_the_numbers_are_those_of_the_documents() -> None:
    documented = Rules(
        reaction_s=0.15,
        stop_margin_m=0.08,
        turn_margin_m=0.01,
        side_margin_m=0.02,
        slow_side_m=0.10,
        slow_mps=0.25,
        scan_stale_s=0.5,
        ranges_stale_s=0.5,
        odometry_stale_s=0.3,
        creep_out=False,
    )
    assert Rules() == documented
    assert Reason.SLOW_ZONE.sentence == "a slow zone"
    assert Reason.SLOW_ZONE.remedy == "nothing to do"


class TestStanding:
    def test_a_thousandth_of_a_metre_per_second_is_a_wish_and_less_is_none(self) -> None:
        blind = Senses(math.inf)
        for one, less in ((Twist2(1e-3), Twist2(9e-4)), (Twist2(0.0, 0.0, 1e-3), Twist2(0.0, 0.0, -9e-4))):
            assert allowed(one, seen()).twist == one
            assert allowed(less, blind) == Verdict(ZERO_TWIST, (), math.inf)

    def test_a_standing_car_tells_what_is_free_the_way_it_rolls(self) -> None:
        things = ((FRONT_M + 0.5, 0.0), (-CAR.footprint.rear_m - 0.3, 0.0))
        for rolling_mps, free_m in ((0.0, 0.5), (0.1, 0.5), (-0.1, 0.3), (0.9, 0.5), (-0.9, 0.3)):
            verdict = allowed(ZERO_TWIST, seen(*things), current=Twist2(rolling_mps))
            assert verdict.clearance_m == pytest.approx(free_m), rolling_mps

    def test_what_is_only_beside_the_way_does_not_shorten_it(self) -> None:
        assert allowed(ZERO_TWIST, seen((FRONT_M + 0.5, 0.141))).clearance_m == math.inf
        assert allowed(FULL, seen((FRONT_M + 0.5, 0.141))).clearance_m == math.inf


class TestWhatIsSeen:
    def test_echoes_beyond_one_and_a_half_seconds_and_half_a_metre_do_not_matter(self) -> None:
        front = sonar_car(Pose2(0.16, 0.0, 0.0))
        assert allowed(FULL, heard(front, 1.39), vehicle=front).clearance_m == pytest.approx(1.39)
        assert allowed(FULL, heard(front, 1.41), vehicle=front).clearance_m == math.inf

    @pytest.mark.parametrize(("side_m", "free_m"), [(0.139, 0.5), (0.141, math.inf)])
    def test_the_way_is_two_centimetres_wider_than_the_car_on_each_side(
        self, side_m: float, free_m: float
    ) -> None:
        assert allowed(FULL, seen((FRONT_M + 0.5, side_m))).clearance_m == pytest.approx(free_m)

    def test_readings_of_the_greatest_age_are_still_fresh(self) -> None:
        front = sonar_car(Pose2(0.16, 0.0, 0.0))
        assert allowed(Twist2(0.1), seen(age_s=0.5)).twist == Twist2(0.1)
        assert allowed(Twist2(0.1), seen()._replace(odometry_age_s=0.3)).twist == Twist2(0.1)
        assert allowed(Twist2(0.1), heard(front, 1.0, age_s=0.5), vehicle=front).twist == Twist2(0.1)
        near = seen()._replace(ranges_m=np.full(8, 0.05), range_ages_s=np.full(8, 0.5))
        assert allowed(FULL, near).twist == ZERO_TWIST
        for senses in (seen(age_s=0.51), seen()._replace(odometry_age_s=0.31)):
            assert allowed(Twist2(0.1), senses).twist == ZERO_TWIST

    def test_one_sonar_is_enough_and_one_old_reading_of_two_too_many(self) -> None:
        one = sonar_car(Pose2(0.16, 0.0, 0.0))
        assert allowed(FULL, heard(one, math.inf), vehicle=one).twist == FULL
        two = sonar_car(Pose2(0.16, 0.05, 0.0), Pose2(0.16, -0.05, 0.0))
        senses = heard(two, math.inf, math.inf)._replace(range_ages_s=np.array([0.0, 0.6]))
        assert allowed(FULL, senses, vehicle=two).reasons == (Reason.RANGES_STALE,)

    def test_a_sonar_reading_lies_where_the_sonar_looks(self) -> None:
        askew = sonar_car(Pose2(0.16, -0.3, math.pi / 4))
        verdict = allowed(FULL, heard(askew, 0.3 * math.sqrt(2.0)), vehicle=askew)
        assert verdict.clearance_m == pytest.approx(0.3)
        straight = sonar_car(Pose2(0.16, 0.0, 0.0))
        assert allowed(FULL, heard(straight, 0.7), vehicle=straight).clearance_m == pytest.approx(0.7)

    def test_the_oldest_reading_counts_and_no_age_is_below_zero(self) -> None:
        two = sonar_car(Pose2(0.16, 0.05, 0.0), Pose2(0.16, -0.05, 0.0))
        senses = heard(two, 0.4, 0.4)._replace(range_ages_s=np.array([0.0, 0.2]))
        expected_mps = stopping_from(0.4 - RULES.stop_margin_m, RULES.reaction_s + 0.2)
        assert allowed(FULL, senses, vehicle=two).twist.vx_mps == pytest.approx(expected_mps)
        early, now = (allowed(FULL, seen((0.3, 0.0), age_s=age_s)) for age_s in (-0.1, 0.0))
        assert early == now


class TestReverse:
    @pytest.mark.parametrize(("yaw_rad", "sees"), [(1.9, False), (2.0, False), (2.1, True), (-2.1, True)])
    def test_a_sonar_looks_back_when_it_is_turned_more_than_two_radians(
        self, yaw_rad: float, sees: bool
    ) -> None:
        car = sonar_car(Pose2(0.16, 0.0, 0.0), Pose2(0.0, 0.0, yaw_rad))
        verdict = allowed(Twist2(-0.2), heard(car, math.inf, math.inf), vehicle=car)
        unseen = Verdict(ZERO_TWIST, (Reason.REVERSE_UNSEEN,), 0.0)
        assert verdict == (Verdict(Twist2(-0.2), (), math.inf) if sees else unseen)

    def test_who_does_not_look_back_may_still_go_forward_and_turn(self) -> None:
        car = sonar_car(Pose2(0.16, 0.0, 0.0))
        for wanted in (FULL, Twist2(0.0, 0.0, 1.0)):
            assert allowed(wanted, heard(car, math.inf), vehicle=car).twist == wanted

    def test_five_centimetres_just_driven_are_known_ground(self) -> None:
        car = sonar_car(Pose2(0.16, 0.0, 0.0))
        for driven_m, twist in ((0.05, Twist2(-0.2)), (0.049, ZERO_TWIST)):
            senses = heard(car, math.inf)._replace(driven_back_m=driven_m)
            assert allowed(Twist2(-0.2), senses, vehicle=car).twist == twist


class TestLimits:
    def test_a_little_too_fast_is_said_and_cut_with_the_arc_kept(self) -> None:
        verdict = allowed(Twist2(0.7, 0.0, 0.7), seen())
        assert verdict.reasons == (Reason.LIMITS,)
        assert verdict.twist.vx_mps == pytest.approx(0.6)
        assert verdict.twist.wz_radps == pytest.approx(0.6)

    @pytest.mark.parametrize("forward_mps", [0.3, 0.9])
    def test_a_sideways_wish_is_not_heard(self, forward_mps: float) -> None:
        straight = allowed(Twist2(forward_mps, 0.0, 0.1), seen())
        assert straight.twist.vy_mps == 0.0
        assert allowed(Twist2(forward_mps, 0.2, 0.1), seen()) == straight

    def test_a_limit_exceeded_by_rounding_is_kept_and_not_spoken_of(self) -> None:
        verdict = allowed(Twist2(0.6 * (1.0 + 1e-9), 0.0, 0.1), seen())
        assert verdict.reasons == ()
        assert verdict.twist.vx_mps <= 0.6

    def test_slow_turners_are_cut_by_their_own_limit(self) -> None:
        car = Vehicle(limits=Limits(turn_radps=0.5))
        assert allowed(Twist2(0.0, 0.0, 0.6), seen(), vehicle=car).twist.wz_radps == pytest.approx(0.5)


class TestObstacles:
    @pytest.mark.parametrize("age_s", [0.0, 0.2])
    def test_turning_on_the_spot_keeps_a_centimetre_and_driving_straight_eight(self, age_s: float) -> None:
        thing = (0.0, 0.18)
        outline = CAR.footprint
        rim_m = math.hypot(max(outline.front_m, outline.rear_m), outline.half_width_m)
        verdict = allowed(Twist2(0.0, 0.0, 1.8), seen(thing, age_s=age_s))
        room_m = verdict.clearance_m - 0.01
        assert verdict.twist.wz_radps * rim_m == pytest.approx(
            min(stopping_from(room_m, 0.15 + age_s), 1.8 * rim_m), rel=1e-6
        )
        straight = allowed(FULL, seen((FRONT_M + 0.3, 0.0), age_s=age_s))
        assert straight.twist.vx_mps == pytest.approx(stopping_from(0.3 - 0.08, 0.15 + age_s))

    @pytest.mark.parametrize("wz_radps", [0.3, 0.6, 1.0])
    def test_on_an_arc_the_margin_lies_between(self, wz_radps: float) -> None:
        outline = CAR.footprint
        wanted = Twist2(0.4, 0.0, wz_radps)
        corners = [(x, y) for x in (outline.front_m, -outline.rear_m) for y in (outline.half_width_m,) * 2]
        rim = max(math.hypot(0.4 - wz_radps * -abs(y), wz_radps * x) for x, y in corners)
        verdict = allowed(wanted, seen((0.4, 0.05)))
        margin_m = 0.01 + 0.07 * 0.4 / rim
        expected = min(1.0, stopping_from(verdict.clearance_m - margin_m) / rim)
        assert verdict.twist.vx_mps == pytest.approx(0.4 * expected)
        assert verdict.twist.wz_radps == pytest.approx(wz_radps * expected)

    def test_slower_than_two_centimetres_per_second_is_standing(self) -> None:
        def at(room_m: float) -> float:
            return allowed(FULL, seen((FRONT_M + 0.08 + room_m, 0.0))).twist.vx_mps

        barely_m = 0.02 * RULES.reaction_s + 0.02**2 / (2.0 * BRAKE)
        assert at(0.9 * barely_m) == 0.0
        assert at(1.1 * barely_m) == pytest.approx(stopping_from(1.1 * barely_m))

    def test_beside_the_way_it_slows_to_a_quarter_of_a_metre_per_second_and_not_below(self) -> None:
        close = seen((FRONT_M + 0.05, 0.2))
        assert allowed(FULL, close).reasons == (Reason.NEAR,)
        assert allowed(FULL, close).twist.vx_mps == pytest.approx(0.25)
        assert allowed(Twist2(0.5, 0.0, 0.2), close).twist.vx_mps == pytest.approx(0.25)
        assert allowed(Twist2(0.25), close) == Verdict(Twist2(0.25), (), math.inf)
        assert allowed(FULL, seen((FRONT_M + 0.05, 0.221))).reasons == ()


class TestFences:
    def test_zones_may_come_from_anywhere_and_only_slow_zones_have_a_speed(self) -> None:
        fences = Fences.of(iter([zone(ZoneKind.GEOFENCE), zone(ZoneKind.KEEPOUT, speed_mps=0.2)]))
        assert [len(part) for part in (fences.inside, fences.outside, fences.slow)] == [1, 1, 0]
        assert Fences.of([zone(ZoneKind.SLOW)]).slow == ()

    def test_of_several_zones_the_nearest_edge_counts(self) -> None:
        inner = [(1.0, 1.0), (9.0, 1.0), (9.0, 9.0), (1.0, 9.0)]
        hole = [(4.0, 4.0), (5.0, 4.0), (5.0, 5.0), (4.0, 5.0)]
        other = [(6.0, 4.0), (7.0, 4.0), (7.0, 5.0), (6.0, 5.0)]
        edges = [zone(ZoneKind.GEOFENCE), zone(ZoneKind.GEOFENCE, inner)]
        fences = Fences.of([*edges, zone(ZoneKind.KEEPOUT, hole), zone(ZoneKind.KEEPOUT, other)])
        for x_m, y_m, depth_m, kind in (
            (1.5, 5.0, 0.5, Reason.GEOFENCE),
            (3.7, 4.5, 0.3, Reason.KEEPOUT),
            (5.8, 4.5, 0.2, Reason.KEEPOUT),
        ):
            found_m, found = fences.depth(x_m, y_m)
            assert found_m == pytest.approx(depth_m)
            assert found is kind
        assert fences.depth(2.5, 4.5) == (1.5, Reason.GEOFENCE)  # as near to both: the geofence is named

    def test_a_slow_zone_alone_needs_no_pose(self) -> None:
        assert allowed(FULL, seen(), zone(ZoneKind.SLOW, speed_mps=0.2)).twist == FULL

    @pytest.mark.parametrize(("left_m", "free_m"), [(0.249, 0.20), (0.22, 0.20), (0.17, 0.15), (0.06, 0.05)])
    def test_straight_at_a_fence_it_brakes_for_whole_samples_of_five_centimetres(
        self, left_m: float, free_m: float
    ) -> None:
        verdict = allowed(FULL, seen(pose=Pose2(10.0 - KEEP_M - left_m, 5.0, 0.0)), zone(ZoneKind.GEOFENCE))
        assert verdict.reasons == (Reason.GEOFENCE,)
        assert verdict.twist.vx_mps == pytest.approx(stopping_from(free_m))

    def test_at_the_fence_it_stands_and_before_the_braking_distance_it_does_not_care(self) -> None:
        fence = zone(ZoneKind.GEOFENCE)
        assert allowed(FULL, seen(pose=Pose2(10.0 - KEEP_M - 0.03, 5.0, 0.0)), fence).twist == ZERO_TWIST
        assert allowed(FULL, seen(pose=Pose2(10.0 - KEEP_M - 0.27, 5.0, 0.0)), fence) == Verdict(
            FULL, (), math.inf
        )

    @settings(max_examples=300)
    @given(
        st.floats(0.0, 0.4),
        st.floats(-3.1, 3.1),
        st.floats(0.2, 0.6),
        st.one_of(st.floats(0.02, 1.8), st.floats(-1.8, -0.02)),
    )
    def test_on_an_arc_to_a_fence_the_speed_follows_from_the_circle(
        self, left_m: float, yaw_rad: float, vx_mps: float, wz_radps: float
    ) -> None:
        x_m, y_m = 10.0 - KEEP_M - left_m, 5.0
        radius_m = vx_mps / wz_radps
        centre_x_m = x_m - radius_m * math.sin(yaw_rad)
        reach_m = vx_mps * 0.15 + vx_mps**2 / 2.4 + 0.05
        depths = [
            10.0 - (centre_x_m + radius_m * math.sin(yaw_rad + 0.05 * step / radius_m))
            for step in range(math.ceil(reach_m / 0.05) + 1)
        ]
        if any(abs(depth - KEEP_M) < 1e-9 or abs(depth - depths[0]) < 1e-9 for depth in depths[1:]):
            return  # on the edge of a decision
        steps = next(
            (step for step, depth in enumerate(depths[1:]) if depth < KEEP_M and depth < depths[0]), 99
        )
        wanted_mps = vx_mps if steps == 99 else min(vx_mps, stopping_from(0.05 * steps) if steps else 0.0)
        verdict = allowed(
            Twist2(vx_mps, 0.0, wz_radps), seen(pose=Pose2(x_m, y_m, yaw_rad)), zone(ZoneKind.GEOFENCE)
        )
        assert verdict.twist.vx_mps == pytest.approx(wanted_mps, abs=1e-6)

    def test_upwards_and_backwards_a_fence_is_as_far_as_forward(self) -> None:
        fence = zone(ZoneKind.GEOFENCE)
        left_m = 0.12
        up = allowed(FULL, seen(pose=Pose2(5.0, 10.0 - KEEP_M - left_m, math.pi / 2)), fence)
        down = allowed(FULL, seen(pose=Pose2(5.0, KEEP_M + left_m, -math.pi / 2)), fence)
        assert up.twist.vx_mps == pytest.approx(stopping_from(0.10)) == down.twist.vx_mps
        back = allowed(Twist2(-0.2), seen(pose=Pose2(KEEP_M + 0.03, 5.0, 0.0)), fence)
        assert back.twist == ZERO_TWIST

    def test_turning_on_the_spot_and_driving_along_are_free_at_the_edge_and_outside_turning_is(self) -> None:
        fence = zone(ZoneKind.GEOFENCE)
        turn, along = Twist2(0.0, 0.0, 1.0), Twist2(0.3)
        edge = seen(pose=Pose2(10.0 - KEEP_M + 0.02, 5.0, math.pi / 2))
        assert allowed(turn, edge, fence).twist == turn
        assert allowed(along, edge, fence) == Verdict(along, (), math.inf)
        assert allowed(turn, seen(pose=Pose2(10.5, 5.0, 0.0)), fence).twist == turn

    def test_a_metre_per_second_is_a_speed_like_any_other(self) -> None:
        racer = Vehicle(limits=Limits(speed_mps=1.2))
        senses = seen(pose=Pose2(10.0 - KEEP_M - 0.03, 5.0, 0.0))
        assert allowed(Twist2(1.0), senses, zone(ZoneKind.GEOFENCE), vehicle=racer).twist == ZERO_TWIST

    def test_what_lies_behind_does_not_hold_it(self) -> None:
        strip = [(9.3, 0.0), (10.0, 0.0), (10.0, 10.0), (9.3, 10.0)]
        verdict = allowed(FULL, seen(pose=Pose2(9.5, 5.0, 0.0)), zone(ZoneKind.GEOFENCE, strip))
        assert verdict.twist == FULL
        near = allowed(FULL, seen(pose=Pose2(9.7, 5.0, 0.0)), zone(ZoneKind.GEOFENCE, strip))
        assert near.twist.vx_mps == pytest.approx(stopping_from(0.15))

    @pytest.mark.parametrize(("wanted_mps", "creeps_mps"), [(0.05, 0.05), (0.1, 0.1), (0.4, 0.1)])
    def test_outside_it_creeps_back_at_a_tenth_and_only_back(
        self, wanted_mps: float, creeps_mps: float
    ) -> None:
        rules = Rules(creep_out=True)
        for yaw_rad, mps in ((math.pi, creeps_mps), (0.0, 0.0), (math.pi / 2, 0.0)):
            senses = seen(pose=Pose2(10.5, 5.0, yaw_rad))
            verdict = allowed(Twist2(wanted_mps), senses, zone(ZoneKind.GEOFENCE), rules=rules)
            assert verdict.twist.vx_mps == pytest.approx(mps)
            assert verdict.reasons[0] is Reason.OUTSIDE
        stands = allowed(Twist2(0.1), seen(pose=Pose2(10.5, 5.0, math.pi)), zone(ZoneKind.GEOFENCE))
        assert stands == Verdict(ZERO_TWIST, (Reason.OUTSIDE, Reason.GEOFENCE), math.inf)

    def test_a_slow_zones_own_speed_is_not_slowed(self) -> None:
        inside = seen(pose=Pose2(5.0, 5.0, 0.0))
        assert allowed(Twist2(0.25), inside, zone(ZoneKind.SLOW, speed_mps=0.25)).reasons == ()
        ahead = allowed(FULL, seen(pose=Pose2(-0.1, 5.0, 0.0)), zone(ZoneKind.SLOW, speed_mps=0.2))
        assert ahead.twist.vx_mps == pytest.approx(math.sqrt(0.2**2 + BRAKE * 0.1))


class TestDoubts:
    def test_a_lidar_that_repeats_itself_is_not_believed(self) -> None:
        verdict = allowed(FULL, seen()._replace(scan_is_stuck=True))
        assert verdict == Verdict(ZERO_TWIST, (Reason.SCAN_STUCK,), 0.0)
        both = allowed(FULL, seen(age_s=0.6)._replace(scan_is_stuck=True))
        assert both.reasons == (Reason.SCAN_STALE, Reason.SCAN_STUCK)

    def test_without_a_lidar_a_sonar_that_repeats_itself_stops_it(self) -> None:
        car = sonar_car(Pose2(0.16, 0.0, 0.0))
        verdict = allowed(FULL, heard(car, math.inf)._replace(ranges_stuck=True), vehicle=car)
        assert verdict == Verdict(ZERO_TWIST, (Reason.RANGES_STUCK,), 0.0)

    def test_with_one_it_drives_on_slowly(self) -> None:
        senses = seen()._replace(ranges_stuck=True)
        verdict = allowed(Twist2(0.5, 0.0, 0.4), senses)
        assert verdict.reasons == (Reason.RANGES_STUCK,)
        assert verdict.twist.vx_mps == pytest.approx(0.25)
        assert verdict.twist.wz_radps == pytest.approx(0.2)
        assert allowed(Twist2(0.25), senses) == Verdict(Twist2(0.25), (), math.inf)

    @pytest.mark.parametrize(
        ("ahead", "behind", "wanted", "goes"),
        [
            (True, False, Twist2(0.2), False),
            (True, False, Twist2(-0.2), True),
            (False, True, Twist2(-0.2), False),
            (False, True, Twist2(0.2), True),
            (True, True, Twist2(0.0, 0.0, 1.0), True),
        ],
    )
    def test_it_does_not_drive_where_the_lidar_is_covered(
        self, ahead: bool, behind: bool, wanted: Twist2, goes: bool
    ) -> None:
        verdict = allowed(wanted, seen()._replace(covered_ahead=ahead, covered_behind=behind))
        assert verdict == (
            Verdict(wanted, (), math.inf) if goes else Verdict(ZERO_TWIST, (Reason.SCAN_COVERED,), 0.0)
        )
