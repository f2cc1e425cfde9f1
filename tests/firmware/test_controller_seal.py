"""A car with a key obeys whoever has it, and nobody else: not a replay, not a forgery, not another boot."""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import random
from collections.abc import Callable

import pytest
from car import SESSION, Car, config
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol.framing import FrameDecoder, FrameEncoder, frame_of
from firmware_protocol.messages import (
    MAGIC,
    MAJOR,
    MINOR,
    SCHEMA,
    SPEC_OF,
    SPECS,
    Capability,
    Cmd,
    Command,
    Drive,
    Event,
    EventAck,
    EventCode,
    Heartbeat,
    Hello,
    HelloRequest,
    HostStats,
    LinkStats,
    Message,
    Out,
    Param,
    ParamGet,
    ParamSet,
    Resp,
    Servo,
    State,
    StatusFlag,
    Stop,
    Time,
    TimeRequest,
)
from firmware_protocol.native import library
from firmware_protocol.seal import SEALED_IDS, Sealer, tag_of

KEY = bytes(range(32))
BOOT_ID = 0xB007


def in_c(name: str, *arguments: bytes) -> bytes:
    """Return the 32 bytes that a function of the firmware writes."""
    out = ctypes.create_string_buffer(32)
    *keys, message = arguments
    getattr(library(), name)(*keys, message, ctypes.c_size_t(len(message)), out)
    return out.raw


def keyed(boot_id: int = BOOT_ID, key: bytes = KEY) -> Car:
    """Return a car with a key, in its own boot."""
    made = config(boot_id=boot_id, has_key=1)
    made.key[:] = key
    car = Car(made)
    car.run(300)  # its greetings at boot are over
    return car


class Holder:
    """A host that has the key."""

    def __init__(self, car: Car, key: bytes = KEY) -> None:
        self.car = car
        self.sealer = Sealer(key, car.settings.boot_id, 0)
        self.count = 0

    def says(self, *messages: Message) -> list[Message]:
        self.car.send(*[self.sealer.sealed(message) for message in messages])
        return self.car.step()

    def armed(self) -> Holder:
        self.says(HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, SESSION))
        self.says(Cmd(SESSION, 1, Command.ARM, 0))
        assert self.car.status.state == State.ARMED
        return self

    def drive(self) -> Message:
        self.count += 1
        return self.sealer.sealed(Drive(SESSION, self.count, 200, 0.3, 0.0, 0.0))


