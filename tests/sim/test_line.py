"""What the line promises: bytes take their time, keep their order, and are damaged only where it says so."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.errors import LinkError
from sim.line import NS_PER_S, PERFECT, Channel, LineParameters
from sim.link import open_link
from sim.noise import stream

MS = 1_000_000
pieces = st.lists(st.tuples(st.binary(min_size=1, max_size=60), st.integers(0, 30 * MS)), max_size=20)
clean_lines = st.builds(
    LineParameters,
    baud=st.sampled_from([0, 9600, 115_200, 921_600]),
    packet_s=st.sampled_from([0.0, 0.001, 0.016]),
    latency_s=st.sampled_from([0.0, 0.004]),
    jitter_s=st.sampled_from([0.0, 0.02]),
)


def channel(line: LineParameters, seed: int = 1) -> Channel:
    return Channel(line, stream(seed, "line"))


@given(clean_lines, pieces, st.lists(st.integers(1, 50 * MS), max_size=30))
def test_a_clean_line_loses_nothing_and_keeps_the_order(
    line: LineParameters, sent: list[tuple[bytes, int]], looks: list[int]
) -> None:
    under_test, now_ns, arrived = channel(line), 0, b""
    waits = iter(looks)
    for data, later_ns in sent:
        now_ns += later_ns
        under_test.put(data, now_ns)
        now_ns += next(waits, 0)
        arrived += under_test.take(now_ns)
    arrived += under_test.take(now_ns + 10 * NS_PER_S)
    assert arrived == b"".join(data for data, _ in sent)
    assert under_test.waiting == 0


@given(st.binary(min_size=1, max_size=200), st.integers(0, NS_PER_S), st.sampled_from([9600, 115_200]))
def test_each_byte_takes_ten_bit_times(data: bytes, now_ns: int, baud: int) -> None:
    under_test = channel(LineParameters(baud=baud))
    byte_ns = 10 * NS_PER_S // baud
    under_test.put(data, now_ns)
    for count in range(1, len(data) + 1):
        assert under_test.take(now_ns + count * byte_ns - 1) == b""
        assert under_test.take(now_ns + count * byte_ns) == data[count - 1 : count]


def test_a_second_piece_waits_for_the_first() -> None:
    under_test = channel(LineParameters(baud=10_000))  # 1 ms a byte
    under_test.put(b"abc", 0)
    under_test.put(b"d", 1 * MS)
    assert [under_test.take(ms * MS) for ms in range(1, 5)] == [b"a", b"b", b"c", b"d"]


def test_a_usb_adapter_hands_over_at_its_own_times_only() -> None:
    under_test = channel(LineParameters(packet_s=0.016))
    under_test.put(b"x", 1 * MS)
    assert under_test.take(15 * MS) == b""
    assert under_test.take(17 * MS) == b"x"


def test_latency_delays_every_byte_alike() -> None:
    under_test = channel(LineParameters(latency_s=0.005))
    under_test.put(b"xy", 0)
    assert under_test.take(5 * MS - 1) == b""
    assert under_test.take(5 * MS) == b"xy"


def test_a_disconnected_line_delivers_nothing_and_a_pulled_cable_loses_what_was_under_way() -> None:
    under_test = channel(LineParameters(connected=False))
    under_test.put(b"x", 0)
    assert under_test.take(NS_PER_S) == b""
    under_test.parameters = LineParameters(baud=9600)
    under_test.put(b"y", NS_PER_S)
    under_test.drop()
    assert under_test.take(9 * NS_PER_S) == b""


@pytest.mark.parametrize(
    ("line", "least", "most"),
    [
        (LineParameters(loss=0.1), 0.893, 0.907),  # 3 sigma of 20,000 bytes are 0.0064
        (LineParameters(flips=0.01), 0.915, 0.930),  # 0.99 ** 8 is 0.9227
    ],
)
def test_damage_is_as_frequent_as_it_says(line: LineParameters, least: float, most: float) -> None:
    under_test, sent = channel(line), bytes(20_000)
    under_test.put(sent, 0)
    assert least < under_test.take(0).count(0) / len(sent) < most


def test_bursts_strike_as_often_as_they_say() -> None:
    under_test = channel(LineParameters(baud=100_000, bursts_per_s=5.0, burst_bytes=10))
    for second in range(100):
        under_test.put(bytes(10_000), second * NS_PER_S)
    arrived = under_test.take(200 * NS_PER_S)
    assert len(arrived) == 1_000_000
    assert 4200 < sum(byte != 0 for byte in arrived) < 5500  # 500 bursts of 10, one byte in 256 is 0 again


def test_a_piece_said_twice_arrives_twice() -> None:
    under_test = channel(LineParameters(duplicates=1.0))
    under_test.put(b"abc", 0)
    assert under_test.take(0) == b"abcabc"


@given(st.integers(0, 1000), pieces)
def test_the_same_seed_damages_alike(seed: int, sent: list[tuple[bytes, int]]) -> None:
    line = LineParameters(baud=115_200, loss=0.1, flips=0.01, duplicates=0.1, bursts_per_s=20, jitter_s=0.01)
    first, second = channel(line, seed), channel(line, seed)
    for data, at_ns in sent:
        first.put(data, at_ns)
        second.put(data, at_ns)
    assert first.take(NS_PER_S) == second.take(NS_PER_S)


@pytest.mark.parametrize("name", [field.name for field in fields(PERFECT) if field.name != "connected"])
@pytest.mark.parametrize("value", [-1, float("nan")])
def test_what_no_line_can_be_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        replace(PERFECT, **{name: value})  # type: ignore[arg-type]  # on purpose


def test_every_wrong_option_of_an_address_is_named_at_once() -> None:
    with pytest.raises(LinkError, match=r"baud=fast and colour=red.*options are"):
        open_link("sim://demo?baud=fast&colour=red&seed=1")
    with pytest.raises(LinkError, match="loss is 2"):
        open_link("sim://demo?loss=2")


def test_a_car_on_a_slow_line_still_talks() -> None:
    link = open_link("sim://demo?seed=3&people=0&baud=115200&latency_ms=2")
    heard = b"".join(link.read(turn * 20 * MS) for turn in range(100))
    assert 10_000 < len(heard) <= 2 * 11_520  # never more than the line carries


shares = st.sampled_from([0.0, 1e-4, 0.1, 1.0])


@given(
    st.integers(0, 1000), st.lists(st.binary(min_size=1, max_size=200), max_size=5), shares, shares, shares
)
def test_chance_is_drawn_for_each_bit_then_for_each_byte_then_for_the_piece(
    seed: int, sent: list[bytes], flips: float, loss: float, duplicates: float
) -> None:
    under_test = channel(LineParameters(flips=flips, loss=loss, duplicates=duplicates), seed)
    drawn, expected = stream(seed, "line"), b"".join(sent)
    if flips or loss or duplicates:
        expected = b""
        for data in sent:
            inverted = np.packbits(drawn.random((len(data), 8)) < flips, axis=1)[:, 0]
            arrived = (np.frombuffer(data, np.uint8) ^ inverted)[drawn.random(len(data)) >= loss].tobytes()
            expected += arrived * 2 if drawn.random() < duplicates else arrived
    for data in sent:
        under_test.put(data, 0)
    assert under_test.take(0) == expected
