"""Bytes, intents and the time in; bytes and events out. No I/O, no clock, no chance of its own."""

from patrolcar.pilot.pilot import Output, Pilot

__all__ = ["Output", "Pilot"]
