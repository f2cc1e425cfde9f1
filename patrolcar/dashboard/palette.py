"""What each ink looks like: three looks on Okabe and Ito's colours, which colour-blind people can tell apart.

Source: Okabe, Ito (2008), "Color Universal Design". None of the looks depends on colour: modes are words in
reverse video, severities are glyphs, so ``NO_COLOR`` stays readable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.style import Style
from textual.app import App
from textual.theme import Theme

from patrolcar.dashboard.ink import Ink


@dataclass(frozen=True, slots=True)
class Palette:
    """One look."""

    name: str
    dark: bool
    background: str
    floor: str
    foreground: str
    dim: str
    good: str
    caution: str
    warning: str
    info: str
    person: str
    path: str
    scan: str

    def styles(self) -> tuple[Style, ...]:
        """Return the style of every ink, by its number."""
        ground, bold = self.background, {Ink.STRONG, Ink.TITLE, Ink.WARNING, Ink.GOAL, Ink.PERSON, Ink.CAR}
        front = self._fronts()
        styles: list[Style] = []
        for ink in Ink:
            colour = front.get(ink, self.foreground)
            if ink in _BADGES:
                styles.append(Style(color=ground, bgcolor=colour, bold=True))
            else:
                styles.append(Style(color=colour, bgcolor=ground, bold=ink in bold or None))
        return tuple(styles)

    def map_styles(self) -> tuple[Style, ...]:
        """Return the styles on the map: every ink on the outside, then every ink on free floor."""
        outside = self.styles()
        floor = tuple(
            style if ink in _BADGES or ink is Ink.CAR else style + Style(bgcolor=self.floor)
            for ink, style in zip(Ink, outside, strict=True)
        )
        return outside + floor

    def theme(self) -> Theme:
        """Return the look for what Textual draws itself."""
        return Theme(
            name=self.name,
            primary=self.info,
            secondary=self.person,
            warning=self.caution,
            error=self.warning,
            success=self.good,
            accent=self.caution,
            foreground=self.foreground,
            background=self.background,
            surface=self.background,
            panel=self.floor,
            dark=self.dark,
        )

    def _fronts(self) -> dict[Ink, str]:
        return {
            Ink.DIM: self.dim,
            Ink.STALE: self.dim,
            Ink.TITLE: self.info,
            Ink.GOOD: self.good,
            Ink.CAUTION: self.caution,
            Ink.WARNING: self.warning,
            Ink.INFO: self.info,
            Ink.KEY: self.info,
            Ink.BAR: self.info,
            Ink.BADGE_IDLE: self.dim,
            Ink.BADGE_MANUAL: self.info,
            Ink.BADGE_PATROL: self.good,
            Ink.BADGE_HOLD: self.caution,
            Ink.BADGE_STOP: self.warning,
            Ink.BADGE_SIM: self.person,
            Ink.KEEPOUT: self.warning,
            Ink.SLOW: self.caution,
            Ink.FENCE: self.path,
            Ink.TRAIL: self.path,
            Ink.PATH: self.good,
            Ink.SCAN: self.scan,
            Ink.PLACE: self.info,
            Ink.GOAL: self.good,
            Ink.PERSON: self.person,
            Ink.CAR: self.info,
            Ink.LABEL: self.info,
            Ink.DOOR: self.caution,
        }


_BADGES: Final = frozenset(
    {
        Ink.BADGE_IDLE,
        Ink.BADGE_MANUAL,
        Ink.BADGE_PATROL,
        Ink.BADGE_HOLD,
        Ink.BADGE_STOP,
        Ink.BADGE_SIM,
        Ink.CAR,
    }
)

DARK: Final = Palette(
    name="patrolcar-dark",
    dark=True,
    background="#10151a",
    floor="#1b232b",
    foreground="#d8dee4",
    dim="#8a949e",
    good="#2bbf95",
    caution="#e69f00",
    warning="#ff7a33",
    info="#56b4e9",
    person="#e08fbd",
    path="#4a90d9",
    scan="#f0e442",
)
LIGHT: Final = Palette(
    name="patrolcar-light",
    dark=False,
    background="#f4f4ef",
    floor="#ffffff",
    foreground="#1d2329",
    dim="#6a737b",
    good="#006b4f",
    caution="#8a5a00",
    warning="#b84300",
    info="#005a94",
    person="#9c3f75",
    path="#0072b2",
    scan="#7a6a00",
)
CONTRAST: Final = Palette(
    name="patrolcar-contrast",
    dark=True,
    background="#000000",
    floor="#000000",
    foreground="#ffffff",
    dim="#c0c0c0",
    good="#00ffb0",
    caution="#f0e442",
    warning="#ff9a5c",
    info="#8fd3ff",
    person="#ffb3dc",
    path="#7db8ff",
    scan="#fff27a",
)
PALETTES: Final = (DARK, LIGHT, CONTRAST)


def dress(app: App[int], look: int, *, ascii_only: bool) -> None:
    """Give an application every palette, and draw it in one of them, with borders that its terminal has."""
    for palette in PALETTES:
        app.register_theme(palette.theme())
    app.theme = PALETTES[look].name
    if ascii_only:
        app.screen.add_class("ascii")
