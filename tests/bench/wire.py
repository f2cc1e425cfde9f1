"""How fast the wire is and what noise costs it, beside pymavlink and pySerialTransfer (extra ``bench``).

Speed. One payload for all: 16 integer fields in 32 bytes (`FIELDS`), values of a driving car, nothing scaled.
Ours is the message that our own generator makes of these fields, sent and received by the shipped codec.py
and its C, compiled as the build hook does, on a catalogue with this message added; ``ours_python`` is its
readable twin, framing.py. MAVLink 2 is what mavgen makes of the same fields (fastcrc in use).
pySerialTransfer has no messages, so it gets the fastest way it offers: one struct in, one struct out, on a
port in memory. Encode is values -> message -> whole frame, where values are what each one's message class
is called with; decode is the stream in chunks of 256 bytes -> typed messages, all compared once with what
was sent. Rounds are interleaved, CPU time, the best of each. ``wheels_*`` is the same with a real message
of ours, WHEELS (38 bytes): SI units on our side, which the codec scales both ways, raw integers in peers.

Noise. 10,000 WHEELS of each codec go through the three profiles of the reference measurement. A frame is
intact when every byte of it arrived unchanged; false is what was delivered but never sent, or sent once and
delivered twice. ``intact_recovered`` and ``false_frames`` are the worst of ours: the host's codec, its twin
in Python, and the controller's receiver.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.util
import io
import math
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from struct import Struct
from types import ModuleType
from typing import Any

import numpy as np

from firmware_protocol import framing, messages
from firmware_protocol.build_native import FLAGS, ROOT, compiler
from firmware_protocol.catalog import SCALARS, Catalog, Field, Message, load
from firmware_protocol.codec import Catalogue, MessageDecoder, MessageEncoder, catalogue
from firmware_protocol.generate_c import c_header, c_table
from firmware_protocol.generate_python import python_module
from firmware_protocol.messages import SPEC_OF, Spec, Wheels
from firmware_protocol.native import library

Row = tuple[Any, ...]

FRAMES, NOISY_FRAMES, ROUNDS, CHUNK = 1000, 10_000, 15, 256
FIELDS = {
    "stamp_us": "u32", "x_mm": "i32", "y_mm": "i32", "yaw_turn16": "u16", "vx_mmps": "i16", "vy_mmps": "i16",
    "wz_mradps": "i16", "ax_mmps2": "i16", "ay_mmps2": "i16", "az_mmps2": "i16", "state": "u8", "cause": "u8",
    "flags": "u8", "charge_percent": "u8", "load_percent": "u8", "drive_count": "u8",
}  # fmt: skip
WHEELS = {
    "stamp_us": "u32", "ticks": "i32[4]", "speed_mmps": "i16[4]", "pwm_permille": "i16[4]",
    "steer_mrad": "i16",
}  # fmt: skip
PROFILES = {"flips_1e-4": (1e-4, 0.0), "drops_1e-3": (0.0, 1e-3), "flips_1e-3_drops_2e-3": (1e-3, 2e-3)}


@dataclass(frozen=True, slots=True)
class Codec:
    """One way over the wire. Rows are flat tuples of wire integers; what ``decoded`` returns is typed."""

    name: str
    values_of: Callable[[Row], Row]  # a row as the arguments of the message class
    encoded: Callable[[Sequence[Row]], list[bytes]]
    decoded: Callable[[Iterable[bytes]], list[Any]]
    row_of: Callable[[Any], Row]


def measure() -> dict[str, object]:
    """Return speeds, their ratios, and what each codec recovered from noise; null for a missing peer."""
    missing = [package for package in PEERS if importlib.util.find_spec(package) is None]
    for package in missing:
        print(
            f"bench wire: {package} is missing, its figures are null: pip install {package}", file=sys.stderr
        )
    peers = [codec for package, codec in PEERS.items() if package not in missing]
    plain = rates([*our_codecs(FIELDS), *(codec(FIELDS) for codec in peers)], patrol_rows(FRAMES))
    wheels = [codec(WHEELS) for codec in peers]
    of_wheels = rates([wheels_codec(), wheels_twin(), *wheels], wheel_rows(FRAMES))
    return {
        **ratios("", plain),
        **ratios("wheels_", of_wheels),
        **noise_figures([wheels_codec(), wheels_twin(), controller_codec(), *wheels]),
        **importlib.import_module("tests.bench.stop_latency").measure(),
        "per_s": plain,
        "wheels_per_s": of_wheels,
        "missing_peers": missing,
    }


def ratios(prefix: str, speeds: dict[str, dict[str, float]]) -> dict[str, float | None]:
    return {
        f"{prefix}{way}_ratio_{peer}": round(speeds["ours"][way] / speeds[peer][way], 2)
        if peer in speeds
        else None
        for way in ("decode", "encode")
        for peer in map(str.lower, PEERS)
    }


# ---------------------------------------------------------------- what is sent


def patrol_rows(count: int) -> list[Row]:
    """Return one row of FIELDS per frame, as a car on patrol would fill them; stamps differ."""
    rng = np.random.default_rng(7)
    rows = []
    for index in range(count):
        place = rng.integers(-40_000, 40_000, 2)
        rates = rng.integers((-600, -300, -2000, -3000, -3000, 9000), (600, 300, 2000, 3000, 3000, 10_600))
        small = rng.integers((0, 0, 0, 20, 1, 0), (3, 9, 32, 100, 60, 256))
        row = (10**6 + 20_000 * index, *place, rng.integers(0, 65536), *rates, *small)
        rows.append(tuple(map(int, row)))
    return rows


def wheel_rows(count: int) -> list[Row]:
    """Return the 14 wire integers of WHEELS per frame; stamps differ."""
    rng = np.random.default_rng(8)
    rows = []
    for index in range(count):
        ticks = rng.integers(-200_000, 200_000, 4)
        speeds, duties = rng.integers(-600, 601, 4), rng.integers(-1000, 1001, 4)
        row = (10**6 + 20_000 * index, *ticks, *speeds, *duties, rng.integers(-500, 501))
        rows.append(tuple(map(int, row)))
    return rows


# ---------------------------------------------------------------- ours


def our_codecs(fields: dict[str, str]) -> tuple[Codec, Codec]:
    """Return the shipped way to send ``fields`` as they are: the codec, and its twin in Python."""
    catalog = load()
    parsed = tuple(Field(name, kind, 0, name, None, "measured") for name, kind in fields.items())
    extra = Message("BENCH", 0xE0, False, 0, "Measured.", parsed, False)
    catalog = replace(catalog, messages=(*catalog.messages, extra))
    made = ModuleType("messages_with_bench")
    exec(python_module(catalog), made.__dict__)  # noqa: S102  (as shipped)
    kind = made.Bench
    native = catalogue(native_on(catalog), made.SPECS.values())
    return codec_on(native, kind, tuple, tuple), twin_on(framing_on(made), made.SPEC_OF[kind], tuple, tuple)


def wheels_codec() -> Codec:
    """Return what the host does with WHEELS, unchanged."""
    return codec_on(None, Wheels, wheels_values, row_of_wheels)


def wheels_twin() -> Codec:
    """Return what framing.py does with WHEELS."""
    return twin_on(framing, SPEC_OF[Wheels], wheels_values, row_of_wheels)


def codec_on(
    native: Catalogue | None, kind: Any, values_of: Callable[[Row], Row], row_of: Callable[[Any], Row]
) -> Codec:
    """Return the codec's way over the wire for one message."""

    def encoded(rows: Sequence[Row]) -> list[bytes]:
        encode = MessageEncoder(messages=native).encode
        return [encode(kind(*row)) for row in rows]

    def decoded(chunks: Iterable[bytes]) -> list[Any]:
        feed = MessageDecoder(messages=native).feed
        return [message for chunk in chunks for message in feed(chunk)]

    return Codec("ours", values_of, encoded, decoded, row_of)


