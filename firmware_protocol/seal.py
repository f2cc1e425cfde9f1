"""Sealed messages: they show that their sender has the key, and they cannot be sent twice.

The tag is the start of the HMAC-SHA256 over boot id, message id, payload and counter. The boot id binds a
message to one run of one controller, the counter to one moment of it. The C twin is pcp_seal.c.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from firmware_protocol.messages import SPECS, Message

KEY_BYTES: Final = 32
TAG_BYTES: Final = 8
SEALED_BIT: Final = 0x80
LAST_COUNTER: Final = 2**32 - 1

SEALED_IDS: Final[Mapping[type[Message], int]] = MappingProxyType(
    {
        spec.kind: spec.id | SEALED_BIT
        for spec in SPECS.values()
        if spec.id | SEALED_BIT in SPECS and spec.id < SEALED_BIT
    }
)
"""The id of the sealed form of each message that has one."""


def tag_of(key: bytes, boot_id: int, sealed_id: int, payload: bytes, counter: int) -> bytes:
    """Return the 8 bytes that only a holder of the key can know."""
    text = boot_id.to_bytes(4, "little") + bytes((sealed_id,)) + payload + counter.to_bytes(4, "little")
    return hmac.digest(key, text, "sha256")[:TAG_BYTES]


class Sealer:
    """Seals the messages to one controller in one boot of it.

    Args:
        key: 32 bytes, shared with the controller.
        boot_id: Of its HELLO.
        counter: ``seal_counter`` of its HELLO.

    """

    def __init__(self, key: bytes, boot_id: int, counter: int) -> None:
        self.boot_id = boot_id
        self.counter = counter
        self._key = key

    def heard(self, counter: int) -> None:
        """Take note of a counter that the controller has obeyed, from this host or another with the key."""
        self.counter = max(self.counter, counter)

    @property
    def is_used_up(self) -> bool:
        """Whether no counter is left: the controller must be switched off and on."""
        return self.counter >= LAST_COUNTER

    def sealed(self, message: Message) -> Message:
        """Return the sealed form of a message, or the message itself when it has none.

        Raises:
            OverflowError: No counter is left.

        """
        sealed_id = SEALED_IDS.get(type(message))
        if sealed_id is None:
            return message
        if self.is_used_up:
            used_up = "the seal counter of this boot is used up"
            raise OverflowError(used_up)
        self.counter += 1
        payload = message.pack()
        tag = tag_of(self._key, self.boot_id, sealed_id, payload, self.counter)
        return SPECS[sealed_id].unpack(payload + self.counter.to_bytes(4, "little") + tag)
