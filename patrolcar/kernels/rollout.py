"""Motions tried ahead of time over a clearance window and a cost-to-go field."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from patrolcar.errors import CommandError
from patrolcar.geometry import Points
from patrolcar.kernels.binding import CRules, calls
from patrolcar.kernels.grid import FloatGrid

_MOST_STEPS = 64  # PK_MOST_STEPS in kernels.h; C goes no further


@dataclass(frozen=True, slots=True)
class RolloutRules:
    """What is fixed in the scoring; ``kernels.h`` says what each number means. No weight is below 0."""

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


class Motion(NamedTuple):
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
    """Score (v, w) candidates for one car.

    Raises:
        CommandError: The rules have more than 64 steps.

    """

    def __init__(self, rules: RolloutRules, rim: Points) -> None:
        if rules.steps > _MOST_STEPS:
            message = f"a rollout of {rules.steps} steps is too long: at most {_MOST_STEPS}"
            raise CommandError(message)
        self._rim = np.ascontiguousarray(rim, dtype=np.float64)
        names = [name for name, _ in CRules._fields_]
        fixed = {"rim_count": self._rim.shape[0], "rim": self._rim.ctypes.data}
        self._rules = CRules(*(fixed[name] if name in fixed else getattr(rules, name) for name in names))
        self._at = ctypes.addressof(self._rules)
        self._steps = rules.steps

    def choose(
        self,
        clearance: FloatGrid,
        to_go: FloatGrid,
        motion: Motion,
        candidates: Points,
        steps: int | None = None,
    ) -> Choice | None:
        """Return the candidate, of shape (N, 2) (v, w), with the lowest score; None when none is allowed.

        Of equals it is the first.
        """
        best = calls().choose(
            candidates,
            self._at,
            clearance.at,
            to_go.at,
            self._steps if steps is None else steps,
            *motion,
        )
        return Choice(*best) if best[0] >= 0 else None


class Fan:
    """(v, w) candidates around an arc: shares of the top speed, each with offsets of the turn rate.

    The last candidate is a standstill. ``candidates``, of shape (N, 2), is written over at each call.
    """

    def __init__(self, shares: Sequence[float], offsets_radps: Sequence[float]) -> None:
        self._shares = np.array(shares, dtype=np.float64)
        self._offsets = np.array(offsets_radps, dtype=np.float64)
        self.candidates = np.zeros((len(shares) * len(offsets_radps) + 1, 2))

    def around(self, top_mps: float, curvature: float, turn_radps: float) -> Points:
        """Return the candidates for a top speed, a curvature (1/m) and the largest turn rate."""
        calls().fan(self.candidates, self._shares, self._offsets, top_mps, curvature, turn_radps)
        return self.candidates


def descend(
    to_go: FloatGrid, x_m: float, y_m: float, length_m: float, step_m: float
) -> tuple[float, float, float]:
    """Follow the falling cost to go; return the length followed and where it ends."""
    end: tuple[float, float, float] = calls().descend(to_go.at, x_m, y_m, length_m, step_m)
    return end
