"""The last word on the host: how much of a wanted motion is safe now.

Pure: what is wanted, what is seen and how old that is go in; the allowed twist and the reasons come out.
It knows nothing of paths and goals. Free distance is measured along the arc that the twist would drive, so
turning on the spot or backing away from something close stays allowed. Speed is capped by the distance that
is left after reaction and braking, with a the braking and t the time from seeing to braking:

    v_max(d) = -a t + sqrt(a^2 t^2 + 2 a (d - margin))

That is the stop distance d = v t + v^2 / 2a, solved for v. The rule holds for the corner of the car that
moves fastest. The twist keeps its arc: forward speed and turn rate shrink by the same factor.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolcar.geometry import ZERO_TWIST, Points, Pose2, Twist2
from patrolcar.kernels import fence_depths, free_ways, polygon_depth, rim_speed
from patrolcar.site import Zone, ZoneKind
from patrolcar.vehicle import Vehicle

_NO_POINTS: Final[Points] = np.empty((0, 2))
_NO_RANGES: Final[NDArray[np.float64]] = np.empty(0)
_REAR_RAD: Final = 2.0  # a sonar turned farther than this looks behind
_CREEP_MPS: Final = 0.1
_STANDSTILL: Final = 0.02  # below this share of a metre per second, stand
_SAMPLE_M: Final = 0.05
_HORIZON_S: Final = 1.5  # things farther than this way, and half a metre, slow nothing down
_HORIZON_M: Final = 0.5
_ROUNDING_M: Final = 1e-6
_NOTHING: Final = 1e-3  # m/s and rad/s: no motion anybody could want


class Reason(Enum):
    """Why the governor changed the motion: a sentence, and what helps."""

    LIMITS = ("faster than this car may drive", "nothing to do; set limits in the vehicle file")
    OBSTACLE = ("something is in the way", "wait, clear the way, or drive round it")
    NEAR = ("something is close beside the way", "it drives slowly until past it")
    SCAN_STALE = ("no fresh lidar scan", "check the lidar's cable and power")
    SCAN_STUCK = ("the lidar repeats itself although the car moves", "switch the lidar off and on")
    SCAN_COVERED = ("something covers the lidar's view that way", "uncover or clean the lidar")
    RANGES_STUCK = ("a sonar repeats itself although the car moves", "check that sonar; see the sensor page")
    RANGES_STALE = ("no fresh range readings", "check the sonars' cables")
    ODOMETRY_STALE = ("no fresh odometry", "check the link to the controller")
    REVERSE_UNSEEN = ("nobody sees what is behind", "turn round, or fit a sensor at the rear")
    POSE_UNKNOWN = ("zones need a pose and there is none", "set the pose of the car")
    GEOFENCE = ("the edge of the allowed area is ahead", "choose a way inside the geofence")
    KEEPOUT = ("a keepout zone is ahead", "choose a way round the zone")
    OUTSIDE = ("the car is outside the allowed area", "carry or drive it back, with creep_out allowed")
    SLOW_ZONE = ("a slow zone", "nothing to do")

    @property
    def sentence(self) -> str:
        """What happened."""
        return self.value[0]

    @property
    def remedy(self) -> str:
        """What helps."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of the governor."""

    reaction_s: float = 0.15
    """From a fresh reading to the first braking; the age of the reading is added."""
    stop_margin_m: float = 0.08
    """Left in front of a thing after braking."""
    turn_margin_m: float = 0.01
    """The same for a corner when turning on the spot."""
    side_margin_m: float = 0.02
    """Added to each side of the outline."""
    slow_side_m: float = 0.10
    """Things this close beside the way slow the car down."""
    slow_mps: float = 0.25
    scan_stale_s: float = 0.5
    ranges_stale_s: float = 0.5
    odometry_stale_s: float = 0.3
    creep_out: bool = False
    """Whether a car outside its area may creep back; otherwise it stands and waits for a person."""


class Senses(NamedTuple):
    """What is seen now. Ages are seconds; ``inf`` for never."""

    odometry_age_s: float
    points_base: Points = _NO_POINTS
    """Hits of the newest scan in ``base_link`` as it is now, shape (N, 2); nan counts as touching.
    Those farther away than ``reach_m`` may be left out."""
    scan_age_s: float = math.inf
    ranges_m: NDArray[np.float64] = _NO_RANGES
    """One per sonar of the vehicle, REP-117; nan and -inf count as touching."""
    range_ages_s: NDArray[np.float64] = _NO_RANGES
    pose_map: Pose2 | None = None
    scan_is_stuck: bool = False
    """The lidar says the same again and again, from another place."""
    covered_ahead: bool = False
    """Something covers the lidar's view forward; likewise backward."""
    covered_behind: bool = False
    ranges_stuck: bool = False
    """A sonar says the same again and again, from another place."""
    driven_back_m: float = 0.0
    """Length of the ground behind that the car has just driven over."""


