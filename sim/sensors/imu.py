"""An inertial sensor: white noise by density, a bias that starts somewhere and walks, and saturation.

One sample of white noise has the standard deviation ``density * sqrt(rate)``; the bias takes steps of
``walk / sqrt(rate)``. That is the convention in which the Allan deviation of the samples shows ``density``
at one second and ``walk`` as the slope of the random walk.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from math import sqrt

from sim.native import ImuStruct, kernels
from sim.noise import Noise, stream


@dataclass(frozen=True, slots=True)
class ImuParameters:
    """Densities per square root of hertz; the defaults describe an MPU6050 after a calibration at rest."""

    gyro_density_radps: float = 8.7e-5  # 0.005 deg/s, its data sheet
    gyro_walk_radps2: float = 1e-5
    gyro_bias_radps: float = 1e-3
    accel_density_mps2: float = 3.9e-3  # 400 ug
    accel_walk_mps3: float = 3e-4
    accel_bias_mps2: float = 0.05
    gyro_limit_radps: float = 8.7
    accel_limit_mps2: float = 19.6
    gravity_mps2: float = 9.80665


class Imu:
    """Writes acceleration and turn rates, in wire units, where the controller's port reads them."""

    def __init__(self, parameters: ImuParameters, seed: int, rate_hz: float) -> None:
        generator = stream(seed, "imu")
        six = ctypes.c_double * 6
        white = [parameters.accel_density_mps2 * sqrt(rate_hz)] * 3 + [
            parameters.gyro_density_radps * sqrt(rate_hz)
        ] * 3
        walk = [parameters.accel_walk_mps3 / sqrt(rate_hz)] * 3 + [
            parameters.gyro_walk_radps2 / sqrt(rate_hz)
        ] * 3
        spread = [parameters.accel_bias_mps2] * 3 + [parameters.gyro_bias_radps] * 3
        bias = generator.standard_normal(6) * spread
        self.struct = ImuStruct(
            six(*white), six(*walk), six(*bias), six(*([1.0] * 6)), parameters.gravity_mps2,
            parameters.accel_limit_mps2, parameters.gyro_limit_radps,
        )  # fmt: skip
        self._address = ctypes.addressof(self.struct)
        self._noise = Noise(generator, 12)
        self._step = kernels().sim_imu_step
        self._dt_s = 1.0 / rate_hz

    def measure(self, body: int, accel_mmps2: int, gyro_500urad: int) -> None:
        """Take one sample of the motion in the body at this address."""
        self._step(self._address, body, self._dt_s, self._noise.row()[0], accel_mmps2, gyro_500urad)
