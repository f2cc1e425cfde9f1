"""The results of one campaign in a file of SQLite: one row per seed, kept as soon as it is known."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self, get_type_hints

from patrolcar.errors import ConfigError
from sim.campaign.case import Case
from sim.campaign.row import Row

_SQL_TYPES: Final = {"int": "INTEGER", "float": "REAL", "str": "TEXT"}
_APPLICATION_ID: Final = 0x50435243  # "PCRC": tells our files from other SQLite files


class Store:
    """An open results file.

    Args:
        path: The file; it is made when there is none.
        case: Whose results; None to read those of whatever campaign it holds.

    Raises:
        ConfigError: It is no results file, or holds another campaign.

    """

    def __init__(self, path: Path, case: Case | None = None) -> None:
        if case is None and not path.exists():
            message = f"{path}: there is no such results file"
            raise ConfigError(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path)
        try:
            self._begin(path, case)
        except sqlite3.DatabaseError as error:
            self._database.close()
            message = f"{path}: is no results file of a campaign ({error}); choose another --out"
            raise ConfigError(message) from error
        except ConfigError:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; everything that was added is kept."""
        self._database.close()

    def _begin(self, path: Path, case: Case | None) -> None:
        (found,) = self._database.execute("PRAGMA application_id").fetchone()
        tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and found != _APPLICATION_ID:
            message = f"{path}: is an SQLite file of another program; choose another --out"
            raise ConfigError(message)
        if case is not None:
            self._make(path, case)

    def _make(self, path: Path, case: Case) -> None:
        hints = {name: str(hint) for name, hint in get_type_hints(Row).items()}
        columns = ", ".join(f"{name} {_sql_type(hints[name])}" for name in Row._fields[1:])
        with self._database:
            self._database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS campaign (digest TEXT, name TEXT, mission TEXT)"
            )
            self._database.execute(
                f"CREATE TABLE IF NOT EXISTS mission (seed INTEGER PRIMARY KEY, {columns})"
            )
            held = self._database.execute("SELECT digest, name FROM campaign").fetchone()
            if held is None:
                self._database.execute(
                    "INSERT INTO campaign VALUES (?, ?, ?)", (case.digest, case.name, case.mission)
                )
            elif held[0] != case.digest:
                message = (
                    f"{path}: holds the results of {held[1]!r} with other files or another version; choose "
                    "another --out, or move it away"
                )
                raise ConfigError(message)

    @property
    def name(self) -> str:
        """What was repeated."""
        (name,) = self._database.execute("SELECT name FROM campaign").fetchone()
        return str(name)

    def missing(self, seeds: Iterable[int]) -> list[int]:
        """Return the seeds that have no row yet, in their order."""
        done = {seed for (seed,) in self._database.execute("SELECT seed FROM mission")}
        return [seed for seed in seeds if seed not in done]

    def add(self, row: Row) -> None:
        """Keep one row; it survives a crash of this program."""
        marks = ", ".join("?" * len(row))
        with self._database:
            self._database.execute(f"INSERT OR REPLACE INTO mission VALUES ({marks})", row)  # noqa: S608  (question marks)

    def rows(self, seeds: Iterable[int] | None = None) -> list[Row]:
        """Return the rows, by seed; only those of ``seeds`` when given."""
        wanted = None if seeds is None else set(seeds)
        held = [name for _, name, *_ in self._database.execute("PRAGMA table_info(mission)")]
        known = [name for name in Row._fields if name in held]  # an older file has fewer
        found = self._database.execute(f"SELECT {', '.join(known)} FROM mission ORDER BY seed")  # noqa: S608  (our columns)
        named = (dict(zip(known, values, strict=True)) for values in found)
        return [Row(**values) for values in named if wanted is None or values["seed"] in wanted]


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as a table that spreadsheets open."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(Row._fields)
        table.writerows(rows)


def _sql_type(hint: str) -> str:
    """Return the type of a column, whether or not it may be None."""
    return next(kind for name, kind in _SQL_TYPES.items() if name in hint)
