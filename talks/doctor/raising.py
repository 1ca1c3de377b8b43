"""Does a write raise the edition? Tried with writes that change nothing, in a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from talks.guards import public_tables

_TOUCH = "UPDATE {table} SET id = id WHERE id = (SELECT max(id) FROM {table})"


def raised() -> Iterator[str]:
    """Whether there is an edition, and each public table that has a row raises it."""
    with transaction.atomic(), connection.cursor() as cursor:
        if _number(cursor) is None:
            yield "talks_edition: has no row"
        for table in public_tables():
            before = _number(cursor) or 0
            cursor.execute(_TOUCH.format(table=connection.ops.quote_name(table)))
            if cursor.rowcount and (_number(cursor) or 0) <= before:
                yield f"{table}: a write leaves the edition at {before}"
        transaction.set_rollback(True)


def _number(cursor: Any) -> int | None:
    cursor.execute("SELECT number FROM talks_edition WHERE id = 1")
    row = cursor.fetchone()
    return row[0] if row else None
