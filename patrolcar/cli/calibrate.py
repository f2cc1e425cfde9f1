"""Find what a car's numbers really are: `calibrate umbmark FILE`, from where square drives ended.

Let the car drive a square by its own odometry, three times each way round or more often, back to where it
started. Mark the start on the floor, measure where it really stands (x as it looked at the start, y to its
left), and write:

  side_m: 2.0
  track_m: 0.2                # patrolcar param get track
  metres_per_tick: 0.0001309  # patrolcar param get metres_per_tick
  clockwise: [[0.10, -0.05], [0.11, -0.04], [0.10, -0.06]]
  anticlockwise: [[0.02, 0.07], [0.03, 0.08], [0.02, 0.06]]
  straight: {believed_m: 4.0, measured_m: 3.97}  # a straight drive beside a tape, if there was one
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from patrolcar.calibration.umbmark import Calibration, CalibrationError, calibrated
from patrolcar.calibration.umbmark_file import Measured, load_umbmark
from patrolcar.cli import Exit
from patrolcar.cli.output import print_json
from patrolcar.errors import ConfigError

METHODS: Final = ("umbmark",)
ALIKE: Final = 5e-4  # wheels whose difference nobody would see on the floor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("method", choices=METHODS, help="umbmark: track and wheels from square drives")
    parser.add_argument("file", type=Path, metavar="FILE", help="what was measured, see above")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print what was found and the commands that set it; the exit code is 6 for a bad file."""
    measured = load_umbmark(options.file)
    try:
        found = calibrated(measured.square, measured.clockwise, measured.anticlockwise)
    except CalibrationError as error:
        message = f"{options.file.name}: {error}"
        raise ConfigError(message) from error
    track_m = found.ratios.track_ratio * measured.square.track_m
    if options.json:
        print_json(
            {
                "track_m": track_m,
                "metres_per_tick": measured.metres_per_tick,
                "wheel_ratio": found.ratios.wheel_ratio,
                "track_ratio": found.ratios.track_ratio,
                "closed_form": found.closed_form._asdict(),
                "residual_m": found.residual_m,
                "spread_m": found.spread_m,
            }
        )
    else:
        print("\n".join(_lines(measured, found, track_m)))
    return Exit.DONE


def _lines(measured: Measured, found: Calibration, track_m: float) -> list[str]:
    drives = len(measured.clockwise) + len(measured.anticlockwise)
    return [
        f"{drives} drives scatter by {1000 * found.spread_m:.0f} mm",
        f"the result explains their means to {1000 * found.residual_m:.0f} mm",
        _wheels(found.ratios.wheel_ratio),
        "",
        f"patrolcar param set track={track_m:.5f} metres_per_tick={measured.metres_per_tick:.9f}",
        "patrolcar param save",
    ]


def _wheels(ratio: float) -> str:
    if abs(ratio - 1.0) < ALIKE:
        return "both wheels are alike"
    side, share = ("right", ratio - 1.0) if ratio > 1.0 else ("left", 1.0 / ratio - 1.0)
    return (
        f"the {side} wheel is {100 * share:.2f} % larger than the other: the car drives bends where it means "
        "straight lines, and no parameter helps (check tyres and load, or swap the wheels)"
    )
