"""A map_server map drives as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from patrolcar.config.problems import BadFileError
from patrolcar.site import FREE
from patrolcar.site.site_file import load_site, site_from_files
from sim.setting.scenario import Scenario, car_of


def written(folder: Path, picture: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> Path:
    rows, columns = picture.shape
    (folder / "hall.pgm").write_bytes(f"P5\n{columns} {rows}\n255\n".encode() + picture.tobytes())
    path = folder / "hall.yaml"
    path.write_text(
        "image: hall.pgm\nresolution: 0.1\norigin: [-2.0, 1.0, 0.0]\nnegate: 0\n"
        "occupied_thresh: 0.65\nfree_thresh: 0.196",
        encoding="utf-8",
    )
    return path


def hall() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    picture = np.full((40, 60), 254, np.uint8)
    picture[[0, -1], :] = picture[:, [0, -1]] = 0
    picture[:, 20] = 0
    return picture


def test_a_bare_map_is_a_site_whose_start_has_the_most_room(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, hall()))
    assert site.name == "hall"
    assert site.start.x_m == pytest.approx(2.0, abs=0.2)
    assert site.start.y_m == pytest.approx(3.0, abs=0.2)
    assert site.grid.state_at(site.start.x_m, site.start.y_m) == FREE


def test_its_files_are_enough_to_load_it_again(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, hall()))
    again = site_from_files(site.files, "hall.yaml")
    assert np.array_equal(again.grid.cells, site.grid.cells)
    assert again.start == site.start


def test_the_simulator_puts_a_car_into_it(tmp_path: Path) -> None:
    car = car_of(Scenario(written(tmp_path, hall())))
    for _ in range(50):
        car.step(b"")
    assert car.truth.collisions == 0
    assert car.truth.min_clearance_m > 0.5


def test_a_map_without_free_ground_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match="no cell of the map is free"):
        load_site(written(tmp_path, np.zeros((10, 10), np.uint8)))
