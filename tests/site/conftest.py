"""A flat that every test may change."""

from __future__ import annotations

import pytest

FLAT = """\
site: Small flat
start: [1, 1, 90]
rooms:
  kitchen: [0, 0, 4, 3]
  living room: [4, 0, 5, 3]
  hall: [0, 3, 9, 2]
walls:
  - [[2, 5], [2, 4.2]]
doors:
  - [2, 3, 0.9]
  - [6, 3, 0.9]
furniture:
  - [5, 0.2, 1.5, 0.6]
pillars:
  - [7.5, 1.5, 0.3]
places:
  sink: [0.8, 2]
  sofa: [8, 2.2, 180]
  101: [1, 4]
zones:
  wet: {kind: slow, speed_mps: 0.2, box: [0, 0, 2, 2]}
people:
  cook: {route: [[1, 1], [1, 2], [3, 2]], speed_mps: 0.8}
"""


@pytest.fixture(scope="session")
def flat() -> str:
    return FLAT
