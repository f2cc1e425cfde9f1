"""How near the simulator is to closed forms, to its own data sheets, and to what is published."""

from __future__ import annotations

import ctypes
import math
from itertools import product

import numpy as np
from numpy.typing import NDArray

from patrolcar.calibration.umbmark import Ratios, Square, calibrated
from sim.native import BodyStruct, kernels
from sim.sensors.imu import Imu, ImuParameters
from sim.sensors.lidar import LidarParameters
from sim.sensors.sonar import SonarParameters, Sonars
from sim.vehicle.battery import BatteryParameters
from sim.vehicle.chassis import ChassisParameters, car_struct
from sim.vehicle.motor import JGA25_370
from sim.world.walls import World

from .square_drive import both_ways
from .still_lidar import turns_of

Array = NDArray[np.float64]
PERIOD_S = 0.01
RATE_HZ = 100.0
HOUR_S = 3600
SEEN = 0xFFFC  # codes from here on are no distances
MILLIMETRE = 1e-3
UMBMARKS = ((Square(4.0, 0.2), Ratios(1.004, 1.02)), (Square(2.0, 0.2), Ratios(0.995, 0.98)))


def measure() -> dict[str, object]:
    """Return the figures; errors are the worst of all cases."""
    straight_m, arc_m, spin_m = motion_errors()
    step, coast = motor_errors()
    sonar_sigma_m, sonar_scale = sonar_band()
    lidar_sigma_m, lidar_worst_m = lidar_band()
    white, walk = allan_errors()
    wheels, track = umbmark_errors()
    return {
        "straight_error_m": straight_m,
        "arc_error_m": arc_m,
        "spin_error_m": spin_m,
        "motor_step_error": step,
        "coast_down_error": coast,
        "battery_energy_error": battery_energy_error(),
        "encoder_count_errors": encoder_count_errors(),
        "lidar_error_m": lidar_error_m(),
        "sonar_error_m": sonar_error_m(),
        "allan_white_error": white,
        "allan_walk_error": walk,
        "ld19_sigma_m": lidar_sigma_m,
        "ld19_worst_m": lidar_worst_m,
        "hc_sr04_sigma_m": sonar_sigma_m,
        "hc_sr04_scale_error": sonar_scale,
        "umbmark_wheel_error": wheels,
        "umbmark_track_error": track,
    }


def _arc(pose: Array, motion: Array) -> Array:
    there = np.empty(3)
    kernels().sim_arc(pose.ctypes.data, motion.ctypes.data, there.ctypes.data)
    return there


def _arc_error(v: float, w: float, steps: int = 1000) -> float:
    """Return how far from its circle a car is after ten seconds."""
    pose, motion = np.zeros(3), np.array([v, 0.0, w]) * PERIOD_S
    for _ in range(steps):
        pose = _arc(pose, motion)
    seconds = steps * PERIOD_S
    if w == 0.0:
        return math.hypot(pose[0] - v * seconds, pose[1])
    radius = v / w
    turn_m = abs(math.remainder(pose[2] - w * seconds, math.tau)) * 0.2  # at the rim of the car
    end = (radius * math.sin(w * seconds), radius * (1.0 - math.cos(w * seconds)))
    return max(math.hypot(pose[0] - end[0], pose[1] - end[1]), turn_m)


def motion_errors() -> tuple[float, float, float]:
    """Return the largest errors of straight drives, arcs and spins of ten seconds, in metres."""
    straight = max(_arc_error(v, 0.0) for v in (-0.5, 0.1, 0.5, 1.0))
    arc = max(_arc_error(v, w) for v, w in product((-0.5, 0.2, 1.0), (-2.0, -1e-6, 0.3, 1.5)))
    spin = max(_arc_error(0.0, w) for w in (-3.0, 0.5, 1.8))
    return straight, arc, spin


def _turned(volts: float, speed: float, *, on: bool) -> tuple[float, float]:
    struct, w, angle = JGA25_370.struct(), ctypes.c_double(speed), ctypes.c_double()
    at = ctypes.addressof
    kernels().sim_motor_step(at(struct), volts, int(on), 0.0, 0.0, PERIOD_S, at(w), at(angle))
    return w.value, angle.value


def motor_errors() -> tuple[float, float]:
    """Return the largest relative errors of a step of voltage and of the way of a coast-down."""
    m, step = JGA25_370, 0.0
    for volts in (3.0, 6.0, 12.0):
        speed = 0.0
        for period in range(1, 101):
            speed, _ = _turned(volts, speed, on=True)
            expected = m.settled_radps(volts) * -math.expm1(-period * PERIOD_S / m.time_constant_s)
            step = max(step, abs(speed / expected - 1.0))
    drag, speed, way = m.coulomb_nm / m.viscous_nms, 20.0, 0.0
    rate = m.viscous_nms / m.inertia_kgm2
    expected = 20.0 / rate - drag * math.log1p(20.0 / drag) / rate
    while speed > 0.0:
        speed, turned = _turned(0.0, speed, on=False)
        way += turned
    return step, abs(way / expected - 1.0)


