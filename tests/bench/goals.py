"""What the figures of a benchmark must reach; `python -m tests.bench NAME --goals` fails if one does not."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Goal(NamedTuple):
    """Limits of one figure; both are allowed values."""

    least: float
    most: float

    def is_reached(self, figure: object) -> bool:
        """Whether the figure is there and within the limits."""
        return isinstance(figure, int | float) and self.least <= figure <= self.most


def at_least(limit: float) -> Goal:
    return Goal(limit, float("inf"))


def at_most(limit: float) -> Goal:
    return Goal(float("-inf"), limit)


def exactly(value: float) -> Goal:
    return Goal(value, value)


GOALS: Final[Mapping[str, Mapping[str, Goal]]] = MappingProxyType(
    {
        "wire": {
            "decode_ratio_pymavlink": at_least(5),
            "encode_ratio_pymavlink": at_least(5),
            "decode_ratio_pyserialtransfer": at_least(20),
            "intact_recovered": exactly(1.0),
            "false_frames": exactly(0),
        },
        "firmware": {
            "codec_flash_bytes_m3": at_most(1024),
            "codec_flash_bytes_m4": at_most(1024),
            "receiver_ram_bytes_m3": at_most(128),
            "receiver_ram_bytes_m4": at_most(128),
            "image_flash_bytes_stm32f103": at_most(32 * 1024),
            "image_ram_bytes_stm32f103": at_most(8 * 1024),
            "pil_golden_equal": exactly(True),
        },
        "fidelity": {
            "straight_error_m": Goal(0, 1e-9),
            "arc_error_m": Goal(0, 1e-9),
            "spin_error_m": Goal(0, 1e-9),
            "motor_step_error": Goal(0, 1e-3),
            "coast_down_error": Goal(0, 1e-3),
            "battery_energy_error": Goal(0, 1e-3),
            "encoder_count_errors": exactly(0),
            "lidar_error_m": Goal(0, 1e-9),
            "sonar_error_m": Goal(0, 1e-9),
            "allan_white_error": Goal(0, 0.10),
            "allan_walk_error": Goal(0, 0.10),
            "ld19_sigma_m": Goal(0.0098, 0.0102),  # 10 mm, its data sheet
            "ld19_worst_m": Goal(0, 0.045),  # +-45 mm, its data sheet
            "hc_sr04_sigma_m": Goal(0.001, 0.005),  # measured by users: 0.1 to 0.5 cm
            "hc_sr04_scale_error": Goal(0, 0.035),  # measured by users: 0.035 cm/cm
            "umbmark_wheel_error": Goal(0, 1e-4),
            "umbmark_track_error": Goal(0, 1e-4),
        },
        "campaign": {
            "missions": at_least(1000),
            "minutes_per_1000": at_most(15),
            "collisions": exactly(0),
            "exit_code": exactly(0),
        },
        "determinism": {
            "missions": at_least(1000),
            "differing_hashes": exactly(0),
            "differing_rows": exactly(0),
            "crashed": exactly(0),
        },
        "endurance": {
            "simulated_h": at_least(24),
            "rss_slope_mib_per_h": at_most(1),
            "collisions": exactly(0),
        },
        "sim": {
            "rtf": at_least(100),
            "rtf_plant": at_least(300),
            "rtf_no_lidar": at_least(500),
        },
    }
)


def missed(name: str, figures: Mapping[str, object]) -> list[str]:
    """Return a sentence for each goal of a benchmark that its figures do not reach."""
    return [
        f"bench {name}: {key} is {figures.get(key)}, expected {goal.least:g} to {goal.most:g}"
        for key, goal in GOALS.get(name, {}).items()
        if not goal.is_reached(figures.get(key))
    ]
