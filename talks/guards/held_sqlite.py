"""What the guards keep in SQLite, held against what it would be if it were made anew."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from talks.guards import search_sqlite
from talks.guards.search import COLUMNS

INSTALLED = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'talks!_%' ESCAPE '!'"
MADE = "CREATE TRIGGER "
# The shadow tables of an FTS5 index (sqlite.org/fts5.html), in which all of it stands.
_SHADOWS = ("config", "content", "data", "docsize", "idx")
_TEXTS = ("text", "names", "context", "marks")
_NUMBER = "-{} & 4294967295"  # a key, which has the other sign among the words, has the number of its statement in its lower half
# The words of several notes stand in the order in which their rows were found, and no search can tell.
_SAME_WORDS = "same_words(w.{column}, a.{column}) = 0"


def triggers(cursor: Any, statements: Iterable[str]) -> Iterator[str]:
    """What is missing, is not as these statements make it, or is made by none of them."""
    cursor.execute(INSTALLED)
    there = dict(cursor.fetchall())
    made = {sql.removeprefix(MADE).partition(" ")[0]: sql for sql in statements if sql.startswith(MADE)}
    for name in sorted(made.keys() | there.keys()):
        if name not in there:
            yield f"{name}: is missing"
        elif made.get(name) != there[name]:
            yield f"{name}: {'is not as this build makes it' if name in made else 'is no trigger of this build'}"


def search(cursor: Any, most: int) -> Iterator[str]:
    """Where the index is not what the tables would make it, or its words cannot be found by it."""
    cursor.connection.create_function("same_words", 2, _same_words, deterministic=True)
    for question, wrong in _questions():
        cursor.execute(f"{question} LIMIT {most}")
        for slug, number in cursor.fetchall():
            yield f"{slug or f'row {number}'}: {wrong}"
    for table in search_sqlite.WORDS:
        if found := _inside(cursor, table):
            yield f"{table}: {found}"


def _questions() -> Iterator[tuple[str, str]]:
    """(an SQL question for slugs and numbers of statements, what is wrong with those)."""
    values, *texts = (
        sql[sql.index("SELECT") :].removesuffix(search_sqlite.IN_ORDER) for sql in search_sqlite.write("1")
    )
    yield _values(values), "stands otherwise in the index, or not at all"
    yield (
        f"{_slugs('w.statement_id')} FROM talks_search w WHERE NOT EXISTS "
        "(SELECT 1 FROM talks_statement s WHERE s.id = w.statement_id AND s.status = 'published')",
        "stands in the index, and is not public",
    )
    for (table, has), anew in zip(search_sqlite.WORDS.items(), texts, strict=True):
        yield _texts(anew, table), f"its words stand otherwise in {table}, or not at all"
        yield (
            f"{_slugs(_NUMBER.format('w.id'))} FROM {table}_content w WHERE NOT EXISTS "
            f"(SELECT 1 FROM talks_search h WHERE h.place = -w.id AND {has('h.statement_id')})",
            f"has words in {table} at a place where no such statement stands",
        )


def _values(anew: str) -> str:
    differs = " OR ".join(f"w.{column} IS NOT a.{column}" for column in COLUMNS)
    return (
        f"WITH a ({', '.join(COLUMNS)}) AS ({anew}) {_slugs('a.statement_id')} FROM a "
        f"LEFT JOIN talks_search w ON w.statement_id = a.statement_id WHERE {differs}"
    )


def _texts(anew: str, table: str) -> str:
    differs = " OR ".join(
        _SAME_WORDS.format(column=column) if column == "context" else f"w.{column} IS NOT a.{column}"
        for column in _TEXTS
    )
    return (
        f"WITH a (row, {', '.join(_TEXTS)}) AS ({anew}) {_slugs(_NUMBER.format('a.row'))} FROM a "
        f"LEFT JOIN {table} w ON w.rowid = a.row WHERE {differs}"
    )


def _slugs(number: str) -> str:
    return f"SELECT (SELECT slug FROM talks_statement WHERE id = {number}), {number}"


def _same_words(ours: str | None, theirs: str | None) -> bool:
    return ours is not None and theirs is not None and sorted(ours.split()) == sorted(theirs.split())


def _inside(cursor: Any, table: str) -> str:
    """What FTS5 itself finds wrong with one of its indexes, if anything.

    It is asked by a write, for which everybody else who writes would have to wait; so it is asked of a copy.
    """
    with tempfile.TemporaryDirectory(prefix="talks-doctor-") as folder:
        file = Path(folder) / "words"
        with closing(sqlite3.connect(file, isolation_level=None)) as aside:
            aside.execute("PRAGMA synchronous = OFF")
            aside.execute("BEGIN")
            aside.execute(next(sql for sql in search_sqlite.tables() if f"TABLE {table} USING fts5" in sql))
            for shadow in _SHADOWS:
                _copy(cursor, aside, f"{table}_{shadow}")
            aside.execute("COMMIT")
        # Another connection, which has read nothing of the empty index.
        with closing(sqlite3.connect(file, isolation_level=None)) as aside:
            try:
                aside.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
            except sqlite3.DatabaseError as error:
                return f"the index does not find its own words: {error}"
    return ""


def _copy(cursor: Any, aside: sqlite3.Connection, table: str) -> None:
    cursor.execute(f"SELECT * FROM {table}")
    row = ", ".join("?" for _ in cursor.description)
    aside.execute(f"DELETE FROM {table}")
    while rows := cursor.fetchmany(500):
        aside.executemany(f"INSERT INTO {table} VALUES ({row})", rows)
