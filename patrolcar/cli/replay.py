"""Feed a recording to the pilot of this version and compare every byte it sends with what was sent then."""

from __future__ import annotations

import argparse
from pathlib import Path

from patrolcar.cli import Exit
from patrolcar.cli.output import print_json
from patrolcar.errors import CommandError, ConfigError
from patrolcar.links.key_file import read_key
from patrolcar.pilot.intents import Intent, from_json
from patrolcar.recording import Tick, read_setup, ticks
from patrolcar.runtime.plan import pilot_of, plan_from_recording


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("recording", type=Path, metavar="FILE", help="a recording (.mcap)")
    parser.add_argument("--events", action="store_true", help="print the events as they happen again")
    parser.add_argument("--key", type=Path, metavar="FILE", help="key of the car, when it had one")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")


def run(options: argparse.Namespace) -> int:
    """Replay; the exit code is 1 when a byte differs."""
    setup = read_setup(options.recording)
    key = read_key(options.key) if options.key else None
    session, seed = int(setup.settings["session"]), int(setup.settings["seed"])
    pilot = pilot_of(plan_from_recording(setup), session, seed, key)
    count = differing = received = sent = last_ns = 0
    first_difference_s: float | None = None
    for tick in ticks(options.recording):
        output = pilot.step(tick.received, _intents(tick, options.recording), tick.now_ns)
        count, received, sent, last_ns = (
            count + 1,
            received + len(tick.received),
            sent + len(tick.sent),
            tick.now_ns,
        )
        if output.to_send != tick.sent:
            differing += 1
            first_difference_s = tick.now_ns / 1e9 if first_difference_s is None else first_difference_s
        if options.events:
            for event in output.events:
                print(f"{event.now_ns / 1e9:9.2f} {event.severity:<8} {event.source:<12} {event.text}")
    result = {
        "ticks": count,
        "duration_s": round(last_ns / 1e9, 2),
        "bytes_received": received,
        "bytes_sent": sent,
        "ticks_differing": differing,
        "first_difference_s": first_difference_s,
    }
    if options.json:
        print_json(result)
    elif differing:
        print(f"{differing} of {count} ticks sent other bytes, the first at {first_difference_s:.2f} s")
    else:
        print(f"{count} ticks, {last_ns / 1e9:.0f} s: every byte sent is the same ({sent} bytes)")
    return Exit.MISSION_FAILED if differing else Exit.DONE


def _intents(tick: Tick, path: Path) -> list[Intent]:
    try:
        return [from_json(intent) for intent in tick.intents]
    except CommandError as error:
        message = f"{path}: the recording is damaged at {tick.now_ns / 1e9:.2f} s: {error}"
        raise ConfigError(message) from error
