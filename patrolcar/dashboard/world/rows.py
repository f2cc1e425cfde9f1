"""The lines around the map of the simulated world: state, numbers, news, keys."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from patrolcar.dashboard.glyphs import Glyphs
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, fit_line, joined, spread, wrapped_text
from patrolcar.dashboard.views.drive import heading_deg
from patrolcar.dashboard.views.gauges import bar, centred_bar, strip
from patrolcar.dashboard.world.news import News
from patrolcar.dashboard.world.view import WorldView

LATE_S: Final = 0.02
_NEAR_M: Final = 0.1
_LOW_CHARGE: Final = 0.2
_TURN_TOP_RADPS: Final = 3.0

KEYS: Final = (
    ("q  Ctrl-C", "end the simulation", "q quit"),
    ("f", "follow the car, or stop following it", "f follow"),
    ("0", "show the whole site", "0 all"),
    ("+ - wheel", "zoom", "+- zoom"),
    ("arrows  drag", "move the map", "arrows move"),
    ("t", "colours: dark, light, high contrast", ""),
    ("?", "this help; again: back to the map", "? help"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the lines are made of."""

    title: str
    address: str
    seen: WorldView | None
    news: Sequence[News]
    speeds: deque[float]
    age_s: float  # of ``seen``
    top_mps: float
    glyphs: Glyphs


