# ruff: noqa: E501 - each row of a table is one mistake and its exact message, on one line
"""How a value is read, and how a person hears that it is none."""

from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from patrolcar.config.fields import FileModel, Name, number, text, whole, yes_no
from patrolcar.config.validate import Checker
from patrolcar.config.yaml_reader import parse_document


class Part(FileModel):
    speed_mps: Annotated[float, number("metres per second", 0.05, 2.0)] = 1.0
    count: Annotated[int, whole("how many", 0, 5)] = 0
    name: Name = "x"
    loud: Annotated[bool, yes_no("whether it beeps")] = False
    needed: Annotated[str, text("anything")] = Field("y", description="a word")


class Strict(FileModel):
    needed: Annotated[str, text("anything")] = Field(description="a word")


def mistakes(text_: str, model: type[FileModel] = Part) -> list[str]:
    check = Checker(parse_document(text_.encode(), "f"))
    check.header(model)
    return [str(problem) for problem in check.problems]


@pytest.mark.parametrize(
    ("text_", "message"),
    [
        ("speed_mps: fast", 'f:1:12: speed_mps: "fast" is not a number (metres per second, 0.05 to 2)'),
        ("speed_mps: 9", "f:1:12: speed_mps: 9 is out of range (metres per second, 0.05 to 2)"),
        ("speed_mps: -0.17", "f:1:12: speed_mps: -0.17 is out of range (metres per second, 0.05 to 2)"),
        (
            "speed_mps: 0,5",
            'f:1:12: speed_mps: "0,5" is not a number (metres per second, 0.05 to 2); write the decimal point as a point',
        ),
        (
            "speed_mps: 017",
            'f:1:12: speed_mps: "017" is not a number (metres per second, 0.05 to 2); remove the zero in front',
        ),
        ("speed_mps: 1:30", 'f:1:12: speed_mps: "1:30" is not a number (metres per second, 0.05 to 2)'),
        ("speed_mps: .nan", 'f:1:12: speed_mps: ".nan" is not a number (metres per second, 0.05 to 2)'),
        ("speed_mps: -.inf", 'f:1:12: speed_mps: "-.inf" is not a number (metres per second, 0.05 to 2)'),
        ("speed_mps: 1e999", "f:1:12: speed_mps: 1e999 is out of range (metres per second, 0.05 to 2)"),
        (
            "speed_mps: '1'",
            'f:1:12: speed_mps: "1" is text because of its quotes; remove them (metres per second, 0.05 to 2)',
        ),
        ("speed_mps: no", 'f:1:12: speed_mps: "no" is not a number (metres per second, 0.05 to 2)'),
        ("speed_mps: [1]", "f:1:12: speed_mps: a list is not a number (metres per second, 0.05 to 2)"),
        (
            "speed_mps: {a: 1}",
            "f:1:12: speed_mps: a group of keys is not a number (metres per second, 0.05 to 2)",
        ),
        ("count: 1.0", 'f:1:8: count: "1.0" is not a whole number (how many, 0 to 5)'),
        ("count: 6", "f:1:8: count: 6 is out of range (how many, 0 to 5)"),
        ("loud: yes", 'f:1:7: loud: "yes" is neither true nor false (whether it beeps)'),
        ("loud: 'true'", 'f:1:7: loud: "true" is neither true nor false (whether it beeps)'),
        (
            'name: "a\\u202eb"',
            'f:1:7: name: "a\\u202eb" holds invisible characters or spaces at its ends (a name, 1 to 64 characters on one line)',
        ),
        ('name: "a\\e[2J"', 'f:1:7: name: "a\\x1b[2J" holds invisible characters'),
        ("name: [a]", "f:1:7: name: a list is not a text (a name, 1 to 64 characters on one line)"),
        ("count: [1]", "f:1:8: count: a list is not a whole number (how many, 0 to 5)"),
        ("loud: [true]", "f:1:7: loud: a list is neither true nor false (whether it beeps)"),
        ("name: ''", 'f:1:7: name: "" has 0 characters (a name, 1 to 64 characters on one line)'),
        (
            "sped_mps: 1",
            "f:1:1: sped_mps: unknown key; did you mean speed_mps? (known here: speed_mps, count, name, loud, needed)",
        ),
        ("zzz: 1", "f:1:1: zzz: unknown key (known here: speed_mps, count, name, loud, needed)"),
        ("zzz:", "f:1:1: zzz: unknown key (known here: speed_mps, count, name, loud, needed)"),
        ("[1, 2]", "f:1:1: keys and values are expected here (speed_mps, count, name, loud, needed)"),
    ],
)
def test_a_mistake_says_where_what_and_what_is_expected(text_: str, message: str) -> None:
    (found,) = mistakes(text_)
    assert found.startswith(message)


def test_all_mistakes_of_a_file_come_together() -> None:
    assert len(mistakes("speed_mps: x\ncount: y\nloud: z\nname: ''\nother: 1")) == 5


def test_a_missing_key_says_what_to_write() -> None:
    assert mistakes("{}", Strict) == ["f:1:1: needed: missing; write needed: a word"]


def test_an_empty_value_counts_as_left_out() -> None:
    assert mistakes("speed_mps:\ncount: ~\nname: null") == []


@pytest.mark.parametrize("name", ["101", "no", "1:30", "017", "大厅", ".nan", "2026-01-01", "x" * 64])
def test_a_name_may_look_like_anything(name: str) -> None:
    check = Checker(parse_document(f"name: {name}".encode(), "f"))
    part = check.header(Part)
    assert part is not None
    assert part.name == name


@given(st.floats(0.05, 2.0))
def test_every_number_python_prints_is_read_back_exactly(value: float) -> None:
    check = Checker(parse_document(f"speed_mps: {value!r}".encode(), "f"))
    part = check.header(Part)
    assert part is not None
    assert part.speed_mps == value


def test_what_can_be_read_is_read_beside_a_mistake() -> None:
    check = Checker(parse_document(b"speed_mps: x\ncount: 3", "f"))
    part = check.header(Part)
    assert part is not None
    assert (part.count, part.speed_mps) == (3, 1.0)
