"""The release as a SQLite database: a table for each record and each list column, with keys, indexes and full text."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Self

from talks import codebook
from talks.records import RECORDS, Record, Row
from talks.records.record import Column

INTEGERS = ("number", "truth value")
# The library writes its own version into the file, at this place: one machine's would not be another's.
VERSION_AT, VERSION = 96, 3_040_000
# Table and column names come from the records; no word of data is in this SQL.
SEARCHED = {"statements": ("text", "speaker_as_printed", "role_as_printed")}


class SqliteFile:
    """A database that is being written; nobody else has it open, and a broken one is thrown away."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None)
        for name, value in (
            ("page_size", 4096),
            ("journal_mode", "OFF"),
            ("synchronous", "OFF"),
            ("cache_size", -16000),
        ):
            self.connection.execute(f"PRAGMA {name} = {value}")
        self.connection.execute("PRAGMA foreign_keys = OFF")
        self.connection.execute("BEGIN")
        self.inserts: dict[str, str] = {}

    def begin(self, record: Record) -> None:
        """Make the tables of a record."""
        flat, lists = _split(record)
        columns = [f"{_name(column.name)} {_type(record, column)}" for column in flat]
        if len(record.key) > 1:
            columns.append(f"PRIMARY KEY ({', '.join(map(_name, record.key))})")
        self.connection.execute(f"CREATE TABLE {record.name} ({', '.join(columns)})")
        self.inserts[record.name] = _insert(record.name, len(flat))
        for column in lists:
            table, owner = f"{record.name}_{column.name}", record.name
            value = f'"position" INTEGER NOT NULL, "value" TEXT NOT NULL{_reference(column)}'
            self.connection.execute(
                f'CREATE TABLE {table} ("slug" TEXT NOT NULL REFERENCES {owner} ("slug"), {value}, '
                'PRIMARY KEY ("slug", "position")) WITHOUT ROWID'
            )
            self.inserts[table] = _insert(table, 3)

    def write(self, record: Record, rows: list[Row]) -> None:
        """Add rows of a record."""
        flat, lists = _split(record)
        names = [column.name for column in flat]
        self.connection.executemany(self.inserts[record.name], ([row[name] for name in names] for row in rows))
        for column in lists:
            parts = ((row["slug"], *part) for row in rows for part in enumerate(row[column.name], 1))
            self.connection.executemany(self.inserts[f"{record.name}_{column.name}"], parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: Any, *_: Any) -> None:
        if not failed:
            self._finish()
        self.connection.close()
        if not failed:
            _without_version(self.path)

    def _finish(self) -> None:
        for record in RECORDS.values():
            for column in _split(record)[0]:
                if _is_indexed(record, column):
                    name = f"{record.name}_by_{column.name}"
                    self.connection.execute(f"CREATE INDEX {name} ON {record.name} ({_name(column.name)})")
        for table, columns in SEARCHED.items():
            # In double quotation marks, by which Datasette finds the full text of a table.
            self.connection.execute(
                f'CREATE VIRTUAL TABLE {table}_fts USING fts5 ({", ".join(columns)}, content="{table}", '
                "tokenize='unicode61 remove_diacritics 2')"
            )
            for task in ("rebuild", "optimize"):
                self.connection.execute(f"INSERT INTO {table}_fts ({table}_fts) VALUES ('{task}')")  # noqa: S608
        self._describe()
        self.connection.execute("COMMIT")
        broken = self.connection.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise sqlite3.IntegrityError(
                f"{self.path.name}: a row of {broken[0]} refers to one of {broken[2]} that is not there"
            )

    def _describe(self) -> None:
        columns = ", ".join(f"{_name(name)} TEXT NOT NULL" for name in codebook.HEADER)
        self.connection.execute(f'CREATE TABLE codebook ({columns}, PRIMARY KEY ("record", "column"))')
        rows = [list(row.values()) for row in codebook.table()]
        self.connection.executemany(_insert("codebook", len(codebook.HEADER)), rows)


def _split(record: Record) -> tuple[list[Column], list[Column]]:
    """The columns with one value, and those with a list of them."""
    columns = _columns(record)
    return [c for c in columns if not _is_list(c)], [c for c in columns if _is_list(c)]


def _columns(record: Record) -> list[Column]:
    if record.name not in _KNOWN:
        _KNOWN[record.name] = record.columns()
    return _KNOWN[record.name]


_KNOWN: dict[str, list[Column]] = {}


def _is_list(column: Column) -> bool:
    return column.kind.startswith(("slugs of", "list of"))


def _is_indexed(record: Record, column: Column) -> bool:
    is_key = column.name == record.key[0]
    return not is_key and (column.kind.startswith("slug of") or column.kind in ("day", "date (EDTF)"))


def _type(record: Record, column: Column) -> str:
    kind = "INTEGER" if column.kind in INTEGERS else "TEXT"
    key = " PRIMARY KEY" if record.key == (column.name,) else ""
    return f"{kind}{key}{'' if column.may_be_empty else ' NOT NULL'}{_reference(column)}"


def _reference(column: Column) -> str:
    _, found, target = column.kind.partition(" of ")
    return f' REFERENCES {target} ("slug")' if found and target in RECORDS else ""


def _insert(table: str, places: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * places)})"  # noqa: S608


def _name(name: str) -> str:
    return f'"{name}"'


def _without_version(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(VERSION_AT)
        file.write(VERSION.to_bytes(4, "big"))
