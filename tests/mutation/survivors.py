"""Mutants that no test kills, each with its reason: ``survivors.yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from .mutant import Address, Mutant

FILE: Final = Path(__file__).with_name("survivors.yaml")


class Survivor(NamedTuple):
    """A mutant that may live, and why."""

    address: Address
    reason: str


def survivors() -> list[Survivor]:
    """Return the list."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))["survivors"] or []
    return [
        Survivor(Address(row["file"], row["line"], row["change"], row.get("nth", 1)), row["reason"])
        for row in rows
    ]


def unlisted(found: Iterable[Mutant]) -> list[Address]:
    """Return those of the found survivors that nobody has given a reason for."""
    known = {each.address for each in survivors()}
    return [mutant.address for mutant in found if mutant.address not in known]


def as_yaml(addresses: Iterable[Address]) -> str:
    """Return addresses as rows to be given a reason."""
    rows = [
        {
            "file": each.file,
            "line": each.line,
            "change": each.change,
            **({"nth": each.nth} if each.nth > 1 else {}),
        }
        for each in addresses
    ]
    text: str = yaml.safe_dump(rows, sort_keys=False, width=1000, allow_unicode=True)
    return text
