"""Read PGM pictures: P5 (bytes) and P2 (numbers as text).

Source: the format description "pgm" of Netpbm.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from patrolcar.errors import ConfigError
from patrolcar.site.picture import Picture, check_size

MAX_WHITE = 65_535
_MAX_HEADER = 4096

_GAP = rb"(?:[ \t\r\n\v\f]+|#[^\r\n]*[\r\n])+"
_HEADER = re.compile(
    rb"P([25])" + _GAP + rb"(\d{1,9})" + _GAP + rb"(\d{1,9})" + _GAP + rb"(\d{1,9})[ \t\r\n\v\f]"
)
_COMMENT = re.compile(rb"#[^\r\n]*")


def read_pgm(content: bytes) -> Picture:
    """Return the picture; ConfigError when header and content do not fit together."""
    header = _HEADER.match(content[:_MAX_HEADER])
    if not header:
        text = "is not a PGM picture: the header must be P5 or P2, width, height and the value of white"
        raise ConfigError(text)
    width, height, white = (int(header[group]) for group in (2, 3, 4))
    check_size(width, height)
    if not 1 <= white <= MAX_WHITE:
        text = f"the header says {white} for white; expected 1 to {MAX_WHITE}"
        raise ConfigError(text)
    body = content[header.end() :]
    flat = _from_bytes(body, width * height, white) if header[1] == b"5" else _from_text(body, width * height)
    if flat.size and int(flat.max()) > white:
        text = f"a pixel is {int(flat.max())}, more than white ({white})"
        raise ConfigError(text)
    return Picture(flat.astype(np.uint16).reshape(height, width), white)


def _from_bytes(body: bytes, count: int, white: int) -> NDArray[np.unsignedinteger]:
    kind = np.dtype(">u2") if white > np.iinfo(np.uint8).max else np.dtype(np.uint8)
    expected = count * kind.itemsize
    if len(body) < expected or body[expected:].strip():
        text = f"holds {len(body)} bytes of pixels, but its header asks for {expected}; the file is damaged"
        raise ConfigError(text)
    return np.frombuffer(body, kind, count)


def _from_text(body: bytes, count: int) -> NDArray[np.unsignedinteger]:
    words = _COMMENT.sub(b" ", body)
    if not re.fullmatch(rb"[0-9\s]*", words) or re.search(rb"[0-9]{6}", words):
        text = "holds something that is not a pixel value; the file is damaged"
        raise ConfigError(text)
    found = np.fromstring(words, np.uint32, sep=" ") if words.strip() else np.zeros(0, np.uint32)
    if found.size != count:
        text = f"holds {found.size} pixels, but its header asks for {count}; the file is damaged"
        raise ConfigError(text)
    return found
