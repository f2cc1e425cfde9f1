"""What the car tells: at the rates of protocol.yaml, at once when it matters, and never half."""

from __future__ import annotations

import ctypes
import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from car import NOTHING_SEEN, Car, config

from firmware_protocol import build_native
from firmware_protocol.controller_layout import LAYOUT
from firmware_protocol.messages import (
    SPEC_OF,
    Alive,
    Capability,
    Command,
    Event,
    HelloRequest,
    Imu,
    LinkStats,
    Message,
    Odom,
    Power,
    Ranges,
    Resp,
    Scan,
    State,
    Status,
    Stop,
    Wheels,
)

FIRMWARE = Path(build_native.ROOT) / "firmware_protocol/firmware"


class TestStreams:
    @pytest.mark.parametrize("kind", [Status, Odom, Wheels, Imu, Ranges, Power, Alive, LinkStats])
    def test_each_stream_has_the_rate_of_the_protocol(self, kind: type[Message]) -> None:
        car = Car()
        car.run(1000)  # changes of STATUS while it boots
        car.heard.clear()
        car.run(10_000)
        assert len(car.all_of(kind)) == 10 * SPEC_OF[kind].rate_hz

    def test_a_change_of_status_is_told_in_the_same_step(self) -> None:
        car = Car()
        car.run(1050)
        car.inputs.bumpers = 4
        (status,) = [said for said in car.step() if isinstance(said, Status)]
        assert status.bumpers == 4

    def test_a_car_whose_lease_runs_down_does_not_call_that_a_change(self) -> None:
        car = Car().armed()
        car.drive(2000, 0.3)
        car.heard.clear()
        car.drive(1000, 0.3)
        assert len(car.all_of(Status)) == 10

    def test_a_car_without_an_imu_sends_none(self) -> None:
        car = Car(config(capabilities=0))
        car.run(1000)
        assert car.all_of(Imu) == []

    def test_what_was_measured_is_passed_on(self) -> None:
        car = Car()
        car.imu_is_told = False
        car.inputs.accel_mmps2[:] = [-100, 200, 9810]
        car.inputs.gyro_500urad[:] = [1, -2, 3]
        car.inputs.current_ma, car.inputs.charge_percent, car.inputs.load_percent = -250, 88, 17
        car.inputs.range_mm[:] = [0, 500, 0xFFFE, 0xFFFD, 0xFFFF, 1000, 1500, 2000]
        car.run(1000)
        assert car.latest(Imu).accel_mps2 == pytest.approx([-0.1, 0.2, 9.81])
        assert car.latest(Imu).gyro_radps == pytest.approx([0.0005, -0.001, 0.0015])
        power = car.latest(Power)
        assert (power.battery_v, power.current_a, power.charge_percent) == pytest.approx((7.4, -0.25, 88))
        assert (car.latest(Alive).load_percent, car.latest(Alive).boot_id) == (17, 0xB007)
        expected = [0.0, 0.5, -np.inf, np.nan, np.inf, 1.0, 1.5, 2.0]
        np.testing.assert_allclose(car.latest(Ranges).ranges_m, expected, rtol=1e-6)

    def test_sensors_that_measured_between_two_ranges_are_all_fresh(self) -> None:
        car = Car()
        car.run(1000)
        for sensor in (1, 3, 5):
            car.inputs.range_fresh = 1 << sensor
            car.step()
        car.inputs.range_fresh = 0
        car.run(50)
        assert (
            car.latest(Ranges).fresh == 0b101010
            or car.all_of(Ranges)[-2].fresh | car.latest(Ranges).fresh == 0xFF
        )

    def test_a_place_without_a_sensor_is_broken(self) -> None:
        car = Car(config(range_mask=0b1))
        car.run(100)
        assert np.isinf(car.latest(Ranges).ranges_m[0])
        assert np.isnan(car.latest(Ranges).ranges_m[1:]).all()
        assert car.latest(Ranges).fresh == 0b1

    def test_uptime_counts_on_past_the_wrap_of_the_clock(self) -> None:
        car = Car(start_us=2**32 - 500_000)
        car.run(2000)
        assert 1800 <= car.latest(Alive).uptime_ms <= 2000

    def test_a_piece_of_a_lidar_turn_goes_out_as_it_is(self) -> None:
        car = Car(config(capabilities=Capability.LIDAR))
        piece = Scan(5, 7, 90, 360, 277, np.linspace(0.1, 6.0, 90, dtype=np.float32))
        car.scan(piece)
        car.run(20)
        (sent,) = car.all_of(Scan)
        assert sent[:5] == piece[:5]
        np.testing.assert_allclose(sent.ranges_m, piece.ranges_m, atol=0.0006)


