"""What a fault acts on."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from firmware_protocol.messages import ResetCause
from sim.line import Channel
from sim.world.moving import Movers
from sim.world.people import Guest


class Motion(Protocol):
    """What of the truth a fault may need."""

    @property
    def speed_mps(self) -> float:
        """Forward speed."""


class Car(Protocol):
    """What a fault may do to a car as a whole."""

    def power_cycle(self, reset_cause: ResetCause = ResetCause.POWER_ON) -> None:
        """Start the controller anew."""

    loop_every: int

    def line_break(self) -> None:
        """Let the controller's receiver see a BREAK."""

    def hang(self, duration_us: int) -> None:
        """Let the control loop hang until the watchdog starts the controller anew."""

    def displace(self, dx_m: float, dy_m: float, dyaw_rad: float) -> None:
        """Carry the car away."""

    def slip(self, share: float) -> None:
        """Let a share of the rims' travel not reach the floor."""

    def polish(self, friction: float) -> float:
        """Change the friction of the floor; returns what it was."""

    def ahead(self, forward_m: float, left_m: float) -> tuple[float, float]:
        """Return the place so far before the middle of the front edge and so far to the left, in the map."""

    def admit(self, guest: Guest) -> int:
        """Let somebody come who was not there; returns a number for ``dismiss``."""

    def dismiss(self, number: int) -> None:
        """Let a guest go."""

    @property
    def truth(self) -> Motion:
        """What really holds."""

    @property
    def movers(self) -> Movers | None:
        """Doors, and things that come and go."""


class Target(NamedTuple):
    """What a fault acts on."""

    car: Car
    uplink: Channel  # host to controller
    downlink: Channel
    noise: np.random.Generator