def twin_on(wire: Any, spec: Spec, values_of: Callable[[Row], Row], row_of: Callable[[Any], Row]) -> Codec:
    """Return a framing module's way over the wire for one message."""

    def encoded(rows: Sequence[Row]) -> list[bytes]:
        encode, kind = wire.FrameEncoder().encode, spec.kind
        return [encode(spec, kind(*row)) for row in rows]

    def decoded(chunks: Iterable[bytes]) -> list[Any]:
        feed = wire.FrameDecoder().feed
        return [frame.spec.unpack(frame.payload) for chunk in chunks for frame in feed(chunk)]

    return Codec("ours_python", values_of, encoded, decoded, row_of)


def native_on(catalog: Catalog) -> ctypes.PyDLL:
    """Return the shipped C of the codec, compiled once more, on another catalogue of messages."""
    command = compiler()
    if command is None:
        message = "no C compiler (Debian: apt install gcc)"
        raise RuntimeError(message)
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder), ROOT / "firmware_protocol"
        for source in (
            there / "firmware/include/pcp_frame.h",
            there / "firmware/src/pcp_frame.c",
            there / "firmware/src/pcp_decoder.c",
            *(there / "wire_native").iterdir(),
        ):
            shutil.copy(source, here)
        (here / "pcp_messages.h").write_text(c_header(catalog), encoding="utf-8")
        (here / "pcp_messages.c").write_text(c_table(catalog), encoding="utf-8")
        library = here / "codec.so"
        sources = map(str, sorted(here.glob("*.c")))
        subprocess.run([*command, *FLAGS, *sources, "-o", str(library)], check=True)
        return ctypes.PyDLL(str(library))