class TestTheHash:
    @pytest.mark.parametrize("size", range(200))
    def test_it_is_sha_256_whatever_is_left_of_the_last_block(self, size: int) -> None:
        message = random.Random(size).randbytes(size)
        assert in_c("pcp_host_sha256", message) == hashlib.sha256(message).digest()

    @given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
    def test_the_code_is_hmac_sha_256(self, key: bytes, message: bytes) -> None:
        assert in_c("pcp_host_hmac", key, message) == hmac.digest(key, message, "sha256")

    @pytest.mark.parametrize(
        ("message", "digest"),
        [
            (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
            (b"a" * 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ],
    )
    def test_the_examples_of_the_standard(self, message: bytes, digest: str) -> None:
        assert in_c("pcp_host_sha256", message).hex() == digest

    @pytest.mark.parametrize(
        ("key", "message", "code"),
        [  # RFC 4231, 4.2 to 4.4 and 4.7 (a key longer than a block is used by its digest)
            (
                b"\x0b" * 20,
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                b"\xaa" * 20,
                b"\xdd" * 50,
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                b"\xaa" * 131,
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ],
    )
    def test_the_examples_of_the_rfc(self, key: bytes, message: bytes, code: str) -> None:
        used = hashlib.sha256(key).digest() if len(key) > 64 else key
        assert in_c("pcp_host_hmac", used.ljust(32, b"\0"), message).hex() == code


class TestACarWithAKey:
    def test_it_says_so(self) -> None:
        hello = keyed().latest(Hello)
        assert hello.capabilities & Capability.KEY_REQUIRED
        assert hello.seal_counter == 0
        open_car = Car()
        open_car.run(20)
        assert not open_car.latest(Hello).capabilities & Capability.KEY_REQUIRED

    def test_a_holder_of_the_key_arms_and_drives_it(self) -> None:
        holder = Holder(keyed()).armed()
        for _ in range(50):
            holder.car.send(holder.drive())
            holder.car.run(20)
        assert holder.car.speed_mps == pytest.approx(0.3, abs=0.03)

    def test_an_open_hello_is_answered_and_opens_nothing(self) -> None:
        car = keyed()
        car.heard.clear()
        car.open_session()
        assert [hello.session for hello in car.all_of(Hello)] == [0]
        assert not car.events(EventCode.SESSION_OPENED)

    @pytest.mark.parametrize(
        "message",
        [
            Heartbeat(SESSION, 77),
            Drive(SESSION, 9, 200, 0.3, 0.0, 0.0),
            Cmd(SESSION, 9, Command.DISARM, 0),
            ParamSet(SESSION, 0, 0),
            Out(SESSION, 0, 255, 0),
            Servo(SESSION, 0, 0.1),
            EventAck(SESSION, 1),
            HostStats(SESSION, 1, 1, 1, 1, 0.0),
        ],
        ids=lambda message: type(message).__name__,
    )
    def test_nothing_else_is_obeyed_openly_not_even_from_the_owner(self, message: Message) -> None:
        car = Holder(keyed()).armed().car
        before, car_said = car.status, len(car.heard)
        car.run(10, message)
        assert car.status.state == before.state
        assert not car.status.flags & StatusFlag.LEASE_VALID
        assert not [said for said in car.heard[car_said:] if isinstance(said, Resp | Param)]
        car.run(1000)
        assert car.latest(LinkStats).refused == 1

    def test_stop_and_questions_need_no_key(self) -> None:
        car = Holder(keyed()).armed().car
        car.send(TimeRequest(5), ParamGet(0))
        said = car.step()
        assert {Time, Param} <= {type(message) for message in said}
        car.run(10, Stop(0))
        assert car.status.state == State.STOPPED

    @pytest.mark.parametrize("kind", SEALED_IDS, ids=lambda kind: kind.__name__)
    def test_a_car_without_a_key_takes_no_sealed_message(self, kind: type[Message]) -> None:
        car = Car().armed()
        car.run(1100)
        refused = car.latest(LinkStats).refused
        size = SPEC_OF[kind].size
        payload = bytes(size) + (1).to_bytes(4, "little")
        payload += tag_of(bytes(32), BOOT_ID, SEALED_IDS[kind], bytes(size), 1)
        car.send(SPECS[SEALED_IDS[kind]].unpack(payload))
        car.step()
        car.run(1000)
        hellos = 1 if kind is HelloRequest else 0
        assert car.latest(LinkStats).refused == refused + 1 - hellos

    def test_the_counter_of_the_last_sealed_message_is_in_hello(self) -> None:
        holder = Holder(keyed()).armed()
        holder.sealer.heard(4711)
        holder.says(Heartbeat(SESSION, 1))
        holder.car.open_session()
        assert holder.car.latest(Hello).seal_counter == 4712


def replayed(holder: Holder, chance: random.Random, past: list[bytes]) -> bytes:
    """Return something the holder sent before, as it was, or with a fresh frame around it."""
    del holder
    frame = chance.choice(past)
    (found,) = FrameDecoder().feed(frame)
    return frame_of(found.spec.id, chance.randrange(256), found.payload, found.spec.seed)


def flipped(holder: Holder, chance: random.Random, past: list[bytes]) -> bytes:
    """Return a fresh message with some of its bits turned, and a frame that is whole again."""
    del past
    body = bytearray(holder.drive().pack())
    for bit in chance.sample(range(8 * len(body)), chance.choice((1, 1, 2, 3, 8))):
        body[bit // 8] ^= 1 << bit % 8
    spec = SPECS[SEALED_IDS[Drive]]
    return frame_of(spec.id, 0, bytes(body), spec.seed)


def foreign(holder: Holder, chance: random.Random, past: list[bytes]) -> bytes:
    """Return a message sealed with another key."""
    del past
    other = Sealer(chance.randbytes(32), holder.car.settings.boot_id, holder.sealer.counter + 100)
    return _wire(other.sealed(Drive(SESSION, holder.count + 1, 200, 0.3, 0.0, 0.0)))


def other_boot(holder: Holder, chance: random.Random, past: list[bytes]) -> bytes:
    """Return a message sealed with the right key for another boot of the same car."""
    del past
    boot_id = (holder.car.settings.boot_id + 1 + chance.randrange(2**32 - 2)) % 2**32
    other = Sealer(KEY, boot_id, holder.sealer.counter + 100)
    return _wire(other.sealed(Drive(SESSION, holder.count + 1, 200, 0.3, 0.0, 0.0)))


def _wire(message: Message) -> bytes:
    return FrameEncoder().encode(SPEC_OF[type(message)], message)


class TestForgeries:
    @pytest.mark.parametrize("forged", [replayed, flipped, foreign, other_boot])
    def test_none_of_25_000_is_obeyed(
        self, forged: Callable[[Holder, random.Random, list[bytes]], bytes]
    ) -> None:
        holder, chance = Holder(keyed()).armed(), random.Random(1)
        car = holder.car
        past = [_wire(holder.drive()) for _ in range(300)]
        car.send_bytes(b"".join(past))
        car.run(400)  # those were obeyed, and their lease is over
        assert not car.status.flags & StatusFlag.LEASE_VALID
        for _ in range(500):
            car.send_bytes(b"".join(forged(holder, chance, past) for _ in range(50)))
            car.step()
            assert not car.status.flags & StatusFlag.LEASE_VALID
            if chance.random() < 0.1:
                holder.says(Heartbeat(SESSION, chance.randrange(2**32)))
        assert is_driven(holder)

    @given(st.permutations(list(range(6))))
    @settings(max_examples=30)
    def test_of_reordered_messages_only_those_that_overtake_nobody_are_obeyed(self, order: list[int]) -> None:
        holder = Holder(keyed()).armed()
        sealed = [holder.sealer.sealed(Cmd(SESSION, 10 + index, Command.ARM, 0)) for index in range(6)]
        holder.car.heard.clear()
        holder.car.send(*[sealed[index] for index in order])
        holder.car.step()
        rising = [index for at, index in enumerate(order) if all(index > other for other in order[:at])]
        assert [resp.transaction for resp in holder.car.all_of(Resp)] == [10 + index for index in rising]

    def test_bad_seals_are_told_but_not_more_than_once_a_second(self) -> None:
        holder = Holder(keyed()).armed()
        holder.says(EventAck(SESSION, holder.car.all_of(Event)[-1].event_count))
        chance = random.Random(2)
        for _ in range(300):
            holder.car.send_bytes(foreign(holder, chance, []))
            holder.car.step()
        told = holder.car.events(EventCode.SEAL_REFUSED)
        assert 3 <= len(told) <= 4
        assert {event.argument for event in told} == {SEALED_IDS[Drive]}

    def test_no_bit_of_a_tag_is_overlooked(self) -> None:
        holder = Holder(keyed()).armed()
        for bit in range(64):
            good = holder.drive()
            body = bytearray(good.pack())
            body[-8 + bit // 8] ^= 1 << bit % 8
            spec = SPECS[SEALED_IDS[Drive]]
            holder.car.send(spec.unpack(bytes(body)))
            holder.car.step()
        assert not holder.car.status.flags & StatusFlag.LEASE_VALID


def is_driven(holder: Holder) -> bool:
    """Whether the holder of the key can still drive."""
    holder.car.send(holder.drive())
    holder.car.step()
    return bool(holder.car.status.flags & StatusFlag.LEASE_VALID)
