"""A car without controller or sensors: duties go straight to the motors."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np

from sim.native import BodyStruct, kernels
from sim.vehicle.battery import BatteryParameters
from sim.vehicle.chassis import ChassisParameters, car_struct
from sim.vehicle.motor import JGA25_370, MotorParameters
from sim.world.walls import World

OPEN = World.from_walls([[-1000.0, 1000.0, -999.0, 1000.0]], cell_m=50.0)
PERIOD_S = 0.01


class Rig:
    """A car in a world, and discs that stand for people."""

    def __init__(
        self,
        world: World = OPEN,
        start: tuple[float, float, float] = (0.0, 0.0, 0.0),
        chassis: ChassisParameters | None = None,
        discs: tuple[tuple[float, float, float], ...] = (),
        motors: Sequence[MotorParameters] = (JGA25_370,) * 4,
    ) -> None:
        self.world, self.discs = world, np.array(discs, dtype=np.float64).reshape(-1, 3)
        self.car = car_struct(chassis or ChassisParameters(), motors, BatteryParameters(), start)
        self.ticks, self.bumpers = (ctypes.c_int32 * 4)(), ctypes.c_uint8()
        self._duty, self._on = (ctypes.c_int16 * 4)(), ctypes.c_uint8(1)
        self._steer = ctypes.c_int16()
        self._around = (world.address, len(self.discs), self.discs.ctypes.data)
        kernels().sim_car_place(ctypes.addressof(self.car), *self._around)

    @property
    def body(self) -> BodyStruct:
        body: BodyStruct = self.car.body
        return body

    @property
    def pose(self) -> list[float]:
        return list(self.body.pose)

    def switch(self, *, on: bool) -> None:
        """Switch the bridge."""
        self._on.value = on

    def drive(self, left: int, right: int, periods: int, steer_mrad: int = 0) -> None:
        """Drive with one duty, in permille, for each side."""
        self.turn((left, right) * 2, periods, steer_mrad)

    def turn(self, duties: Sequence[int], periods: int, steer_mrad: int = 0) -> None:
        """Drive with one duty for each wheel."""
        self._duty[:] = list(duties)
        self._steer.value = steer_mrad
        at = ctypes.addressof
        for _ in range(periods):
            kernels().sim_car_step(
                at(self.car),
                *self._around,
                at(self._duty),
                at(self._steer),
                at(self._on),
                PERIOD_S,
                at(self.ticks),
                at(self.bumpers),
            )

    def roll(self, rims_mps: Sequence[float], periods: int, steer_mrad: int = 0) -> None:
        """Turn the wheels at set speeds, as motors without inertia would."""
        radius_m = self.car.chassis.radius_m
        for _ in range(periods):
            for wheel, rim in enumerate(rims_mps):
                self.car.wheels.speed_radps[wheel] = rim / radius_m[wheel]
                self.car.wheels.sliding[wheel] = 0
            self.turn((0, 0, 0, 0), 1, steer_mrad)
