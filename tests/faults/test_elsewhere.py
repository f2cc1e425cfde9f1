"""What no simulated patrol can check is checked elsewhere: each test that ``elsewhere.yaml`` names exists."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
import yaml
from matrix import rows

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = yaml.safe_load(Path(__file__).with_name("elsewhere.yaml").read_text(encoding="utf-8"))
OURS = {"F15b", "F27b"}  # rows that the study does not have
NAMED = [(entry["id"], test) for entry in ENTRIES for test in entry["tests"]]


@cache
def names_in(file: str) -> frozenset[str]:
    """Return the names of all test functions of a file, whatever class they are in."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("row", "test"), NAMED)
def test_a_test_that_a_row_names_exists(row: str, test: str) -> None:
    file, _, name = test.partition("::")
    assert name in names_in(file), row


def test_every_row_has_a_fault_and_a_test_and_is_there_once() -> None:
    ids = [entry["id"] for entry in ENTRIES]
    assert len(set(ids)) == len(ids)
    assert all(entry["fault"] and entry["tests"] for entry in ENTRIES)


def test_together_with_the_matrix_most_of_the_ninety_rows_are_checked() -> None:
    checked = {row.id for row in rows()} | {entry["id"] for entry in ENTRIES}
    assert len(checked - OURS) >= 70, sorted(checked)
