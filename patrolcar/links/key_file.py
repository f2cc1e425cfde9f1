"""The key of a car: 64 hexadecimal digits in a file that nobody else can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from patrolcar.errors import LinkError

KEY_BYTES: Final = 32
_FOR_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_key(path: Path) -> bytes:
    """Return the 32 bytes in a key file.

    Raises:
        LinkError: It is missing, readable by others, or holds no key; the text says what to do.

    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(2 * KEY_BYTES + 2)
    except OSError as error:
        message = f"{path}: the key cannot be read ({error.strerror}); make one with `patrolcar key FILE`"
        raise LinkError(message) from error
    if mode & _FOR_OTHERS:
        message = f"{path}: others can read this key (mode {mode:o}): `chmod 600` it, or better make another"
        raise LinkError(message)
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        message = f"{path}: expected {2 * KEY_BYTES} hexadecimal digits, as `patrolcar key FILE` writes them"
        raise LinkError(message)
    return key


def write_key(path: Path, key: bytes) -> None:
    """Write a new key file that only this user can read; one that exists is left alone.

    Raises:
        LinkError: There is such a file already, or it cannot be written.

    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror}); a key is never written over another"
        raise LinkError(message) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")


def key_of(url: str) -> bytes | None:
    """Return the key that an address names, ``socket://HOST:PORT?key=FILE``; None without one.

    Raises:
        LinkError: As of :func:`read_key`.

    """
    names = parse_qs(url.partition("?")[2]).get("key")
    return read_key(Path(names[-1])) if names else None