def framing_on(catalog: ModuleType) -> ModuleType:
    """Return framing.py, loaded once more, on another catalogue of messages."""
    found = importlib.util.spec_from_file_location("framing_on_bench", framing.__file__)
    assert found is not None
    assert found.loader is not None
    loaded = importlib.util.module_from_spec(found)
    sys.modules[messages.__name__] = catalog
    try:
        found.loader.exec_module(loaded)
    finally:
        sys.modules[messages.__name__] = messages
    return loaded


def wheels_values(row: Row) -> Row:
    """Return the arguments of WHEELS in SI units."""
    a, b, c, d = row[5:9]
    e, f, g, h = row[9:13]
    speed_mps = (a * 0.001, b * 0.001, c * 0.001, d * 0.001)
    duty = (e * 0.001, f * 0.001, g * 0.001, h * 0.001)
    return row[0], row[1:5], speed_mps, duty, row[13] * 0.001


def row_of_wheels(found: object) -> Row:
    """Return the wire integers of a delivered message; an empty row when it is not WHEELS."""
    if not isinstance(found, Wheels):
        return ()
    scaled = (round(value / 0.001) for value in (*found.speed_mps, *found.duty, found.steer_rad))
    return (found.stamp_us, *found.ticks, *scaled)


def controller_codec() -> Codec:
    """Return the controller's receiver in C (its sender is checked for equality elsewhere)."""
    native, layout, spec = library(), Struct("<I4i9h"), SPEC_OF[Wheels]
    native.pcp_host_decoder_size.restype = native.pcp_host_decoder_feed.restype = ctypes.c_size_t

    def decoded(chunks: Iterable[bytes]) -> list[Any]:
        memory = ctypes.create_string_buffer(
            native.pcp_host_decoder_size(ctypes.c_uint8(framing.LONGEST_BLOCK))
        )
        native.pcp_host_decoder_init(memory, ctypes.c_uint8(framing.LONGEST_BLOCK))
        found = []
        for chunk in chunks:
            room = ctypes.create_string_buffer(len(chunk) + 300)
            size, capacity = ctypes.c_size_t(len(chunk)), ctypes.c_size_t(len(room))
            written = native.pcp_host_decoder_feed(memory, chunk, size, room, capacity)
            left = room.raw[:written]
            while left:
                found.append((left[1], left[3 : 3 + left[0]]))
                left = left[3 + left[0] :]
        return found

    def row_of(found: tuple[int, bytes]) -> Row:
        return layout.unpack(found[1]) if found[0] == spec.id else ()

    return Codec("ours_c", wheels_values, wheels_codec().encoded, decoded, row_of)


# ---------------------------------------------------------------- peers


