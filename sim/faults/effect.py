"""The moments at which a fault can act; what it does not need it leaves as it is."""

from __future__ import annotations

from firmware_protocol.controller_layout import InputsStruct, OutputsStruct, ScanStruct
from sim.faults.target import Target


class Effect:
    """One fault at work."""

    def begin(self, target: Target) -> None:
        """Start; called once, in the control period of the onset."""

    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        """Change what the controller is about to read."""

    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        """Change what the controller has just ordered, before the motors get it."""

    def scanned(self, scan: ScanStruct) -> bool:
        """Change a piece of a lidar turn; return whether it reaches the controller at all."""
        del scan
        return True

    def end(self, target: Target) -> None:
        """Undo what would stay otherwise."""