def state_row(shown: Shown, cells: int) -> Line:
    """Return the first row: the clock of the world, what it is, and whether a host talks."""
    seen = shown.seen
    if seen is None:
        return spread(((" SIM ", Ink.BADGE_SIM), (" starting", Ink.DIM)), EMPTY, cells)
    minutes, seconds = divmod(seen.time_s, 60.0)
    pieces: list[Line] = [
        ((" SIM ", Ink.BADGE_SIM), (f" {int(minutes):d}:{seconds:04.1f}", Ink.STRONG)),
        ((shown.title, Ink.TITLE),),
        _host(shown, seen),
    ]
    if seen.line.late_s > LATE_S:
        sign = shown.glyphs.severities["CAUTION"]
        pieces.append(((f"{sign} late {1000.0 * seen.line.late_s:.0f} ms", Ink.CAUTION),))
    return spread(
        joined(pieces, ("  ", Ink.PLAIN)), ((_end_of(shown.address, cells // 3), Ink.STRONG),), cells
    )


def _end_of(address: str, cells: int) -> str:
    """Return the address, or its end: that is where one differs from another."""
    return address if cell_len(address) <= cells else f"~{address[-max(cells - 1, 1) :]}"


def _host(shown: Shown, seen: WorldView) -> Line:
    if seen.line.heard:
        return ((f"{shown.glyphs.on} host", Ink.GOOD),)
    return ((f"{shown.glyphs.off} no host", Ink.DIM),)


def panel_rows(shown: Shown, cells: int, rows: int) -> list[Line]:
    """Return the numbers, then what is wrong, then the news as far as there are rows."""
    seen = shown.seen
    if seen is None:
        return [EMPTY] * rows
    lines = [*_motion(shown, seen, cells), *_harm(shown, seen), *_power(seen)]
    lines += [_rule("faults", cells, shown.glyphs), *_faults(shown, seen)]
    lines.append(_rule("news", cells, shown.glyphs))
    lines += _told(shown, cells, rows - len(lines))
    return [fit_line(line, cells) for line in (lines + [EMPTY] * rows)[:rows]]


def _motion(shown: Shown, seen: WorldView, cells: int) -> list[Line]:
    glyphs, (x_m, y_m, yaw_rad) = shown.glyphs, seen.pose
    wide = max(cells - 1, 4)
    (left, right), motors = seen.wheels_mps, "on " if seen.powered else "off"
    return [
        ((f"x {x_m:+.2f}  y {y_m:+.2f}  {heading_deg(yaw_rad):03d}{glyphs.degree}", Ink.PLAIN),),
        (("v ", Ink.TITLE), (_signed(seen.speed_mps), Ink.STRONG), (" m/s  ", Ink.DIM),
         (f"{seen.distance_m:.1f} m driven", Ink.DIM)),
        bar(abs(seen.speed_mps) / shown.top_mps, wide, glyphs, Ink.BAR),
        ((f"{glyphs.omega} ", Ink.TITLE), (_signed(seen.turn_radps), Ink.STRONG), (" r/s", Ink.DIM)),
        centred_bar(-seen.turn_radps / _TURN_TOP_RADPS, wide, glyphs, Ink.BAR),
        ((f"motors {motors} rims {_signed(left)} {_signed(right)}", Ink.DIM),),
        (("speed ", Ink.DIM),
         (strip(list(shown.speeds), 0.0, shown.top_mps, wide - 6, glyphs), Ink.BAR)),
    ]  # fmt: skip


def _harm(shown: Shown, seen: WorldView) -> list[Line]:
    glyphs = shown.glyphs
    is_bad = seen.collisions > 0 or seen.fallen
    mark, ink = (glyphs.bad, Ink.WARNING) if is_bad else (glyphs.good, Ink.GOOD)
    fallen = "  FALLEN" if seen.fallen else ""
    near = Ink.CAUTION if seen.gap_m is not None and seen.gap_m < _NEAR_M else Ink.STRONG
    lines: list[Line] = [
        ((f"{mark} {seen.collisions} collisions", ink), (fallen, Ink.WARNING),
         (f"  touched {seen.standing_touches}", Ink.DIM)),
        (("gap ", Ink.DIM), (_metres(seen.gap_m), near), (f"  least {_metres(seen.least_gap_m)}", Ink.DIM)),
        ((f"nearest person {_metres(seen.nearest_person_m)}", Ink.DIM),),
    ]  # fmt: skip
    if seen.bumpers:
        lines.append(((f"{glyphs.severities['WARNING']} bumper pressed", Ink.WARNING),))
    return lines


def _power(seen: WorldView) -> list[Line]:
    ink = Ink.CAUTION if seen.charge < _LOW_CHARGE else Ink.PLAIN
    return [((f"{seen.battery_v:.2f} V  {seen.current_a:.2f} A  {100.0 * seen.charge:.0f}%", ink),)]


def _faults(shown: Shown, seen: WorldView) -> list[Line]:
    sign = shown.glyphs.severities["CAUTION"]
    lines: list[Line] = []
    for fault in seen.faults:
        left = "" if fault.left_s is None else f" {fault.left_s:.0f} s"
        lines.append(((f"{sign} {fault.kind}", Ink.CAUTION), (left, Ink.DIM)))
    return lines or [((" none now", Ink.DIM),)]


def _told(shown: Shown, cells: int, rows: int) -> list[Line]:
    """Return the newest news that fit, the newest at the bottom."""
    lines: list[Line] = []
    for each in reversed(shown.news):
        minutes, seconds = divmod(int(each.time_s), 60)
        first, *more = wrapped_text(each.text, max(cells - 6, 8))
        block: list[Line] = [((f"{minutes}:{seconds:02d} ", Ink.DIM), (first, each.ink))]
        block += [((f"     {row}", each.ink),) for row in more]
        if len(lines) + len(block) > rows:
            break
        lines = block + lines
    return lines or [((" nothing yet", Ink.DIM),)]


def _signed(value: float) -> str:
    return f"{round(value, 2) + 0.0:+.2f}"  # + 0.0: no "-0.00"


def _metres(value: float | None) -> str:
    return "far" if value is None or math.isinf(value) else f"{value:.2f} m"


def _rule(title: str, cells: int, glyphs: Glyphs) -> Line:
    line = glyphs.rule
    return ((line, Ink.DIM), (f" {title} ", Ink.TITLE), (line * max(cells - len(title) - 3, 0), Ink.DIM))


def footer_row(shown: Shown, cells: int) -> Line:
    """Return the keys, as many as fit."""
    if shown.age_s > 1.0:
        sign = shown.glyphs.severities["WARNING"]
        return fit_line(((f"{sign} no picture for {shown.age_s:.0f} s", Ink.WARNING),), cells)
    line: Line = ((" truth ", Ink.BADGE_IDLE),)
    for _, _, brief in KEYS:
        if brief:
            key, _, says = brief.rpartition(" ")
            line += (("  ", Ink.PLAIN), (key, Ink.KEY), (f" {says}", Ink.DIM))
    return fit_line(line, cells)


def help_rows(cells: int, rows: int) -> list[Line]:
    """Return every key, and what the signs on the map mean."""
    lines: list[Line] = [(("The simulated world as it really is; no host sees this.", Ink.TITLE),), EMPTY]
    lines += [((f" {key:<14}", Ink.KEY), (says, Ink.PLAIN)) for key, says, _ in KEYS]
    lines.append(EMPTY)
    meanings = (
        (Ink.SCAN, "dots where the lidar's beams end"),
        (Ink.DOOR, "doors, and things that come and go"),
        (Ink.SLOW, "floor that is slippery, deep or steep"),
        (Ink.KEEPOUT, "no floor"),
        (Ink.PLACE, "places, tags, docks, and what warms, smells or burns"),
        (Ink.TRAIL, "the way the car has taken"),
        (Ink.PERSON, "people; the car carries an arrow"),
    )
    lines += [((f" {says}", ink),) for ink, says in meanings]
    lines += [
        EMPTY,
        ((" Time here is real: it has no pause, for the controller's clock would stop too.", Ink.DIM),),
    ]
    return [fit_line(line, cells) for line in (lines + [EMPTY] * rows)[:rows]]
