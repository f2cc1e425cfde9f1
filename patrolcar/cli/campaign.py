"""Drive one scenario with many seeds in virtual time, and say what may be concluded.

SCENARIO is a scenario file or a mission file. Results are kept in a file, one row per seed, as soon as they
are known: the same command goes on where it ended. A seed does the same on every machine.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from patrolcar.cli import Exit
from patrolcar.cli.arguments import natural, positive
from patrolcar.cli.output import Progress, print_json
from patrolcar.errors import CommandError, ConfigError
from sim.campaign.case import Case
from sim.campaign.junit import junit
from sim.campaign.page import page, share_text
from sim.campaign.row import Row, driven, plan_of
from sim.campaign.scenario_file import load_case
from sim.campaign.store import Store, write_csv
from sim.campaign.summary import Question, Summary, compared, summary
from sim.campaign.workers import rows
from sim.picture import Track, svg

MOST_SHOWN = 10
LIBRARY_THREAD = "ExecutorManagerThread"  # of loky, under joblib
SOON_S, MINUTES_FROM_S, FEWEST_COUNTED = 5.0, 100.0, 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("scenario", type=Path, metavar="SCENARIO", help="scenario file or mission file")
    parser.add_argument("--seeds", type=positive, default=100, metavar="N", help="how many (default 100)")
    parser.add_argument("--first", type=natural, default=1, metavar="SEED", help="the first seed (default 1)")
    parser.add_argument("--seed", type=natural, metavar="SEED", help="drive this one seed and show its row")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="with --seed: draw the run, moving")
    parser.add_argument(
        "--jobs", type=positive, metavar="N", help="processes on this machine (default: one per core)"
    )
    parser.add_argument("--cluster", metavar="ADDRESS", help="drive on a Dask cluster: tcp://HOST:PORT")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results file (default: runs/NAME.db)")
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="compare with this results file")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report page")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the rows as a table")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the results for a build server")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")


def run(options: argparse.Namespace) -> int:
    """Drive them all; the exit code is 1 when a mission went wrong or something became worse."""
    _check(options)
    case = load_case(options.scenario)
    if options.seed is not None:
        return _one(case, options.seed, options)
    seeds = range(options.first, options.first + options.seeds)
    out = options.out or Path("runs") / f"{options.scenario.stem}.db"
    with Store(out, case) as store:
        try:
            _drive(case, store, seeds, options)
        except KeyboardInterrupt:
            kept = f"{len(seeds) - len(store.missing(seeds))} of {len(seeds)} seeds are kept in {out}"
            print(f"{kept}: the same command goes on", file=sys.stderr)
            raise
        found = store.rows(seeds)
    questions = _questions(options.baseline, found)
    told = summary(found)
    again = f"patrolcar campaign {shlex.quote(str(options.scenario))} --seed {{seed}}"
    _write(options, case, told, found, questions, again)
    if options.json:
        compact = {"scenario": case.name, "results": str(out), **told.to_json()}
        print_json(compact | {"worse": [question.title for question in questions if question.is_worse]})
    else:
        print(_text(case, told, found, questions, again))
        print(
            f"results: {', '.join(str(file) for file in (out, *_files(options)) if file != options.baseline)}"
        )
    is_bad = told.bad_seeds or any(question.is_worse for question in questions)
    return Exit.MISSION_FAILED if is_bad else Exit.DONE


def _files(options: argparse.Namespace) -> list[Path]:
    """Return the files that will be read or written at the end."""
    named = (options.html, options.csv, options.junit, options.svg, options.baseline)
    return [file for file in named if file is not None]


def _check(options: argparse.Namespace) -> None:
    """Find out before anything is driven what would fail when all is done."""
    if options.svg is not None and options.seed is None:
        message = "--svg draws one run: say which with --seed SEED"
        raise CommandError(message)
    for file in _files(options):
        if not file.parent.is_dir():
            message = f"{file}: there is no folder {str(file.parent)!r}"
            raise ConfigError(message)
    if options.baseline is not None:
        Store(options.baseline).__exit__(None, None, None)


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Let the library's own thread end without a word when Ctrl-C takes its work away."""
    usual = threading.excepthook

    def heard(told: threading.ExceptHookArgs) -> None:
        if told.thread is None or told.thread.name != LIBRARY_THREAD:
            usual(told)

    threading.excepthook = heard
    try:
        yield
    finally:
        threading.excepthook = usual


