"""The car boots disarmed, belongs to one host at a time, and is armed only on purpose."""

from __future__ import annotations

import pytest
from car import BROKEN, SESSION, Car, config
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    ArmCheck,
    Cause,
    Cmd,
    Command,
    Drive,
    EventCode,
    Heartbeat,
    Hello,
    HelloRequest,
    LinkStats,
    Message,
    Odom,
    Resp,
    Result,
    State,
    Stop,
)

OTHER_SESSION = 0x4321


def _hello(session: int = SESSION, *, magic: int = MAGIC, major: int = MAJOR) -> HelloRequest:
    return HelloRequest(magic, major, MINOR, SCHEMA, session)


def _refused(car: Car) -> int:
    car.run(1000)
    return car.latest(LinkStats).refused


sessions = st.sampled_from([0, SESSION, OTHER_SESSION])
harmless_messages = st.one_of(
    st.builds(
        HelloRequest, st.sampled_from([MAGIC, 0]), st.integers(0, 2), st.just(0), st.just(SCHEMA), sessions
    ),
    st.builds(Heartbeat, sessions, st.integers(0, 9)),
    st.builds(
        Drive,
        sessions,
        st.integers(0, 65535),
        st.integers(0, 65535),
        st.floats(-30.0, 30.0),
        st.floats(-30.0, 30.0),
        st.floats(-30.0, 30.0),
        st.integers(0, 255),
        st.integers(0, 65535),
    ),
    st.builds(Stop, st.integers(0, 255)),
    st.builds(
        Cmd,
        sessions,
        st.integers(0, 255),
        st.integers(0, 255).filter(lambda c: c != Command.ARM),
        st.integers(-9, 9),
    ),
)


class TestBoot:
    @settings(max_examples=60)
    @given(st.lists(st.one_of(st.binary(max_size=80), harmless_messages), max_size=25))
    def test_nothing_but_arm_ever_enables_the_motors(self, said: list[bytes | Message]) -> None:
        car = Car()
        for words in said:
            if isinstance(words, bytes):
                car.send_bytes(words)
            else:
                car.send(words)
            car.run(20)
            assert not car.outputs.enable
            assert list(car.outputs.duty_permille) == [0, 0, 0, 0]

    def test_it_says_hello_three_times_and_belongs_to_nobody(self) -> None:
        car = Car()
        times_ms = [10 * step for step in range(100) if any(isinstance(said, Hello) for said in car.step())]
        assert times_ms == [0, 100, 200]
        assert [hello.session for hello in car.all_of(Hello)] == [0, 0, 0]
        assert car.status.state == State.DISARMED

    def test_the_first_event_tells_why_it_started(self) -> None:
        car = Car(config(reset_cause=3))
        car.run(20)
        (booted,) = car.events(EventCode.BOOTED)
        assert (booted.argument, booted.event_count) == (3, 1)

    def test_hello_tells_what_car_this_is(self) -> None:
        settings_with_uid = config(chassis=1, target=1, boot_id=0xCAFE)
        settings_with_uid.uid[:] = range(12)
        car = Car(settings_with_uid)
        car.step()
        hello = car.latest(Hello)
        assert (hello.magic, hello.major, hello.minor, hello.schema) == (MAGIC, MAJOR, MINOR, SCHEMA)
        assert (hello.boot_id, hello.chassis, hello.target, hello.uid) == (0xCAFE, 1, 1, bytes(range(12)))


