"""What goes wrong: faults with an onset, a duration and an instance, where they happen in a real car.

A fault never tells anybody: it changes what a sensor says, what a motor does, what the line carries or when
the controller starts anew, and nothing else. ``KINDS`` holds every kind; a scenario that names another one
is refused when it is read.
"""

from __future__ import annotations

from sim.faults.injector import Fault, Injector
from sim.faults.kinds import KINDS, Kind
from sim.faults.target import Target

__all__ = ["KINDS", "Fault", "Injector", "Kind", "Target"]
