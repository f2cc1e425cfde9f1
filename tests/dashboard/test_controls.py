"""Driving, taking over and stopping, down to the bytes a core hears; the time is made up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fake_core import Wire, snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolcar.dashboard.connection import Connection
from patrolcar.dashboard.controls import Controls, StopState, is_stop
from patrolcar.pilot.intents import Drive, Intent, PauseMission, StopCar
from patrolcar.pilot.snapshot import EventView

MS = 1_000_000


class Seat:
    """Controls on a real client, with a clock that we turn, and a car whose mode we set."""

    def __init__(self, mode: str = "MANUAL") -> None:
        self.now_ms = 1000
        self.wire = Wire()
        self.connection = Connection(self.wire.client, clock=lambda: self.now_ms * MS)
        self.controls = Controls(self.connection, clock=lambda: self.now_ms * MS)
        self.fields: dict[str, Any] = {"mode": mode}
        self.core_is_heard = True
        self.screen_is_drawn = True
        self.may_drive = True
        self.pass_ms(50)
        self.wire.heard()

    def pass_ms(self, span_ms: int) -> None:
        """Let time pass, with a turn, a snapshot and a picture every 50 ms."""
        for _ in range(span_ms // 50):
            self.now_ms += 50
            if self.core_is_heard:
                self.connection._take([snapshot(**self.fields)])
            if self.screen_is_drawn:
                self.controls.screen_is_alive(may_drive=self.may_drive)
            self.controls.turn()

    def stop_state(self) -> StopState:
        return self.controls.stop_state

    def drives(self) -> list[Drive]:
        return [intent for intent in self.wire.heard() if isinstance(intent, Drive)]


@pytest.fixture
def seat() -> Iterator[Seat]:
    made = Seat()
    yield made
    made.wire.close()


def kinds(intents: list[Intent]) -> list[type]:
    return [type(intent) for intent in intents]


def hold(seat: Seat, span_ms: int, key: str = "w") -> None:
    """Hold a key with a repeat in every turn, as after the first delay."""
    for _ in range(span_ms // 50):
        seat.controls.key_down(key)
        seat.pass_ms(50)


class TestDriving:
    def test_nothing_is_sent_while_no_hand_is_on_the_keys(self, seat: Seat) -> None:
        seat.pass_ms(2000)
        assert seat.wire.heard() == []

    def test_a_held_key_sends_twenty_times_a_second_then_three_zeros_then_nothing(self, seat: Seat) -> None:
        hold(seat, 1000)
        assert len(seat.drives()) == 20
        seat.pass_ms(1000)
        tail = seat.drives()
        assert [drive.vx_mps for drive in tail[-3:]] == [0.0, 0.0, 0.0]
        assert all(drive.vx_mps > 0.0 for drive in tail[:-3])
        assert len(tail) - 3 <= 4  # 200 ms after the last repeat at the latest

    def test_a_release_is_zero_in_the_next_message(self, seat: Seat) -> None:
        seat.controls.releases = True
        seat.controls.key_down("w")
        seat.pass_ms(500)
        seat.wire.heard()
        seat.controls.key_up("w")
        seat.pass_ms(200)
        assert [drive.vx_mps for drive in seat.drives()] == [0.0, 0.0, 0.0]

    @pytest.mark.parametrize("loss", ["core_is_heard", "screen_is_drawn", "may_drive"])
    def test_without_core_screen_or_permission_it_ends_within_350_ms(self, seat: Seat, loss: str) -> None:
        seat.controls.releases = True
        seat.controls.key_down("w")
        hold(seat, 200)
        setattr(seat, loss, False)
        hold(seat, 350)
        seat.wire.heard()
        hold(seat, 1000)
        assert {drive.vx_mps for drive in seat.drives()} <= {0.0}

    @pytest.mark.parametrize("mode", ["OFFLINE", "DISARMED", "STOPPED"])
    def test_a_car_that_may_not_move_is_not_driven(self, seat: Seat, mode: str) -> None:
        seat.fields["mode"] = mode
        seat.pass_ms(50)
        hold(seat, 500)
        assert seat.wire.heard() == []

    def test_a_disarmed_car_says_how_to_arm(self, seat: Seat) -> None:
        seat.fields["mode"] = "DISARMED"
        seat.pass_ms(50)
        seat.controls.key_down("w")
        assert "A arms it" in seat.controls.hint

    def test_losing_the_focus_is_zero(self, seat: Seat) -> None:
        hold(seat, 300)
        seat.wire.heard()
        seat.controls.interrupt()
        seat.pass_ms(300)
        assert [drive.vx_mps for drive in seat.drives()] == [0.0, 0.0, 0.0]

    def test_the_pad_drives_in_proportion(self, seat: Seat) -> None:
        seat.controls.grab(0.5, 0.0)
        seat.pass_ms(50)
        assert seat.drives()[-1].vx_mps == pytest.approx(0.18)
        seat.controls.let_go()
        seat.pass_ms(50)
        assert seat.drives()[-1].vx_mps == 0.0

    def test_ending_the_dashboard_sends_zero(self, seat: Seat) -> None:
        hold(seat, 300)
        seat.wire.heard()
        seat.controls.close()
        assert [drive.vx_mps for drive in seat.drives()] == [0.0, 0.0, 0.0]

    def test_a_signal_to_end_sends_zero(self, seat: Seat) -> None:
        hold(seat, 300)
        seat.controls.leave()
        seat.wire.heard()
        hold(seat, 300)
        assert [drive.vx_mps for drive in seat.drives()] == [0.0, 0.0, 0.0]


class TestTakingOver:
    def test_a_tap_holds_the_patrol_and_does_not_end_it(self, seat: Seat) -> None:
        seat.fields["mode"] = "PATROL"
        seat.pass_ms(50)
        seat.controls.key_down("w")
        seat.pass_ms(1000)
        assert kinds(seat.wire.heard()) == [PauseMission]
        assert "p to go on" in seat.controls.hint

    def test_a_held_key_takes_the_wheel(self, seat: Seat) -> None:
        seat.fields["mode"] = "PATROL"
        seat.pass_ms(50)
        seat.controls.key_down("w")
        seat.pass_ms(50)
        seat.fields["mode"] = "HOLD"
        hold(seat, 300)
        heard = seat.wire.heard()
        assert isinstance(heard[0], PauseMission)
        assert any(isinstance(intent, Drive) and intent.vx_mps > 0.0 for intent in heard)

    def test_a_mission_that_starts_ends_driving_by_hand(self, seat: Seat) -> None:
        seat.controls.grab(1.0, 0.0)
        seat.pass_ms(100)
        seat.fields["mode"] = "PATROL"
        seat.pass_ms(50)
        seat.wire.heard()
        seat.pass_ms(500)
        assert {drive.vx_mps for drive in seat.drives()} <= {0.0}


class TestStop:
    @pytest.mark.parametrize("key", ["space", "f12", "ctrl+x", "ctrl+c", "shift+space"])
    def test_these_keys_stop_before_anything_else_happens(self, seat: Seat, key: str) -> None:
        assert is_stop(key)
        seat.controls.key_down(key)
        assert kinds(seat.wire.heard()) == [StopCar]

    def test_it_is_sent_again_until_the_car_says_stopped(self, seat: Seat) -> None:
        seat.controls.stop()
        seat.pass_ms(500)
        assert kinds(seat.wire.heard()) == [StopCar] * 6
        assert seat.stop_state() is StopState.UNCONFIRMED
        seat.fields["mode"] = "STOPPED"
        seat.pass_ms(100)
        seat.wire.heard()
        seat.pass_ms(1000)
        assert seat.wire.heard() == []
        assert seat.stop_state() is StopState.CONFIRMED

    def test_a_stop_without_a_core_is_kept_for_the_next_one(self, seat: Seat) -> None:
        seat.connection.lost = "the core has ended"
        seat.controls.stop()
        assert seat.stop_state() is StopState.UNSENT
        seat.connection.lost = ""
        seat.pass_ms(100)
        assert kinds(seat.wire.heard()) == [StopCar]

    def test_an_old_stop_does_not_confirm_a_new_one(self, seat: Seat) -> None:
        seat.fields["mode"] = "STOPPED"
        seat.pass_ms(50)
        seat.now_ms += 10
        seat.core_is_heard = False
        seat.controls.stop()
        seat.pass_ms(50)
        assert seat.stop_state() is StopState.UNCONFIRMED

    def test_after_a_release_driving_works_again(self, seat: Seat) -> None:
        seat.controls.stop()
        for mode in ("STOPPED", "DISARMED", "MANUAL"):
            seat.fields["mode"] = mode
            seat.pass_ms(100)
        assert seat.stop_state() is StopState.NONE
        seat.wire.heard()
        hold(seat, 200)
        assert any(drive.vx_mps > 0.0 for drive in seat.drives())

    @settings(max_examples=30)
    @given(st.lists(st.sampled_from(["w", "a", "x", "grab", "let go", "tick"]), max_size=25), st.booleans())
    def test_after_stop_no_motion_is_sent_whatever_the_hand_does(
        self, story: list[str], releases: bool
    ) -> None:
        seat = Seat()
        seat.controls.releases = releases
        hold(seat, 200)
        seat.controls.stop()
        seat.wire.heard()
        for event in story:
            if event == "grab":
                seat.controls.grab(1.0, 0.0)
            elif event == "let go":
                seat.controls.let_go()
            elif event != "tick":
                seat.controls.key_down(event)
            seat.pass_ms(50)
        assert {drive.vx_mps for drive in seat.drives()} <= {0.0}
        seat.wire.close()


class TestConnection:
    def test_a_scan_that_did_not_change_is_kept(self, seat: Seat) -> None:
        seat.connection._take([snapshot(scan=(1, 2)), snapshot(scan=None)])
        seat.connection._take([snapshot(scan=None)])
        latest = seat.connection.latest
        assert latest is not None
        assert latest.snapshot.scan == (1, 2)

    def test_events_are_kept_in_order_and_bounded(self, seat: Seat) -> None:
        seat.connection._take([EventView(n, "INFO", "link", str(n)) for n in range(2100)])
        assert len(seat.connection.events) == 2000
        assert seat.connection.events[-1].text == "2099"
        assert seat.connection.event_count == 2100