class TestSession:
    def test_a_free_car_belongs_to_the_first_who_asks(self) -> None:
        car = Car()
        car.run(10, _hello())
        assert car.latest(Hello).session == SESSION
        assert [event.argument for event in car.events(EventCode.SESSION_OPENED)] == [SESSION]

    @pytest.mark.parametrize("request_", [_hello(magic=1), _hello(major=MAJOR + 1), _hello(0)])
    def test_a_host_that_speaks_otherwise_is_answered_but_gets_no_session(
        self, request_: HelloRequest
    ) -> None:
        car = Car()
        car.run(300)
        heard = len(car.all_of(Hello))
        car.run(10, request_)
        assert len(car.all_of(Hello)) == heard + 1
        assert car.latest(Hello).session == 0

    def test_asking_again_changes_nothing(self) -> None:
        car = Car().armed()
        car.drive(300, 0.3)
        car.send(_hello())
        car.drive(300, 0.3)
        assert car.status.state == State.ARMED
        assert car.speed_mps == pytest.approx(0.3, abs=0.03)
        assert len(car.events(EventCode.SESSION_OPENED)) == 1

    def test_another_host_does_not_get_an_armed_car(self) -> None:
        car = Car().armed()
        car.send(_hello(OTHER_SESSION))
        car.drive(100, 0.3)
        assert car.latest(Hello).session == SESSION
        assert car.status.state == State.ARMED

    def test_another_host_does_not_get_a_car_that_its_owner_drives(self) -> None:
        car = Car(config(host_silent_ms=500)).armed()
        for _ in range(10):
            car.drive(100, 0.3, lease_ms=500)
            car.send(_hello(OTHER_SESSION))
        assert car.latest(Hello).session == SESSION
        assert car.status.state == State.ARMED
        assert car.speed_mps == pytest.approx(0.3, abs=0.03)

    @pytest.mark.parametrize("stop", [False, True])
    def test_another_host_gets_a_car_that_is_not_armed(self, stop: bool) -> None:
        car = Car().armed()
        car.send(Stop(0)) if stop else car.command(Command.DISARM)
        car.run(50, _hello(OTHER_SESSION))
        assert car.latest(Hello).session == OTHER_SESSION

    def test_a_new_session_takes_an_armed_car_from_a_silent_owner_and_disarms_it(self) -> None:
        car = Car(config(host_silent_ms=500)).armed()
        car.drive(400, 0.5, lease_ms=100)
        for _ in range(60):  # wheels pushed by hand, so the silent owner stays armed for a while
            car.step()
            car.speeds_mps[:] = [0.2] * 4
        assert car.status.state == State.ARMED
        car.run(20, _hello(OTHER_SESSION))
        assert car.latest(Hello).session == OTHER_SESSION
        assert car.status.state == State.DISARMED

    def test_messages_of_another_session_are_counted_and_not_obeyed(self) -> None:
        car = Car().armed()
        car.drive(200, 0.5, session=OTHER_SESSION)
        assert car.is_at_rest
        assert car.command(Command.DISARM, session=OTHER_SESSION).result == Result.WRONG_SESSION
        assert car.status.state == State.ARMED
        car.run(10, Heartbeat(OTHER_SESSION, 1))
        assert _refused(car) == 12

    def test_session_zero_is_nobody_even_while_nobody_owns_the_car(self) -> None:
        car = Car()
        car.run(200)
        assert car.command(Command.ARM, session=0).result == Result.WRONG_SESSION


