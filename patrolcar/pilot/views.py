"""Turn the pilot's state into the snapshot that people look at."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from firmware_protocol.messages import Explained, State, TargetKind
from patrolcar.geometry import Points, Twist2
from patrolcar.mission import Patrol, Phase
from patrolcar.modes import Mode
from patrolcar.pilot.autopilot import Autopilot
from patrolcar.pilot.pilot import Pilot
from patrolcar.pilot.sentences import explained
from patrolcar.pilot.snapshot import BatteryView, LinkView, MissionView, PersonView, PlaceView, Snapshot
from patrolcar.pilot.strangers import strangers
from patrolcar.state import CarState

UNKNOWN_CHARGE: Final = 255
FAR_M: Final = 8.0  # free distances beyond a lidar's reach are no news
_PATROL_STATES: Final = {
    Phase.DRIVING: "RUNNING",
    Phase.DWELLING: "RUNNING",
    Phase.PAUSED: "HOLD",
    Phase.DONE: "DONE",
    Phase.FAILED: "FAILED",
}


def snapshot_of(
    pilot: Pilot, now_ns: int, *, port: str, recording: str | None, loop_late_ms: float
) -> Snapshot:
    """Return everything a dashboard draws."""
    car, position = pilot.car, pilot.position
    pose, status = position.pose_map, car.status
    why = explained(status.cause) if status else explained(0)
    if pilot.mode is Mode.OFFLINE:
        why = Explained(
            pilot.session.sentence, "check its power and the cable; it is looked for all the time"
        )
    guidance = pilot.autopilot.guidance
    clearance_m = pilot.verdict.clearance_m
    return Snapshot(
        now_ns=now_ns,
        mode=pilot.mode.value,
        controller=State(status.state).name if status and status.state in set(State) else "",
        cause=why.text,
        remedy=why.remedy,
        link=_link(pilot, now_ns, port),
        pose=None if pose is None else (round(pose.x_m, 3), round(pose.y_m, 3), round(pose.yaw_rad, 4)),
        health=position.estimate.health.name,
        spread_m=round(position.estimate.spread_m, 3),
        speed=_rounded(car.odometry.twist),
        wanted=_rounded(pilot.wanted),
        allowed=_rounded(pilot.verdict.twist),
        reasons=tuple(pilot.shield.sentence(reason) for reason in pilot.verdict.reasons),
        clearance_m=round(clearance_m, 2) if clearance_m < FAR_M else None,
        ranges_m=_ranges(car),
        bumpers=status.bumpers if status else 0,
        battery=_battery(car),
        duty=tuple(round(duty, 3) for duty in car.wheels.duty) if car.wheels else (),
        wheel_mps=tuple(round(speed, 3) for speed in car.wheels.speed_mps) if car.wheels else (),
        stop_count=status.stop_count if status else 0,
        holder=pilot.hand.holder(now_ns),
        scan=_centimetres(position.hits_map),
        path=_centimetres(guidance.path_m) if guidance else (),
        people=tuple(
            PersonView(round(x, 2), round(y, 2), round(radius, 2))
            for x, y, radius in strangers(position.hits_map, pilot.autopilot.navigator.planner.layer)
        ),
        mission=_mission(pilot.autopilot, pilot.mode, now_ns),
        distance_m=round(car.odometry.distance_m, 2),
        recording=recording,
        loop_late_ms=round(loop_late_ms, 2),
    )


def _link(pilot: Pilot, now_ns: int, port: str) -> LinkView:
    session, stats = pilot.session, pilot.car.link_stats
    hello, decoder = session.hello, session.decoder
    return LinkView(
        state=session.state.name,
        sentence=session.sentence,
        port=port,
        target=TargetKind(hello.target).name if hello and hello.target in set(TargetKind) else "",
        firmware=".".join(map(str, hello.firmware)) if hello else "",
        age_s=None if session.heard_ns is None else round((now_ns - session.heard_ns) / 1e9, 3),
        round_trip_ms=round((session.quality.round_trip_ns or session.round_trip.smooth_ns) / 1e6, 1),
        frames=decoder.frames,
        lost=decoder.lost,
        rejected=decoder.rejects.total(),
        controller_frames=stats.frames if stats else 0,
        controller_rejected=stats.bad_crc + stats.bad_length + stats.bad_cobs + stats.unknown if stats else 0,
        controller_lost=stats.lost if stats else 0,
        loss_here=round(session.quality.loss_here, 4),
        loss_there=round(session.quality.loss_there, 4),
        fitted=tuple(str(each.name).lower().replace("_", " ") for each in pilot.car.capabilities),
    )


def _battery(car: CarState) -> BatteryView | None:
    power = car.power
    if power is None:
        return None
    percent = None if power.charge_percent == UNKNOWN_CHARGE else power.charge_percent
    return BatteryView(round(power.battery_v, 2), round(power.current_a, 2), percent)


def _ranges(car: CarState) -> tuple[float | None, ...]:
    if car.ranges_m is None:
        return ()

    def shown(range_m: float) -> float | None:
        if math.isnan(range_m):
            return -1.0
        if range_m == -math.inf:
            return 0.0
        return None if range_m == math.inf else round(range_m, 2)

    return tuple(shown(float(range_m)) for range_m in car.ranges_m)


def _mission(autopilot: Autopilot, mode: Mode, now_ns: int) -> MissionView | None:
    mission, patrol = autopilot.mission, autopilot.patrol
    if mission is None:
        return None
    visits = patrol.visits if patrol else mission.visits
    leg = patrol.leg if patrol else 0
    done = 0.0
    if patrol is not None:
        finished = patrol.phase is Phase.DONE or patrol.going_home
        done = 1.0 if finished else (patrol.loop + leg / len(visits)) / mission.loops
    return MissionView(
        name=mission.name,
        state=_state(patrol, mode),
        activity=autopilot.activity,
        lap=min(patrol.loop + 1, mission.loops) if patrol else 1,
        laps=mission.loops,
        index=leg,
        progress=done,
        remaining_m=round(autopilot.guidance.remaining_m, 1) if autopilot.guidance else 0.0,
        places=tuple(_place(patrol, index, visit.place, now_ns) for index, visit in enumerate(visits)),
    )


def _state(patrol: Patrol | None, mode: Mode) -> str:
    """Return the mission's state: one that nobody drives is held, whatever it would do next."""
    if patrol is None:
        return "READY"
    state = _PATROL_STATES[patrol.phase]
    return "HOLD" if state == "RUNNING" and mode is not Mode.PATROL else state


def _place(patrol: Patrol | None, index: int, name: str, now_ns: int) -> PlaceView:
    if patrol is None:
        return PlaceView(name, "PENDING", None, 0)
    tally = patrol.tallies[name]
    is_current = index == patrol.leg and not patrol.going_home and not patrol.is_over
    if is_current:
        state = "CURRENT"
    elif index < patrol.leg or patrol.going_home or patrol.is_over:
        state = "DONE" if tally.visits > patrol.loop or patrol.loop >= patrol.mission.loops else "SKIPPED"
    else:
        state = "PENDING"
    end_ns = now_ns if patrol.ended_ns is None else patrol.ended_ns
    return PlaceView(name, state, round((end_ns - tally.last_ns) / 1e9, 1), tally.visits)


def _rounded(twist: Twist2) -> tuple[float, float, float]:
    return (round(twist.vx_mps, 3), round(twist.vy_mps, 3), round(twist.wz_radps, 3))


def _centimetres(points: Points) -> tuple[int, ...]:
    return tuple(np.round(points * 100.0).astype(np.int64).ravel().tolist())
