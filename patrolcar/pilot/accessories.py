"""What a person asks of the car beside its wheels: outputs, servos, and how often its telemetry comes.

A wish becomes a message or a command for the controller, or a sentence that says why not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from firmware_protocol.messages import SPECS, Capability, Command, Message, Out, Servo
from patrolcar.pilot.intents import SetStream, SwitchOutput, TurnServo

OUTPUTS: Final = 8
SERVOS: Final = 4
SERVO_REACH_RAD: Final = 1.571
LONGEST_S: Final = 65.535
RATES_HZ: Final = (0.1, 100.0)


class Order(NamedTuple):
    """A command with its argument."""

    command: Command
    argument: int


Wish: TypeAlias = SwitchOutput | TurnServo | SetStream
Outcome: TypeAlias = Message | Order | str


def asked_of_the_controller(wish: Wish, session: int, capabilities: Capability) -> Outcome:
    """Return what to send, or a sentence that says why nothing is sent.

    Args:
        wish: What a client wants.
        session: The session that owns the car.
        capabilities: What the car has.

    """
    return _MAKERS[type(wish)](wish, session, capabilities)


def _output(wish: SwitchOutput, session: int, capabilities: Capability) -> Outcome:
    if Capability.OUTPUTS not in capabilities:
        return "this car has no outputs that can be switched"
    if wish.channel not in range(OUTPUTS):
        return f"output {wish.channel:g}: the outputs are 0 to {OUTPUTS - 1}"
    if not 0.0 <= wish.level <= 1.0:
        return f"output {wish.channel:g}: level {wish.level:g}: expected 0 (off) to 1 (full)"
    if not 0.0 <= wish.duration_s <= LONGEST_S:
        return f"output {wish.channel:g}: {wish.duration_s:g} s: expected 0 (no end) to {LONGEST_S} s"
    return Out(session, int(wish.channel), round(255 * wish.level), round(1000 * wish.duration_s))


def _servo(wish: TurnServo, session: int, capabilities: Capability) -> Outcome:
    if Capability.SERVOS not in capabilities:
        return "this car has no servos"
    if wish.channel not in range(SERVOS):
        return f"servo {wish.channel:g}: the servos are 0 to {SERVOS - 1}"
    if abs(wish.angle_rad) > SERVO_REACH_RAD:
        return f"servo {wish.channel:g}: {wish.angle_rad:g} rad: expected {SERVO_REACH_RAD} at most"
    return Servo(session, int(wish.channel), wish.angle_rad)


def _stream(wish: SetStream, session: int, capabilities: Capability) -> Outcome:
    del session, capabilities
    low, high = RATES_HZ
    spec = SPECS.get(int(wish.message_id))
    if spec is None or spec.id != wish.message_id or spec.to_controller:
        return f"stream {wish.message_id:g}: no message of the car has this number"
    if wish.rate_hz != 0.0 and not low <= wish.rate_hz <= high:
        return f"stream {spec.name}: {wish.rate_hz:g} Hz: expected {low} to {high:g}, or 0 for never"
    period_ms = round(1000.0 / wish.rate_hz) if wish.rate_hz else 0
    return Order(Command.SET_STREAM, spec.id + 256 * period_ms)


_MAKERS: Final[Mapping[type[Wish], Callable[[Any, int, Capability], Outcome]]] = MappingProxyType(
    {SwitchOutput: _output, TurnServo: _servo, SetStream: _stream}
)
