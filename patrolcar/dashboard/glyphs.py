"""The characters of the dashboard, in Unicode and in ASCII."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of characters; every one is a single cell wide."""

    braille: bool
    modes: Mapping[str, str]
    severities: Mapping[str, str]
    places: Mapping[str, str]
    arrows: str
    """Eight headings, from east (0 rad) counter-clockwise."""
    levels: str
    """Bars of growing height, the first empty."""
    full: str
    empty: str
    middle: str
    rule: str
    good: str
    bad: str
    on: str
    off: str
    place: str
    goal: str
    person: str
    scale_left: str
    scale_line: str
    scale_right: str
    far: str
    knob: str
    pad_arrows: str
    dot: str
    degree: str
    omega: str
    dash: str
    pointer: str
    times: str


UNICODE: Final = Glyphs(
    braille=True,
    modes=MappingProxyType(
        {"OFFLINE": "✗", "DISARMED": "○", "MANUAL": "◆", "PATROL": "▶", "HOLD": "‖", "STOPPED": "■"}
    ),
    severities=MappingProxyType({"INFO": "·", "CAUTION": "●", "WARNING": "▲"}),
    places=MappingProxyType({"PENDING": "○", "CURRENT": "▶", "DONE": "✓", "SKIPPED": "–"}),
    arrows="→↗↑↖←↙↓↘",
    levels=" ▁▂▃▄▅▆▇█",
    full="█",
    empty="─",
    middle="┼",
    rule="─",
    good="✓",
    bad="✗",
    on="●",
    off="○",
    place="◇",
    goal="◆",
    person="☻",
    scale_left="├",
    scale_line="─",
    scale_right="┤",
    far="∞",
    knob="●",
    pad_arrows="↑↓←→",
    dot="·",
    degree="°",
    omega="ω",
    dash="–",
    pointer="▶",
    times="×",
)

ASCII: Final = Glyphs(
    braille=False,
    modes=MappingProxyType(
        {"OFFLINE": "x", "DISARMED": "o", "MANUAL": "M", "PATROL": ">", "HOLD": "=", "STOPPED": "#"}
    ),
    severities=MappingProxyType({"INFO": ".", "CAUTION": "*", "WARNING": "!"}),
    places=MappingProxyType({"PENDING": "o", "CURRENT": ">", "DONE": "+", "SKIPPED": "-"}),
    arrows=">/^\\</v\\",
    levels=" .:-=+*#@",
    full="#",
    empty=".",
    middle="|",
    rule="-",
    good="+",
    bad="x",
    on="*",
    off="o",
    place="o",
    goal="X",
    person="P",
    scale_left="|",
    scale_line="-",
    scale_right="|",
    far="-",
    knob="O",
    pad_arrows="^v<>",
    dot=".",
    degree="",
    omega="w",
    dash="-",
    pointer=">",
    times="x",
)
