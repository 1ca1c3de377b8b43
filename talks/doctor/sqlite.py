"""What SQLite itself says of its file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection


def integrity() -> Iterator[str]:
    """Every page and every index of the file (sqlite.org/pragma.html#pragma_integrity_check)."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(21)")
        yield from (line for (line,) in cursor.fetchall() if line != "ok")


def foreign_keys() -> Iterator[str]:
    """Every row names rows that are there."""
    with connection.cursor() as cursor, connection.cursor() as other:
        cursor.execute("PRAGMA foreign_key_check")
        while row := cursor.fetchone():
            table, number, parent, key = row
            yield f"{_slug(other, table, number)}, {table}.{_column(other, table, key)}: names no {parent}"


def _slug(cursor: Any, table: str, number: int) -> str:
    cursor.execute("SELECT 1 FROM pragma_table_info(%s) WHERE name = 'slug'", [table])
    if cursor.fetchone():
        cursor.execute(f"SELECT slug FROM {connection.ops.quote_name(table)} WHERE rowid = %s", [number])  # noqa: S608
        return cursor.fetchone()[0]
    return f"row {number}"


def _column(cursor: Any, table: str, key: int) -> str:
    cursor.execute('SELECT "from" FROM pragma_foreign_key_list(%s) WHERE id = %s', [table, key])
    return ", ".join(column for (column,) in cursor.fetchall())
