"""The terminal dashboard: shows what the core says, drives by keys and mouse, stops from every screen.

It is a client of the core like any other. When it ends, stalls or loses its terminal, the core's control
lease runs out and a car driven by hand stands still; a patrol goes on, unless the core ends with the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patrolcar.client import Client

__all__ = ["run"]


def run(
    client: Client,
    *,
    ascii_only: bool = False,
    reconnect: Callable[[], Client] | None = None,
    owns_core: bool = False,
) -> int:
    """Show the dashboard until the person quits; return the exit code.

    Args:
        client: A connection to the core; it is closed at the end.
        ascii_only: Draw with ASCII characters only, as is done where the encoding has no others.
        reconnect: Makes a new connection when the core went away; tried every second.
        owns_core: The caller ends the core after the dashboard; the question before quitting says so.

    Returns:
        0 after quitting, 4 after quitting without a core, 130 when the process was told to end.

    """
    from patrolcar.dashboard.session import show  # noqa: PLC0415 (Textual takes 0.4 s to import)

    return show(client, ascii_only=ascii_only, reconnect=reconnect, owns_core=owns_core)
