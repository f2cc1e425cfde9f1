"""What people see of the pilot: everything survives the control socket, and strangers are not walls."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from patrolcar.errors import CommandError
from patrolcar.modes import Mode
from patrolcar.navigation import Planner
from patrolcar.pilot import intents as ask
from patrolcar.pilot.intents import from_json, to_json
from patrolcar.pilot.sentences import arm_refusal, explained
from patrolcar.pilot.snapshot import Snapshot, snapshot_from_json
from patrolcar.pilot.strangers import strangers
from patrolcar.pilot.views import snapshot_of
from patrolcar.runtime.plan import core_of, plan_from_disk
from patrolcar.runtime.virtual import VirtualRun
from patrolcar.site.site_file import load_site
from patrolcar.sites import DEMO_MISSION, DEMO_SITE, demo_folder
from patrolcar.vehicle import Vehicle
from sim.link import SimulatedLink
from sim.setting.scenario import car_on

EVERY_INTENT = (
    ask.Drive("me", 0.1, 0.0, -0.2),
    ask.StopCar("me"),
    ask.ClearStop("me"),
    ask.Arm("me"),
    ask.Disarm("me"),
    ask.StartMission("me"),
    ask.PauseMission("me"),
    ask.ResumeMission("me"),
    ask.SkipPlace("me"),
    ask.SetPose("me", 1.0, 2.0, 3.0),
    ask.SwitchOutput("me", 7, 0.5, 2.0),
    ask.TurnServo("me", 3, -0.5),
    ask.SetStream("me", 34, 20.0),
    ask.PortLost("the cable"),
    ask.Stand("core"),
)


def patrolling() -> VirtualRun:
    plan = plan_from_disk(demo_folder() / DEMO_MISSION, None)
    link = SimulatedLink(car_on(plan.site, 1), "sim")
    run = VirtualRun(core_of(plan, lambda: link, "sim", session=1, seed=1, record=None))
    assert run.until(lambda: run.core.pilot.may_start, 5.0)
    run.turn(ask.StartMission("test"))
    assert run.until(lambda: seen(run).people != () and run.core.pilot.mode is Mode.PATROL, 60.0)
    return run


def seen(run: VirtualRun) -> Snapshot:
    return snapshot_of(run.core.pilot, run.now_ns, port="sim", recording=None, loop_late_ms=0.1)


def test_the_link_is_shown_both_ways_and_with_what_the_car_has() -> None:
    link = seen(patrolling()).link
    assert (link.lost, link.controller_lost, link.loss_here, link.loss_there) == (0, 0, 0.0, 0.0)
    assert link.controller_frames > 0
    assert 0.0 < link.round_trip_ms <= 40.0
    assert {"imu", "ranges", "lidar"} <= set(link.fitted)


def test_a_snapshot_survives_the_socket_and_shows_a_moving_patrol() -> None:
    snapshot = seen(patrolling())
    back = snapshot_from_json(json.loads(json.dumps(snapshot.to_json(), allow_nan=False)))
    assert back == snapshot
    assert (snapshot.mode, snapshot.controller, snapshot.link.target) == ("PATROL", "ARMED", "SIMULATOR")
    assert snapshot.mission is not None
    assert snapshot.mission.activity.startswith("to ")
    assert [place.state for place in snapshot.mission.places].count("CURRENT") == 1
    assert snapshot.people != ()
    assert snapshot.scan is not None
    assert len(snapshot.scan) > 200
    assert len(snapshot.path) >= 4


def test_a_snapshot_before_anything_was_heard_is_whole_too() -> None:
    plan = plan_from_disk(None, demo_folder() / DEMO_SITE)
    link = SimulatedLink(car_on(plan.site, 1), "sim")
    run = VirtualRun(core_of(plan, lambda: link, "sim", session=1, seed=1, record=None))
    snapshot = seen(run)
    assert snapshot_from_json(json.loads(json.dumps(snapshot.to_json(), allow_nan=False))) == snapshot
    assert snapshot.cause == "looking for the controller"
    assert (snapshot.mode, snapshot.pose, snapshot.battery, snapshot.mission) == ("OFFLINE", None, None, None)


def test_looking_at_the_pilot_changes_nothing() -> None:
    watched, alone = patrolling(), patrolling()
    for _ in range(50):
        seen(watched)
        watched.turn()
        alone.turn()
    assert watched.trace.hexdigest() == alone.trace.hexdigest()


@pytest.mark.parametrize("intent", EVERY_INTENT, ids=lambda intent: type(intent).__name__)
def test_every_intent_survives_a_recording(intent: ask.Intent) -> None:
    assert from_json(json.loads(json.dumps(to_json(intent)))) == intent


@pytest.mark.parametrize("bad", [math.nan, math.inf, "fast", None, True])
def test_a_speed_that_is_no_finite_number_is_refused(bad: object) -> None:
    with pytest.raises(CommandError, match="vx_mps"):
        from_json({"intent": "drive", "client": "me", "vx_mps": bad, "vy_mps": 0.0, "wz_radps": 0.0})


def test_a_person_in_a_room_is_a_stranger_and_its_walls_are_not() -> None:
    layer = Planner(load_site(demo_folder() / DEMO_SITE), Vehicle()).layer
    angles = np.linspace(0, math.pi, 12)
    person = np.column_stack((16.5 + 0.25 * np.cos(angles), 6.5 + 0.25 * np.sin(angles)))
    wall = np.column_stack((np.full(20, 14.0), np.linspace(2.0, 4.0, 20)))
    (found,) = strangers(np.vstack((wall, person)), layer)
    assert math.hypot(found[0] - 16.5, found[1] - 6.6) < 0.2
    assert 0.15 <= found[2] <= 0.4
    assert strangers(wall, layer) == []
    assert strangers(np.empty((0, 2)), layer) == []


def test_every_failing_check_is_named_at_once() -> None:
    text = arm_refusal(0b111)
    assert all(words in text for words in ("STOP", "bumper", "battery"))


def test_a_cause_from_a_newer_controller_is_named_by_its_number() -> None:
    assert "99" in explained(99).text
