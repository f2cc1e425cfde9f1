"""The host's codec: bytes in pieces of any size to messages, and messages to frames.

Both directions are C inside the project's one library: the receiver is the firmware's own, and
wire_native/ turns payloads into the tuples of messages.py and back. framing.py is the readable
definition of the same, for people and for the tests that hold the two equal; nothing chooses
between them at run time. Without the library, with one built from another protocol.yaml, or in an
interpreter that runs without its global lock (the C relies on it), making a codec raises
ImportError with a sentence.

Conversions that C leaves to Python: to the wire, arrays of distances, numbers that are not exactly
``int`` or ``float``, and values that do not fit; they go through ``pack`` of the message.
"""

from __future__ import annotations

import ctypes
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from struct import calcsize
from typing import Final, NamedTuple

import numpy as np

from firmware_protocol.framing import Reject
from firmware_protocol.messages import SPECS, Column, Distances, Message, Spec
from firmware_protocol.native import library_for_python

_WIRE_CODE: Final = {"r": "H"}  # of what `struct` does not know
_REJECTS: Final = (Reject.BAD_CRC, Reject.BAD_LENGTH, Reject.BAD_COBS, Reject.UNKNOWN)


class _Column(ctypes.Structure):
    """pcp_column_t."""

    _fields_ = [
        ("scale", ctypes.c_double),
        ("width", ctypes.c_uint8),
        ("count", ctypes.c_uint8),
        ("is_signed", ctypes.c_bool),
        ("is_bytes", ctypes.c_bool),
        ("is_distances", ctypes.c_bool),
        ("wraps", ctypes.c_bool),
    ]


class _Layout(ctypes.Structure):
    """pcp_layout_t."""

    _fields_ = [
        ("kind", ctypes.py_object),
        ("distances", ctypes.py_object),
        ("columns", ctypes.POINTER(_Column)),
        ("seed", ctypes.c_uint32),
        ("column_count", ctypes.c_uint8),
        ("id", ctypes.c_uint8),
        ("size", ctypes.c_uint8),
        ("to_controller", ctypes.c_bool),
    ]


def _distances(metres: bytes) -> Distances:
    """Return the floats in these bytes; nobody can write to them."""
    return np.frombuffer(metres, np.float32)


def _column(row: Column) -> _Column:
    code = _WIRE_CODE.get(row.code, row.code)
    is_bytes, is_distances = row.code == "s", row.code == "r"
    return _Column(
        row.scale or 0.0, calcsize(code), row.length, code.islower(), is_bytes, is_distances, row.wraps
    )


def _layout(spec: Spec) -> _Layout:
    rows = [_column(row) for row in spec.columns]
    columns = (_Column * len(rows))(*rows)
    return _Layout(
        spec.kind, _distances, columns, spec.seed, len(rows), spec.id, spec.size, spec.to_controller
    )


class Catalogue(NamedTuple):
    """A library and the messages it was built for."""

    native: ctypes.PyDLL
    layouts: ctypes.Array[_Layout]


def catalogue(native: ctypes.PyDLL, specs: Iterable[Spec]) -> Catalogue:
    """Return the codec of ``native`` for the messages it was compiled with.

    Raises:
        ImportError: This interpreter has no global lock, or the library is older than this file.

    """
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        message = "patrolcar's codec needs Python's global lock: use an ordinary build, or set PYTHON_GIL=1"
        raise ImportError(message)
    sizes = (ctypes.c_size_t * 2)()
    native.pcp_py_sizes(sizes)
    if tuple(sizes) != (ctypes.sizeof(_Layout), ctypes.sizeof(_Column)):
        message = "patrolcar's compiled part is of another version: python -m firmware_protocol.build_native"
        raise ImportError(message)
    rows = [_layout(spec) for spec in sorted(specs, key=lambda spec: (spec.size, spec.id))]  # as PCP_MESSAGES
    pointer = ctypes.POINTER(_Layout)
    native.pcp_py_decoder.restype = native.pcp_py_encoder.restype = ctypes.py_object
    native.pcp_py_decoder.argtypes = (ctypes.py_object, pointer, ctypes.c_size_t, ctypes.c_int)
    native.pcp_py_encoder.argtypes = (ctypes.py_object, pointer, ctypes.c_size_t)
    return Catalogue(native, (_Layout * len(rows))(*rows))


@cache
def _ours() -> Catalogue:
    return catalogue(library_for_python(), SPECS.values())


class MessageDecoder:
    """Turn bytes, in pieces of any size, into messages.

    Damage never raises: see :class:`~firmware_protocol.framing.FrameDecoder`, whose rules and counts
    these are. One decoder is for one thread.

    Args:
        to_controller: Deliver the messages for the controller instead of those for the host; the
            others are counted as frames and ignored, being the receiver's own echo.
        messages: Another catalogue than messages.py.

    Raises:
        ImportError: There is no library, or it was built from another protocol.yaml.

    """

    feed: Callable[[bytes], list[Message]]
    """Return the messages that these bytes complete; TypeError for anything but ``bytes``."""

    drop_partial: Callable[[], None]
    """Forget a frame that began on a connection that is gone."""

    def __init__(self, *, to_controller: bool = False, messages: Catalogue | None = None) -> None:
        native, layouts = messages or _ours()
        self.feed, self._counts, self.drop_partial = native.pcp_py_decoder(
            layouts, layouts, len(layouts), to_controller
        )

    @property
    def frames(self) -> int:
        """Sound frames received."""
        return self._counted()[0]

    @property
    def lost(self) -> int:
        """Gaps in the numbers of the received frames."""
        return self._counted()[5]

    @property
    def rescued(self) -> int:
        """Frames cut out of damaged blocks."""
        return self._counted()[6]

    @property
    def rejects(self) -> Counter[Reject]:
        """Blocks that held no frame, by reason."""
        return Counter({reason: n for reason, n in zip(_REJECTS, self._counted()[1:5], strict=True) if n})

    def _counted(self) -> tuple[int, ...]:
        counts: tuple[int, ...] = self._counts()
        return counts


class MessageEncoder:
    """Number outgoing frames; receivers count gaps as lost.

    Args:
        messages: Another catalogue than messages.py.

    Raises:
        ImportError: There is no library, or it was built from another protocol.yaml.

    """

    encode: Callable[[Message], bytes]
    """Return a message as a frame; ValueError when a value does not fit, TypeError for anything else."""

    def __init__(self, *, messages: Catalogue | None = None) -> None:
        native, layouts = messages or _ours()
        self.encode = native.pcp_py_encoder(layouts, layouts, len(layouts))
