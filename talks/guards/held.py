"""What the guards keep, held against what it would be if it were made anew. Changes nothing.

Each function tells what is wrong, and where, in constant memory: it ends after some lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from talks.guards import CHAINS, edtf_columns, held_postgresql, held_sqlite, postgresql, public_tables, sqlite, tally

MOST = 21

# Which table a tally's nouns stand in, by the last word of its kind.
_NOUNS = {noun: f"talks_{noun}" for noun in ("party", "person", "meeting", "source")} | {"cells": "talks_meeting"}


def triggers() -> Iterator[str]:
    """Whether every guard is installed, as this build makes it, and awake."""
    dialect, held = (postgresql, held_postgresql) if connection.vendor == "postgresql" else (sqlite, held_sqlite)
    with connection.cursor() as cursor:
        yield from held.triggers(cursor, dialect.statements(public_tables(), edtf_columns(), CHAINS))


def search() -> Iterator[str]:
    """Whether the index of the search says of every statement what the tables say."""
    with connection.cursor() as cursor:
        yield from (held_postgresql if connection.vendor == "postgresql" else held_sqlite).search(cursor, MOST)


def counts() -> Iterator[str]:
    """Whether the tally has the numbers that come of counting."""
    with connection.cursor() as cursor:
        for kind, noun, part, kept, counted in miscounted(MOST):
            where = f" of {_slug(cursor, kind, noun)}" if noun else ""
            apart = f" ({part})" if part else ""
            yield f"“{kind}”{where}{apart}: is {kept}, and counted anew {counted}"


def miscounted(most: int | None = None) -> list[tuple[str, int, str, int, int]]:
    """Every number of the tally that is another one than counted at the same moment, at most so many: kind, noun, part,
    number, and what it should be. A noun without a row has none.
    """
    dialect: Any = postgresql if connection.vendor == "postgresql" else sqlite
    with connection.cursor() as cursor:
        cursor.execute(_tally(dialect.tally.day) + (f" LIMIT {most}" if most else ""))
        return list(cursor.fetchall())


def _tally(day: tally.Day) -> str:
    anew = [
        f"SELECT kind, noun, part, 0 AS kept, count(*) AS counted FROM (SELECT {count.select('s', day)} FROM {table} s "
        f"WHERE {count.where.format(row='s')}) r WHERE noun IS NOT NULL GROUP BY kind, noun, part"
        for table, (_, counts) in tally.COUNTS.items()
        for count in counts
    ]
    both = " UNION ALL ".join([f"SELECT kind, noun, part, number AS kept, 0 AS counted FROM {tally.TABLE}", *anew])
    return (
        f"SELECT kind, noun, part, sum(kept), sum(counted) FROM ({both}) b GROUP BY kind, noun, part "
        f"HAVING sum(kept) <> sum(counted) ORDER BY kind, noun, part"
    )


def _slug(cursor: Any, kind: str, noun: int) -> str:
    table = _NOUNS.get(kind.rpartition(" ")[2])
    if table is None:
        return str(noun)
    cursor.execute(f"SELECT slug FROM {table} WHERE id = %s", [noun])
    row = cursor.fetchone()
    return row[0] if row else f"row {noun} of {table}, which is not there"
