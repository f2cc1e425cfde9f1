"""The ordinary host on the line of an emulated board: the link, the session and the messages of patrolcar.

The clock on the wall only decides when to give up. What a test judges are the controller's own stamps.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from typing import NoReturn, TypeVar

import pytest

from firmware_protocol.build_firmware import Built
from firmware_protocol.messages import (
    Command,
    Event,
    EventCode,
    Message,
    Odom,
    Result,
    State,
    Status,
    StatusFlag,
    Wheels,
)
from firmware_protocol.session import Answered, LinkEvent, LinkLost, LinkState, LinkUp, Session
from patrolcar.links import open_link
from patrolcar.timebase import elapsed_us
from sim.qemu import Emulator

AnyMessage = TypeVar("AnyMessage")

GIVE_UP_S = 20.0
TURN_S = 0.01
DRIVE_EVERY_NS = 20_000_000
LEASE_MS = 200


def lacks(reason: str) -> NoReturn:
    """Skip the test; in CI, where everything is installed on purpose, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class EmulatedHost:
    """One host.

    ``wish`` (vx in m/s, wz in rad/s) is sent as DRIVE at 50 Hz; None sends none. ``beats`` False sends no
    heartbeat either.
    """

    def __init__(self, address: str, session: int) -> None:
        self.link = open_link(address)
        self.session = Session(session)
        self.seen: list[Message] = []
        self.news: list[LinkEvent] = []
        self.wish: tuple[float, float] | None = None
        self.beats = True
        self._turns = 0
        self._drive_due_ns = 0

    def close(self) -> None:
        """Hang up."""
        self.link.close()

    # what came

    def last(self, kind: type[AnyMessage]) -> AnyMessage | None:
        """Return the newest message of a kind."""
        return next((message for message in reversed(self.seen) if isinstance(message, kind)), None)

    def every(self, kind: type[AnyMessage]) -> list[AnyMessage]:
        """Return all messages of a kind, in order."""
        return [message for message in self.seen if isinstance(message, kind)]

    def events(self, code: EventCode) -> list[Event]:
        """Return all events of a kind, in order."""
        return [event for event in self.every(Event) if event.code == code]

    @property
    def status(self) -> Status:
        """The newest STATUS."""
        found = self.last(Status)
        assert found is not None
        return found

    @property
    def odom(self) -> Odom:
        """The newest ODOM."""
        found = self.last(Odom)
        assert found is not None
        return found

    @property
    def duties(self) -> list[float]:
        """The newest motor commands."""
        found = self.last(Wheels)
        assert found is not None
        return list(found.duty)

    @property
    def stands(self) -> bool:
        """Whether the wheels stand, as the newest STATUS says."""
        found = self.last(Status)
        return found is not None and not found.flags & StatusFlag.MOVING

    # what it does

    def turn(self) -> None:
        """Do one turn of the host's loop."""
        self._turns += 1
        now_ns = time.monotonic_ns()
        if self.beats or self.session.state is not LinkState.UP:
            out, events = self.session.poll(self._turns, now_ns)
            self.news += events
            self.link.write(out)
        if self.wish is not None and now_ns >= self._drive_due_ns:
            self._drive_due_ns = now_ns + DRIVE_EVERY_NS
            self.link.write(self.session.drive(self.wish[0], 0.0, self.wish[1], LEASE_MS))
        line = self.link.fileno()
        assert line is not None
        select.select([line], [], [], TURN_S)
        now_ns = time.monotonic_ns()
        messages, events = self.session.receive(self.link.read(now_ns), now_ns)
        self.seen += messages
        self.news += events

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Turn until the condition holds."""
        give_up_s = time.monotonic() + GIVE_UP_S
        while not condition():
            assert time.monotonic() < give_up_s, (
                f"gave up waiting until {what}: {self.last(Status)}, {self.news}"
            )
            self.turn()

    def live(self, controller_ms: int) -> None:
        """Turn until the controller is so much older."""
        self.until(lambda: self.last(Odom), "it sends ODOM")
        from_us = self.odom.stamp_us
        self.until(lambda: elapsed_us(self.odom.stamp_us, from_us) >= 1000 * controller_ms, "its time passes")

    def connected(self) -> EmulatedHost:
        """Return itself once the car is its own."""
        self.until(lambda: any(isinstance(event, LinkUp) for event in self.news), "the session is open")
        self.until(lambda: self.last(Status) and self.last(Odom) and self.last(Wheels), "telemetry flows")
        return self

    def asked(self, command: Command, argument: int = 0) -> Answered:
        """Ask for something and return the answer."""
        before = len(self.news)
        self.session.command(command, argument)

        def answers() -> list[Answered]:
            return [event for event in self.news[before:] if isinstance(event, Answered)]

        self.until(answers, f"{command.name} is answered")
        return answers()[0]

    def armed(self) -> EmulatedHost:
        """Return itself once the car is armed."""
        self.until(lambda: self.stands, "the wheels stand")
        assert self.asked(Command.ARM) == Answered(Command.ARM, Result.OK, 0)
        self.until(lambda: self.status.state == State.ARMED, "STATUS says so")
        return self

    def moving(self, speed_mps: float = 0.3, turn_radps: float = 0.0) -> EmulatedHost:
        """Return itself once the car drives as wished."""
        self.wish = (speed_mps, turn_radps)
        self.until(
            lambda: abs(self.odom.vx_mps - speed_mps) < 0.03 and abs(self.odom.wz_radps - turn_radps) < 0.2,
            "the car drives as wished",
        )
        return self

    def lost(self) -> bool:
        """Tell whether the session ended."""
        return any(isinstance(event, LinkLost) for event in self.news)


Images = Callable[[str], Built]
Boards = Callable[..., Emulator]
Hosts = Callable[..., EmulatedHost]
