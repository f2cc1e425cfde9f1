"""The first row: mode, target, battery, link, recording, who drives, and how keys are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, fit, joined, line_width, spread
from patrolcar.pilot.snapshot import BatteryView, LinkView, Snapshot

BADGES: Final[Mapping[str, Ink]] = MappingProxyType(
    {
        "OFFLINE": Ink.BADGE_STOP,
        "DISARMED": Ink.BADGE_IDLE,
        "MANUAL": Ink.BADGE_MANUAL,
        "PATROL": Ink.BADGE_PATROL,
        "HOLD": Ink.BADGE_HOLD,
        "STOPPED": Ink.BADGE_STOP,
    }
)
_SIMULATED: Final = MappingProxyType({"SIMULATOR": "SIM", "EMULATOR": "EMU"})
_LOW_PERCENT: Final = 20
_EMPTY_PERCENT: Final = 10
_GOOD_LINK: Final = 0.99
_POOR_LINK: Final = 0.9
_OLD_FRAME_S: Final = 0.3
_HOLDER_CELLS: Final = 10
_ALWAYS: Final = 3  # target, battery and link stay


def state_bar(frame: Frame, cells: int) -> Line:
    """Return the row; what matters least is left out first when the row is too short."""
    snapshot = frame.snapshot
    if snapshot is None:
        return spread(mode_badge(frame), ((frame.welcome.car.name, Ink.DIM),), cells)
    pieces = [
        target(snapshot.link),
        battery(frame, snapshot.battery),
        link(frame, snapshot.link),
        _position(frame, snapshot),
        _holder(frame, snapshot),
        _recording(frame, snapshot),
    ]
    right = _input(frame)
    left = _joined(frame, pieces)
    while len(pieces) > _ALWAYS and line_width(left) + line_width(right) + 1 > cells:
        pieces.pop()
        left = _joined(frame, pieces)
    if line_width(left) + line_width(right) + 1 > cells:
        right = EMPTY
    return spread(left, right, cells)


def _joined(frame: Frame, pieces: Sequence[Line]) -> Line:
    badges = joined([mode_badge(frame), pieces[0]], (" ", Ink.PLAIN))
    return joined([badges, *pieces[1:]], ("  ", Ink.PLAIN))


def mode_badge(frame: Frame) -> Line:
    """Return the mode as a glyph and a word in reverse video."""
    if frame.lost or frame.snapshot is None:
        return ((f" {frame.glyphs.bad} {'NO CORE' if frame.lost else 'WAITING'} ", Ink.BADGE_STOP),)
    mode = frame.snapshot.mode
    badge: Line = ((f" {frame.glyphs.modes.get(mode, '?')} {mode} ", BADGES.get(mode, Ink.BADGE_STOP)),)
    if frame.is_stale:
        badge += ((" ", Ink.PLAIN), (f" {frame.glyphs.bad} STALE {frame.age_s:.1f} s ", Ink.BADGE_STOP))
    return badge


def target(view: LinkView) -> Line:
    """Return a badge when no real car is driven."""
    word = _SIMULATED.get(view.target)
    return ((f" {word} ", Ink.BADGE_SIM),) if word else EMPTY


def battery(frame: Frame, view: BatteryView | None) -> Line:
    """Return voltage and charge, with a bar."""
    if view is None:
        return (("battery ?", Ink.DIM),)
    volts = f"{view.voltage_v:.1f} V"
    if frame.is_old:
        percent_shown = "" if view.charge_percent is None else f" {view.charge_percent}%"
        return ((f"{volts}{percent_shown} (old)", frame.car_ink(Ink.STRONG)),)
    if view.charge_percent is None:
        return ((volts, frame.ink(Ink.STRONG)),)
    percent = view.charge_percent
    level = frame.glyphs.levels[min(max(percent * 8 // 100, 0), 7) + 1]
    ink, mark = Ink.GOOD, ""
    if percent <= _EMPTY_PERCENT:
        ink, mark = Ink.WARNING, frame.glyphs.severities["WARNING"]
    elif percent <= _LOW_PERCENT:
        ink, mark = Ink.CAUTION, frame.glyphs.severities["CAUTION"]
    return ((f"{level}{mark}", frame.ink(ink)), (f" {volts} {percent}%", frame.ink(Ink.STRONG)))


def link(frame: Frame, view: LinkView) -> Line:
    """Return the quality of the line to the controller, or what is wrong with it."""
    if frame.lost:
        return ((f"link {frame.glyphs.dash}", frame.ink(Ink.PLAIN)),)
    if view.state != "UP":
        return ((f"{frame.glyphs.severities['WARNING']} link {view.state}", frame.ink(Ink.WARNING)),)
    if view.age_s is not None and view.age_s > _OLD_FRAME_S:
        return ((f"{frame.glyphs.severities['WARNING']} link silent {view.age_s:.1f} s", Ink.WARNING),)
    quality = frame.history.link_quality()
    shown = "link" if quality is None else f"link {100.0 * quality:.3g}%"
    ink = Ink.GOOD
    if quality is not None and quality < _GOOD_LINK:
        ink = Ink.CAUTION if quality >= _POOR_LINK else Ink.WARNING
        shown = f"{frame.glyphs.severities['CAUTION']} {shown}"
    return ((shown, frame.ink(ink)), (f" {view.round_trip_ms:.0f} ms", frame.ink(Ink.PLAIN)))


def _recording(frame: Frame, snapshot: Snapshot) -> Line:
    if frame.lost:
        return EMPTY
    if snapshot.recording is None:
        return ((f"{frame.glyphs.off} no rec", Ink.DIM),)
    return ((f"{frame.glyphs.on} rec", frame.ink(Ink.WARNING)),)


def _holder(frame: Frame, snapshot: Snapshot) -> Line:
    is_ours = snapshot.holder == frame.welcome.client
    if snapshot.holder is None or (is_ours and frame.hand.command.is_active):
        return EMPTY
    who = "you" if is_ours else fit(snapshot.holder, _HOLDER_CELLS).rstrip()
    return ((f"by {who}", frame.ink(Ink.STRONG)),)


def _position(frame: Frame, snapshot: Snapshot) -> Line:
    if frame.is_old:
        return ((f"pos {frame.glyphs.dash}", frame.car_ink(Ink.PLAIN)),)
    if snapshot.health == "OK":
        return ((f"{frame.glyphs.good} pos", frame.ink(Ink.GOOD)),)
    glyph = frame.glyphs.severities["WARNING" if snapshot.health == "LOST" else "CAUTION"]
    ink = Ink.WARNING if snapshot.health == "LOST" else Ink.CAUTION
    return ((f"{glyph} pos {snapshot.health}", frame.ink(ink)),)


def _input(frame: Frame) -> Line:
    hand = frame.hand
    if hand.command.is_active:
        return ((f" {frame.glyphs.on} {hand.command.path} ", Ink.BADGE_MANUAL),)
    return (("KEYS+release" if hand.releases else "KEYS legacy", Ink.DIM),)
