"""Look at and change the parameters of a car: list, get NAME, set NAME=VALUE..., save, defaults, diff.

A change is checked, staged and read back first, and then put to use all at once or not at all. The car must
be disarmed and at rest; it is never armed here. What is not saved is gone when the power goes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from firmware_protocol.messages import PARAMETERS, Parameter
from firmware_protocol.parameter_talk import changing, restoring, saving
from firmware_protocol.parameters import (
    OWN_VALUES,
    Failed,
    Values,
    Wish,
    parameter_named,
    range_of,
    shown,
    unit_of,
    wish_of,
)
from patrolcar.cli import Exit
from patrolcar.cli.bench_talk import BenchTalk
from patrolcar.cli.output import print_json
from patrolcar.client import core_is_running
from patrolcar.errors import CommandError, LinkError
from patrolcar.links.serial_address import AUTO

NOT_DONE: Final = Exit.MISSION_FAILED
COLUMNS: Final = ("", "parameter", "value", "own value", "range", "meaning")
LEGEND: Final = "* differs from the firmware's own value; ! a protection: change it only when you know why"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("names", nargs="*", metavar="NAME[=VALUE]", help="for get and set")
    parser.add_argument(
        "--car",
        default=AUTO,
        metavar="ADDRESS",
        help="serial port, usb://VID:PID, socket://HOST:PORT or auto (default): the one where a car answers",
    )
    parser.add_argument("--save", action="store_true", help="with set and defaults: also keep the values")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--socket", metavar="PATH", help="control socket of a core that may own the car")


def run(options: argparse.Namespace) -> int:
    """Do what is asked: 0 done, 1 the car refused, 2 a mistake in the question, 3 no car."""
    action, names = ACTIONS[options.action], options.names
    if bool(names) != (options.action in NEED_NAMES):
        needs = "needs at least one name" if options.action in NEED_NAMES else "takes no name"
        message = f"patrolcar param {options.action} {needs}; `patrolcar param list` names them all"
        raise CommandError(message)
    chosen = _all_or_error([_READ[options.action](name) for name in names])
    with _car(options) as car:
        used = car.read()
        failed = used if isinstance(used, Failed) else action(car, used, chosen, options)
    if failed is None:
        return Exit.DONE
    print(failed.sentence, file=sys.stderr)
    return NOT_DONE


def _car(options: argparse.Namespace) -> BenchTalk:
    try:
        return BenchTalk(options.car)
    except LinkError as error:
        if not core_is_running(options.socket):
            raise
        message = f"{error}\na core (`patrolcar up`) is running and owns its car: end it, then try again"
        raise LinkError(message) from error


def _all_or_error(found: Sequence[Wish | Failed]) -> list[Wish]:
    """Return the wishes; every mistake in them is told at once."""
    mistakes = [each.sentence for each in found if isinstance(each, Failed)]
    wishes = [each for each in found if isinstance(each, Wish)]
    names = [wish.parameter.name for wish in wishes]
    mistakes += [f"{name}: named twice" for name in sorted(set(names)) if names.count(name) > 1]
    if mistakes:
        raise CommandError("\n".join(mistakes))
    return wishes


def _named(name: str) -> Wish | Failed:
    parameter = parameter_named(name)
    return parameter if isinstance(parameter, Failed) else Wish(parameter, OWN_VALUES.of(parameter))


# ----------------------------------------------------------------------
# the actions; each returns why not, or None


def _list(car: BenchTalk, used: Values, chosen: list[Wish], options: argparse.Namespace) -> Failed | None:
    del car, chosen
    _show(used, PARAMETERS, as_json=options.json)
    return None


def _get(car: BenchTalk, used: Values, chosen: list[Wish], options: argparse.Namespace) -> Failed | None:
    del car
    parameters = [wish.parameter for wish in chosen]
    if options.json:
        _show(used, parameters, as_json=True)
    else:
        for parameter in parameters:
            print(f"{parameter.name} = {shown(parameter, used.of(parameter))}{unit_of(parameter)}")
    return None


def _diff(car: BenchTalk, used: Values, chosen: list[Wish], options: argparse.Namespace) -> Failed | None:
    del car, chosen
    differing = [each for each in PARAMETERS if used.of(each) != OWN_VALUES.of(each)]
    if differing or options.json:
        _show(used, differing, as_json=options.json)
    else:
        print("every parameter has the firmware's own value")
    return None


def _set(car: BenchTalk, used: Values, chosen: list[Wish], options: argparse.Namespace) -> Failed | None:
    return _changed(
        car.run(lambda session: changing(session, used, chosen, keep=options.save)), used, options
    )


def _defaults(car: BenchTalk, used: Values, chosen: list[Wish], options: argparse.Namespace) -> Failed | None:
    del chosen
    return _changed(car.run(lambda _: restoring(keep=options.save)), used, options)


def _save(car: BenchTalk, used: Values, chosen: list[Wish], options: argparse.Namespace) -> Failed | None:
    del chosen
    saved = car.run(lambda _: saving(used))
    if isinstance(saved, Failed):
        return saved
    if options.json:
        print_json({"saved": True, "hash": f"{used.hash:#010x}"})
    else:
        print("saved: the values in use hold over a power cycle")
    return None


def _changed(after: Values | Failed, before: Values, options: argparse.Namespace) -> Failed | None:
    if isinstance(after, Failed):
        return after
    rows = [each for each in PARAMETERS if before.of(each) != after.of(each)]
    if options.json:
        changes = [_as_json(each, after) | {"before": float(shown(each, before.of(each)))} for each in rows]
        print_json({"changed": changes, "saved": options.save, "hash": f"{after.hash:#010x}"})
        return None
    for each in rows:
        old, new = shown(each, before.of(each)), shown(each, after.of(each))
        print(f"{each.name}: {old} -> {new}{unit_of(each)}{' (a protection)' if each.is_safety else ''}")
    if not rows:
        print("nothing to change: the car has these values already")
    print("saved" if options.save else "in use until the power goes; `patrolcar param save` keeps them")
    return None


# ----------------------------------------------------------------------


def _show(values: Values, parameters: Sequence[Parameter], *, as_json: bool) -> None:
    if as_json:
        rows = [_as_json(parameter, values) for parameter in parameters]
        print_json({"parameters": rows, "hash": f"{values.hash:#010x}"})
        return
    cells = [COLUMNS, *(_cells(parameter, values) for parameter in parameters)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    print(LEGEND)


def _cells(parameter: Parameter, values: Values) -> tuple[str, ...]:
    bits, own = values.of(parameter), OWN_VALUES.of(parameter)
    marks = ("*" if bits != own else " ") + ("!" if parameter.is_safety else " ")
    value = f"{shown(parameter, bits)}{unit_of(parameter)}"
    return marks, parameter.name, value, shown(parameter, own), range_of(parameter), parameter.text


def _as_json(parameter: Parameter, values: Values) -> dict[str, object]:
    bits, own = values.of(parameter), OWN_VALUES.of(parameter)
    return {
        "name": parameter.name,
        "value": float(shown(parameter, bits)),
        "unit": parameter.unit,
        "low": parameter.low,
        "high": parameter.high,
        "own": parameter.default,
        "differs": bits != own,
        "protection": parameter.is_safety,
        "meaning": parameter.text,
    }


Action = Callable[[BenchTalk, Values, list[Wish], argparse.Namespace], Failed | None]
ACTIONS: Final[Mapping[str, Action]] = MappingProxyType(
    {"list": _list, "get": _get, "set": _set, "save": _save, "defaults": _defaults, "diff": _diff}
)
_READ: Final[Mapping[str, Callable[[str], Wish | Failed]]] = MappingProxyType({"get": _named, "set": wish_of})
NEED_NAMES: Final = frozenset(_READ)