class Verdict(NamedTuple):
    """The motion that is allowed, and why it is not the one that was wanted."""

    twist: Twist2
    reasons: tuple[Reason, ...]
    clearance_m: float
    """Free distance along the wanted arc, from the rim; ``inf`` when nothing is near enough to matter."""


@dataclass(frozen=True, slots=True, eq=False)
class Fences:
    """The polygons of a site, ready for the governor."""

    inside: tuple[Points, ...] = ()
    """Geofences: stay in all of them."""
    outside: tuple[Points, ...] = ()
    """Keepouts: stay out of each."""
    slow: tuple[tuple[Points, float], ...] = ()

    @staticmethod
    def of(zones: Iterable[Zone]) -> Fences:
        """Return the fences of a site's zones."""
        zones = tuple(zones)
        shapes = {id(zone): np.ascontiguousarray(zone.polygon, dtype=np.float64) for zone in zones}
        return Fences(
            tuple(shapes[id(zone)] for zone in zones if zone.kind is ZoneKind.GEOFENCE),
            tuple(shapes[id(zone)] for zone in zones if zone.kind is ZoneKind.KEEPOUT),
            tuple(
                (shapes[id(zone)], zone.speed_mps)
                for zone in zones
                if zone.kind is ZoneKind.SLOW and zone.speed_mps is not None
            ),
        )

    def depth(self, x_m: float, y_m: float) -> tuple[float, Reason]:
        """Return how far a place is from forbidden ground (below 0: on it), and from which kind."""
        inner, outer = fence_depths(x_m, y_m, self.inside, self.outside)
        return (inner, Reason.GEOFENCE) if inner <= outer else (outer, Reason.KEEPOUT)


def reach_m(vehicle: Vehicle, rules: Rules = Rules()) -> float:
    """Return the distance from ``base_link`` beyond which a thing seen changes no verdict."""
    outline = vehicle.footprint
    longest_m = max(outline.front_m, outline.rear_m)
    widest_m = outline.half_width_m + max(rules.side_margin_m, rules.slow_side_m)
    return _horizon_m(vehicle) + math.hypot(longest_m, widest_m) + _ROUNDING_M


def limit(
    wanted: Twist2,
    current: Twist2,
    senses: Senses,
    fences: Fences,
    vehicle: Vehicle,
    rules: Rules = Rules(),
) -> Verdict:
    """Return how much of ``wanted`` is safe now.

    Standing still is always allowed. A car that rolls faster than the wanted twist is judged by its own
    speed only through the braking distance of the wanted one: the controller brakes as hard as it can.

    Args:
        wanted: What the pilot would like; a sideways part is ignored, this car cannot do it.
        current: How the car moves, measured.
        senses: What is seen, and how old it is.
        fences: Where the car may be.
        vehicle: Outline and limits.
        rules: The numbers.

    """
    if abs(wanted.vx_mps) < _NOTHING and abs(wanted.wz_radps) < _NOTHING:
        sense = -1.0 if current.vx_mps < 0.0 else 1.0
        return Verdict(ZERO_TWIST, (), _free_ways(Twist2(sense), senses, vehicle, rules)[0])
    blind = _blind(senses, fences, vehicle, rules)
    if blind:
        return Verdict(ZERO_TWIST, blind, 0.0)
    twist, reasons = _within_limits(wanted, vehicle)
    if twist.vx_mps < 0.0 and not _sees_behind(senses, vehicle):
        return Verdict(ZERO_TWIST, (Reason.REVERSE_UNSEEN,), 0.0)
    if _is_covered(twist, senses):
        return Verdict(ZERO_TWIST, (Reason.SCAN_COVERED,), 0.0)
    free_m, beside_m = _free_ways(twist, senses, vehicle, rules)
    twist, more = _past_things(twist, free_m, beside_m, senses, vehicle, rules)
    reasons += more
    if senses.pose_map is not None:
        for rule in (_inside_fences, _in_slow_zones):
            twist, more = rule(twist, senses.pose_map, fences, vehicle, rules)
            reasons += more
    return Verdict(twist, reasons, free_m)


