"""No motion that nobody asked for, and no STOP that gets lost: wishes, their order and their end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from firmware_protocol.commands import MOST_WAITING
from firmware_protocol.framing import FrameDecoder
from firmware_protocol.messages import Cmd, Command, Drive, Message, Stop
from patrolcar.cli import Exit, main
from patrolcar.cli.up import START_WITHIN_NS, StartWhenReady
from patrolcar.modes import Mode
from patrolcar.pilot import intents as ask
from patrolcar.runtime.plan import core_of, plan_from_disk
from patrolcar.runtime.realtime import RealTime
from patrolcar.runtime.virtual import VirtualRun
from patrolcar.sites import DEMO_MISSION, demo_folder
from sim.doors import PtyDoor
from sim.link import SimulatedLink
from sim.setting.scenario import car_on


def nothing(messages: list[Message]) -> bool:
    """Lose nothing."""
    del messages
    return False


class Leaky(SimulatedLink):
    """A line that loses what the host writes while ``loses`` says so."""

    loses: Callable[[list[Message]], bool] = staticmethod(nothing)
    written: list[Message]

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed through
        self.written = []
        self._spy = FrameDecoder()

    @override
    def write(self, data: bytes) -> None:
        messages = [frame.spec.unpack(frame.payload) for frame in self._spy.feed(data)]
        self.written += messages
        if not self.loses(messages):
            super().write(data)


@pytest.fixture
def run() -> VirtualRun:
    plan = plan_from_disk(demo_folder() / DEMO_MISSION, None)
    link = Leaky(car_on(plan.site, 1, 0), "sim")
    made = VirtualRun(core_of(plan, lambda: link, "sim", session=7, seed=1, record=None))
    made.link = link  # type: ignore[attr-defined]  # for the tests below
    assert made.until(lambda: made.core.pilot.may_start, 5.0)
    return made


def link_of(run: VirtualRun) -> Leaky:
    link: Leaky = run.link  # type: ignore[attr-defined]  # see the fixture
    return link


def mode(run: VirtualRun) -> Mode:
    return run.core.pilot.mode


def speed(run: VirtualRun) -> float:
    return abs(link_of(run).car.truth.speed_mps)


def patrolling(run: VirtualRun) -> None:
    run.turn(ask.StartMission("test"))
    assert run.until(lambda: speed(run) > 0.3, 10.0)


def test_a_stop_that_is_lost_on_the_line_is_sent_until_the_controller_says_stopped(run: VirtualRun) -> None:
    patrolling(run)
    link_of(run).loses = lambda messages: any(isinstance(each, Stop) for each in messages)
    run.turn(ask.StopCar("me"))
    lost_until = run.now_ns + 500_000_000
    link_of(run).written.clear()
    run.until(lambda: run.now_ns >= lost_until, 1.0)
    assert not any(isinstance(each, Drive) for each in link_of(run).written)
    link_of(run).loses = nothing
    assert run.until(lambda: mode(run) is Mode.STOPPED, 0.2)
    run.until(lambda: False, 1.0)
    link_of(run).written.clear()
    run.until(lambda: False, 1.0)
    assert not any(isinstance(each, Stop) for each in link_of(run).written)


def test_a_mission_whose_arming_never_came_is_forgotten(run: VirtualRun) -> None:
    run.turn(ask.StartMission("first"), ask.PortLost("the cable came out"))
    assert run.until(lambda: run.core.pilot.may_start, 5.0)
    run.turn(ask.Arm("somebody else"))
    assert run.until(lambda: mode(run) is Mode.MANUAL, 1.0)
    run.until(lambda: False, 3.0)
    assert mode(run) is Mode.MANUAL
    assert speed(run) == 0.0


@pytest.mark.parametrize("intent", [ask.Disarm("me"), ask.ClearStop("me"), ask.StopCar("me")])
def test_what_takes_the_car_back_also_takes_back_a_waiting_start(run: VirtualRun, intent: ask.Intent) -> None:
    link_of(run).loses = lambda messages: any(isinstance(each, Cmd) for each in messages)
    run.turn(ask.StartMission("me"))
    run.turn(intent)
    link_of(run).loses = nothing
    run.until(lambda: False, 1.0)
    run.turn(ask.ClearStop("me"))
    run.until(lambda: False, 1.0)
    run.turn(ask.Arm("me"))
    run.until(lambda: False, 3.0)
    assert mode(run) is not Mode.PATROL


def test_releasing_a_stop_never_starts_what_the_program_was_started_for() -> None:
    plan = plan_from_disk(demo_folder() / DEMO_MISSION, None)
    link = SimulatedLink(car_on(plan.site, 1, 0), "sim")
    core = core_of(plan, lambda: link, "sim", session=7, seed=1, record=None)
    loop, run = RealTime(core, None), VirtualRun(core)
    told: list[str] = []
    start = StartWhenReady(loop, told.append)
    run.turn(ask.StopCar("before"))
    assert run.until(lambda: mode(run) is Mode.STOPPED, 2.0)
    assert start() is False
    assert len(told) == 1
    run.until(lambda: False, 1.0)
    run.turn(ask.ClearStop("operator"))
    assert run.until(lambda: core.pilot.may_start, 5.0)
    start()
    assert loop._intents == []


def test_a_car_that_comes_late_does_not_start_by_itself(
    monkeypatch: pytest.MonkeyPatch, run: VirtualRun
) -> None:
    loop = RealTime(run.core, None)
    told: list[str] = []
    monkeypatch.setattr(loop, "now_ns", lambda: START_WITHIN_NS + 1)
    start = StartWhenReady(loop, told.append)
    start()
    assert loop._intents == []
    assert told != []


def test_nobody_keeps_a_car_armed_by_asking_often(run: VirtualRun) -> None:
    for _ in range(300):
        run.turn(*[ask.Arm("hog")] * 4)
    assert len(run.core.pilot.session._commands._waiting) <= MOST_WAITING
    run.turn(ask.Disarm("operator"))
    assert run.until(lambda: mode(run) is Mode.DISARMED, 0.3)


def test_disarming_wants_no_motion_even_while_its_frames_are_lost(run: VirtualRun) -> None:
    patrolling(run)
    link_of(run).loses = lambda messages: any(isinstance(each, Cmd | Stop) for each in messages)
    run.turn(ask.Disarm("me"))
    assert run.until(lambda: speed(run) < 0.01, 2.0)
    link_of(run).loses = nothing
    assert run.until(lambda: mode(run) in {Mode.DISARMED, Mode.STOPPED}, 6.0)


@pytest.mark.parametrize(("x_m", "y_m"), [(1e308, 0.0), (-9999.0, 0.0), (0.0, 5000.0)])
def test_a_pose_off_the_map_is_refused_and_harms_nothing(run: VirtualRun, x_m: float, y_m: float) -> None:
    patrolling(run)
    before = run.core.pilot.pose_map
    events = run.turn(ask.SetPose("me", x_m, y_m, 0.0))
    assert any("off the map" in event.text for event in events)
    assert run.core.pilot.pose_map is not None
    assert before is not None
    assert run.core.pilot.pose_map.distance_m(before) < 0.1
    assert mode(run) is Mode.PATROL


def test_a_rebooted_controller_is_told_of(run: VirtualRun) -> None:
    link_of(run).car.power_cycle()
    told: list[str] = []
    for _ in range(200):
        told += [event.text for event in run.turn()]
    assert any("restarted since we last drove" in text for text in told)
    assert command_names(run) == set()


def command_names(run: VirtualRun) -> set[str]:
    return {Command(each.command).name for each in link_of(run).written if isinstance(each, Cmd)}


def test_a_simulator_never_deletes_what_has_its_name(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("precious", encoding="utf-8")
    assert main(["sim", "--pty", "--link", str(thesis)]) == Exit.BAD_FILE
    assert thesis.read_text(encoding="utf-8") == "precious"


def test_a_second_simulator_does_not_take_over_the_name_of_the_first(tmp_path: Path) -> None:
    first = PtyDoor(tmp_path / "car")
    with pytest.raises(FileExistsError, match="another simulator"):
        PtyDoor(tmp_path / "car")
    first.close()
    assert not (tmp_path / "car").is_symlink()


def test_a_killed_simulator_comes_back_although_its_terminal_number_was_given_away(tmp_path: Path) -> None:
    somebody = PtyDoor()
    (tmp_path / "car").symlink_to(somebody.path)  # left behind by one that was killed; the number is reused
    door = PtyDoor(tmp_path / "car")
    assert str((tmp_path / "car").readlink()) == door.path
    door.close()
    somebody.close()


def test_the_dead_link_of_a_killed_simulator_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "car").symlink_to("/dev/pts/999999")
    door = PtyDoor(tmp_path / "car")
    assert str((tmp_path / "car").readlink()) == door.path
    door.close()
