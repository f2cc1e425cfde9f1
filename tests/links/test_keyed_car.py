"""A car with a key obeys who has it, and nobody else; STOP is for everyone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from firmware_protocol.messages import Command, State, Status
from firmware_protocol.session import LinkState, Session
from patrolcar.cli import main
from patrolcar.errors import LinkError
from patrolcar.links import open_link
from patrolcar.links.key_file import key_of, read_key
from sim.car import NOMINAL, SimulatedCar
from sim.world.walls import World

KEY = bytes(range(32))
TURN_NS = 20_000_000
WORLD = World.from_walls(((-5, -5, 5, -5), (5, -5, 5, 5), (5, 5, -5, 5), (-5, 5, -5, -5)))


class Line:
    """A session and a simulated car that has a key, joined without a line."""

    def __init__(self, key: bytes | None, *, car_key: bytes | None = KEY) -> None:
        settings = replace(NOMINAL, controller=replace(NOMINAL.controller, key=car_key))
        self.car = SimulatedCar(WORLD, settings, boot_id=0xB007)
        self.session = Session(7, key)
        self.state = State.DISARMED
        self._now_ns = 0
        self._sent = b""

    def run(self, turns: int, vx_mps: float = 0.0) -> None:
        for turn in range(turns):
            self._now_ns += TURN_NS
            heard = self.car.step(self._sent) + self.car.step(b"")
            messages, _ = self.session.receive(heard, self._now_ns)
            for message in messages:
                if isinstance(message, Status):
                    self.state = State(message.state)
            self._sent = self.session.poll(turn, self._now_ns)[0]
            self._sent += self.session.drive(vx_mps, 0.0, 0.0, 200)

    def armed(self) -> Line:
        self.run(50)
        self.session.command(Command.ARM)
        self.run(20)
        return self


def test_who_has_the_key_drives() -> None:
    line = Line(KEY).armed()
    assert line.session.state is LinkState.UP
    assert line.state == State.ARMED
    line.run(100, 0.3)
    assert line.car.truth.distance_m > 0.3


@pytest.mark.parametrize("key", [None, bytes(32), KEY[::-1]])
def test_who_has_not_watches_and_may_stop(key: bytes | None) -> None:
    line = Line(key).armed()
    assert line.session.state is not LinkState.UP
    assert line.session.sentence
    line.run(100, 0.3)
    assert line.car.truth.distance_m < 1e-3
    line.car.step(line.session.stop(0))
    line.run(10)
    assert line.state == State.STOPPED


def test_a_host_with_a_key_drives_no_car_without_one() -> None:
    line = Line(KEY, car_key=None).armed()
    assert line.session.state is not LinkState.UP


def test_who_comes_next_with_the_key_is_not_told_that_the_car_is_another_hosts() -> None:
    line = Line(KEY)
    line.run(50)
    line.session = Session(8, KEY)
    for _ in range(50):
        line.run(1)
        assert line.session.state in {LinkState.SEARCHING, LinkState.UP}, line.session.sentence
    assert line.session.state is LinkState.UP


def test_a_recorded_session_moves_nothing_when_it_is_sent_again() -> None:
    line, sent = Line(KEY), []
    step = line.car.step

    def noted(received: bytes) -> bytes:
        sent.append(received)
        return step(received)

    line.car.step = noted  # type: ignore[method-assign]
    line.armed()
    line.run(50, 0.3)
    line.car.step = step  # type: ignore[method-assign]
    line.car.power_cycle()
    stood_m = line.car.truth.distance_m
    for received in [*sent, *sent]:
        line.car.step(received)
    assert line.car.truth.distance_m - stood_m < 0.2  # what it still rolled when its power went
    assert not line.car.controller.outputs.enable


class TestKeyFile:
    def test_a_new_key_is_for_this_user_only_and_never_written_over(self, tmp_path: Path) -> None:
        file = tmp_path / "car.key"
        assert main(["key", str(file)]) == 0
        assert file.stat().st_mode & 0o777 == 0o600
        first = read_key(file)
        assert len(first) == 32
        assert main(["key", str(file)]) == 3
        assert read_key(file) == first

    def test_a_key_that_others_can_read_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "car.key"
        main(["key", str(file)])
        file.chmod(0o640)
        with pytest.raises(LinkError, match="others can read this key"):
            read_key(file)

    @pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "zz" * 32, "é" * 64])
    def test_what_is_no_key_is_refused(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "car.key"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        with pytest.raises(LinkError, match="expected 64 hexadecimal digits"):
            read_key(file)

    def test_a_missing_key_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(LinkError, match="patrolcar key FILE"):
            key_of(f"socket://127.0.0.1:5760?key={tmp_path / 'none'}")
        assert key_of("socket://127.0.0.1:5760") is None


def test_another_machine_without_a_key_is_refused_on_both_ends() -> None:
    with pytest.raises(LinkError, match="driving over a network needs a key"):
        open_link("socket://192.0.2.1:5760")
    assert main(["sim", "--tcp", "0", "--host", "0.0.0.0"]) == 3  # noqa: S104  (it is refused)
