"""Square drives tell what track and wheels really are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolcar.calibration.umbmark import (
    ANTICLOCKWISE,
    CLOCKWISE,
    CalibrationError,
    Ratios,
    Square,
    calibrated,
    closed_form,
    ends_at,
)
from patrolcar.calibration.umbmark_file import load_umbmark
from patrolcar.cli import Exit, main

wheel_ratios, track_ratios = st.floats(0.98, 1.02), st.floats(0.95, 1.05)
squares = st.builds(Square, st.floats(0.8, 4.0), st.floats(0.12, 0.5))
PERFECT = Ratios(1.0, 1.0)


def found_in(square: Square, truth: Ratios) -> Ratios:
    ends = [ends_at(square, truth, sense) for sense in (CLOCKWISE, ANTICLOCKWISE)]
    return calibrated(square, ends[:1], ends[1:]).ratios


@given(squares)
def test_a_perfect_car_comes_back_to_its_start(square: Square) -> None:
    for sense in (CLOCKWISE, ANTICLOCKWISE):
        assert ends_at(square, PERFECT, sense) == pytest.approx((0.0, 0.0), abs=1e-12)


@given(squares, wheel_ratios, track_ratios)
@settings(max_examples=100, deadline=None)
def test_both_ratios_are_found_from_exact_places(square: Square, wheels: float, track: float) -> None:
    assert found_in(square, Ratios(wheels, track)) == pytest.approx((wheels, track), abs=1e-9)


@given(squares, st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4))
@settings(max_examples=200, deadline=None)
def test_for_small_errors_the_published_formulas_are_right(
    square: Square, wheels: float, track: float
) -> None:
    """They are off by no more than the square of the angles that they take for small."""
    truth = Ratios(1.0 + wheels, 1.0 + track)
    first = closed_form(square, ends_at(square, truth, CLOCKWISE), ends_at(square, truth, ANTICLOCKWISE))
    angles = abs(wheels) * square.side_m / square.track_m + 2.0 * abs(track)
    assert tuple(first) == pytest.approx(tuple(truth), abs=angles**2 + 1e-12)


def test_on_a_small_car_and_a_large_square_only_the_exact_arcs_help() -> None:
    square, truth = Square(4.0, 0.16), Ratios(1.004, 1.02)
    ends = [ends_at(square, truth, sense) for sense in (CLOCKWISE, ANTICLOCKWISE)]
    result = calibrated(square, ends[:1], ends[1:])
    assert abs(result.closed_form.track_ratio - 1.02) > 1e-3
    assert result.ratios == pytest.approx(truth, abs=1e-9)


def test_places_read_to_five_millimetres_give_the_track_to_a_few_thousandths() -> None:
    square, truth, noise = Square(2.0, 0.2), Ratios(1.003, 1.02), np.random.default_rng(1)
    ends = [ends_at(square, truth, sense) for sense in (CLOCKWISE, ANTICLOCKWISE)]
    read = [[(x + noise.normal(0.0, 0.005), y + noise.normal(0.0, 0.005)) for _ in range(3)] for x, y in ends]
    result = calibrated(square, read[0], read[1])
    assert result.ratios.track_ratio == pytest.approx(1.02, abs=3e-3)
    assert result.ratios.wheel_ratio == pytest.approx(1.003, abs=5e-4)
    assert 0.001 < result.spread_m < 0.01


def test_one_sense_alone_is_refused() -> None:
    with pytest.raises(CalibrationError, match="both senses"):
        calibrated(Square(2.0, 0.2), [], [(0.0, 0.0)])


def test_a_place_that_no_such_drive_reaches_is_refused() -> None:
    with pytest.raises(CalibrationError, match="half the way"):
        calibrated(Square(2.0, 0.2), [(4.1, 0.0)], [(0.0, 0.0)])


def written(folder: Path, square: Square, truth: Ratios, extra: str = "") -> Path:
    lines = [f"side_m: {square.side_m}", f"track_m: {square.track_m}", "metres_per_tick: 0.00013"]
    for word, sense in (("clockwise", CLOCKWISE), ("anticlockwise", ANTICLOCKWISE)):
        x, y = ends_at(square, truth, sense)
        lines.append(f"{word}: [[{x:.9f}, {y:.9f}], [{x:.9f}, {y:.9f}], [{x:.9f}, {y:.9f}]]")
    path = folder / "squares.yaml"
    path.write_text("\n".join([*lines, extra]) + "\n")
    return path


class TestTheCommand:
    """``patrolcar calibrate umbmark FILE``."""

    def test_it_prints_the_commands_that_set_what_it_found(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = written(tmp_path, Square(2.0, 0.2), Ratios(1.004, 1.03))
        assert main(["calibrate", "umbmark", str(path)]) == Exit.DONE
        said = capsys.readouterr().out
        assert "patrolcar param set track=0.20600 metres_per_tick=0.000130000" in said
        assert "the right wheel is 0.40 % larger" in said

    def test_a_straight_drive_corrects_the_travel_per_tick_and_the_track_with_it(
        self, tmp_path: Path
    ) -> None:
        """All wheels 1 % smaller than believed: so is the square, and the track that turns seem to need."""
        shrunk = Square(0.99 * 2.0, 0.99 * 0.2)
        ends = {
            sense: ends_at(shrunk, Ratios(1.0, 1.02 / 0.99), sense) for sense in (CLOCKWISE, ANTICLOCKWISE)
        }
        path = tmp_path / "squares.yaml"
        path.write_text(
            "side_m: 2.0\ntrack_m: 0.2\nmetres_per_tick: 0.00013\n"
            f"clockwise: [[{ends[CLOCKWISE][0]:.9f}, {ends[CLOCKWISE][1]:.9f}]]\n"
            f"anticlockwise: [[{ends[ANTICLOCKWISE][0]:.9f}, {ends[ANTICLOCKWISE][1]:.9f}]]\n"
            "straight: {believed_m: 4.0, measured_m: 3.96}\n"
        )
        measured = load_umbmark(path)
        result = calibrated(measured.square, measured.clockwise, measured.anticlockwise)
        assert measured.metres_per_tick == pytest.approx(0.99 * 0.00013)
        assert result.ratios.track_ratio * measured.square.track_m == pytest.approx(1.02 * 0.2, abs=1e-8)

    def test_every_mistake_in_the_file_is_told_with_its_place(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "squares.yaml"
        path.write_text("side_m: 200\ntrack_m: 0.2\nmetres_per_tick: x\nclockwise: []\n")
        assert main(["calibrate", "umbmark", str(path)]) == Exit.BAD_FILE
        said = capsys.readouterr().err
        for place in ("squares.yaml:1:9", "squares.yaml:3:18", "squares.yaml:4:12", "anticlockwise"):
            assert place in said

    def test_impossible_places_name_the_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "squares.yaml"
        path.write_text(
            "side_m: 1\ntrack_m: 0.2\nmetres_per_tick: 0.00013\n"
            "clockwise: [[9, 0]]\nanticlockwise: [[0, 0]]\n"
        )
        assert main(["calibrate", "umbmark", str(path)]) == Exit.BAD_FILE
        assert "squares.yaml: a place is farther away" in capsys.readouterr().err
