"""What numbers on the command line may be; argparse turns the ValueError into a usage error."""

from __future__ import annotations

import argparse
import math


def natural(text: str) -> int:
    """Return a whole number, 0 or more."""
    return _whole(text, 0)


def positive(text: str) -> int:
    """Return a whole number, 1 or more."""
    return _whole(text, 1)


def seconds(text: str) -> float:
    """Return a positive, finite number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 < value < math.inf:
        message = f"{text!r} is not a time; expected seconds above 0"
        raise argparse.ArgumentTypeError(message)
    return value


def duration(text: str) -> float:
    """Return a finite number of seconds, 0 or more."""
    return 0.0 if text.strip() in {"0", "0.0"} else seconds(text)


def _whole(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        message = f"{text!r} is not a whole number of {least} or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)
