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
    scale_sigma: float = 0.0  # of each channel; an MPU6050 out of the bag has 0.03
    gravity_mps2: float = 9.80665


class Imu:
    """One sensor at ``base_link``, sampled once per control period."""

    def __init__(self, parameters: ImuParameters, seed: int, rate_hz: float) -> None:
        generator = stream(seed, "imu")
        root = sqrt(rate_hz)
        spread = (parameters.accel_bias_mps2, parameters.gyro_bias_radps)
        bias = generator.standard_normal(6) * ([spread[0]] * 3 + [spread[1]] * 3)
        self.noise = Noise(generator, 12)
        scale = 1.0 + parameters.scale_sigma * stream(seed, "imu scale").standard_normal(6)
        self.struct = ImuStruct(
            white=_six(parameters.accel_density_mps2 * root, parameters.gyro_density_radps * root),
            walk=_six(parameters.accel_walk_mps3 / root, parameters.gyro_walk_radps2 / root),
            bias=(ctypes.c_double * 6)(*bias),
            scale=(ctypes.c_double * 6)(*scale),
            gravity_mps2=parameters.gravity_mps2,
            accel_limit=parameters.accel_limit_mps2,
            gyro_limit=parameters.gyro_limit_radps,
            period_s=1.0 / rate_hz,
            noise=self.noise.normals_at,
        )
        self.address = ctypes.addressof(self.struct)

    def step(self, step: int, body: int, accel_mmps2: int, gyro_500urad: int) -> None:
        """Sample the motion of the body at this address, into two arrays of three wire integers."""
        kernels().sim_imu_step(self.address, body, self.noise.row(step), accel_mmps2, gyro_500urad)


def _six(accel: float, gyro: float) -> ctypes.Array[ctypes.c_double]:
    return (ctypes.c_double * 6)(accel, accel, accel, gyro, gyro, gyro)
