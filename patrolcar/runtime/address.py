"""Where the core listens: a socket in a folder that only this user can open."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "PATROLCAR_SOCKET"


def control_socket(chosen: str | None = None) -> Path:
    """Return the socket's path: the chosen one, ``$PATROLCAR_SOCKET``, or the user's own runtime folder."""
    named = chosen or os.environ.get(VARIABLE)
    if named:
        return Path(named)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(runtime) / "patrolcar" if runtime else Path.home() / ".cache" / "patrolcar"
    return folder / "core.sock"
