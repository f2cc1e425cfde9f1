"""A client written from WIRE.md alone drives the simulated car.

It shares no code with the repository: frames, tables and seeds come from the text of
``firmware_protocol/WIRE.md``, bytes go over TCP to the simulator. What this file can do, the
author of another firmware or another host can do with the same document.
"""

import json
import re
import select
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

ROOT: Final = Path(__file__).parents[2]
WIRE: Final = (ROOT / "firmware_protocol" / "WIRE.md").read_text(encoding="utf-8")
GOLDEN: Final = json.loads((ROOT / "firmware_protocol" / "vectors" / "messages.json").read_text("utf-8"))

PATIENCE_S: Final = 10.0  # no wait is longer
PERIOD_S: Final = 0.02  # DRIVE at 50 Hz
TURNS_PER_HEARTBEAT: Final = 5  # HEARTBEAT at 10 Hz
LEASE_MS: Final = 300
SESSION: Final = 4711

Values: TypeAlias = dict[str, Any]
Heard: TypeAlias = tuple[str, Values]


# What the document says, read by a machine.


@dataclass(frozen=True, slots=True)
class Message:
    """One section of WIRE.md: a message, its layout and the seed of its checksum."""

    name: str
    id: int
    size: int
    seed: int
    schema_text: str
    fields: tuple[tuple[str, struct.Struct, bool], ...]  # name, layout, is it an array

    def pack(self, values: Values) -> bytes:
        return b"".join(
            layout.pack(*(values[name] if is_array else [values[name]]))
            for name, layout, is_array in self.fields
        )

    def unpack(self, payload: bytes) -> Values:
        values: Values = {}
        at = 0
        for name, layout, is_array in self.fields:
            items = layout.unpack_from(payload, at)
            values[name] = list(items) if is_array else items[0]
            at += layout.size
        return values


LETTERS: Final = {"u8": "B", "u16": "H", "u32": "I", "i16": "h", "i32": "i", "range_mm": "H"}


def message_of(section: str) -> Message:
    """Return the message that one ``### 0x..`` section describes."""
    head = re.match(r"### 0x(\w\w) (\w+)", section)
    size = re.search(r"(\d+) bytes\)", section)
    seed = re.search(r"CRC seed `0x(\w+)`(?:, from `(.+)`)?", section)
    assert head and size and seed, section
    fields = []
    at = 0
    for offset, name, kind, length in re.findall(
        r"^\| (\d+) \| `(\w+)` \| (\w+?)(?:\[(\d+)\])? \|", section, re.M
    ):
        assert int(offset) == at, section
        layout = struct.Struct(f"<{length}{LETTERS[kind]}")
        fields.append((name, layout, bool(length)))
        at += layout.size
    assert at == int(size[1]), section
    return Message(head[2], int(head[1], 16), at, int(seed[1], 16), seed[2] or "", tuple(fields))


def numbers_of(enumeration: str) -> dict[str, int]:
    """Return the rows of one table under "Enumerations and flags", by name."""
    section = WIRE.split(f"\n### {enumeration}\n")[1].split("\n### ")[0]
    return {name: int(number) for number, name in re.findall(r"^\| (\d+) \| (\w+) \|", section, re.M)}


MESSAGES: Final = {
    message.name: message
    for message in map(message_of, re.split(r"^(?=###? )", WIRE, flags=re.M))
    if message
} if False else {
    message.name: message
    for message in (message_of(s) for s in re.split(r"^(?=###? )", WIRE, flags=re.M) if s.startswith("### 0x"))
}
BY_ID: Final = {message.id: message for message in MESSAGES.values()}
STATE: Final = numbers_of("State")
CAUSE: Final = numbers_of("Cause")
COMMAND: Final = numbers_of("Command")
RESULT: Final = numbers_of("Result")
EVENT_CODE: Final = numbers_of("EventCode")


# Frames.


def stuffed(body: bytes) -> bytes:
    """Return ``body`` as COBS; a body of ours has at most 253 bytes, so no run is too long."""
    return b"".join(bytes([len(run) + 1]) + run for run in body.split(b"\0"))


def unstuffed(block: bytes) -> bytes | None:
    """Return the body of a COBS block, None for a block that is not COBS."""
    runs = []
    at = 0
    while at < len(block):
        end = at + block[at]
        if end > len(block):
            return None
        runs.append(block[at + 1 : end])
        at = end
    return b"\0".join(runs)


def frame_of(name: str, seq: int, values: Values) -> bytes:
    message = MESSAGES[name]
    body = bytes([message.id, seq % 256]) + message.pack(values)
    return stuffed(body + struct.pack("<I", zlib.crc32(body, message.seed))) + b"\0"


def message_in(block: bytes) -> tuple[Heard, int] | None:
    """Return what a block between two zeros says and its number, None when it is damaged."""
    body = unstuffed(block)
    if body is None or len(body) < 6 or body[0] not in BY_ID:
        return None
    message = BY_ID[body[0]]
    payload, crc = body[2:-4], int.from_bytes(body[-4:], "little")
    if len(payload) != message.size or zlib.crc32(body[:-4], message.seed) != crc:
        return None
    return (message.name, message.unpack(payload)), body[1]


class Client:
    """A host of a few lines: it keeps the session alive and remembers all it hears."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self._partial = b""
        self._seq = 0
        self._turn = 0
        self._transaction = 0
        self.count = 0
        self.heard: list[Heard] = []

    def close(self) -> None:
        self._socket.close()

    def send(self, name: str, **values: int) -> None:
        self._socket.sendall(frame_of(name, self._seq, values))
        self._seq += 1

    def drive(self, vx_mmps: int, wz_mradps=0, session=SESSION, count=None, lease_ms=LEASE_MS) -> None:
        if count is None:
            self.count = (self.count+1) % 65536
            count = self.count
        self.send("DRIVE", session=session, count=count, lease_ms=lease_ms, vx_mmps=vx_mmps, vy_mmps=0, wz_mradps=wz_mradps)

    def turn(self, beat=True) -> list[Heard]:
        """One turn"""
        if beat and self._turn % 5 == 0:
            self.send("HEARTBEAT", session=SESSION, loop_count=self._turn)
        self._turn += 1
        new = []
        end = time.monotonic() + PERIOD_S
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._socket], [], [], left)[0]:
                break
            data = self._socket.recv(4096)
            assert data, "closed"
            *blocks, self._partial = (self._partial + data).split(b"\0")
            for b in blocks:
                if b:
                    got = message_in(b)
                    assert got, b.hex()
                    new.append(got[0])
        self.heard += new
        return new
