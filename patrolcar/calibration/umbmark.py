"""Track and wheel errors from where a square drive really ends (UMBmark).

By its own odometry the car drives a square of side L, both ways round, and comes back to where it started;
a person measures where it really stands. Two numbers explain the difference: ``wheel_ratio``, the right
wheel's diameter over the left one's, and ``track_ratio``, the real track over the believed one.

Source: Borenstein, Feng (1996), "Measurement and correction of systematic odometry errors in mobile
robots", IEEE Transactions on Robotics and Automation 12(6). Their closed form takes angles for small, which a
small car on a large square does not keep; from there Gauss-Newton goes on with the exact arcs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Place = tuple[float, float]

ANTICLOCKWISE: Final = 1
CLOCKWISE: Final = -1
_STEPS: Final = 60
_NUDGE: Final = 1e-6
_SETTLED: Final = 1e-12
_QUARTER: Final = 0.5 * pi


class CalibrationError(ValueError):
    """The measured places cannot come from such drives; the text says what to check."""


@dataclass(frozen=True, slots=True)
class Square:
    """The drive as the car believes in it: ``side_m`` along x first, then four quarter turns."""

    side_m: float
    track_m: float


class Ratios(NamedTuple):
    """What the car really is, over what it is believed to be."""

    wheel_ratio: float
    """Right wheel's diameter over the left one's."""
    track_ratio: float
    """Real track over the believed one."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The outcome.

    Attributes:
        ratios: What was found.
        closed_form: What the published formulas say.
        residual_m: What the mean places still are away from those that the ratios predict, root mean square.
        spread_m: Root mean square of the places around the mean of their direction: slip and reading.

    """

    ratios: Ratios
    closed_form: Ratios
    residual_m: float
    spread_m: float


def ends_at(square: Square, ratios: Ratios, sense: int) -> Place:
    """Return where the car really stands after the square, in the frame of its start.

    Args:
        square: The drive as the car believes in it.
        ratios: What the car really is.
        sense: ``ANTICLOCKWISE`` or ``CLOCKWISE``.

    """
    left = 2.0 / (ratios.wheel_ratio + 1.0)  # rims over what they are believed to travel; their mean is right
    right = ratios.wheel_ratio * left
    track_m = ratios.track_ratio * square.track_m
    rim_m = sense * _QUARTER * 0.5 * square.track_m
    at, heading = 0j, 0.0
    for left_m, right_m in (
        (square.side_m * left, square.side_m * right),
        (-rim_m * left, rim_m * right),
    ) * 4:
        turn = (right_m - left_m) / track_m
        chord_m = 0.5 * (left_m + right_m) * float(np.sinc(0.5 * turn / pi))
        course = heading + 0.5 * turn
        at += chord_m * complex(cos(course), sin(course))
        heading += turn
    return at.real, at.imag


def closed_form(square: Square, clockwise: Place, anticlockwise: Place) -> Ratios:
    """Return the ratios that the published formulas give for two mean end places."""
    four_m = -4.0 * square.side_m
    too_far = 0.5 * (clockwise[0] + anticlockwise[0] + clockwise[1] - anticlockwise[1]) / four_m
    bend = 0.5 * (clockwise[0] - anticlockwise[0] + clockwise[1] + anticlockwise[1]) / four_m
    half_turn = square.track_m * sin(0.5 * bend) / square.side_m  # half a track over the radius of a leg
    return Ratios(float((1.0 + half_turn) / (1.0 - half_turn)), float(_QUARTER / (_QUARTER - too_far)))


def calibrated(square: Square, clockwise: Sequence[Place], anticlockwise: Sequence[Place]) -> Calibration:
    """Return what the car really is, from where it stood after drives of both senses.

    Raises:
        CalibrationError: There is no drive of one sense, or no car ends in such places.

    """
    if not clockwise or not anticlockwise:
        message = "drives of both senses are needed: at least one clockwise and one anticlockwise"
        raise CalibrationError(message)
    places = [np.array(group, dtype=np.float64) for group in (clockwise, anticlockwise)]
    means = [group.mean(axis=0) for group in places]
    first = closed_form(square, (means[0][0], means[0][1]), (means[1][0], means[1][1]))
    target = np.concatenate(means)
    if not np.isfinite(target).all() or np.abs(target).max() > 2.0 * square.side_m:
        message = "a place is farther away than half the way driven: measure from where the car started"
        raise CalibrationError(message)
    found = _refined(square, target, np.array(first))
    off = _ends(square, found) - target
    around = np.concatenate([group - mean for group, mean in zip(places, means, strict=True)])
    return Calibration(
        Ratios(float(found[0]), float(found[1])),
        first,
        float(np.sqrt(np.mean(off**2))),
        float(np.sqrt(np.mean(around**2))),
    )


def _ends(square: Square, ratios: Array) -> Array:
    """Return x and y of both ends, clockwise first."""
    found = Ratios(float(ratios[0]), float(ratios[1]))
    return np.array([*ends_at(square, found, CLOCKWISE), *ends_at(square, found, ANTICLOCKWISE)])


def _refined(square: Square, target: Array, first: Array) -> Array:
    """Return the ratios of least squares, by Gauss-Newton with steps that never make it worse."""
    best, off = first, _ends(square, first) - target
    for _ in range(_STEPS):
        slopes = np.column_stack(
            [
                (_ends(square, best + nudge) - _ends(square, best - nudge)) / (2.0 * _NUDGE)
                for nudge in np.eye(2) * _NUDGE
            ]
        )
        step = np.linalg.lstsq(slopes, -off, rcond=None)[0]
        tried = best + step
        while _square_sum(_ends(square, tried) - target) >= _square_sum(off):
            step = 0.5 * step
            tried = best + step
            if np.abs(step).max() < _SETTLED:
                return best
        best, off = tried, _ends(square, tried) - target
    return best


def _square_sum(values: Array) -> float:
    return float(values @ values)
