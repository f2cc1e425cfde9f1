"""The handshake: who answers, whether this host may drive it, and with which key.

HELLO_REQUEST is asked every 200 ms. To a car with a key the plain request opens nothing, but its answer
names the boot and the counter that a seal needs: so each plain request that is answered is followed by a
sealed one. Every way in which both sides do not fit is a sentence that says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from firmware_protocol.messages import MAGIC, MAJOR, MINOR, SCHEMA, Capability, Hello, HelloRequest, Message
from firmware_protocol.seal import KEY_BYTES, SEALED_IDS, Sealer

HELLO_EVERY_NS: Final = 200_000_000
_ONE_HAS_A_KEY: Final[Mapping[tuple[bool, bool], str]] = MappingProxyType(  # the car wants one, we have one
    {
        (False, False): "",
        (True, False): "the car obeys only hosts that have its key: put ?key=FILE after the port",
        (False, True): (
            "a key was given, but the car has none and anybody on its line could drive it: "
            "give the car the key, or connect without one"
        ),
    }
)
USED_UP: Final = "the car has counted all the sealed messages it can: switch it off and on"
WRONG_KEY: Final = "the car does not accept our key: give the file of its own key"
WRONG_KEY_AFTER: Final = 3  # sealed requests that arrived and were not accepted: one may have been overtaken


class _Step(Enum):
    """How far the latest request to a car with a key has come."""

    PLAIN = auto()  # a plain request was sent
    ANSWERED = auto()  # and answered: the sealed one may follow
    SEALED = auto()  # that was sent
    REFUSED = auto()  # and not accepted


class Greeting:
    """What one host knows about the controller on its line, and what it seals its messages with.

    Args:
        key: 32 bytes, for a car that has a key; None for cars that have none.

    Raises:
        ValueError: The key has another length.

    """

    def __init__(self, key: bytes | None) -> None:
        if key is not None and len(key) != KEY_BYTES:
            message = f"a key has {KEY_BYTES} bytes, not {len(key)}"
            raise ValueError(message)
        self._key = key
        self._sealer: Sealer | None = None
        self._uid: bytes | None = None  # of the first car that was ours; no other one is taken
        self._due_ns = 0
        self._step = _Step.PLAIN
        self._refused = 0

    def request(self, number: int, now_ns: int) -> Message | None:
        """Return the HELLO_REQUEST that is due now, sealed or plain; None while there is none."""
        plain = HelloRequest(MAGIC, MAJOR, MINOR, SCHEMA, number)
        if self._step is _Step.ANSWERED:
            self._step = _Step.SEALED
            return self.sealed(plain)
        if now_ns < self._due_ns:
            return None
        self._due_ns = now_ns + HELLO_EVERY_NS
        self._step = _Step.PLAIN
        return plain

    def mismatch(self, hello: Hello, *, is_ours: bool) -> str:
        """Take note of a HELLO; return why this controller cannot be driven by this host, else nothing.

        Args:
            hello: What the controller says.
            is_ours: It names our session.

        """
        return (
            version_mismatch(hello)
            or self._key_mismatch(hello)
            or ("" if is_ours else self._wrong_key(hello))
        )

    @property
    def is_undecided(self) -> bool:
        """Whether a car with a key answered the plain request, which it never obeys: a sealed one follows."""
        return self._sealer is not None and self._step is _Step.ANSWERED

    def another_car(self, hello: Hello) -> str:
        """Return a sentence when this is not the car that was ours before, else nothing."""
        if self._uid in {None, hello.uid}:
            return ""
        return (
            f"another car is on this line (chip {hello.uid.hex()} instead of {(self._uid or b'').hex()}): "
            "plug the first one in again, or start anew to drive this one"
        )

    def won(self, hello: Hello) -> None:
        """Take note that this car is ours now."""
        self._uid = hello.uid
        self._refused = 0

    def sealed(self, message: Message) -> Message | None:
        """Return the message as this car wants it; None when no counter is left to seal it with."""
        if self._sealer is None or type(message) not in SEALED_IDS:
            return message
        return None if self._sealer.is_used_up else self._sealer.sealed(message)

    # ------------------------------------------------------------------

    def _key_mismatch(self, hello: Hello) -> str:
        wants_key = bool(hello.capabilities & Capability.KEY_REQUIRED)
        if not wants_key or self._key is None:
            self._sealer = None
            return _ONE_HAS_A_KEY[wants_key, self._key is not None]
        if self._sealer is None or self._sealer.boot_id != hello.boot_id:
            self._sealer = Sealer(self._key, hello.boot_id, hello.seal_counter)
            self._refused, self._step = 0, _Step.PLAIN
        self._sealer.heard(hello.seal_counter)
        if self._sealer.is_used_up:
            return USED_UP
        return ""

    def _wrong_key(self, hello: Hello) -> str:
        """Return a sentence when what we sealed is heard and not accepted."""
        if self._sealer is None:
            return ""
        if self._step is _Step.PLAIN:
            self._step = _Step.ANSWERED
        elif self._step is _Step.SEALED:
            is_accepted = hello.seal_counter >= self._sealer.counter
            self._step = _Step.SEALED if is_accepted else _Step.REFUSED
            self._refused = 0 if is_accepted else self._refused + 1
        return "" if self._refused < WRONG_KEY_AFTER else WRONG_KEY


def version_mismatch(hello: Hello) -> str:
    """Return a sentence when the controller cannot be driven by this host, else nothing."""
    if hello.magic != MAGIC:
        return "something else than a patrolcar controller answers on this line"
    if hello.major != MAJOR:
        older = "firmware" if hello.major < MAJOR else "host software"
        return (
            f"the controller speaks PCP/{hello.major}.{hello.minor}, this host PCP/{MAJOR}.{MINOR}: "
            f"update the {older}"
        )
    if hello.schema != SCHEMA:
        return (
            f"the controller's messages (schema {hello.schema:#010x}) are not this host's ({SCHEMA:#010x}): "
            "build firmware and host from the same version"
        )
    return ""
