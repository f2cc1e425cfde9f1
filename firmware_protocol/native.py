"""Load the shared library that holds the controller and the compiled kernels."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path

from firmware_protocol.build_native import is_stale

_BUILT = Path(__file__).resolve().parent / "_native" / "libpatrolcar.so"


def _path() -> Path:
    return Path(os.environ.get("PATROLCAR_NATIVE") or _BUILT)


@cache
def library() -> ctypes.CDLL:
    """Return the library; it is loaded once.

    ``PATROLCAR_NATIVE`` names another build of it, for example one with sanitizers.

    Raises:
        ImportError: It is missing, not for this machine, or older than the C of this checkout; the text says
            how to build it.

    """
    path = _path()
    if path == _BUILT and path.exists() and is_stale():
        message = (
            f"{path}: the C was changed since this was built (by a pull?); "
            "build it again with: python -m firmware_protocol.build_native"
        )
        raise ImportError(message)
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        message = (
            f"{path}: the compiled part of patrolcar cannot be loaded ({error}); "
            "build it with: python -m firmware_protocol.build_native"
        )
        raise ImportError(message) from error


@cache
def library_for_python() -> ctypes.PyDLL:
    """Return the same library for functions that make and read Python objects.

    Raises:
        ImportError: It is missing or not for this machine.

    """
    library()  # says what is wrong with it
    return ctypes.PyDLL(str(_path()))
