"""The whole car in lockstep: bytes in, ten milliseconds of physics and firmware, bytes out.

Order of one step: the motors run with the duties of the last step and the body follows; people walk; the
sensors look; the controller reads the bytes that arrived, thinks, sets new duties and answers. There is no
clock and no chance but the seed: the same bytes give the same bytes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, pi, sin
from typing import Protocol

import numpy as np

from firmware_protocol.controller_layout import InputsStruct, OutputsStruct
from firmware_protocol.messages import ResetCause
from sim.controller import PERIOD_US, Controller, ControllerSettings
from sim.fittings import FittingParameters, Fittings
from sim.native import MOST_PERIODS, WHEELS, Array, BodyStruct, LockstepStruct, PlantStruct, kernels, steps
from sim.noise import BLOCK
from sim.sensors.gauge import Gauge, GaugeParameters
from sim.sensors.imu import Imu, ImuParameters
from sim.sensors.lidar import Lidar, LidarParameters
from sim.sensors.sonar import SonarParameters, Sonars
from sim.vehicle.battery import BatteryParameters
from sim.vehicle.chassis import ChassisParameters, car_struct
from sim.vehicle.motor import JGA25_370, MotorParameters
from sim.world.moving import Group, Movers
from sim.world.people import PERIOD_STEPS, RADIUS_M, Guest, People, Route, Temperament
from sim.world.walls import World

_PERIOD_S = PERIOD_US * 1e-6
_MARGIN_M = 1.0  # how far outside the longest sensor people are still kept in the list


@dataclass(frozen=True, slots=True)
class CarParameters:
    """The car as it really is; the defaults are the nominal car."""

    chassis: ChassisParameters = field(default_factory=ChassisParameters)
    motors: tuple[MotorParameters, ...] = (JGA25_370,)
    battery: BatteryParameters = field(default_factory=BatteryParameters)
    imu: ImuParameters = field(default_factory=ImuParameters)
    sonars: SonarParameters = field(default_factory=SonarParameters)
    lidar: LidarParameters | None = field(default_factory=LidarParameters)
    gauge: GaugeParameters = field(default_factory=GaugeParameters)
    fittings: FittingParameters = field(default_factory=FittingParameters)
    controller: ControllerSettings = field(default_factory=ControllerSettings)


NOMINAL = CarParameters()


@dataclass(frozen=True, slots=True)
class Truth:
    """What really holds. For reports and tests; the host never sees it."""

    pose: tuple[float, float, float]
    speed_mps: float
    turn_radps: float
    wheel_speeds_mps: tuple[float, float]  # of the rims, left and right
    distance_m: float
    collisions_wall: int
    collisions_person: int  # the car moved
    collisions_standing: int  # somebody touched the standing car
    fallen: bool  # a wheel went over an edge
    min_clearance_m: float  # to walls and furniture since the start; 1.0 stands for 1.0 or more
    min_person_m: float  # to people while the car moved; inf for nobody met
    bumpers: int
    battery_v: float
    current_a: float
    charge: float

    @property
    def collisions(self) -> int:
        """How often the car ran into something or somebody."""
        return self.collisions_wall + self.collisions_person


class Tampering(Protocol):
    """Something that changes what the controller reads and what its orders become."""

    def sensed(self, inputs: InputsStruct, now_us: int) -> None:
        """Change what the controller is about to read."""

    def decided(self, outputs: OutputsStruct, now_us: int) -> None:
        """Change what the controller has just ordered."""


class SimulatedCar:
    """A car in a world, reached by bytes only.

    Args:
        world: What stands still.
        parameters: The car as it really is.
        people: Routes of those who walk.
        start: Pose of ``base_link`` in the map: x, y, yaw.
        seed: Of every noise.
        boot_id: What the controller reports at its first boot; each power cycle adds one.
        moving: Doors, and things that come and go.
        temperaments: How people behave, one after the other and again from the first; all calm if empty.

    Raises:
        ValueError: The car does not fit where it should start, or a parameter is impossible.

    """

    def __init__(
        self,
        world: World,
        parameters: CarParameters = NOMINAL,
        people: Sequence[Route] = (),
        start: tuple[float, float, float] = (0.0, 0.0, 0.0),
        seed: int = 0,
        boot_id: int | None = None,
        moving: Sequence[Group] = (),
        temperaments: Sequence[Temperament] = (),
    ) -> None:
        self.now_us = 0
        self.world = world = world.with_moving(moving) if moving else world
        self.parameters = parameters
        self.controller = Controller(parameters.controller)
        motors = parameters.motors * (4 if len(parameters.motors) == 1 else 1)
        self._car = car_struct(parameters.chassis, motors, parameters.battery, start)
        self.people = People(people, seed, PERIOD_STEPS * _PERIOD_S, temperaments)
        self._imu = Imu(parameters.imu, seed, 1e6 / PERIOD_US)
        self._sonars = Sonars(parameters.sonars, seed)
        self._gauge = Gauge(parameters.gauge, seed)
        self._lidar = Lidar(parameters.lidar, seed, PERIOD_US) if parameters.lidar else None
        self._near: Array = np.zeros((self.people.most, 3))
        lidar_m = parameters.lidar.range_max_m if parameters.lidar else 0.0
        self._fittings = Fittings(parameters.fittings, world, seed)
        self._noises = [
            sensor.noise for sensor in (self._imu, self._sonars, self._gauge, self._lidar) if sensor
        ] + self._fittings.noises
        if self._sonars.chance:
            self._noises.append(self._sonars.chance)
        self._body: BodyStruct = self._car.body
        self._plant = self._bound()
        self._plant_at = ctypes.addressof(self._plant)
        self._lockstep = LockstepStruct(
            plant=self._plant_at,
            walkers=self.people.address,
            near=self._near.ctypes.data,
            reach_m=max(lidar_m, parameters.sonars.range_max_m) + _MARGIN_M,
            period_us=PERIOD_US,
            **self.controller.addresses,
        )
        self._lockstep_at = ctypes.addressof(self._lockstep)
        self._call = steps()
        self._steps = 0
        self._booted_us = 0
        self._boot_id = (seed * 0x9E3779B1 + 1) & 0xFFFFFFFF if boot_id is None else boot_id
        self.tampering: Tampering | None = None  # what goes wrong, see sim.faults
        self.loop_every = 1  # control periods per turn of the control loop; a sound controller needs one
        self._is_asking = self._fittings.is_asked or world.movers is not None
        self._unheard = b""
        self._unread = 0  # range sensors that measured since the control loop last looked
        self._hung_until_us = 0
        self._place(start)
        self.controller.boot(self._boot_id, ResetCause.POWER_ON)

    def _bound(self) -> PlantStruct:
        """Return the plant with everything that a step moves, and the controller's port, by address."""
        return PlantStruct(
            car=ctypes.addressof(self._car),
            world=self.world.address,
            discs=self._near.ctypes.data,
            imu=self._imu.address,
            sonars=self._sonars.address,
            lidar=self._lidar.address if self._lidar else None,
            gauge=self._gauge.address,
            **self._fittings.addresses,
            **self.controller.port,
            period_s=_PERIOD_S,
            noise_rows=BLOCK,
        )

    def _place(self, start: tuple[float, float, float]) -> None:
        outline = self.parameters.chassis.outline
        gap_m = self.world.clearance(start, (outline.front_m, outline.rear_m, outline.half_width_m))
        if gap_m <= 0.0:
            message = f"start {start}: the car would stand in a wall (move the start, or turn it)"
            raise ValueError(message)
        self._list_neighbours()
        plant = self._plant
        kernels().sim_car_place(plant.car, plant.world, plant.n_discs, plant.discs)

    def _list_neighbours(self) -> None:
        """Note the people near enough to matter."""
        self._call.near(self._lockstep_at)

    def step(self, received: bytes) -> bytes:
        """Advance by exactly 10 ms; return what the controller sent in them.

        Args:
            received: The bytes that reached the controller in these 10 ms.

        """
        return self.run(received, 1)

    def run(self, received: bytes, periods: int) -> bytes:
        """Advance by so many control periods; the bytes reach the controller in the first of them.

        While nothing interferes they go on in C; else each is put together here, from the same pieces.
        """
        said = b""
        while periods > 0:
            if self._steps % BLOCK == 0:
                for noise in self._noises:
                    noise.draw()
            alone = self._undisturbed(periods)
            said += self._lockstepped(received, alone) if alone else self._step(received)
            received, periods = b"", periods - max(alone, 1)
        return said

    def _undisturbed(self, periods: int) -> int:
        """Return how many of the next periods need nothing of Python; 0 when something may interfere."""
        if (
            self.tampering is not None
            or self._is_asking
            or self._hung_until_us
            or self.loop_every != 1
            or self._unheard
            or self._unread
            or self.controller.scan_filter is not None
        ):
            return 0
        return min(periods, MOST_PERIODS, BLOCK - self._steps % BLOCK)

    def _lockstepped(self, received: bytes, periods: int) -> bytes:
        """Let everything go on in one call: it does what ``_step`` does when nothing interferes."""
        step, now_us = self._steps, self.now_us
        self._steps, self.now_us = step + periods, now_us + periods * PERIOD_US
        return self._call.periods(
            self._lockstep_at, step, now_us, self._booted_us, periods, received, self.controller.tx_capacity
        )

    def _step(self, received: bytes) -> bytes:
        """Advance by one control period in which anything may interfere."""
        self._live(self._steps)
        if self.now_us < self._hung_until_us:
            return b""
        if self._hung_until_us:
            self._hung_until_us = 0
            self.power_cycle(ResetCause.WATCHDOG)
        if self._steps % self.loop_every:
            self._unheard += received
            self._unread |= self.controller.inputs.range_fresh
            return b""
        if self._unread:
            self.controller.inputs.range_fresh |= self._unread
            self._unread = 0
        received, self._unheard = self._unheard + received, b""
        if self.tampering is None:
            return self.controller.step(received)
        self.tampering.sensed(self.controller.inputs, self.now_us)
        said = self.controller.step(received)
        self.tampering.decided(self.controller.outputs, self.now_us)
        return said

    def _live(self, step: int) -> None:
        """Let the world and the car go on for one control period, and the sensors look."""
        self._steps, self.now_us = step + 1, self.now_us + PERIOD_US
        if step % PERIOD_STEPS == 0:
            self._move_others()
        self._call.plant(self._plant_at, step, self.now_us - self._booted_us)
        if self._fittings.is_asked:
            pose = self._body.pose
            self._fittings.ask(
                step,
                self.now_us * 1e-6,
                (pose[0], pose[1], pose[2]),
                self.controller.inputs,
                self.controller,
            )
        if self._lidar is not None:
            while self._lidar.next_scan(self._booted_us, self.controller.scan_at):
                self.controller.scan()

    def _move_others(self) -> None:
        """Let people walk and doors swing."""
        self._call.walk(self._lockstep_at)
        if self.world.movers is not None:
            self._move_walls(self.world.movers)

    def _move_walls(self, movers: Movers) -> None:
        """Let doors swing and things come; a wall that has moved may be near, so gaps are measured anew."""
        pose, outline = self._body.pose, self.parameters.chassis.outline
        size = (outline.front_m, outline.rear_m, outline.half_width_m)
        people = [(float(x_m), float(y_m)) for x_m, y_m in self.people.positions_m]

        def is_free() -> bool:
            world = self.world
            touched = world.clearance((pose[0], pose[1], pose[2]), size) <= 0.0
            return not touched and all(world.point_clearance(*at, RADIUS_M) >= RADIUS_M for at in people)

        if movers.step(self.now_us * 1e-6, [(pose[0], pose[1]), *people], is_free):
            self._body.free_m = 0.0

    def power_cycle(self, reset_cause: ResetCause = ResetCause.POWER_ON) -> None:
        """Start the controller anew: another boot id, its clock and its counters at 0. The car stays."""
        self._boot_id = (self._boot_id + 1) & 0xFFFFFFFF
        self._booted_us = self.now_us
        radians_per_tick = 2.0 * pi / self.parameters.chassis.ticks_per_turn
        for wheel, ticks in enumerate(self._body.ticks):
            self._car.wheels.angle_rad[wheel] -= ticks * radians_per_tick
        self.controller.boot(self._boot_id, reset_cause)

    def hang(self, duration_us: int) -> None:
        """Let the control loop hang, the motors as they are, until the watchdog starts it anew."""
        self._hung_until_us = self.now_us + duration_us

    def displace(self, dx_m: float, dy_m: float, dyaw_rad: float) -> None:
        """Carry the car away, in the map frame; wheels and gyro notice nothing."""
        pose = self._body.pose
        pose[0], pose[1], pose[2] = pose[0] + dx_m, pose[1] + dy_m, pose[2] + dyaw_rad
        self._list_neighbours()

    def polish(self, friction: float) -> float:
        """Change the friction of the whole floor but its patches; returns what it was."""
        before: float = self._car.chassis.friction
        self._car.chassis.friction = friction
        return before

    def slip(self, share: float) -> None:
        """Let a share of the rims' travel not reach the floor, on every wheel."""
        for wheel in range(WHEELS):
            self._car.chassis.slip[wheel] = share

    def ahead(self, forward_m: float, left_m: float) -> tuple[float, float]:
        """Return the place so far before the middle of the front edge and so far to the left, in the map."""
        x, y, yaw = self._body.pose[0], self._body.pose[1], self._body.pose[2]
        forward_m += self.parameters.chassis.outline.front_m
        return (
            x + forward_m * cos(yaw) - left_m * sin(yaw),
            y + forward_m * sin(yaw) + left_m * cos(yaw),
        )

    def admit(self, guest: Guest) -> int:
        """Let somebody come who was not there; returns a number for ``dismiss``."""
        number = self.people.enter(guest)
        self._list_neighbours()
        return number

    def dismiss(self, number: int) -> None:
        """Let a guest go."""
        self.people.leave(number)
        self._list_neighbours()

    def line_break(self) -> None:
        """Let the controller's receiver see a BREAK."""
        self.controller.line_break((self.now_us - self._booted_us) & 0xFFFFFFFF)

    @property
    def movers(self) -> Movers | None:
        """Doors, and things that come and go."""
        return self.world.movers

    @property
    def lidar(self) -> Lidar | None:
        """The lidar, if one is fitted."""
        return self._lidar

    @property
    def people_xy(self) -> Array:
        """Where people are, shape (N, 2)."""
        return self.people.positions_m

    @property
    def truth(self) -> Truth:
        """What really holds at ``now_us``."""
        body, battery, wheels = self._body, self._car.battery, self._car.wheels
        radius_m = self.parameters.chassis.radius_m
        return Truth(
            pose=(body.pose[0], body.pose[1], body.pose[2]),
            speed_mps=body.speed_mps,
            turn_radps=body.turned_rad / _PERIOD_S,
            wheel_speeds_mps=(wheels.speed_radps[0] * radius_m[0], wheels.speed_radps[1] * radius_m[1]),
            distance_m=body.distance_m,
            collisions_wall=body.wall_hits,
            collisions_person=body.person_hits,
            collisions_standing=body.standing_touches,
            fallen=bool(body.fallen),
            min_clearance_m=body.clearance_m,
            min_person_m=body.person_m,
            bumpers=body.bumpers,
            battery_v=battery.terminal_v,
            current_a=battery.current_a,
            charge=battery.charge,
        )
