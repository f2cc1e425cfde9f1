"""Read the ``vary:`` section of a scenario: each name a range ``[low, high]``, or ``{one_of: [...]}``."""

from __future__ import annotations

from math import hypot

from pydantic_core import PydanticCustomError

from patrolcar.config.fields import number, whole
from patrolcar.config.problems import listed, nearest
from patrolcar.config.validate import Checker, Path
from patrolcar.site import Site
from patrolcar.site.clearance import nearest_obstacle
from patrolcar.vehicle import Footprint
from sim.setting.variation import PARAMETERS, Parameter, Varied

MOST_CHOICES = 1000
_ENDS = 2


def read_variation(check: Checker, site: Site | None) -> tuple[Varied, ...]:
    """Return what varies; mistakes go to ``check``, also a start that has no room at ``site``."""
    node = check.root.child("vary")
    if node is None or not check.says("vary"):
        return ()
    if not node.keys():
        check.add(("vary",), "names are expected here, each followed by a colon and its range")
        return ()
    found = [varied for name in node.keys() if (varied := _varied(check, name)) is not None]  # noqa: SIM118  (a node)
    if site is not None:
        _check_start(check, found, site)
    return tuple(found)


def _varied(check: Checker, name: str) -> Varied | None:
    path: Path = ("vary", name)
    if name not in PARAMETERS:
        hint = nearest(name, PARAMETERS)
        known = listed(PARAMETERS)
        check.add(path, f"cannot vary{hint and '; ' + hint} (known here: {known})", at_key=True)
        return None
    node, _ = check.root.follow(path)
    inner = node.child("one_of")
    is_choice = node.keys() == ("one_of",) and inner is not None
    listed_node, path = (inner, (*path, "one_of")) if is_choice and inner is not None else (node, path)
    if not isinstance(listed_node.content, tuple):
        check.add(path, f"a range [low, high] or {{one_of: [...]}} is expected ({PARAMETERS[name].meaning})")
        return None
    count = len(listed_node.content)
    values = [_value(check, (*path, index), PARAMETERS[name]) for index in range(min(count, MOST_CHOICES))]
    if is_choice:
        if not 0 < count <= MOST_CHOICES:
            check.add(path, f"1 to {MOST_CHOICES} choices are expected, found {count}")
        return Varied(name, choices=tuple(value for value in values if value is not None))
    low, high = values if count == _ENDS else (None, None)
    if low is None or high is None or high < low:
        check.add(path, "a range is [low, high], the lower end first")
        return None
    return Varied(name, low, high)


def _value(check: Checker, path: Path, parameter: Parameter) -> float | None:
    """Return one number of a range, None after a mistake."""
    limits = (parameter.meaning, parameter.low, parameter.high)
    reader = whole(limits[0], int(limits[1]), int(limits[2])) if parameter.is_whole else number(*limits)
    node, _ = check.root.follow(path)
    try:
        return float(reader.func(node.plain()))  # type: ignore[call-arg]  # ours takes the value alone
    except PydanticCustomError as error:
        check.add(path, error.message())
        return None


def _check_start(check: Checker, varied: list[Varied], site: Site) -> None:
    """Note a start that could be moved into a wall."""
    reach = {each.name: max(map(abs, each.choices or (each.low, each.high))) for each in varied}
    beside_m = hypot(reach.get("start_x_m", 0.0), reach.get("start_y_m", 0.0))
    if not beside_m:
        return
    needed_m = beside_m + Footprint().circumscribed_m
    nearest_wall = nearest_obstacle(site.grid, site.start.x_m, site.start.y_m, needed_m)
    if nearest_wall.distance_m < needed_m:
        room_m = max(nearest_wall.distance_m - Footprint().circumscribed_m, 0.0)
        name = "start_x_m" if "start_x_m" in reach else "start_y_m"
        text = f"the start may move by {beside_m:.2f} m in all, but there is room for {room_m:.2f} m only"
        check.add(("vary", name), text)
