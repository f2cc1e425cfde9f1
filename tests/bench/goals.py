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
    }
)


def missed(name: str, figures: Mapping[str, object]) -> list[str]:
    """Return a sentence for each goal of a benchmark that its figures do not reach."""
    return [
        f"bench {name}: {key} is {figures.get(key)}, expected {goal.least:g} to {goal.most:g}"
        for key, goal in GOALS.get(name, {}).items()
        if not goal.is_reached(figures.get(key))
    ]