def mavlink_codec(fields: dict[str, str]) -> Codec:
    """Return MAVLink 2 as mavgen generates it for these fields."""
    mavlink = mavlink_dialect(fields)
    kind = mavlink.MAVLink_bench_message
    names = list(fields)

    def encoded(rows: Sequence[Row]) -> list[bytes]:
        sender = mavlink.MAVLink(None)
        frames = []
        for row in rows:
            frames.append(kind(*row).pack(sender))
            sender.seq = (sender.seq + 1) % 256
        return frames

    def decoded(chunks: Iterable[bytes]) -> list[Any]:
        receiver = mavlink.MAVLink(None)
        receiver.robust_parsing = True
        return [
            found for chunk in chunks for found in receiver.parse_buffer(chunk) or () if type(found) is kind
        ]

    def row_of(found: object) -> Row:
        values = (getattr(found, name) for name in names)
        return tuple(one for value in values for one in (value if isinstance(value, list) else [value]))

    whole = all("[" not in kind for kind in fields.values())
    folded: Callable[[Row], Row] = (
        tuple if whole else lambda row: (row[0], row[1:5], row[5:9], row[9:13], row[13])
    )
    return Codec("pymavlink", folded, encoded, decoded, row_of)


def mavlink_dialect(fields: dict[str, str]) -> Any:
    generator = importlib.import_module("pymavlink.generator.mavgen")
    rows = "".join(
        f'<field type="{mavlink_type(kind)}" name="{name}">-</field>' for name, kind in fields.items()
    )
    text = (
        '<?xml version="1.0"?><mavlink><version>3</version><dialect>0</dialect><messages>'
        f'<message id="150" name="BENCH"><description>-</description>{rows}</message></messages></mavlink>'
    )
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "bench.xml"), Path(folder, "bench_dialect.py")
        source.write_text(text, encoding="utf-8")
        options = generator.Opts(
            str(made.with_suffix("")), wire_protocol="2.0", language="Python", validate=False
        )
        with contextlib.redirect_stdout(io.StringIO()):
            generator.mavgen(options, [str(source)])
        dialect = ModuleType("bench_dialect")
        sys.modules[dialect.__name__] = dialect
        exec(made.read_text(encoding="utf-8"), dialect.__dict__)  # noqa: S102  (what mavgen just wrote)
    return dialect


def mavlink_type(kind: str) -> str:
    base, _, count = kind.partition("[")
    return f"{'u' if base[0] == 'u' else ''}int{base[1:]}_t" + (f"[{count}" if count else "")


class Port:
    """A serial port in memory, with what pySerialTransfer uses of pyserial's."""

    is_open = True

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self._arrived = b""
        self._at = 0

    def arrive(self, data: bytes) -> None:
        self._arrived, self._at = data, 0

    @property
    def in_waiting(self) -> int:
        return len(self._arrived) - self._at

    def read(self, size: int = 1) -> bytes:
        data = self._arrived[self._at : self._at + size]
        self._at += len(data)
        return data

    def write(self, data: bytes) -> None:
        self.sent.append(bytes(data))


def serial_transfer_codec(fields: dict[str, str]) -> Codec:
    """Return pySerialTransfer, one struct per packet; a packet that crashes it is a lost packet."""
    transfer = importlib.import_module("pySerialTransfer.pySerialTransfer")
    layout = Struct("<" + "".join(flat_format(kind) for kind in fields.values()))

    def opened() -> tuple[Any, Port]:
        link, port = transfer.SerialTransfer("memory", restrict_ports=False, debug=False), Port()
        link.connection = port
        return link, port

    def encoded(rows: Sequence[Row]) -> list[bytes]:
        link, port = opened()
        for row in rows:
            link.send(link.tx_struct_obj(layout.pack(*row)))
        return port.sent

    def decoded(chunks: Iterable[bytes]) -> list[Any]:
        link, port = opened()
        found: list[Row] = []
        for chunk in chunks:
            port.arrive(chunk)
            while port.in_waiting:
                with contextlib.suppress(IndexError, TypeError):  # damage crashes its unpack_packet()
                    if link.available() == layout.size:
                        found.append(layout.unpack(bytes(link.rx_buff[: layout.size])))
        return found

    return Codec("pyserialtransfer", tuple, encoded, decoded, tuple)


