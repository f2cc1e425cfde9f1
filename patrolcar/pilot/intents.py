"""What people and programs ask of the pilot: values, and their JSON for the socket and recordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from patrolcar.errors import CommandError
from patrolcar.geometry import Twist2


@dataclass(frozen=True, slots=True)
class Drive:
    """Drive by hand, obeyed for 200 ms; one client at a time holds the control lease."""

    client: str
    vx_mps: float
    vy_mps: float
    wz_radps: float

    @property
    def twist(self) -> Twist2:
        """The wanted motion."""
        return Twist2(self.vx_mps, self.vy_mps, self.wz_radps)


@dataclass(frozen=True, slots=True)
class StopCar:
    """STOP: latched in the controller, from anyone, at any time."""

    client: str


@dataclass(frozen=True, slots=True)
class ClearStop:
    """Release a latched STOP; the car stays disarmed."""

    client: str


@dataclass(frozen=True, slots=True)
class Arm:
    """Let the motors follow; refused with every reason at once."""

    client: str


@dataclass(frozen=True, slots=True)
class Disarm:
    """Take the power from the motors."""

    client: str


@dataclass(frozen=True, slots=True)
class StartMission:
    """Start or start again; arms the car first when need be."""

    client: str


@dataclass(frozen=True, slots=True)
class PauseMission:
    """Hold where the car is."""

    client: str


@dataclass(frozen=True, slots=True)
class ResumeMission:
    """Go on with a held mission."""

    client: str


@dataclass(frozen=True, slots=True)
class SkipPlace:
    """Give up the current place and go to the next."""

    client: str


@dataclass(frozen=True, slots=True)
class SetPose:
    """Tell the localisation where the car is, in the map frame."""

    client: str
    x_m: float
    y_m: float
    yaw_rad: float


@dataclass(frozen=True, slots=True)
class SwitchOutput:
    """Switch or dim one output: a lamp, a horn, a relay."""

    client: str
    channel: float  # 0 to 7
    level: float  # 0 off to 1 full
    duration_s: float  # then off again, at most 65.535; 0 for until told otherwise


@dataclass(frozen=True, slots=True)
class TurnServo:
    """Turn one servo, for example of a camera."""

    client: str
    channel: float  # 0 to 3
    angle_rad: float  # from the middle, counter-clockwise seen along its axis


@dataclass(frozen=True, slots=True)
class SetStream:
    """Let the controller send one kind of telemetry more or less often."""

    client: str
    message_id: float
    rate_hz: float  # 0.1 to 100; 0 for never


@dataclass(frozen=True, slots=True)
class PortLost:
    """The port is gone or could not be opened; told by the core itself, never by a client."""

    client: str  # the reason, a sentence


@dataclass(frozen=True, slots=True)
class Stand:
    """The program is ending: want nothing but to stand, whatever the mode; told by the core itself."""

    client: str


Intent: TypeAlias = (
    Drive
    | StopCar
    | ClearStop
    | Arm
    | Disarm
    | StartMission
    | PauseMission
    | ResumeMission
    | SkipPlace
    | SetPose
    | SwitchOutput
    | TurnServo
    | SetStream
    | PortLost
    | Stand
)

OURS_ALONE: Final = (PortLost, Stand)
"""What only the core itself may say."""

LARGEST: Final = 10_000.0  # metres, metres per second, radians: nothing a car does needs more

_KINDS: Final[Mapping[str, type[Intent]]] = MappingProxyType(
    {
        "drive": Drive,
        "stop": StopCar,
        "clear_stop": ClearStop,
        "arm": Arm,
        "disarm": Disarm,
        "start": StartMission,
        "pause": PauseMission,
        "resume": ResumeMission,
        "skip": SkipPlace,
        "set_pose": SetPose,
        "output": SwitchOutput,
        "servo": TurnServo,
        "stream": SetStream,
        "port_lost": PortLost,
        "stand": Stand,
    }
)
_NAME_OF: Final = MappingProxyType({kind: name for name, kind in _KINDS.items()})


def to_json(intent: Intent) -> dict[str, Any]:
    """Return the intent as a JSON object."""
    return {"intent": _NAME_OF[type(intent)], **asdict(intent)}


def from_json(raw: Mapping[str, Any]) -> Intent:
    """Return the intent that a client or a recording wrote.

    Raises:
        CommandError: The kind is unknown, a number is missing, is not finite or is beyond any sense.

    """
    kind = _KINDS.get(str(raw.get("intent")))
    if kind is None:
        message = f"unknown intent {raw.get('intent')!r}; expected one of {', '.join(_KINDS)}"
        raise CommandError(message)
    values: dict[str, Any] = {}
    for each in fields(kind):
        value = raw.get(each.name)
        if each.name == "client":
            values["client"] = str(value)
        elif (
            not isinstance(value, int | float) or isinstance(value, bool) or not -LARGEST <= value <= LARGEST
        ):
            message = f"intent {raw['intent']}: {each.name}: {value!r:.40} is not a number within {LARGEST:g}"
            raise CommandError(message)
        else:
            values[each.name] = float(value)
    return kind(**values)
