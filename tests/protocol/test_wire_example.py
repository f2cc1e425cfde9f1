"""The worked example of a sealed message in WIRE.md is what both sides compute."""

from __future__ import annotations

import re
from pathlib import Path

from firmware_protocol.messages import Heartbeat
from firmware_protocol.seal import SEALED_IDS, tag_of

WIRE = Path(__file__).resolve().parents[2] / "firmware_protocol/WIRE.md"


def test_the_worked_example_of_a_seal_is_right() -> None:
    text = WIRE.read_text(encoding="utf-8").replace("\n", " ")
    told = re.search(
        r"key 32 bytes of `2a`, boot_id `00000007`.*session 1 and loop_count 2 as counter 3: "
        r"payload `([\da-f ]+)`, "
        r"HMAC over `([\da-f ]+)`, tag `([\da-f ]+)`",
        text,
    )
    assert told is not None
    payload, covered, tag = map(bytes.fromhex, told.groups())
    assert payload == Heartbeat(1, 2).pack()
    assert covered == (7).to_bytes(4, "little") + bytes([SEALED_IDS[Heartbeat]]) + payload + (3).to_bytes(
        4, "little"
    )
    assert tag == tag_of(b"\x2a" * 32, 7, SEALED_IDS[Heartbeat], payload, 3)