def flat_format(kind: str) -> str:
    base, _, count = kind.partition("[")
    return SCALARS[base] * int(count.rstrip("]") or 1)


PEERS = {"pymavlink": mavlink_codec, "pySerialTransfer": serial_transfer_codec}


# ---------------------------------------------------------------- speed


def cut(wire: bytes) -> list[bytes]:
    return [wire[at : at + CHUNK] for at in range(0, len(wire), CHUNK)]


def rates(codecs: Sequence[Codec], rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return messages per CPU second of each codec, and the bytes of its frames."""
    values = {codec.name: [codec.values_of(row) for row in rows] for codec in codecs}
    wires = {codec.name: codec.encoded(values[codec.name]) for codec in codecs}
    chunks = {name: cut(b"".join(frames)) for name, frames in wires.items()}
    for codec in codecs:
        if list(map(codec.row_of, codec.decoded(chunks[codec.name]))) != list(rows):
            message = f"{codec.name} does not give back what was sent"
            raise RuntimeError(message)
    best = {codec.name: {"encode": math.inf, "decode": math.inf} for codec in codecs}
    for _ in range(ROUNDS):
        for codec in codecs:
            seconds, received = best[codec.name], chunks[codec.name]
            seconds["encode"] = min(seconds["encode"], cpu_s(codec.encoded, values[codec.name]))
            seconds["decode"] = min(seconds["decode"], cpu_s(codec.decoded, received))
    return {
        codec.name: {way: round(len(rows) / seconds) for way, seconds in best[codec.name].items()}
        | {"frame_bytes": len(b"".join(wires[codec.name])) / len(rows)}
        for codec in codecs
    }


def cpu_s(job: Callable[[Any], object], argument: object) -> float:
    start = time.process_time()
    job(argument)
    return time.process_time() - start


# ---------------------------------------------------------------- noise


def noise_figures(codecs: Sequence[Codec]) -> dict[str, object]:
    """Return what each codec recovered in each profile, and the worst of ours."""
    rows = wheel_rows(NOISY_FRAMES)
    table = {profile: {c.name: through(c, rows, *PROFILES[profile]) for c in codecs} for profile in PROFILES}
    ours = [table[profile][name] for profile in PROFILES for name in ("ours", "ours_python", "ours_c")]
    worst = min(one["recovered"] / one["intact"] for one in ours)
    return {"intact_recovered": worst, "false_frames": max(int(one["false"]) for one in ours), "noise": table}


def through(
    codec: Codec, rows: Sequence[Row], flips_per_bit: float, drops_per_byte: float
) -> dict[str, float]:
    """Return how many frames stayed intact, and how many of them and of others were delivered."""
    frames = codec.encoded([codec.values_of(row) for row in rows])
    wire, touched = damaged(frames, flips_per_bit, drops_per_byte)
    intact = {row for row, hurt in zip(rows, touched, strict=True) if not hurt}
    delivered = list(map(codec.row_of, codec.decoded(cut(wire))))
    once = set(delivered)
    sent = set(rows)
    recovered = len(intact & once)
    return {
        "intact": len(intact),
        "recovered": recovered,
        "share": round(recovered / len(intact), 5),
        "false": len(delivered) - len(once & sent),
    }


def damaged(frames: Sequence[bytes], flips_per_bit: float, drops_per_byte: float) -> tuple[bytes, list[bool]]:
    """Return the stream after independent bit flips and byte drops, and which frames were touched."""
    rng = np.random.default_rng(20)
    sent = np.frombuffer(b"".join(frames), np.uint8)
    flips = np.packbits(rng.random((len(sent), 8)) < flips_per_bit, axis=1)[:, 0]
    kept = rng.random(len(sent)) >= drops_per_byte
    owner = np.repeat(np.arange(len(frames)), [len(frame) for frame in frames])
    touched = np.bincount(owner, (flips != 0) | ~kept, len(frames)) > 0
    return (sent ^ flips)[kept].tobytes(), touched.tolist()