class TestAFullLine:
    def test_telemetry_is_dropped_whole_and_counted_while_answers_still_find_room(self) -> None:
        car = Car()
        car.run(300)
        car.open_session()
        car.tx_capacity = 0
        car.run(5000)
        car.send(Stop(9))
        car.step()
        car.tx_capacity = 4096
        car.heard.clear()
        car.run(1100)
        assert car.line_is_clean
        assert any(status.state == State.STOPPED for status in car.all_of(Status))
        assert 5 in [event.code for event in car.all_of(Event)]
        assert car.latest(LinkStats).tx_dropped > 300
        assert car.command(Command.CLEAR_STOP, 1) == car.latest(Resp)

    def test_a_slow_line_carries_whole_frames_only(self) -> None:
        car = Car()
        car.tx_capacity = 37  # bytes per step: half of what the car has to say
        car.run(5000)
        assert car.line_is_clean
        assert car.latest(LinkStats).tx_dropped > 0
        assert len(car.all_of(Status)) >= 44  # half a second of them is still in the queue

    def test_an_overflow_of_answers_is_counted_too_and_hurts_nobody(self) -> None:
        car = Car()
        car.run(300)
        car.tx_capacity = 0
        for session in range(100):  # 43 bytes of HELLO each
            car.run(10, Stop(1), HelloRequest(0, 0, 0, 0, session))
        car.tx_capacity = 4096
        car.run(1100)
        assert car.line_is_clean
        assert car.status.state == State.STOPPED
        assert car.latest(LinkStats).tx_dropped > 50

    def test_messages_that_go_the_other_way_are_counted_as_unknown(self) -> None:
        car = Car()
        car.send(Resp(1, 1, 1, 0, 0), Alive(1, 1, 1, 1))
        car.run(1100)
        stats = car.latest(LinkStats)
        assert (stats.frames, stats.unknown, stats.refused) == (2, 2, 0)

    def test_the_receiver_tells_what_it_counted(self) -> None:
        car = Car()
        car.send_bytes(b"\x09\x11\x11\0" + b"\x03\x11\x11\0" + b"\x55" * 400 + b"\0")
        car.run(1100)
        stats = car.latest(LinkStats)
        assert (stats.frames, stats.bad_cobs, stats.bad_length, stats.bad_crc) == (0, 1, 2, 0)


class TestTheSameInputsGiveTheSameBytes:
    def test_from_two_cars(self) -> None:
        assert _recorded(Car()) == _recorded(Car())

    def test_from_another_build(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without optimisation: neither fused arithmetic nor the order of evaluation matters."""
        optimised = _recorded(Car())
        target = tmp_path / "plain.so"
        _compile(target, "-O0")
        monkeypatch.setattr("car.library", lambda: ctypes.CDLL(str(target)))
        assert _recorded(Car()) == optimised


def _recorded(car: Car) -> list[bytes]:
    chance = random.Random(4)
    car.armed()
    for _ in range(40):
        car.inputs.range_mm[1] = chance.choice([100, 900, NOTHING_SEEN])
        car.drive(100, chance.uniform(-0.7, 0.7), chance.uniform(-3.5, 3.5))
    return [message.pack() for message in car.heard]


def _compile(target: Path, *extra: str) -> None:
    compiler = build_native.compiler()
    assert compiler is not None
    files = [*sorted(FIRMWARE.glob("src/*.c")), *sorted(FIRMWARE.glob("ports/host/*.c"))]
    flags = [*build_native.FLAGS, *build_native.WARNINGS, "-Werror", *extra, "-I", str(FIRMWARE / "include")]
    subprocess.run([*compiler, *flags, *map(str, files), "-o", str(target)], check=True)


class TestTheSources:
    def test_they_compile_without_a_warning_and_link_without_libm(self, tmp_path: Path) -> None:
        _compile(
            tmp_path / "strict.so", "-pedantic", "-Wl,-z,defs", "-Wcast-qual", "-Wswitch-enum", "-Wundef"
        )

    def test_they_include_nothing_that_could_wait_allocate_or_calculate(self) -> None:
        allowed = {"<stdbool.h>", "<stddef.h>", "<stdint.h>"}
        for source in [*FIRMWARE.glob("src/*"), *FIRMWARE.glob("include/*")]:
            for line in source.read_text(encoding="utf-8").splitlines():
                if line.startswith("#include"):
                    assert line.split()[1] in allowed or line.split()[1].startswith('"pcp_'), (
                        f"{source.name}: {line}"
                    )

    @pytest.mark.skipif(shutil.which("nm") is None, reason="nm lists the symbols")
    def test_they_have_no_variables_but_constants(self, tmp_path: Path) -> None:
        """As for a board, not position independent: then a constant table of functions is a constant."""
        compiler = build_native.compiler()
        assert compiler is not None
        files = sorted(FIRMWARE.glob("src/*.c"))
        flags = ["-std=c11", "-O2", "-fno-pic", "-c", "-I", str(FIRMWARE / "include")]
        subprocess.run([*compiler, *flags, *map(str, files)], check=True, cwd=tmp_path)
        objects = [str(tmp_path / file.with_suffix(".o").name) for file in files]
        listed = subprocess.run(["nm", *objects], check=True, capture_output=True, text=True)
        symbols = [line.split() for line in listed.stdout.splitlines()]
        variables = [symbol[-1] for symbol in symbols if len(symbol) > 1 and symbol[-2] in "bBcCdD"]
        assert variables == []

    def test_the_layouts_of_the_tests_are_those_of_the_compiler(self) -> None:
        sizes = (ctypes.c_uint32 * 5)()
        assert Car().layout(sizes) == 5
        assert list(sizes)[:3] == [ctypes.sizeof(kind) for kind in LAYOUT[:3]]
