"""The figures of ``python -m tests.bench fidelity`` stay within what the simulator promises."""

from __future__ import annotations

import pytest

from bench.fidelity import allan_errors, measure

LIMITS = {
    "straight_error_m": 1e-9,
    "arc_error_m": 1e-9,
    "spin_error_m": 1e-9,
    "motor_step_error": 1e-3,
    "coast_down_error": 1e-3,
    "battery_energy_error": 1e-3,
    "encoder_count_errors": 0,
    "lidar_error_m": 1e-9,
    "sonar_error_m": 1e-9,
    "allan_white_error": 0.10,
    "allan_walk_error": 0.10,
    "ld19_worst_m": 0.045,  # +-45 mm, its data sheet
    "hc_sr04_scale_error": 0.035,  # measured by users: 0.035 cm/cm
    "umbmark_wheel_error": 1e-4,
    "umbmark_track_error": 1e-4,
}


@pytest.fixture(scope="module")
def figures() -> dict[str, object]:
    return measure()


@pytest.mark.parametrize("name", list(LIMITS))
def test_it_is_as_near_as_promised(figures: dict[str, object], name: str) -> None:
    figure = figures[name]
    assert isinstance(figure, int | float)
    assert 0 <= figure <= LIMITS[name]


def test_the_noise_of_ranges_is_that_of_their_data_sheets(figures: dict[str, object]) -> None:
    assert figures["ld19_sigma_m"] == pytest.approx(0.010, rel=0.02)
    sonar = figures["hc_sr04_sigma_m"]
    assert isinstance(sonar, float)
    assert 0.001 <= sonar <= 0.005


def test_another_hour_has_the_same_allan_deviation() -> None:
    assert max(allan_errors(seed=11)) < 0.10