def battery_energy_error() -> float:
    """Return what is missing in: stored energy lost = delivered + heat + what the RC pair holds, relative."""
    pack = BatteryParameters(charge=0.95, capacity_ah=0.05)
    struct = pack.struct()
    stored = spent = 0.0
    for step in range(12_000):
        amps, rc_v, charge = 1.0 + math.sin(0.01 * step), struct.rc_v, struct.charge
        kernels().sim_battery_step(ctypes.addressof(struct), amps, PERIOD_S)
        middle = 0.5 * (charge + struct.charge) * 10.0
        low = min(int(middle), 9)
        cell_v = pack.cell_v[low] + (middle - low) * (pack.cell_v[low + 1] - pack.cell_v[low])
        stored += pack.cells * cell_v * amps * PERIOD_S
        heat_w = amps**2 * pack.resistance_ohm + (0.5 * (rc_v + struct.rc_v)) ** 2 / pack.rc_ohm
        spent += (struct.terminal_v * amps + heat_w) * PERIOD_S
    held = 0.5 * pack.rc_s / pack.rc_ohm * struct.rc_v**2
    return float(abs((spent + held) / stored - 1.0))


def encoder_count_errors() -> int:
    """Return how many of 2,000 readings differ from the whole counts of the wheel's angle."""
    world = World.from_walls([[-1000.0, 1000.0, -999.0, 1000.0]], cell_m=50.0)
    car = car_struct(ChassisParameters(), (JGA25_370,) * 2, BatteryParameters(), (0.0, 0.0, 0.0))
    duty, on, ticks, bumpers = (
        (ctypes.c_int16 * 4)(),
        ctypes.c_uint8(1),
        (ctypes.c_int32 * 4)(),
        ctypes.c_uint8(),
    )
    at, noise, wrong = ctypes.addressof, np.random.default_rng(1), 0
    for step in range(1000):
        if step % 50 == 0:
            duty[:2] = noise.integers(-900, 900, 2).tolist()
        kernels().sim_car_step(
            at(car), world.address, 0, None, at(duty), None, at(on), PERIOD_S, at(ticks), at(bumpers)
        )
        wrong += sum(ticks[k] != math.floor(car.wheels.angle_rad[k] * 1560 / math.tau) for k in range(2))
    return wrong


def _room_distance(x: float, y: float, bearing: Array, width: float, depth: float) -> Array:
    """Return how far the walls of a room are, by trigonometry: the nearest of four lines."""
    with np.errstate(divide="ignore", invalid="ignore"):
        along = np.where(np.cos(bearing) > 0.0, (width - x) / np.cos(bearing), -x / np.cos(bearing))
        across = np.where(np.sin(bearing) > 0.0, (depth - y) / np.sin(bearing), -y / np.sin(bearing))
    return np.fmin(np.where(np.isfinite(along), along, np.inf), np.where(np.isfinite(across), across, np.inf))


def _room(width: float, depth: float) -> World:
    return World.from_walls(
        [
            [0.0, 0.0, width, 0.0],
            [width, 0.0, width, depth],
            [width, depth, 0.0, depth],
            [0.0, depth, 0.0, 0.0],
        ]
    )


def lidar_error_m() -> float:
    """Return the largest difference between beams, before noise, and trigonometry."""
    worst = 0.0
    for x, y, yaw in ((1.0, 1.0, 0.0), (2.7, 3.3, 0.4), (5.2, 0.6, -2.9)):
        mounted = LidarParameters(mount=(0.0, 0.0, 0.0), range_max_m=20.0)
        distance, _ = turns_of(_room(6.0, 4.0), (x, y, yaw), mounted, turns=1)
        bearing = yaw + np.arange(360) * math.tau / 360
        worst = max(worst, float(np.abs(distance - _room_distance(x, y, bearing, 6.0, 4.0)).max()))
    return worst


def _pings(
    world: World, parameters: SonarParameters, pose: tuple[float, float, float], count: int
) -> tuple[Array, float]:
    """Return the readings of the first sonar in metres, and the distance before noise."""
    sonars = Sonars(parameters, 3)
    place, codes = (ctypes.c_double * 3)(*pose), (ctypes.c_uint16 * 8)()
    seen = []
    for step in range(0, count * parameters.cycle_steps, parameters.cycle_steps):
        sonars.step(step, (world.address, 0, 0), ctypes.addressof(place), ctypes.addressof(codes))
        seen.append(codes[0] * MILLIMETRE)
    return np.array(seen), float(sonars.struct.distance_m[0])


