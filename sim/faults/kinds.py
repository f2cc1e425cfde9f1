"""Every kind of fault: its family, its rows in the safety matrix, and the numbers it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sim.faults import body, inertial, lidar, links, meddling, ranges, surroundings, wheels
from sim.faults.effect import Effect


class Kind(NamedTuple):
    """One kind of fault."""

    family: str  # link, firmware, sensor, actuator, power or world
    text: str
    effect: Callable[..., Effect]
    own: Mapping[str, float] = MappingProxyType({})  # numbers that make this kind out of its effect

    @property
    def takes(self) -> dict[str, float]:
        """The numbers a scenario may give, with those it starts from."""
        effect: Any = self.effect
        named: dict[str, Any] = {each.name: each.default for each in fields(effect) if each.init}
        return {name: float(value) for name, value in (named | dict(self.own)).items()}

    def checked(self, values: Mapping[str, float]) -> None:
        """Raise ValueError for a number that this kind does not take."""
        unknown = sorted(set(values) - set(self.takes))
        if unknown:
            known = ", ".join(self.takes) or "no numbers"
            message = f"{', '.join(unknown)} is not known here; this fault takes {known}"
            raise ValueError(message)

    def made(self, values: Mapping[str, float]) -> Effect:
        """Return the fault at work, with these numbers."""
        effect: Any = self.effect
        whole = {each.name for each in fields(effect) if each.type == "int"}
        given = {**self.own, **values}
        return self.effect(
            **{name: int(value) if name in whole else float(value) for name, value in given.items()}
        )


def _own(**numbers: float) -> Mapping[str, float]:
    return MappingProxyType(numbers)


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        # link
        "unplugged": Kind("link", "the cable is pulled", links.Cut),
        "host unheard": Kind("link", "the controller hears nothing", links.Cut, _own(way=1)),
        "controller unheard": Kind("link", "the host hears nothing", links.Cut, _own(way=2)),
        "bytes lost": Kind("link", "a share of the bytes is lost", links.Loss),
        "bits flipped": Kind("link", "a share of the bits arrives inverted", links.Flips),
        "bursts": Kind("link", "noise strikes the line", links.Bursts),
        "late": Kind("link", "every byte takes longer", links.Late),
        "jitter": Kind("link", "bytes take longer, each piece differently", links.Jitter),
        "twice": Kind("link", "pieces arrive twice", links.Twice),
        "slow adapter": Kind("link", "a USB adapter hands over only every so often", links.Packets),
        "wrong baud": Kind("link", "the two ends do not agree on the speed", links.WrongBaud),
        "queue stuck": Kind("link", "old commands arrive all at once", links.Held),
        "telemetry stuck": Kind("link", "old telemetry arrives all at once", links.Held, _own(way=2)),
        "loose contact": Kind("link", "a BREAK on the line", body.Break),
        "commands replayed": Kind("link", "what was sent a while ago is sent again", meddling.Replayed),
        "commands overtaken": Kind("link", "what is sent arrives in another order", meddling.Overtaken),
        "commands forged": Kind("link", "sound frames with senseless numbers", meddling.Forged),
        # firmware
        "brown-out": Kind("power", "the supply falls and the controller starts anew", body.Reset),
        "watchdog reset": Kind("firmware", "the control loop hung and was reset", body.Reset, _own(cause=3)),
        "reset pin": Kind("firmware", "somebody presses the reset button", body.Reset, _own(cause=1)),
        "reset loop": Kind("firmware", "the controller starts anew again and again", body.ResetLoop),
        "hang": Kind("firmware", "the control loop hangs until the watchdog bites", body.Hang),
        "loop slow": Kind("firmware", "the control loop turns a fifth as often", body.SlowLoop),
        "clock fast": Kind("firmware", "the controller's clock runs fast", body.Drift),
        "clock slow": Kind("firmware", "the controller's clock runs slow", body.Drift, _own(percent=-2)),
        "clock leaps": Kind("firmware", "the controller's clock leaps", body.Leap),
        "loop near its limit": Kind("firmware", "the control loop takes all of its period", body.Load),
        # sensors
        "encoder dead": Kind("sensor", "an encoder stops counting", wheels.Encoder),
        "encoder reversed": Kind("sensor", "an encoder counts the wrong way", wheels.Encoder, _own(scale=-1)),
        "encoder misses counts": Kind("sensor", "an encoder misses counts", wheels.Encoder, _own(scale=0.5)),
        "encoder jumps": Kind("sensor", "an encoder leaps once", wheels.Jump),
        "range off": Kind("sensor", "range sensors say nothing", ranges.Off),
        "range stuck": Kind("sensor", "range sensors repeat themselves", ranges.Stuck),
        "range stuck far": Kind(
            "sensor", "range sensors say that all is free", ranges.Stuck, _own(metres=3.0)
        ),
        "range stuck near": Kind(
            "sensor", "range sensors say that something is near", ranges.Stuck, _own(metres=0.05)
        ),
        "range garbage": Kind("sensor", "range sensors say anything", ranges.Garbage),
        "range intermittent": Kind("sensor", "range sensors lose readings", ranges.Intermittent),
        "range slow": Kind("sensor", "range sensors measure seldom", ranges.Slow),
        "range delayed": Kind("sensor", "range sensors tell old news", ranges.Delayed),
        "range too long": Kind("sensor", "range sensors measure too much", ranges.Bias),
        "range too short": Kind("sensor", "range sensors measure too little", ranges.Bias, _own(metres=-0.3)),
        "range blind": Kind("sensor", "range sensors see nothing: glass, foam", ranges.Blind),
        "range ghost": Kind("sensor", "range sensors see what is not there, now and then", ranges.Ghost),
        "range broken": Kind("sensor", "range sensors say that they are broken", ranges.Broken),
        "lidar off": Kind("sensor", "the lidar says nothing", lidar.Off),
        "lidar stuck": Kind("sensor", "the lidar repeats itself", lidar.Frozen),
        "lidar garbage": Kind("sensor", "the lidar says anything", lidar.Noisy),
        "lidar patchy": Kind("sensor", "the lidar loses beams", lidar.Patchy),
        "lidar covered": Kind("sensor", "half of the lidar's view is covered", lidar.Covered),
        "lidar slow": Kind("sensor", "the lidar gives few turns", lidar.Seldom),
        "lidar delayed": Kind("sensor", "the lidar tells old news", lidar.Delayed),
        "lidar too long": Kind("sensor", "the lidar measures too much", lidar.Longer),
        "IMU silent": Kind("sensor", "the IMU says nothing", inertial.Silent),
        "IMU stuck": Kind("sensor", "the IMU repeats itself", inertial.Frozen),
        "IMU garbage": Kind("sensor", "the IMU says anything", inertial.Nonsense),
        "gyro bias": Kind("sensor", "the gyro turns by itself", inertial.GyroBias),
        "gyro reversed": Kind("sensor", "the gyro turns the wrong way", inertial.GyroScale),
        "kidnapped": Kind("world", "somebody carries the car away", body.Kidnap),
        "slippery": Kind("world", "the wheels slip", body.Slippery),
        "rough ground": Kind("world", "the car is shaken", inertial.Shaken),
        "tilted": Kind("world", "the car leans over", inertial.Tilted),
        "falling": Kind("world", "the car falls", inertial.Falling),
        "bumper stuck": Kind("sensor", "a bumper is pressed for good", body.BumperStuck),
        "no floor ahead": Kind("world", "a front cliff sensor sees no floor", body.NoFloor),
        "no floor behind": Kind("world", "a rear cliff sensor sees no floor", body.NoFloor, _own(bit=4)),
        "thing appears": Kind("world", "something stands in the way all at once", surroundings.Appears),
        "somebody crosses": Kind("world", "somebody who does not look crosses the way", surroundings.Crosses),
        "somebody steps out": Kind("world", "somebody steps into the way and stays", surroundings.StepsOut),
        "door falls shut": Kind("world", "a door on the way falls shut", surroundings.DoorShut),
        "floor smooth": Kind("world", "the floor is wet or waxed", surroundings.Smooth),
        # actuators
        "motor dead": Kind("actuator", "a motor gives nothing", wheels.Motor),
        "motor weak": Kind("actuator", "a motor gives half", wheels.Motor, _own(scale=0.5)),
        "motor reversed": Kind("actuator", "a motor is wired the wrong way", wheels.Motor, _own(scale=-1)),
        "motor stuck on": Kind("actuator", "a bridge keeps driving", wheels.StuckOn),
        "motors swapped": Kind("actuator", "left and right motors are swapped", wheels.SwappedMotors),
        "sides swapped": Kind("actuator", "left and right are swapped altogether", wheels.SwappedSides),
        "dead band": Kind("actuator", "motors do not move below a duty", wheels.DeadBand),
        "wheels blocked": Kind("actuator", "no wheel can turn", wheels.Blocked),
        # power
        "battery unread": Kind("power", "the battery gauge reads 0", body.Voltage),
        "battery overread": Kind(
            "power", "the battery gauge reads far too much", body.Voltage, _own(volts=40)
        ),
        "battery sags": Kind("power", "the battery gives less", body.Sag),
        "battery empties": Kind("power", "the battery falls and falls", body.Emptying),
        "charger": Kind("power", "the charger is plugged in while driving", body.Charger),
    }
)
