"""Every message through the codec in C: sums as Python's own, no byte beside, and no other protocol."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, Final

import numpy as np
import pytest
from typing_extensions import override

from firmware_protocol import codec
from firmware_protocol.codec import MessageDecoder, MessageEncoder
from firmware_protocol.framing import FrameEncoder
from firmware_protocol.messages import SPECS, Column, Spec
from firmware_protocol.native import library_for_python

CANARY: Final = b"\xa5" * 320


def outcome(job: Callable[[], bytes]) -> bytes | str:
    try:
        return job()
    except (ValueError, TypeError, IndexError, ArithmeticError) as error:
        return f"{type(error).__name__}: {error}"


def test_a_number_with_an_arithmetic_of_its_own_is_packed_by_it() -> None:
    class Doubled(float):
        @override
        def __truediv__(self, other: float) -> float:
            return 2.0 * float(self) / other

    strange = (Doubled(0.01), Decimal("0.01"), Fraction(1, 100), np.float32(0.0125), True, 10**400, -1.0)
    for spec in SPECS.values():
        still: Any = spec.unpack(bytes(spec.size))
        for name, column in zip(still._fields, spec.columns, strict=False):
            for value in strange if column.scale else ():
                moved = still._replace(**{name: (value,) * column.length if column.length else value})
                native, twin = MessageEncoder().encode, FrameEncoder().encode
                assert outcome(partial(native, moved)) == outcome(partial(twin, spec, moved))


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_the_bytes_of_the_payload_are_written_and_none_beside_them(spec: Spec) -> None:
    rng = np.random.default_rng(spec.id)
    messages = codec.catalogue(library_for_python(), SPECS.values())
    (layout,) = [layout for layout in messages.layouts if layout.id == spec.id]
    write = messages.native["pcp_payload_of"]
    write.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    write.restype = ctypes.c_bool
    for _ in range(20):
        message = spec.unpack(rng.bytes(spec.size))
        room = ctypes.create_string_buffer(CANARY, len(CANARY))
        assert write(ctypes.addressof(layout), message, ctypes.addressof(room) + 8)
        assert room.raw == CANARY[:8] + message.pack() + CANARY[8 + spec.size :]


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_every_message_must_be_the_one_the_library_was_built_with(spec: Spec) -> None:
    for other in (
        {"id": 0xFE},
        {"seed": spec.seed ^ 1},
        {"to_controller": not spec.to_controller},
        {"columns": (*spec.columns, Column("B", 0, None, wraps=False))},
    ):
        specs = [spec._replace(**other) if one is spec else one for one in SPECS.values()]
        for kind in (MessageDecoder, MessageEncoder):
            with pytest.raises(ImportError, match="built from another protocol"):
                kind(messages=codec.catalogue(library_for_python(), specs))


def test_nothing_is_kept_of_what_python_packs() -> None:
    encode = MessageEncoder().encode
    scan = SPECS[0x24].unpack(bytes(SPECS[0x24].size))
    encode(scan)
    before = sys.getallocatedblocks()
    for _ in range(1000):
        encode(scan)
    assert sys.getallocatedblocks() - before < 500