def _one(case: Case, seed: int, options: argparse.Namespace) -> int:
    track = Track()
    row = driven(case, seed, track if options.svg else None)
    if options.svg:
        options.svg.write_text(svg(plan_of(case).site, track, f"{case.name}, seed {seed}"), encoding="utf-8")
    if options.json:
        print_json(row._asdict())
    else:
        width = max(map(len, Row._fields))
        for name, value in row._asdict().items():
            print(f"{name:<{width}}  {'-' if value is None else value}")
    return Exit.DONE if row.is_good else Exit.MISSION_FAILED


def _drive(case: Case, store: Store, seeds: Sequence[int], options: argparse.Namespace) -> None:
    missing = store.missing(seeds)
    known = len(seeds) - len(missing)
    if known:
        print(f"{known} of {len(seeds)} seeds are in the results file already", file=sys.stderr)
    progress, pace = Progress(case.name), Pace(len(missing))
    jobs = options.jobs or os.cpu_count() or 1
    try:
        with _hushed():
            driven_now = rows(case, missing, min(jobs, max(len(missing), 1)), options.cluster)
            for done, row in enumerate(driven_now, start=known + 1):
                store.add(row)
                progress.show(done / len(seeds), f"{done} of {len(seeds)}{pace.counted(time.monotonic())}")
    finally:
        progress.end()


class Pace:
    """How long the rest will take, from the first result on: until then workers only start."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._since_s: float | None = None
        self._counted = 0

    def counted(self, now_s: float) -> str:
        """Count one more and return what is left in words; nothing while that would be a guess."""
        self._left -= 1
        if self._since_s is None:
            self._since_s = now_s
            return ""
        self._counted += 1
        left_s = (now_s - self._since_s) / self._counted * self._left
        if self._counted < FEWEST_COUNTED or left_s < SOON_S:
            return ""
        return f", {left_s / 60:.0f} min to go" if left_s > MINUTES_FROM_S else f", {left_s:.0f} s to go"


def _questions(baseline: Path | None, found: Sequence[Row]) -> list[Question]:
    if baseline is None:
        return []
    with Store(baseline) as store:
        return compared(store.rows(), found)


def _write(
    options: argparse.Namespace,
    case: Case,
    told: Summary,
    found: Sequence[Row],
    questions: Sequence[Question],
    again: str,
) -> None:
    if options.csv:
        write_csv(options.csv, found)
    if options.html:
        options.html.write_text(page(case.name, told, found, questions, again), encoding="utf-8")
    if options.junit:
        options.junit.write_text(junit(case.name, found, questions, again), encoding="utf-8")


def _text(case: Case, told: Summary, found: Sequence[Row], questions: Sequence[Question], again: str) -> str:
    endings = ", ".join(f"{count} {ending.replace('_', ' ')}" for ending, count in told.endings.items())
    rate = told.collisions_per_km
    collisions = f"{told.collisions} collisions in {told.distance_km:.2f} km"
    lines = [
        f"{case.name}: {told.missions} {'mission' if told.missions == 1 else 'missions'}, {endings}",
        f"good: {share_text(told.good)}, {collisions}: {rate.low:.3g} to {rate.high:.3g} per km (95 %)",
    ]
    lines += [
        f"worse than the baseline: {worse.title}, {worse.before:.4g} became {worse.after:.4g}, "
        f"p = {worse.p_value:.2g}"
        for worse in questions
        if worse.is_worse
    ]
    bad = [row for row in found if not row.is_good]
    lines += [
        f"seed {row.seed}: {row.ending}: {row.why}\n  {again.format(seed=row.seed)}"
        for row in bad[:MOST_SHOWN]
    ]
    if len(bad) > MOST_SHOWN:
        lines.append(f"and {len(bad) - MOST_SHOWN} more")
    return "\n".join(lines)