def safe_speed(free_m: float, margin_m: float, reaction_s: float, brake_mps2: float) -> float:
    """Return the speed from which the car still stops ``margin_m`` before a thing ``free_m`` away."""
    room = free_m - margin_m
    if room <= 0.0:
        return 0.0
    lag = brake_mps2 * reaction_s
    return math.sqrt(lag * lag + 2.0 * brake_mps2 * room) - lag


def _blind(senses: Senses, fences: Fences, vehicle: Vehicle, rules: Rules) -> tuple[Reason, ...]:
    """Return why nothing may move: what should be seen is not, or is too old. nan counts as old."""
    reasons = []
    if not senses.odometry_age_s <= rules.odometry_stale_s:
        reasons.append(Reason.ODOMETRY_STALE)
    if vehicle.lidar is not None:
        if not senses.scan_age_s <= rules.scan_stale_s:
            reasons.append(Reason.SCAN_STALE)
        if senses.scan_is_stuck:
            reasons.append(Reason.SCAN_STUCK)
    elif senses.ranges_stuck:
        reasons.append(Reason.RANGES_STUCK)
    elif (
        len(vehicle.sonars) == 0
        or senses.range_ages_s.size < len(vehicle.sonars)
        or not bool((senses.range_ages_s <= rules.ranges_stale_s).all())
    ):
        reasons.append(Reason.RANGES_STALE)
    if senses.pose_map is None and (fences.inside or fences.outside):
        reasons.append(Reason.POSE_UNKNOWN)
    return tuple(reasons)


def _within_limits(wanted: Twist2, vehicle: Vehicle) -> tuple[Twist2, tuple[Reason, ...]]:
    limits = vehicle.limits
    top_mps = limits.speed_mps if wanted.vx_mps >= 0.0 else limits.reverse_mps
    speed, turn = abs(wanted.vx_mps), abs(wanted.wz_radps)
    if speed > top_mps or turn > limits.turn_radps:
        share = min(top_mps / max(speed, 1e-9), limits.turn_radps / max(turn, 1e-9))
        return _scaled(wanted, share), (Reason.LIMITS,) if share < 1.0 - 1e-6 else ()
    return Twist2(wanted.vx_mps, 0.0, wanted.wz_radps), ()


def _sees_behind(senses: Senses, vehicle: Vehicle) -> bool:
    """Whether the lidar (all round) or a sonar looks back, or the ground behind was just driven over."""
    if vehicle.lidar is not None or senses.driven_back_m >= _SAMPLE_M:
        return True
    return any(abs(mount.yaw_rad) > _REAR_RAD for mount in vehicle.sonars)


def _is_covered(twist: Twist2, senses: Senses) -> bool:
    """Whether this motion goes where the lidar cannot see; turning on the spot does not."""
    return (twist.vx_mps > 0.0 and senses.covered_ahead) or (twist.vx_mps < 0.0 and senses.covered_behind)


def _past_things(
    twist: Twist2, free_m: float, beside_m: float, senses: Senses, vehicle: Vehicle, rules: Rules
) -> tuple[Twist2, tuple[Reason, ...]]:
    """Slow down by the distance left on the arc, then by things close beside it."""
    if free_m == beside_m == math.inf and not senses.ranges_stuck:
        return twist, ()
    outline, brake = vehicle.footprint, vehicle.limits.brake_mps2
    rim = rim_speed(twist.vx_mps, twist.wz_radps, outline.front_m, outline.rear_m, outline.half_width_m)
    age_s = senses.scan_age_s if vehicle.lidar is not None else float(senses.range_ages_s.max())
    reaction_s = rules.reaction_s + max(age_s, 0.0)
    straight = min(abs(twist.vx_mps) / rim, 1.0)
    margin_m = rules.turn_margin_m + straight * (rules.stop_margin_m - rules.turn_margin_m)
    fastest = safe_speed(free_m, margin_m, reaction_s, brake)
    if fastest < rim:
        return _scaled(twist, 0.0 if fastest < _STANDSTILL else fastest / rim), (Reason.OBSTACLE,)
    if abs(twist.vx_mps) <= rules.slow_mps:
        return twist, ()
    if senses.ranges_stuck:
        return _scaled(twist, rules.slow_mps / abs(twist.vx_mps)), (Reason.RANGES_STUCK,)
    fastest = max(safe_speed(beside_m, margin_m, reaction_s, brake), rules.slow_mps * rim / abs(twist.vx_mps))
    return (_scaled(twist, fastest / rim), (Reason.NEAR,)) if fastest < rim else (twist, ())


