"""The command line. Each command is a file of its own and is imported only when it runs."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from patrolcar import __version__
from patrolcar.errors import CommandError, ConfigError, LinkError


class Exit(IntEnum):
    """What the exit code says to a script."""

    DONE = 0
    MISSION_FAILED = 1
    USAGE = 2
    NO_CAR = 3
    LINK_LOST = 4
    SAFETY_STOP = 5
    BAD_FILE = 6
    INTERRUPTED = 130


class Command(NamedTuple):
    """One command: the file that does it, and a line about it."""

    module: str
    summary: str


COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "demo": Command("demo", "show a moving patrol: simulator, core and dashboard in one command"),
        "up": Command("up", "start the core: it owns the port, drives, records and serves dashboards"),
        "dash": Command("dash", "open the dashboard of a running core"),
        "drive": Command("drive", "drive by hand; starts a core when none is running"),
        "run": Command("run", "drive a mission to its end and print the report"),
        "stop": Command("stop", "STOP the car, from anywhere"),
        "sim": Command("sim", "simulate a car behind a serial port or a TCP port"),
        "campaign": Command("campaign", "drive a scenario with many seeds and say what may be concluded"),
        "check": Command("check", "check site, map, mission, graph, vehicle and scenario files"),
        "import-graph": Command("import_graph", "make a site and a mission from a patrol graph and its map"),
        "replay": Command("replay", "feed a recording to the pilot and compare what it sends"),
        "firmware": Command("firmware", "build the controller for a board, flash it, or run it in QEMU"),
        "param": Command("param", "look at and change the parameters of a car"),
        "calibrate": Command("calibrate", "find track and wheel errors from measured square drives"),
        "key": Command("key", "make a key for a car that is driven over a network"),
        "doctor": Command("doctor", "find out why a car does not answer, and what to do"),
        "ports": Command("ports", "list serial ports and say which look like a car"),
    }
)


FAILURES: Final[Mapping[type[Exception], Exit]] = MappingProxyType(
    {ConfigError: Exit.BAD_FILE, LinkError: Exit.NO_CAR, CommandError: Exit.USAGE}
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    top = _top_parser()
    if not arguments or arguments[0].startswith("-"):
        top.parse_args(arguments)
        top.print_help()
        return Exit.USAGE
    chosen = top.parse_args(arguments[:1]).command
    command = importlib.import_module(f"patrolcar.cli.{COMMANDS[chosen].module}")
    parser = argparse.ArgumentParser(prog=f"patrolcar {chosen}", description=command.__doc__)
    command.add_arguments(parser)
    return _run(command.run, parser.parse_args(arguments[1:]))


def _top_parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    table = "\n".join(f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="patrolcar",
        description="Companion software for an STM32 patrol car.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"commands:\n{table}\n\n`patrolcar COMMAND --help` tells more. `patrolcar demo` needs no car.",
        usage="patrolcar COMMAND [...]",
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"patrolcar {__version__}")
    return parser


def _run(command: object, options: argparse.Namespace) -> int:
    """Call the command; every failure made for a person becomes one message and an exit code."""
    if not callable(command):
        message = f"{command!r} is not a command"
        raise CommandError(message)
    try:
        return int(command(options))
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has left; there is nobody to tell
        return Exit.DONE
    except KeyboardInterrupt:
        return _complain("interrupted", Exit.INTERRUPTED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(
            f"{where}{error.strerror or error}: choose another place or make room", Exit.BAD_FILE
        )
    except ImportError as error:
        if error.name is not None:  # a module is missing: a fault of the program
            raise
        return _complain(error, Exit.BAD_FILE)  # the compiled part: missing, of another machine, or old
    except tuple(FAILURES) as error:
        return _complain(error, FAILURES.get(type(error), Exit.BAD_FILE))


def _complain(error: object, code: Exit) -> int:
    print(error, file=sys.stderr)
    return code