def sonar_error_m() -> float:
    """Return the largest difference between the first echo of a wall, before noise, and trigonometry."""
    wall, worst = World.from_walls([[1.0, -50.0, 1.0, 50.0]]), 0.0
    for turned in (0.0, 0.2, 0.4, 0.55):
        cone = SonarParameters(mounts=((0.0, 0.0, 0.0),))
        _, distance = _pings(wall, cone, (0.0, 0.0, turned), 1)
        squarest = max(0.0, turned - cone.half_cone_rad)
        middle = round(turned / (2.0 * cone.half_cone_rad / (cone.rays - 1)))
        if turned <= cone.half_cone_rad:  # the ray nearest to square
            squarest = abs(turned - middle * 2.0 * cone.half_cone_rad / (cone.rays - 1))
        worst = max(worst, abs(distance - 1.0 / math.cos(squarest)))
    return worst


def sonar_band() -> tuple[float, float]:
    """Return the largest standard deviation and the largest scale error of HC-SR04s at 0.2, 1 and 2 m."""
    sigmas, scales = [], []
    for distance in (0.2, 1.0, 2.0):
        wall = World.from_walls([[distance, -5.0, distance, 5.0]])
        seen, _ = _pings(wall, SonarParameters(mounts=((0.0, 0.0, 0.0),)), (0.0, 0.0, 0.0), 1000)
        sigmas.append(float(np.std(seen)))
        scales.append(abs(float(np.mean(seen)) / distance - 1.0))
    return max(sigmas), max(scales)


def lidar_band() -> tuple[float, float]:
    """Return standard deviation and largest error of a lidar in a room, over 100 turns."""
    distance, codes = turns_of(_room(6.0, 4.0), (2.7, 1.8, 0.3), LidarParameters(), turns=100)
    seen = codes < SEEN
    error = codes[seen] * MILLIMETRE - np.broadcast_to(distance, codes.shape)[seen]
    return float(np.std(error)), float(np.abs(error).max())


def allan_errors(seed: int = 5) -> tuple[float, float]:
    """Return how far the Allan deviation of an hour at rest is from what the densities say, relative.

    First for 0.1 to 1 s, where the white noise shows, then for 10 to 30 s, where the walk of the bias does.
    The three like channels of a sensor count together: an hour holds few half minutes.
    """
    p, samples = ImuParameters(), _imu_hour(ImuParameters(), seed)
    sensors = ((0, p.accel_density_mps2, p.accel_walk_mps3), (3, p.gyro_density_radps, p.gyro_walk_radps2))
    errors = dict.fromkeys((0.1, 0.3, 1.0, 10.0, 20.0, 30.0), 0.0)
    for (first, density, walk), seconds in product(sensors, errors):
        variances = [allan_variance(samples[:, first + axis], seconds) for axis in range(3)]
        expected = density**2 / seconds + walk**2 * seconds / 3.0
        errors[seconds] = max(errors[seconds], abs(math.sqrt(float(np.mean(variances)) / expected) - 1.0))
    return max(errors[s] for s in (0.1, 0.3, 1.0)), max(errors[s] for s in (10.0, 20.0, 30.0))


def allan_variance(samples: Array, seconds: float) -> float:
    """Return the overlapping Allan variance of samples at ``RATE_HZ``, for means over so many seconds."""
    size = round(seconds * RATE_HZ)
    sums = np.concatenate([[0.0], np.cumsum(samples - samples.mean())])
    means = (sums[size:] - sums[:-size]) / size
    return 0.5 * float(np.mean((means[size:] - means[:-size]) ** 2))


def _imu_hour(parameters: ImuParameters, seed: int) -> Array:
    imu, body = Imu(parameters, seed, RATE_HZ), BodyStruct()
    count = round(HOUR_S * RATE_HZ)
    accel, gyro = np.empty((count, 3), np.int16), np.empty((count, 3), np.int16)
    at, accel_at, gyro_at = ctypes.addressof(body), accel.ctypes.data, gyro.ctypes.data
    for step in range(count):
        imu.step(step, at, accel_at + 6 * step, gyro_at + 6 * step)
    return np.hstack([accel * 1e-3, gyro * 5e-4])


def umbmark_errors() -> tuple[float, float]:
    """Return how far the ratios from driven squares are from those that were built in: wheels, track."""
    wheels = track = 0.0
    for square, truth in UMBMARKS:
        clockwise, anticlockwise = both_ways(square, truth)
        found = calibrated(square, [clockwise], [anticlockwise]).ratios
        wheels = max(wheels, abs(found.wheel_ratio - truth.wheel_ratio))
        track = max(track, abs(found.track_ratio - truth.track_ratio))
    return wheels, track
