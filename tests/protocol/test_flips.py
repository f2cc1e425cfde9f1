"""A short frame with up to three flipped bits is never read as another: every flip is tried, in C.

All bits of a frame take part, its delimiter too, and a zero follows. Only when nothing but the delimiter is
hurt does the frame itself still arrive (it is rescued), so the number of deliveries is exact. These are the
frames that arm, stop and keep a car. Longer ones are too many to try; there the CRC-32 has to be believed.
"""

from __future__ import annotations

import ctypes
import itertools
import subprocess
from math import comb

import pytest

from firmware_protocol.build_native import INCLUDE_FOLDER, ROOT, compiler
from firmware_protocol.framing import FrameDecoder, FrameEncoder
from firmware_protocol.messages import SPEC_OF, Cmd, Command, Heartbeat, Message, Stop

FIRMWARE = ROOT / "firmware_protocol/firmware/src"
FLAGS = ("-std=c11", "-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Wconversion", "-Werror")
CODEC = ("pcp_frame.c", "pcp_decoder.c", "pcp_messages.c")
SOURCES = (ROOT / "tests/firmware/fuzz/flips.c", *(FIRMWARE / name for name in CODEC))

SHORT: dict[str, Message] = {
    "stop": Stop(0),
    "stop by the governor": Stop(1),
    "arm": Cmd(0x1234, 1, Command.ARM, 0),
    "disarm": Cmd(0x1234, 2, Command.DISARM, 0),
    "clear stop": Cmd(0x1234, 3, Command.CLEAR_STOP, 1),
    "heartbeat": Heartbeat(0x1234, 5),
}


class Flips(ctypes.Structure):
    """flips_t."""

    _fields_ = [("tried", ctypes.c_uint64), ("same", ctypes.c_uint64), ("other", ctypes.c_uint64)]


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    command = compiler()
    if command is None:
        reason = "no C compiler (Debian: apt install gcc)"
        print(f"skipped: {reason}")
        pytest.skip(reason)
    target = tmp_path_factory.mktemp("flips") / "flips.so"
    include = ["-I", str(ROOT / INCLUDE_FOLDER)]
    subprocess.run([*command, *FLAGS, *include, *map(str, SOURCES), "-o", str(target)], check=True)
    return ctypes.CDLL(str(target))


def frame_of(message: Message, number: int = 0) -> bytes:
    encoder = FrameEncoder()
    return [encoder.encode(SPEC_OF[type(message)], message) for _ in range(number + 1)][-1]


def flipped(native: ctypes.CDLL, frame: bytes, bits: int) -> tuple[int, int, int]:
    result = Flips()
    native.flips_try(frame, ctypes.c_size_t(len(frame)), bits, ctypes.byref(result))
    return result.tried, result.same, result.other


@pytest.mark.parametrize("bits", [1, 2, 3])
@pytest.mark.parametrize("name", SHORT)
def test_no_flip_of_so_many_bits_makes_another_message(native: ctypes.CDLL, name: str, bits: int) -> None:
    frame = frame_of(SHORT[name])
    tried, same, other = flipped(native, frame, bits)
    assert tried == comb(8 * len(frame), bits)
    assert same == comb(8, bits)  # the delimiter alone
    assert other == 0


@pytest.mark.parametrize("number", [1, 17, 255])
def test_the_number_of_the_frame_makes_no_difference(native: ctypes.CDLL, number: int) -> None:
    frame = frame_of(Stop(0), number)
    for bits in (1, 2, 3):
        assert flipped(native, frame, bits) == (comb(8 * len(frame), bits), comb(8, bits), 0)


def test_a_sound_frame_is_delivered_so_the_search_is_not_blind(native: ctypes.CDLL) -> None:
    assert flipped(native, frame_of(Stop(0)), 0) == (1, 1, 0)


def test_no_two_flips_of_stop_make_another_message_in_python_either() -> None:
    frame = frame_of(Stop(0))
    delivered = 0
    for flips in itertools.combinations(range(8 * len(frame)), 2):
        damaged = bytearray(frame)
        for bit in flips:
            damaged[bit // 8] ^= 1 << bit % 8
        for found in FrameDecoder().feed(bytes(damaged) + b"\0"):
            assert (found.spec, found.payload) == (SPEC_OF[Stop], b"\0")
            delivered += 1
    assert delivered == comb(8, 2)
