"""What the dialogs say; they ask only before motion starts, never before a stop."""

from __future__ import annotations

from patrolcar.dashboard.frame import Frame
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.text import EMPTY, Line, wrapped_text

_LOW_PERCENT = 15


def arm_rows(frame: Frame, cells: int) -> list[Line]:
    """Return the checks before the motors may follow."""
    return [*_checks(frame, cells), EMPTY, _choice("Enter", "arm", "Esc", "leave it")]


def start_rows(frame: Frame, cells: int) -> list[Line]:
    """Return the checks before a mission that arms the car."""
    mission = None if frame.snapshot is None else frame.snapshot.mission
    name = mission.name if mission else "the mission"
    says = f"Starting {name} arms the car, and it drives off."
    if mission is not None and mission.state == "HOLD":
        says += " It begins again; p goes on instead."
    rows: list[Line] = [((row, Ink.STRONG),) for row in wrapped_text(says, cells)]
    return [*rows, *_checks(frame, cells), EMPTY, _choice("Enter", "arm and go", "Esc", "leave it")]


def release_rows(frame: Frame, cells: int) -> list[Line]:
    """Return why the car was stopped, and the second step of the release."""
    snapshot = frame.snapshot
    rows: list[Line] = []
    if snapshot is None or snapshot.mode != "STOPPED":
        rows.append((("No STOP is latched.", Ink.STRONG),))
        return [*rows, EMPTY, (("Esc", Ink.KEY), (" close", Ink.PLAIN))]
    cause = snapshot.cause or "STOP is latched"
    rows.extend(((row, Ink.WARNING),) for row in wrapped_text(cause, cells))
    rows.extend(((row, Ink.PLAIN),) for row in wrapped_text(snapshot.remedy, cells))
    says = "Released, the car stays disarmed. Is the way clear?"
    rows.extend(((row, Ink.PLAIN),) for row in wrapped_text(says, cells))
    return [*rows, EMPTY, _choice("y", "release STOP", "Esc", "leave it latched")]


def quit_rows(frame: Frame, cells: int) -> list[Line]:
    """Return what goes on when the dashboard ends."""
    mode = "" if frame.snapshot is None else frame.snapshot.mode
    says = "Only this screen ends; the core goes on."
    if frame.lost:
        says = "The core is gone; only this screen ends."
    elif frame.owns_core:
        says = "The core ends with this screen, and the car is stopped."
    elif mode == "PATROL":
        says = "The car is on patrol and goes on without this screen."
    elif mode in {"MANUAL", "HOLD"}:
        says = "The car stays armed and stands still."
    rows: list[Line] = [((row, Ink.STRONG),) for row in wrapped_text(says, cells)]
    choice = (("D", Ink.KEY), (" disarm and quit", Ink.PLAIN))
    return [*rows, EMPTY, _choice("Enter", "quit", "Esc", "stay"), choice]


def _checks(frame: Frame, cells: int) -> list[Line]:
    snapshot = frame.snapshot
    if snapshot is None:
        return [(("no news from the core", Ink.WARNING),)]
    battery = snapshot.battery
    charge = None if battery is None else battery.charge_percent
    link = snapshot.link
    checks = [
        (link.state == "UP", f"link {link.state}", False),
        (
            charge is None or (charge > _LOW_PERCENT and not frame.is_old),
            "battery " + ("?" if charge is None else f"{charge}%{' (old)' if frame.is_old else ''}"),
            False,
        ),
        (snapshot.health == "OK", f"position {snapshot.health}", True),
        (not frame.is_stale, f"core heard {1000.0 * frame.age_s:.0f} ms ago", False),
        (snapshot.holder in {None, frame.welcome.client}, f"hand: {snapshot.holder or 'nobody'}", True),
    ]
    rows = [_check(frame, good=good, says=says, optional=optional) for good, says, optional in checks]
    if snapshot.cause:
        rows.extend(
            ((row, Ink.CAUTION),) for row in wrapped_text(f"{snapshot.cause} {snapshot.remedy}", cells)
        )
    return rows


def _check(frame: Frame, *, good: bool, says: str, optional: bool) -> Line:
    if good:
        return ((f" {frame.glyphs.good} {says}", Ink.GOOD),)
    return ((f" {frame.glyphs.bad} {says}", Ink.CAUTION if optional else Ink.WARNING),)


def _choice(yes: str, does: str, no: str, leaves: str) -> Line:
    return ((yes, Ink.KEY), (f" {does}    ", Ink.PLAIN), (no, Ink.KEY), (f" {leaves}", Ink.PLAIN))
