"""What the whole road promises in virtual time: the same inputs give the same bytes."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from patrolcar.modes import Mode
from patrolcar.pilot import intents as ask
from patrolcar.pilot.intents import from_json
from patrolcar.recording import Recorder, Setup, read_setup, ticks
from patrolcar.runtime.core import Core
from patrolcar.runtime.journey import Ending, Watch
from patrolcar.runtime.plan import Plan, core_of, pilot_of, plan_from_disk, plan_from_recording
from patrolcar.runtime.virtual import VirtualRun
from sim.car import SimulatedCar
from sim.link import SimulatedLink
from sim.setting.scenario import car_on

SITE = """\
site: Two rooms
rooms:
  west room: [0, 0, 4, 5]
  east room: [4, 0, 4, 5]
doors:
  - [4, 2.5, 1.0]
start: [1.5, 1.5, 0]
places:
  west: [1.2, 3.6]
  east: [6.5, 2.0]
"""

MISSION = """\
mission: Back and forth
site: site.yaml
loops: 1
visits: [east, west]
"""


@pytest.fixture
def mission(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    path = tmp_path / "mission.yaml"
    path.write_text(MISSION, encoding="utf-8")
    return path


def journey(mission: Path, seed: int, record: Path | None = None) -> tuple[VirtualRun, Watch, SimulatedCar]:
    plan = plan_from_disk(mission, None)
    run, car = virtual_run(plan, seed, record)
    watch = Watch(run.core.pilot, 300.0)
    while watch.ending is None:
        intent = watch.look(run.now_ns)
        run.turn(*([intent] if intent else []))
    run.core.end()
    return run, watch, car


def virtual_run(plan: Plan, seed: int, record: Path | None = None) -> tuple[VirtualRun, SimulatedCar]:
    car = car_on(plan.site, seed)
    link = SimulatedLink(car, "sim")
    core = core_of(plan, lambda: link, "sim", session=7, seed=seed, record=record)
    return VirtualRun(core), car


def ready(mission: Path) -> tuple[VirtualRun, SimulatedCar]:
    run, car = virtual_run(plan_from_disk(mission, None), 1)
    assert run.until(lambda: run.core.pilot.may_start, 5.0)
    return run, car


def armed(mission: Path) -> tuple[VirtualRun, SimulatedCar]:
    run, car = ready(mission)
    run.turn(ask.Arm("test"))
    assert run.until(lambda: run.core.pilot.mode is Mode.MANUAL, 1.0)
    return run, car


def mode(run: VirtualRun) -> Mode:
    return run.core.pilot.mode


def speed(car: SimulatedCar) -> float:
    return abs(car.truth.speed_mps)


def test_a_mission_is_driven_to_its_end_and_touches_nothing(mission: Path) -> None:
    _, watch, car = journey(mission, 1)
    assert watch.ending is Ending.DONE
    assert car.truth.collisions == 0
    assert car.truth.distance_m > 10.0


def test_the_same_mission_and_seed_give_the_same_trace_and_another_seed_another(mission: Path) -> None:
    first, again, other = (journey(mission, seed)[0].trace.hexdigest() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_recording_replayed_through_the_pilot_writes_the_same_bytes(mission: Path, tmp_path: Path) -> None:
    record = tmp_path / "run.mcap"
    run, _, _ = journey(mission, 3, record)
    setup = read_setup(record)
    pilot = pilot_of(plan_from_recording(setup), int(setup.settings["session"]), int(setup.settings["seed"]))
    count = 0
    for tick in ticks(record):
        assert (
            pilot.step(tick.received, [from_json(raw) for raw in tick.intents], tick.now_ns).to_send
            == tick.sent
        )
        count += 1
    assert count == run.now_ns // 20_000_000


def test_hand_driving_ends_when_the_commands_end(mission: Path) -> None:
    run, car = armed(mission)
    for _ in range(50):
        run.turn(ask.Drive("hand", 0.3, 0.0, 0.0))
    assert speed(car) > 0.2
    assert run.until(lambda: speed(car) < 0.01, 1.0)
    assert run.core.pilot.hand.holder(run.now_ns) is None


def test_one_client_at_a_time_drives(mission: Path) -> None:
    run, _ = armed(mission)
    run.turn(ask.Drive("first", 0.1, 0.0, 0.0))
    run.turn(ask.Drive("second", 0.0, 0.0, 1.0))
    assert run.core.pilot.hand.holder(run.now_ns) == "first"
    assert run.core.pilot.wanted.wz_radps == 0.0
    for _ in range(12):
        run.turn()
    run.turn(ask.Drive("second", 0.0, 0.0, 1.0))
    assert run.core.pilot.hand.holder(run.now_ns) == "second"


def test_stop_is_latched_until_it_is_released_and_never_starts_the_car(mission: Path) -> None:
    run, car = armed(mission)
    for _ in range(50):
        run.turn(ask.Drive("hand", 0.3, 0.0, 0.0))
    run.turn(ask.StopCar("anyone"))
    assert run.until(lambda: run.core.pilot.mode is Mode.STOPPED, 0.2)
    for _ in range(100):
        run.turn(ask.Drive("hand", 0.3, 0.0, 0.0), ask.Arm("hand"), ask.StartMission("hand"))
    assert run.core.pilot.mode is Mode.STOPPED
    assert speed(car) == 0.0
    run.turn(ask.ClearStop("hand"))
    assert run.until(lambda: run.core.pilot.mode is Mode.DISARMED, 0.5)
    for _ in range(50):
        run.turn(ask.Drive("hand", 0.3, 0.0, 0.0))
    assert speed(car) == 0.0


def test_a_power_cycle_of_the_controller_disarms_and_the_host_comes_back(mission: Path) -> None:
    run, car = armed(mission)
    for _ in range(50):
        run.turn(ask.Drive("hand", 0.3, 0.0, 0.0))
    car.power_cycle()
    assert run.until(lambda: run.core.pilot.mode is Mode.OFFLINE, 1.0)
    assert run.until(lambda: run.core.pilot.mode is Mode.DISARMED, 2.0)
    for _ in range(100):
        run.turn(ask.Drive("hand", 0.3, 0.0, 0.0))
    assert speed(car) == 0.0


def test_taking_over_by_hand_holds_the_mission_and_resuming_ends_it(mission: Path) -> None:
    run, car = ready(mission)
    run.turn(ask.StartMission("test"))
    assert run.until(lambda: speed(car) > 0.2, 10.0)
    run.turn(ask.Drive("hand", 0.0, 0.0, 0.5))
    assert mode(run) is Mode.MANUAL
    assert run.until(lambda: speed(car) < 0.01, 2.0)
    run.turn(ask.ResumeMission("hand"))
    assert mode(run) is Mode.PATROL
    assert run.until(lambda: run.core.pilot.autopilot.is_over, 200.0)
    assert run.core.pilot.autopilot.activity == "done"


def test_the_governor_stops_hand_driving_before_a_wall(mission: Path) -> None:
    run, car = armed(mission)
    for _ in range(800):
        run.turn(ask.Drive("hand", 0.6, 0.0, 0.0))
    assert speed(car) < 0.01
    assert car.truth.collisions == 0
    assert car.truth.bumpers == 0
    assert 0.0 < car.truth.min_clearance_m < 0.4


@pytest.mark.parametrize("seed", range(4))
def test_the_believed_pose_stays_near_the_true_one(mission: Path, seed: int) -> None:
    run, car = virtual_run(plan_from_disk(mission, None), seed)
    watch = Watch(run.core.pilot, 300.0)
    worst_m = 0.0
    while watch.ending is None:
        intent = watch.look(run.now_ns)
        run.turn(*([intent] if intent else []))
        pose, true = run.core.pilot.pose_map, car.truth.pose
        if pose is not None:
            worst_m = max(worst_m, abs(complex(pose.x_m - true[0], pose.y_m - true[1])))
    assert watch.ending is Ending.DONE
    assert worst_m < 0.15


class FullDisk(Recorder):
    """A recorder whose disk is full from the tenth tick on."""

    left = 10

    @override
    def tick(self, now_ns: int, received: bytes, intents: Sequence[Mapping[str, Any]], sent: bytes) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().tick(now_ns, received, intents, sent)


def test_a_full_disk_ends_the_recording_and_not_the_drive(mission: Path, tmp_path: Path) -> None:
    run, _ = virtual_run(plan_from_disk(mission, None), 1)
    recorder = FullDisk(
        tmp_path / "full.mcap", Setup({"file": "x", "kind": "site", "session": "1", "seed": "1"}, {}), 0
    )
    run.core = Core(run.core.connection, run.core.pilot, recorder)
    told = [event.text for _ in range(20) for event in run.turn()]
    assert [text for text in told if "recording ended: No space left" in text] != []
    assert run.core.recorder is None
    assert run.until(lambda: run.core.pilot.may_start, 5.0)
    recorder.close()
    assert len(list(ticks(recorder.path))) == 10