class TestArming:
    def test_an_armed_car_stands_until_it_is_driven(self) -> None:
        car = Car().armed()
        car.idle(500)
        assert car.outputs.enable
        assert car.is_at_rest
        assert (car.status.state, car.status.cause) == (State.ARMED, Cause.LEASE_EXPIRED)

    def test_what_was_sent_before_arming_does_not_move_the_car(self) -> None:
        car = Car()
        car.run(200)
        car.open_session()
        car.send(Drive(SESSION, 1, 500, 0.5, 0.0, 0.0))
        car.command(Command.ARM)
        car.idle(600)
        assert car.is_at_rest
        assert car.pose == (0.0, 0.0, 0.0)

    def test_what_was_wanted_before_disarming_is_forgotten(self) -> None:
        car = Car().armed()
        car.drive(500, 0.3, lease_ms=500)
        car.command(Command.DISARM)
        car.idle(700)
        assert car.command(Command.ARM).result == Result.OK
        car.idle(300)
        assert car.is_at_rest

    def test_every_failing_check_is_named_at_once(self) -> None:
        car = Car()
        car.run(200)
        car.open_session()
        car.stopped()
        car.inputs.bumpers = 0x10
        car.inputs.battery_mv = 6000
        car.inputs.range_fresh = 0
        car.run(600)
        for _ in range(3):
            car.speeds_mps[:] = [0.3] * 4
            car.step()
        answer = car.command(Command.ARM)
        broken = (
            ArmCheck.STOP_LATCHED
            | ArmCheck.BUMPER_PRESSED
            | ArmCheck.UNDERVOLTAGE
            | ArmCheck.WHEELS_MOVING
            | ArmCheck.RANGES_SILENT
        )
        assert answer.result == Result.DENIED
        assert ArmCheck(answer.detail) == broken
        assert car.events(EventCode.ARM_REFUSED)[-1].argument == answer.detail
        assert not car.outputs.enable

    def test_status_tells_what_would_refuse_arming(self) -> None:
        car = Car()
        car.inputs.range_fresh = 0
        car.inputs.battery_mv = 6000
        car.run(200)
        assert car.status.arm_checks == ArmCheck.NO_SESSION | ArmCheck.RANGES_SILENT | ArmCheck.UNDERVOLTAGE
        car.inputs.range_fresh = 1
        car.inputs.battery_mv = 7400
        car.open_session()
        car.run(600)
        assert car.status.arm_checks == 0

    def test_a_car_is_not_armed_before_it_knows_that_its_wheels_stand(self) -> None:
        car = Car()
        car.open_session()
        assert car.command(Command.ARM).detail == ArmCheck.WHEELS_MOVING

    @pytest.mark.parametrize("wheel", range(4))
    def test_one_turning_wheel_is_enough_to_refuse_arming(self, wheel: int) -> None:
        car = Car(config(chassis=1))
        car.open_session()
        car.run(200)
        for _ in range(5):
            car.speeds_mps[wheel] = 0.1
            car.step()
        assert car.command(Command.ARM).detail == ArmCheck.WHEELS_MOVING

    def test_a_wheel_that_stands_on_the_edge_of_a_count_is_at_rest(self) -> None:
        car = Car()
        car.open_session()
        for step in range(40):
            car.inputs.ticks[0] = step % 2
            car.step_without_wheels()
        assert car.command(Command.ARM).result == Result.OK

    def test_a_coarse_encoder_is_given_more_time_to_show_that_the_car_moves(self) -> None:
        car = Car(config(metres_per_tick=0.01))
        car.open_session()
        for step in range(300):
            car.inputs.ticks[0] = car.inputs.ticks[1] = step // 30  # 0.033 m/s
            car.step_without_wheels()
        assert car.command(Command.ARM).detail == ArmCheck.WHEELS_MOVING

    def test_arming_an_armed_car_changes_nothing(self) -> None:
        car = Car().armed()
        car.drive(500, 0.4)
        assert car.command(Command.ARM).result == Result.OK
        car.drive(100, 0.4)
        assert car.speed_mps == pytest.approx(0.4, abs=0.05)

    def test_broken_ranges_do_not_refuse_arming_for_they_only_forbid_a_direction(self) -> None:
        car = Car()
        car.put_ranges(BROKEN, range(8))
        assert car.armed().status.state == State.ARMED


