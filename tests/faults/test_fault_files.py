"""A fault that nobody can inject is refused when the scenario is read; the others begin and end on time."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from firmware_protocol.controller_layout import InputsStruct, OutputsStruct, ScanStruct
from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import SPEC_OF, Cmd, Drive, ResetCause
from patrolcar.config.problems import BadFileError
from sim.campaign.scenario_file import load_case
from sim.faults import KINDS, Fault, Injector, Target
from sim.line import PERFECT, Channel
from sim.noise import stream
from sim.world.moving import Door, Movers
from sim.world.people import Guest

STEP_US = 10_000
FAMILIES = {"link", "firmware", "sensor", "actuator", "power", "world"}


class StillTruth(NamedTuple):
    speed_mps: float


class NotedDoor(Movers):
    """One door that notes who holds it."""

    def __init__(self, done: list[str]) -> None:
        super().__init__([Door((2.0, 0.0), (3.0, 0.0))], np.zeros((1, 4)))
        self._done = done

    @override
    def keep(self, number: int, position: int) -> None:
        super().keep(number, position)
        self._done.append(f"door {number} kept at {position}")

    @override
    def release(self, number: int) -> None:
        super().release(number)
        self._done.append(f"door {number} left to itself")


class StillCar:
    """A car that only notes what is done to it."""

    def __init__(self) -> None:
        self.loop_every = 1
        self.done: list[str] = []
        self.movers: Movers | None = NotedDoor(self.done)

    def power_cycle(self, reset_cause: ResetCause = ResetCause.POWER_ON) -> None:
        self.done.append(f"reset by {reset_cause.name}")

    def line_break(self) -> None:
        self.done.append("break")

    def hang(self, duration_us: int) -> None:
        self.done.append(f"hang {duration_us}")

    def displace(self, dx_m: float, dy_m: float, dyaw_rad: float) -> None:
        self.done.append(f"displaced {dx_m} {dy_m} {dyaw_rad:.2f}")

    def slip(self, share: float) -> None:
        self.done.append(f"slip {share}")

    def polish(self, friction: float) -> float:
        self.done.append(f"floor {friction}")
        return 0.8

    def ahead(self, forward_m: float, left_m: float) -> tuple[float, float]:
        return forward_m, left_m

    def admit(self, guest: Guest) -> int:
        self.done.append(f"{len(guest.stops)} stops at {guest.speed_mps} m/s")
        return 7

    def dismiss(self, number: int) -> None:
        self.done.append(f"guest {number} left")

    @property
    def truth(self) -> StillTruth:
        return StillTruth(0.5)


class Bench:
    """An injector, and what it makes of a car that drives at constant speed."""

    def __init__(self, *faults: Fault, seed: int = 1) -> None:
        self.car = StillCar()
        channels = [Channel(PERFECT, stream(seed, name)) for name in ("up", "down")]
        self.target = Target(self.car, channels[0], channels[1], stream(seed, "x"))
        self._injector = Injector(faults, self.target, seed)
        self._steps = 0

    def step(self) -> tuple[InputsStruct, OutputsStruct, bytes]:
        self._steps += 1
        inputs, outputs = InputsStruct(now_us=self._steps * STEP_US), OutputsStruct(enable=1)
        inputs.ticks[:] = [30 * self._steps, 31 * self._steps, 0, 0]
        inputs.range_mm[:], inputs.range_fresh = [1500 + self._steps] * 8, 0xFF
        inputs.accel_mmps2[:], inputs.imu_fresh = [self._steps, 0, 9810], 1
        inputs.gyro_500urad[2] = 100 + self._steps
        inputs.battery_mv = 12_000
        outputs.duty_permille[:] = [400, 500, 100, 0]
        self._injector.sensed(inputs, self._steps * STEP_US)
        self._injector.decided(outputs, self._steps * STEP_US)
        scan = ScanStruct(first=90 * (self._steps % 4), turn=self._steps // 4 % 256, beams_per_turn=360)
        scan.ranges[:] = [1000 + 7 * self._steps] * 90
        return inputs, outputs, bytes(scan) if self._injector.scanned(scan) else b""

    def steps(self, count: int) -> list[tuple[InputsStruct, OutputsStruct, bytes]]:
        return [self.step() for _ in range(count)]


def same(first: Any, second: Any) -> bool:
    return bytes(first) == bytes(second)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_does_something_and_only_while_it_lasts(kind: str) -> None:
    faulty, sound = Bench(Fault(kind, at_s=0.5, for_s=1.0)), Bench()
    pairs = list(zip(faulty.steps(300), sound.steps(300), strict=True))
    differing = {
        number
        for number, (bad, good) in enumerate(pairs, start=1)
        if not (same(bad[0], good[0]) and same(bad[1], good[1]) and bad[2] == good[2])
    }
    assert all(50 <= number < 150 for number in differing)
    on_the_line = faulty.target.uplink.parameters, faulty.target.downlink.parameters
    assert on_the_line == (PERFECT, PERFECT)  # it is sound again
    assert not faulty.target.uplink.hold
    assert faulty.target.uplink.meddler is None
    assert faulty.car.loop_every == 1
    touches_line = KINDS[kind].family == "link"
    assert differing or faulty.car.done or touches_line or kind == "loop slow"


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.family == "link"])
def test_each_fault_of_the_line_changes_the_line(kind: str) -> None:
    bench = Bench(Fault(kind, at_s=0.5, for_s=1.0))
    bench.steps(60)
    up, down = bench.target.uplink, bench.target.downlink
    changed = (up.parameters, down.parameters) != (PERFECT, PERFECT) or up.hold or down.hold or up.meddler
    assert changed or bench.car.done == ["break"]


def meddled(kind: str, said: list[bytes], **values: float) -> list[bytes]:
    """Return what becomes of pieces while somebody meddles with the line."""
    bench = Bench(Fault(kind, at_s=0.0, values=tuple(values.items())))
    bench.step()
    assert bench.target.uplink.meddler is not None
    return [bench.target.uplink.meddler(piece) for piece in said]


def test_commands_are_replayed_in_their_order_after_a_while() -> None:
    sent = [bytes([number]) for number in range(8)]
    arrived = meddled("commands replayed", sent, pieces=3)
    assert arrived[:3] == sent[:3]
    assert arrived[3:] == [bytes([number, number - 3]) for number in range(3, 8)]


def test_commands_that_are_overtaken_all_arrive_and_none_twice() -> None:
    sent = [bytes([number]) for number in range(200)]
    arrived = b"".join(meddled("commands overtaken", sent, pieces=5))
    assert arrived != b"".join(sent[: len(arrived)])
    assert len(set(arrived)) == len(arrived) == len(sent) - 4  # the others are still held back
    assert all(number <= place + 4 for place, number in enumerate(arrived))


def test_forged_commands_are_sound_frames_of_the_same_session() -> None:
    drive = Drive(9, 65535, 200, 0.1, 0.0, 0.0)
    (arrived,) = meddled("commands forged", [FrameEncoder().encode(SPEC_OF[Drive], drive)])
    frames = [frame.spec.unpack(frame.payload) for frame in FrameDecoder().feed(arrived)]
    assert frames[0] == drive
    assert [(each.number, each.lease_ms) for each in frames[1:] if isinstance(each, Drive)] == [
        (0, 0),
        (0, 65535),
    ]
    assert [each.session for each in frames[1:] if isinstance(each, Cmd)] == [9 ^ 0x5555, 9]


def test_every_kind_belongs_to_a_family_and_says_what_it_is() -> None:
    assert {kind.family for kind in KINDS.values()} == FAMILIES
    assert len({kind.text for kind in KINDS.values()}) == len(KINDS)
    assert len(KINDS) >= 60


def test_a_fault_hits_the_wheel_it_names() -> None:
    inputs, outputs, _ = Bench(
        Fault("encoder dead", 0.0, values=(("wheel", 1),)), Fault("motor dead", 0.0, values=(("wheel", 0),))
    ).steps(10)[-1]
    assert list(inputs.ticks)[:2] == [300, 31]  # frozen where it was at the onset
    assert list(outputs.duty_permille)[:2] == [0, 500]


@given(st.floats(0.0, 1.0), st.integers(0, 200))
@settings(max_examples=20)
def test_whether_it_happens_depends_on_the_seed_alone(probability: float, seed: int) -> None:
    fault = Fault("range garbage", 0.1, 0.5, probability)
    first, again = Bench(fault, seed=seed).steps(80), Bench(fault, seed=seed).steps(80)
    assert all(same(a[0], b[0]) for a, b in zip(first, again, strict=True))


def test_it_happens_as_often_as_it_says() -> None:
    hit = [
        Bench(Fault("battery unread", 0.0, None, 0.3), seed=seed).step()[0].battery_mv for seed in range(500)
    ]
    assert 110 < hit.count(0) < 190  # 150 expected, 4 sigma are 41


def test_adding_a_fault_does_not_change_the_chance_of_those_before_it() -> None:
    garbage = Fault("range garbage", 0.0)
    alone = Bench(garbage).steps(50)
    both = Bench(garbage, Fault("motor weak", 0.2)).steps(50)
    assert all(same(a[0], b[0]) for a, b in zip(alone, both, strict=True))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "gremlins", "at_s": 0.0},
        {"kind": "late", "at_s": -1.0},
        {"kind": "late", "at_s": 0.0, "for_s": 0.0},
        {"kind": "late", "at_s": 0.0, "probability": 1.5},
        {"kind": "late", "at_s": 0.0, "values": (("wheel", 1.0),)},
    ],
)
def test_what_cannot_be_injected_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"gremlins|expected|not known"):
        Fault(**wrong)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("thing appears", {"radius_m": 0.0}),
        ("somebody crosses", {"mps": 0.0}),
        ("somebody steps out", {"mps": -1.0}),
        ("floor smooth", {"friction": 0.0}),
        ("door falls shut", {"door": -1}),
    ],
)
def test_numbers_that_make_no_sense_are_refused(kind: str, values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"above 0 is expected|counted from 0"):
        Fault(kind, 1.0, values=tuple(values.items()))


def test_a_door_that_is_not_there_and_a_number_that_makes_no_sense_are_told_with_their_place(
    tmp_path: Path,
) -> None:
    (tmp_path / "room.yaml").write_text(
        "site: R\nrooms: {a: [0, 0, 4, 3]}\nstart: [1, 1, 0]\nplaces: {b: [3, 1]}\n"
    )
    (tmp_path / "round.yaml").write_text("mission: M\nsite: room.yaml\nvisits: [b]\n")
    (tmp_path / "s.yaml").write_text(
        "scenario: S\nmission: round.yaml\nfaults:\n"
        "  - {fault: door falls shut, at_s: 1, door: 2}\n"
        "  - {fault: somebody crosses, at_s: 1, mps: 0}\n"
    )
    with pytest.raises(BadFileError) as error:
        load_case(tmp_path / "s.yaml")
    told = str(error.value)
    assert "s.yaml:4:3: faults: door falls shut: there is no door 2 (this world has 0 doors" in told, told
    assert "s.yaml:5:13: faults[1].fault: mps above 0 is expected" in told, told


def test_every_mistake_of_a_list_of_faults_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "room.yaml").write_text(
        "site: R\nrooms: {a: [0, 0, 4, 3]}\nstart: [1, 1, 0]\nplaces: {b: [3, 1]}\n"
    )
    (tmp_path / "round.yaml").write_text("mission: M\nsite: room.yaml\nvisits: [b]\n")
    (tmp_path / "s.yaml").write_text(
        "scenario: S\nmission: round.yaml\nfaults:\n"
        "  - {fault: unpluged, at_s: 1}\n"
        "  - {fault: late, at_s: soon}\n"
        "  - {fault: motor dead, at_s: 1, wheels: 2}\n"
        "  - {fault: bytes lost, at_s: 1, share: many}\n"
    )
    with pytest.raises(BadFileError) as error:
        load_case(tmp_path / "s.yaml")
    told = str(error.value)
    for part in ("s.yaml:4:13: faults[0].fault: no such fault; did you mean unplugged?", "faults[1].at_s",
                 "s.yaml:6:34: faults[2].wheels: unknown key", '"many" is not a number'):  # fmt: skip
        assert part in told, told
