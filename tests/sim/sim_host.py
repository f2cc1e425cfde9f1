"""A small host for the tests: it says hello, arms and drives the simulated car over wire bytes."""

from __future__ import annotations

from hashlib import sha256
from typing import TypeVar

from firmware_protocol.messages import Command, Message
from firmware_protocol.session import Session
from sim.car import SimulatedCar

M = TypeVar("M")


class Host:
    """Ticks with the car, keeps what it hears, and repeats the twist it was last given."""

    def __init__(self, car: SimulatedCar) -> None:
        self.car = car
        self.session = Session(7)
        self.heard: list[Message] = []
        self.trace = sha256()
        self._ticks = 0
        self._to_send = b""

    def run(self, seconds: float, twist: tuple[float, float] | None = None, aside_mps: float = 0.0) -> None:
        """Let the car live; with a twist (forward speed, turn rate) drive at 50 Hz."""
        for _ in range(round(seconds * 100)):
            sent = self.car.step(self._to_send)
            self.trace.update(sent)
            now_ns = self.car.now_us * 1000
            messages, _events = self.session.receive(sent, now_ns)
            self.heard += messages
            self._ticks += 1
            self._to_send, _events = self.session.poll(self._ticks, now_ns)
            if twist is not None and self._ticks % 2 == 0:
                self._to_send += self.session.drive(twist[0], aside_mps, twist[1], 200)

    def arm(self) -> None:
        """Say hello, wait for the sensors, and arm."""
        self.run(0.5)
        self.session.command(Command.ARM)
        self.run(0.2)

    def all_of(self, kind: type[M]) -> list[M]:
        """Return everything of one kind that was heard."""
        return [message for message in self.heard if isinstance(message, kind)]

    def last(self, kind: type[M]) -> M:
        """Return the newest message of one kind."""
        return self.all_of(kind)[-1]


def room(width_m: float = 10.0, depth_m: float = 6.0) -> list[list[float]]:
    """Return the four walls of an empty room with a corner in the origin."""
    w, d = width_m, depth_m
    return [[0.0, 0.0, w, 0.0], [w, 0.0, w, d], [w, d, 0.0, d], [0.0, d, 0.0, 0.0]]
