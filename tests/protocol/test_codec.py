"""The host's codec is C; framing.py and messages.py say what it must do, to the last bit and sentence."""

from __future__ import annotations

import gc
import math
import struct
import subprocess
import sys
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typing_extensions import override

from firmware_protocol import build_native, codec
from firmware_protocol.codec import MessageDecoder, MessageEncoder
from firmware_protocol.framing import FrameDecoder, FrameEncoder, Reject, frame_of
from firmware_protocol.messages import (
    SPEC_OF,
    SPECS,
    Column,
    Distances,
    Drive,
    Heartbeat,
    Message,
    Odom,
    Scan,
    Spec,
    Stop,
)
from firmware_protocol.native import library_for_python

with_plain_values = [spec for spec in SPECS.values() if "r" not in {column.code for column in spec.columns}]
BITS = {"B": 8, "b": 8, "H": 16, "h": 16, "I": 32, "i": 32}


def exact(message: Message) -> str:
    """Return a text that differs when a value differs in one bit or in its type."""
    parts = [value.tobytes() if isinstance(value, np.ndarray) else value for value in message]
    return f"{type(message)} {parts!r}"


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Frames of every message with any payload, some damaged, some noise between."""
    wire = bytearray()
    for _ in range(draw(st.integers(1, 8))):
        spec = draw(st.sampled_from([*SPECS.values()]))
        payload = draw(st.binary(min_size=spec.size, max_size=spec.size))
        wire += frame_of(spec.id, draw(st.integers(0, 255)), payload, spec.seed)
        wire += draw(st.one_of(st.just(b""), st.binary(max_size=300)))
    for at in draw(st.lists(st.integers(0, len(wire) - 1), max_size=4)):
        wire[at] ^= draw(st.integers(1, 255))
    return bytes(wire)


def host_values(column: Column) -> st.SearchStrategy[Any]:
    """Return values of one field: inside its range, at its limits, past them, and of the wrong kind."""
    if column.code == "r":
        metres = st.floats(width=32) | st.integers(0, 65535).map(lambda code: 0.001 * code)
        lengths = st.sampled_from([column.length] * 6 + [column.length - 1, column.length + 1])
        return lengths.flatmap(lambda n: st.lists(metres, min_size=n, max_size=n)).map(
            lambda distances: np.array(distances, np.float32)
        )
    if column.code == "s":
        return st.binary(min_size=max(column.length - 1, 0), max_size=column.length + 1)
    signed = column.code.islower()
    low = -(2 ** (BITS[column.code] - 1)) if signed else 0
    high = low + 2 ** BITS[column.code] - 1
    inside = st.integers(low - 2, high + 2) | st.sampled_from([low, high]) | st.booleans()
    if column.scale is not None:
        scale = column.scale
        halves = st.integers(low - 2, high + 2).map(lambda steps: (steps + 0.5) * scale)
        inside = halves | st.floats(low * scale, high * scale) | st.floats() | st.integers(-3, 3)
        inside |= st.just(10**400) | st.floats(0, high * scale).map(np.float64)
    one = inside | st.sampled_from([None, "1", 2.5]) | st.integers(0, 100).map(np.int16)
    if not column.length:
        return one
    length = st.sampled_from([column.length] * 6 + [column.length - 1, column.length + 1])
    return length.flatmap(lambda n: st.tuples(*[inside] * n)) | st.lists(
        inside, min_size=column.length, max_size=column.length
    )


@st.composite
def messages(draw: st.DrawFn) -> Message:
    spec = draw(st.sampled_from([*SPECS.values()]))
    return tuple.__new__(spec.kind, [draw(host_values(column)) for column in spec.columns])


def outcome(job: Callable[[], bytes]) -> bytes | str:
    try:
        return job()
    except ValueError as error:
        return f"ValueError: {error}"


class TestReceiving:
    @given(streams(), st.integers(1, 300), st.booleans())
    def test_the_messages_and_counts_are_those_of_the_twin(self, wire: bytes, cut: int, ours: bool) -> None:
        native, twin = MessageDecoder(to_controller=ours), FrameDecoder()
        for at in range(0, len(wire), cut):
            piece = wire[at : at + cut]
            wanted = [f.spec.unpack(f.payload) for f in twin.feed(piece) if f.spec.to_controller is ours]
            assert [*map(exact, native.feed(piece))] == [*map(exact, wanted)]
        assert (native.frames, native.lost, native.rescued) == (twin.frames, twin.lost, twin.rescued)
        assert native.rejects == twin.rejects

    @pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
    def test_every_message_is_of_its_own_class_and_a_python_value_like_any_other(self, spec: Spec) -> None:
        decoder = MessageDecoder(to_controller=spec.to_controller)
        (message,) = decoder.feed(frame_of(spec.id, 0, bytes(range(spec.size)), spec.seed))
        wanted = spec.unpack(bytes(range(spec.size)))
        assert type(message) is spec.kind
        assert exact(message) == exact(wanted)
        if spec in with_plain_values:
            assert hash(message) == hash(wanted)
            assert message._replace() == wanted
        assert message.pack() == bytes(range(spec.size))

    def test_what_only_the_receivers_own_side_sends_is_counted_and_ignored(self) -> None:
        wire = MessageEncoder().encode(Stop(0))
        decoder = MessageDecoder()
        assert decoder.feed(wire) == []
        assert decoder.frames == 1

    def test_half_a_frame_of_a_connection_that_is_gone_is_forgotten(self) -> None:
        wire = MessageEncoder().encode(Stop(0))
        decoder = MessageDecoder(to_controller=True)
        decoder.feed(wire[:-3])
        decoder.drop_partial()
        assert decoder.feed(wire) == [Stop(0)]
        assert decoder.rejects == {}

    def test_counters_do_not_wrap_where_those_of_the_controller_do(self) -> None:
        decoder = MessageDecoder()
        decoder.feed(b"\x09\x01\x02\x00" * 70_000)
        assert decoder.rejects == {Reject.BAD_COBS: 70_000}

    @pytest.mark.parametrize("wrong", [None, 5, "text", bytearray(b"\0"), memoryview(b"\0"), [0]])
    def test_anything_but_bytes_is_a_type_error(self, wrong: Any) -> None:
        with pytest.raises(TypeError, match="bytes"):
            MessageDecoder().feed(wrong)

    def test_every_code_of_a_distance_is_the_one_of_the_twin(self) -> None:
        scan, decoder = SPECS[0x24], MessageDecoder()
        codes = np.arange(65536 + 90 - 65536 % 90, dtype=np.uint32).astype("<u2").reshape(-1, 90)
        head = bytes(scan.size - 180)
        for row in codes:
            payload = head + row.tobytes()
            (message,) = decoder.feed(frame_of(scan.id, 0, payload, scan.seed))
            assert exact(message) == exact(scan.unpack(payload))

    def test_nobody_can_change_the_distances_of_a_message(self) -> None:
        scan = SPECS[0x24]
        (message,) = MessageDecoder().feed(frame_of(scan.id, 0, bytes(scan.size), scan.seed))
        assert isinstance(message, Scan)
        with pytest.raises(ValueError, match="read-only"):
            message.ranges_m[0] = 1.0

    def test_feeding_from_within_a_feed_is_refused_and_harms_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inner: list[str] = []
        distances = codec._distances

        def meddle(metres: bytes) -> Distances:
            with pytest.raises(RuntimeError, match="being fed") as fed:
                decoder.feed(b"\0")
            with pytest.raises(RuntimeError, match="being fed") as dropped:
                decoder.drop_partial()
            inner.extend((str(fed.value), str(dropped.value)))
            return distances(metres)

        monkeypatch.setattr(codec, "_distances", meddle)
        decoder = MessageDecoder(messages=codec.catalogue(library_for_python(), SPECS.values()))
        spec = SPEC_OF[Scan]
        wire = frame_of(spec.id, 0, bytes(spec.size), spec.seed)
        (scan,) = decoder.feed(wire)
        assert isinstance(scan, Scan)
        assert len(inner) == 2
        assert len(decoder.feed(wire)) == 1

    def test_an_exception_inside_a_feed_comes_out_and_the_next_feed_begins_anew(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(metres: bytes) -> Distances:
            raise ZeroDivisionError(len(metres))

        monkeypatch.setattr(codec, "_distances", fail)
        decoder = MessageDecoder(messages=codec.catalogue(library_for_python(), SPECS.values()))
        scan, odom = SPEC_OF[Scan], SPEC_OF[Odom]
        good = frame_of(odom.id, 1, bytes(odom.size), odom.seed)
        with pytest.raises(ZeroDivisionError, match="360"):
            decoder.feed(good + frame_of(scan.id, 2, bytes(scan.size), scan.seed) + good + good[:5])
        assert [type(message) for message in decoder.feed(good)] == [Odom]
        assert decoder.rejects == {}


class TestSending:
    @given(messages())
    @example(Stop(255))
    @example(Stop(256))
    @example(Odom(0, 0.0, 0.0, math.tau, 0.0, 0.0, 0.0, 0))
    @example(Odom(0, 0.0005, 0.0015, -1e-9, 32.767, -32.768, 0.0025, 65535))
    def test_a_frame_or_a_sentence_is_that_of_the_twin(self, message: Message) -> None:
        native, twin = MessageEncoder(), FrameEncoder()
        spec = SPEC_OF[type(message)]
        for _ in range(2):
            assert outcome(lambda: native.encode(message)) == outcome(lambda: twin.encode(spec, message))

    @pytest.mark.parametrize("spec", with_plain_values, ids=lambda spec: spec.name)
    def test_steps_and_their_halves_are_rounded_as_python_does(self, spec: Spec) -> None:
        still: Any = spec.unpack(bytes(spec.size))
        for name, column in zip(still._fields, spec.columns, strict=True):
            for steps in np.arange(-3.0, 3.01, 0.125).tolist() if column.scale else ():
                value = steps * column.scale
                moved = still._replace(**{name: (value,) * column.length if column.length else value})
                native, twin = MessageEncoder().encode, FrameEncoder().encode
                assert outcome(partial(native, moved)) == outcome(partial(twin, spec, moved))

    @pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
    def test_what_was_received_is_sent_as_the_same_bytes(self, spec: Spec) -> None:
        encoder = MessageEncoder()
        rng = np.random.default_rng(spec.id)
        for seq in range(200):
            payload = rng.bytes(spec.size)
            message = spec.unpack(payload)
            assert encoder.encode(message) == frame_of(spec.id, seq, message.pack(), spec.seed)

    def test_frames_are_numbered_and_a_refused_message_takes_no_number(self) -> None:
        native, twin = MessageEncoder(), FrameEncoder()
        for count in range(600):
            if count % 7 == 0:
                with pytest.raises(ValueError, match="does not fit"):
                    native.encode(Stop(999))
            message = Heartbeat(1, count)
            assert native.encode(message) == twin.encode(SPEC_OF[Heartbeat], message)

    @pytest.mark.parametrize("wrong", [None, 5, "text", b"bytes", (0,), [0], Stop, SPECS])
    def test_anything_but_a_message_is_a_type_error(self, wrong: Any) -> None:
        with pytest.raises(TypeError, match="a message of the catalogue is needed"):
            MessageEncoder().encode(wrong)

    def test_distances_that_are_no_array_are_no_codes_either(self) -> None:
        spec = SPEC_OF[Scan]
        scan: Any = tuple.__new__(Scan, (0, 0, 0, 360, 278, (1,) * 90))
        for encode in (MessageEncoder().encode, partial(FrameEncoder().encode, spec)):
            with pytest.raises(AttributeError, match="shape"):
                encode(scan)

    def test_a_message_without_its_fields_is_an_error_and_no_crash(self) -> None:
        with pytest.raises(IndexError):
            MessageEncoder().encode(tuple.__new__(Drive, ()))

    def test_a_pack_that_makes_something_else_is_an_error_and_no_crash(self) -> None:
        made: list[Any] = []

        class Wrong(Stop):
            @override
            def pack(self) -> Any:
                return made[-1]

        specs = [spec._replace(kind=Wrong) if spec.kind is Stop else spec for spec in SPECS.values()]
        encoder = MessageEncoder(messages=codec.catalogue(library_for_python(), specs))
        for wrong in (b"", b"12", None, "x"):
            made.append(wrong)
            with pytest.raises(TypeError):
                encoder.encode(Wrong(999))


class TestTheLibrary:
    def test_one_that_was_built_from_another_protocol_is_refused_with_a_sentence(self) -> None:
        everything = [*SPECS.values()]
        other_seed = [everything[0]._replace(seed=1), *everything[1:]]
        other_column = [spec._replace(columns=spec.columns[1:]) for spec in everything]
        for specs in (everything[1:], other_seed, other_column, []):
            foreign = codec.catalogue(library_for_python(), specs)
            for kind in (MessageDecoder, MessageEncoder):
                with pytest.raises(ImportError, match="built from another protocol"):
                    kind(messages=foreign)

    def test_one_of_another_version_is_refused_with_a_sentence(self) -> None:
        stranger: Any = SimpleNamespace(pcp_py_sizes=len)
        with pytest.raises(ImportError, match="another version"):
            codec.catalogue(stranger, SPECS.values())

    def test_an_interpreter_without_its_lock_is_refused_with_a_sentence(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
        with pytest.raises(ImportError, match="global lock"):
            codec.catalogue(library_for_python(), SPECS.values())

    def test_a_missing_library_is_told_with_what_to_do(self) -> None:
        text = "from firmware_protocol.codec import MessageDecoder; MessageDecoder()"
        environment = {"PATROLCAR_NATIVE": "/nowhere/libpatrolcar.so", "PYTHONPATH": ":".join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "build it with: python -m firmware_protocol.build_native" in done.stderr

    def test_in_a_checkout_one_older_than_its_sources_is_known(self, tmp_path: Path) -> None:
        source = tmp_path / build_native.SOURCE_FOLDERS[0] / "some.c"
        source.parent.mkdir(parents=True)
        source.write_text("int some;\n", encoding="utf-8")
        assert not build_native.is_stale(tmp_path)  # no checkout: it was built with what it lies beside
        (tmp_path / ".git").mkdir()
        assert build_native.is_stale(tmp_path)  # never built, or by a version that did not say from what
        noted = tmp_path / build_native.BUILT_FROM
        noted.parent.mkdir(parents=True)
        noted.write_text(build_native.fingerprint(tmp_path), encoding="ascii")
        assert not build_native.is_stale(tmp_path)
        source.with_suffix(".h").write_text("extern int some;\n", encoding="utf-8")
        assert build_native.is_stale(tmp_path)

    @pytest.mark.parametrize(("platform", "is_told"), [("linux", False), ("darwin", True)])
    def test_the_linker_is_told_where_undefined_names_need_it(
        self, platform: str, is_told: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr(build_native, "compiler", lambda: ["cc"])
        command = build_native.compile_command(Path("libpatrolcar.so"))
        assert ("dynamic_lookup" in command) is is_told


class TestMemory:
    def test_a_codec_lets_go_of_its_catalogue(self) -> None:
        used = codec.catalogue(library_for_python(), SPECS.values())
        layouts = weakref.ref(used.layouts)
        codecs = MessageDecoder(messages=used), MessageEncoder(messages=used)
        del used
        gc.collect()
        assert layouts() is not None
        codecs[1].encode(Stop(0))
        del codecs
        gc.collect()
        assert layouts() is None

    def test_nothing_is_kept_of_what_was_sent_received_and_refused(self) -> None:
        def work(rounds: int) -> None:
            encoder, decoder = MessageEncoder(), MessageDecoder()
            scan, odom, stop = SPECS[0x24], SPECS[0x20], Stop(1)
            wire = b"".join(frame_of(spec.id, 1, bytes(spec.size), spec.seed) for spec in (scan, odom))
            for _ in range(rounds):
                decoder.feed(wire + wire[:-1])
                encoder.encode(stop)
                for wrong in (Stop(999), Stop(10**30), 5):
                    with pytest.raises((ValueError, TypeError)):
                        encoder.encode(wrong)  # type: ignore[arg-type]
                with pytest.raises(TypeError):
                    decoder.feed(5)  # type: ignore[arg-type]

        shared = (*[spec.kind for spec in SPECS.values()], struct, None, tuple, codec)
        work(10)
        gc.collect()
        before = [sys.getrefcount(one) for one in shared], len(gc.get_objects()), sys.getallocatedblocks()
        work(2000)
        gc.collect()
        after = [sys.getrefcount(one) for one in shared], len(gc.get_objects()), sys.getallocatedblocks()
        assert max(abs(b - a) for a, b in zip(before[0], after[0], strict=True)) < 50
        assert after[1] - before[1] < 50
        assert after[2] - before[2] < 500
