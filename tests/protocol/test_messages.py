"""What the messages promise: the golden vectors hold, values survive the wire, nonsense is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import generate
from firmware_protocol.catalog import load
from firmware_protocol.framing import FrameDecoder
from firmware_protocol.messages import SPECS, Drive, Odom, Ranges, Scan

VECTORS = json.loads((Path(generate.HERE) / "vectors/messages.json").read_text(encoding="utf-8"))


def test_regenerating_changes_nothing() -> None:
    assert generate.generate(check=True) == []


def test_there_is_a_vector_for_every_message_at_its_limits_and_between() -> None:
    cases = {(row["message"], row["case"]) for row in VECTORS}
    assert cases == {
        (message.name, case) for message in load().messages for case in ("minimum", "maximum", "mixed")
    }


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['message']}-{row['case']}")
def test_a_golden_frame_decodes_to_its_values_and_encodes_to_its_bytes(row: dict[str, Any]) -> None:
    (frame,) = FrameDecoder().feed(bytes.fromhex(row["frame"]))
    assert (frame.spec.name, frame.seq, frame.payload.hex()) == (row["message"], row["seq"], row["payload"])
    message = frame.spec.unpack(frame.payload)
    assert message.pack() == frame.payload
    for field in next(m for m in load().messages if m.name == row["message"]).fields:
        value, wire = getattr(message, field.host), row["values"][field.wire]
        if field.kind == "range_mm":
            continue  # the codes have their own test below
        expected = np.asarray(wire) * (1.0 if field.scale is None else field.scale)
        assert np.allclose(
            np.asarray(list(value) if field.count else value, dtype=float), expected, rtol=1e-12
        )


def test_ranges_say_nothing_seen_too_close_and_broken_by_rep_117() -> None:
    ranges = np.full(8, 1.234, np.float32)
    ranges[:3] = np.inf, -np.inf, np.nan
    back = Ranges.unpack(Ranges(0, 0, ranges).pack()).ranges_m
    assert back[0] == math.inf
    assert back[1] == -math.inf
    assert math.isnan(back[2])
    assert back[3] == pytest.approx(1.234)


@given(st.lists(st.floats(width=32), min_size=90, max_size=90))
def test_any_distance_can_be_sent_and_never_becomes_a_code_it_is_not(metres: list[float]) -> None:
    sent = np.array(metres, np.float32)
    back = Scan.unpack(Scan(0, 0, 0, 360, 278, sent).pack()).ranges_m
    assert np.array_equal(np.isnan(sent), np.isnan(back))
    assert np.array_equal(sent == -np.inf, back == -np.inf)
    near = (sent >= 0) & (sent <= 65.0)
    assert np.allclose(sent[near], back[near], atol=0.00051)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 32.768, -32.769, 1e300])
def test_a_speed_that_does_not_fit_is_refused_with_its_value(bad: float) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Drive(1, 1, 200, bad, 0.0, 0.0).pack()


@given(st.floats(-100, 100))
def test_a_heading_wraps_by_itself(yaw_rad: float) -> None:
    back = Odom.unpack(Odom(0, 0.0, 0.0, yaw_rad, 0.0, 0.0, 0.0, 0).pack()).yaw_rad
    assert math.cos(back - yaw_rad) > 1 - 1e-8


@given(st.sampled_from(sorted(SPECS.values(), key=lambda spec: spec.id)), st.data())
def test_every_payload_of_the_right_size_can_be_read(spec: Any, data: st.DataObject) -> None:
    payload = data.draw(st.binary(min_size=spec.size, max_size=spec.size))
    message = spec.unpack(payload)
    if spec.name not in {"RANGES", "SCAN"}:
        assert message.pack() == payload