def _inside_fences(
    twist: Twist2, pose: Pose2, fences: Fences, vehicle: Vehicle, rules: Rules
) -> tuple[Twist2, tuple[Reason, ...]]:
    """Stop before the disc inside the outline leaves the allowed ground."""
    speed = abs(twist.vx_mps)
    if speed == 0.0 or not (fences.inside or fences.outside):
        return twist, ()
    keep_m = vehicle.footprint.inscribed_m
    here_m, kind = fences.depth(pose.x_m, pose.y_m)
    brake = vehicle.limits.brake_mps2
    reach_m = speed * rules.reaction_s + speed * speed / (2.0 * brake) + _SAMPLE_M
    if here_m > keep_m + reach_m:
        return twist, ()
    if here_m < keep_m - _SAMPLE_M:
        comes_back = fences.depth(*_ahead(pose, twist, _SAMPLE_M))[0] > here_m
        if not (rules.creep_out and comes_back):
            return ZERO_TWIST, (Reason.OUTSIDE, kind)
        return _scaled(twist, min(1.0, _CREEP_MPS / speed)), (Reason.OUTSIDE,)
    free_m = 0.0
    while free_m < reach_m:
        depth_m, kind = fences.depth(*_ahead(pose, twist, free_m + _SAMPLE_M))
        if depth_m < keep_m and depth_m < here_m:
            break
        free_m += _SAMPLE_M
    else:
        return twist, ()
    fastest = safe_speed(free_m, 0.0, rules.reaction_s, brake)
    share = 0.0 if fastest < _STANDSTILL else min(1.0, fastest / speed)
    return (_scaled(twist, share), (kind,)) if share < 1.0 else (twist, ())


def _in_slow_zones(
    twist: Twist2, pose: Pose2, fences: Fences, vehicle: Vehicle, _rules: Rules
) -> tuple[Twist2, tuple[Reason, ...]]:
    """Cap the speed in slow zones, and brake before them."""
    speed = abs(twist.vx_mps)
    cap_mps = math.inf
    for polygon, zone_mps in fences.slow:
        away_m = max(-polygon_depth(polygon, pose.x_m, pose.y_m), 0.0)
        cap_mps = min(cap_mps, math.sqrt(zone_mps**2 + vehicle.limits.brake_mps2 * away_m))
    return (_scaled(twist, cap_mps / speed), (Reason.SLOW_ZONE,)) if cap_mps < speed else (twist, ())


def _free_ways(twist: Twist2, senses: Senses, vehicle: Vehicle, rules: Rules) -> tuple[float, float]:
    """Return the way to the first touch, and to the first thing close enough beside the way to slow down."""
    outline = vehicle.footprint
    return free_ways(
        np.ascontiguousarray(senses.points_base, dtype=np.float64),
        vehicle.sonar_mounts,
        senses.ranges_m,
        senses.range_ages_s,
        twist.vx_mps,
        twist.wz_radps,
        outline.front_m,
        outline.rear_m,
        outline.half_width_m + rules.side_margin_m,
        outline.half_width_m + rules.slow_side_m,
        _horizon_m(vehicle),
        rules.ranges_stale_s,
    )


def _horizon_m(vehicle: Vehicle) -> float:
    """Return the way beyond which a touch slows nothing down."""
    return _HORIZON_S * vehicle.limits.speed_mps + _HORIZON_M


def _ahead(pose: Pose2, twist: Twist2, way_m: float) -> tuple[float, float]:
    """Return where ``base_link`` is after ``way_m`` of the arc."""
    way = math.copysign(way_m, twist.vx_mps)
    turn = way * twist.wz_radps / twist.vx_mps
    middle = pose.yaw_rad + 0.5 * turn
    chord = way * (math.sin(0.5 * turn) / (0.5 * turn) if abs(turn) > 1e-6 else 1.0)  # noqa: PLR2004 - rad
    return pose.x_m + chord * math.cos(middle), pose.y_m + chord * math.sin(middle)


def _scaled(twist: Twist2, share: float) -> Twist2:
    return Twist2(twist.vx_mps * share, 0.0, twist.wz_radps * share) if share > 0.0 else ZERO_TWIST
