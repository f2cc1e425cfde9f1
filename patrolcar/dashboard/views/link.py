"""The line to the controller in numbers, both ways, and how well core and terminal keep up."""

from __future__ import annotations

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, fit_line
from patrolcar.dashboard.views.drive import rule
from patrolcar.pilot.snapshot import LinkView, Snapshot


def link_rows(frame: Frame, cells: int, rows: int) -> list[Line]:
    """Return the numbers: in two columns when the panel is wide and low."""
    pairs = [] if frame.snapshot is None else _pairs(frame, frame.snapshot)
    lines: list[Line] = [rule("link", cells, frame)]
    room = rows - 1
    if len(pairs) <= room:
        lines.extend(_pair(frame, *pair) for pair in pairs)
    else:
        half = (len(pairs) + 1) // 2
        left, right = pairs[:half], [*pairs[half:], ("", "")]
        for first, second in zip(left, right, strict=False):
            lines.append(fit_line(_pair(frame, *first), cells // 2) + _pair(frame, *second))
    return [fit_line(line, cells) for line in (lines + [EMPTY] * rows)[:rows]]


def _pairs(frame: Frame, snapshot: Snapshot) -> list[tuple[str, str]]:
    view = snapshot.link
    return [
        ("state", view.sentence or view.state),
        ("port", view.port or "-"),
        ("target", view.target or "-"),
        ("firmware", view.firmware or "-"),
        ("car to host", _quality(view.frames, view.lost, view.rejected)),
        ("host to car", _quality(view.controller_frames, view.controller_lost, view.controller_rejected)),
        ("lost lately", f"{100.0 * view.loss_here:.1f}% to host, {100.0 * view.loss_there:.1f}% to car"),
        ("last frame", "-" if view.age_s is None else f"{1000.0 * view.age_s:.0f} ms ago"),
        ("round trip", f"{view.round_trip_ms:.1f} ms"),
        ("last 10 s", _recent(frame, view)),
        ("core late", f"{snapshot.loop_late_ms:.1f} ms at worst"),
        ("picture age", f"{1000.0 * frame.age_s:.0f} ms"),
        ("driven", f"{snapshot.distance_m:.1f} m, {snapshot.stop_count} stops"),
        ("recording", snapshot.recording or "off"),
        ("keyboard", _keyboard(frame)),
    ]


def _quality(frames: int, lost: int, rejected: int) -> str:
    return f"{frames} in, {lost} lost, {rejected} bad"


def _recent(frame: Frame, view: LinkView) -> str:
    quality = frame.history.link_quality()
    if quality is None or view.state != "UP":
        return "-"
    return f"{100.0 * quality:.1f}% arrived"


def _keyboard(frame: Frame) -> str:
    hand = frame.hand
    how = "hears releases" if hand.releases else f"no releases, delay {hand.delay_ms:.0f} ms"
    return how if hand.taps_input else f"{how}; STOP waits for the screen"


def _pair(frame: Frame, name: str, value: str) -> Line:
    if not name:
        return EMPTY
    return ((f" {name:<12}", Ink.DIM), (value, frame.ink(Ink.PLAIN)))
