"""Compiled kernels: a turn's messages, odometry, scans, grids, local windows, rollouts, particle weights.

The C lies beside (``kernels.h`` says what each function promises). The caller owns all memory, there is no
clock and no chance in it, and the same inputs give the same outputs. Grids are row major; row 0 is the
lowest y, as in ``site``.
"""

from patrolcar.kernels.arc import arc_clearance, fence_depths, free_ways, polygon_depth, rim_speed
from patrolcar.kernels.fold import Rule, fold
from patrolcar.kernels.grid import FloatGrid, Floats, distance_transform
from patrolcar.kernels.local import LiveMemory, LocalWindow, clearance_cost
from patrolcar.kernels.move import composed, odometry_step, place_piece
from patrolcar.kernels.particles import ParticleCloud, count_fits
from patrolcar.kernels.rollout import Choice, Motion, RolloutRules, Rollouts
from patrolcar.kernels.scan import (
    carried_hits,
    judge_repeats,
    judge_sectors,
    nearest_row,
    seen_hits,
    thinned,
)
from patrolcar.kernels.search import Cells, GridSearch, Refusal

__all__ = [
    "Cells",
    "Choice",
    "FloatGrid",
    "Floats",
    "GridSearch",
    "LiveMemory",
    "LocalWindow",
    "Motion",
    "ParticleCloud",
    "Refusal",
    "RolloutRules",
    "Rollouts",
    "Rule",
    "arc_clearance",
    "carried_hits",
    "clearance_cost",
    "composed",
    "count_fits",
    "distance_transform",
    "fence_depths",
    "fold",
    "free_ways",
    "judge_repeats",
    "judge_sectors",
    "nearest_row",
    "odometry_step",
    "place_piece",
    "polygon_depth",
    "rim_speed",
    "seen_hits",
    "thinned",
]
