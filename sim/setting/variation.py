"""What differs from seed to seed besides noise: the car as it was built, its battery, the line, the start.

Every name draws from a stream of its own, so that adding one, or changing its range, leaves the others as
they were. The firmware and the host go on believing in the nominal car.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import radians
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from sim.car import NOMINAL, CarParameters
from sim.line import PERFECT, LineParameters
from sim.noise import stream

_AGED_CAPACITY: Final = 0.4
_AGED_RESISTANCE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything that may differ.

    Attributes:
        car: As it really is.
        line: How both directions behave.
        people: How many of the site's people walk; None for all.
        start: Of the car, relative to the site's start: x, y in metres, heading in degrees.

    """

    car: CarParameters = NOMINAL
    line: LineParameters = PERFECT
    people: int | None = None
    start: tuple[float, float, float] = (0.0, 0.0, 0.0)


Apply: TypeAlias = Callable[[Circumstances, float], Circumstances]


class Parameter(NamedTuple):
    """Something that may differ: what its number means, its limits, and what it does."""

    meaning: str
    low: float
    high: float
    apply: Apply
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Varied:
    """One parameter of a scenario: evenly from ``low`` to ``high``, or one of ``choices`` if any."""

    name: str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[float, ...] = ()

    def drawn(self, seed: int) -> float:
        """Return the value of a seed; it depends on the seed and the name alone."""
        share = float(stream(seed, f"vary {self.name}").random())
        if self.choices:
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if PARAMETERS[self.name].is_whole:
            return float(min(int(self.low + share * (self.high - self.low + 1.0)), int(self.high)))
        return self.low + share * (self.high - self.low)


Drawn: TypeAlias = Mapping[str, float]


def drawn(varied: Iterable[Varied], seed: int) -> Drawn:
    """Return what a seed draws, by name."""
    return {each.name: each.drawn(seed) for each in varied}


def under(circumstances: Circumstances, values: Drawn) -> Circumstances:
    """Return the circumstances with these values, applied in the order of ``PARAMETERS``."""
    for name, parameter in PARAMETERS.items():
        if name in values:
            circumstances = parameter.apply(circumstances, values[name])
    return circumstances


# --- what the numbers do --------------------------------------------------------------------------


def _with(was: Circumstances, part: str, **changes: object) -> Circumstances:
    """Return the circumstances with another chassis, battery or sensor."""
    car: Any = was.car
    return replace(was, car=replace(car, **{part: replace(getattr(car, part), **changes)}))


def _setting(part: str, name: str) -> Apply:
    """Return what sets one number of a part."""
    return lambda was, value: _with(was, part, **{name: value})


def _scaling(part: str, *names: str, share: bool = True) -> Apply:
    """Return what changes numbers of a part by a share, or by a factor."""

    def apply(was: Circumstances, value: float) -> Circumstances:
        old: Any = getattr(was.car, part)
        factor = 1.0 + value if share else value
        return _with(was, part, **{name: factor * getattr(old, name) for name in names})

    return apply


def _line(name: str) -> Apply:
    changed: Any = replace
    return lambda was, value: replace(was, line=changed(was.line, **{name: value}))


def _radius(side: int) -> Apply:
    def apply(was: Circumstances, share: float) -> Circumstances:
        radius_m = list(was.car.chassis.radius_m)
        radius_m[side] *= 1.0 + share
        return _with(was, "chassis", radius_m=tuple(radius_m))

    return apply


def _motor(side: int) -> Apply:
    """Return what makes the motors of a side faster by a share at the same voltage."""

    def apply(was: Circumstances, share: float) -> Circumstances:
        fitted = was.car.motors * (4 if len(was.car.motors) == 1 else 1)
        motors = tuple(
            replace(motor, volt_s_per_rad=motor.volt_s_per_rad / (1.0 + share))
            if index % 2 == side
            else motor
            for index, motor in enumerate(fitted)
        )
        return replace(was, car=replace(was.car, motors=motors))

    return apply


def _dead_duty(was: Circumstances, duty: float) -> Circumstances:
    motors = tuple(replace(motor, dead_duty=duty) for motor in was.car.motors)
    return replace(was, car=replace(was.car, motors=motors))


def _battery_age(was: Circumstances, age: float) -> Circumstances:
    """Wear the pack: an old 18650 has about three times the resistance, and 60 % of the capacity."""
    aged = _scaling("battery", "resistance_ohm", "rc_ohm")(was, _AGED_RESISTANCE * age)
    return _scaling("battery", "capacity_ah")(aged, -_AGED_CAPACITY * age)