class TestCommands:
    def test_a_repeated_command_is_answered_again_and_not_executed_again(self) -> None:
        car = Car().armed()
        car.drive(500, 0.3)
        reset = Cmd(SESSION, 77, Command.RESET_ODOMETRY, 0)
        car.send(reset)
        car.drive(300, 0.3)
        travelled_m = car.pose[0]
        car.send(reset)
        car.drive(100, 0.3)
        first, second = car.all_of(Resp)[-2:]
        assert first == second == Resp(SESSION, 77, Command.RESET_ODOMETRY, Result.OK, 0)
        assert car.pose[0] > travelled_m > 0.05

    def test_a_late_copy_of_arm_does_not_arm_again(self) -> None:
        car = Car().armed()
        arm = Cmd(SESSION, 1, Command.ARM, 0)
        car.command(Command.DISARM)
        car.run(200, arm)
        assert car.latest(Resp).result == Result.OK
        assert car.status.state == State.DISARMED

    def test_the_last_four_transactions_are_remembered(self) -> None:
        car = Car().armed()
        for transaction in (10, 11, 12, 13):
            car.run(10, Cmd(SESSION, transaction, Command.RESET_ODOMETRY, transaction - 10))
        for transaction, result in ((10, 0), (11, 3), (12, 3), (13, 3)):
            car.run(10, Cmd(SESSION, transaction, Command.RESET_ODOMETRY, 0))
            assert car.latest(Resp).result == result

    def test_a_new_session_starts_with_no_transactions(self) -> None:
        car = Car().armed()
        car.command(Command.DISARM)
        car.open_session(OTHER_SESSION)
        car.run(200, Cmd(OTHER_SESSION, 1, Command.ARM, 0))
        assert car.status.state == State.ARMED

    @pytest.mark.parametrize("command", [0, 10, 255])
    def test_an_unknown_command_is_unsupported(self, command: int) -> None:
        assert Car().armed().command(command).result == Result.UNSUPPORTED

    @pytest.mark.parametrize("command", [Command.ARM, Command.DISARM, Command.RESET_ODOMETRY])
    def test_an_argument_where_none_belongs_is_refused(self, command: Command) -> None:
        car = Car().armed()
        assert car.command(command, 1).result == Result.BAD_ARGUMENT
        assert car.status.state == State.ARMED

    def test_transaction_zero_is_refused(self) -> None:
        car = Car().armed()
        car.run(10, Cmd(SESSION, 0, Command.DISARM, 0))
        assert car.latest(Resp).result == Result.BAD_ARGUMENT
        assert car.status.state == State.ARMED

    def test_reset_odometry_starts_the_pose_again(self) -> None:
        car = Car().armed()
        car.drive(800, 0.3, 1.0)
        car.run(900)
        car.command(Command.RESET_ODOMETRY)
        car.run(20)
        assert car.pose == (0.0, 0.0, 0.0)


class TestDrive:
    @pytest.mark.parametrize(
        ("count", "is_obeyed"), [(1001, True), (1000, False), (999, False), (33767, True), (33768, False)]
    )
    def test_only_a_newer_count_is_obeyed(self, count: int, is_obeyed: bool) -> None:
        car = Car().armed()
        car.run(20, Drive(SESSION, 1000, 200, 0.1, 0.0, 0.0), Drive(SESSION, count, 200, 0.1, 0.0, 0.0))
        assert (car.latest(Odom).drive_count == count) == (is_obeyed or count == 1000)
        assert _refused(car) == (0 if is_obeyed else 1)

    def test_counts_go_on_past_their_wrap(self) -> None:
        car = Car().armed()
        car.run(20, Drive(SESSION, 65535, 200, 0.1, 0.0, 0.0), Drive(SESSION, 0, 200, 0.1, 0.0, 0.0))
        assert car.latest(Odom).drive_count == 0
        assert _refused(car) == 0

    @pytest.mark.parametrize(
        ("lease_ms", "is_obeyed"),
        [(0, False), (99, False), (100, True), (500, True), (501, False), (65535, False)],
    )
    def test_a_lease_is_from_100_to_500_ms(self, lease_ms: int, is_obeyed: bool) -> None:
        car = Car().armed()
        car.run(100, Drive(SESSION, 1, lease_ms, 0.5, 0.0, 0.0))
        assert car.is_at_rest != is_obeyed
        assert _refused(car) == (0 if is_obeyed else 1)

    def test_odometry_names_the_last_drive_that_was_obeyed(self) -> None:
        car = Car()
        car.run(200)
        car.open_session()
        car.run(20, Drive(SESSION, 5, 200, 0.1, 0.0, 0.0))
        assert car.latest(Odom).drive_count == 0
        car.command(Command.ARM)
        car.run(20, Drive(SESSION, 9, 200, 0.1, 0.0, 0.0))
        assert car.latest(Odom).drive_count == 9
