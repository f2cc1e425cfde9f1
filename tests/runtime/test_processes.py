"""What holds between real processes over a real pseudo-terminal, judged by the controller's own clock."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from patrolcar.client import Client, core_is_running
from patrolcar.errors import LinkError
from patrolcar.links import open_link
from patrolcar.pilot.snapshot import Snapshot
from patrolcar.sites import DEMO_SITE, demo_folder
from sim.car import SimulatedCar
from sim.doors import PtyDoor, serve
from sim.setting.scenario import Scenario, car_of

LEASE_US, RAMP_MPS2, SETTLING_US = 200_000, 1.2, 100_000
DEADLINE_S = 20.0


@dataclass(frozen=True)
class Moment:
    """One control period of the car behind the door."""

    now_us: int
    heard: bool
    speeds_mps: tuple[float, float]
    duty_is_zero: bool


class Witness:
    """A simulated car behind a pty in real time, and what it did in every period."""

    def __init__(self, link: Path) -> None:
        self.car: SimulatedCar = car_of(Scenario(people=0))
        self.moments: list[Moment] = []
        self.port = link
        self._door = PtyDoor(link)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=serve, args=(self, self._door, self._ended.is_set))
        self._thread.start()

    def step(self, received: bytes) -> bytes:
        sent = self.car.step(received)
        duties = self.car.controller.outputs.duty_permille
        self.moments.append(
            Moment(self.car.now_us, bool(received), self.car.truth.wheel_speeds_mps, not any(duties[:2]))
        )
        return sent

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._door.close()


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    watched = Witness(tmp_path / "car")
    yield watched
    watched.close()


@pytest.fixture
def core(witness: Witness, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    socket = tmp_path / "core.sock"
    site = demo_folder() / DEMO_SITE
    command = [sys.executable, "-m", "patrolcar", "up", "--link", str(witness.port), "--site", str(site)]
    command += ["--socket", str(socket), "--record", str(tmp_path / "runs"), "--quiet"]
    child = subprocess.Popen(command)
    try:
        until(lambda: core_is_running(str(socket)))
        yield child
    finally:
        child.kill()
        child.wait()


def until(condition: Callable[[], bool]) -> None:
    """Wait for real processes; fail after a deadline."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "the processes took too long"
        select.select([], [], [], 0.01)


def driving(client: Client, witness: Witness, vx_mps: float) -> None:
    """Arm and drive until the car is fast."""
    client.arm()

    def is_fast() -> bool:
        client.drive(vx_mps, 0.0)
        client.receive(0.02)
        return bool(witness.moments) and min(witness.moments[-1].speeds_mps) > 0.9 * vx_mps

    until(is_fast)


def test_killing_the_core_in_motion_stops_the_wheels_within_the_lease_and_the_ramp(
    witness: Witness, core: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    with Client.connect(str(tmp_path / "core.sock"), "test") as client:
        driving(client, witness, 0.4)
        core.send_signal(signal.SIGKILL)
        core.wait()
    until(lambda: witness.moments[-1].speeds_mps == (0.0, 0.0) and witness.moments[-1].duty_is_zero)
    last_heard = max(index for index, moment in enumerate(witness.moments) if moment.heard)
    at_rest = next(
        moment for moment in witness.moments[last_heard:] if max(map(abs, moment.speeds_mps)) < 0.005
    )
    speed = max(map(abs, witness.moments[last_heard].speeds_mps))
    took_us = at_rest.now_us - witness.moments[last_heard].now_us
    assert speed > 0.3
    assert took_us <= LEASE_US + 1e6 * speed / RAMP_MPS2 + SETTLING_US


def test_a_client_that_hangs_up_in_motion_stops_the_car_and_the_core_lives_on(
    witness: Witness, core: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    address = str(tmp_path / "core.sock")
    with Client.connect(address, "test") as client:
        driving(client, witness, 0.4)
    until(lambda: max(map(abs, witness.moments[-1].speeds_mps)) < 0.005)
    assert core.poll() is None
    assert core_is_running(address)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_core_that_is_asked_to_end_leaves_the_car_standing_and_disarmed(
    witness: Witness, core: subprocess.Popen[bytes], tmp_path: Path, number: int
) -> None:
    address = tmp_path / "core.sock"
    with Client.connect(str(address), "test") as client:
        driving(client, witness, 0.3)
        core.send_signal(number)
        assert core.wait(DEADLINE_S) == 0
    until(lambda: witness.moments[-1].speeds_mps == (0.0, 0.0) and not witness.car.controller.outputs.enable)
    assert not address.exists()


def test_a_pulled_cable_is_told_and_a_plugged_one_is_found_again_disarmed(
    witness: Witness, core: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    modes: list[str] = []
    with Client.connect(str(tmp_path / "core.sock"), "test") as client:
        driving(client, witness, 0.3)
        witness.close()

        def mode_is(wanted: str) -> bool:
            modes.extend(view.mode for view in client.receive(0.05) if isinstance(view, Snapshot))
            return bool(modes) and modes[-1] == wanted

        until(lambda: mode_is("OFFLINE"))
        again = Witness(witness.port)
        try:
            until(lambda: mode_is("DISARMED"))
            until(lambda: len(again.moments) > 50)
            assert all(moment.speeds_mps == (0.0, 0.0) for moment in again.moments)
        finally:
            again.close()
            witness.__init__(tmp_path / "unused")  # type: ignore[misc]  # the fixture closes what it opened
    assert core.poll() is None


def test_two_programs_cannot_open_one_port(witness: Witness) -> None:
    first = open_link(str(witness.port))
    try:
        if os.geteuid() == 0:
            with pytest.raises(LinkError, match="another program"):
                open_link(str(witness.port))
    finally:
        first.close()
