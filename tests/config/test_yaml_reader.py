"""What a file may say, and how we tell a person that it may not."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.config.folder import MAX_YAML_BYTES, DiskFolder, MemoryFolder, SubFolder, Tally
from patrolcar.config.node import Node
from patrolcar.config.problems import BadFileError, Problem, shown
from patrolcar.config.yaml_reader import MAX_DEPTH, MAX_NODES, parse_document, read_document, read_yaml
from patrolcar.errors import ConfigError

TRAPS = [
    "no",
    "yes",
    "on",
    "1:30",
    "017",
    "0x1F",
    "1e3",
    ".nan",
    ".inf",
    "2026-99-99",
    "1_000",
    "=",
    "9" * 5000,
]


def said(text: str | bytes) -> Node:
    content = text.encode() if isinstance(text, str) else text
    document = parse_document(content, "f.yaml")
    assert not document.problems
    return document.root


def refusal(text: str | bytes) -> str:
    with pytest.raises(BadFileError) as caught:
        said(text)
    return str(caught.value)


@pytest.mark.parametrize("trap", TRAPS)
def test_a_plain_value_stays_the_text_it_is(trap: str) -> None:
    scalar = said(f"key: {trap}").child("key")
    assert scalar is not None
    assert getattr(scalar.content, "text", None) == trap


def test_every_value_knows_its_line_and_column() -> None:
    root = said("# a comment\nfirst: 1\nlist:\n  - [10, 二, {deep: x}]\n")
    node, path = root.follow(("list", 0, 2, "deep"))
    assert path == ("list", 0, 2, "deep")
    assert (node.line, node.column, node.key_line, node.key_column) == (4, 20, 4, 14)


def test_a_path_that_leads_nowhere_ends_at_its_deepest_node() -> None:
    node, path = said("a: {b: 1}").follow(("a", "c", 4))
    assert path == ("a",)
    assert node.keys() == ("b",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f.yaml:1:1: the file is empty"),
        ("# only a comment\n", "f.yaml:1:1: the file is empty"),
        ("a: &x 1", "f.yaml:1:4: anchor &x: names for values are not used here; remove it"),
        ("a: *x", "f.yaml:1:4: alias *x: write the value out instead"),
        ("a: !!python/name:os.system ''", 'f.yaml:1:4: tag "tag:yaml.org,2002:python/name:os.system": types'),
        ("a: !!timestamp zz", "f.yaml:1:4: tag"),
        ("<<: {a: 1}", "f.yaml:1:1: merge key <<: write the values out instead"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: a second document starts here; one file holds one"),
        ("? [a]\n: 1", "f.yaml:1:3: a list or mapping stands where a key is expected"),
        ("a: [1, 2\nb: [3", "f.yaml:2:2: not YAML: "),
        ("a: 1\n\tb: 2", "f.yaml:2:1: not YAML: found"),
        ("a: b: c", "f.yaml:1:5: not YAML: mapping values are not allowed in this context"),
        (b"a: caf\xe9", "f.yaml:1:7: byte 0xe9 is not UTF-8 text; save the file as UTF-8"),
        ("a: 1\nb: \x1b[2J", "f.yaml:2:4: character U+001B is not allowed in YAML; remove it"),
        ("a: \0", "f.yaml:1:4: character U+0000 is not allowed in YAML; remove it"),
        ("a\ufeff".encode("utf-16"), "f.yaml:1:1: byte 0xff is not UTF-8 text"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_where_it_stands(text: str | bytes, message: str) -> None:
    assert refusal(text).startswith(message)


def test_a_key_given_twice_is_a_mistake_and_the_rest_is_still_read() -> None:
    document = parse_document(b"speed: 0.2\nname: x\nspeed: 9\n", "f.yaml")
    assert [str(problem) for problem in document.problems] == [
        'f.yaml:3:1: "speed": given twice; the first is in line 1; remove or rename one'
    ]
    assert document.root.keys() == ("speed", "name")


def test_the_deepest_file_we_read_has_sixteen_levels() -> None:
    said("[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH)
    assert "nested deeper than 16 levels" in refusal("[" * (MAX_DEPTH + 1) + "1" + "]" * (MAX_DEPTH + 1))
    assert "nested deeper" in refusal("[" * 30_000)


def test_the_largest_file_we_read_has_ten_thousand_values() -> None:
    said("- 1\n" * (MAX_NODES - 1))
    assert refusal("- 1\n" * MAX_NODES) == "f.yaml:10000:3: more than 10000 values in one file; split it"


def test_attacks_that_hang_other_loaders_are_refused_at_once() -> None:
    laughs = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert "anchor &a" in refusal(laughs)
    assert "anchor &a" in refusal("a: &a {<<: *a}")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_document_or_a_refusal(noise: bytes) -> None:
    with contextlib.suppress(BadFileError):
        assert parse_document(noise, "f.yaml").root.line >= 1


@given(st.text(st.sampled_from("ab:-[]{}#&*!|>'\"%@`,? \n\t0~<"), max_size=80))
def test_any_text_is_a_document_or_a_refusal(noise: str) -> None:
    with contextlib.suppress(BadFileError):
        assert parse_document(noise.encode(), "f.yaml").root.line >= 1


@given(st.text(max_size=200))
def test_no_value_in_a_message_can_move_the_cursor_or_fill_the_screen(value: str) -> None:
    assert shown(value).isprintable()
    assert len(shown(value)) <= 2 + 40 * len("\\U0010ffff")


def test_a_thousand_mistakes_are_fifty_lines_and_a_count() -> None:
    error = BadFileError(Problem("f.yaml", line, 1, "k", "wrong") for line in range(1, 1001))
    assert len(error.problems) == 1000
    assert str(error).splitlines()[-1] == "and 950 more mistakes"
    assert len(str(error).splitlines()) == 51


# --- files that name other files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("a: 1")
    (tmp_path / "in" / "good.yaml").write_text("a: 1")
    (tmp_path / "in" / "deep" / "map.yaml").write_text("a: 2")
    return tmp_path / "in"


@pytest.mark.parametrize(
    "name", ["../secret.yaml", "deep/../../secret.yaml", "/etc/passwd", "..\\secret.yaml", "C:x"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="leads out of the folder it must stay in"):
        DiskFolder(folder).read(name, 100)


def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "innocent.yaml").symlink_to(folder.parent / "secret.yaml")
    with pytest.raises(ConfigError, match="leads out of the folder"):
        DiskFolder(folder).read("innocent.yaml", 100)


def test_a_link_inside_the_folder_is_followed(folder: Path) -> None:
    (folder / "other.yaml").symlink_to("good.yaml")
    assert DiskFolder(folder).read("other.yaml", 100) == b"a: 1"


def test_links_in_a_circle_are_refused(folder: Path) -> None:
    (folder / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises(ConfigError):
        DiskFolder(folder).read("loop.yaml", 100)


def test_a_pipe_is_refused_without_waiting_for_it(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    with pytest.raises(ConfigError, match="is not an ordinary file"):
        DiskFolder(folder).read("pipe.yaml", 100)


def test_a_folder_is_not_a_file(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read|not an ordinary file"):
        DiskFolder(folder).read("deep", 100)


def test_the_largest_file_is_exactly_the_limit(folder: Path) -> None:
    (folder / "big.yaml").write_bytes(b"a: " + b"x" * (MAX_YAML_BYTES - 3))
    read_yaml(folder / "big.yaml")
    (folder / "big.yaml").write_bytes(b"a: " + b"x" * (MAX_YAML_BYTES - 2))
    with pytest.raises(BadFileError, match=r"big.yaml: is larger than 64 KiB"):
        read_yaml(folder / "big.yaml")


def test_a_missing_file_is_told_with_the_nearest_name(folder: Path) -> None:
    with pytest.raises(BadFileError, match=r'there is no file "god.yaml"; did you mean good.yaml\?'):
        read_yaml(folder / "god.yaml")


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_is_no_name_is_refused(folder: Path, name: str) -> None:
    for place in (DiskFolder(folder), MemoryFolder({})):
        with pytest.raises(ConfigError, match="is not a file name"):
            place.read(name, 10)


def test_memory_and_disk_answer_alike(folder: Path) -> None:
    memory = MemoryFolder({"good.yaml": b"a: 1", "deep/map.yaml": b"a: 2"})
    for place in (memory, DiskFolder(folder)):
        tally = Tally(place)
        assert read_document(SubFolder(tally, "deep"), "map.yaml").root.keys() == ("a",)
        assert tally.files == {"deep/map.yaml": b"a: 2"}
        with pytest.raises(ConfigError, match="leads out"):
            SubFolder(tally, "deep").read("../good.yaml", 10)
        with pytest.raises(ConfigError, match="is larger than"):
            tally.read("good.yaml", 3)
        with pytest.raises(ConfigError, match="there is no file"):
            tally.read("zzz", 3)
