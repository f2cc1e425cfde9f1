"""Motions tried ahead of time over a clearance window and a cost-to-go field."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patrolcar.geometry import Points
from patrolcar.kernels.binding import CChoice, CMotion, CRules, address, kernels
from patrolcar.kernels.grid import FloatGrid


@dataclass(frozen=True, slots=True)
class RolloutRules:
    """What is fixed in the scoring; ``kernels.h`` says what each number means."""

    step_s: float
    steps: int
    slack_m: float
    inscribed_m: float
    circumscribed_m: float
    accel_mps2: float
    brake_mps2: float
    turn_accel_radps2: float
    delay_s: float
    easy_m: float
    weight_clearance: float
    weight_heading: float
    weight_change: float
    weight_speed: float
    blocked_margin_m: float


@dataclass(frozen=True, slots=True)
class Motion:
    """Where the car is, how it moves, and the command under way."""

    x_m: float
    y_m: float
    yaw_rad: float
    v_mps: float
    w_radps: float
    sent_v_mps: float
    sent_w_radps: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The best candidate."""

    index: int
    score: float
    free_m: float
    """Way until it would touch; ``inf`` when it does not within the horizon."""
    clearance_m: float
    """Smallest clearance of the rim on the way."""
    descent_m: float
    """How far the cost to go falls."""


class Rollouts:
    """Score (v, w) candidates for one car."""

    def __init__(self, rules: RolloutRules, rim: Points) -> None:
        self._rim = np.ascontiguousarray(rim, dtype=np.float64)
        names = [name for name, _ in CRules._fields_]
        fixed = {"rim_count": self._rim.shape[0], "rim": self._rim.ctypes.data}
        self._rules = CRules(*(fixed[name] if name in fixed else getattr(rules, name) for name in names))
        self._steps = rules.steps
        self._motion = CMotion()
        self._choice = CChoice()
        self._by_reference = tuple(map(ctypes.byref, (self._rules, self._motion, self._choice)))

    def choose(
        self,
        clearance: FloatGrid,
        to_go: FloatGrid,
        motion: Motion,
        candidates: Points,
        steps: int | None = None,
    ) -> Choice | None:
        """Return the candidate, of shape (N, 2) (v, w) with the lowest score; None when none is allowed."""
        self._rules.steps = self._steps if steps is None else min(steps, self._steps)
        set_motion = self._motion
        set_motion.x_m, set_motion.y_m, set_motion.yaw_rad = motion.x_m, motion.y_m, motion.yaw_rad
        set_motion.v_mps, set_motion.w_radps = motion.v_mps, motion.w_radps
        set_motion.sent_v_mps, set_motion.sent_w_radps = motion.sent_v_mps, motion.sent_w_radps
        rules, at, choice = self._by_reference
        kernels().pk_choose(
            rules,
            clearance.by_reference,
            to_go.by_reference,
            at,
            address(candidates, np.float64),
            candidates.shape[0],
            choice,
        )
        best = self._choice
        if best.index < 0:
            return None
        return Choice(best.index, best.score, best.free_m, best.clearance_m, best.descent)


class Fan:
    """(v, w) candidates around an arc: shares of the top speed, each with offsets of the turn rate.

    The last candidate is a standstill. ``candidates``, of shape (N, 2), is written over at each call.
    """

    def __init__(self, shares: Sequence[float], offsets_radps: Sequence[float]) -> None:
        self._shares = np.array(shares, dtype=np.float64)
        self._offsets = np.array(offsets_radps, dtype=np.float64)
        self.candidates = np.zeros((len(shares) * len(offsets_radps) + 1, 2))
        self._at = (
            self._shares.ctypes.data,
            len(shares),
            self._offsets.ctypes.data,
            len(offsets_radps),
            self.candidates.ctypes.data,
        )

    def around(self, top_mps: float, curvature: float, turn_radps: float) -> Points:
        """Return the candidates for a top speed, a curvature (1/m) and the largest turn rate."""
        kernels().pk_fan(top_mps, curvature, turn_radps, *self._at)
        return self.candidates


def descend(
    to_go: FloatGrid, x_m: float, y_m: float, length_m: float, step_m: float
) -> tuple[float, float, float]:
    """Follow the falling cost to go; return the length followed and where it ends."""
    end_x, end_y = ctypes.c_double(), ctypes.c_double()
    followed = kernels().pk_descend(
        to_go.by_reference, x_m, y_m, length_m, step_m, ctypes.byref(end_x), ctypes.byref(end_y)
    )
    return float(followed), end_x.value, end_y.value
