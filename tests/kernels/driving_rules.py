"""How the car of the tests of rollouts drives."""

from __future__ import annotations

from typing import Final

from patrolcar.kernels import RolloutRules

RULES: Final = RolloutRules(
    step_s=0.1,
    steps=14,
    slack_m=0.05,
    inscribed_m=0.12,
    circumscribed_m=0.2,
    accel_mps2=0.8,
    brake_mps2=1.2,
    turn_accel_radps2=4.0,
    delay_s=0.1,
    easy_m=0.2,
    weight_clearance=0.25,
    weight_heading=0.12,
    weight_change=0.03,
    weight_speed=0.05,
    blocked_margin_m=0.1,
)