def _sensor_noise(was: Circumstances, factor: float) -> Circumstances:
    for part, names in _NOISES.items():
        if getattr(was.car, part) is not None:
            was = _scaling(part, *names, share=False)(was, factor)
    return was


def _lidar(name: str) -> Apply:
    """Return what sets one number of the lidar, if there is one."""

    def apply(was: Circumstances, value: float) -> Circumstances:
        return was if was.car.lidar is None else _with(was, "lidar", **{name: value})

    return apply


def _lidar_yaw(was: Circumstances, degrees: float) -> Circumstances:
    if was.car.lidar is None:
        return was
    x_m, y_m, yaw_rad = was.car.lidar.mount
    return _with(was, "lidar", mount=(x_m, y_m, yaw_rad + radians(degrees)))


def _people(was: Circumstances, count: float) -> Circumstances:
    return replace(was, people=int(count))


def _start(axis: int) -> Apply:
    def apply(was: Circumstances, value: float) -> Circumstances:
        start = list(was.start)
        start[axis] = value
        return replace(was, start=(start[0], start[1], start[2]))

    return apply


_NOISES: Final = MappingProxyType(
    {
        "imu": ("gyro_density_radps", "gyro_walk_radps2", "gyro_bias_radps", "accel_density_mps2",
                "accel_walk_mps3", "accel_bias_mps2"),
        "sonars": ("sigma_m", "scale_sigma"),
        "lidar": ("sigma_m",),
        "gauge": ("voltage_sigma_v", "current_sigma_a"),
    }
)  # fmt: skip

PARAMETERS: Final[Mapping[str, Parameter]] = MappingProxyType(
    {
        "wheel_radius_left": Parameter("share above the nominal radius", -0.2, 0.2, _radius(0)),
        "wheel_radius_right": Parameter("share above the nominal radius", -0.2, 0.2, _radius(1)),
        "track": Parameter("share above the nominal track", -0.2, 0.2, _scaling("chassis", "track_m")),
        "friction": Parameter(
            "friction, 0.8 rubber on tiles, 0.1 ice", 0.05, 2.0, _setting("chassis", "friction")
        ),
        "motor_left": Parameter("share above the nominal speed", -0.5, 0.5, _motor(0)),
        "motor_right": Parameter("share above the nominal speed", -0.5, 0.5, _motor(1)),
        "dead_duty": Parameter("share of the voltage that moves nothing", 0.0, 0.3, _dead_duty),
        "battery_charge": Parameter("share of its charge", 0.05, 1.0, _setting("battery", "charge")),
        "battery_age": Parameter("age, 0 new to 1 worn out", 0.0, 1.0, _battery_age),
        "sensor_noise": Parameter("factor on the noise of every sensor", 0.0, 20.0, _sensor_noise),
        "imu_scale": Parameter("spread of the IMU's scales", 0.0, 0.1, _setting("imu", "scale_sigma")),
        "lidar_dropout": Parameter("share of the beams that are lost", 0.0, 0.9, _lidar("dropout")),
        "lidar_yaw_deg": Parameter("degrees that the lidar sits askew", -10.0, 10.0, _lidar_yaw),
        "crosstalk": Parameter("chance to hear a neighbour", 0.0, 1.0, _setting("sonars", "crosstalk")),
        "latency_s": Parameter("seconds", 0.0, 10.0, _line("latency_s")),
        "jitter_s": Parameter("seconds", 0.0, 10.0, _line("jitter_s")),
        "loss": Parameter("share of the bytes", 0.0, 1.0, _line("loss")),
        "flips": Parameter("share of the bits", 0.0, 1.0, _line("flips")),
        "people": Parameter("people of the site who walk", 0.0, 1000.0, _people, is_whole=True),
        "start_x_m": Parameter("metres beside the site's start", -2.0, 2.0, _start(0)),
        "start_y_m": Parameter("metres beside the site's start", -2.0, 2.0, _start(1)),
        "start_heading_deg": Parameter("degrees beside the site's start", -180.0, 180.0, _start(2)),
    }
)
"""Everything that may differ, by name."""

OF_THE_LINE: Final = frozenset({"latency_s", "jitter_s", "loss", "flips"})
"""Those that make a line worse."""
