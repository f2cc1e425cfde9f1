"""Messages with values that do not belong: both encoders make the same frame or say the same sentence."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from firmware_protocol.codec import MessageEncoder
from firmware_protocol.framing import FrameEncoder
from firmware_protocol.messages import SPECS, Message, Spec

_SPECS = list(SPECS.values())
JUNK: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        0,
        127,
        128,
        255,
        256,
        32767,
        32768,
        65535,
        65536,
        -32769,
        2**31,
        2**32 - 1,
        2**32,
        2**63,
    ),
    *(
        -(10**30),
        10**400,
        0.0,
        -0.0,
        0.5,
        1.5,
        32.767,
        32.7675,
        -32.769,
        1e9,
        -1e300,
        math.inf,
        math.nan,
        3 + 0j,
    ),
    *(
        "1",
        "",
        b"",
        b"\0",
        bytes(60),
        bytearray(8),
        (),
        (1,),
        (1, 2, 3, 4),
        (0.1, 0.2, 0.3),
        (None,) * 4,
        [1] * 4,
    ),
    *(object, np.int16(7), np.float32(0.1), np.float64(0.1)),
    *(np.zeros(8, np.float32), np.full(90, np.nan, np.float32), np.zeros(3)),
)


def spoiled(rng: random.Random) -> tuple[Spec, Message]:
    """Return a random message, mostly with something wrong in it."""
    spec = rng.choice(_SPECS)
    values: list[Any] = list(spec.unpack(rng.randbytes(spec.size)))
    for _ in range(rng.randrange(3)):
        at = rng.randrange(len(values))
        junk = rng.choice(JUNK)
        if isinstance(values[at], tuple) and values[at] and rng.randrange(2):
            inner = list(values[at])
            inner[rng.randrange(len(inner))] = junk
            junk = tuple(inner)
        values[at] = junk
    return spec, tuple.__new__(spec.kind, values)


def encoding_difference(rng: random.Random) -> str:
    """Return what the encoders do not agree on for a random message; nothing when they agree."""
    spec, message = spoiled(rng)
    native, twin = MessageEncoder(), FrameEncoder()
    in_c, in_python = _outcome(lambda: native.encode(message)), _outcome(lambda: twin.encode(spec, message))
    return "" if in_c == in_python else f"{message!r}: C makes {in_c!r}, Python {in_python!r}"


def _outcome(job: Callable[[], bytes]) -> bytes | str:
    try:
        return job()
    except Exception as error:  # noqa: BLE001  (any, as long as it is the same)
        return f"{type(error).__name__}: {error}"
