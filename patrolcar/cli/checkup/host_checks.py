"""Checks of the computer itself."""

from __future__ import annotations

from typing import Final

from patrolcar.cli.checkup.finding import Finding, ok, problem, warning
from patrolcar.cli.checkup.machine import Machine

LEAST_PYTHON: Final = (3, 11)


def python(machine: Machine) -> Finding:
    """Whether Python is new enough."""
    version = ".".join(map(str, machine.python))
    if machine.python[:2] < LEAST_PYTHON:
        return problem(f"Python {version}", "install Python 3.11 or newer")
    return ok(f"Python {version}")


def system(machine: Machine) -> Finding:
    """Whether this is Linux, the only system the port layer is made for."""
    if not machine.system.startswith("Linux"):
        return warning(machine.system, "use Linux: serial ports are not tested elsewhere")
    return ok(machine.system)


def compiled_part(machine: Machine) -> Finding:
    """Whether the shared library loads: without it nothing plans, and no simulator runs."""
    try:
        machine.load_library()
    except ImportError as error:
        return problem(str(error).partition(": ")[2], "python -m firmware_protocol.build_native")
    return ok("loads")
